//! What is written, and in tests what goes wrong with it.

use std::ffi::CStr;
use std::fs::File;
use std::io::{self, ErrorKind, IoSlice, Write as _};

use crate::sys::directory::Directory;
use crate::sys::entry::Opening;
use crate::sys::kept::Kept;
use crate::sys::{files, preallocate};

/// What may go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Make,
    Append,
    Cut,
    Sync,
    Ack,
    Remove,
    Open,
    Read,
    SyncNames,
}

/// Writes both parts behind what is there. After an error a piece of them may be.
pub(super) fn append(file: &Kept<File>, first: &[u8], second: &[u8]) -> io::Result<()> {
    let mut file = file.ours()?;
    if let Some((error, written)) = faults::due(Operation::Append) {
        file.write_all(first.get(..written).unwrap_or(first))?;
        return Err(error);
    }
    let (mut first, mut second) = (first, second);
    while !(first.is_empty() && second.is_empty()) {
        let written = match file.write_vectored(&[IoSlice::new(first), IoSlice::new(second)]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => written,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let of_first = written.min(first.len());
        first = first.get(of_first..).unwrap_or_default();
        second = second.get(written - of_first..).unwrap_or_default();
    }
    Ok(())
}

/// Cuts off what stands behind the first `len` bytes.
pub(super) fn cut(file: &Kept<File>, len: u32) -> io::Result<()> {
    faults::check(Operation::Cut)?;
    file.ours()?.set_len(u64::from(len))
}

/// Reserves blocks for a file of `len` bytes that is to become `most` long, all of them or none. Where the system does
/// not, each write finds its own.
pub(super) fn reserve(file: &Kept<File>, len: u32, most: u32) {
    let reserved = file.ours().map(|file| preallocate::reserve(file, u64::from(most)));
    if let Ok(Err(_)) = reserved {
        // A full disk gives what it has.
        release(file, len);
    }
}

/// Gives back the blocks that were reserved behind the first `len` bytes, which are all that there are.
pub(super) fn release(file: &Kept<File>, len: u32) {
    if let Ok(file) = file.ours() {
        let _ = file.set_len(u64::from(len));
    }
}

/// Brings the bytes of a file to the disk. After an error the system may have forgotten that they are not there.
pub(super) fn sync(file: &Kept<File>) -> io::Result<()> {
    faults::check(Operation::Sync)?;
    file.ours()?.sync_data()
}

pub(super) fn write_at(file: &Kept<File>, bytes: &[u8], at: u64) -> io::Result<()> {
    faults::check(Operation::Ack)?;
    files::write_all_at(file.ours()?, bytes, at)
}

/// Opens a file to read it.
pub(super) fn open(directory: &Directory, name: &CStr) -> io::Result<Kept<File>> {
    faults::check(Operation::Open)?;
    directory.file(name, Opening::Read)
}

/// Where records are read from.
pub(super) trait Bytes {
    /// Fills `bytes` from `at` on.
    fn read_exact_at(&self, bytes: &mut [u8], at: u32) -> io::Result<()>;
}

impl Bytes for Kept<File> {
    fn read_exact_at(&self, bytes: &mut [u8], at: u32) -> io::Result<()> {
        faults::check(Operation::Read)?;
        let file = self.ours()?;
        faults::check_bytes(file, at, bytes.len())?;
        files::read_exact_at(file, bytes, u64::from(at))
    }
}

#[cfg(not(test))]
pub(super) mod faults {
    use super::Operation;
    use std::io;

    pub(crate) fn due(_: Operation) -> Option<(io::Error, usize)> {
        None
    }

    pub(crate) fn check(_: Operation) -> io::Result<()> {
        Ok(())
    }

    pub(crate) fn check_bytes(_: &std::fs::File, _: u32, _: usize) -> io::Result<()> {
        Ok(())
    }

    #[derive(Default)]
    pub(crate) struct OfSyncs;

    impl OfSyncs {
        pub(crate) fn planned() -> OfSyncs {
            OfSyncs
        }

        pub(crate) fn meet(self) {}
    }
}

/// Errors that the calling thread is to meet.
#[cfg(test)]
pub(crate) mod faults {
    use super::Operation;
    use std::cell::RefCell;
    use std::fs::{self, File};
    use std::io;
    use std::os::unix::fs::MetadataExt as _;
    use std::path::Path;

    /// In place of the number of an error.
    const PANIC: i32 = -1;

    /// The next `times` operations of a kind fail, but for the first `after`.
    #[derive(Debug)]
    struct Fault {
        operation: Operation,
        after: usize,
        times: usize,
        errno: i32,
        written: usize,
    }

    thread_local! {
        static PLANNED: RefCell<Vec<Fault>> = const { RefCell::new(Vec::new()) };
        /// Bytes that cannot be read: the file's inode, and where in it they are.
        static BAD: RefCell<Vec<(u64, u64)>> = const { RefCell::new(Vec::new()) };
    }

    /// This byte of a file cannot be read until [`clear`].
    pub(crate) fn plan_bad_byte(path: &Path, at: u64) {
        let inode = fs::metadata(path).map_or(0, |found| found.ino());
        BAD.with_borrow_mut(|bad| bad.push((inode, at)));
    }

    pub(crate) fn check_bytes(file: &File, at: u32, len: usize) -> io::Result<()> {
        let bad = BAD.with_borrow(Vec::clone);
        if bad.is_empty() {
            return Ok(());
        }
        let (inode, range) = (file.metadata()?.ino(), u64::from(at)..u64::from(at) + len as u64);
        let is_hit = bad.iter().any(|(of, byte)| *of == inode && range.contains(byte));
        if is_hit { Err(io::Error::from_raw_os_error(libc::EIO)) } else { Ok(()) }
    }

    pub(crate) fn plan(operation: Operation, times: usize, errno: i32) {
        plan_partial(operation, times, errno, 0);
    }

    /// The same after the first `written` bytes.
    pub(crate) fn plan_partial(operation: Operation, times: usize, errno: i32, written: usize) {
        let fault = Fault { operation, after: 0, times, errno, written };
        PLANNED.with_borrow_mut(|planned| planned.push(fault));
    }

    /// The next one panics, but for the first `after`.
    pub(crate) fn plan_panic(operation: Operation, after: usize) {
        let fault = Fault { operation, after, times: 1, errno: PANIC, written: 0 };
        PLANNED.with_borrow_mut(|planned| planned.push(fault));
    }

    /// All fail once `after` of them went well.
    pub(crate) fn plan_after(operation: Operation, after: usize, errno: i32) {
        let fault = Fault { operation, after, times: usize::MAX, errno, written: 0 };
        PLANNED.with_borrow_mut(|planned| planned.push(fault));
    }

    pub(crate) fn clear() {
        PLANNED.with_borrow_mut(Vec::clear);
        BAD.with_borrow_mut(Vec::clear);
    }

    pub(crate) fn due(operation: Operation) -> Option<(io::Error, usize)> {
        PLANNED.with_borrow_mut(|planned| {
            let fault = planned.iter_mut().find(|fault| fault.operation == operation && fault.times > 0)?;
            if fault.after > 0 {
                fault.after -= 1;
                return None;
            }
            fault.times -= 1;
            assert!(fault.errno != PANIC, "planted");
            Some((io::Error::from_raw_os_error(fault.errno), fault.written))
        })
    }

    pub(crate) fn check(operation: Operation) -> io::Result<()> {
        due(operation).map_or(Ok(()), |(error, _)| Err(error))
    }

    /// Those of syncs, for the thread that makes them.
    #[derive(Debug, Default)]
    pub(crate) struct OfSyncs(Vec<Fault>);

    impl OfSyncs {
        pub(crate) fn planned() -> OfSyncs {
            let is_of_sync =
                |fault: &mut Fault| matches!(fault.operation, Operation::Sync | Operation::SyncNames);
            OfSyncs(PLANNED.with_borrow_mut(|planned| planned.extract_if(.., is_of_sync).collect()))
        }

        pub(crate) fn meet(self) {
            PLANNED.with_borrow_mut(|planned| planned.extend(self.0));
        }
    }
}
