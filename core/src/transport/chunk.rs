//! A chunk: entries under one id, whose bytes never change until it is settled.

use std::borrow::Cow;
use std::io::{Read as _, Write as _};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::entries::Entries;
use super::on_hand::{Held, Hold, OnHand};
use crate::encode::Buffer;
use crate::encode::msgpack::value_len;
use crate::sys::id::CHUNK_ID_LEN;

/// Entries that the sender owes to the collector.
#[derive(Debug)]
pub(crate) struct Chunk {
    claim: u64,
    entries: Entries,
    events: usize,
    is_gzip: bool,
    /// Where there is a spool.
    hold: Option<Box<Hold>>,
}

impl Chunk {
    /// A chunk of the entries in `body` from `start` on, `events` of them, which the queue knows as `claim`.
    pub(crate) fn new(claim: u64, body: impl Into<Buffer>, start: usize, events: usize) -> Chunk {
        Chunk { claim, entries: Entries::new(body.into(), start), events, is_gzip: false, hold: None }
    }

    /// A chunk that was made before, as it was then.
    pub(crate) fn made_before(
        claim: u64,
        id: [u8; CHUNK_ID_LEN],
        body: impl Into<Buffer>,
        events: usize,
        is_gzip: bool,
    ) -> Chunk {
        let entries = Entries::made_before(id, body.into());
        Chunk { claim, entries, events, is_gzip, hold: None }
    }

    /// Puts it on the list of what is in memory until its end.
    pub(crate) fn hold(&mut self, list: &Arc<OnHand>) {
        self.hold = Some(Box::new(Hold::new(list, self.held(None))));
    }

    /// The same of one that was read from this record of the spool.
    pub(crate) fn hold_record(&mut self, list: &Arc<OnHand>, record: u64) {
        self.hold = Some(Box::new(Hold::new(list, self.held(Some(record)))));
    }

    /// Puts it on the list that `whole` is on, of which it is a part.
    pub(crate) fn hold_as_part_of(&mut self, whole: &Chunk) {
        if let Some(hold) = &whole.hold {
            self.hold = Some(Box::new(hold.for_part(|record| self.held(record))));
        }
    }

    /// The same bytes for somebody else, as long as it may take.
    pub(crate) fn held(&self, record: Option<u64>) -> Held {
        let entries = self.entries();
        Held { claim: self.claim, events: self.events, is_gzip: self.is_gzip, record, entries }
    }

    /// Compresses its entries where that can be done, before anybody saw them: it gets another id. Gives the buffer they
    /// were in.
    pub(crate) fn compress(&mut self) -> Option<Buffer> {
        let packed = compressed(self.body())?;
        self.is_gzip = true;
        Some(std::mem::replace(&mut self.entries, Entries::new(packed.into(), 0)).into_buffer())
    }

    /// A chunk without events, to see whether a collector answers.
    pub(crate) fn empty() -> Chunk {
        Chunk::new(u64::MAX, Buffer::default(), 0, 0)
    }

    pub(crate) fn claim(&self) -> u64 {
        self.claim
    }

    pub(crate) fn id(&self) -> &[u8] {
        self.entries.id()
    }

    /// The same entries and id, to be kept apart.
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
        drop(self.hold);
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
