//! Records of msgpack as JSON text, written without a tree in between.
//!
//! What [`super::json`] makes of a value and this writes of it are the same JSON; where a map has one key
//! twice, both stand in the text. Used on records that passed [`Cursor::skip`].

use super::json::{self, Floats};
use crate::proto::levels::Levels;
use crate::proto::malformed::Malformed;
use crate::proto::msgpack::{Cursor, Head, MAX_DEPTH, too_deep};
use crate::proto::quote::quote;

/// An array or a map whose values are not all written.
#[derive(Clone, Copy, Default)]
struct Open {
    is_map: bool,
    left: usize,
}

/// Appends the msgpack value in `raw`. Fails on bytes that are not one whole value.
pub(crate) fn write(raw: &[u8], floats: Floats, out: &mut Vec<u8>) -> Result<(), Malformed> {
    let mut cursor = Cursor::new(raw);
    let mut around: Levels<Open> = Levels::default();
    let mut open = Open::default();
    'values: loop {
        let head = cursor.head()?;
        match head {
            Head::Array(_) | Head::Map(_) if around.depth() >= MAX_DEPTH => return Err(too_deep()),
            Head::Array(0) => out.extend_from_slice(b"[]"),
            Head::Map(0) => out.extend_from_slice(b"{}"),
            Head::Array(count) => {
                around.push(open);
                open = Open { is_map: false, left: count - 1 };
                out.push(b'[');
                continue 'values;
            }
            Head::Map(count) => {
                around.push(open);
                open = Open { is_map: true, left: count - 1 };
                out.push(b'{');
                name(&mut cursor, floats, out)?;
                continue 'values;
            }
            scalar => write_scalar(&mut cursor, scalar, floats, out)?,
        }
        // A value that is complete may complete the one around it, and so on.
        while open.left == 0 {
            let Some(outer) = around.pop() else { break 'values };
            out.push(if open.is_map { b'}' } else { b']' });
            open = outer;
        }
        open.left -= 1;
        out.push(b',');
        if open.is_map {
            name(&mut cursor, floats, out)?;
        }
    }
    match cursor.is_empty() {
        true => Ok(()),
        false => Err(Malformed::new("record: found bytes behind its end, expected none")),
    }
}

#[inline]
fn name(cursor: &mut Cursor<'_>, floats: Floats, out: &mut Vec<u8>) -> Result<(), Malformed> {
    match cursor.string()? {
        Some(text) => quote(text, out),
        None => quote(json::name(cursor.skip()?, floats)?.as_bytes(), out),
    }
    out.push(b':');
    Ok(())
}

#[inline]
fn write_scalar(
    cursor: &mut Cursor<'_>,
    head: Head,
    floats: Floats,
    out: &mut Vec<u8>,
) -> Result<(), Malformed> {
    match head {
        Head::Nil => out.extend_from_slice(b"null"),
        Head::Bool(true) => out.extend_from_slice(b"true"),
        Head::Bool(false) => out.extend_from_slice(b"false"),
        Head::Uint(value) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
        Head::Int(value) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
        Head::Float(value) if value.is_finite() => {
            out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
        }
        Head::Str(length) => quote(cursor.take(length)?, out),
        // What JSON has no kind for is rare: the tree says how it is shown. Writing one to a Vec cannot fail.
        other => drop(serde_json::to_writer(out, &json::scalar(cursor, other, floats)?)),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_tree_say_the_same() {
        let wide = {
            let mut raw = vec![0xdc, 0, 20];
            raw.extend((0..20u8).map(|n| n.wrapping_mul(13) & 0x7f));
            raw
        };
        let cases: [&[u8]; 12] = [
            b"\x80",
            b"\x90",
            b"\xc0",
            b"\x82\xa1a\x93\x01\x80\x90\xa1b\x81\xa1c\xc3",
            b"\x81\x07\xc2",
            b"\x81\x92\x01\xa1x\xa2\"\n",
            b"\x92\xca\x3f\x80\x00\x00\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00",
            b"\x92\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xd3\x80\x00\x00\x00\x00\x00\x00\x00",
            b"\x92\xc4\x02\x00\xff\xd5\xff\x01\x02",
            b"\xa3\xffa\x1b",
            b"\xcb\x54\xb2\x49\xad\x25\x94\xc3\x7d",
            &wide,
        ];
        for raw in cases {
            for floats in [Floats::Null, Floats::Tagged] {
                let mut out = Vec::new();
                write(raw, floats, &mut out).unwrap();
                let tree = json::json(raw, floats).unwrap().to_string();
                assert_eq!(String::from_utf8(out).unwrap(), tree, "{raw:x?}");
            }
        }
    }

    #[test]
    fn what_is_no_value_is_an_error() {
        let written = |raw: &[u8]| write(raw, Floats::Null, &mut Vec::new());
        assert!(written(b"\x92\x01").is_err() && written(b"\x01\x01").is_err() && written(b"").is_err());
        assert!(written(&[0x91; MAX_DEPTH + 1]).unwrap_err().to_string().contains("levels"));
    }
}
