//! Records: the entries `[time, {user_id, context, message, export_timestamp, event_id?}]` of a chunk.
//!
//! A context keeps a [`RecordPrefix`] with everything that stands before the message, so that a record
//! starts with one copy: `begin`, then the message, then `finish`.

use crate::encode::arc_class::ArcClass;
use crate::encode::msgpack::{self, Append, AppendSlice};
use crate::encode::output::Output;

/// The bytes of a record before its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPrefix {
    /// All of it, with zeros behind, where one block is enough: copied without a call.
    block: [u8; BLOCK],
    /// All of it where not.
    long: Box<[u8]>,
    len: usize,
    /// Where the full id stands in them.
    id: (usize, usize),
    /// A class was wanted and none was given.
    lacks_class: bool,
}

/// Room for the prefixes of nearly all contexts: two short names for user and step beside a UUID.
pub(crate) const BLOCK: usize = 128;

// Behind the header of the entry; the time as unsigned 32 bits, patched for each record.
const TIME_AT: usize = 2;
const TIME_END: usize = 6;

/// The key of the last field of nearly every record.
pub(crate) const EXPORT_TIMESTAMP: [u8; 17] = msgpack::short_text("export_timestamp");

impl RecordPrefix {
    /// The prefix of every record of one context. `with_event_id` counts the fifth key in.
    pub fn new(user_id: &str, full_id: &str, with_event_id: bool) -> RecordPrefix {
        RecordPrefix::of(&Parts { carried: None, user_id, full_id, with_event_id })
    }

    /// The same for records that carry the ARC class of their context between time and record:
    /// `[time, class, record]`. Without a class there is nil in its place.
    pub fn with_class(
        user_id: &str,
        full_id: &str,
        with_event_id: bool,
        class: Option<&ArcClass<'_>>,
    ) -> RecordPrefix {
        let class = class.filter(|class| !class.is_empty());
        let prefix = RecordPrefix::of(&Parts { carried: Some(class), user_id, full_id, with_event_id });
        RecordPrefix { lacks_class: class.is_none(), ..prefix }
    }

    fn of(parts: &Parts<'_>) -> RecordPrefix {
        let mut short = Block { bytes: [0; BLOCK], len: 0 };
        let id = parts.append(&mut short, |block| block.len);
        let mut long = Vec::new();
        if short.len > BLOCK {
            short.bytes = [0; BLOCK];
            long.reserve_exact(short.len);
            parts.append(&mut long, Vec::len);
        }
        RecordPrefix { block: short.bytes, long: long.into(), len: short.len, id, lacks_class: false }
    }

    /// The full id of the context.
    pub(crate) fn full_id(&self) -> &str {
        let (start, end) = self.id;
        self.bytes().get(start..end).and_then(|id| str::from_utf8(id).ok()).unwrap_or_default()
    }

    /// Whether a class was wanted and none was given.
    pub(crate) fn lacks_class(&self) -> bool {
        self.lacks_class
    }

    fn bytes(&self) -> &[u8] {
        self.block.get(..self.len).unwrap_or(&self.long)
    }

    /// All of it in a block with zeros behind, the bytes that count, and where the time of a record goes; where it is not
    /// longer than that.
    #[inline(always)]
    pub(crate) fn as_block(&self) -> Option<(&[u8; BLOCK], usize, usize)> {
        (self.len <= BLOCK).then_some((&self.block, self.len, TIME_AT))
    }
}

/// What a prefix is made of.
struct Parts<'p> {
    /// The class, or none, where records carry one.
    carried: Option<Option<&'p ArcClass<'p>>>,
    user_id: &'p str,
    full_id: &'p str,
    with_event_id: bool,
}

impl Parts<'_> {
    /// Appends all of them; gives where the full id stands in them.
    #[inline(always)]
    fn append<O: AppendSlice>(&self, out: &mut O, len: impl Fn(&O) -> usize) -> (usize, usize) {
        msgpack::array_header(out, 2 + usize::from(self.carried.is_some()));
        out.append([msgpack::UINT32, 0, 0, 0, 0]);
        match self.carried {
            Some(Some(class)) => class.append(out),
            Some(None) => msgpack::nil(out),
            None => {}
        }
        msgpack::map_header(out, 4 + usize::from(self.with_event_id));
        out.append(const { msgpack::short_text::<8>("user_id") });
        msgpack::text(out, self.user_id);
        out.append(const { msgpack::short_text::<8>("context") });
        msgpack::text(out, self.full_id);
        let end = len(out);
        out.append(const { msgpack::short_text::<8>("message") });
        (end - self.full_id.len(), end)
    }
}

/// A block that takes what has room in it; the length counts what had none, too.
struct Block {
    bytes: [u8; BLOCK],
    len: usize,
}

impl Append for Block {
    #[inline(always)]
    fn append<const N: usize>(&mut self, bytes: [u8; N]) {
        if let Some(place) = self.bytes.get_mut(self.len..).and_then(<[u8]>::first_chunk_mut) {
            *place = bytes;
        }
        self.len += N;
    }

    #[inline(always)]
    fn append_tagged<const N: usize>(&mut self, tag: u8, bytes: [u8; N]) {
        self.append([tag]);
        self.append(bytes);
    }
}

impl AppendSlice for Block {
    #[inline(always)]
    fn append_slice(&mut self, bytes: &[u8]) {
        if let Some(place) = self.bytes.get_mut(self.len..self.len + bytes.len()) {
            place.copy_from_slice(bytes);
        }
        self.len += bytes.len();
    }
}

/// Begins an entry at `now`, in whole seconds since the Unix epoch. The message comes next.
pub(crate) fn begin(out: &mut Output<'_>, prefix: &RecordPrefix, now: i64) {
    match UsualTime::new(now) {
        Some(time) => {
            out.append_slice(prefix.bytes());
            out.patch(out.len() - prefix.len + TIME_AT, time.0);
        }
        None => begin_in_another_age(out, prefix, now),
    }
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
fn begin_in_another_age(out: &mut Output<'_>, prefix: &RecordPrefix, now: i64) {
    out.append_slice(prefix.bytes().get(..1).unwrap_or_default());
    msgpack::int(out, now);
    out.append_slice(prefix.bytes().get(TIME_END..).unwrap_or_default());
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
            let prefix = RecordPrefix::new(text("user_id"), text("context"), false);
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

    fn json(entry: &[u8]) -> (i64, String) {
        let mut out = Vec::new();
        let time = to_json::record_json(&mut out, entry).unwrap();
        (time, String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_time_takes_its_shortest_form() {
        let prefix = RecordPrefix::new("u", "c", false);
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
            let prefix = RecordPrefix::with_class("u", "c", false, Some(&"A".into()));
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
            assert!(RecordPrefix::with_class("u", "c", false, none).lacks_class());
        }
        assert!(!RecordPrefix::new("u", "c", false).lacks_class());
    }

    #[test]
    fn event_ids_and_messages_of_our_own() {
        for number in [0, 9, 10, 1234567890, u64::MAX] {
            let instance = "01234567-89ab-cdef-0123-456789abcdef";
            let mut entry = Vec::new();
            Output::to(&mut entry, |out| begin(out, &RecordPrefix::new("u", "", true), 1_700_000_000));
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
