//! The fields of one context as they came, one behind the other.
//!
//! A field that comes again is added once more; reading takes the last value of each, at the place where its
//! name stood first. Before what was replaced takes more than what holds, it is put away. So an event costs
//! what it is long, in a context with few fields and in one with a hundred thousand.

use mona_collector::View;

use super::names::Name;

/// A field: a number for its name, one for the length and form of its value, and the value as it arrived.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    log: Vec<u8>,
    /// How long it was when nothing in it was replaced.
    kept: usize,
}

/// A name with a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) name: Name,
    pub(crate) value: View<'a>,
}

/// What finds the last value of each name; used again and again.
#[derive(Debug, Default)]
pub(crate) struct Merger {
    /// By name: in which round it was seen, and where.
    seen: Vec<(u64, usize)>,
    round: u64,
    buffer: Vec<u8>,
}

impl Fields {
    /// Adds a field; `slack` bytes may be replaced and still there.
    pub(crate) fn add(&mut self, field: Field<'_>, slack: usize, merger: &mut Merger) {
        let Field { name, value } = field;
        let (raw, form) = match value {
            View::Msgpack(raw) => (raw, 0),
            View::Json(raw) => (raw, 1),
        };
        // Two numbers of at most ten bytes each.
        let needed = self.log.len() + raw.len() + 20;
        if needed > self.log.capacity() {
            // Not twice as much: there may be a hundred thousand of these.
            self.log.reserve_exact(raw.len() + 20 + self.log.len() / 4);
        }
        put(name.number().into(), &mut self.log);
        put(((raw.len() as u64) << 1) | form, &mut self.log);
        self.log.extend_from_slice(raw);
        if self.log.len() > 2 * self.kept + slack {
            self.tidy(merger);
        }
    }

    /// Puts away what was replaced.
    fn tidy(&mut self, merger: &mut Merger) {
        let mut buffer = std::mem::take(&mut merger.buffer);
        buffer.clear();
        for field in merger.merge(self.entries().map(|entry| (entry.field, entry.bytes))) {
            buffer.extend_from_slice(field.1);
        }
        self.log.clear();
        self.log.shrink_to(2 * buffer.len());
        self.log.extend_from_slice(&buffer);
        self.kept = self.log.len();
        buffer.shrink_to(KEEP);
        merger.buffer = buffer;
    }

    /// What it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.log.capacity()
    }

    /// All of it as it came; of a name that is there twice the last one holds.
    pub(crate) fn all(&self) -> impl Iterator<Item = Field<'_>> {
        self.entries().map(|entry| entry.field)
    }

    fn entries(&self) -> Entries<'_> {
        Entries { rest: &self.log }
    }
}

/// A buffer that grew for one large context is given back.
const KEEP: usize = 64 << 10;

impl Merger {
    /// The last value of each name, in the order in which the names came first.
    pub(crate) fn fields<'a>(&mut self, all: impl Iterator<Item = Field<'a>>) -> Vec<Field<'a>> {
        self.merge(all.map(|field| (field, ()))).into_iter().map(|(field, ())| field).collect()
    }

    fn merge<'a, T>(&mut self, all: impl Iterator<Item = (Field<'a>, T)>) -> Vec<(Field<'a>, T)> {
        self.round += 1;
        let mut merged: Vec<(Field<'a>, T)> = Vec::with_capacity(16);
        for entry in all {
            let number = entry.0.name.number() as usize;
            if number >= self.seen.len() {
                self.seen.resize(number + 1, (0, 0));
            }
            let Some(seen) = self.seen.get_mut(number) else { continue };
            if seen.0 == self.round
                && let Some(place) = merged.get_mut(seen.1)
            {
                *place = entry;
            } else {
                *seen = (self.round, merged.len());
                merged.push(entry);
            }
        }
        merged
    }
}

struct Entry<'a> {
    field: Field<'a>,
    bytes: &'a [u8],
}

struct Entries<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let all = self.rest;
        let name = take(&mut self.rest)?;
        let head = take(&mut self.rest)?;
        let (raw, rest) = self.rest.split_at_checked(usize::try_from(head >> 1).ok()?)?;
        self.rest = rest;
        let value = if head & 1 == 0 { View::Msgpack(raw) } else { View::Json(raw) };
        let bytes = all.get(..all.len() - rest.len())?;
        Some(Entry { field: Field { name: Name::of(u32::try_from(name).ok()?), value }, bytes })
    }
}

/// Seven bits a byte, the lowest first.
#[inline]
fn put(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[inline]
fn take(from: &mut &[u8]) -> Option<u64> {
    let (mut number, mut shift) = (0_u64, 0_u32);
    loop {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if *byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arcs::names::Names;

    fn shown(fields: &Fields, names: &Names, merger: &mut Merger) -> String {
        let all = merger.fields(fields.all()).into_iter().map(|Field { name, value }| {
            let mut text = names.text(name).as_bytes().to_vec();
            text.push(b'=');
            value.write_json(mona_collector::Floats::Null, &mut text).unwrap();
            String::from_utf8(text).unwrap()
        });
        all.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_last_value_holds_at_the_first_place() {
        for slack in [0, 1, 30, 1_000_000] {
            let (mut names, mut merger, mut fields) =
                (Names::default(), Merger::default(), Fields::default());
            let long = format!("\"{}\"", "x".repeat(300));
            for (name, value) in
                [("b", "1"), ("a", "[2, 3]"), ("b", &long), ("c", "4"), ("a", "5"), ("a", "6")]
            {
                let name = names.name(None, name.as_bytes());
                fields.add(Field { name, value: View::Json(value.as_bytes()) }, slack, &mut merger);
            }
            let name = names.name(None, b"d");
            fields.add(Field { name, value: View::Msgpack(b"\x92\x01\xc3") }, slack, &mut merger);
            assert_eq!(shown(&fields, &names, &mut merger), format!("b={long} a=6 c=4 d=[1,true]"));
        }
    }

    #[test]
    fn what_comes_again_takes_no_more_memory() {
        let (mut names, mut merger, mut fields) = (Names::default(), Merger::default(), Fields::default());
        let mut once = 0;
        for round in 0..200 {
            let mut before = None;
            for n in 0..1000 {
                let name = names.name(before, format!("field{n}").as_bytes());
                before = Some(name);
                fields.add(Field { name, value: View::Json(round.to_string().as_bytes()) }, 64, &mut merger);
            }
            if round == 0 {
                once = fields.bytes();
            }
        }
        assert!(fields.bytes() < 4 * once, "{} after {once}", fields.bytes());
        assert!(shown(&fields, &names, &mut merger).starts_with("field0=199 field1=199 "));
    }

    #[test]
    fn numbers_of_any_size_come_back() {
        for number in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, u64::from(u32::MAX), u64::MAX] {
            let mut out = Vec::new();
            put(number, &mut out);
            let mut rest = &out[..];
            assert_eq!((take(&mut rest), rest.len()), (Some(number), 0));
        }
        assert_eq!(take(&mut &[0x80; 20][..]), None);
    }
}
