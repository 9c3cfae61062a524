//! Records one after the other as `LogRecord`: what the last one had before its message, the next one mostly has again.

use super::pair::{self, Scalar};
use super::time::Moment;
use super::value::{self, Level};
use super::wire::{self, ATTRIBUTE, BODY, LOG_RECORD, OBSERVED_TIME, Open, TIME};
use crate::encode::full_id::main_segment;
use crate::encode::msgpack::{self, Append as _, AppendSlice as _, Head};
use crate::encode::output::Output;
use crate::encode::record::EXPORT_TIMESTAMP;

/// Beginnings that need more bytes are not kept: they are rare, and comparing them costs as much as reading them.
const MOST_KEPT: usize = 1024;

/// Where the times of a record stand, and its first attribute, from the start of its fields on.
const TIME_AT: usize = 1;
const OBSERVED_AT: usize = 10;

/// What the last record had before its message, and working memory.
#[derive(Debug, Default)]
pub(super) struct KnownParts {
    levels: Vec<Level>,
    /// As the entry has it; empty at first.
    encoded: Vec<u8>,
    /// The same in a log record, from its tag on, with the time of the last record as both of its times.
    written: Vec<u8>,
    /// That time in seconds since the Unix epoch and nanoseconds.
    now: Moment,
    /// Pairs of such a record behind its message.
    pairs_behind: usize,
}

impl KnownParts {
    /// Makes this the time of the records that follow.
    fn set_time(&mut self, now: Moment) {
        self.now = now;
        let time = now.unix_nano().unwrap_or_default().to_le_bytes();
        for at in [TIME_AT, OBSERVED_AT] {
            let place = self.written.get_mut(wire::OPEN + at..).and_then(|rest| rest.first_chunk_mut());
            place.into_iter().for_each(|place| *place = time);
        }
    }
}

/// Appends the record of the first of some entries as a log record and gives the length of that entry in bytes.
/// `None`, with the output unchanged, when it is no such entry.
pub(super) fn append(out: &mut Output<'_>, entries: &[u8], known: &mut KnownParts) -> Option<usize> {
    let start = out.len();
    let rest = write(out, entries, known);
    if rest.is_none() {
        out.truncate(start);
    }
    Some(entries.len() - rest?.len())
}

#[inline(always)]
fn write<'a>(out: &mut Output<'_>, entries: &'a [u8], known: &mut KnownParts) -> Option<&'a [u8]> {
    let (now, record) = Moment::of_entry(entries)?;
    let start = out.len();
    let is_known = !known.encoded.is_empty();
    let message = match record.strip_prefix(known.encoded.as_slice()).filter(|_| is_known) {
        Some(message) => {
            if known.now != now {
                known.set_time(now);
            }
            out.append_slice(&known.written);
            message
        }
        None => out.lend(|out| begin(out, record, now, known))?,
    };
    let fields = start + wire::OPEN;
    let mut rest = message;
    let mut left = known.pairs_behind;
    if left > 0 {
        rest = value::write(out, BODY, message, &mut known.levels)?;
        left -= 1;
    }
    let mut stamp = now.seconds;
    // Behind the message of nearly every record, and alone there.
    if left > 0
        && let Some(after) = rest.strip_prefix(&EXPORT_TIMESTAMP)
        && let [msgpack::UINT32, a, b, c, d, after @ ..] = after
    {
        stamp = u32::from_be_bytes([*a, *b, *c, *d]).into();
        rest = after;
        left -= 1;
    }
    if left > 0 {
        (rest, stamp) = out.lend(|out| pairs(out, rest, left, stamp))?;
    }
    if stamp != now.seconds || !now.is_usual() {
        out.lend(|out| another_time(out, fields, now, stamp));
    }
    wire::close(out, Open::at(fields));
    Some(rest)
}

/// Appends all that stands before the message of a record, and keeps it; gives what follows it in the record. The
/// pairs behind count with the message.
#[cold]
#[inline(never)]
fn begin<'a>(
    out: &mut Output<'_>,
    record: &'a [u8],
    now: Moment,
    known: &mut KnownParts,
) -> Option<&'a [u8]> {
    let start = out.len();
    let time = now.unix_nano().unwrap_or_default().to_le_bytes();
    wire::open(out, LOG_RECORD);
    out.append_tagged(TIME, time);
    out.append_tagged(OBSERVED_TIME, time);
    let (Head::Map(pairs), mut rest) = msgpack::read(record)? else { return None };
    known.pairs_behind = 0;
    known.encoded.clear();
    for left in (0..pairs).rev() {
        let (Head::Text(key), after) = msgpack::read(rest)? else { return None };
        rest = after;
        if key == b"message" {
            known.pairs_behind = left + 1;
            let encoded = record.get(..record.len() - rest.len()).unwrap_or_default();
            if encoded.len() <= MOST_KEPT {
                known.encoded.extend_from_slice(encoded);
                known.written.clear();
                known.written.extend_from_slice(out.since(start));
                known.now = now;
            }
            return Some(rest);
        }
        let (head, after) = msgpack::read(rest)?;
        rest = after;
        attribute(out, key, head)?;
    }
    Some(rest)
}

/// Appends what a record has beside its message. Its main context is an attribute of its own, whether the record names
/// it or not.
fn attribute(out: &mut Output<'_>, key: &[u8], value: Head<'_>) -> Option<()> {
    if key == b"arc_id" {
        return Some(());
    }
    pair::any(out, ATTRIBUTE, key, &Scalar::of(value)?);
    if let (b"context", Head::Text(id)) = (key, value) {
        pair::texts(out, ATTRIBUTE, "arc_id", main_segment(str::from_utf8(id).ok()?));
    }
    Some(())
}

/// Appends the pairs behind a message; gives what follows them, and the stamp that may be among them.
#[inline(never)]
fn pairs<'a>(out: &mut Output<'_>, pairs: &'a [u8], count: usize, mut stamp: i64) -> Option<(&'a [u8], i64)> {
    let mut rest = pairs;
    for _ in 0..count {
        let (Head::Text(key), after) = msgpack::read(rest)? else { return None };
        let (head, after) = msgpack::read(after)?;
        rest = after;
        match (key, head) {
            (b"export_timestamp", Head::Int(value)) => stamp = value,
            (b"export_timestamp", Head::Uint(value)) => stamp = i64::try_from(value).ok()?,
            _ => attribute(out, key, head)?,
        }
    }
    Some((rest, stamp))
}

/// Puts the time of a stamp in that is not the time of now, as far as OTLP can say it: 0 is an unknown one there. A
/// stamp that it cannot say is an attribute.
#[inline(never)]
fn another_time(out: &mut Output<'_>, fields: usize, now: Moment, stamp: i64) {
    let time = now.stamped(stamp).unix_nano();
    out.patch(fields + TIME_AT, time.unwrap_or_default().to_le_bytes());
    if time.is_none()
        && let Some(stamp) = Scalar::of(Head::Int(stamp))
    {
        pair::any(out, ATTRIBUTE, b"export_timestamp", &stamp);
    }
}
