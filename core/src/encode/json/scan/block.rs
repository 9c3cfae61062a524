//! What every way to find the end of a string shares: the size of a block, and the walk from block to block.

/// Bytes that are looked at together.
pub(crate) const BLOCK: usize = 16;

/// A run of bytes without a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) len: usize,
    pub(crate) is_ascii: bool,
}

/// Whether a byte ends a run.
#[inline(always)]
pub(super) fn stops(byte: u8) -> bool {
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
pub(super) fn run_by<const N: usize>(bytes: &[u8], look: impl Fn(&[u8; N]) -> Run) -> Run {
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
