//! Finds the end of a string: sixteen bytes at a time, thirty-two where the processor can and the text is long.
//!
//! A stop is a byte that cannot be copied as it is: a quote, a backslash, a control character. Short strings
//! also stop at bytes beyond ASCII, which go through a check of their own. SSE2 and NEON belong to their
//! architectures, so only AVX2 is asked for at run time; elsewhere, and with the feature `portable`, plain
//! words are used. The feature `fuzz` leaves the choice to each thread.

mod block;
#[cfg(feature = "fuzz")]
pub(crate) mod chosen;
#[cfg(not(feature = "portable"))]
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(any(
    test,
    feature = "fuzz",
    feature = "portable",
    not(any(target_arch = "x86_64", target_arch = "aarch64"))
))]
mod words;
#[cfg(not(feature = "portable"))]
#[cfg(target_arch = "x86_64")]
mod x86;

pub(in crate::encode) use block::{BLOCK, Run};

#[cfg(feature = "fuzz")]
use chosen as native;
#[cfg(not(any(feature = "fuzz", feature = "portable")))]
#[cfg(target_arch = "aarch64")]
use neon as native;
#[cfg(not(feature = "fuzz"))]
#[cfg(any(feature = "portable", not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
use words as native;
#[cfg(not(any(feature = "fuzz", feature = "portable")))]
#[cfg(target_arch = "x86_64")]
use x86 as native;

/// The place of the first stop or byte beyond ASCII in a block.
#[inline(always)]
pub(in crate::encode) fn first_stop(block: &[u8; BLOCK]) -> Option<usize> {
    native::first_stop(block)
}

/// The run at the beginning of `bytes`.
pub(in crate::encode) fn run(bytes: &[u8]) -> Run {
    native::run(bytes)
}

#[cfg(test)]
mod tests {
    use super::block::stops;
    use super::*;

    /// A way to find a run, with its name.
    type Way = (&'static str, fn(&[u8]) -> Run);

    /// Every way of this machine.
    fn ways() -> Vec<Way> {
        #[allow(unused_mut)]
        let mut ways: Vec<Way> = vec![("words", words::run), ("native", native::run)];
        #[cfg(not(feature = "portable"))]
        #[cfg(target_arch = "x86_64")]
        {
            ways.push(("sse2", x86::narrow_run));
            if let Some(wide) = x86::wide_run() {
                ways.push(("avx2", wide));
            }
        }
        ways
    }

    /// Looks for every byte at every place of texts of these lengths.
    fn ends_at_every_stop(lens: impl Iterator<Item = usize>) {
        let mut bytes = [b'a'; MOST_LEN];
        for len in lens {
            for place in 0..len {
                for byte in 0..=255_u8 {
                    let text = &mut bytes[..len];
                    text[place] = byte;
                    let expected =
                        Run { len: if stops(byte) { place } else { len }, is_ascii: byte.is_ascii() };
                    for (name, run) in ways() {
                        assert_eq!(run(text), expected, "{name}: {byte} at {place} of {len}");
                    }
                    // The neighbours of a hit must not come before it, nor bytes behind it count.
                    if let Some(next) = text.get_mut(place + 1) {
                        *next = if stops(byte) { 0xc3 } else { b'!' };
                        for (name, run) in ways() {
                            assert_eq!(run(text), expected, "{name}: {byte} at {place} of {len}");
                        }
                    }
                    bytes.fill(b'a');
                }
            }
        }
    }

    /// More than three of the widest blocks.
    const MOST_LEN: usize = 100;

    #[test]
    fn a_run_ends_at_every_stop_around_the_ends_of_blocks() {
        ends_at_every_stop([1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48].into_iter());
    }

    #[test]
    #[ignore = "slow: make test-slow"]
    fn a_run_ends_at_every_stop_in_every_place() {
        ends_at_every_stop(0..MOST_LEN);
    }

    #[test]
    fn a_block_shows_its_first_stop() {
        for first_stop in [native::first_stop, words::first_stop] {
            for place in 0..BLOCK {
                for byte in 0..=255_u8 {
                    let mut block = [b'~'; BLOCK];
                    block[place] = byte;
                    let expected = (stops(byte) || !byte.is_ascii()).then_some(place);
                    assert_eq!(first_stop(&block), expected, "{byte} at {place}");
                    block[BLOCK - 1] = 0;
                    assert_eq!(first_stop(&block), Some(expected.unwrap_or(BLOCK - 1)));
                }
            }
        }
    }
}
