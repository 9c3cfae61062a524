//! The head of a msgpack value, and a cursor over complete values.
//!
//! The frame cutter asks for heads one at a time, the chunk reader walks with [`Cursor`]. Neither
//! allocates in proportion to a length that was only announced, and neither recurses.

use super::malformed::Malformed;

/// Sixteen times what libmona sends by default (`max_depth` 60), which still fits the stack of a thread when a record is
/// turned into JSON.
pub(crate) const MAX_DEPTH: usize = 1024;
/// One value costs up to a hundred bytes when it is taken apart, whatever its size on the wire.
pub(crate) const MAX_VALUES: usize = 250_000;

/// What stands before the payload or the children of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Head {
    Nil,
    Bool(bool),
    Uint(u64),
    Int(i64),
    Float(f64),
    Str(usize),
    Bin(usize),
    Array(usize),
    Map(usize),
    Ext(i8, usize),
}

/// The bytes at the start, in their order on the wire.
#[inline]
fn bytes<const N: usize>(from: &[u8]) -> Option<[u8; N]> {
    from.first_chunk::<N>().copied()
}

impl Head {
    /// The head at the start of `from` and its length in bytes; `None` while bytes are missing.
    #[inline]
    pub(crate) fn parse(from: &[u8]) -> Result<Option<(Head, usize)>, Malformed> {
        match from.first() {
            Some(0xc1) => Err(reserved()),
            _ => Ok(Head::of(from)),
        }
    }

    // Once for each value of all that arrives: the compiler makes a table of it where it is used.
    #[inline(always)]
    fn of(from: &[u8]) -> Option<(Head, usize)> {
        let (first, rest) = from.split_first()?;
        let byte = |at: usize| rest.get(at).map(|byte| usize::from(*byte));
        let two = || bytes(rest).map(u16::from_be_bytes);
        let four = || bytes(rest).map(u32::from_be_bytes);
        let long = || four().and_then(|length| usize::try_from(length).ok());
        let kind = |at: usize| rest.get(at).map(|kind| kind.cast_signed());
        Some(match *first {
            small @ 0x00..=0x7f => (Head::Uint(small.into()), 1),
            map @ 0x80..=0x8f => (Head::Map(usize::from(map & 0x0f)), 1),
            array @ 0x90..=0x9f => (Head::Array(usize::from(array & 0x0f)), 1),
            text @ 0xa0..=0xbf => (Head::Str(usize::from(text & 0x1f)), 1),
            0xc0 | 0xc1 => (Head::Nil, 1),
            0xc2 => (Head::Bool(false), 1),
            0xc3 => (Head::Bool(true), 1),
            0xc4 => (Head::Bin(byte(0)?), 2),
            0xc5 => (Head::Bin(two()?.into()), 3),
            0xc6 => (Head::Bin(long()?), 5),
            0xc7 => (Head::Ext(kind(1)?, byte(0)?), 3),
            0xc8 => (Head::Ext(kind(2)?, two()?.into()), 4),
            0xc9 => (Head::Ext(kind(4)?, long()?), 6),
            0xca => (Head::Float(f32::from_be_bytes(bytes(rest)?).into()), 5),
            0xcb => (Head::Float(f64::from_be_bytes(bytes(rest)?)), 9),
            0xcc => (Head::Uint(u8::from_be_bytes(bytes(rest)?).into()), 2),
            0xcd => (Head::Uint(two()?.into()), 3),
            0xce => (Head::Uint(four()?.into()), 5),
            0xcf => (Head::Uint(u64::from_be_bytes(bytes(rest)?)), 9),
            0xd0 => (Head::Int(i8::from_be_bytes(bytes(rest)?).into()), 2),
            0xd1 => (Head::Int(i16::from_be_bytes(bytes(rest)?).into()), 3),
            0xd2 => (Head::Int(i32::from_be_bytes(bytes(rest)?).into()), 5),
            0xd3 => (Head::Int(i64::from_be_bytes(bytes(rest)?)), 9),
            fixed @ 0xd4..=0xd8 => (Head::Ext(kind(0)?, 1 << (fixed - 0xd4)), 2),
            0xd9 => (Head::Str(byte(0)?), 2),
            0xda => (Head::Str(two()?.into()), 3),
            0xdb => (Head::Str(long()?), 5),
            0xdc => (Head::Array(two()?.into()), 3),
            0xdd => (Head::Array(long()?), 5),
            0xde => (Head::Map(two()?.into()), 3),
            0xdf => (Head::Map(long()?), 5),
            small @ 0xe0..=0xff => (Head::Int(small.cast_signed().into()), 1),
        })
    }

    /// Bytes of text or binary that follow the head.
    #[inline]
    pub(crate) fn payload(self) -> usize {
        match self {
            Head::Str(length) | Head::Bin(length) | Head::Ext(_, length) => length,
            _ => 0,
        }
    }

    /// Values that follow the head and belong to it.
    #[inline]
    pub(crate) fn children(self) -> usize {
        match self {
            Head::Array(count) => count,
            Head::Map(count) => count.saturating_mul(2),
            _ => 0,
        }
    }

    /// The kind in words, for a sentence about what was found.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Head::Nil => "nil",
            Head::Bool(_) => "a boolean",
            Head::Uint(_) | Head::Int(_) => "an integer",
            Head::Float(_) => "a float",
            Head::Str(_) => "text",
            Head::Bin(_) => "binary",
            Head::Array(_) => "an array",
            Head::Map(_) => "a map",
            Head::Ext(..) => "an extension",
        }
    }
}

/// Walks over bytes that hold complete values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(all: &'a [u8]) -> Cursor<'a> {
        Cursor { all, at: 0 }
    }

    /// Bytes walked over so far.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    #[inline]
    fn rest(&self) -> &'a [u8] {
        self.all.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest().is_empty()
    }

    /// The head of the next value, which stays in place.
    pub(crate) fn peek(&self) -> Result<Head, Malformed> {
        Head::parse(self.rest())?.map(|(head, _)| head).ok_or_else(truncated)
    }

    /// The head of the next value; the cursor moves behind it.
    #[inline]
    pub(crate) fn head(&mut self) -> Result<Head, Malformed> {
        let (head, used) = Head::parse(self.rest())?.ok_or_else(truncated)?;
        self.at += used;
        Ok(head)
    }

    /// The next `length` bytes.
    #[inline]
    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, _) = self.rest().split_at_checked(length).ok_or_else(truncated)?;
        self.at += length;
        Ok(taken)
    }

    /// Moves behind the next value, whatever it holds, and checks that all of it is there and within
    /// [`MAX_DEPTH`] and [`MAX_VALUES`].
    #[inline]
    pub(crate) fn skip(&mut self) -> Result<&'a [u8], Malformed> {
        let start = self.at;
        if !self.step()? {
            let head = self.head()?;
            match head.children() {
                0 => self.pass(head.payload())?,
                children => self.skip_children(children)?,
            }
        }
        Ok(self.all.get(start..self.at).unwrap_or_default())
    }

    /// Moves over the next value if its first byte says how long it is.
    #[inline]
    fn step(&mut self) -> Result<bool, Malformed> {
        let first = self.all.get(self.at).ok_or_else(truncated)?;
        match STEPS.get(usize::from(*first)) {
            Some(0) | None => Ok(false),
            Some(step) => self.pass(usize::from(*step)).map(|()| true),
        }
    }

    fn skip_children(&mut self, children: usize) -> Result<(), Malformed> {
        let mut levels: Levels<usize> = Levels::default();
        levels.push(0);
        let (mut left, mut values) = (children, 1_usize);
        loop {
            // Of what is full nothing is left: the level above goes on, or all of it is done.
            while left == 0 {
                match levels.pop() {
                    Some(above) => left = above,
                    None => return Ok(()),
                }
            }
            left -= 1;
            values += 1;
            if values > MAX_VALUES {
                return Err(Malformed::new(format!(
                    "record: found more than {MAX_VALUES} values, expected no more"
                )));
            }
            if self.step()? {
                continue;
            }
            let head = self.head()?;
            match head.children() {
                0 => self.pass(head.payload())?,
                children => {
                    levels.push(left);
                    left = children;
                    if levels.depth > MAX_DEPTH {
                        return Err(too_deep());
                    }
                }
            }
        }
    }

    /// Moves over so many bytes.
    #[inline]
    fn pass(&mut self, length: usize) -> Result<(), Malformed> {
        match self.all.len().checked_sub(self.at) {
            Some(left) if length <= left => {
                self.at += length;
                Ok(())
            }
            _ => Err(truncated()),
        }
    }

    /// The bytes of a text, if the next value is one; else the cursor stays.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<Option<&'a [u8]>, Malformed> {
        if let Some(first @ 0xa0..=0xbf) = self.all.get(self.at) {
            self.at += 1;
            return self.take(usize::from(first & 0x1f)).map(Some);
        }
        self.long_string()
    }

    fn long_string(&mut self) -> Result<Option<&'a [u8]>, Malformed> {
        let mut ahead = *self;
        let Head::Str(length) = ahead.head()? else { return Ok(None) };
        let text = ahead.take(length)?;
        *self = ahead;
        Ok(Some(text))
    }

    /// The bytes of a text or binary value; `what` names it in the error.
    pub(crate) fn text(&mut self, what: &str) -> Result<&'a [u8], Malformed> {
        match self.head()? {
            Head::Str(length) | Head::Bin(length) => self.take(length),
            other => Err(Malformed::new(format!("{what}: found {}, expected text", other.kind()))),
        }
    }
}

/// How long a value is by its first byte, with that; 0 where more has to be looked at.
// Made by the compiler, which refuses an index that is none.
#[allow(clippy::indexing_slicing)]
const STEPS: [u8; 256] = {
    let mut steps = [0; 256];
    let mut first = 0;
    while first < 256 {
        steps[first] = match first {
            0x00..=0x7f | 0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => 1,
            0xa0..=0xbf => first as u8 - 0xa0 + 1,
            0xcc | 0xd0 => 2,
            0xcd | 0xd1 | 0xd4 => 3,
            0xd5 => 4,
            0xca | 0xce | 0xd2 => 5,
            0xd6 => 6,
            0xcb | 0xcf | 0xd3 => 9,
            0xd7 => 10,
            0xd8 => 18,
            _ => 0,
        };
        first += 1;
    }
    steps
};

/// What is known of each array and map that is open; the first levels take no allocation.
#[derive(Default)]
pub(crate) struct Levels<T> {
    near: [T; NEAR],
    far: Vec<T>,
    depth: usize,
}

/// A record, its message, and a few levels in it.
const NEAR: usize = 8;

impl<T: Copy> Levels<T> {
    #[inline]
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    #[inline]
    pub(crate) fn push(&mut self, level: T) {
        match self.near.get_mut(self.depth) {
            Some(place) => *place = level,
            None => self.far.push(level),
        }
        self.depth += 1;
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<T> {
        self.depth = self.depth.checked_sub(1)?;
        match self.near.get(self.depth) {
            Some(level) => Some(*level),
            None => self.far.pop(),
        }
    }
}

/// What all readers say of a value with too many levels.
#[cold]
pub(crate) fn too_deep() -> Malformed {
    Malformed::new(format!("nesting: found more than {MAX_DEPTH} levels, expected no more"))
}

#[cold]
fn reserved() -> Malformed {
    Malformed::new("msgpack: found the byte 0xc1, expected the start of a value")
}

#[cold]
fn truncated() -> Malformed {
    Malformed::new("msgpack: found the end of the bytes inside a value, expected the rest of it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_head_is_known() {
        for first in 0..=u8::MAX {
            let mut long = vec![first];
            long.extend([0; 16]);
            match Head::parse(&long) {
                Ok(Some((head, used))) => {
                    assert!((1..=9).contains(&used), "{first:#x} used {used}");
                    let step = usize::from(STEPS[usize::from(first)]);
                    let fits = head.children() == 0 && step == used + head.payload();
                    assert!(step == 0 || fits, "{first:#x} steps {step}");
                    assert_eq!(Head::parse(&long[..used - 1]).unwrap(), None, "{first:#x} cut short");
                }
                Ok(None) => panic!("{first:#x} wants more than 16 bytes"),
                Err(_) => assert_eq!(first, 0xc1),
            }
        }
    }

    #[test]
    fn numbers_keep_their_value() {
        let mut out = Vec::new();
        for value in [i64::MIN, -40_000, -200, -33, -32, -1, 0, 127, 128, 70_000, i64::MAX] {
            rmp::encode::write_sint(&mut out, value).unwrap();
        }
        let mut cursor = Cursor::new(&out);
        for value in [i64::MIN, -40_000, -200, -33, -32, -1] {
            assert_eq!(cursor.head().unwrap(), Head::Int(value));
        }
        for value in [0, 127, 128, 70_000, i64::MAX as u64] {
            assert_eq!(cursor.head().unwrap(), Head::Uint(value));
        }
        assert!(cursor.is_empty());
    }

    #[test]
    fn skip_stops_at_depth_and_width() {
        let mut deep = vec![0x91; MAX_DEPTH];
        deep.push(0x00);
        assert_eq!(Cursor::new(&deep).skip().unwrap().len(), MAX_DEPTH + 1);
        deep.insert(0, 0x91);
        assert!(Cursor::new(&deep).skip().is_err());

        let mut wide = vec![0xdd];
        wide.extend(2_000_000u32.to_be_bytes());
        wide.extend(std::iter::repeat_n(0xc0, 2_000_000));
        assert!(Cursor::new(&wide).skip().unwrap_err().to_string().contains("values"));
    }

    #[test]
    fn an_announced_length_without_bytes_is_an_error() {
        for bytes in [&[0xdb, 0xff, 0xff, 0xff, 0xff][..], &[0xdf, 0xff, 0xff, 0xff, 0xff], &[0xa5, b'a']] {
            assert!(Cursor::new(bytes).skip().is_err());
        }
    }
}
