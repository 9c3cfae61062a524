//! SSE2, which every x86-64 processor has, and AVX2 for long strings where the processor has it.

use std::arch::x86_64::{
    __m128i, __m256i, _mm_cmpeq_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    _mm256_cmpeq_epi8, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
};

use super::block::{BLOCK, Run, run_by};

/// Below this, asking for the processor's features costs more than wide blocks save.
const LONG: usize = 64;

#[inline(always)]
pub(super) fn first_stop(block: &[u8; BLOCK]) -> Option<usize> {
    let bytes = vector(block);
    // SAFETY: SSE2 is part of the architecture.
    let hits = unsafe { stops_and_beyond_ascii(bytes) };
    (hits != 0).then(|| hits.trailing_zeros() as usize)
}

pub(super) fn run(bytes: &[u8]) -> Run {
    if bytes.len() >= LONG
        && let Some(wide) = wide_run()
    {
        return wide(bytes);
    }
    narrow_run(bytes)
}

pub(super) fn narrow_run(bytes: &[u8]) -> Run {
    run_by(bytes, |block| {
        let bytes = vector(block);
        // SAFETY: SSE2 is part of the architecture.
        let (stops, beyond_ascii) = unsafe { stops_beyond_ascii(bytes) };
        // The bit behind the block ends it where nothing else does.
        Run::before(stops | 1 << BLOCK, beyond_ascii)
    })
}

/// The way of AVX2, where the processor has it.
#[inline]
pub(super) fn wide_run() -> Option<fn(&[u8]) -> Run> {
    fn run(bytes: &[u8]) -> Run {
        // SAFETY: given out below only where the processor has AVX2.
        unsafe { run_with_avx2(bytes) }
    }
    std::arch::is_x86_feature_detected!("avx2").then_some(run)
}

#[inline(always)]
fn vector(block: &[u8; BLOCK]) -> __m128i {
    // SAFETY: sixteen bytes are a vector, whatever they are.
    unsafe { std::mem::transmute::<[u8; BLOCK], __m128i>(*block) }
}

/// All ones in each byte that stops a run.
#[inline]
#[target_feature(enable = "sse2")]
fn stopped(bytes: __m128i) -> __m128i {
    let quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'"' as i8));
    let slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'\\' as i8));
    let control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    _mm_or_si128(_mm_or_si128(quote, slash), control)
}

/// One bit for each byte that stops a run or is beyond ASCII, which the sign of a byte says.
#[inline]
#[target_feature(enable = "sse2")]
fn stops_and_beyond_ascii(bytes: __m128i) -> u32 {
    _mm_movemask_epi8(_mm_or_si128(stopped(bytes), bytes)) as u32
}

/// The same in two numbers.
#[inline]
#[target_feature(enable = "sse2")]
fn stops_beyond_ascii(bytes: __m128i) -> (u32, u32) {
    (_mm_movemask_epi8(stopped(bytes)) as u32, _mm_movemask_epi8(bytes) as u32)
}

#[target_feature(enable = "avx2")]
fn run_with_avx2(bytes: &[u8]) -> Run {
    run_by(bytes, |block: &[u8; 2 * BLOCK]| {
        // SAFETY: thirty-two bytes are a vector, whatever they are.
        let bytes = unsafe { std::mem::transmute::<[u8; 2 * BLOCK], __m256i>(*block) };
        let quote = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b'"' as i8));
        let slash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b'\\' as i8));
        let control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes);
        let stops = _mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(quote, slash), control)) as u32;
        let beyond_ascii = _mm256_movemask_epi8(bytes) as u32;
        if stops == 0 {
            return Run { len: 2 * BLOCK, is_ascii: beyond_ascii == 0 };
        }
        Run::before(stops, beyond_ascii)
    })
}

impl Run {
    /// The run before the lowest bit of `stops`, one bit a byte.
    #[inline(always)]
    fn before(stops: u32, beyond_ascii: u32) -> Run {
        let before = (stops & stops.wrapping_neg()).wrapping_sub(1);
        Run { len: stops.trailing_zeros() as usize, is_ascii: beyond_ascii & before == 0 }
    }
}
