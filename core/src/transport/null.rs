//! Takes everything and keeps nothing.

use std::time::Instant;

use super::{Chunk, Sent, Transport};
use crate::net::TransportError;

/// Takes everything and keeps nothing.
#[derive(Debug)]
pub(super) struct Null;

impl Transport for Null {
    fn connect(&mut self, _: Instant) -> Result<(), TransportError> {
        Ok(())
    }

    fn is_connected(&self) -> bool {
        true
    }

    fn send(&mut self, _: &Chunk, _: Instant) -> Result<Sent, TransportError> {
        Ok(Sent::Delivered)
    }

    fn close(&mut self, _: Instant) {}

    fn disconnect(&mut self) {}
}
