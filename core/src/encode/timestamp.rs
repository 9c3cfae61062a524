//! The timestamp given with an event, by the rule of the older client.
//!
//! Nothing, zero and everything empty mean now; seconds within the years that a calendar knows are cut
//! toward zero; anything else is kept as a msgpack value, to be reported inside the message.

use crate::encode::field::FieldValue;
use crate::encode::float32::widened;
use crate::encode::json::{self, Bounds, Lexer, Number};
use crate::encode::limits::Limits;
use crate::encode::msgpack::{self, Head};

/// When an event happened, as its sender says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timestamp {
    /// At the moment of the call.
    Now,
    /// At this second since the Unix epoch.
    At(i64),
    /// Not a time: the msgpack value of what was given.
    Invalid(Box<[u8]>),
}

// The second day of year 1 and the end of year 9999: what the older client's calendar holds in UTC.
const FIRST: i64 = -62_135_510_400;
const END: i64 = 253_402_300_800;

impl Timestamp {
    /// The timestamp of a number of seconds.
    #[inline]
    pub fn from_seconds(seconds: f64) -> Timestamp {
        // As bits: where denormals count as zero, a comparison would take them for it.
        if seconds.to_bits() == 0 {
            Timestamp::Now
        } else if (FIRST as f64..END as f64).contains(&seconds) {
            match seconds as i64 {
                0 if is_zero(seconds) => Timestamp::Now,
                whole => Timestamp::At(whole),
            }
        } else {
            encoded(|out| msgpack::float(out, seconds))
        }
    }

    /// What is wrong with it, without the value; nothing for a time.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let Timestamp::Invalid(value) = self else { return None };
        Some(match msgpack::read(value) {
            Some((Head::Float(number), _)) if number.is_nan() => "no number",
            Some((Head::Float(number), _)) if number.is_infinite() => "no finite number",
            Some((Head::Float(number), _)) if number < 0.0 => "a number before the year 1",
            Some((Head::Int(_), _)) => "a number before the year 1",
            Some((Head::Float(_) | Head::Uint(_), _)) => "a number after the year 9999, milliseconds perhaps",
            Some((Head::Text(_), _)) => "text",
            _ => "another kind of value",
        })
    }

    /// The timestamp of the value of a typed field.
    pub(crate) fn from_field(value: FieldValue<'_>, limits: &Limits) -> Timestamp {
        match value {
            FieldValue::Null | FieldValue::Bool(false) => Timestamp::Now,
            FieldValue::Bool(true) => encoded(|out| msgpack::boolean(out, true)),
            FieldValue::I64(seconds) => whole(seconds),
            FieldValue::U64(seconds) => whole_unsigned(seconds),
            FieldValue::F64(seconds) => Timestamp::from_seconds(seconds),
            FieldValue::F32(seconds) => Timestamp::from_seconds(widened(seconds)),
            FieldValue::Str(text) if text.as_str().is_empty() => Timestamp::Now,
            FieldValue::Str(text) => encoded(|out| msgpack::text(out, text.as_str())),
            FieldValue::Json(text) => Timestamp::from_json(text.as_bytes(), limits),
        }
    }

    /// The timestamp of one JSON value. A value that cannot be encoded as a field of an event, such as an integer beyond
    /// 64 bits, is reported as its text.
    pub(crate) fn from_json(value: &[u8], limits: &Limits) -> Timestamp {
        let value = value.trim_ascii();
        let mut lexer = Lexer::new(value);
        let number = match value {
            [] | b"null" | b"false" | b"\"\"" => return Timestamp::Now,
            b"-Infinity" => Some(Number::Float(f64::NEG_INFINITY)),
            [b'0'..=b'9' | b'-', ..] => lexer.number().ok().filter(|_| lexer.end().is_ok()),
            b"NaN" => Some(Number::Float(f64::NAN)),
            b"Infinity" => Some(Number::Float(f64::INFINITY)),
            _ => None,
        };
        match number {
            Some(Number::Float(seconds)) => return Timestamp::from_seconds(seconds),
            Some(Number::Int(seconds)) => return whole(seconds),
            Some(Number::Uint(seconds)) => return whole_unsigned(seconds),
            None => {}
        }
        let mut lexer = Lexer::new(value);
        match json::encoded(&mut lexer, Bounds::of_field(limits)).and_then(|out| lexer.end().map(|()| out)) {
            Ok(out) if matches!(msgpack::read(&out), Some((Head::Array(0) | Head::Map(0), _))) => {
                Timestamp::Now
            }
            Ok(out) => Timestamp::Invalid(out.into()),
            Err(_) => encoded(|out| msgpack::text(out, &String::from_utf8_lossy(value))),
        }
    }
}

/// Whether it is 0 or -0, and no denormal.
#[cold]
pub(super) fn is_zero(number: f64) -> bool {
    // Out of the compiler's sight, which makes a comparison of floats of it.
    std::hint::black_box(number.to_bits()) << 1 == 0
}

fn whole(seconds: i64) -> Timestamp {
    match seconds {
        0 => Timestamp::Now,
        FIRST..END => Timestamp::At(seconds),
        _ => encoded(|out| msgpack::int(out, seconds)),
    }
}

fn whole_unsigned(seconds: u64) -> Timestamp {
    match i64::try_from(seconds) {
        Ok(seconds) => whole(seconds),
        Err(_) => encoded(|out| msgpack::uint(out, seconds)),
    }
}

#[cold]
fn encoded(write: impl FnOnce(&mut Vec<u8>)) -> Timestamp {
    let mut out = Vec::new();
    write(&mut out);
    Timestamp::Invalid(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { max_event_bytes: 262_144, max_depth: 60, keeps_nonfinite: false };

    fn float(value: f64) -> Timestamp {
        encoded(|out| msgpack::float(out, value))
    }

    #[test]
    fn seconds() {
        for (given, expected) in [
            (0.0, Timestamp::Now),
            (-0.0, Timestamp::Now),
            (1552903200.999, Timestamp::At(1552903200)),
            (-1.5, Timestamp::At(-1)),
            (-0.5, Timestamp::At(0)),
            (0.4, Timestamp::At(0)),
            (253402300799.5, Timestamp::At(253402300799)),
            (253402300800.0, float(253402300800.0)),
            (-62135510400.0, Timestamp::At(-62135510400)),
            (-62135510400.5, float(-62135510400.5)),
            (1552903200000.0, float(1552903200000.0)),
            (f64::NAN, float(f64::NAN)),
            (f64::INFINITY, float(f64::INFINITY)),
            (f64::NEG_INFINITY, float(f64::NEG_INFINITY)),
        ] {
            assert_eq!(Timestamp::from_seconds(given), expected, "{given}");
        }
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn a_time_is_the_same_in_every_mode_of_the_host() {
        let given = [f64::from_bits(1), -f64::from_bits(1), -0.0, 0.0, 1552903200.999, -1.5, 1e300, f64::NAN];
        let times = || given.map(Timestamp::from_seconds);
        let expected = times();
        assert_eq!(expected[..4], [Timestamp::At(0), Timestamp::At(0), Timestamp::Now, Timestamp::Now]);
        crate::sys::float_mode::in_each_mode(|name| assert_eq!(times(), expected, "{name}"));
    }

    #[test]
    fn faults_are_named_without_the_value() {
        let fault = |text: &str| Timestamp::from_json(text.as_bytes(), &LIMITS).fault();
        for (text, expected) in [
            ("1", None),
            ("0", None),
            ("1552903200123", Some("a number after the year 9999, milliseconds perhaps")),
            ("1552903200123.5", Some("a number after the year 9999, milliseconds perhaps")),
            ("-1552903200123", Some("a number before the year 1")),
            ("-1e300", Some("a number before the year 1")),
            ("NaN", Some("no number")),
            ("-Infinity", Some("no finite number")),
            ("\"2019-03-18\"", Some("text")),
            ("true", Some("another kind of value")),
            ("[1]", Some("another kind of value")),
        ] {
            assert_eq!(fault(text), expected, "{text}");
        }
    }

    #[test]
    fn json_values() {
        for text in ["", "null", "false", "\"\"", "[]", "{}", "[ ]", " { } ", "0", "-0", "0.0", "-0.0", "0e5"]
        {
            assert_eq!(Timestamp::from_json(text.as_bytes(), &LIMITS), Timestamp::Now, "{text}");
        }
        for (text, expected) in [
            ("1552903200", 1552903200),
            (" 1552903200.999 ", 1552903200),
            ("-1.5", -1),
            ("0.4", 0),
            ("1e9", 1_000_000_000),
            ("253402300799", 253402300799),
            ("-62135510400", -62135510400),
        ] {
            assert_eq!(Timestamp::from_json(text.as_bytes(), &LIMITS), Timestamp::At(expected), "{text}");
        }
        let int = |value| encoded(|out| msgpack::int(out, value));
        let text = |value| encoded(|out| msgpack::text(out, value));
        for (given, expected) in [
            ("253402300800", int(253402300800)),
            ("-62135510401", int(-62135510401)),
            ("-62135510400.5", float(-62135510400.5)),
            ("18446744073709551615", encoded(|out| msgpack::uint(out, u64::MAX))),
            ("18446744073709551616", text("18446744073709551616")),
            ("-9223372036854775809", text("-9223372036854775809")),
            ("1e999", text("1e999")),
            ("1e18", float(1e18)),
            ("NaN", float(f64::NAN)),
            ("Infinity", float(f64::INFINITY)),
            ("-Infinity", float(f64::NEG_INFINITY)),
            ("true", Timestamp::Invalid([0xc3].into())),
            ("\"x\"", text("x")),
            ("[1]", Timestamp::Invalid([0x91, 1].into())),
            ("{\"a\":1}", Timestamp::Invalid([0x81, 0xa1, b'a', 1].into())),
            ("[18446744073709551616]", text("[18446744073709551616]")),
        ] {
            assert_eq!(Timestamp::from_json(given.as_bytes(), &LIMITS), expected, "{given}");
        }
    }
}
