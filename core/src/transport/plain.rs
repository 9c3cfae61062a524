//! The two transports without a state of their own: standard output, and nowhere.

use std::time::Instant;

use super::file::Lines;
use super::{Chunk, Fault, Sent, Transport};
use crate::stdout;

/// One JSON line for each record on standard output.
#[derive(Debug, Default)]
pub(super) struct Stdout {
    lines: Lines,
}

impl Transport for Stdout {
    fn connect(&mut self, _: Instant) -> Result<(), Fault> {
        Ok(())
    }

    fn is_connected(&self) -> bool {
        true
    }

    fn send(&mut self, chunk: &Chunk, _: Instant) -> Result<Sent, Fault> {
        self.lines
            .write(chunk, stdout::write)
            .map_err(|error| Fault::io("stdout", "standard output", &error))?;
        Ok(Sent::Delivered)
    }

    fn close(&mut self, _: Instant) {}

    fn disconnect(&mut self) {}
}

/// Takes everything and keeps nothing.
#[derive(Debug)]
pub(super) struct Null;

impl Transport for Null {
    fn connect(&mut self, _: Instant) -> Result<(), Fault> {
        Ok(())
    }

    fn is_connected(&self) -> bool {
        true
    }

    fn send(&mut self, _: &Chunk, _: Instant) -> Result<Sent, Fault> {
        Ok(Sent::Delivered)
    }

    fn close(&mut self, _: Instant) {}

    fn disconnect(&mut self) {}
}
