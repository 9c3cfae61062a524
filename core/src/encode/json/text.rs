//! Strings of a JSON text: decoding escapes, and writing a string as msgpack text.
//!
//! The lexer has found the string and checked its escapes as grammar; what is left to check here is that
//! surrogates come in pairs.

use std::borrow::Cow;

use super::error::{JsonError, JsonErrorKind};
use super::lexer::{Lexer, RawText};
use super::scan;
use crate::encode::msgpack::AppendSlice;
use crate::encode::msgpack::{self, Header};
use crate::encode::name::{Ends, Name};
use crate::encode::output::Output;

/// What a string stands for.
pub(crate) fn decoded(raw: RawText<'_>) -> Result<Cow<'_, str>, JsonError> {
    if !raw.escaped() {
        return Ok(String::from_utf8_lossy(raw.bytes));
    }
    let mut decoded = Vec::new();
    unescape(&mut decoded, raw)?;
    Ok(Cow::Owned(String::from_utf8_lossy(&decoded).into_owned()))
}

/// Appends the string whose opening quote is in place, as msgpack text.
#[inline(always)]
pub(crate) fn write(lexer: &mut Lexer<'_>, out: &mut Output<'_>) -> Result<(), JsonError> {
    if let Some((block, len)) = lexer.short_string() {
        out.short_block(&block, len);
        return Ok(());
    }
    let here = *lexer;
    lexer.at = out.lend(move |out| write_long(here, out))?;
    Ok(())
}

/// The same for the name of a field, which is given too.
#[inline(always)]
pub(crate) fn write_name(lexer: &mut Lexer<'_>, out: &mut Output<'_>) -> Result<Name, JsonError> {
    if let Some((block, len)) = lexer.short_string() {
        out.short_block(&block, len);
        return Ok(Name::of_ends(Ends::beginning(&block, len), len));
    }
    let here = *lexer;
    let (at, name) = out.lend(move |out| write_long_name(here, out))?;
    lexer.at = at;
    Ok(name)
}

/// Any string; gives where it ends in the text.
#[inline(never)]
fn write_long(mut lexer: Lexer<'_>, out: &mut Output<'_>) -> Result<usize, JsonError> {
    if let Some(text) = lexer.plain_string() {
        out.text_of_blocks(text.blocks, &text.last, text.len);
        return Ok(lexer.at);
    }
    write_any(lexer, out)
}

#[cold]
#[inline(never)]
fn write_any(mut lexer: Lexer<'_>, out: &mut Output<'_>) -> Result<usize, JsonError> {
    let raw = lexer.string()?;
    if raw.escaped() {
        write_escaped(out, raw)?;
    } else {
        msgpack::raw_text(out, raw.bytes);
    }
    Ok(lexer.at)
}

#[cold]
#[inline(never)]
fn write_long_name(lexer: Lexer<'_>, out: &mut Output<'_>) -> Result<(usize, Name), JsonError> {
    let start = out.len();
    let at = write_long(lexer, out)?;
    Ok((at, Name::new(msgpack::text_at(out.since(start)))))
}

fn write_escaped(out: &mut Output<'_>, raw: RawText<'_>) -> Result<(), JsonError> {
    // Decoding never makes text longer: room for the header of the undecoded length is enough.
    let start = out.len();
    msgpack::text_header(out, raw.bytes.len());
    let reserved = out.len() - start;
    unescape(out, raw)?;
    let len = out.len() - start - reserved;
    out.put_header(Header::text(len), start, reserved);
    Ok(())
}

/// Appends the decoded string, as UTF-8.
pub(crate) fn unescape(out: &mut impl AppendSlice, raw: RawText<'_>) -> Result<(), JsonError> {
    let mut rest = raw.bytes;
    loop {
        let (plain, escape) = rest.split_at_checked(scan::run(rest).len).unwrap_or((rest, &[]));
        out.append_slice(plain);
        let Some((&kind, after)) = escape.get(1..).and_then(<[u8]>::split_first) else {
            return Ok(());
        };
        rest = after;
        let short = match kind {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let Some((letter, after)) = unicode(after) else {
                    let at = raw.at + raw.bytes.len() - escape.len();
                    return Err(JsonError { at, kind: JsonErrorKind::Surrogate });
                };
                out.append_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                rest = after;
                continue;
            }
            same => same,
        };
        out.append([short]);
    }
}

/// The character of one `\uXXXX`, or of two that make a pair, from behind the first `\u`.
fn unicode(bytes: &[u8]) -> Option<(char, &[u8])> {
    let (unit, rest) = hex(bytes)?;
    if !(0xd800..0xe000).contains(&unit) {
        return Some((char::from_u32(unit)?, rest));
    }
    let (low, rest) = hex(rest.strip_prefix(b"\\u")?)?;
    if unit >= 0xdc00 || !(0xdc00..0xe000).contains(&low) {
        return None;
    }
    Some((char::from_u32(0x10000 + (unit - 0xd800) * 0x400 + (low - 0xdc00))?, rest))
}

fn hex(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = bytes.split_first_chunk::<4>()?;
    let mut unit = 0;
    for &digit in digits {
        unit = unit * 16 + char::from(digit).to_digit(16)?;
    }
    Some((unit, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Result<String, JsonError> {
        let mut out = Vec::new();
        unescape(&mut out, Lexer::new(text.as_bytes()).string()?)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_escape_is_decoded() {
        let text = r#""a\"\\\/\b\f\n\r\t\u0000\u00e9\u20AC\ud83d\ude00z""#;
        assert_eq!(decoded(text).unwrap(), "a\"\\/\u{8}\u{c}\n\r\t\0\u{e9}\u{20ac}\u{1f600}z");
        assert_eq!(decoded(r#""plain""#).unwrap(), "plain");
    }

    #[test]
    fn half_surrogates_are_refused_where_they_stand() {
        for text in [r#""ab\ud800""#, r#""ab\ud800x""#, r#""ab\udc00\ud800""#, r#""ab\ud800\u0041""#] {
            assert_eq!(decoded(text), Err(JsonError { at: 3, kind: JsonErrorKind::Surrogate }), "{text}");
        }
    }

    #[test]
    fn headers_shrink_to_the_decoded_length() {
        for decoded in [0, 1, 5, 31, 32, 42, 43, 255, 256, 10_000, 65_535, 65_536] {
            let text = format!("\"{}\\/\"", "\\u0061".repeat(decoded));
            let mut out = vec![1];
            let raw = Lexer::new(text.as_bytes()).string().unwrap();
            Output::to(&mut out, |out| write_escaped(out, raw)).unwrap();
            let mut expected = vec![1];
            msgpack::text(&mut expected, &format!("{}/", "a".repeat(decoded)));
            assert_eq!(out, expected);
        }
    }
}
