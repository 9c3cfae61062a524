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
    /// The same in a log record, from its tag on.
    written: Vec<u8>,
    /// Pairs of such a record behind its message.
    pairs_behind: usize,
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
            out.append_slice(&known.written);
            message
        }
        None => out.lend(|out| begin(out, record, known))?,
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
    if let (Some(time), Some(observed)) = (now.stamped(stamp).unix_nano(), now.unix_nano()) {
        out.patch(fields + TIME_AT, time.to_le_bytes());
        out.patch(fields + OBSERVED_AT, observed.to_le_bytes());
    } else {
        out.lend(|out| times_of_another_age(out, fields, now, stamp));
    }
    wire::close(out, Open::at(fields));
    Some(rest)
}

/// Appends all that stands before the message of a record, and keeps it; gives what follows it in the record. The
/// pairs behind count with the message.
#[cold]
#[inline(never)]
fn begin<'a>(out: &mut Output<'_>, record: &'a [u8], known: &mut KnownParts) -> Option<&'a [u8]> {
    let start = out.len();
    wire::open(out, LOG_RECORD);
    out.append_tagged(TIME, [0; 8]);
    out.append_tagged(OBSERVED_TIME, [0; 8]);
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

/// Puts the times in, as far as OTLP can say them: 0 is an unknown one there. A stamp that it cannot say is an
/// attribute.
#[cold]
fn times_of_another_age(out: &mut Output<'_>, fields: usize, now: Moment, stamp: i64) {
    let time = now.stamped(stamp).unix_nano();
    out.patch(fields + TIME_AT, time.unwrap_or_default().to_le_bytes());
    out.patch(fields + OBSERVED_AT, now.unix_nano().unwrap_or_default().to_le_bytes());
    if time.is_none()
        && let Some(stamp) = Scalar::of(Head::Int(stamp))
    {
        pair::any(out, ATTRIBUTE, b"export_timestamp", &stamp);
    }
}
