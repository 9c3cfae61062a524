//! Texts between their quotes: short plain ones as one block, others run by run.

use crate::encode::json::scan::{self, BLOCK};
use crate::encode::msgpack::{self, Append, AppendSlice};
use crate::encode::output::Output;
use crate::sys::hex;

/// Appends the text at the start of `bytes`, between a few others, if it is short and each of its bytes stands for
/// itself; gives what follows it. Else `None`, with the output unchanged.
#[inline(always)]
pub(super) fn short<'a, const N: usize, const M: usize>(
    out: &mut Output<'_>,
    before: [u8; N],
    bytes: &'a [u8],
    behind: [u8; M],
) -> Option<&'a [u8]> {
    // A copy of a fixed size is what makes this fast: it takes what follows the text along.
    let (block, len, after) = msgpack::read_short_text(bytes)?;
    if scan::first_stop(block).is_some_and(|place| place < len) {
        return None;
    }
    out.put_between(before, block, len, behind);
    Some(after)
}

/// Appends any text or byte string in quotes. It lies in `whole`, before `after`.
pub(in crate::encode) fn quoted(out: &mut Output<'_>, bytes: &[u8], whole: &[u8], after: &[u8]) {
    out.append([b'"']);
    let mut left = bytes.len();
    let start = whole.len().wrapping_sub(after.len()).wrapping_sub(left);
    let mut rest = whole.get(start..).unwrap_or(bytes);
    while let Some((block, behind)) = rest.split_first_chunk::<BLOCK>() {
        let count = left.min(BLOCK);
        if scan::first_stop(block).is_some_and(|place| place < count) {
            break;
        }
        out.put(*block, count);
        left -= count;
        rest = behind;
        if left == 0 {
            break;
        }
    }
    if left > 0 {
        any_text(out, bytes.get(bytes.len() - left..).unwrap_or_default());
    }
    out.append([b'"']);
}

/// Appends what is left of a text, or of a byte string.
#[inline(never)]
fn any_text(out: &mut Output<'_>, bytes: &[u8]) {
    let mut rest = bytes;
    loop {
        let run = scan::run(rest);
        let (plain, found) = rest.split_at_checked(run.len).unwrap_or((rest, &[]));
        if run.is_ascii {
            out.append_slice(plain);
        } else {
            readable(out, plain);
        }
        let Some((&byte, after)) = found.split_first() else { return };
        escape(out, byte);
        rest = after;
    }
}

/// Appends what is UTF-8, with replacement characters for the rest.
fn readable(out: &mut Output<'_>, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        out.append_slice(chunk.valid().as_bytes());
        if !chunk.invalid().is_empty() {
            out.append_slice("\u{fffd}".as_bytes());
        }
    }
}

/// Appends a byte that cannot stand for itself.
fn escape(out: &mut Output<'_>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        8 => b'b',
        12 => b'f',
        _ => {
            return out.append([b'\\', b'u', b'0', b'0', hex::digit(byte >> 4), hex::digit(byte & 0x0f)]);
        }
    };
    out.append([b'\\', short]);
}
