//! A chunk: entries under one id, whose bytes never change until it is settled.

use std::borrow::Cow;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::buffer::{Charge, Intake, Taken};
use crate::event::msgpack::value_len;
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

    /// Makes two chunks of one, each with half of the events, an id and a claim of its own. The chunk comes
    /// back whole when it holds a single event or was given up.
    pub(crate) fn halve(self, intake: &Intake) -> Result<[Chunk; 2], Chunk> {
        let events = self.events / 2;
        let Some((front, rest)) = self.cut(events) else { return Err(self) };
        let Some(claim) = intake.split(self.claim, Charge { events, bytes: front.len() }) else {
            return Err(self);
        };
        let half = |claim, events, raw: Vec<u8>| {
            let packed = if self.is_gzip { compressed(&raw) } else { None };
            let is_gzip = packed.is_some();
            let body = packed.unwrap_or(raw);
            Chunk { claim, id: id::chunk_id(), body, start: 0, events, is_gzip }
        };
        let halves = [half(self.claim, events, front), half(claim, self.events - events, rest)];
        intake.give_back(self.body);
        Ok(halves)
    }

    /// The entries uncompressed, for a transport that does not take them compressed. They stay the chunk's
    /// body from then on.
    pub(crate) fn unpack(&mut self) {
        if let Some(Cow::Owned(raw)) = self.raw() {
            self.body = raw;
            self.start = 0;
            self.is_gzip = false;
        }
    }

    /// The first `events` entries and the rest; `None` when one of them would be empty.
    fn cut(&self, events: usize) -> Option<(Vec<u8>, Vec<u8>)> {
        let raw = self.raw()?;
        let mut at = 0;
        for _ in 0..events {
            at += value_len(raw.get(at..)?)?;
        }
        let (front, rest) = raw.split_at_checked(at)?;
        (!front.is_empty() && !rest.is_empty()).then(|| (front.to_vec(), rest.to_vec()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buffer::Limits;
    use crate::event::msgpack;
    use std::sync::Arc;
    use std::time::Duration;

    fn intake() -> Arc<Intake> {
        Arc::new(Intake::new(Limits {
            queue: Charge { events: 1000, bytes: 1 << 20 },
            chunk_bytes: 1 << 20,
            circular: true,
            block_timeout: Duration::ZERO,
        }))
    }

    fn taken(intake: &Arc<Intake>, texts: &[&str]) -> Taken {
        for text in texts {
            intake
                .append(|out, _| {
                    msgpack::text(out, text);
                    Ok(true)
                })
                .unwrap();
        }
        intake.seal_all();
        intake.take().unwrap()
    }

    #[test]
    fn halves_have_all_events_and_ids_and_claims_of_their_own() {
        for gzip in [false, true] {
            let intake = intake();
            let chunk = Chunk::pack(taken(&intake, &["a", "bcd", "ef"]), &intake, gzip);
            let (id, held) = (chunk.id().to_vec(), intake.look().2);
            let [mut front, mut rest] = chunk.halve(&intake).unwrap();
            assert_eq!(intake.look().2, held);
            assert!(front.id() != id && rest.id() != id && front.id() != rest.id());
            assert_eq!((front.events(), rest.events()), (1, 2));
            assert_eq!((front.is_gzip(), rest.is_gzip()), (gzip, gzip));
            front.unpack();
            rest.unpack();
            assert_eq!((front.body(), rest.body()), (&b"\xa1a"[..], &b"\xa3bcd\xa2ef"[..]));
            let front = front.halve(&intake).unwrap_err();
            intake.settle(front.claim(), |ledger, events| ledger.dropped_rejected += events);
            intake.settle(rest.claim(), |ledger, events| ledger.delivered += events);
            let (ledger, accepted, held) = intake.look();
            assert_eq!((ledger.dropped_rejected, ledger.delivered, accepted), (1, 2, 3));
            assert_eq!(held, Charge::default());
        }
    }

    #[test]
    fn what_was_given_up_is_not_split() {
        let intake = intake();
        let chunk = Chunk::pack(taken(&intake, &["a", "b"]), &intake, false);
        intake.give_up();
        assert!(chunk.halve(&intake).is_err());
    }
}
