//! Format `records`: a JSON array of records, as the HTTP inputs of Fluentd and Fluent Bit take them.

use crate::event::to_json;
use crate::transport::memory::entries;
use crate::transport::{Cause, Fault};

/// Largest body. Fluentd's own limit is 32 MiB and Fluent Bit's buffer 4 MiB, but nginx in front of them
/// takes 1 MiB unless told otherwise.
pub(super) const MOST_BODY_BYTES: usize = 1 << 20;

/// The array of the records in a chunk's entries.
///
/// # Errors
/// [`Cause::TooLarge`] when several events need more than a body may have, so that the sender halves the
/// chunk. One event goes out whatever its size: the collector knows better what it takes.
pub(super) fn body(chunk: &[u8]) -> Result<Vec<u8>, Fault> {
    array(chunk, |out, entry| to_json::record_json(out, entry).map(drop))
}

/// A JSON array with what `write` makes of each entry.
pub(super) fn array(
    chunk: &[u8],
    write: impl Fn(&mut Vec<u8>, &[u8]) -> Option<()>,
) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(chunk.len() + chunk.len() / 4 + 2);
    out.push(b'[');
    for (index, entry) in entries(chunk).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(&mut out, entry).ok_or_else(|| {
            Fault::new("chunk", "an event of it cannot be read back").because(Cause::Refused)
        })?;
        if index > 0 && out.len() >= MOST_BODY_BYTES {
            return Err(Fault::new("chunk", "it is more than 1 MiB as JSON and goes out in parts")
                .because(Cause::TooLarge));
        }
    }
    out.push(b']');
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Output;
    use crate::event::{RecordHead, msgpack, record};

    fn entry(text: &str) -> Vec<u8> {
        let mut entry = Vec::new();
        Output::to(&mut entry, |out| record::begin(out, &RecordHead::new("u", "c", false), 1_700_000_000));
        msgpack::map_header(&mut entry, 1);
        msgpack::text(&mut entry, "m");
        msgpack::text(&mut entry, text);
        Output::to(&mut entry, |out| record::finish(out, 1_700_000_000, None));
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
    fn several_events_stay_within_the_limit_and_one_alone_goes_out() {
        let large = entry(&"x".repeat(MOST_BODY_BYTES));
        assert!(body(&large).unwrap().len() > MOST_BODY_BYTES);
        assert_eq!(body(&[large, entry("a")].concat()).unwrap_err().cause, Cause::TooLarge);
        let half = entry(&"x".repeat(MOST_BODY_BYTES / 2 - 100));
        assert!(body(&[half.clone(), half.clone()].concat()).unwrap().len() <= MOST_BODY_BYTES);
        assert_eq!(body(&[half.clone(), half, entry("a")].concat()).unwrap_err().cause, Cause::TooLarge);
        assert_eq!(body(&[0x91, 1]).unwrap_err().cause, Cause::Refused);
    }
}
