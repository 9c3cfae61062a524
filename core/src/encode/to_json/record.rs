//! Records one after the other: what the last one had around its message, the next one mostly has again.

use super::number;
use super::value::{self, Level};
use crate::encode::moment::Moment;
use crate::encode::msgpack::{self, Append, AppendSlice, Head};
use crate::encode::output::Output;

/// Parts that need more bytes are not kept: they are rare, and comparing them costs as much as reading them.
const MOST_KEPT: usize = 1024;

/// What the last record had before its message and behind it, and working memory.
#[derive(Debug, Default)]
pub(crate) struct KnownParts {
    levels: Vec<Level>,
    /// All before the message.
    head: Part,
    /// Pairs of such a record behind its message.
    pairs_behind: usize,
    /// The pair behind the message: its time, the same for all records of a second.
    time: Part,
}

/// Some encoded bytes, and what they are as JSON. None are kept at first.
#[derive(Debug, Default)]
struct Part {
    encoded: Vec<u8>,
    json: Vec<u8>,
}

impl Part {
    /// Appends the JSON if the part stands at the start of some bytes, and gives what follows it.
    #[inline(always)]
    fn copy<'a>(&self, out: &mut Output<'_>, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let after = bytes.strip_prefix(self.encoded.as_slice())?;
        if self.encoded.is_empty() {
            return None;
        }
        out.append_slice(&self.json);
        Some(after)
    }

    /// Keeps the bytes before `after`, which became `json`.
    fn keep(&mut self, bytes: &[u8], after: &[u8], json: &[u8]) {
        self.encoded.clear();
        self.json.clear();
        let encoded = bytes.get(..bytes.len() - after.len()).unwrap_or_default();
        if encoded.len() <= MOST_KEPT {
            self.encoded.extend_from_slice(encoded);
            self.json.extend_from_slice(json);
        }
    }
}

/// Appends the record of the first of some entries as JSON text and gives the length of that entry in bytes.
/// `None`, with the output unchanged, when it is no such entry.
#[cfg_attr(not(feature = "http"), allow(dead_code))]
pub(crate) fn append_record(out: &mut Vec<u8>, entries: &[u8], known: &mut KnownParts) -> Option<usize> {
    // As this library writes them: an array of two, the time in 32 bits.
    let (record, precise) = match entries {
        [0x92, 0xce, _, _, _, _, record @ ..] => (record, None),
        _ => {
            let (time, record) = value::split_entry(entries)?;
            (record, Some(time).filter(|time| !time.is_whole))
        }
    };
    let rest = value::all_or_nothing(out, |out| write(out, record, precise, known))?;
    Some(entries.len() - rest.len())
}

/// Appends a record whose entry was made at the `precise` time, which it has no key for.
fn write<'a>(
    out: &mut Output<'_>,
    record: &'a [u8],
    precise: Option<Moment>,
    known: &mut KnownParts,
) -> Option<&'a [u8]> {
    let message = match known.head.copy(out, record) {
        Some(message) => message,
        None => match out.lend(|out| head(out, record, known))? {
            Begun::Message(message) => message,
            Begun::All(rest) => return Some(rest),
        },
    };
    let mut rest = value::write(out, message, &mut known.levels)?;
    let mut left = known.pairs_behind;
    if left > 0 {
        left -= 1;
        let nanoseconds = precise.and_then(|time| nanoseconds_of_event(time, rest));
        rest = match known.time.copy(out, rest) {
            Some(after) => after,
            None => {
                let start = out.len();
                let after = pair(out, rest, b',', &mut known.levels)?;
                known.time.keep(rest, after, out.since(start));
                after
            }
        };
        if let Some(nanoseconds) = nanoseconds {
            out.append(*b",\"time_unix_nano\":");
            number::int(out, nanoseconds);
        }
    }
    for _ in 0..left {
        rest = pair(out, rest, b',', &mut known.levels)?;
    }
    out.append(*b"}");
    Some(rest)
}

/// When an event happened, whose entry was made at `time` and whose next pair is its `export_timestamp`.
#[cold]
#[inline(never)]
fn nanoseconds_of_event(time: Moment, pair: &[u8]) -> Option<i64> {
    let (Head::Text(b"export_timestamp"), value) = msgpack::read(pair)? else { return None };
    let (stamp, _) = Moment::read(value)?;
    time.of_event(stamp.seconds).in_nanoseconds()
}

/// How much of a record has been written.
enum Begun<'a> {
    /// All before its message, with which these bytes begin.
    Message(&'a [u8]),
    /// All of it, which has no message; these bytes follow.
    All(&'a [u8]),
}

/// Appends a record up to its message, and keeps that.
#[cold]
#[inline(never)]
fn head<'a>(out: &mut Output<'_>, record: &'a [u8], known: &mut KnownParts) -> Option<Begun<'a>> {
    let start = out.len();
    let (Head::Map(pairs @ 1..), mut rest) = msgpack::read(record)? else {
        return Some(Begun::All(value::write(out, record, &mut known.levels)?));
    };
    let mut opener = b'{';
    for left in (0..pairs).rev() {
        let is_message = msgpack::text_at(rest) == b"message";
        rest = value::key(out, rest, std::mem::replace(&mut opener, b','))?;
        if is_message {
            known.head.keep(record, rest, out.since(start));
            known.pairs_behind = left;
            return Some(Begun::Message(rest));
        }
        rest = value::write(out, rest, &mut known.levels)?;
    }
    out.append(*b"}");
    Some(Begun::All(rest))
}

fn pair<'a>(out: &mut Output<'_>, pair: &'a [u8], opener: u8, levels: &mut Vec<Level>) -> Option<&'a [u8]> {
    let rest = value::key(out, pair, opener)?;
    value::write(out, rest, levels)
}
