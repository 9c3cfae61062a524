//! Finds the end of a string: sixteen bytes at a time, thirty-two where the processor can and the text is long.
//!
//! A stop is a byte that cannot be copied as it is: a quote, a backslash, a control character. Short strings
//! also stop at bytes beyond ASCII, which go through a check of their own. SSE2 and NEON belong to their
//! architectures, so only AVX2 is asked for at run time; elsewhere, and with the feature `portable`, plain
//! words are used. The feature `fuzz` leaves the choice to each thread.

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

/// Bytes that are looked at together.
pub(in crate::encode) const BLOCK: usize = 16;

/// The place of the first stop or byte beyond ASCII in a block.
#[inline(always)]
pub(in crate::encode) fn first_stop(block: &[u8; BLOCK]) -> Option<usize> {
    native::first_stop(block)
}

/// A run of bytes without a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::encode) struct Run {
    pub(in crate::encode) len: usize,
    pub(in crate::encode) is_ascii: bool,
}

/// The run at the beginning of `bytes`.
pub(in crate::encode) fn run(bytes: &[u8]) -> Run {
    native::run(bytes)
}

/// Whether a byte ends a run.
#[inline(always)]
fn stops(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// A run in what is left at the end of a text, byte by byte.
fn short_run(bytes: &[u8]) -> Run {
    let len = bytes.iter().position(|&byte| stops(byte)).unwrap_or(bytes.len());
    Run { len, is_ascii: bytes.iter().take(len).all(u8::is_ascii) }
}

/// Steps through `bytes` by blocks of `N`. `look` gives the place of the first stop in a block, or `N`, and
/// whether the bytes before it are ASCII.
#[inline(always)]
fn run_by<const N: usize>(bytes: &[u8], look: impl Fn(&[u8; N]) -> Run) -> Run {
    let mut rest = bytes;
    let mut is_ascii = true;
    while let Some((block, after)) = rest.split_first_chunk::<N>() {
        let found = look(block);
        is_ascii &= found.is_ascii;
        if found.len < N {
            return Run { len: bytes.len() - rest.len() + found.len, is_ascii };
        }
        rest = after;
    }
    let tail = short_run(rest);
    Run { len: bytes.len() - rest.len() + tail.len, is_ascii: is_ascii & tail.is_ascii }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn a_run_ends_at_every_stop_in_every_place() {
        for (name, run) in ways() {
            for len in 0..100 {
                for place in 0..len {
                    for byte in 0..=255_u8 {
                        let mut bytes = vec![b'a'; len];
                        bytes[place] = byte;
                        let expected =
                            Run { len: if stops(byte) { place } else { len }, is_ascii: byte.is_ascii() };
                        assert_eq!(run(&bytes), expected, "{name}: {byte} at {place} of {len}");
                        // The neighbours of a hit must not come before it, nor bytes behind it count.
                        if let Some(next) = bytes.get_mut(place + 1) {
                            *next = if stops(byte) { 0xc3 } else { b'!' };
                            assert_eq!(run(&bytes), expected, "{name}: {byte} at {place} of {len}");
                        }
                    }
                }
            }
        }
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
