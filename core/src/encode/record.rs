//! Records: the entries `[time, {user_id, context, arc_id?, message, export_timestamp, event_id?}]` of a chunk.
//!
//! A context keeps a [`RecordPrefix`] with everything that stands before the message, so that a record
//! starts with one copy: `begin`, then the message, then `finish`.

use crate::encode::moment::Moment;
use crate::encode::msgpack::{self, Append as _, AppendSlice as _};
use crate::encode::output::Output;
pub(crate) use crate::encode::prefix::BLOCK;
use crate::encode::prefix::{PRECISE_AT, PRECISE_END, TIME_AT, TIME_END};
pub use crate::encode::prefix::{RecordPrefix, Shape};

/// The key of the last field of nearly every record.
pub(crate) const EXPORT_TIMESTAMP: [u8; 17] = msgpack::short_text("export_timestamp");

/// Begins an entry at `now`, in whole seconds since the Unix epoch. The message comes next.
pub(crate) fn begin(out: &mut Output<'_>, prefix: &RecordPrefix, now: i64) {
    debug_assert!(!prefix.is_precise(), "its time has nanoseconds");
    match UsualTime::new(now) {
        Some(time) => {
            out.append_slice(prefix.bytes());
            out.patch(out.len() - prefix.len() + TIME_AT, time.0);
        }
        None => begin_in_another_age(out, prefix, now, TIME_END),
    }
}

/// The same for a prefix whose time has nanoseconds, where the seconds have 32 bits.
#[inline(never)]
pub(crate) fn begin_precisely(out: &mut Output<'_>, prefix: &RecordPrefix, now: Moment) {
    let Some(time) = now.as_event_time() else {
        return begin_in_another_age(out, prefix, now.seconds, PRECISE_END);
    };
    let start = out.len();
    out.append_slice(prefix.bytes());
    out.patch(start + 1, msgpack::EVENT_TIME);
    out.patch(start + PRECISE_AT, time);
}

/// A time that has 32 bits in its shortest form: from the 2nd of January 1970 to the year 2106.
#[derive(Clone, Copy)]
pub(crate) struct UsualTime(pub(crate) [u8; 4]);

impl UsualTime {
    /// Of a time in whole seconds since the Unix epoch.
    #[inline(always)]
    pub(crate) fn new(time: i64) -> Option<UsualTime> {
        let seconds = u32::try_from(time).ok().filter(|seconds| *seconds > u16::MAX.into());
        seconds.map(|seconds| UsualTime(seconds.to_be_bytes()))
    }
}

#[cold]
fn begin_in_another_age(out: &mut Output<'_>, prefix: &RecordPrefix, now: i64, time_end: usize) {
    out.append_slice(prefix.bytes().get(..1).unwrap_or_default());
    msgpack::int(out, now);
    out.append_slice(prefix.bytes().get(time_end..).unwrap_or_default());
}

/// Ends an entry behind its message, but for the event's id.
pub(crate) fn finish(out: &mut Output<'_>, export_timestamp: i64) {
    out.append(EXPORT_TIMESTAMP);
    msgpack::int(out, export_timestamp);
}

/// Ends an entry whose prefix was made for it with the event's id: the client instance and a sequence number.
#[inline(never)]
pub(crate) fn append_event_id(out: &mut Output<'_>, instance: &str, number: u64) {
    msgpack::text(out, "event_id");
    let (digits, first) = decimal(number);
    let digits = digits.get(first..).unwrap_or_default();
    msgpack::text_header(out, instance.len() + 1 + digits.len());
    out.append_slice(instance.as_bytes());
    out.append([b'-']);
    out.append_slice(digits);
}

/// The decimal digits of a number, and where they begin.
pub(crate) fn decimal(mut number: u64) -> ([u8; 20], usize) {
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        first -= 1;
        if number == 0 {
            break;
        }
    }
    (digits, first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::filter::FieldRules;
    use crate::encode::{
        ArcClass, Frame, Limits, Message, Outcome, OwnMessage, Scratch, json_message, msgpack, to_json,
    };
    use serde_json::Value;

    fn limits() -> Limits {
        Limits { max_event_bytes: 262_144, max_depth: 512, keeps_nonfinite: false }
    }

    fn write(out: &mut Vec<u8>, message: impl Message, invalid_timestamp: Option<&[u8]>) {
        let limits = limits();
        let frame = Frame { rules: None, limits: &limits, invalid_timestamp };
        let written = Output::to(out, |out| message.write(out, frame, &mut Scratch::default()));
        assert_eq!(written, Ok(Outcome::Written));
    }

    #[test]
    fn golden_frames_are_reproduced_byte_for_byte() {
        let golden = include_str!("../../../tests/conformance/golden-frames.json");
        let frames: Vec<Value> = serde_json::from_str(golden).unwrap();
        assert_eq!(frames.len(), 5);
        for frame in &frames {
            let record = &frame["record"];
            let text = |name: &str| record[name].as_str().unwrap();
            let prefix = RecordPrefix::new(text("user_id"), text("context"), Shape::default());
            let mut entry = Vec::new();
            Output::to(&mut entry, |out| begin(out, &prefix, frame["time"].as_i64().unwrap()));
            let message = &record["message"];
            match message["MONA_ARC_CLASS"].as_str() {
                Some(class) => write(&mut entry, OwnMessage::Class(&class.into()), None),
                None => {
                    let limits = Limits { max_event_bytes: 262_144, max_depth: 512, keeps_nonfinite: false };
                    let rules = FieldRules::default();
                    let json = message.to_string();
                    let scratch = &mut Scratch::default();
                    let outcome = json_message(&mut entry, json.as_bytes(), &rules, &limits, None, scratch);
                    assert_eq!(outcome, Ok(Outcome::Written));
                }
            }
            Output::to(&mut entry, |out| finish(out, record["export_timestamp"].as_i64().unwrap()));
            let hex: String = entry.iter().map(|byte| format!("{byte:02x}")).collect();
            let tag: String = "mona.client.message".bytes().map(|byte| format!("{byte:02x}")).collect();
            let wanted = frame["hex"].as_str().unwrap().strip_prefix(&format!("93b3{tag}")).unwrap();
            assert_eq!(hex, format!("92{wanted}"));
        }
    }

    #[test]
    fn the_main_context_and_the_nanoseconds_find_their_places() {
        let shape = Shape { has_event_id: true, has_arc_id: true, is_precise: true };
        let id = "1b4e28ba-2fa1-11d2-883f-0016d3cca427";
        for (full_id, main) in [(id.to_owned(), id), (format!("{id}.step.{id}"), id), (String::new(), "")] {
            let now = Moment::at(1_700_000_000_123_456_789);
            let mut entry = Vec::new();
            Output::to(&mut entry, |out| begin_precisely(out, &RecordPrefix::new("u", &full_id, shape), now));
            entry.push(0x80);
            Output::to(&mut entry, |out| {
                finish(out, now.seconds);
                append_event_id(out, "i", 1);
            });
            let (time, text) = json(&entry);
            let expected = format!(
                r#"{{"user_id":"u","context":"{full_id}","arc_id":"{main}","message":{{}},"export_timestamp":1700000000,"time_unix_nano":1700000000123456789,"event_id":"i-1"}}"#
            );
            assert_eq!((time, text), (now.seconds, expected));
            assert_eq!(entry[..3], [0x92, 0xd7, 0]);
        }
        // Beyond the years that the extension knows, the seconds stay whole.
        let mut entry = Vec::new();
        let prefix = RecordPrefix::new("u", "c", shape);
        Output::to(&mut entry, |out| begin_precisely(out, &prefix, Moment::at(-1)));
        assert_eq!(entry[..3], [0x92, 0xff, 0x86]);
        assert_eq!(RecordPrefix::new("u", "c.d", shape).full_id(), "c.d");
    }

    fn json(entry: &[u8]) -> (i64, String) {
        let mut out = Vec::new();
        let time = to_json::record_json(&mut out, entry).unwrap();
        (time, String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_time_takes_its_shortest_form() {
        let prefix = RecordPrefix::new("u", "c", Shape::default());
        for now in [i64::MIN, -1, 0, 127, 128, 65_535, 65_536, 1 << 31, (1 << 32) - 1, 1 << 32, i64::MAX] {
            let mut entry = vec![0xff];
            Output::to(&mut entry, |out| begin(out, &prefix, now));
            write(&mut entry, OwnMessage::Class(&"A".into()), None);
            Output::to(&mut entry, |out| finish(out, now));
            let expected = format!(
                r#"{{"user_id":"u","context":"c","message":{{"MONA_ARC_CLASS":"A"}},"export_timestamp":{now}}}"#
            );
            assert_eq!(json(&entry[1..]), (now, expected));
            let mut time = Vec::new();
            msgpack::int(&mut time, now);
            assert_eq!(&entry[2..2 + time.len()], time);
        }
    }

    #[test]
    fn a_class_stands_between_time_and_record() {
        for now in [5, 1_700_000_000] {
            let prefix = RecordPrefix::with_class("u", "c", Shape::default(), Some(&"A".into()));
            assert!(!prefix.lacks_class());
            let mut entry = Vec::new();
            Output::to(&mut entry, |out| begin(out, &prefix, now));
            entry.push(0x80);
            Output::to(&mut entry, |out| finish(out, 1));
            let mut text = Vec::new();
            assert_eq!(to_json::append(&mut text, &entry), Some(entry.len()));
            let record = r#"{"user_id":"u","context":"c","message":{},"export_timestamp":1}"#;
            assert_eq!(String::from_utf8(text).unwrap(), format!(r#"[{now},"A",{record}]"#));
        }
        for none in [None, Some(&ArcClass::from(""))] {
            assert!(RecordPrefix::with_class("u", "c", Shape::default(), none).lacks_class());
        }
        assert!(!RecordPrefix::new("u", "c", Shape::default()).lacks_class());
    }

    #[test]
    fn event_ids_and_messages_of_our_own() {
        for number in [0, 9, 10, 1234567890, u64::MAX] {
            let instance = "01234567-89ab-cdef-0123-456789abcdef";
            let mut entry = Vec::new();
            Output::to(&mut entry, |out| {
                begin(
                    out,
                    &RecordPrefix::new("u", "", Shape { has_event_id: true, ..Shape::default() }),
                    1_700_000_000,
                )
            });
            write(&mut entry, OwnMessage::Globals(&[0x81, 0xa1, b'g', 1]), None);
            Output::to(&mut entry, |out| {
                finish(out, -1);
                append_event_id(out, instance, number);
            });
            let expected = format!(
                r#"{{"user_id":"u","context":"","message":{{"MONA_GLOBALS":{{"g":1}}}},"export_timestamp":-1,"event_id":"{instance}-{number}"}}"#
            );
            assert_eq!(json(&entry), (1_700_000_000, expected));
        }
        let mut message = Vec::new();
        write(&mut message, OwnMessage::Class(&"A".into()), Some(&[0xc3]));
        let mut text = Vec::new();
        to_json::append(&mut text, &message).unwrap();
        assert_eq!(text, br#"{"MONA_ARC_CLASS":"A","MONA_INVALID_EXPORT_TIMESTAMP":true}"#);
    }
}
