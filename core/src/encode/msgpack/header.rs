//! Headers: what stands before the bytes of a text, the values of an array and the pairs of a map.
//!
//! They are values, so that one can be written where bytes were kept free for it, or kept by who writes it often.

use super::tag;

/// Longest text with a header of one byte.
pub(crate) const SHORT_TEXT_MAX: usize = 31;

/// The header of a text of at most [`SHORT_TEXT_MAX`] bytes.
#[inline(always)]
pub(crate) const fn short_text_tag(len: usize) -> u8 {
    tag::FIXTEXT | len as u8
}

/// A short text with its header, made while the program is compiled: `N` is one more than its length.
pub(crate) const fn short_text<const N: usize>(text: &str) -> [u8; N] {
    assert!(text.len() + 1 == N && text.len() <= SHORT_TEXT_MAX);
    let mut encoded = [short_text_tag(text.len()); N];
    if let Some((_, place)) = encoded.split_first_mut() {
        place.copy_from_slice(text.as_bytes());
    }
    encoded
}

/// A header that takes the place of bytes kept free for it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Header {
    /// It and zeros behind: eight bytes are stored like one.
    pub(crate) bytes: [u8; 8],
    pub(crate) len: usize,
}

impl Header {
    /// The shortest header of a text of `len` bytes.
    #[inline]
    pub(crate) fn text(len: usize) -> Header {
        match u8::try_from(len) {
            Ok(_) if len <= SHORT_TEXT_MAX => {
                Header { bytes: [short_text_tag(len), 0, 0, 0, 0, 0, 0, 0], len: 1 }
            }
            Ok(short) => Header { bytes: [tag::TEXT8, short, 0, 0, 0, 0, 0, 0], len: 2 },
            Err(_) => Header::wide(tag::TEXT16, tag::TEXT32, len),
        }
    }

    /// The shortest header of an array of `len` values.
    pub(crate) fn array(len: usize) -> Header {
        Header::container(tag::FIXARRAY, [tag::ARRAY16, tag::ARRAY32], len)
    }

    /// The shortest header of a map of `len` pairs.
    pub(crate) fn map(len: usize) -> Header {
        Header::container(tag::FIXMAP, [tag::MAP16, tag::MAP32], len)
    }

    fn container(fix: u8, [wide, wider]: [u8; 2], len: usize) -> Header {
        match u8::try_from(len) {
            Ok(short @ 0..16) => Header { bytes: [fix | short, 0, 0, 0, 0, 0, 0, 0], len: 1 },
            _ => Header::wide(wide, wider, len),
        }
    }

    /// A length of 16 bits behind the tag `wide`, or of 32 behind `wider`.
    fn wide(wide: u8, wider: u8, len: usize) -> Header {
        if let Ok(short) = u16::try_from(len) {
            let [a, b] = short.to_be_bytes();
            Header { bytes: [wide, a, b, 0, 0, 0, 0, 0], len: 3 }
        } else {
            let [a, b, c, d] = (len as u32).to_be_bytes();
            Header { bytes: [wider, a, b, c, d, 0, 0, 0], len: 5 }
        }
    }
}
