//! Appending each kind of value in its shortest form.

use super::header::Header;
use super::tag;

/// Where headers and numbers go.
pub trait Append {
    /// Appends a few bytes, of a number that is known when the program is compiled.
    fn append<const N: usize>(&mut self, bytes: [u8; N]);

    /// Appends a tag and a few bytes.
    fn append_tagged<const N: usize>(&mut self, tag: u8, bytes: [u8; N]);
}

/// Where all values go.
pub trait AppendSlice: Append {
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
}

impl AppendSlice for Vec<u8> {
    #[inline]
    fn append_slice(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Appends nil.
#[inline(always)]
pub fn nil(out: &mut impl Append) {
    out.append([tag::NIL]);
}

/// Appends a boolean.
#[inline(always)]
pub fn boolean(out: &mut impl Append, value: bool) {
    out.append([if value { tag::TRUE } else { tag::FALSE }]);
}

/// Appends a non-negative integer in its shortest form.
#[inline(always)]
pub fn uint(out: &mut impl Append, value: u64) {
    if value <= tag::FIXINT_LAST.into() {
        out.append([value as u8]);
    } else if let Ok(short) = u8::try_from(value) {
        out.append([tag::UINT8, short]);
    } else if let Ok(short) = u16::try_from(value) {
        out.append_tagged(tag::UINT16, short.to_be_bytes());
    } else if let Ok(short) = u32::try_from(value) {
        out.append_tagged(tag::UINT32, short.to_be_bytes());
    } else {
        out.append_tagged(tag::UINT64, value.to_be_bytes());
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
        out.append_tagged(tag::INT8, short.to_be_bytes());
    } else if let Ok(short) = i16::try_from(value) {
        out.append_tagged(tag::INT16, short.to_be_bytes());
    } else if let Ok(short) = i32::try_from(value) {
        out.append_tagged(tag::INT32, short.to_be_bytes());
    } else {
        out.append_tagged(tag::INT64, value.to_be_bytes());
    }
}

/// Appends a float 64. It stays a float even where it is a whole number.
#[inline(always)]
pub fn float(out: &mut impl Append, value: f64) {
    out.append_tagged(tag::FLOAT64, value.to_be_bytes());
}

/// Appends text. Text longer than `u32::MAX` bytes does not exist here: every caller is bound by the
/// event size limit.
#[inline]
pub fn text(out: &mut impl AppendSlice, value: &str) {
    raw_text(out, value.as_bytes());
}

/// Appends bytes that are known to be UTF-8 as text.
#[inline]
pub(crate) fn raw_text(out: &mut impl AppendSlice, value: &[u8]) {
    text_header(out, value.len());
    out.append_slice(value);
}

/// Appends the header of a text of `len` bytes.
#[inline]
pub fn text_header(out: &mut impl Append, len: usize) {
    header(out, Header::text(len));
}

#[inline]
fn header(out: &mut impl Append, header: Header) {
    match (header.len, header.bytes) {
        (1, [a, ..]) => out.append([a]),
        (2, [a, b, ..]) => out.append([a, b]),
        (3, [a, b, c, ..]) => out.append([a, b, c]),
        (_, [a, b, c, d, e, ..]) => out.append([a, b, c, d, e]),
    }
}

/// Appends the header of a byte string of `len` bytes.
pub fn bin_header(out: &mut impl Append, len: usize) {
    if let Ok(short) = u8::try_from(len) {
        out.append([tag::BIN8, short]);
    } else if let Ok(short) = u16::try_from(len) {
        out.append_tagged(tag::BIN16, short.to_be_bytes());
    } else {
        out.append_tagged(tag::BIN32, (len as u32).to_be_bytes());
    }
}

/// Appends the header of an array of `len` values.
#[inline]
pub fn array_header(out: &mut impl Append, len: usize) {
    header(out, Header::array(len));
}

/// Appends the header of a map of `len` pairs.
#[inline]
pub fn map_header(out: &mut impl Append, len: usize) {
    header(out, Header::map(len));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::msgpack::read::{Head, read, value_len};

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
