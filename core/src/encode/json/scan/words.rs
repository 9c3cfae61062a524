//! Eight bytes in a plain word, for every other processor.

use super::block::{BLOCK, Run, run_by};

const ONES: u64 = u64::MAX / 0xff;
const HIGH: u64 = ONES << 7;

/// The high bit of each byte that stops a run. A borrow can mark bytes behind a true hit, so only the lowest
/// one counts.
#[inline(always)]
fn stops(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let slash = word ^ (ONES * b'\\' as u64);
    (quote.wrapping_sub(ONES) & !quote
        | slash.wrapping_sub(ONES) & !slash
        | word.wrapping_sub(ONES * 0x20) & !word)
        & HIGH
}

#[inline(always)]
pub(super) fn first_stop(block: &[u8; BLOCK]) -> Option<usize> {
    let number = u128::from_le_bytes(*block);
    let [low, high] = [number as u64, (number >> 64) as u64].map(|word| stops(word) | word & HIGH);
    match (low, high) {
        (0, 0) => None,
        (0, high) => Some(8 + high.trailing_zeros() as usize / 8),
        (low, _) => Some(low.trailing_zeros() as usize / 8),
    }
}

pub(super) fn run(bytes: &[u8]) -> Run {
    run_by(bytes, |block| {
        let word = u64::from_le_bytes(*block);
        let (stops, high) = (stops(word), word & HIGH);
        if stops == 0 {
            return Run { len: 8, is_ascii: high == 0 };
        }
        let below = (stops & stops.wrapping_neg()) - 1;
        Run { len: stops.trailing_zeros() as usize / 8, is_ascii: high & below == 0 }
    })
}
