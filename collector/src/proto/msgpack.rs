//! The head of a msgpack value, and a cursor over complete values.
//!
//! The frame cutter asks for heads one at a time, the chunk reader walks with [`Cursor`]. Neither
//! allocates in proportion to a length that was only announced, and neither recurses.

use rmp::Marker;

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

fn bytes<const N: usize>(from: &[u8], at: usize) -> Option<[u8; N]> {
    from.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn length<const N: usize>(from: &[u8]) -> Option<(usize, usize)> {
    let wide = bytes::<N>(from, 1)?.iter().fold(0usize, |sum, byte| (sum << 8) | usize::from(*byte));
    Some((wide, 1 + N))
}

impl Head {
    /// The head at the start of `from` and its length in bytes; `None` while bytes are missing.
    pub(crate) fn parse(from: &[u8]) -> Result<Option<(Head, usize)>, Malformed> {
        let Some(first) = from.first() else { return Ok(None) };
        let marker = Marker::from_u8(*first);
        if marker == Marker::Reserved {
            return Err(Malformed::new("msgpack: found the byte 0xc1, expected the start of a value"));
        }
        Ok(Head::of(marker, from))
    }

    fn of(marker: Marker, from: &[u8]) -> Option<(Head, usize)> {
        let sized = |head: fn(usize) -> Head, (length, used): (usize, usize)| (head(length), used);
        let ext = |length: usize, kind_at: usize| {
            Some((Head::Ext(i8::from_be_bytes(bytes(from, kind_at)?), length), kind_at + 1))
        };
        Some(match marker {
            Marker::Null | Marker::Reserved => (Head::Nil, 1),
            Marker::False => (Head::Bool(false), 1),
            Marker::True => (Head::Bool(true), 1),
            Marker::FixPos(value) => (Head::Uint(value.into()), 1),
            Marker::FixNeg(value) => (Head::Int(value.into()), 1),
            Marker::U8 => (Head::Uint(u8::from_be_bytes(bytes(from, 1)?).into()), 2),
            Marker::U16 => (Head::Uint(u16::from_be_bytes(bytes(from, 1)?).into()), 3),
            Marker::U32 => (Head::Uint(u32::from_be_bytes(bytes(from, 1)?).into()), 5),
            Marker::U64 => (Head::Uint(u64::from_be_bytes(bytes(from, 1)?)), 9),
            Marker::I8 => (Head::Int(i8::from_be_bytes(bytes(from, 1)?).into()), 2),
            Marker::I16 => (Head::Int(i16::from_be_bytes(bytes(from, 1)?).into()), 3),
            Marker::I32 => (Head::Int(i32::from_be_bytes(bytes(from, 1)?).into()), 5),
            Marker::I64 => (Head::Int(i64::from_be_bytes(bytes(from, 1)?)), 9),
            Marker::F32 => (Head::Float(f32::from_be_bytes(bytes(from, 1)?).into()), 5),
            Marker::F64 => (Head::Float(f64::from_be_bytes(bytes(from, 1)?)), 9),
            Marker::FixStr(length) => (Head::Str(length.into()), 1),
            Marker::Str8 => sized(Head::Str, length::<1>(from)?),
            Marker::Str16 => sized(Head::Str, length::<2>(from)?),
            Marker::Str32 => sized(Head::Str, length::<4>(from)?),
            Marker::Bin8 => sized(Head::Bin, length::<1>(from)?),
            Marker::Bin16 => sized(Head::Bin, length::<2>(from)?),
            Marker::Bin32 => sized(Head::Bin, length::<4>(from)?),
            Marker::FixArray(count) => (Head::Array(count.into()), 1),
            Marker::Array16 => sized(Head::Array, length::<2>(from)?),
            Marker::Array32 => sized(Head::Array, length::<4>(from)?),
            Marker::FixMap(count) => (Head::Map(count.into()), 1),
            Marker::Map16 => sized(Head::Map, length::<2>(from)?),
            Marker::Map32 => sized(Head::Map, length::<4>(from)?),
            Marker::FixExt1 => ext(1, 1)?,
            Marker::FixExt2 => ext(2, 1)?,
            Marker::FixExt4 => ext(4, 1)?,
            Marker::FixExt8 => ext(8, 1)?,
            Marker::FixExt16 => ext(16, 1)?,
            Marker::Ext8 => length::<1>(from).and_then(|(length, used)| ext(length, used))?,
            Marker::Ext16 => length::<2>(from).and_then(|(length, used)| ext(length, used))?,
            Marker::Ext32 => length::<4>(from).and_then(|(length, used)| ext(length, used))?,
        })
    }

    /// Bytes of text or binary that follow the head.
    pub(crate) fn payload(self) -> usize {
        match self {
            Head::Str(length) | Head::Bin(length) | Head::Ext(_, length) => length,
            _ => 0,
        }
    }

    /// Values that follow the head and belong to it.
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
    pub(crate) fn head(&mut self) -> Result<Head, Malformed> {
        let (head, used) = Head::parse(self.rest())?.ok_or_else(truncated)?;
        self.at += used;
        Ok(head)
    }

    /// The next `length` bytes.
    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, _) = self.rest().split_at_checked(length).ok_or_else(truncated)?;
        self.at += length;
        Ok(taken)
    }

    /// Moves behind the next value, whatever it holds, and checks that all of it is there and within
    /// [`MAX_DEPTH`] and [`MAX_VALUES`].
    pub(crate) fn skip(&mut self) -> Result<&'a [u8], Malformed> {
        let start = self.at;
        let mut ahead = *self;
        let head = ahead.head()?;
        if head.children() == 0 {
            ahead.take(head.payload())?;
            *self = ahead;
            return Ok(self.all.get(start..self.at).unwrap_or_default());
        }
        let mut open: Vec<usize> = vec![1];
        let mut values = 0;
        while let Some(left) = open.last_mut() {
            if *left == 0 {
                open.pop();
                continue;
            }
            *left -= 1;
            values += 1;
            let head = self.head()?;
            self.take(head.payload())?;
            if head.children() > 0 {
                open.push(head.children());
            }
            if open.len() > MAX_DEPTH + 1 {
                return Err(Malformed::new(format!(
                    "nesting: found more than {MAX_DEPTH} levels, expected no more"
                )));
            }
            if values > MAX_VALUES {
                return Err(Malformed::new(format!(
                    "record: found more than {MAX_VALUES} values, expected no more"
                )));
            }
        }
        Ok(self.all.get(start..self.at).unwrap_or_default())
    }

    /// The bytes of a text or binary value; `what` names it in the error.
    pub(crate) fn text(&mut self, what: &str) -> Result<&'a [u8], Malformed> {
        match self.head()? {
            Head::Str(length) | Head::Bin(length) => self.take(length),
            other => Err(Malformed::new(format!("{what}: found {}, expected text", other.kind()))),
        }
    }
}

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
                Ok(Some((_, used))) => {
                    assert!((1..=9).contains(&used), "{first:#x} used {used}");
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
