//! NEON, which every 64-bit ARM processor has.

use std::arch::aarch64::{
    uint8x16_t, vceqq_u8, vcgeq_u8, vcltq_u8, vdupq_n_u8, vget_lane_u64, vorrq_u8, vreinterpret_u64_u8,
    vreinterpretq_u16_u8, vshrn_n_u16,
};

use super::block::{BLOCK, Run, run_by};

#[inline(always)]
pub(super) fn first_stop(block: &[u8; BLOCK]) -> Option<usize> {
    let bytes = vector(block);
    // SAFETY: NEON is part of the architecture.
    let (stops, beyond_ascii) = unsafe { stops_beyond_ascii(bytes) };
    let hits = stops | beyond_ascii;
    (hits != 0).then(|| hits.trailing_zeros() as usize / 4)
}

pub(super) fn run(bytes: &[u8]) -> Run {
    run_by(bytes, |block| {
        let bytes = vector(block);
        // SAFETY: NEON is part of the architecture.
        let (stops, beyond_ascii) = unsafe { stops_beyond_ascii(bytes) };
        if stops == 0 {
            return Run { len: BLOCK, is_ascii: beyond_ascii == 0 };
        }
        let before = (stops & stops.wrapping_neg()) - 1;
        Run { len: stops.trailing_zeros() as usize / 4, is_ascii: beyond_ascii & before == 0 }
    })
}

#[inline(always)]
fn vector(block: &[u8; BLOCK]) -> uint8x16_t {
    // SAFETY: sixteen bytes are a vector, whatever they are.
    unsafe { std::mem::transmute::<[u8; BLOCK], uint8x16_t>(*block) }
}

/// Four bits for each byte: those that stop a run, and those beyond ASCII.
#[inline]
#[target_feature(enable = "neon")]
fn stops_beyond_ascii(bytes: uint8x16_t) -> (u64, u64) {
    let quote = vceqq_u8(bytes, vdupq_n_u8(b'"'));
    let slash = vceqq_u8(bytes, vdupq_n_u8(b'\\'));
    let control = vcltq_u8(bytes, vdupq_n_u8(0x20));
    let beyond_ascii = vcgeq_u8(bytes, vdupq_n_u8(0x80));
    (mask(vorrq_u8(vorrq_u8(quote, slash), control)), mask(beyond_ascii))
}

/// Four bits for each byte, set where it is all ones: NEON has no instruction for one bit.
#[inline]
#[target_feature(enable = "neon")]
fn mask(hits: uint8x16_t) -> u64 {
    vget_lane_u64::<0>(vreinterpret_u64_u8(vshrn_n_u16::<4>(vreinterpretq_u16_u8(hits))))
}
