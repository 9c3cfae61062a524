//! Records as JSON lines on standard output.

use super::file::Lines;
use super::{Chunk, Sent, Transport};
use crate::net::{Deadline, TransportError};
use crate::sys::stdout;

/// One JSON line for each record on standard output.
#[derive(Debug, Default)]
pub(super) struct Stdout {
    lines: Lines,
}

impl Transport for Stdout {
    fn connect(&mut self, _: Deadline) -> Result<(), TransportError> {
        Ok(())
    }

    fn is_connected(&self) -> bool {
        true
    }

    fn send(&mut self, chunk: &Chunk, _: Deadline) -> Result<Sent, TransportError> {
        self.lines
            .write(chunk, stdout::write)
            .map_err(|error| TransportError::io("stdout", "standard output", &error))?;
        Ok(Sent::Delivered)
    }

    fn close(&mut self, _: Deadline) {}

    fn disconnect(&mut self) {}
}
