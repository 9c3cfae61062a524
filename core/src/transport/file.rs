//! The `file:` endpoint: one JSON line for each record, appended to a file that may be rotated.
//!
//! What is no regular file, a FIFO or a device, is opened once, by the sender, and kept: its reader takes a close for
//! the end.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::lines::{self, Lines};
use super::path_words;
use super::steps::Steps;
use super::{Chunk, Sent, Transport};
use crate::diag::error::{Error, Status};
use crate::net::{Abort, Deadline, TransportError};
use crate::sys::descriptor::{AsRawFd as _, STDOUT};
use crate::sys::kept::{self, Kept};
use crate::sys::output::{Kind, Output, free_bytes, may_write};
use crate::sys::{errors, files};

/// Whether something stands at `path` that is neither a regular file nor a folder.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

fn open(path: &Path, creates: bool) -> io::Result<Kept<fs::File>> {
    // Not to wait for a FIFO's reader, nor for one that stalls: this is our own way to it, whose flags nobody shares.
    let mut options = OpenOptions::new();
    kept::open(files::private(files::without_wait(options.append(true).create(creates))), path)
}

/// Whether what stands at `path` can be appended to; makes a file when there is none.
pub(super) fn probe(path: &Path) -> Result<(), Error> {
    let found = fs::metadata(path);
    let probed = match found.map(|found| found.file_type()) {
        Ok(kind) if files::is_socket(kind) => Err(io::Error::other("it is a socket")),
        Ok(kind) if !kind.is_file() && !kind.is_dir() => may_write(path),
        _ => open(path, true).map(drop),
    };
    probed.map_err(|error| {
        let error = path_words::of_file(path, &error);
        let path = path.display();
        Error::new(
            Status::Io,
            format!("option \"endpoint\": \"file://{path}\": {error}, a path that this process may append to is expected"),
        )
    })
}

/// Whether standard output is what stands at `path`.
pub(super) fn is_standard_output(path: &Path) -> bool {
    let named = files::identity(path);
    let output = Output::of(STDOUT).map(|output| output.identity);
    matches!((named, output), (Ok(named), Ok(output)) if named == output)
}

/// A file that is opened again when another one stands at its path.
pub(super) struct File {
    path: PathBuf,
    open: Option<Kept<fs::File>>,
    /// What was opened last is no regular file: where it is gone no file is made in its place.
    was_special: bool,
    lines: Lines,
    abort: Arc<Abort>,
}

impl File {
    pub(super) fn new(path: PathBuf, abort: Arc<Abort>) -> File {
        File { path, open: None, was_special: false, lines: Lines::default(), abort }
    }

    fn name(&self) -> String {
        format!("file \"{}\"", self.path.display())
    }

    fn error(&self, error: &io::Error) -> TransportError {
        let is_gone = self.was_special && error.kind() == io::ErrorKind::NotFound;
        if is_gone || errors::is_unread(error) {
            let sentence = if is_gone {
                "it is gone, it is waited for"
            } else {
                "nobody reads it, a reader is expected"
            };
            return lines::unread("file", &self.name(), sentence);
        }
        if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::BrokenPipe) {
            return lines::failed("file", &self.name(), error);
        }
        let name = self.name();
        TransportError::new(
            "file",
            format!(
                "{name}: {}, a path that this process may append to is expected",
                path_words::of_file(&self.path, error)
            ),
        )
    }

    /// Bytes that are free for this process on its disk, where the system says so.
    fn has_room(&self) -> Result<Option<u64>, TransportError> {
        let Some(output) = self.output() else { return Ok(None) };
        match free_bytes(output.descriptor()) {
            // Some file systems have no blocks at all, and say nothing.
            None | Some((_, 0)) => Ok(None),
            // A disk takes no part of a block.
            Some((0, _)) => Err(self.error(&errors::no_room())),
            Some((free, _)) => Ok(Some(free)),
        }
    }

    /// What is open, while it is still ours.
    fn output(&self) -> Option<Output> {
        let file = self.open.as_ref()?.ours().ok()?;
        Output::of(file.as_raw_fd()).ok()
    }

    /// Whether another file than the open one stands at the path.
    fn is_replaced(&self, output: &Output) -> bool {
        match files::identity(&self.path) {
            Ok(named) => named != output.identity,
            // Whoever reads a FIFO still does where its name is gone.
            Err(_) => output.kind == Kind::File,
        }
    }
}

impl Transport for File {
    fn connect(&mut self, _: Deadline) -> Result<(), TransportError> {
        if self.open.is_some() {
            return Ok(());
        }
        self.was_special |= is_special(&self.path);
        let opened = open(&self.path, !self.was_special);
        self.open = Some(opened.map_err(|error| self.error(&error))?);
        self.was_special = self.output().is_some_and(|output| output.kind != Kind::File);
        Ok(())
    }

    fn is_connected(&self) -> bool {
        self.open.is_some()
    }

    fn send(&mut self, chunk: &Chunk, deadline: Deadline) -> Result<Sent, TransportError> {
        if self.output().is_none_or(|output| self.is_replaced(&output)) {
            self.open = None;
            self.connect(deadline)?;
        }
        let Some(output) = self.output() else {
            return Err(TransportError::new("file", "file: it is not open"));
        };
        let Err(error) = self.lines.write(chunk, &output, None, deadline, &self.abort) else {
            return Ok(Sent::Delivered);
        };
        // What a FIFO holds of a line is gone with it. Of whole lines nothing is to be lost: who comes next reads them.
        if error.kind() == io::ErrorKind::BrokenPipe && self.lines.is_cut() {
            self.open = None;
            self.lines.forget_place();
        }
        Err(self.error(&error))
    }

    fn close(&mut self, _: Deadline) {
        self.disconnect();
    }

    fn disconnect(&mut self) {
        self.open = None;
    }

    fn check(&mut self, deadline: Deadline, steps: &Steps) {
        // Opening and closing it would be the end to who reads it.
        if is_special(&self.path) {
            steps.take("connect", || may_write(&self.path).map_err(|error| self.error(&error)));
            return;
        }
        let opened = steps.take("connect", || self.connect(deadline).and_then(|()| self.has_room()));
        if let Some(Some(free)) = opened {
            steps.note("free_bytes", free.into());
        }
        self.disconnect();
    }
}
