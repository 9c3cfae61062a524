//! The file of records.
//!
//! Owned by the output. The lines of a chunk are in the file, all of them, or none is: where the file
//! cannot take them it is cut back to what it was.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Lines are written once so much is together, and at the end of each chunk.
const TOGETHER: usize = 256 << 10;

pub(crate) struct Records {
    out: Out,
    /// Lines that are not written yet.
    pub(crate) lines: Vec<u8>,
    /// Where the chunk begins, in a file that can be cut back.
    begun: Option<u64>,
    /// Part of a chunk is written and cannot be taken back.
    broken: bool,
}

enum Out {
    File(File),
    Stdout,
}

impl Records {
    /// Appends to this file; `-` is standard output.
    pub(crate) fn open(path: &Path) -> io::Result<Records> {
        let out = match path == Path::new("-") {
            true => Out::Stdout,
            false => Out::File(OpenOptions::new().append(true).create(true).open(path)?),
        };
        Ok(Records { out, lines: Vec::new(), begun: None, broken: false })
    }

    /// Begins a chunk.
    pub(crate) fn begin(&mut self) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("an earlier one could not be written"));
        }
        self.lines.clear();
        self.begun = match &self.out {
            Out::File(file) => {
                let found = file.metadata()?;
                found.is_file().then_some(found.len())
            }
            Out::Stdout => None,
        };
        Ok(())
    }

    /// A line is complete.
    pub(crate) fn line(&mut self) -> io::Result<()> {
        if self.lines.len() < TOGETHER { Ok(()) } else { self.write() }
    }

    /// The chunk is complete: its lines are with the system when this returns.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        self.write()?;
        self.lines.shrink_to(2 * TOGETHER);
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        let written = match &mut self.out {
            Out::File(file) => file.write_all(&self.lines),
            Out::Stdout => {
                let mut out = io::stdout().lock();
                out.write_all(&self.lines).and_then(|()| out.flush())
            }
        };
        self.lines.clear();
        if written.is_err() {
            let cut = match (&self.out, self.begun) {
                (Out::File(file), Some(begun)) => file.set_len(begun).is_ok(),
                _ => false,
            };
            self.broken = !cut;
        }
        written
    }
}
