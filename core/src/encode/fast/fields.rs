//! Typed fields whose names are known, in their order.

use super::room::Room;
use crate::diag::error::Result;
use crate::encode::field::AsField;
use crate::encode::field_writer::write_value;
use crate::encode::json::Stack;
use crate::encode::key_cache::{KeyMatch, KnownKeys, Left, Slot};
use crate::encode::message::Limits;
use crate::encode::output::Output;
use crate::encode::workspace::Scratch;

/// Appends the message of these fields if all of their names are known; whether they were.
#[inline(always)]
pub(crate) fn write_fast<F: AsField>(
    out: &mut Output<'_>,
    fields: &[F],
    limits: &Limits,
    scratch: &mut Scratch,
) -> bool {
    // That there are known keys says that an object may be as deep as this one.
    let Some(known) = scratch.key_cache.known(Slot::of_fields(fields)) else { return false };
    if known.list.len() != fields.len() {
        return false;
    }
    let mut room = Room::new(out);
    if !room.header(known.header) {
        return false;
    }
    let done = room.fields(fields, &known.list);
    room.finish();
    done == fields.len() || out.lend(|out| goes_on(out, fields, done, limits, scratch))
}

/// Appends the message as long as the names of its fields are the known ones. `None` when that was all of both.
#[inline(always)]
pub(crate) fn write_known<F: AsField>(
    out: &mut Output<'_>,
    fields: &[F],
    known: &KnownKeys,
    limits: &Limits,
    stack: &mut Stack,
) -> Result<Option<Left>> {
    let base = out.len();
    if !known.may_fit(fields.len()) || limits.max_depth == 0 {
        return Ok(Some(known.left(base, 0)));
    }
    out.put(known.header.bytes, known.header.len);
    let mut room = Room::new(out);
    let done = room.fields(fields, &known.list);
    room.finish();
    let keys = known_fields(out, fields, done, known, limits, stack)?;
    let is_all = keys == fields.len() && keys == known.list.len();
    Ok((!is_all).then(|| known.left(base, keys)))
}

/// Goes on behind a field that takes more than a few stores; whether that was all of the message.
#[inline(never)]
fn goes_on<F: AsField>(
    out: &mut Output<'_>,
    fields: &[F],
    done: usize,
    limits: &Limits,
    scratch: &mut Scratch,
) -> bool {
    let Some(known) = scratch.key_cache.known(Slot::of_fields(fields)) else { return false };
    let is_whole = known_fields(out, fields, done, known, limits, &mut scratch.stack) == Ok(fields.len());
    scratch.trim();
    is_whole
}

/// Appends fields whose names are known, behind the first `done`, of which the next takes more than a few
/// stores; gives how many were with these.
fn known_fields<F: AsField>(
    out: &mut Output<'_>,
    fields: &[F],
    mut done: usize,
    known: &KnownKeys,
    limits: &Limits,
    stack: &mut Stack,
) -> Result<usize> {
    while let (Some([field, more @ ..]), Some([key, more_keys @ ..])) =
        (fields.get(done..), known.list.get(done..))
    {
        let start = out.len();
        match field.key().map(|name| key.matches(name.as_str().as_bytes())) {
            Ok(KeyMatch::Kept) => out.put(key.encoded, key.encoded_len()),
            Ok(KeyMatch::Dropped) => {}
            Ok(KeyMatch::Not) | Err(_) => break,
        }
        write_value(out, field, fields, limits, stack)?;
        if key.is_dropped {
            out.truncate(start);
        }
        let mut room = Room::new(out);
        done += 1 + room.fields(more, more_keys);
        room.finish();
    }
    Ok(done)
}
