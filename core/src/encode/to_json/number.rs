//! Numbers as JSON: short ones by a few multiplications, all others as serde_json prints them.

use std::io::Write as _;
use std::ops::Range;

use serde_json::ser::{CompactFormatter, Formatter as _};

use crate::encode::msgpack::Append as _;
use crate::encode::output::Output;

/// Numbers below this have at most eight digits.
const EIGHT_DIGITS: u32 = 100_000_000;

/// Eight digits of zero as text.
const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);

/// Floats with eight decimals stay below 10^15 as whole numbers of the last, so that no two of them are the same float.
const LEAST_LONG: f64 = 1e7;

/// A tenth of a thousandth, in units of the eighth decimal: smaller floats have an exponent.
const LEAST_PLAIN: i64 = 10_000;

/// Floats of this size are plain decimals in their debug form too.
const PLAIN_FLOATS: Range<f64> = 1e-4..1e16;

/// Appends a whole number.
#[inline(always)]
pub(in crate::encode) fn uint(out: &mut Output<'_>, value: u64) {
    match u32::try_from(value) {
        Ok(short) if short < EIGHT_DIGITS => {
            let (digits, count) = whole(short);
            out.put(digits.to_le_bytes(), count);
        }
        _ => out.lend(|out| long_uint(out, value)),
    }
}

/// Appends a whole number with its sign.
#[inline(always)]
pub(in crate::encode) fn int(out: &mut Output<'_>, value: i64) {
    if value < 0 {
        out.append([b'-']);
    }
    uint(out, value.unsigned_abs());
}

/// Appends a float: the shortest text that reads back as it, with ".0" or an exponent where it is whole.
#[inline(always)]
pub(in crate::encode) fn float(out: &mut Output<'_>, value: f64) {
    let size = value.abs();
    if size < LEAST_LONG {
        let scaled = (size * f64::from(EIGHT_DIGITS) + 0.5) as i64;
        // The division rounds as a reader of the decimal does. At most fifteen digits that read back as the float
        // are the shortest that do: no two such decimals are the same float.
        if scaled as f64 / f64::from(EIGHT_DIGITS) == size && (scaled >= LEAST_PLAIN || scaled == 0) {
            return decimal(out, value.is_sign_negative(), scaled as u64);
        }
    }
    out.lend(|out| long_float(out, value));
}

/// Appends a number of hundred-millionths.
#[inline(always)]
fn decimal(out: &mut Output<'_>, is_negative: bool, scaled: u64) {
    if is_negative {
        out.append([b'-']);
    }
    let (whole, count) = whole((scaled / u64::from(EIGHT_DIGITS)) as u32);
    // At most seven digits, so that the point has room.
    out.put((whole | u64::from(b'.') << (8 * count)).to_le_bytes(), count + 1);
    let decimals = digits((scaled % u64::from(EIGHT_DIGITS)) as u32);
    let zeros = decimals.leading_zeros() as usize / 8;
    out.put((decimals | ZEROS).to_le_bytes(), 8 - zeros.min(7));
}

/// The digits of a number of at most eight as text, without zeros before it, and how many they are.
#[inline(always)]
fn whole(number: u32) -> (u64, usize) {
    let digits = digits(number);
    let zeros = (digits.trailing_zeros() / 8).min(7);
    ((digits | ZEROS) >> (8 * zeros), 8 - zeros as usize)
}

/// The eight digits of a number below 10^8, the first in the lowest byte: halves of it side by side, then halves
/// of these, with a multiplication instead of each division.
#[inline(always)]
fn digits(number: u32) -> u64 {
    let number = u64::from(number);
    let high = number / 10_000;
    let fours = high | (number - 10_000 * high) << 32;
    let hundreds = (fours * 5243) >> 19 & 0x0000_007f_0000_007f;
    let twos = hundreds | (fours - 100 * hundreds) << 16;
    let tens = (twos * 103) >> 10 & 0x000f_000f_000f_000f;
    tens | (twos - 10 * tens) << 8
}

// Writing into memory cannot fail.

#[cold]
#[inline(never)]
fn long_uint(out: &mut Output<'_>, value: u64) {
    let _ = CompactFormatter.write_u64(out, value);
}

#[inline(never)]
fn long_float(out: &mut Output<'_>, value: f64) {
    let _ = match value {
        _ if PLAIN_FLOATS.contains(&value.abs()) => CompactFormatter.write_f64(out, value),
        // As short, with an exponent as Rust writes it.
        _ if value.is_finite() => write!(out, "{value:?}"),
        _ => out.write_all(b"null"),
    };
}
