//! A chunk: entries under one id, whose bytes never change until it is settled.

use std::borrow::Cow;
use std::io::{Read as _, Write as _};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::encode::Buffer;
use crate::encode::msgpack::value_len;
use crate::sys::id::{self, CHUNK_ID_LEN};

/// Entries that the sender owes to the collector.
#[derive(Debug)]
pub(crate) struct Chunk {
    claim: u64,
    entries: Entries,
    events: usize,
    is_gzip: bool,
}

/// The bytes of a chunk and its id, shared with who prepares its way.
#[derive(Debug, Clone)]
pub(super) struct Entries {
    id: [u8; CHUNK_ID_LEN],
    body: Arc<Buffer>,
    start: usize,
}

impl Entries {
    fn new(body: Buffer, start: usize) -> Entries {
        Entries { id: id::chunk_id(), body: Arc::new(body), start }
    }

    pub(super) fn id(&self) -> &[u8] {
        &self.id
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.body.get(self.start..).unwrap_or_default()
    }

    /// Other bytes under the same id.
    fn replace(&mut self, body: Vec<u8>) {
        self.body = Arc::new(body.into());
        self.start = 0;
    }

    /// The buffer, if nobody else has it.
    fn into_buffer(self) -> Buffer {
        Arc::into_inner(self.body).unwrap_or_default()
    }
}

impl Chunk {
    /// A chunk of the entries in `body` from `start` on, `events` of them, which the queue knows as `claim`.
    pub(crate) fn new(claim: u64, body: impl Into<Buffer>, start: usize, events: usize) -> Chunk {
        Chunk { claim, entries: Entries::new(body.into(), start), events, is_gzip: false }
    }

    /// The same with its entries compressed where that can be done, and the buffer they were in.
    pub(crate) fn compress(mut self) -> (Chunk, Option<Buffer>) {
        let Some(packed) = compressed(self.body()) else { return (self, None) };
        self.is_gzip = true;
        let emptied = std::mem::replace(&mut self.entries, Entries::new(packed.into(), 0)).into_buffer();
        (self, Some(emptied))
    }

    /// A chunk without events, to see whether a collector answers.
    pub(crate) fn empty() -> Chunk {
        Chunk { claim: u64::MAX, entries: Entries::new(Buffer::default(), 0), events: 0, is_gzip: false }
    }

    pub(crate) fn claim(&self) -> u64 {
        self.claim
    }

    pub(crate) fn id(&self) -> &[u8] {
        self.entries.id()
    }

    /// The same entries and id, to be kept apart.
    #[cfg_attr(not(feature = "http"), allow(dead_code))]
    pub(super) fn entries(&self) -> Entries {
        self.entries.clone()
    }

    pub(crate) fn events(&self) -> usize {
        self.events
    }

    pub(crate) fn is_gzip(&self) -> bool {
        self.is_gzip
    }

    /// The entries one after the other, or one gzip member of them.
    pub(crate) fn body(&self) -> &[u8] {
        self.entries.bytes()
    }

    pub(crate) fn into_buffer(self) -> Buffer {
        self.entries.into_buffer()
    }

    /// The entries uncompressed, for a transport that does not take them compressed. They stay the chunk's
    /// body from then on.
    pub(crate) fn unpack(&mut self) {
        if let Some(Cow::Owned(raw)) = self.raw() {
            self.entries.replace(raw);
            self.is_gzip = false;
        }
    }

    /// At least two and at most `parts` runs of entries with their numbers; `None` when there is one entry
    /// only.
    pub(crate) fn cut(&self, parts: usize) -> Option<Vec<(usize, Vec<u8>)>> {
        let raw = self.raw()?;
        let share = self.events.div_ceil(parts.max(2)).max(1);
        let mut rest = &raw[..];
        let mut left = self.events;
        let mut pieces = Vec::with_capacity(parts);
        while left > 0 {
            let events = share.min(left);
            let mut length = 0;
            for _ in 0..events {
                length += value_len(rest.get(length..)?)?;
            }
            let (piece, after) = rest.split_at_checked(length)?;
            pieces.push((events, piece.to_vec()));
            (rest, left) = (after, left - events);
        }
        (pieces.len() > 1).then_some(pieces)
    }

    /// The entries as they are before compression.
    fn raw(&self) -> Option<Cow<'_, [u8]>> {
        if !self.is_gzip {
            return Some(Cow::Borrowed(self.body()));
        }
        let mut raw = Vec::new();
        GzDecoder::new(self.body()).read_to_end(&mut raw).ok()?;
        Some(Cow::Owned(raw))
    }
}

fn compressed(body: &[u8]) -> Option<Vec<u8>> {
    // Records repeat their keys: the fastest level already takes most of it.
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}
