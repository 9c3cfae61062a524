//! Random identifiers: context ids, the instance id of a client, chunk ids.
//!
//! Each thread draws from a generator of its own with 256 bits of state, seeded by the system and
//! seeded again in a forked child, so that no two threads, processes or children give the same id.

use std::cell::RefCell;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

use crate::sys::{call, fork, hex};

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
        if slot.as_ref().is_none_or(|generator| generator.generation != fork::generation()) {
            *slot = Some(Generator { generation: fork::settled(), random: seeded() });
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
    let _inside = call::hold();
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

/// A random UUID (RFC 9562, version 4), its first byte the highest.
pub(crate) fn uuid() -> u128 {
    const VERSION: u128 = 0xf << 76;
    const VARIANT: u128 = 0b11 << 62;
    random_u128() & !(VERSION | VARIANT) | 4 << 76 | 0b10 << 62
}

/// Gives a fresh UUID in lower-case text form to `see`.
pub(crate) fn with_uuid_text<R>(see: impl FnOnce(&str) -> R) -> R {
    let text = uuid_text(uuid());
    // SAFETY: digits and hyphens are ASCII.
    see(unsafe { str::from_utf8_unchecked(&text) })
}

fn uuid_text(uuid: u128) -> [u8; UUID_LEN] {
    let (high, low) = (hex::digits((uuid >> 64) as u64), hex::digits(uuid as u64));
    let mut text = [b'-'; UUID_LEN];
    text[..8].copy_from_slice(&high[..8]);
    text[9..13].copy_from_slice(&high[8..12]);
    text[14..18].copy_from_slice(&high[12..]);
    text[19..23].copy_from_slice(&low[..4]);
    text[24..].copy_from_slice(&low[4..]);
    text
}

/// A chunk id: 128 random bits in base64.
pub(crate) fn chunk_id() -> [u8; CHUNK_ID_LEN] {
    chunk_id_of(random_u128().to_ne_bytes())
}

/// The 128 bits of a chunk id; `None` where it is none.
pub(crate) fn chunk_id_bits(text: &[u8]) -> Option<[u8; 16]> {
    let mut bits = [0; 16];
    (STANDARD.decode_slice(text, &mut bits) == Ok(bits.len())).then_some(bits)
}

/// The chunk id of these bits.
pub(crate) fn chunk_id_of(bits: [u8; 16]) -> [u8; CHUNK_ID_LEN] {
    let mut text = [b'='; CHUNK_ID_LEN];
    // The output is exactly as long as the encoding, so this cannot fail.
    let _ = STANDARD.encode_slice(bits, &mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use uuid::Uuid;

    #[test]
    fn ids_have_their_form() {
        with_uuid_text(|text| {
            assert_eq!(text.len(), UUID_LEN);
            assert_eq!(text.as_bytes()[14], b'4');
            assert_eq!(text, text.to_lowercase());
        });
        let id = chunk_id();
        assert_eq!(chunk_id_bits(&id).map(chunk_id_of), Some(id));
        assert_eq!(chunk_id_bits(b""), None);
        for _ in 0..1000 {
            let fraction = random_fraction();
            assert!((0.0..1.0).contains(&fraction));
        }
    }

    #[test]
    fn the_text_of_a_uuid_is_that_of_everybody_else() {
        for bits in
            (0..1000).map(|_| random_u128()).chain([0, u128::MAX, 0x0123_4567_89ab_cdef << 64 | 0x0fed_cba9])
        {
            let text = String::from_utf8(uuid_text(bits).to_vec()).unwrap();
            assert_eq!(text, Uuid::from_u128(bits).hyphenated().to_string());
            let made = Uuid::from_u128(uuid());
            assert_eq!((made.get_version_num(), made.get_variant()), (4, uuid::Variant::RFC4122));
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
