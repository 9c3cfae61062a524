//! The `file:` endpoint: one JSON line for each record, appended to a file that may be rotated.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::memory::entries;
use super::{Chunk, Sent, TAG, Transport};
use crate::diag::error::{Error, Status};
use crate::encode::to_json;
use crate::net::{Deadline, TransportError};
use crate::sys::kept::{self, Kept};

/// The lines of the chunk being written and how far they got, so that a chunk that failed half-way goes
/// on where it stopped instead of repeating lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    claim: Option<u64>,
    text: Vec<u8>,
    written: usize,
}

impl Lines {
    /// Writes what is still missing of `chunk` through `write`.
    pub(super) fn write(
        &mut self,
        chunk: &Chunk,
        mut write: impl FnMut(&[u8]) -> io::Result<usize>,
    ) -> io::Result<()> {
        if self.claim != Some(chunk.claim()) {
            self.text.clear();
            entries(chunk.body()).for_each(|entry| line(&mut self.text, entry));
            self.written = 0;
            self.claim = Some(chunk.claim());
        }
        while let Some(rest) = self.text.get(self.written..).filter(|rest| !rest.is_empty()) {
            match write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        // A chunk may be as large as 2 MiB and its text larger; an idle endpoint keeps none of it.
        *self = Lines::default();
        Ok(())
    }

    /// Goes back to the start of a line that was cut, for a file that has nothing of it.
    fn restart_line(&mut self) {
        let done = self.text.get(..self.written).unwrap_or_default();
        self.written = done.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    }
}

/// Appends `{"tag": ..., "time": ..., "record": {...}}` and a line feed.
fn line(text: &mut Vec<u8>, entry: &[u8]) {
    let start = text.len();
    if append_line(text, entry).is_none() {
        // Only an entry that this library did not write can be unreadable.
        text.truncate(start);
    }
}

fn append_line(text: &mut Vec<u8>, entry: &[u8]) -> Option<()> {
    let (_, time) = entry.split_first()?;
    text.extend_from_slice(b"{\"tag\":\"");
    text.extend_from_slice(TAG.as_bytes());
    text.extend_from_slice(b"\",\"time\":");
    let time_len = to_json::append(text, time)?;
    text.extend_from_slice(b",\"record\":");
    to_json::append(text, time.get(time_len..)?)?;
    text.extend_from_slice(b"}\n");
    Some(())
}

fn open(path: &Path) -> io::Result<fs::File> {
    // Not to block on a FIFO that nobody reads.
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    kept::open(OpenOptions::new().append(true).create(true).mode(0o600).custom_flags(flags), path)
}

/// Whether the file at `path` can be appended to; makes it when there is none.
pub(super) fn probe(path: &Path) -> Result<(), Error> {
    open(path).map(drop).map_err(|error| {
        let path = path.display();
        Error::new(
            Status::Io,
            format!("option \"endpoint\": \"file://{path}\" ({error}), a path that this process may append to is expected"),
        )
    })
}

/// A file that is opened again when another one stands at its path.
pub(super) struct File {
    path: PathBuf,
    open: Option<Kept<fs::File>>,
    lines: Lines,
}

impl File {
    pub(super) fn new(path: PathBuf) -> File {
        File { path, open: None, lines: Lines::default() }
    }

    fn error(&self, error: &io::Error) -> TransportError {
        let path = self.path.display();
        TransportError::new(
            "file",
            format!("file \"{path}\": {error}, a path that this process may append to is expected"),
        )
    }

    /// Whether the open file is still ours and stands at the path.
    fn is_in_place(&self) -> bool {
        let open = self.open.as_ref().and_then(|file| file.ours().ok()?.metadata().ok());
        let named = fs::metadata(&self.path).ok();
        matches!((open, named), (Some(a), Some(b)) if (a.dev(), a.ino()) == (b.dev(), b.ino()))
    }
}

impl Transport for File {
    fn connect(&mut self, _: Deadline) -> Result<(), TransportError> {
        if self.open.is_some() {
            return Ok(());
        }
        self.open = Some(open(&self.path).and_then(Kept::marked).map_err(|error| self.error(&error))?);
        Ok(())
    }

    fn is_connected(&self) -> bool {
        self.open.is_some()
    }

    fn send(&mut self, chunk: &Chunk, deadline: Deadline) -> Result<Sent, TransportError> {
        if !self.is_in_place() {
            self.open = None;
            self.lines.restart_line();
            self.connect(deadline)?;
        }
        let Some(file) = &self.open else {
            return Err(TransportError::new("file", "file: it is not open"));
        };
        match self.lines.write(chunk, |bytes| file.ours().and_then(|mut file| file.write(bytes))) {
            Ok(()) => Ok(Sent::Delivered),
            Err(error) => Err(self.error(&error)),
        }
    }

    fn close(&mut self, _: Deadline) {
        self.disconnect();
    }

    fn disconnect(&mut self) {
        self.open = None;
    }
}
