//! A chunk: entries under one id, whose bytes never change until it is settled.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::buffer::{Intake, Taken};
use crate::id::{self, CHUNK_ID_LEN};

/// Entries that the sender owes to the collector.
#[derive(Debug)]
pub(crate) struct Chunk {
    claim: u64,
    id: [u8; CHUNK_ID_LEN],
    body: Vec<u8>,
    start: usize,
    events: usize,
    is_gzip: bool,
}

impl Chunk {
    /// Makes a chunk of what was taken from the queue.
    pub(crate) fn pack(taken: Taken, intake: &Intake, gzip: bool) -> Chunk {
        let Taken { claim, mut segments, charge } = taken;
        let (mut body, mut start) = match segments.pop() {
            Some(only) if segments.is_empty() => only.into_buffer(),
            last => {
                segments.extend(last);
                let mut joined = intake.take_buffer(charge.bytes);
                for segment in segments {
                    joined.extend_from_slice(segment.entries());
                    intake.give_back(segment.into_buffer().0);
                }
                (joined, 0)
            }
        };
        let mut is_gzip = false;
        if gzip && let Some(packed) = compressed(body.get(start..).unwrap_or_default()) {
            intake.give_back(std::mem::replace(&mut body, packed));
            start = 0;
            is_gzip = true;
        }
        Chunk { claim, id: id::chunk_id(), body, start, events: charge.events, is_gzip }
    }

    /// A chunk without events, to see whether a collector answers.
    pub(crate) fn empty() -> Chunk {
        Chunk { claim: u64::MAX, id: id::chunk_id(), body: Vec::new(), start: 0, events: 0, is_gzip: false }
    }

    pub(crate) fn claim(&self) -> u64 {
        self.claim
    }

    pub(crate) fn id(&self) -> &[u8] {
        &self.id
    }

    pub(crate) fn events(&self) -> usize {
        self.events
    }

    pub(crate) fn is_gzip(&self) -> bool {
        self.is_gzip
    }

    /// The entries one after the other, or one gzip member of them.
    pub(crate) fn body(&self) -> &[u8] {
        self.body.get(self.start..).unwrap_or_default()
    }

    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.body
    }
}

fn compressed(body: &[u8]) -> Option<Vec<u8>> {
    // Records repeat their keys: the fastest level already takes most of it.
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}
