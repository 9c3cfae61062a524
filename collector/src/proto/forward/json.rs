//! Records of msgpack as JSON.
//!
//! Msgpack holds more than JSON does. Text that is not UTF-8 gets replacement characters, binary and
//! extensions become objects with one `$` key, keys that are not text become text. Used on records
//! that passed [`Cursor::skip`], so depth and size are bounded.

use serde_json::{Map, Value, json};

use crate::proto::hex::hex;
use crate::proto::malformed::Malformed;
use crate::proto::msgpack::{Cursor, Head, MAX_DEPTH};

/// What becomes of a float that JSON has no text for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Floats {
    /// `{"$float": "NaN"}`, `"Infinity"` or `"-Infinity"`: nothing is lost.
    Tagged,
    /// `null`, as most writers of JSON do.
    Null,
}

/// The msgpack value in `raw` as JSON. Fails on bytes that are not one whole value.
pub fn json(raw: &[u8], floats: Floats) -> Result<Value, Malformed> {
    let mut cursor = Cursor::new(raw);
    let mut open: Vec<Open> = Vec::new();
    loop {
        let mut done = match cursor.head()? {
            Head::Array(count) => {
                open.push(Open::Array { items: Vec::new(), left: count });
                None
            }
            Head::Map(count) => {
                open.push(Open::Map { fields: Map::new(), key: None, left: count });
                None
            }
            head => Some(scalar(&mut cursor, head, floats)?),
        };
        if open.len() > MAX_DEPTH {
            return Err(Malformed::new(format!(
                "nesting: found more than {MAX_DEPTH} levels, expected no more"
            )));
        }
        // A value that is complete may complete the one around it, and so on.
        while let Some(around) = open.pop() {
            match around.with(done) {
                Ok(whole) => done = Some(whole),
                Err(unfinished) => {
                    open.push(unfinished);
                    done = None;
                    break;
                }
            }
        }
        match done {
            Some(value) if cursor.is_empty() => return Ok(value),
            Some(_) => return Err(Malformed::new("record: found bytes behind its end, expected none")),
            None => {}
        }
    }
}

/// A key of a map as the name of a field: text as it is, other kinds as their JSON.
pub(crate) fn name(raw: &[u8], floats: Floats) -> Result<String, Malformed> {
    Ok(match json(raw, floats)? {
        Value::String(name) => name,
        other => other.to_string(),
    })
}

/// An array or a map that is not complete. Kept in a list and not on the stack, so that a deep
/// record needs no deep recursion here.
enum Open {
    Array { items: Vec<Value>, left: usize },
    Map { fields: Map<String, Value>, key: Option<String>, left: usize },
}

impl Open {
    /// Takes a value, if there is one; gives the whole when it was the last.
    fn with(self, value: Option<Value>) -> Result<Value, Open> {
        match self {
            Open::Array { mut items, left } => {
                let left = left - usize::from(value.is_some());
                items.extend(value);
                if left == 0 { Ok(Value::Array(items)) } else { Err(Open::Array { items, left }) }
            }
            Open::Map { mut fields, key, left } => {
                let (key, left) = match (key, value) {
                    (key, None) => (key, left),
                    (None, Some(Value::String(key))) => (Some(key), left),
                    (None, Some(other)) => (Some(other.to_string()), left),
                    (Some(key), Some(value)) => {
                        fields.insert(key, value);
                        (None, left - 1)
                    }
                };
                if left == 0 { Ok(Value::Object(fields)) } else { Err(Open::Map { fields, key, left }) }
            }
        }
    }
}

pub(super) fn scalar(cursor: &mut Cursor<'_>, head: Head, floats: Floats) -> Result<Value, Malformed> {
    Ok(match head {
        Head::Nil | Head::Array(_) | Head::Map(_) => Value::Null,
        Head::Bool(value) => value.into(),
        Head::Uint(value) => value.into(),
        Head::Int(value) => value.into(),
        Head::Float(value) => float(value, floats),
        Head::Str(length) => String::from_utf8_lossy(cursor.take(length)?).into(),
        Head::Bin(length) => json!({"$bin": hex(cursor.take(length)?)}),
        Head::Ext(kind, length) => json!({"$ext": kind, "$bin": hex(cursor.take(length)?)}),
    })
}

fn float(value: f64, floats: Floats) -> Value {
    if value.is_finite() {
        return value.into();
    }
    match floats {
        Floats::Null => Value::Null,
        Floats::Tagged if value.is_nan() => json!({"$float": "NaN"}),
        Floats::Tagged if value > 0.0 => json!({"$float": "Infinity"}),
        Floats::Tagged => json!({"$float": "-Infinity"}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_keep_their_meaning_and_maps_their_order() {
        let mut raw = Vec::new();
        rmp::encode::write_map_len(&mut raw, 6).unwrap();
        rmp::encode::write_str(&mut raw, "z").unwrap();
        rmp::encode::write_uint(&mut raw, u64::MAX).unwrap();
        rmp::encode::write_str(&mut raw, "a").unwrap();
        rmp::encode::write_f64(&mut raw, 1.0).unwrap();
        rmp::encode::write_str(&mut raw, "bin").unwrap();
        rmp::encode::write_bin(&mut raw, &[0, 255]).unwrap();
        rmp::encode::write_uint(&mut raw, 7).unwrap();
        rmp::encode::write_nil(&mut raw).unwrap();
        rmp::encode::write_str(&mut raw, "ext").unwrap();
        raw.extend([0xd5, 0xff, 1, 2]);
        rmp::encode::write_str(&mut raw, "text").unwrap();
        raw.extend([0xa2, 0xff, b'x']);
        assert_eq!(
            json(&raw, Floats::Tagged).unwrap().to_string(),
            r#"{"z":18446744073709551615,"a":1.0,"bin":{"$bin":"00ff"},"7":null,"ext":{"$ext":-1,"$bin":"0102"},"text":"�x"}"#
        );
    }

    #[test]
    fn floats_without_a_json_text() {
        for (value, tagged) in
            [(f64::NAN, "NaN"), (f64::INFINITY, "Infinity"), (f64::NEG_INFINITY, "-Infinity")]
        {
            let mut raw = Vec::new();
            rmp::encode::write_f64(&mut raw, value).unwrap();
            assert_eq!(json(&raw, Floats::Tagged).unwrap(), json!({"$float": tagged}));
            assert_eq!(json(&raw, Floats::Null).unwrap(), Value::Null);
        }
    }

    #[test]
    fn the_deepest_record_fits_a_small_stack() {
        let mut raw = vec![0x91; MAX_DEPTH];
        raw.push(0xc0);
        assert!(Cursor::new(&raw).skip().is_ok());
        let decoded = std::thread::Builder::new().stack_size(2 << 20);
        let decoded = decoded.spawn(move || json(&raw, Floats::Null).unwrap().to_string().len()).unwrap();
        assert_eq!(decoded.join().unwrap(), 2 * MAX_DEPTH + 4);
    }
}
