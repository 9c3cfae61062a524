//! The door to the fast path: a whole record, or nothing that counts.

use super::room::{Room, STEP};
use crate::encode::limits::Limits;
use crate::encode::message::Message;
use crate::encode::moment::Moment;
use crate::encode::msgpack;
use crate::encode::output::Output;
use crate::encode::record::{BLOCK, EXPORT_TIMESTAMP, RecordPrefix, UsualTime, begin_precisely};
use crate::encode::timestamp::Timestamp;
use crate::encode::workspace::Scratch;

// A prefix is stored in one step.
const _: () = assert!(BLOCK == STEP);

/// Appends the record of a message at `now`, in whole seconds since the Unix epoch, with the `time` that was given for
/// it, if that is a matter of copying; true when that was all of it. What is written else is the caller's to cut off.
///
/// There must be room, both times must be usual ones, and all keys known. The keys in `scratch` are known under the
/// rules in force.
#[inline(always)]
pub(crate) fn write_record(
    out: &mut Output<'_>,
    prefix: &RecordPrefix,
    (now, time): (i64, &Timestamp),
    message: &impl Message,
    limits: &Limits,
    scratch: &mut Scratch,
) -> bool {
    let Some(now) = UsualTime::new(now) else { return false };
    let Some(time) = stamp(now, time) else { return false };
    let start = out.len();
    let is_begun = match prefix.as_block() {
        Some((block, count, time_at)) => {
            let mut room = Room::new(out);
            let is_begun = room.block(block, count, time_at, now.0);
            room.finish();
            is_begun
        }
        None => out.lend(|out| begin_with_two_blocks(out, prefix, now)),
    };
    is_begun && write_rest(out, (start, time), message, limits, scratch)
}

/// The same for a prefix whose time has nanoseconds, at `now`.
#[inline(always)]
pub(crate) fn write_precise_record(
    out: &mut Output<'_>,
    prefix: &RecordPrefix,
    (now, time): (Moment, &Timestamp),
    message: &impl Message,
    limits: &Limits,
    scratch: &mut Scratch,
) -> bool {
    let Some(seconds) = UsualTime::new(now.seconds) else { return false };
    let Some(time) = stamp(seconds, time) else { return false };
    let start = out.len();
    out.lend(|out| begin_precisely(out, prefix, now));
    write_rest(out, (start, time), message, limits, scratch)
}

/// What a record says of when its event was, if that is a usual time.
#[inline(always)]
fn stamp(now: UsualTime, time: &Timestamp) -> Option<UsualTime> {
    match time {
        Timestamp::Now => Some(now),
        Timestamp::At(seconds) => UsualTime::new(*seconds),
        Timestamp::Invalid(_) => None,
    }
}

/// Appends the message and the end of a record that began at `start`.
#[inline(always)]
fn write_rest(
    out: &mut Output<'_>,
    (start, time): (usize, UsualTime),
    message: &impl Message,
    limits: &Limits,
    scratch: &mut Scratch,
) -> bool {
    if !message.write_fast(out, limits, scratch) {
        return false;
    }
    let mut room = Room::new(out);
    let is_ended = room.bytes(end_of_record(time));
    room.finish();
    is_ended && out.len() - start <= limits.max_event_bytes
}

/// Begins a record whose prefix takes two blocks; false where it takes more, or there is no room.
#[inline(never)]
fn begin_with_two_blocks(out: &mut Output<'_>, prefix: &RecordPrefix, now: UsualTime) -> bool {
    let Some((first, second, count, time_at)) = prefix.as_two_blocks() else { return false };
    let mut room = Room::new(out);
    let is_begun = room.block(first, BLOCK, time_at, now.0) && room.block(second, count, 0, []);
    room.finish();
    is_begun
}

/// The last field of a record, as it is written where the event has no id.
#[inline(always)]
fn end_of_record(time: UsualTime) -> [u8; 22] {
    let mut end = [0; 22];
    if let Some(key) = end.first_chunk_mut() {
        *key = EXPORT_TIMESTAMP;
    }
    if let Some(value) = end.last_chunk_mut() {
        let [a, b, c, d] = time.0;
        *value = [msgpack::UINT32, a, b, c, d];
    }
    end
}
