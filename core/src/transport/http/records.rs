//! Formats `records` and `lines`: a JSON array of records, as the HTTP inputs of Fluentd and Fluent Bit take them, and
//! one record a line, as VictoriaLogs does.

use crate::encode::to_json;
use crate::net::{Cause, TransportError};

/// Largest body. Fluentd's own limit is 32 MiB and Fluent Bit's buffer 4 MiB, but nginx in front of them
/// takes 1 MiB unless told otherwise.
pub(super) const MOST_BODY_BYTES: usize = 1 << 20;

/// Appends the array of the records in a chunk's entries.
///
/// # Errors
/// [`Cause::TooLarge`] when several events need more than a body may have, so that the sender halves the
/// chunk. One event goes out whatever its size: the collector knows better what it takes.
pub(super) fn append_body(out: &mut Vec<u8>, chunk: &[u8]) -> Result<(), TransportError> {
    let mut known = to_json::KnownParts::default();
    append_array(out, chunk, |out, entries| to_json::append_record(out, entries, &mut known))
}

/// Appends the records in a chunk's entries, each with a line of its own. Without any it is an empty line, which readers
/// of lines skip, for servers that ask for a body.
///
/// # Errors
/// As [`append_body`].
pub(super) fn append_lines(out: &mut Vec<u8>, chunk: &[u8]) -> Result<(), TransportError> {
    let mut known = to_json::KnownParts::default();
    append_each(out, chunk, b'\n', |out, entries| to_json::append_record(out, entries, &mut known))?;
    out.push(b'\n');
    Ok(())
}

/// Appends a JSON array with what `write` makes of each entry. It is given the entries that are left and
/// answers how long the first of them was.
pub(super) fn append_array(
    out: &mut Vec<u8>,
    chunk: &[u8],
    write: impl FnMut(&mut Vec<u8>, &[u8]) -> Option<usize>,
) -> Result<(), TransportError> {
    out.push(b'[');
    append_each(out, chunk, b',', write)?;
    out.push(b']');
    Ok(())
}

/// Appends what `write` makes of each entry, with `separator` between.
fn append_each(
    out: &mut Vec<u8>,
    chunk: &[u8],
    separator: u8,
    mut write: impl FnMut(&mut Vec<u8>, &[u8]) -> Option<usize>,
) -> Result<(), TransportError> {
    // JSON is about a quarter longer.
    out.reserve(chunk.len() + chunk.len() / 4 + 2);
    // With what stands before the first one.
    let start = out.len().saturating_sub(1);
    let mut rest = chunk;
    while !rest.is_empty() {
        if rest.len() < chunk.len() {
            out.push(separator);
        }
        let written = write(out, rest).and_then(|length| rest.get(length..));
        let after = written.ok_or_else(unreadable)?;
        if rest.len() < chunk.len() && out.len() - start >= MOST_BODY_BYTES {
            return Err(too_large("JSON"));
        }
        rest = after;
    }
    Ok(())
}

pub(super) fn unreadable() -> TransportError {
    TransportError::new("chunk", "an event of it cannot be read back").because(Cause::Unreadable)
}

pub(super) fn too_large(form: &str) -> TransportError {
    let text = format!("it is more than 1 MiB as {form} and goes out in parts");
    TransportError::new("chunk", text).because(Cause::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Output;
    use crate::encode::{RecordPrefix, Shape, msgpack, record};

    fn body(chunk: &[u8]) -> Result<Vec<u8>, TransportError> {
        let mut out = Vec::new();
        append_body(&mut out, chunk).map(|()| out)
    }

    fn entry(text: &str) -> Vec<u8> {
        let mut entry = Vec::new();
        Output::to(&mut entry, |out| {
            record::begin(out, &RecordPrefix::new("u", "c", Shape::default()), 1_700_000_000)
        });
        msgpack::map_header(&mut entry, 1);
        msgpack::text(&mut entry, "m");
        msgpack::text(&mut entry, text);
        Output::to(&mut entry, |out| record::finish(out, 1_700_000_000));
        entry
    }

    #[test]
    fn records_stand_in_their_order() {
        let chunk = [entry("a"), entry("\u{1}")].concat();
        let expected = r#"[{"user_id":"u","context":"c","message":{"m":"a"},"export_timestamp":1700000000},{"user_id":"u","context":"c","message":{"m":"\u0001"},"export_timestamp":1700000000}]"#;
        assert_eq!(String::from_utf8(body(&chunk).unwrap()).unwrap(), expected);
        assert_eq!(body(b"").unwrap(), b"[]");
    }

    #[test]
    fn a_line_is_a_record() {
        let chunk = [entry("a"), entry("\n\r\u{2028}")].concat();
        let mut lines = Vec::new();
        append_lines(&mut lines, &chunk).unwrap();
        let lines = String::from_utf8(lines).unwrap();
        let expected: String = lines.strip_suffix('\n').unwrap().split('\n').collect::<Vec<_>>().join(",");
        assert_eq!(format!("[{expected}]").into_bytes(), body(&chunk).unwrap());
        assert_eq!(lines.matches('\n').count(), 2);
        let mut none = Vec::new();
        append_lines(&mut none, b"").unwrap();
        assert_eq!(none, b"\n");
        let half = entry(&"x".repeat(MOST_BODY_BYTES / 2 - 100));
        let mut out = Vec::new();
        append_lines(&mut out, &[half.clone(), half.clone()].concat()).unwrap();
        assert!(out.len() <= MOST_BODY_BYTES);
        let three = [half.clone(), half, entry("a")].concat();
        assert_eq!(append_lines(&mut Vec::new(), &three).unwrap_err().cause, Cause::TooLarge);
    }

    #[test]
    fn several_events_stay_within_the_limit_and_one_alone_goes_out() {
        let large = entry(&"x".repeat(MOST_BODY_BYTES));
        assert!(body(&large).unwrap().len() > MOST_BODY_BYTES);
        assert_eq!(body(&[large, entry("a")].concat()).unwrap_err().cause, Cause::TooLarge);
        let half = entry(&"x".repeat(MOST_BODY_BYTES / 2 - 100));
        assert!(body(&[half.clone(), half.clone()].concat()).unwrap().len() <= MOST_BODY_BYTES);
        assert_eq!(body(&[half.clone(), half, entry("a")].concat()).unwrap_err().cause, Cause::TooLarge);
        assert_eq!(body(&[0x91, 1]).unwrap_err().cause, Cause::Unreadable);
    }
}
