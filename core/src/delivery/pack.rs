//! What was taken from the queue becomes chunks, and chunks that a collector does not take become smaller ones.

use crate::encode::msgpack::AppendSlice as _;
use crate::queue::{Charge, Intake, Taken};
use crate::transport::Chunk;

/// Makes a chunk of what was taken from the queue.
pub(super) fn pack(taken: Taken, intake: &Intake, gzip: bool) -> Chunk {
    let mut chunk = join(taken, intake);
    if gzip {
        let unmade = Unmade { intake, claim: chunk.claim() };
        compress(&mut chunk, intake);
        std::mem::forget(unmade);
    }
    chunk
}

/// The same as it is in memory.
pub(super) fn join(taken: Taken, intake: &Intake) -> Chunk {
    let Taken { claim, mut segments, charge } = taken;
    let unmade = Unmade { intake, claim };
    let (body, start) = match segments.pop() {
        Some(only) if segments.is_empty() => only.into_buffer(),
        last => {
            segments.extend(last);
            let mut joined = intake.take_buffer(charge.bytes);
            for segment in segments {
                joined.append_slice(segment.entries());
                intake.give_back(segment.into_buffer().0);
            }
            (joined, 0)
        }
    };
    let chunk = Chunk::new(claim, body, start, charge.events);
    std::mem::forget(unmade);
    chunk
}

/// Compresses a chunk that nobody saw yet. After a panic it is as it was.
pub(super) fn compress(chunk: &mut Chunk, intake: &Intake) {
    #[cfg(test)]
    planted::meet();
    if let Some(emptied) = chunk.compress() {
        intake.give_back(emptied);
    }
}

/// Events on their way into a chunk. A panic there ends them, and whoever waits for them must not wait for ever.
struct Unmade<'a> {
    intake: &'a Intake,
    claim: u64,
}

impl Drop for Unmade<'_> {
    fn drop(&mut self) {
        self.intake.settle(self.claim, |ledger, events| ledger.dropped_closed += events);
    }
}

/// Panics that the calling thread is to meet.
#[cfg(test)]
pub(super) mod planted {
    use std::cell::Cell;

    thread_local! {
        static PANICS: Cell<u32> = const { Cell::new(0) };
    }

    pub(crate) fn plan(panics: u32) {
        PANICS.set(panics);
    }

    pub(crate) fn meet() {
        let left = PANICS.get();
        PANICS.set(left.saturating_sub(1));
        assert!(left == 0, "planted");
    }
}

/// Makes up to `parts` chunks of one, each with its share of the events, an id and a claim of its own.
/// The chunk comes back whole when it holds a single event or was given up.
pub(super) fn split(chunk: Chunk, parts: usize, intake: &Intake) -> Result<Vec<Chunk>, Chunk> {
    let Some(pieces) = chunk.cut(parts) else { return Err(chunk) };
    let mut claim = chunk.claim();
    let mut made = Vec::with_capacity(pieces.len());
    let last = pieces.len() - 1;
    for (index, (events, raw)) in pieces.into_iter().enumerate() {
        let own = claim;
        if index < last {
            let piece = Charge { events, bytes: raw.len() };
            match intake.split(claim, piece) {
                Some(rest) => claim = rest,
                None => return Err(chunk),
            }
        }
        let mut piece = Chunk::new(own, raw, 0, events);
        if chunk.is_gzip() {
            compress(&mut piece, intake);
        }
        piece.hold_as_part_of(&chunk);
        made.push(piece);
    }
    intake.give_back(chunk.into_buffer());
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::msgpack;
    use crate::queue::Limits;
    use std::sync::Arc;
    use std::time::Duration;

    fn intake() -> Arc<Intake> {
        Arc::new(Intake::new(Limits {
            queue: Charge { events: 1000, bytes: 1 << 20 },
            chunk_bytes: 1 << 20,
            event_bytes: 1 << 18,
            circular: true,
            block_timeout: Duration::ZERO,
        }))
    }

    fn taken(intake: &Arc<Intake>, texts: &[&str]) -> Taken {
        for text in texts {
            intake
                .append(&mut crate::queue::Written(|out: &mut crate::encode::Output<'_>| {
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
            let chunk = pack(taken(&intake, &["a", "bcd", "ef"]), &intake, gzip);
            let (id, held) = (chunk.id().to_vec(), intake.look().2);
            let mut parts = split(chunk, 2, &intake).unwrap();
            assert_eq!(intake.look().2, held);
            let ids: Vec<_> = parts.iter().map(|part| part.id().to_vec()).collect();
            assert!(ids[0] != ids[1] && !ids.contains(&id));
            assert!(parts.iter().all(|part| part.is_gzip() == gzip));
            parts.iter_mut().for_each(Chunk::unpack);
            let found: Vec<_> = parts.iter().map(|part| (part.events(), part.body())).collect();
            assert_eq!(found, [(2, &b"\xa1a\xa3bcd"[..]), (1, &b"\xa2ef"[..])]);
            let single = split(parts.pop().unwrap(), 2, &intake).unwrap_err();
            intake.settle(single.claim(), |ledger, events| ledger.dropped_rejected += events);
            for part in split(parts.pop().unwrap(), 4, &intake).unwrap() {
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
                let chunk = pack(taken(&intake, &texts), &intake, false);
                let body = chunk.body().to_vec();
                let made = split(chunk, parts, &intake).unwrap();
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
    fn a_panic_leaves_no_claim_behind() {
        let intake = intake();
        let taken = taken(&intake, &["a", "b"]);
        planted::plan(1);
        let packed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| pack(taken, &intake, true)));
        assert!(packed.is_err());
        let (ledger, accepted, held) = intake.look();
        assert_eq!((ledger.dropped_closed, accepted, held), (2, 2, Charge::default()));
    }

    #[test]
    fn what_was_given_up_is_not_split() {
        let intake = intake();
        let chunk = pack(taken(&intake, &["a", "b"]), &intake, false);
        intake.give_up();
        assert!(split(chunk, 2, &intake).is_err());
    }
}
