//! A directory that is open, and all that is done below it by name: whatever happens to the paths above it, it stays the
//! same one. No name is followed through a symbolic link, nothing is opened that could wait.

use std::ffi::{CStr, CString};
use std::fs::{File, OpenOptions};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd as _, FromRawFd as _, IntoRawFd as _, OwnedFd, RawFd};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use crate::sys::entry::{Entry, Opening, Ownership};
use crate::sys::fork::ClosedInChild;
use crate::sys::identity::Identity;
use crate::sys::kept::{Kept, above_standard};

/// Whose business it is, and nobody else's.
const PRIVATE_FOLDER: libc::mode_t = 0o700;
const PRIVATE_FILE: libc::c_uint = 0o600;

/// Others may write there.
const WRITABLE_BY_OTHERS: u32 = 0o022;

const SAFELY: libc::c_int = libc::O_NOFOLLOW | libc::O_CLOEXEC;

/// A directory that is open.
#[derive(Debug)]
pub(crate) struct Directory(Kept<File>);

impl Directory {
    pub(crate) fn open(path: &Path) -> io::Result<Directory> {
        let flags = libc::O_DIRECTORY | libc::O_NOFOLLOW;
        let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        Ok(Directory(Kept::marked(file)?))
    }

    /// Whether the number still means this.
    pub(crate) fn is_ours(&self) -> bool {
        self.0.is_ours()
    }

    fn number(&self) -> io::Result<RawFd> {
        Ok(self.0.ours()?.as_raw_fd())
    }

    /// The directory `name` in it.
    pub(crate) fn folder(&self, name: &CStr) -> io::Result<Directory> {
        Ok(Directory(Kept::marked(File::from(self.open_at(name, libc::O_RDONLY | libc::O_DIRECTORY)?))?))
    }

    /// Makes one; whether there was none.
    pub(crate) fn make_folder(&self, name: &CStr) -> io::Result<bool> {
        let number = self.number()?;
        // SAFETY: the name ends with a zero, and the number is that of a directory.
        let made = unsafe { libc::mkdirat(number, name.as_ptr(), PRIVATE_FOLDER) };
        match check(made) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            result => result.map(|()| true),
        }
    }

    /// A regular file in it.
    pub(crate) fn file(&self, name: &CStr, opening: Opening) -> io::Result<Kept<File>> {
        let flags = match opening {
            Opening::Read => libc::O_RDONLY,
            Opening::Change => libc::O_RDWR | libc::O_CREAT,
            Opening::New => libc::O_RDWR | libc::O_APPEND | libc::O_CREAT | libc::O_EXCL,
        };
        let file = Kept::marked(File::from(self.open_at(name, flags | libc::O_NONBLOCK)?))?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        Ok(file)
    }

    fn open_at(&self, name: &CStr, flags: libc::c_int) -> io::Result<OwnedFd> {
        let number = self.number()?;
        // SAFETY: the name ends with a zero, and the number is that of a directory.
        let opened = unsafe { libc::openat(number, name.as_ptr(), flags | SAFELY, PRIVATE_FILE) };
        check(opened)?;
        // SAFETY: the number was made just now and belongs to nobody else.
        Ok(unsafe { OwnedFd::from_raw_fd(opened) })
    }

    pub(crate) fn remove_file(&self, name: &CStr) -> io::Result<()> {
        self.remove(name, 0)
    }

    pub(crate) fn remove_folder(&self, name: &CStr) -> io::Result<()> {
        self.remove(name, libc::AT_REMOVEDIR)
    }

    fn remove(&self, name: &CStr, flags: libc::c_int) -> io::Result<()> {
        let number = self.number()?;
        // SAFETY: the name ends with a zero, and the number is that of a directory.
        check(unsafe { libc::unlinkat(number, name.as_ptr(), flags) })
    }

    /// Moves what is called `name` here into `to`, where it is called `new_name`.
    pub(crate) fn hand_over(&self, name: &CStr, to: &Directory, new_name: &CStr) -> io::Result<()> {
        let (here, there) = (self.number()?, to.number()?);
        // SAFETY: both names end with a zero, and the numbers are those of directories.
        check(unsafe { libc::renameat(here, name.as_ptr(), there, new_name.as_ptr()) })
    }

    /// What is called `name`, itself where it is a link.
    #[allow(clippy::unnecessary_cast, reason = "the types differ among systems")]
    pub(crate) fn look_at(&self, name: &CStr) -> io::Result<Entry> {
        let number = self.number()?;
        let mut found = MaybeUninit::<libc::stat>::uninit();
        let to = found.as_mut_ptr();
        // SAFETY: the name ends with a zero, and the pointer is to a live stat, which the call fills.
        check(unsafe { libc::fstatat(number, name.as_ptr(), to, libc::AT_SYMLINK_NOFOLLOW) })?;
        // SAFETY: filled in by the call that did not fail.
        let found = unsafe { found.assume_init() };
        let seconds = Duration::new(
            u64::try_from(found.st_mtime).unwrap_or(0),
            u32::try_from(found.st_mtime_nsec).unwrap_or(0).min(999_999_999),
        );
        Ok(Entry {
            is_file: found.st_mode & libc::S_IFMT == libc::S_IFREG,
            len: u64::try_from(found.st_size).unwrap_or(0),
            identity: (found.st_dev as u64, found.st_ino as u64),
            modified: UNIX_EPOCH.checked_add(seconds).unwrap_or(UNIX_EPOCH),
        })
    }

    /// Shows the name of everything in it, in no order, until `see` answers `false`.
    pub(crate) fn names(&self, see: &mut dyn FnMut(&CStr) -> bool) -> io::Result<()> {
        let listing = Listing::of(self)?;
        while let Some(name) = listing.next() {
            if !matches!(name.to_bytes(), b"." | b"..") && !see(&name) {
                break;
            }
        }
        Ok(())
    }

    pub(crate) fn ownership(&self) -> io::Result<Ownership> {
        let found = self.0.ours()?.metadata()?;
        // SAFETY: asks for a number.
        if found.uid() != unsafe { libc::geteuid() } {
            return Ok(Ownership::Foreign);
        }
        let is_open = found.mode() & WRITABLE_BY_OTHERS != 0;
        Ok(if is_open { Ownership::WritableByOthers } else { Ownership::Private })
    }

    /// Device and inode.
    pub(crate) fn identity(&self) -> io::Result<(u64, u64)> {
        let found = self.0.ours()?.metadata()?;
        Ok((found.dev(), found.ino()))
    }

    /// Brings to the disk which names there are.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.0.ours()?.sync_all()
    }
}

/// A pass over the names of a directory.
struct Listing {
    stream: *mut libc::DIR,
    number: RawFd,
    identity: Option<Identity>,
    /// Taken off before the stream closes its number.
    inherited: Option<ClosedInChild>,
}

impl Listing {
    fn of(directory: &Directory) -> io::Result<Listing> {
        let opened = above_standard(directory.open_at(c".", libc::O_RDONLY | libc::O_DIRECTORY)?)?;
        let number = opened.as_raw_fd();
        let identity = Identity::of(number);
        let inherited = Some(ClosedInChild::new(number, identity));
        // SAFETY: the number is that of a directory.
        let stream = unsafe { libc::fdopendir(number) };
        if stream.is_null() {
            return Err(io::Error::last_os_error());
        }
        // It is the stream's from now on.
        let _ = opened.into_raw_fd();
        Ok(Listing { stream, number, identity, inherited })
    }

    fn next(&self) -> Option<CString> {
        // SAFETY: the stream is open and this thread's alone.
        let entry = unsafe { libc::readdir(self.stream) };
        if entry.is_null() {
            return None;
        }
        // SAFETY: the entry stays as it is until the next call.
        let name = unsafe { &raw const (*entry).d_name };
        // SAFETY: a name ends with a zero.
        Some(unsafe { CStr::from_ptr(name.cast()) }.to_owned())
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        drop(self.inherited.take());
        // Where the program closed it the number may be its own by now: then the memory of the stream is left behind.
        if self.identity.is_none_or(|identity| identity.is_still(self.number)) {
            // SAFETY: open, and closed by nobody else.
            unsafe { libc::closedir(self.stream) };
        }
    }
}

fn check(answer: libc::c_int) -> io::Result<()> {
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn fresh() -> (tempfile::TempDir, Directory) {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::open(folder.path()).unwrap();
        (folder, directory)
    }

    #[test]
    fn what_is_made_is_private_and_found_again() {
        let (folder, directory) = fresh();
        assert!(directory.make_folder(c"in").unwrap());
        assert!(!directory.make_folder(c"in").unwrap());
        let inner = directory.folder(c"in").unwrap();
        (&*inner.file(c"new", Opening::New).unwrap()).write_all(b"abc").unwrap();
        assert_eq!(inner.file(c"new", Opening::New).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        let mode = |path: &str| folder.path().join(path).metadata().unwrap().mode() & 0o7777;
        assert_eq!((mode("in"), mode("in/new")), (0o700, 0o600));
        let entry = inner.look_at(c"new").unwrap();
        assert!(entry.is_file && entry.len == 3);
        let mut names = Vec::new();
        inner
            .names(&mut |name| {
                names.push(name.to_owned());
                true
            })
            .unwrap();
        assert_eq!(names, [c"new".to_owned()]);
        inner.hand_over(c"new", &directory, c"moved").unwrap();
        directory.remove_folder(c"in").unwrap();
        directory.remove_file(c"moved").unwrap();
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn links_and_what_is_no_file_are_not_opened() {
        let (folder, directory) = fresh();
        std::fs::write(folder.path().join("file"), b"x").unwrap();
        symlink("file", folder.path().join("link")).unwrap();
        symlink(".", folder.path().join("around")).unwrap();
        let fifo = CString::new(folder.path().join("fifo").to_str().unwrap()).unwrap();
        // SAFETY: the name ends with a zero.
        assert_eq!(unsafe { libc::mkfifo(fifo.as_ptr(), 0o600) }, 0);
        directory.file(c"file", Opening::Read).unwrap();
        for name in [c"link", c"around", c"fifo", c"none"] {
            directory.file(name, Opening::Read).unwrap_err();
        }
        directory.folder(c"around").unwrap_err();
        Directory::open(&folder.path().join("around")).unwrap_err();
        assert!(!directory.look_at(c"link").unwrap().is_file);
    }

    #[test]
    fn it_is_told_whose_it_is() {
        let (folder, directory) = fresh();
        assert_eq!(directory.ownership().unwrap(), Ownership::Private);
        for mode in [0o720, 0o702] {
            std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(directory.ownership().unwrap(), Ownership::WritableByOthers);
        }
    }
}
