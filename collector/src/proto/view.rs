//! A value where it lies: msgpack or JSON text, read in place.
//!
//! [`super::chunk::Chunk`] gives one for each record; the program writes it down and takes it apart with
//! it. Numbers keep their text, whatever their size. Everything here was walked over when its chunk was
//! taken, so an error says that this is no value of a chunk.

use std::borrow::Cow;

use serde_core::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::compact::compact;
use super::forward::json::Floats;
use super::forward::{json, text};
use super::malformed::Malformed;
use super::msgpack::{Cursor, Head};

/// One value, as it arrived.
#[derive(Debug, Clone, Copy)]
pub enum View<'a> {
    /// Msgpack.
    Msgpack(&'a [u8]),
    /// JSON text.
    Json(&'a [u8]),
}

/// The fields of an object in their order; a name may stand there more than once.
pub type Fields<'a> = Vec<(Cow<'a, str>, View<'a>)>;

impl<'a> View<'a> {
    /// Appends the value as JSON on one line.
    pub fn write_json(self, floats: Floats, out: &mut Vec<u8>) -> Result<(), Malformed> {
        match self {
            View::Msgpack(raw) => text::write(raw, floats, out),
            View::Json(raw) => {
                compact(raw, out);
                Ok(())
            }
        }
    }

    /// Its text, if it is one.
    pub fn as_text(self) -> Option<Cow<'a, str>> {
        match self {
            View::Msgpack(raw) => {
                let mut cursor = Cursor::new(raw);
                match cursor.head() {
                    Ok(Head::Str(length)) => cursor.take(length).ok().map(lossy),
                    _ => None,
                }
            }
            View::Json(raw) => Text::read(raw),
        }
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        match self {
            View::Msgpack(raw) => matches!(Cursor::new(raw).peek(), Ok(Head::Map(_))),
            View::Json(raw) => raw.first() == Some(&b'{'),
        }
    }

    /// Its number: true and false are 1 and 0; what no double holds, and NaN and infinities, are none.
    pub fn number(self) -> Option<f64> {
        let number = match self {
            View::Msgpack(raw) => match Cursor::new(raw).head().ok()? {
                Head::Bool(value) => f64::from(u8::from(value)),
                // The nearest double, as of the same number in JSON.
                Head::Uint(value) => value as f64,
                Head::Int(value) => value as f64,
                Head::Float(value) => value,
                _ => return None,
            },
            View::Json(raw) => match raw.first()? {
                b't' => 1.0,
                b'f' => 0.0,
                b'-' | b'0'..=b'9' => std::str::from_utf8(raw).ok()?.trim_ascii_end().parse().ok()?,
                _ => return None,
            },
        };
        Some(number).filter(|number| number.is_finite())
    }

    /// Shows its fields one after the other, if it is an object; false if it is none. A name is UTF-8, or was
    /// none on the wire either.
    pub fn each(self, mut see: impl FnMut(Cow<'a, [u8]>, View<'a>)) -> Result<bool, Malformed> {
        let raw = match self {
            View::Msgpack(raw) => raw,
            View::Json(_) => {
                let Some(fields) = self.fields()? else { return Ok(false) };
                for (name, value) in fields {
                    let name = match name {
                        Cow::Borrowed(name) => Cow::Borrowed(name.as_bytes()),
                        Cow::Owned(name) => Cow::Owned(name.into_bytes()),
                    };
                    see(name, value);
                }
                return Ok(true);
            }
        };
        let mut cursor = Cursor::new(raw);
        let Head::Map(count) = cursor.head()? else { return Ok(false) };
        for _ in 0..count {
            let name = match cursor.string()? {
                Some(name) => Cow::Borrowed(name),
                None => Cow::Owned(json::name(cursor.skip()?, Floats::Null)?.into_bytes()),
            };
            see(name, View::Msgpack(cursor.skip()?));
        }
        Ok(true)
    }

    /// Its fields, if it is an object.
    pub fn fields(self) -> Result<Option<Fields<'a>>, Malformed> {
        match self {
            View::Msgpack(raw) => map(raw),
            View::Json(raw) if raw.first() == Some(&b'{') => {
                let mut reader = serde_json::Deserializer::from_slice(raw);
                reader.disable_recursion_limit();
                reader
                    .deserialize_map(Object)
                    .map(Some)
                    .map_err(|error| Malformed::new(format!("object: found \"{error}\", expected fields")))
            }
            View::Json(_) => Ok(None),
        }
    }
}

fn map(raw: &[u8]) -> Result<Option<Fields<'_>>, Malformed> {
    let mut fields = Vec::new();
    let is_map = View::Msgpack(raw).each(|name, value| {
        let name = match name {
            Cow::Borrowed(name) => lossy(name),
            Cow::Owned(name) => Cow::Owned(String::from_utf8_lossy(&name).into_owned()),
        };
        fields.push((name, value));
    })?;
    Ok(is_map.then_some(fields))
}

/// The text, with U+FFFD for what is not UTF-8.
pub(crate) fn lossy(text: &[u8]) -> Cow<'_, str> {
    // Nearly all of it is, and this looks at it faster.
    std::str::from_utf8(text).map_or_else(|_| String::from_utf8_lossy(text), Cow::Borrowed)
}

/// Collects the fields of an object without reading them.
struct Object;

impl<'a> Visitor<'a> for Object {
    type Value = Fields<'a>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Fields<'a>, A::Error> {
        let mut fields = Vec::new();
        while let Some(Text(name)) = map.next_key()? {
            let value: &'a RawValue = map.next_value()?;
            fields.push((name, View::Json(value.get().as_bytes())));
        }
        Ok(fields)
    }
}

/// Text that is borrowed where it has no escapes.
struct Text<'a>(Cow<'a, str>);

impl<'a> Text<'a> {
    fn read(raw: &'a [u8]) -> Option<Cow<'a, str>> {
        serde_json::from_slice(raw).ok().map(|Text(text)| text)
    }
}

impl<'a> serde_core::Deserialize<'a> for Text<'a> {
    fn deserialize<D: Deserializer<'a>>(reader: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'a> Visitor<'a> for Any {
            type Value = Text<'a>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E: serde_core::de::Error>(self, text: &'a str) -> Result<Text<'a>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: serde_core::de::Error>(self, text: &str) -> Result<Text<'a>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        reader.deserialize_str(Any).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(view: View<'_>) -> String {
        let mut out = Vec::new();
        view.write_json(Floats::Null, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn json_is_taken_apart_without_loss() {
        let huge = "1000000000000000000000000000000";
        let raw = format!("{{ \"a\\u0062\": {huge}, \"n\": [1.50, \"x y\"],\n\"t\": \"\\n\"}}");
        let fields = View::Json(raw.as_bytes()).fields().unwrap().unwrap();
        let shown: Vec<(&str, String)> =
            fields.iter().map(|(name, value)| (name.as_ref(), written(*value))).collect();
        assert_eq!(
            shown,
            [("ab", huge.to_owned()), ("n", r#"[1.50,"x y"]"#.to_owned()), ("t", r#""\n""#.to_owned())]
        );
        assert_eq!((fields[2].1.as_text().as_deref(), fields[0].1.as_text()), (Some("\n"), None));
        assert!(View::Json(b"[]").fields().unwrap().is_none());
        assert!(View::Json(b"{\"a\"").fields().is_err());
    }

    #[test]
    fn msgpack_is_taken_apart_alike() {
        let raw = b"\x83\xa1a\x91\x01\x07\xc0\xa1t\xa2\xffx";
        let fields = View::Msgpack(raw).fields().unwrap().unwrap();
        let shown: Vec<(&str, String)> =
            fields.iter().map(|(name, value)| (name.as_ref(), written(*value))).collect();
        assert_eq!(
            shown,
            [("a", "[1]".to_owned()), ("7", "null".to_owned()), ("t", "\"\u{fffd}x\"".to_owned())]
        );
        assert_eq!(fields[2].1.as_text().as_deref(), Some("\u{fffd}x"));
        assert!(View::Msgpack(b"\x90").fields().unwrap().is_none());
        assert!(View::Msgpack(b"\xdf\xff\xff\xff\xff").fields().is_err());
    }
}
