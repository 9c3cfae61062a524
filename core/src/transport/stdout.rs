//! Records as JSON lines on standard output, which the host and other processes share.

use std::sync::Arc;

use super::lines::{self, Lines};
use super::{Chunk, Sent, Transport};
use crate::net::{Abort, Deadline, TransportError};
use crate::sys::descriptor::STDOUT;
use crate::sys::output::Output;
use crate::sys::turn::{self, Turn};

/// One JSON line for each record on standard output.
pub(super) struct Stdout {
    lines: Lines,
    turn: Turn,
    abort: Arc<Abort>,
}

impl Stdout {
    pub(super) fn new(abort: Arc<Abort>) -> Stdout {
        Stdout { lines: Lines::default(), turn: Turn::new(), abort }
    }
}

impl Transport for Stdout {
    fn connect(&mut self, _: Deadline) -> Result<(), TransportError> {
        Ok(())
    }

    fn is_connected(&self) -> bool {
        true
    }

    fn send(&mut self, chunk: &Chunk, deadline: Deadline) -> Result<Sent, TransportError> {
        let failed = |error| lines::failed("stdout", "standard output", &error);
        let output = Output::of(STDOUT).map_err(failed)?;
        self.lines.write(chunk, &output, Some(&self.turn), deadline, &self.abort).map_err(failed)?;
        Ok(Sent::Delivered)
    }

    fn close(&mut self, _: Deadline) {}

    fn disconnect(&mut self) {}
}

impl Drop for Stdout {
    fn drop(&mut self) {
        if self.lines.is_cut() {
            turn::leave_cut(STDOUT);
        }
    }
}
