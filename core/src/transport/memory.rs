//! The `memory:` endpoint: delivered records stay in the process, for tests of instrumented programs.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::{Chunk, Sent, Transport};

use crate::encode::msgpack::value_len;
use crate::net::{Deadline, TransportError};
use crate::sys::sync::lock;

/// The records that a `memory:` endpoint took, oldest first.
#[derive(Debug)]
pub(crate) struct Delivered {
    most_records: usize,
    most_bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: VecDeque<Vec<u8>>,
    bytes: usize,
}

impl Delivered {
    /// Keeps the newest records within both limits; a program that never takes them stays bounded.
    pub(crate) fn new(most_records: usize, most_bytes: usize) -> Delivered {
        Delivered { most_records, most_bytes, kept: Mutex::default() }
    }

    fn keep(&self, entry: &[u8]) {
        let mut kept = lock(&self.kept);
        kept.bytes += entry.len();
        kept.entries.push_back(entry.to_vec());
        while kept.entries.len() > self.most_records || kept.bytes > self.most_bytes {
            let Some(oldest) = kept.entries.pop_front() else { break };
            kept.bytes -= oldest.len();
        }
    }

    /// Shows the oldest entry to `see`, which says whether it was consumed. `None` when there is none.
    pub(crate) fn take_with<R>(&self, see: impl FnOnce(&[u8]) -> (bool, R)) -> Option<R> {
        let mut kept = lock(&self.kept);
        let (consumed, result) = see(kept.entries.front()?);
        if consumed && let Some(oldest) = kept.entries.pop_front() {
            kept.bytes -= oldest.len();
        }
        Some(result)
    }
}

pub(super) struct Memory {
    delivered: std::sync::Arc<Delivered>,
}

impl Memory {
    pub(super) fn new(delivered: std::sync::Arc<Delivered>) -> Memory {
        Memory { delivered }
    }
}

/// The entries of a body, one by one.
pub(super) fn entries(mut body: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (entry, rest) = body.split_at_checked(value_len(body)?)?;
        body = rest;
        Some(entry)
    })
}

impl Transport for Memory {
    fn connect(&mut self, _: Deadline) -> Result<(), TransportError> {
        Ok(())
    }

    fn is_connected(&self) -> bool {
        true
    }

    fn send(&mut self, chunk: &Chunk, _: Deadline) -> Result<Sent, TransportError> {
        entries(chunk.body()).for_each(|entry| self.delivered.keep(entry));
        Ok(Sent::Delivered)
    }

    fn close(&mut self, _: Deadline) {}

    fn disconnect(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_records_stay_within_both_limits() {
        let delivered = Delivered::new(3, 10);
        for number in 0..5u8 {
            delivered.keep(&[number, 0]);
        }
        assert_eq!(delivered.take_with(|entry| (false, entry[0])), Some(2));
        assert_eq!(delivered.take_with(|entry| (true, entry[0])), Some(2));
        delivered.keep(&[9; 8]);
        assert_eq!(delivered.take_with(|entry| (true, entry[0])), Some(4));
        assert_eq!(delivered.take_with(|entry| (true, entry[0])), Some(9));
        assert_eq!(delivered.take_with(|entry| (true, entry[0])), None);
    }
}
