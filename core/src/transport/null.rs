//! Takes everything and keeps nothing.

use super::{Chunk, Sent, Transport};
use crate::net::{Deadline, TransportError};

/// Takes everything and keeps nothing.
#[derive(Debug)]
pub(super) struct Null;

impl Transport for Null {
    fn connect(&mut self, _: Deadline) -> Result<(), TransportError> {
        Ok(())
    }

    fn is_connected(&self) -> bool {
        true
    }

    fn send(&mut self, _: &Chunk, _: Deadline) -> Result<Sent, TransportError> {
        Ok(Sent::Delivered)
    }

    fn close(&mut self, _: Deadline) {}

    fn disconnect(&mut self) {}
}
