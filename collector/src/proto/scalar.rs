//! One value as a number, a text or none of these.
//!
//! [`super::view::View::scalar`] gives it, where it lies; the store binds it. What no 64 bits hold keeps
//! its digits.

use std::borrow::Cow;

use super::msgpack::{Cursor, Head};
use super::view::View;

/// What a value is, where it lies.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar<'a> {
    /// `null`; NaN and infinities are taken as such.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number that is not whole.
    Real(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// The digits of a number that neither holds.
    Digits(Cow<'a, str>),
    /// A list, or what has no form of its own in JSON.
    List,
    /// An object.
    Object,
}

impl<'a> View<'a> {
    /// What it is, without its JSON.
    pub fn scalar(self) -> Scalar<'a> {
        match self {
            View::Msgpack(raw) => msgpack(raw),
            View::Json(raw) => json(self, raw),
        }
    }
}

fn msgpack(raw: &[u8]) -> Scalar<'_> {
    let mut cursor = Cursor::new(raw);
    let Ok(head) = cursor.head() else { return Scalar::Null };
    match head {
        Head::Nil => Scalar::Null,
        Head::Bool(yes) => Scalar::Bool(yes),
        Head::Int(number) => Scalar::Int(number),
        Head::Uint(number) => {
            i64::try_from(number).map_or_else(|_| Scalar::Digits(number.to_string().into()), Scalar::Int)
        }
        Head::Float(number) if number.is_finite() => Scalar::Real(number),
        Head::Float(_) => Scalar::Null,
        Head::Str(length) => match cursor.take(length) {
            Ok(text) => Scalar::Text(String::from_utf8_lossy(text)),
            Err(_) => Scalar::Null,
        },
        Head::Map(_) => Scalar::Object,
        Head::Array(_) | Head::Bin(_) | Head::Ext(..) => Scalar::List,
    }
}

fn json<'a>(view: View<'a>, raw: &'a [u8]) -> Scalar<'a> {
    match raw.first() {
        Some(b'{') => Scalar::Object,
        Some(b'[') => Scalar::List,
        Some(b'"') => view.as_text().map_or(Scalar::Null, Scalar::Text),
        Some(b't') => Scalar::Bool(true),
        Some(b'f') => Scalar::Bool(false),
        Some(b'-' | b'0'..=b'9') => {
            let text = std::str::from_utf8(raw).unwrap_or_default().trim_ascii();
            let digits = || Scalar::Digits(Cow::Borrowed(text));
            if text.contains(['.', 'e', 'E']) {
                let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
                number.map_or_else(digits, Scalar::Real)
            } else {
                text.parse().map_or_else(|_| digits(), Scalar::Int)
            }
        }
        _ => Scalar::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same() {
        let same: [(&[u8], &[u8], Scalar<'_>); 9] = [
            (b"\xc0", b"null", Scalar::Null),
            (b"\xc3", b"true", Scalar::Bool(true)),
            (b"\x07", b"7", Scalar::Int(7)),
            (b"\xd3\x80\0\0\0\0\0\0\0", b"-9223372036854775808", Scalar::Int(i64::MIN)),
            (
                b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
                b"18446744073709551615",
                Scalar::Digits("18446744073709551615".into()),
            ),
            (b"\xcb\x3f\xf8\0\0\0\0\0\0", b"1.50", Scalar::Real(1.5)),
            (b"\xa2hi", b"\"h\\u0069\"", Scalar::Text("hi".into())),
            (b"\x90", b"[]", Scalar::List),
            (b"\x80", b"{}", Scalar::Object),
        ];
        for (msgpack, json, expected) in same {
            assert_eq!(View::Msgpack(msgpack).scalar(), expected);
            assert_eq!(View::Json(json).scalar(), expected);
        }
        assert_eq!(View::Msgpack(b"\xcb\x7f\xf8\0\0\0\0\0\0").scalar(), Scalar::Null, "NaN");
        assert_eq!(View::Json(b"1e400").scalar(), Scalar::Digits("1e400".into()));
    }
}
