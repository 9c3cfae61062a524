//! Typed fields whose names are known, in their order.

use super::room::Room;
use crate::encode::field::AsField;
use crate::encode::field_writer::write_value;
use crate::encode::json::Stack;
use crate::encode::key_cache::{KeyMatch, KnownKeys, Left, Slot};
use crate::encode::limits::Limits;
use crate::encode::output::Output;
use crate::encode::workspace::Scratch;

/// Appends the message if all names of its fields are known; whether they were. Of the known keys nothing is kept while
/// the fields are written, which is a twentieth of a call.
#[inline(always)]
pub(crate) fn all_fields<F: AsField>(
    out: &mut Output<'_>,
    fields: &[F],
    limits: &Limits,
    scratch: &mut Scratch,
) -> bool {
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
    done == fields.len() || out.lend(|out| all_other_fields(out, fields, done, limits, scratch))
}

#[inline(never)]
fn all_other_fields<F: AsField>(
    out: &mut Output<'_>,
    fields: &[F],
    done: usize,
    limits: &Limits,
    scratch: &mut Scratch,
) -> bool {
    let Some(known) = scratch.key_cache.known(Slot::of_fields(fields)) else { return false };
    let is_whole = other_fields(out, 0, fields, done, known, limits, &mut scratch.stack).is_none();
    scratch.trim();
    is_whole
}

/// Appends the message as long as the names of its fields are the known ones; tells where it was left, `None` when that
/// was all of both.
#[inline(always)]
pub(crate) fn known_fields<F: AsField>(
    out: &mut Output<'_>,
    fields: &[F],
    known: &KnownKeys,
    limits: &Limits,
    stack: &mut Stack,
) -> Option<Left> {
    let base = out.len();
    if !known.may_fit(fields.len()) || limits.max_depth == 0 {
        return Some(known.left(base, 0));
    }
    out.put(known.header.bytes, known.header.len);
    let mut room = Room::new(out);
    let done = room.fields(fields, &known.list);
    room.finish();
    out.lend(|out| other_fields(out, base, fields, done, known, limits, stack))
}

/// Goes on behind the first `done` fields, of which the next one takes more than a few stores. One that is wrong is left
/// as well.
#[inline(never)]
fn other_fields<F: AsField>(
    out: &mut Output<'_>,
    base: usize,
    fields: &[F],
    mut done: usize,
    known: &KnownKeys,
    limits: &Limits,
    stack: &mut Stack,
) -> Option<Left> {
    while let (Some([field, more @ ..]), Some([key, more_keys @ ..])) =
        (fields.get(done..), known.list.get(done..))
    {
        let start = out.len();
        match field.key().map(|name| key.matches(name.as_str().as_bytes())) {
            Ok(KeyMatch::Kept) => out.put(key.encoded, key.encoded_len()),
            Ok(KeyMatch::Dropped) => {}
            Ok(KeyMatch::Not) | Err(_) => break,
        }
        if write_value(out, field, fields, limits, stack).is_err() {
            out.truncate(start);
            stack.keys.clear();
            break;
        }
        if key.is_dropped {
            out.truncate(start);
        }
        let mut room = Room::new(out);
        done += 1 + room.fields(more, more_keys);
        room.finish();
    }
    let is_all = done == fields.len() && done == known.list.len();
    (!is_all).then(|| known.left(base, done))
}
