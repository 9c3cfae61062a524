//! A directory, and all that is done below it by name. It is known by its path: Windows opens nothing relative to a
//! handle without its kernel's own interface.

use std::ffi::{CStr, CString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::sys::entry::{Entry, Opening, Ownership};
use crate::sys::files;
use crate::sys::kept::{self, Kept};

/// A directory at a path.
#[derive(Debug)]
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn open(path: &Path) -> io::Result<Directory> {
        if !fs::symlink_metadata(path)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Directory(std::path::absolute(path)?))
    }

    #[allow(clippy::unused_self, reason = "it is asked for elsewhere")]
    pub(crate) fn is_ours(&self) -> bool {
        true
    }

    fn at(&self, name: &CStr) -> io::Result<PathBuf> {
        name.to_str().map(|name| self.0.join(name)).map_err(io::Error::other)
    }

    /// The directory `name` in it.
    pub(crate) fn folder(&self, name: &CStr) -> io::Result<Directory> {
        Directory::open(&self.at(name)?)
    }

    /// Makes one; whether there was none.
    pub(crate) fn make_folder(&self, name: &CStr) -> io::Result<bool> {
        match fs::create_dir(self.at(name)?) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            result => result.map(|()| true),
        }
    }

    /// A regular file in it.
    pub(crate) fn file(&self, name: &CStr, opening: Opening) -> io::Result<Kept<File>> {
        let path = self.at(name)?;
        if fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file()) {
            return Err(io::Error::other("not a regular file"));
        }
        let mut options = OpenOptions::new();
        let options = match opening {
            Opening::Read => options.read(true),
            Opening::Change => options.read(true).write(true).create(true),
            Opening::New => options.read(true).append(true).create_new(true),
        };
        kept::open(options, &path)
    }

    pub(crate) fn remove_file(&self, name: &CStr) -> io::Result<()> {
        fs::remove_file(self.at(name)?)
    }

    pub(crate) fn remove_folder(&self, name: &CStr) -> io::Result<()> {
        fs::remove_dir(self.at(name)?)
    }

    /// Moves what is called `name` here into `to`, where it is called `new_name`.
    pub(crate) fn hand_over(&self, name: &CStr, to: &Directory, new_name: &CStr) -> io::Result<()> {
        fs::rename(self.at(name)?, to.at(new_name)?)
    }

    /// What is called `name`, itself where it is a link.
    pub(crate) fn look_at(&self, name: &CStr) -> io::Result<Entry> {
        let file = files::look(&self.at(name)?, false)?;
        let found = file.metadata()?;
        Ok(Entry {
            is_file: found.is_file(),
            len: found.len(),
            identity: files::identity_of(&file)?,
            modified: found.modified().unwrap_or(UNIX_EPOCH),
        })
    }

    /// Shows the name of everything in it, in no order, until `see` answers `false`.
    pub(crate) fn names(&self, see: &mut dyn FnMut(&CStr) -> bool) -> io::Result<()> {
        for entry in fs::read_dir(&self.0)? {
            // A name that is no text is none of ours.
            let name = entry?.file_name().into_string().ok().and_then(|name| CString::new(name).ok());
            if name.is_some_and(|name| !see(&name)) {
                break;
            }
        }
        Ok(())
    }

    #[allow(clippy::unnecessary_wraps, clippy::unused_self, reason = "it can fail elsewhere")]
    pub(crate) fn ownership(&self) -> io::Result<Ownership> {
        Ok(Ownership::Private)
    }

    /// Volume and number.
    pub(crate) fn identity(&self) -> io::Result<(u64, u64)> {
        files::identity(&self.0)
    }

    /// Names are in the journal of the file system when they were made.
    #[allow(clippy::unnecessary_wraps, clippy::unused_self, reason = "it can fail elsewhere")]
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
