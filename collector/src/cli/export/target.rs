//! Where an export goes: a file that is there whole or not at all, or standard output.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Written at once: as much as a disk takes well.
const TOGETHER: usize = 256 << 10;

/// The place of an export; removed again unless it is finished.
pub(super) struct Target {
    /// The file and the name under which it is written.
    file: Option<(PathBuf, PathBuf)>,
    /// Whoever read standard output has gone.
    gone: Arc<AtomicBool>,
    /// Somebody wants this to end, and what is there of the file is no use.
    ended: Arc<AtomicBool>,
    finished: bool,
}

/// What an export is written to.
pub(super) type Out = BufWriter<Counted>;

/// Notices when nobody reads any more.
pub(super) struct Counted {
    out: Box<dyn Write + Send>,
    gone: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
}

impl Target {
    pub(super) fn open(path: Option<&Path>) -> io::Result<(Target, Out)> {
        let (gone, ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (file, out): (_, Box<dyn Write + Send>) = match path {
            None => (None, Box::new(io::stdout())),
            // A device or a pipe takes the bytes itself: a file in its place would be another.
            Some(path) if is_other(path) => (None, Box::new(OpenOptions::new().write(true).open(path)?)),
            Some(path) => {
                // What a link leads to is written, and the link stays.
                let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
                let mut part = OsString::from(&path);
                part.push(format!(".{}.part", std::process::id()));
                for signal in [SIGINT, SIGTERM] {
                    // The second one ends the process at once.
                    flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&ended))?;
                    flag::register(signal, Arc::clone(&ended))?;
                }
                let out = File::create(&part)?;
                (Some((path, part.into())), Box::new(out))
            }
        };
        let out = BufWriter::with_capacity(
            TOGETHER,
            Counted { out, gone: Arc::clone(&gone), ended: Arc::clone(&ended) },
        );
        Ok((Target { file, gone, ended, finished: false }, out))
    }

    /// Whether the reader of standard output has gone, which is no failure.
    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// Gives the file its name.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if let Some((path, part)) = &self.file {
            end_of(&self.ended)?;
            std::fs::rename(part, path)?;
        }
        self.finished = true;
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Some((_, part)) = self.file.take()
            && !self.finished
        {
            // What failed before has been said.
            let _ = std::fs::remove_file(part);
        }
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        end_of(&self.ended)?;
        let written = self.out.write(bytes);
        if written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
            self.gone.store(true, Ordering::Relaxed);
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Fails once somebody wants an end.
fn end_of(ended: &AtomicBool) -> io::Result<()> {
    match ended.load(Ordering::Relaxed) {
        true => Err(io::Error::other("ended by a signal, nothing is written")),
        false => Ok(()),
    }
}

/// Whether there is something that is neither a file nor a directory.
fn is_other(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Whether a person would see the bytes.
pub(super) fn shows(path: Option<&Path>) -> bool {
    path.is_none() && io::stdout().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let left = || std::fs::read_dir(folder.path()).unwrap().count();
        let (target, mut out) = Target::open(Some(&path)).unwrap();
        out.write_all(b"before").unwrap();
        out.flush().unwrap();
        assert_eq!(left(), 1);
        // As a signal does, where it comes behind the last row too.
        target.ended.store(true, Ordering::Relaxed);
        out.write_all(b"after").unwrap();
        assert!(out.flush().unwrap_err().to_string().contains("signal"));
        assert!(target.finish().is_err());
        assert_eq!(left(), 0);
    }
}
