//! A chunk: entries under one id, whose bytes never change until it is settled.

use std::borrow::Cow;
use std::io::{Read as _, Write as _};
use std::sync::Arc;

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
    entries: Entries,
    events: usize,
    is_gzip: bool,
}

/// The bytes of a chunk and its id, shared with who prepares its way.
#[derive(Debug, Clone)]
pub(super) struct Entries {
    id: [u8; CHUNK_ID_LEN],
    body: Arc<Vec<u8>>,
    start: usize,
}

impl Entries {
    fn new(body: Vec<u8>, start: usize) -> Entries {
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
        self.body = Arc::new(body);
        self.start = 0;
    }

    /// The buffer, if nobody else has it.
    fn into_buffer(self) -> Vec<u8> {
        Arc::into_inner(self.body).unwrap_or_default()
    }
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
        Chunk { claim, entries: Entries::new(body, start), events: charge.events, is_gzip }
    }

    /// A chunk without events, to see whether a collector answers.
    pub(crate) fn empty() -> Chunk {
        Chunk { claim: u64::MAX, entries: Entries::new(Vec::new(), 0), events: 0, is_gzip: false }
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

    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.entries.into_buffer()
    }

    /// Makes up to `parts` chunks of one, each with its share of the events, an id and a claim of its own.
    /// The chunk comes back whole when it holds a single event or was given up.
    pub(crate) fn split(self, parts: usize, intake: &Intake) -> Result<Vec<Chunk>, Chunk> {
        let Some(pieces) = self.cut(parts) else { return Err(self) };
        let mut claim = self.claim;
        let mut made = Vec::with_capacity(pieces.len());
        let last = pieces.len() - 1;
        for (index, (events, raw)) in pieces.into_iter().enumerate() {
            let own = claim;
            if index < last {
                let piece = Charge { events, bytes: raw.len() };
                match intake.split(claim, piece) {
                    Some(rest) => claim = rest,
                    None => return Err(self),
                }
            }
            let packed = if self.is_gzip { compressed(&raw) } else { None };
            let is_gzip = packed.is_some();
            let body = packed.unwrap_or(raw);
            made.push(Chunk { claim: own, entries: Entries::new(body, 0), events, is_gzip });
        }
        intake.give_back(self.into_buffer());
        Ok(made)
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
    fn cut(&self, parts: usize) -> Option<Vec<(usize, Vec<u8>)>> {
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
                .append(&mut crate::buffer::Written(|out: &mut crate::event::Output<'_>| {
                    msgpack::text(out, text);
                    Ok(true)
                }))
                .unwrap();
        }
        intake.seal_all();
        intake.take().unwrap()
    }

    #[test]
    fn parts_have_all_events_and_ids_and_claims_of_their_own() {
        for gzip in [false, true] {
            let intake = intake();
            let chunk = Chunk::pack(taken(&intake, &["a", "bcd", "ef"]), &intake, gzip);
            let (id, held) = (chunk.id().to_vec(), intake.look().2);
            let mut parts = chunk.split(2, &intake).unwrap();
            assert_eq!(intake.look().2, held);
            let ids: Vec<_> = parts.iter().map(|part| part.id().to_vec()).collect();
            assert!(ids[0] != ids[1] && !ids.contains(&id));
            assert!(parts.iter().all(|part| part.is_gzip() == gzip));
            parts.iter_mut().for_each(Chunk::unpack);
            let found: Vec<_> = parts.iter().map(|part| (part.events(), part.body())).collect();
            assert_eq!(found, [(2, &b"\xa1a\xa3bcd"[..]), (1, &b"\xa2ef"[..])]);
            let single = parts.pop().unwrap().split(2, &intake).unwrap_err();
            intake.settle(single.claim(), |ledger, events| ledger.dropped_rejected += events);
            for part in parts.pop().unwrap().split(4, &intake).unwrap() {
                assert_eq!(part.events(), 1);
                intake.settle(part.claim(), |ledger, events| ledger.delivered += events);
            }
            let (ledger, accepted, held) = intake.look();
            assert_eq!((ledger.dropped_rejected, ledger.delivered, accepted), (1, 2, 3));
            assert_eq!(held, Charge::default());
        }
    }

    #[test]
    fn every_number_of_events_and_parts_adds_up() {
        let texts: Vec<_> = (0..11).map(|n| n.to_string()).collect();
        for events in 2..11 {
            for parts in 2..6 {
                let intake = intake();
                let texts: Vec<_> = texts.iter().take(events).map(String::as_str).collect();
                let chunk = Chunk::pack(taken(&intake, &texts), &intake, false);
                let body = chunk.body().to_vec();
                let made = chunk.split(parts, &intake).unwrap();
                assert!((2..=parts).contains(&made.len()), "{events} events in {} parts", made.len());
                assert_eq!(made.iter().flat_map(Chunk::body).copied().collect::<Vec<_>>(), body);
                assert_eq!(made.iter().map(Chunk::events).sum::<usize>(), events);
                made.iter().for_each(|part| intake.settle(part.claim(), |ledger, n| ledger.delivered += n));
                assert_eq!(intake.look().0.delivered, events as u64);
                assert_eq!(intake.look().2, Charge::default());
            }
        }
    }

    #[test]
    fn what_was_given_up_is_not_split() {
        let intake = intake();
        let chunk = Chunk::pack(taken(&intake, &["a", "b"]), &intake, false);
        intake.give_up();
        assert!(chunk.split(2, &intake).is_err());
    }
}
