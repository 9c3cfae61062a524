//! Random identifiers: context ids, the instance id of a client, chunk ids.
//!
//! Each thread draws from a generator of its own with 256 bits of state, seeded by the system and
//! seeded again in a forked child, so that no two threads, processes or children give the same id.

use std::cell::RefCell;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use uuid::{Builder, Uuid};

use crate::{base_64, fork};

/// Characters of 128 bits in base64.
pub(crate) const CHUNK_ID_LEN: usize = 24;

/// Characters of a UUID in its hyphenated form.
pub(crate) const UUID_LEN: usize = 36;

struct Generator {
    generation: u64,
    random: Xoshiro256PlusPlus,
}

thread_local! {
    static GENERATOR: RefCell<Option<Generator>> = const { RefCell::new(None) };
}

/// 128 random bits.
pub(crate) fn random_u128() -> u128 {
    let drawn = GENERATOR.try_with(|cell| {
        let mut slot = cell.try_borrow_mut().ok()?;
        let generation = fork::generation();
        if slot.as_ref().is_none_or(|generator| generator.generation != generation) {
            *slot = Some(Generator { generation, random: seeded() });
        }
        slot.as_mut().map(|generator| two(&mut generator.random))
    });
    match drawn {
        Ok(Some(bits)) => bits,
        _ => two(&mut seeded()),
    }
}

fn two(random: &mut Xoshiro256PlusPlus) -> u128 {
    (u128::from(random.next_u64()) << 64) | u128::from(random.next_u64())
}

#[cold]
fn seeded() -> Xoshiro256PlusPlus {
    let mut seed = [0u8; 32];
    if getrandom::fill(&mut seed).is_err() {
        // Without a system source, time, process, thread and address differ between any two callers.
        let marker = 0u8;
        let parts = [
            std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |since| since.as_nanos() as u64),
            u64::from(std::process::id()),
            (&raw const marker).addr() as u64,
            fork::generation(),
        ];
        for (bytes, part) in seed.chunks_exact_mut(8).zip(parts) {
            bytes.copy_from_slice(&part.to_le_bytes());
        }
    }
    Xoshiro256PlusPlus::from_seed(seed)
}

/// A random number from 0 (inclusive) to 1 (exclusive).
pub(crate) fn random_fraction() -> f64 {
    // 53 bits are what a float 64 holds exactly.
    (random_u128() >> 75) as u64 as f64 / (1u64 << 53) as f64
}

/// A random UUID (version 4).
pub(crate) fn uuid() -> Uuid {
    Builder::from_random_bytes(random_u128().to_ne_bytes()).into_uuid()
}

/// Gives a fresh UUID in lower-case text form to `see`.
pub(crate) fn with_uuid_text<R>(see: impl FnOnce(&str) -> R) -> R {
    let mut text = [0u8; UUID_LEN];
    see(uuid().hyphenated().encode_lower(&mut text))
}

/// A chunk id: 128 random bits in base64.
pub(crate) fn chunk_id() -> [u8; CHUNK_ID_LEN] {
    let mut text = [b'='; CHUNK_ID_LEN];
    base_64::encode_to(&mut text, &random_u128().to_ne_bytes());
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_have_their_form() {
        with_uuid_text(|text| {
            assert_eq!(text.len(), UUID_LEN);
            assert_eq!(text.as_bytes()[14], b'4');
            assert_eq!(text, text.to_lowercase());
        });
        let id = chunk_id();
        let url_safe = std::str::from_utf8(&id).unwrap().replace('+', "-").replace('/', "_");
        assert_eq!(base_64::decoded_url(&url_safe).map(|bits| bits.len()), Some(16));
        for _ in 0..1000 {
            let fraction = random_fraction();
            assert!((0.0..1.0).contains(&fraction));
        }
    }

    #[test]
    fn threads_never_share_an_id() {
        let threads: Vec<_> =
            (0..4).map(|_| std::thread::spawn(|| (0..10_000).map(|_| uuid()).collect::<Vec<_>>())).collect();
        let all: HashSet<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(all.len(), 40_000);
    }
}
