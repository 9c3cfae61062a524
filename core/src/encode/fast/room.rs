//! The room behind an output: what takes a few stores of fixed width is written there.
//!
//! A [`Room`] is gone through with the place in a register. It calls nothing and is never made larger: what takes more
//! than that is left to the output itself.

use super::value::{VALUE, ValueWriter};
use crate::encode::field::{AsField, QuickValue};
use crate::encode::key_cache::{Key, KeyMatch};
use crate::encode::msgpack::{self, Header};
use crate::encode::output::Output;

/// Bytes that are stored for a key with its header, zeros behind included.
const KEY: usize = 32;

/// Most that is stored together: a field, or the first block of a record.
pub(super) const STEP: usize = 128;

const _: () = assert!(KEY + VALUE <= STEP);

/// Writes into the room that an output has already. What finds none is not written.
pub(super) struct Room<'o, 'v> {
    out: &'o mut Output<'v>,
    cursor: Cursor,
}

/// A place in some room.
///
/// Always true while its output is borrowed: everything before `at` is initialised, and from there up to the address
/// `end` is room.
struct Cursor {
    at: *mut u8,
    end: usize,
}

impl<'o, 'v> Room<'o, 'v> {
    #[inline(always)]
    pub(super) fn new(out: &'o mut Output<'v>) -> Room<'o, 'v> {
        let (at, end) = out.rest();
        Room { out, cursor: Cursor { at, end: end.addr() } }
    }

    /// Gives what was written to the output.
    #[inline(always)]
    pub(super) fn finish(self) {
        // SAFETY: the cursor has not left the room of this output.
        unsafe { self.out.set_end(self.cursor.at) };
    }

    /// Appends the first `count` bytes of a block, with `other` bytes at one place in it.
    #[inline(always)]
    pub(super) fn block<const N: usize>(
        &mut self,
        block: &[u8; STEP],
        count: usize,
        at: usize,
        other: [u8; N],
    ) -> bool {
        let has_room = self.cursor.has_room();
        if has_room {
            self.cursor.store(0, *block);
            self.cursor.store(at.min(STEP - N), other);
            self.cursor.advance(count.min(STEP));
        }
        has_room
    }

    /// Appends a few bytes.
    #[inline(always)]
    pub(super) fn bytes<const N: usize>(&mut self, bytes: [u8; N]) -> bool {
        const { assert!(N <= STEP) };
        let has_room = self.cursor.has_room();
        if has_room {
            self.cursor.store(0, bytes);
            self.cursor.advance(N);
        }
        has_room
    }

    /// Appends a header; whether there was room.
    #[inline(always)]
    pub(super) fn header(&mut self, header: Header) -> bool {
        let has_room = self.cursor.has_room();
        if has_room {
            self.cursor.store(0, header.bytes);
            self.cursor.advance(header.len.min(header.bytes.len()));
        }
        has_room
    }

    /// Appends fields whose names are `keys`, up to the first one that is not written with a few stores; gives how
    /// many these were.
    #[inline(always)]
    pub(super) fn fields<F: AsField>(&mut self, fields: &[F], keys: &[Key]) -> usize {
        let (done, at) = Cursor { ..self.cursor }.fields(fields, keys);
        self.cursor.at = at;
        done
    }
}

impl Cursor {
    /// A function that calls no other, and takes and gives what it can in registers.
    #[inline(never)]
    fn fields<F: AsField>(mut self, fields: &[F], keys: &[Key]) -> (usize, *mut u8) {
        // Room for as many steps, so that there is nothing to look for on the way.
        let both = fields.len().min(keys.len()).min(self.room() / STEP);
        let keys = keys.get(..both).unwrap_or_default();
        let mut next = fields.as_ptr();
        let mut last = None;
        for key in keys {
            // SAFETY: there are as many fields as keys.
            let field = unsafe { &*next };
            if !self.field(field, key) {
                last = Some(key);
                break;
            }
            // SAFETY: as above; behind the last field this is the end of them.
            next = unsafe { next.add(1) };
        }
        let done = last
            .map_or(both, |key| (std::ptr::from_ref(key).addr() - keys.as_ptr().addr()) / size_of::<Key>());
        (done, self.at)
    }

    /// Appends a field if its name is the key and its value takes a few stores; whether that was so. There is room for a
    /// step.
    #[inline(always)]
    fn field<F: AsField>(&mut self, field: &F, key: &Key) -> bool {
        if field.matches(key) != KeyMatch::Kept {
            return false;
        }
        let value = self.key(key);
        match field.quick_value() {
            // What becomes of the others is asked where there is time for it.
            QuickValue::Float(number) => {
                number.is_finite() && value.scalar(|value| msgpack::float(value, number))
            }
            QuickValue::Text(text) => value.ascii(text),
            QuickValue::Uint(number) => value.scalar(|value| msgpack::uint(value, number)),
            QuickValue::Bool(truth) => value.scalar(|value| msgpack::boolean(value, truth)),
            QuickValue::Unusual => false,
        }
    }

    /// Stores a key, which counts as written when its value is. The caller has looked for room.
    #[inline(always)]
    fn key(&mut self, key: &Key) -> ValueWriter<'_> {
        self.store(0, key.encoded);
        // SAFETY: a key is at most 30 bytes long, with its header less than was stored.
        let at = unsafe { self.at.add(key.encoded_len()) };
        // SAFETY: a step is a key and as much again as a value takes.
        unsafe { ValueWriter::new(at, &mut self.at) }
    }

    #[inline(always)]
    fn room(&self) -> usize {
        self.end - self.at.addr()
    }

    #[inline(always)]
    fn has_room(&self) -> bool {
        self.room() >= STEP
    }

    /// Stores bytes from `from` on, inside the room for a step that the caller has looked for.
    #[inline(always)]
    fn store<const N: usize>(&mut self, from: usize, bytes: [u8; N]) {
        debug_assert!(self.has_room() && from + N <= STEP);
        // SAFETY: the caller stays within a step.
        let place = unsafe { self.at.add(from) };
        // SAFETY: as above.
        unsafe { place.cast::<[u8; N]>().write_unaligned(bytes) };
    }

    /// Counts `len` stored bytes as written.
    #[inline(always)]
    fn advance(&mut self, len: usize) {
        // SAFETY: the caller has stored them.
        self.at = unsafe { self.at.add(len) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::fast::value::LONGEST_TEXT;
    use crate::encode::field::{Field, FieldValue};

    fn keys(names: &[String]) -> Vec<Key> {
        names.iter().map(|name| Key::new(name.as_bytes(), false).unwrap()).collect()
    }

    /// What the room takes of these fields.
    fn written(fields: &[Field<'_>], keys: &[Key], room: usize) -> (Vec<u8>, usize) {
        let mut vec = Vec::with_capacity(room);
        let mut done = 0;
        Output::to(&mut vec, |out| {
            let mut room = Room::new(out);
            done = room.fields(fields, keys);
            room.finish();
        });
        (vec, done)
    }

    #[test]
    fn fields_are_written_as_msgpack_is() {
        let names: Vec<String> =
            (0..=30).map(|len| "abcdefghijklmnopqrstuvwxyz_0123"[..len].to_owned()).collect();
        let texts: Vec<String> = (0..=LONGEST_TEXT)
            .map(|len| (0..len).map(|at| char::from(b'!' + (at % 90) as u8)).collect())
            .collect();
        let mut values = vec![
            FieldValue::Bool(true),
            FieldValue::Bool(false),
            FieldValue::F64(-0.5),
            FieldValue::F32(0.97),
            FieldValue::I64(1 << 40),
        ];
        values.extend(
            [0, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0xffff_ffff, u64::MAX].map(FieldValue::U64),
        );
        values.extend(texts.iter().map(|text| FieldValue::Str(text.as_str().into())));
        for value in values {
            let fields: Vec<_> =
                names.iter().map(|name| Field { key: name.as_str().into(), value }).collect();
            let mut expected = Vec::new();
            for name in &names {
                msgpack::text(&mut expected, name);
                match value {
                    FieldValue::Bool(value) => msgpack::boolean(&mut expected, value),
                    FieldValue::F64(value) => msgpack::float(&mut expected, value),
                    FieldValue::F32(_) => msgpack::float(&mut expected, 0.97),
                    FieldValue::I64(value) => msgpack::int(&mut expected, value),
                    FieldValue::U64(value) => msgpack::uint(&mut expected, value),
                    FieldValue::Str(value) => msgpack::text(&mut expected, value.as_str()),
                    FieldValue::Null | FieldValue::Json(_) => unreachable!(),
                }
            }
            assert_eq!(written(&fields, &keys(&names), 8000), (expected, fields.len()), "{value:?}");
        }
    }

    #[test]
    fn what_is_not_usual_ends_it() {
        let long = "x".repeat(LONGEST_TEXT + 1);
        for value in [
            FieldValue::Null,
            FieldValue::I64(-1),
            FieldValue::Json("[]"),
            FieldValue::Str(long.as_str().into()),
        ] {
            let names = ["one", "two", "three"].map(str::to_owned);
            let mut fields =
                names.each_ref().map(|name| Field { key: name.as_str().into(), value: FieldValue::U64(7) });
            fields[2].value = value;
            assert_eq!(written(&fields, &keys(&names), 999), (b"\xa3one\x07\xa3two\x07".to_vec(), 2));
            fields[1].key = "twi".into();
            assert_eq!(written(&fields, &keys(&names), 999), (b"\xa3one\x07".to_vec(), 1));
        }
    }

    #[test]
    fn nothing_is_written_without_room() {
        let names = ["key".to_owned()];
        let fields = [Field { key: "key".into(), value: FieldValue::U64(7) }];
        assert_eq!(written(&fields, &keys(&names), 0), (vec![], 0));
        for room in [1, 10, STEP, STEP + 1, STEP + 100] {
            let (vec, done) = written(&fields, &keys(&names), room);
            let room = vec.capacity().max(room);
            assert_eq!((vec.len(), done), if room >= STEP { (5, 1) } else { (0, 0) });
        }
    }

    #[test]
    fn a_block_takes_other_bytes_in() {
        let mut vec = Vec::with_capacity(1000);
        assert!(Output::to(&mut vec, |out| {
            let mut room = Room::new(out);
            let is_whole = room.block(&[7; STEP], 4, 1, [1, 2]) && room.bytes([5]);
            room.finish();
            is_whole
        }));
        assert_eq!(vec, [7, 1, 2, 7, 5]);
    }

    #[test]
    fn no_byte_of_a_text_is_left_unseen() {
        let names = ["key".to_owned()];
        for len in 2..=LONGEST_TEXT {
            for place in 0..len - 1 {
                let mut text = "a".repeat(len - 2);
                text.insert(place.min(text.len()), '\u{e9}');
                let fields = [Field { key: "key".into(), value: FieldValue::Str(text.as_str().into()) }];
                assert_eq!(written(&fields, &keys(&names), 999), (vec![], 0), "{text}");
            }
        }
    }
}
