//! Records: the entries `[time, {user_id, context, message, export_timestamp, event_id?}]` of a chunk.
//!
//! A context keeps a [`RecordHead`] with everything that stands before the message, so that a record
//! starts with one copy: `begin`, then the message, then `finish`.

use super::msgpack::{self, Append};
use super::output::Output;
use super::pen::Pen;
use crate::encode::name::Name;
use std::borrow::Cow;

/// An ARC class as it stands in its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArcClass<'a> {
    /// Its name.
    Text(Cow<'a, str>),
    /// The msgpack of another value: the older client sends whatever an event of a batch gives.
    Other(Box<[u8]>),
}

impl ArcClass<'_> {
    /// The name, where it is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            ArcClass::Text(name) => Some(name),
            ArcClass::Other(_) => None,
        }
    }

    /// Whether it is as good as none.
    pub fn is_empty(&self) -> bool {
        self.name().is_some_and(str::is_empty)
    }

    /// The same class for as long as it is needed.
    pub(crate) fn to_static(&self) -> ArcClass<'static> {
        match self {
            ArcClass::Text(name) => ArcClass::Text(Cow::Owned(name.as_ref().to_owned())),
            ArcClass::Other(value) => ArcClass::Other(value.clone()),
        }
    }

    pub(super) fn append(&self, out: &mut impl Append) {
        match self {
            ArcClass::Text(name) => msgpack::text(out, name),
            ArcClass::Other(value) => out.append_slice(value),
        }
    }
}

impl<'a> From<&'a str> for ArcClass<'a> {
    fn from(name: &'a str) -> ArcClass<'a> {
        ArcClass::Text(Cow::Borrowed(name))
    }
}

/// The bytes of a record before its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordHead {
    /// All of it, with zeros behind, where one block is enough: copied without a call.
    block: [u8; BLOCK],
    /// All of it where not.
    long: Box<[u8]>,
    len: usize,
    /// Where the full id stands in them.
    id: (usize, usize),
}

/// Room for the heads of nearly all contexts: two short names for user and step beside a UUID.
const BLOCK: usize = 128;

/// Entry, map and the keys, without the values.
const AROUND_VALUES: usize = 6 + 1 + 3 * 8;

// An array of two, or of three with a class; the time as unsigned 32 bits, patched for each record.
const ENTRY: u8 = 0x92;
const CLASSED_ENTRY: u8 = 0x93;
const TIME: u8 = 0xce;
const TIME_AT: usize = 2;
const TIME_END: usize = 6;

impl RecordHead {
    /// The head of every record of one context. `with_event_id` counts the fifth key in.
    pub fn new(user_id: &str, full_id: &str, with_event_id: bool) -> RecordHead {
        let room = AROUND_VALUES + msgpack::text_len(user_id) + msgpack::text_len(full_id);
        let mut bytes = Vec::with_capacity(room);
        bytes.extend_from_slice(&[ENTRY, TIME, 0, 0, 0, 0]);
        RecordHead::finish(bytes, user_id, full_id, with_event_id)
    }

    /// The same for records that carry the ARC class of their context between time and record:
    /// `[time, class, record]`. Without a class there is nil in its place.
    pub fn with_class(
        user_id: &str,
        full_id: &str,
        with_event_id: bool,
        class: Option<&ArcClass<'_>>,
    ) -> RecordHead {
        let mut bytes = vec![CLASSED_ENTRY, TIME, 0, 0, 0, 0];
        match class.filter(|class| !class.is_empty()) {
            Some(class) => class.append(&mut bytes),
            None => msgpack::nil(&mut bytes),
        }
        RecordHead::finish(bytes, user_id, full_id, with_event_id)
    }

    /// The full id of the context.
    pub(crate) fn full_id(&self) -> &str {
        let (start, end) = self.id;
        self.bytes().get(start..end).and_then(|id| str::from_utf8(id).ok()).unwrap_or_default()
    }

    /// Whether a class was wanted and none was given.
    pub(crate) fn lacks_class(&self) -> bool {
        self.bytes().first() == Some(&CLASSED_ENTRY) && self.bytes().get(TIME_END) == Some(&msgpack::NIL)
    }

    fn finish(mut bytes: Vec<u8>, user_id: &str, full_id: &str, with_event_id: bool) -> RecordHead {
        bytes.push(0x84 + u8::from(with_event_id));
        bytes.extend_from_slice(b"\xa7user_id");
        msgpack::text(&mut bytes, user_id);
        bytes.extend_from_slice(b"\xa7context");
        msgpack::text(&mut bytes, full_id);
        let id = (bytes.len() - full_id.len(), bytes.len());
        bytes.extend_from_slice(b"\xa7message");
        let len = bytes.len();
        let mut block = [0; BLOCK];
        let long = match block.get_mut(..len) {
            Some(begin) => {
                begin.copy_from_slice(&bytes);
                Box::default()
            }
            None => bytes.into(),
        };
        RecordHead { block, long, len, id }
    }

    fn bytes(&self) -> &[u8] {
        self.block.get(..self.len).unwrap_or(&self.long)
    }
}

/// Begins an entry at `now`, in whole seconds since the Unix epoch. The message comes next.
pub(crate) fn begin(out: &mut Output<'_>, head: &RecordHead, now: i64) {
    match UsualTime::new(now) {
        Some(time) => {
            out.append_slice(head.bytes());
            out.patch(out.len() - head.len + TIME_AT, time.0);
        }
        None => begin_in_another_age(out, head, now),
    }
}

/// The same where the head is not long and there is room; whether that was so.
#[inline(always)]
pub(crate) fn begin_at_once(pen: &mut Pen<'_, '_>, head: &RecordHead, time: UsualTime) -> bool {
    head.len <= BLOCK && pen.block(&head.block, head.len, TIME_AT, time.0)
}

/// A time that has 32 bits in its shortest form: from the 2nd of January 1970 to the year 2106.
#[derive(Clone, Copy)]
pub(crate) struct UsualTime([u8; 4]);

impl UsualTime {
    /// Of a time in whole seconds since the Unix epoch.
    #[inline(always)]
    pub(crate) fn new(time: i64) -> Option<UsualTime> {
        let seconds = u32::try_from(time).ok().filter(|seconds| *seconds > u16::MAX.into());
        seconds.map(|seconds| UsualTime(seconds.to_be_bytes()))
    }
}

#[cold]
fn begin_in_another_age(out: &mut Output<'_>, head: &RecordHead, now: i64) {
    out.append_slice(head.bytes().get(..1).unwrap_or_default());
    msgpack::int(out, now);
    out.append_slice(head.bytes().get(TIME_END..).unwrap_or_default());
}

/// Ends an entry behind its message, but for the event's id.
pub(crate) fn finish(out: &mut Output<'_>, export_timestamp: i64) {
    out.append(*b"\xb0export_timestamp");
    msgpack::int(out, export_timestamp);
}

/// The same where there is room; whether there was.
#[inline(always)]
pub(crate) fn finish_at_once(pen: &mut Pen<'_, '_>, export_timestamp: UsualTime) -> bool {
    let mut key_and_time = *b"\xb0export_timestamp\xce\0\0\0\0";
    if let Some(time) = key_and_time.last_chunk_mut() {
        *time = export_timestamp.0;
    }
    pen.bytes(key_and_time)
}

/// Ends an entry whose head was made for it with the event's id: the client instance and a sequence number.
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
fn decimal(mut number: u64) -> ([u8; 20], usize) {
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

/// Adds the fields of `globals_map` to the message at `start`, the last thing in `out`. The message's own
/// fields win, and names that belong to Mona are left out as they are from any message.
pub(crate) fn merge_globals(out: &mut Vec<u8>, start: usize, globals_map: &[u8]) -> Option<()> {
    let message = out.get(start..)?.to_vec();
    let (msgpack::Head::Map(own), own_fields) = msgpack::read(&message)? else { return None };
    let own_keys: Vec<&[u8]> = fields(own, own_fields).map(|(key, _)| key).collect();
    let (msgpack::Head::Map(count), globals) = msgpack::read(globals_map)? else { return None };
    let added: Vec<&[u8]> = fields(count, globals)
        .filter(|(key, _)| !Name::new(key).is_reserved() && !own_keys.contains(key))
        .map(|(_, field)| field)
        .collect();
    out.truncate(start);
    msgpack::map_header(out, own + added.len());
    out.extend_from_slice(own_fields);
    added.into_iter().for_each(|field| out.extend_from_slice(field));
    Some(())
}

/// The keys of a map, each with the bytes of key and value.
fn fields(count: usize, mut rest: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    (0..count).map_while(move |_| {
        let (msgpack::Head::Text(key), after) = msgpack::read(rest)? else { return None };
        let len = rest.len() - after.len() + msgpack::value_len(after)?;
        let (field, next) = rest.split_at_checked(len)?;
        rest = next;
        Some((key, field))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::filter::FieldRules;
    use crate::encode::to_json;
    use crate::encode::{Frame, Limits, Message, Outcome, OwnMessage, Scratch, json_message};
    use serde_json::Value;

    fn limits() -> Limits {
        Limits { max_event_bytes: 262_144, max_depth: 512 }
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
            let head = RecordHead::new(text("user_id"), text("context"), false);
            let mut entry = Vec::new();
            Output::to(&mut entry, |out| begin(out, &head, frame["time"].as_i64().unwrap()));
            let message = &record["message"];
            match message["MONA_ARC_CLASS"].as_str() {
                Some(class) => write(&mut entry, OwnMessage::Class(&class.into()), None),
                None => {
                    let limits = Limits { max_event_bytes: 262_144, max_depth: 512 };
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

    fn json(entry: &[u8]) -> (i64, String) {
        let mut out = Vec::new();
        let time = to_json::record_json(&mut out, entry).unwrap();
        (time, String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_time_takes_its_shortest_form() {
        let head = RecordHead::new("u", "c", false);
        for now in [i64::MIN, -1, 0, 127, 128, 65_535, 65_536, 1 << 31, (1 << 32) - 1, 1 << 32, i64::MAX] {
            let mut entry = vec![0xff];
            Output::to(&mut entry, |out| begin(out, &head, now));
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
            let head = RecordHead::with_class("u", "c", false, Some(&"A".into()));
            assert!(!head.lacks_class());
            let mut entry = Vec::new();
            Output::to(&mut entry, |out| begin(out, &head, now));
            entry.push(0x80);
            Output::to(&mut entry, |out| finish(out, 1));
            let mut text = Vec::new();
            assert_eq!(to_json::append(&mut text, &entry), Some(entry.len()));
            let record = r#"{"user_id":"u","context":"c","message":{},"export_timestamp":1}"#;
            assert_eq!(String::from_utf8(text).unwrap(), format!(r#"[{now},"A",{record}]"#));
        }
        for none in [None, Some(&ArcClass::from(""))] {
            assert!(RecordHead::with_class("u", "c", false, none).lacks_class());
        }
        assert!(!RecordHead::new("u", "c", false).lacks_class());
    }

    #[test]
    fn globals_fill_up_a_message() {
        let map = |json: &str| {
            let limits = Limits { max_event_bytes: 262_144, max_depth: 512 };
            let mut out = Vec::new();
            crate::encode::json_object(&mut out, json.as_bytes(), &limits, &mut Scratch::default()).unwrap();
            out
        };
        let many: String = (0..20).map(|number| format!(r#","k{number}":{number}"#)).collect();
        for (message, globals, expected) in [
            (r#"{"a":1}"#.to_owned(), r#"{"b":[2],"a":3}"#, r#"{"a":1,"b":[2]}"#.to_owned()),
            (r#"{"a":null}"#.to_owned(), r#"{"a":1,"MONA_x":2}"#, r#"{"a":null}"#.to_owned()),
            (format!(r#"{{"a":1{many}}}"#), r#"{"z":0}"#, format!(r#"{{"a":1{many},"z":0}}"#)),
        ] {
            let mut out = b"before".to_vec();
            out.extend(map(&message));
            merge_globals(&mut out, 6, &map(globals)).unwrap();
            let mut text = Vec::new();
            to_json::append(&mut text, out.strip_prefix(b"before").unwrap()).unwrap();
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }

    #[test]
    fn event_ids_and_messages_of_our_own() {
        for number in [0, 9, 10, 1234567890, u64::MAX] {
            let instance = "01234567-89ab-cdef-0123-456789abcdef";
            let mut entry = Vec::new();
            Output::to(&mut entry, |out| begin(out, &RecordHead::new("u", "", true), 1_700_000_000));
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
