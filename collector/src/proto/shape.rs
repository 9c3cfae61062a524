//! How deep a record is nested, and whether JSON has a text for all of its numbers.
//!
//! What strict servers look at before they take a record. Asked on records that were walked over when they
//! arrived, so nothing here fails.

use super::chunk::Mode;
use super::http::extent::Extent;
use super::msgpack::{Cursor, Head};

/// How deep a record nests; its own map is the first level.
pub(crate) fn depth(mode: Mode, raw: &[u8]) -> usize {
    if mode.is_json() { Extent::of(raw).deepest } else { walk(raw, |_| ()) }
}

/// Whether a record of msgpack has a float that is no number or is infinite.
pub(crate) fn has_nonfinite(raw: &[u8]) -> bool {
    let mut found = false;
    walk(raw, |head| found |= matches!(head, Head::Float(value) if !value.is_finite()));
    found
}

/// Shows the head of every value and gives the deepest level.
fn walk(raw: &[u8], mut see: impl FnMut(Head)) -> usize {
    let mut cursor = Cursor::new(raw);
    let (mut open, mut deepest) = (vec![1_usize], 0);
    while let Some(left) = open.last_mut() {
        if *left == 0 {
            open.pop();
            continue;
        }
        *left -= 1;
        let Ok(head) = cursor.head() else { return deepest };
        see(head);
        if cursor.take(head.payload()).is_err() {
            return deepest;
        }
        if matches!(head, Head::Array(_) | Head::Map(_)) {
            deepest = deepest.max(open.len());
            open.push(head.children());
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_count_from_the_map_of_the_record() {
        let msgpack = |raw: &[u8]| depth(Mode::PackedForward, raw);
        assert_eq!(msgpack(b"\x80"), 1);
        assert_eq!(msgpack(b"\x82\xa1a\x90\xa1b\x01"), 2);
        assert_eq!(msgpack(b"\x82\xa1a\x91\x81\xa1b\x90\xa1c\x90"), 4);
        let json = |text: &str| depth(Mode::Http, text.as_bytes());
        assert_eq!((json("{}"), json(r#"{"\"[[[":"\\","b":[1,[2]]}"#)), (1, 3));
    }

    #[test]
    fn floats_without_a_json_text_are_found_at_any_depth() {
        let with = |value: f64| {
            let mut raw = b"\x82\xa1a\x01\xa1b\x92\x01".to_vec();
            rmp::encode::write_f64(&mut raw, value).unwrap();
            has_nonfinite(&raw)
        };
        assert!(with(f64::NAN) && with(f64::INFINITY) && with(f64::NEG_INFINITY));
        assert!(!with(0.5) && !with(f64::MAX));
        assert!(has_nonfinite(b"\x81\xa1a\xca\x7f\x80\x00\x00"));
    }
}
