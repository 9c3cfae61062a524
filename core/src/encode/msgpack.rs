//! The msgpack primitives: appending each value in its shortest form here, reading one back in `read`.
//!
//! The encoder writes through these functions; the buffer and the sender use [`value_len`] to walk, evict
//! and split the entries of a chunk. Nothing here allocates beyond the growth of the given `Vec`, and
//! nothing trusts a length it reads.

mod read;

pub use read::value_len;
pub(crate) use read::{Head, read, read_inline, short_text, text_at};

use super::output::Output;

/// The one-byte value nil.
pub const NIL: u8 = 0xc0;

/// Where encoded values go.
pub trait Append {
    /// Appends a few bytes, of a number that is known when the program is compiled.
    fn append<const N: usize>(&mut self, bytes: [u8; N]);

    /// Appends a tag and a few bytes.
    fn append_tagged<const N: usize>(&mut self, tag: u8, bytes: [u8; N]);

    /// Appends any bytes.
    fn append_slice(&mut self, bytes: &[u8]);
}

impl Append for Vec<u8> {
    #[inline]
    fn append<const N: usize>(&mut self, bytes: [u8; N]) {
        self.extend_from_slice(&bytes);
    }

    #[inline]
    fn append_tagged<const N: usize>(&mut self, tag: u8, bytes: [u8; N]) {
        self.push(tag);
        self.extend_from_slice(&bytes);
    }

    #[inline]
    fn append_slice(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Appends nil.
#[inline(always)]
pub fn nil(out: &mut impl Append) {
    out.append([NIL]);
}

/// Appends a boolean.
#[inline(always)]
pub fn boolean(out: &mut impl Append, value: bool) {
    out.append([0xc2 | u8::from(value)]);
}

/// Appends a non-negative integer in its shortest form.
#[inline(always)]
pub fn uint(out: &mut impl Append, value: u64) {
    if value < 0x80 {
        out.append([value as u8]);
    } else if let Ok(short) = u8::try_from(value) {
        out.append([0xcc, short]);
    } else if let Ok(short) = u16::try_from(value) {
        out.append_tagged(0xcd, short.to_be_bytes());
    } else if let Ok(short) = u32::try_from(value) {
        out.append_tagged(0xce, short.to_be_bytes());
    } else {
        out.append_tagged(0xcf, value.to_be_bytes());
    }
}

/// Appends a signed integer in its shortest form; non-negative ones take the unsigned forms.
#[inline(always)]
pub fn int(out: &mut impl Append, value: i64) {
    if let Ok(value) = u64::try_from(value) {
        uint(out, value);
    } else if value >= -32 {
        out.append([value as u8]);
    } else if let Ok(short) = i8::try_from(value) {
        out.append_tagged(0xd0, short.to_be_bytes());
    } else if let Ok(short) = i16::try_from(value) {
        out.append_tagged(0xd1, short.to_be_bytes());
    } else if let Ok(short) = i32::try_from(value) {
        out.append_tagged(0xd2, short.to_be_bytes());
    } else {
        out.append_tagged(0xd3, value.to_be_bytes());
    }
}

/// Appends a float 64. It stays a float even where it is a whole number.
#[inline(always)]
pub fn float(out: &mut impl Append, value: f64) {
    out.append_tagged(0xcb, value.to_be_bytes());
}

/// Appends text. Text longer than `u32::MAX` bytes does not exist here: every caller is bound by the
/// event size limit.
#[inline]
pub fn text(out: &mut impl Append, value: &str) {
    raw_text(out, value.as_bytes());
}

/// Appends bytes that are known to be UTF-8 as text.
#[inline]
pub(crate) fn raw_text(out: &mut impl Append, value: &[u8]) {
    text_header(out, value.len());
    out.append_slice(value);
}

/// Appends the header of a text of `len` bytes.
#[inline]
pub fn text_header(out: &mut impl Append, len: usize) {
    Header::text(len).append(out);
}

/// Bytes of a text with its header.
pub(crate) fn text_len(value: &str) -> usize {
    Header::text(value.len()).len + value.len()
}

/// A header that takes the place of bytes kept free for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    bytes: [u8; 5],
    len: usize,
}

impl Header {
    /// The shortest header of a text of `len` bytes.
    pub(crate) fn text(len: usize) -> Header {
        match u8::try_from(len) {
            Ok(short @ 0..32) => Header { bytes: [0xa0 | short, 0, 0, 0, 0], len: 1 },
            Ok(short) => Header { bytes: [0xd9, short, 0, 0, 0], len: 2 },
            Err(_) => Header::wide(0xda, len),
        }
    }

    /// The shortest header of an array of `len` values.
    pub(crate) fn array(len: usize) -> Header {
        Header::container(0x90, 0xdc, len)
    }

    /// The shortest header of a map of `len` pairs.
    pub(crate) fn map(len: usize) -> Header {
        Header::container(0x80, 0xde, len)
    }

    fn container(fix: u8, wide: u8, len: usize) -> Header {
        match u8::try_from(len) {
            Ok(short @ 0..16) => Header { bytes: [fix | short, 0, 0, 0, 0], len: 1 },
            _ => Header::wide(wide, len),
        }
    }

    /// A length of 16 bits behind `tag`, or of 32 behind the next tag.
    fn wide(tag: u8, len: usize) -> Header {
        if let Ok(short) = u16::try_from(len) {
            let [a, b] = short.to_be_bytes();
            Header { bytes: [tag, a, b, 0, 0], len: 3 }
        } else {
            let [a, b, c, d] = (len as u32).to_be_bytes();
            Header { bytes: [tag + 1, a, b, c, d], len: 5 }
        }
    }

    /// Puts it in the place of the `reserved` bytes at `start`; what follows moves if the sizes differ.
    pub(crate) fn replace(self, out: &mut Vec<u8>, start: usize, reserved: usize) {
        drop(out.splice(start..start + reserved, self.bytes.into_iter().take(self.len)));
    }

    /// The same behind an output's place.
    #[inline(always)]
    pub(crate) fn put_in(self, out: &mut Output<'_>, start: usize, reserved: usize) {
        if let (1, 1, [only, ..]) = (self.len, reserved, self.bytes) {
            out.patch(start, [only]);
        } else {
            out.lend(|out| self.put_wide(out, start, reserved));
        }
    }

    #[inline(never)]
    fn put_wide(self, out: &mut Output<'_>, start: usize, reserved: usize) {
        if self.len == reserved {
            let places = (start..).zip(self.bytes).take(self.len);
            places.for_each(|(at, byte)| out.patch(at, [byte]));
        } else {
            out.with_vec(|out| self.replace(out, start, reserved));
        }
    }

    #[inline]
    fn append(self, out: &mut impl Append) {
        match (self.len, self.bytes) {
            (1, [a, ..]) => out.append([a]),
            (2, [a, b, ..]) => out.append([a, b]),
            (3, [a, b, c, ..]) => out.append([a, b, c]),
            (_, all) => out.append(all),
        }
    }
}

/// Appends the header of a byte string of `len` bytes.
pub fn bin_header(out: &mut impl Append, len: usize) {
    if let Ok(short) = u8::try_from(len) {
        out.append([0xc4, short]);
    } else if let Ok(short) = u16::try_from(len) {
        out.append_tagged(0xc5, short.to_be_bytes());
    } else {
        out.append_tagged(0xc6, (len as u32).to_be_bytes());
    }
}

/// Appends the header of an array of `len` values.
pub fn array_header(out: &mut impl Append, len: usize) {
    Header::array(len).append(out);
}

/// Appends the header of a map of `len` pairs.
pub fn map_header(out: &mut impl Append, len: usize) {
    Header::map(len).append(out);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut out);
        out
    }

    #[test]
    fn integers_take_their_shortest_form_and_read_back() {
        for bits in 0..64 {
            for near in [-2_i64, -1, 0, 1, 2] {
                let value = (1_i64 << bits).wrapping_add(near);
                for value in [value, value.wrapping_neg()] {
                    let bytes = made(|out| int(out, value));
                    let (head, rest) = read(&bytes).unwrap();
                    assert!(rest.is_empty());
                    match head {
                        Head::Int(read) => assert_eq!(read, value),
                        Head::Uint(read) => assert_eq!(i128::from(read), i128::from(value)),
                        other => panic!("{other:?}"),
                    }
                    let expected = match value {
                        -32..=127 => 1,
                        -128..=255 => 2,
                        -32768..=65535 => 3,
                        -2147483648..=4294967295 => 5,
                        _ => 9,
                    };
                    assert_eq!(bytes.len(), expected, "{value}");
                }
            }
        }
        assert_eq!(made(|out| uint(out, u64::MAX)), [0xcf, 255, 255, 255, 255, 255, 255, 255, 255]);
    }

    #[test]
    fn texts_of_every_length_around_a_boundary() {
        let letters: Vec<u8> = (0..70_000_u32).map(|n| b'a' + (n % 26) as u8).collect();
        let letters = std::str::from_utf8(&letters).unwrap();
        for len in (0..300).chain(65_530..65_540) {
            let value = &letters[..len];
            let bytes = made(|out| text(out, value));
            assert_eq!(bytes.len(), len + Header::text(len).len);
            assert_eq!(read(&bytes), Some((Head::Text(value.as_bytes()), &[][..])));
            assert_eq!(value_len(&bytes), Some(bytes.len()));
            for cut in [0, bytes.len() / 2, bytes.len() - 1] {
                assert_eq!(value_len(&bytes[..cut]), None);
            }
        }
    }

    #[test]
    fn headers_of_containers_and_bin() {
        for (len, size) in [(0, 1), (15, 1), (16, 3), (65535, 3), (65536, 5)] {
            let array = made(|out| array_header(out, len));
            assert_eq!((array.len(), read(&array)), (size, Some((Head::Array(len), &[][..]))));
            let map = made(|out| map_header(out, len));
            assert_eq!((map.len(), read(&map)), (size, Some((Head::Map(len), &[][..]))));
        }
        for (len, size) in [(0, 2), (255, 2), (256, 3), (65535, 3), (65536, 5)] {
            let mut bin = made(|out| bin_header(out, len));
            assert_eq!(bin.len(), size);
            bin.resize(size + len, 7);
            assert_eq!(value_len(&bin), Some(size + len));
        }
    }

    #[test]
    fn walks_nested_values_and_refuses_torn_ones() {
        let bytes = [0x82, 0xa1, b'a', 0x92, 0xc0, 0xc3, 0xa1, b'b', 0xd6, 1, 2, 3, 4, 5, 0x01];
        assert_eq!(value_len(&bytes), Some(14));
        for cut in 0..14 {
            assert_eq!(value_len(&bytes[..cut]), None, "{cut}");
        }
        assert_eq!(value_len(&[0xc1]), None);
        assert_eq!(value_len(&[0xdd, 255, 255, 255, 255, 1, 2]), None);
        assert_eq!(value_len(&[0xc9, 255, 255, 255, 255, 1, 2]), None);
        let deep = vec![0x91; 100_000];
        assert_eq!(value_len(&deep), None);
        assert_eq!(value_len(&[deep, vec![0xc0]].concat()), Some(100_001));
    }
}
