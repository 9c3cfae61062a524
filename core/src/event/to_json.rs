//! Encoded values back to JSON text, for transports that speak JSON and for hashing values.
//!
//! Compact text, keys in their order. What JSON cannot say is said as near as it goes: NaN and infinities
//! are null, byte strings are text with replacement characters, extension values are null.

use super::msgpack::{self, Head};
use std::io::Write;

/// A container whose end has not been written yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Level {
    map: bool,
    /// In a map: the key of the next pair comes next, not its value.
    key: bool,
    left: usize,
}

/// Appends the first msgpack value as JSON text and gives its length in bytes. `None`, with the output
/// unchanged, when the bytes are cut short, are not msgpack, or have a container as a map's key.
pub fn append(out: &mut Vec<u8>, value: &[u8]) -> Option<usize> {
    append_with(out, value, &mut Vec::new())
}

/// Appends the record of an entry `[time, record]` as JSON text and gives its time in whole seconds.
/// `None`, with the output unchanged, when it is not such an entry.
pub fn record_json(out: &mut Vec<u8>, entry: &[u8]) -> Option<i64> {
    let (head, rest) = msgpack::read(entry)?;
    let (time, record) = msgpack::read(rest)?;
    let time = match time {
        Head::Int(time) => time,
        Head::Uint(time) => i64::try_from(time).ok()?,
        _ => return None,
    };
    if head != Head::Array(2) || msgpack::value_len(record) != Some(record.len()) {
        return None;
    }
    append(out, record)?;
    Some(time)
}

/// The same as [`append`], in working memory of the caller.
pub(crate) fn append_with(out: &mut Vec<u8>, value: &[u8], levels: &mut Vec<Level>) -> Option<usize> {
    let base = out.len();
    levels.clear();
    let rest = write_all(out, value, levels);
    if rest.is_none() {
        out.truncate(base);
    }
    Some(value.len() - rest?.len())
}

fn write_all<'a>(out: &mut Vec<u8>, value: &'a [u8], levels: &mut Vec<Level>) -> Option<&'a [u8]> {
    let mut rest = value;
    'value: loop {
        let (head, after) = msgpack::read(rest)?;
        rest = after;
        let key = levels.last().is_some_and(|level| level.key);
        match head {
            Head::Array(_) | Head::Map(_) if key => return None,
            Head::Array(0) => out.extend_from_slice(b"[]"),
            Head::Map(0) => out.extend_from_slice(b"{}"),
            Head::Array(left) => {
                out.push(b'[');
                levels.push(Level { map: false, key: false, left });
                continue;
            }
            Head::Map(left) => {
                out.push(b'{');
                levels.push(Level { map: true, key: true, left });
                continue;
            }
            Head::Text(bytes) | Head::Bin(bytes) => text(out, bytes),
            plain if key => {
                out.push(b'"');
                scalar(out, plain);
                out.push(b'"');
            }
            plain => scalar(out, plain),
        }
        while let Some(level) = levels.last_mut() {
            if level.key {
                level.key = false;
                out.push(b':');
                continue 'value;
            }
            level.left -= 1;
            if level.left > 0 {
                level.key = level.map;
                out.push(b',');
                continue 'value;
            }
            out.push(if level.map { b'}' } else { b']' });
            levels.pop();
        }
        return Some(rest);
    }
}

fn scalar(out: &mut Vec<u8>, head: Head<'_>) {
    // Writing into memory cannot fail.
    let _ = match head {
        Head::Bool(true) => out.write_all(b"true"),
        Head::Bool(false) => out.write_all(b"false"),
        Head::Int(value) => write!(out, "{value}"),
        Head::Uint(value) => write!(out, "{value}"),
        // The debug form is the shortest that reads back, and keeps ".0" or an exponent: still a float.
        Head::Float(value) if value.is_finite() => write!(out, "{value:?}"),
        _ => out.write_all(b"null"),
    };
}

fn text(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    for chunk in bytes.utf8_chunks() {
        escaped(out, chunk.valid().as_bytes());
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    out.push(b'"');
}

fn escaped(out: &mut Vec<u8>, mut rest: &[u8]) {
    let special = |&byte: &u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    while let Some((plain, found)) = rest.iter().position(special).and_then(|at| rest.split_at_checked(at)) {
        out.extend_from_slice(plain);
        let Some((&byte, after)) = found.split_first() else { break };
        rest = after;
        let _ = match byte {
            b'"' | b'\\' => out.write_all(&[b'\\', byte]),
            b'\n' => out.write_all(b"\\n"),
            b'\r' => out.write_all(b"\\r"),
            b'\t' => out.write_all(b"\\t"),
            8 => out.write_all(b"\\b"),
            12 => out.write_all(b"\\f"),
            other => write!(out, "\\u{other:04x}"),
        };
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(bytes: &[u8]) -> Option<String> {
        let mut out = b"<".to_vec();
        let len = append(&mut out, bytes);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(len.is_none(), text == "<");
        len.map(|len| {
            assert_eq!(Some(len), msgpack::value_len(bytes));
            text[1..].to_owned()
        })
    }

    #[test]
    fn scalars() {
        let float = |value| {
            let mut out = Vec::new();
            msgpack::float(&mut out, value);
            json(&out).unwrap()
        };
        for (value, text) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1e16, "1e16"),
            (1e300, "1e300"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e308"),
            (f64::NAN, "null"),
            (f64::NEG_INFINITY, "null"),
        ] {
            assert_eq!(float(value), text);
        }
        assert_eq!(json(&[0xca, 0x3f, 0x80, 0, 0]).unwrap(), "1.0");
        assert_eq!(json(&[0xcf, 255, 255, 255, 255, 255, 255, 255, 255]).unwrap(), u64::MAX.to_string());
        assert_eq!(json(&[0xd3, 128, 0, 0, 0, 0, 0, 0, 0]).unwrap(), i64::MIN.to_string());
        assert_eq!(json(&[0xc4, 3, b'a', 0xff, b'b']).unwrap(), "\"a\u{fffd}b\"");
        assert_eq!(json(&[0xd4, 1, 2]).unwrap(), "null");
        assert_eq!(json(b"\xa9a\"\\\n\t\x01\x1fzz").unwrap(), r#""a\"\\\n\t\u0001\u001fzz""#);
    }

    #[test]
    fn containers() {
        assert_eq!(json(&[0x93, 0x90, 0x80, 0x91, 0xc0]).unwrap(), "[[],{},[null]]");
        assert_eq!(
            json(&[0x82, 0xa1, b'b', 0x81, 0xa1, b'x', 0x92, 1, 2, 0xa1, b'a', 0xc3]).unwrap(),
            r#"{"b":{"x":[1,2]},"a":true}"#
        );
        assert_eq!(json(&[0x82, 1, 2, 0xc3, 4]).unwrap(), r#"{"1":2,"true":4}"#);
        assert_eq!(json(&[0x81, 0x90, 2]), None);
        assert_eq!(json(&[0x92, 1]), None);
        assert_eq!(json(&[]), None);
        let deep = [vec![0x91; 100_000], vec![0x90]].concat();
        assert_eq!(json(&deep).unwrap().len(), 200_002);
    }

    #[test]
    fn entries() {
        let mut out = Vec::new();
        assert_eq!(record_json(&mut out, &[0x92, 0xcc, 200, 0x81, 0xa1, b'a', 1]), Some(200));
        assert_eq!(out, br#"{"a":1}"#);
        for bad in [&[0x92, 0xa1, b'x', 0x80][..], &[0x91, 1, 0x80], &[0x92, 1, 0x81], &[0x92, 1, 0x80, 0x80]]
        {
            assert_eq!(record_json(&mut out, bad), None);
            assert_eq!(out, br#"{"a":1}"#);
        }
    }
}
