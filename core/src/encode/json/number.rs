//! JSON numbers: the grammar, and the value as an integer of 64 bits or a float 64.
//!
//! A number without fraction and exponent is an integer and must fit; every other is a float 64, rounded
//! correctly. Reading the grammar gathers what the value needs, so that a short number takes one pass.

use super::error::{JsonError, JsonErrorKind};
use super::lexer::Lexer;
use crate::sys::float_mode;

/// A number of an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Int(i64),
    Uint(u64),
    Float(f64),
}

/// What the grammar of one number has shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    start: usize,
    negative: bool,
    infinite: bool,
    whole: usize,
    /// Digits behind the point; 0 where there is no point.
    fraction: usize,
    has_exponent: bool,
    /// All digits before the exponent as one number, exact up to `EXACT_DIGITS` of them.
    mantissa: u64,
}

// Every number of 19 digits is below 2^64.
const EXACT_DIGITS: usize = 19;
// Integers up to 2^53 and powers of ten up to 22 are exact as float 64, so that one division rounds correctly.
const EXACT_MANTISSA: u64 = 1 << 53;
const POWERS: [f64; EXACT_DIGITS + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19,
];

impl Lexer<'_> {
    /// Reads a number, of which the first byte (a digit or a minus) is in place. The word `-Infinity` is refused as one
    /// that is too large.
    #[inline(always)]
    pub(crate) fn number(&mut self) -> Result<Number, JsonError> {
        let figures = self.figures()?;
        self.value_of(figures)
    }

    /// Steps over a number of the right grammar, whatever its size.
    #[inline(always)]
    pub(crate) fn figures(&mut self) -> Result<Figures, JsonError> {
        let start = self.at;
        let negative = self.byte() == Some(b'-');
        self.at += usize::from(negative);
        let mut figures = Figures {
            start,
            negative,
            infinite: false,
            whole: 0,
            fraction: 0,
            has_exponent: false,
            mantissa: 0,
        };
        let first = self.byte();
        figures.whole = self.digits(&mut figures.mantissa);
        if figures.whole == 0 {
            if negative && first == Some(b'I') {
                self.word("Infinity")?;
                figures.infinite = true;
                return Ok(figures);
            }
            return Err(self.expected("a digit"));
        }
        if first == Some(b'0') && figures.whole > 1 {
            self.at -= figures.whole - 1;
            return Err(self.expected("no digit after a leading zero"));
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            figures.fraction = self.digits(&mut figures.mantissa);
            if figures.fraction == 0 {
                return Err(self.expected("a digit"));
            }
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at = self.exponent()?;
            figures.has_exponent = true;
        }
        Ok(figures)
    }

    #[inline(always)]
    fn digits(&mut self, value: &mut u64) -> usize {
        let start = self.at;
        // One look says of nearly every short number that it is one.
        if let Some(b'0'..=b'9') = self.text.get(start + 7) {
            (*value, self.at) = self.eights(*value);
        }
        while let Some(byte) = self.byte() {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            *value = value.wrapping_mul(10).wrapping_add(digit.into());
            self.at += 1;
        }
        self.at - start
    }

    /// Puts digits behind those of `value` as long as they come by eight; gives where they end.
    #[inline(never)]
    fn eights(mut self, mut value: u64) -> (u64, usize) {
        while let Some(eight) = self.rest().first_chunk().and_then(eight_digits) {
            value = value.wrapping_mul(100_000_000).wrapping_add(eight);
            self.at += 8;
        }
        (value, self.at)
    }

    /// Where the number ends whose letter before the exponent is in place.
    #[cold]
    #[inline(never)]
    fn exponent(mut self) -> Result<usize, JsonError> {
        self.at += 1;
        if let Some(b'+' | b'-') = self.byte() {
            self.at += 1;
        }
        let start = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        if self.at == start { Err(self.expected("a digit")) } else { Ok(self.at) }
    }

    #[inline(always)]
    fn value_of(self, figures: Figures) -> Result<Number, JsonError> {
        if figures.infinite {
            return Err(JsonError { at: figures.start, kind: JsonErrorKind::Float });
        }
        if figures.has_exponent {
            return Ok(Number::Float(long_float(self.text, figures.start, self.at)?));
        }
        if figures.fraction == 0 {
            return self.integer(figures);
        }
        let exact = figures.whole + figures.fraction <= EXACT_DIGITS && figures.mantissa <= EXACT_MANTISSA;
        match POWERS.get(figures.fraction) {
            Some(power) if exact && float_mode::rounds_to_nearest() => {
                let value = figures.mantissa.cast_signed() as f64 / power;
                Ok(Number::Float(if figures.negative { -value } else { value }))
            }
            _ => Ok(Number::Float(long_float(self.text, figures.start, self.at)?)),
        }
    }

    #[inline(always)]
    fn integer(self, figures: Figures) -> Result<Number, JsonError> {
        let magnitude = if figures.whole <= EXACT_DIGITS {
            figures.mantissa
        } else {
            long_integer(self.text, figures.start, self.at, figures.negative)?
        };
        if !figures.negative {
            Ok(Number::Uint(magnitude))
        } else if magnitude <= i64::MIN.unsigned_abs() {
            Ok(Number::Int((magnitude as i64).wrapping_neg()))
        } else {
            Err(JsonError { at: figures.start, kind: JsonErrorKind::Integer })
        }
    }
}

/// An integer of many digits. The text comes by its parts and not in a lexer: these are in registers.
#[cold]
#[inline(never)]
fn long_integer(text: &[u8], start: usize, end: usize, negative: bool) -> Result<u64, JsonError> {
    let digits = text.get(start + usize::from(negative)..end).unwrap_or_default();
    let digits = std::str::from_utf8(digits).unwrap_or_default();
    digits.parse().map_err(|_| JsonError { at: start, kind: JsonErrorKind::Integer })
}

/// A float that one division does not give; by its parts as above.
#[cold]
#[inline(never)]
fn long_float(text: &[u8], start: usize, end: usize) -> Result<f64, JsonError> {
    let text = std::str::from_utf8(text.get(start..end).unwrap_or_default()).unwrap_or_default();
    match float_mode::in_default(|| text.parse()) {
        Ok(value) if f64::is_finite(value) => Ok(value),
        _ => Err(JsonError { at: start, kind: JsonErrorKind::Float }),
    }
}

/// The number of eight digits; `None` where not all of them are.
#[inline(always)]
fn eight_digits(digits: &[u8; 8]) -> Option<u64> {
    const ZEROS: u64 = u64::from_le_bytes(*b"00000000");
    // As neighbours become one, two, four digits wide, the earlier one counts ten, a hundred, ten thousand times.
    const ONE: u64 = 0x00ff_00ff_00ff_00ff;
    const TWO: u64 = 0x0000_ffff_0000_ffff;
    let word = u64::from_le_bytes(*digits);
    // A byte below "0" borrows into its upper half, one above "9" overflows into it.
    let digits = word.wrapping_sub(ZEROS);
    if (digits | digits.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs = (digits & ONE) * 10 + (digits >> 8 & ONE);
    let fours = (pairs & TWO) * 100 + (pairs >> 16 & TWO);
    Some((fours & 0xffff_ffff) * 10_000 + (fours >> 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_digits_at_once() {
        for number in [0, 1, 9, 10, 12_345_678, 99_999_999, 90_000_000, 1_020_304] {
            let text: [u8; 8] = format!("{number:08}").into_bytes().try_into().unwrap();
            assert_eq!(eight_digits(&text), Some(number));
            for place in 0..8 {
                for byte in 0..=255_u8 {
                    let mut other = text;
                    other[place] = byte;
                    let expected = std::str::from_utf8(&other).ok().and_then(|text| text.parse().ok());
                    let expected = expected.filter(|_| byte.is_ascii_digit());
                    assert_eq!(eight_digits(&other), expected, "{}", other.escape_ascii());
                }
            }
        }
    }

    fn read(text: &str) -> Result<Number, JsonErrorKind> {
        let mut lexer = Lexer::new(text.as_bytes());
        let number = lexer.number().map_err(|error| error.kind)?;
        assert_eq!(lexer.at(), text.len(), "{text}");
        Ok(number)
    }

    #[test]
    fn integers_to_the_edges_of_64_bits() {
        assert_eq!(read("0"), Ok(Number::Uint(0)));
        assert_eq!(read("-0"), Ok(Number::Int(0)));
        assert_eq!(read("18446744073709551615"), Ok(Number::Uint(u64::MAX)));
        assert_eq!(read("18446744073709551616"), Err(JsonErrorKind::Integer));
        assert_eq!(read("99999999999999999999"), Err(JsonErrorKind::Integer));
        assert_eq!(read("100000000000000000000"), Err(JsonErrorKind::Integer));
        assert_eq!(read("-9223372036854775808"), Ok(Number::Int(i64::MIN)));
        assert_eq!(read("-9223372036854775809"), Err(JsonErrorKind::Integer));
        assert_eq!(read("-99999999999999999999"), Err(JsonErrorKind::Integer));
    }

    #[test]
    fn floats_are_rounded_as_the_standard_library_does() {
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            state >> 33
        };
        for _ in 0..200_000 {
            let (whole, fraction, power) = (next() >> (next() % 31), next() >> (next() % 31), next() % 700);
            let sign = ["", "-"][(next() % 2) as usize];
            let text = match next() % 4 {
                0 => format!("{sign}{whole}.{fraction:03}"),
                1 => format!("{sign}{whole}.{fraction}{fraction}{fraction}"),
                2 => format!("{sign}{whole}e{}", power as i64 - 400),
                _ => format!("{sign}{whole}.{fraction}E+{}", power % 30),
            };
            let expected: f64 = text.parse().unwrap();
            let number = read(&text);
            if expected.is_infinite() {
                assert_eq!(number, Err(JsonErrorKind::Float), "{text}");
            } else {
                let Ok(Number::Float(value)) = number else { panic!("{text}: {number:?}") };
                assert_eq!(value.to_bits(), expected.to_bits(), "{text}");
            }
        }
        let bits = |text| match read(text) {
            Ok(Number::Float(value)) => value.to_bits(),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(bits("-0.0"), (-0.0_f64).to_bits());
        assert_eq!(bits("-0e5"), (-0.0_f64).to_bits());
        assert_eq!(bits("1e-999999999999"), 0);
        assert_eq!(bits("0e999999999999"), 0);
        assert_eq!(bits("1.7976931348623157e308"), f64::MAX.to_bits());
        assert_eq!(bits("9007199254740993.0"), 9007199254740992_f64.to_bits());
        assert_eq!(bits(&format!("0.{}1", "0".repeat(300))), 1e-301_f64.to_bits());
        assert_eq!(read("1e309"), Err(JsonErrorKind::Float));
        assert_eq!(Lexer::new(b"-Infinity").number().map_err(|error| error.kind), Err(JsonErrorKind::Float));
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn a_number_is_the_same_in_every_mode_of_the_host() {
        let texts = [
            "0.1",
            "0.3",
            "-0.3",
            "2.675",
            "0.97",
            "123456.789",
            "0.30000000000000004",
            "9007199254740993.0",
            "1e23",
            "1.1e-5",
            "4.9e-324",
            "2.2250738585072011e-308",
            "1.7976931348623157e308",
            "1e-400",
            "0.5",
            "-0.0",
        ];
        let bits = || {
            texts.map(|text| match read(text) {
                Ok(Number::Float(value)) => value.to_bits(),
                _ => 0,
            })
        };
        let expected = bits();
        float_mode::in_each_mode(|name| {
            let found = bits();
            // Compared as numbers of their own, without the processor's.
            assert_eq!(found, expected, "{name}");
        });
    }

    #[test]
    fn torn_numbers_are_refused() {
        let zeros = JsonErrorKind::Expected("no digit after a leading zero");
        for text in ["01", "-00", "-012.5"] {
            assert_eq!(read(text), Err(zeros), "{text}");
        }
        for text in ["-", "1.", "1.e5", "1e", "1e+", "-.5", "1.5E-", "--1"] {
            assert_eq!(read(text), Err(JsonErrorKind::Expected("a digit")), "{text}");
        }
        assert_eq!(read("-Inf"), Err(JsonErrorKind::Expected("Infinity")));
    }
}
