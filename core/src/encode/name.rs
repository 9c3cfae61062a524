//! Short texts as the encoder and the filters handle them: by length and two words, not byte by byte.
//!
//! A [`FieldText`] is checked once, by its [`Ends`] where that is enough. The encoder makes one [`Name`] of each key
//! that it writes; the search for repeated keys and the rules about fields use its hash.

use std::str::Utf8Error;

/// Texts of this length and less are known by their ends.
pub(crate) const SHORT: usize = 16;

/// The two ends of a text, little-endian: all of it, where it is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ends {
    /// The first eight bytes, or all of less, with zeros behind them.
    pub(crate) first: u64,
    /// The last eight bytes; 0 where there are less than eight.
    pub(crate) last: u64,
}

impl Ends {
    #[inline(always)]
    pub(crate) fn of(text: &[u8]) -> Ends {
        let len = text.len();
        if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            return Ends { first: u64::from_le_bytes(*first), last: u64::from_le_bytes(*last) };
        }
        let first = match (text.first_chunk(), text.last_chunk(), text) {
            (Some(first), Some(last), _) => {
                let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
                u64::from(first) | u64::from(last) << (8 * (len - 4))
            }
            // Three bytes, or two of which the second counts twice.
            (_, _, &[first, middle, .., last]) => {
                u64::from(first) | u64::from(middle) << 8 | u64::from(last) << (8 * (len - 1))
            }
            (_, _, &[first, last]) => u64::from(first) | u64::from(last) << 8,
            (_, _, &[one]) => one.into(),
            _ => 0,
        };
        Ends { first, last: 0 }
    }

    /// The ends of the text of `len` bytes at the beginning of a block, which is longer.
    #[inline(always)]
    pub(crate) fn beginning(block: &[u8; SHORT], len: usize) -> Ends {
        let first = block.first_chunk().map_or(0, |first| u64::from_le_bytes(*first));
        match block.get(..len).and_then(|text| text.last_chunk()) {
            Some(last) => Ends { first, last: u64::from_le_bytes(*last) },
            None => Ends { first: first & ((1 << (8 * (len % 8))) - 1), last: 0 },
        }
    }

    /// Whether both ends are ASCII.
    #[inline(always)]
    fn are_ascii(self) -> bool {
        (self.first | self.last) & 0x8080_8080_8080_8080 == 0
    }
}

/// Text in UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldText<'a> {
    text: &'a str,
    ends: Ends,
}

impl<'a> FieldText<'a> {
    /// Checks bytes. Names and short values are nearly always ASCII, which two words can say.
    ///
    /// # Errors
    /// That of the standard library, for bytes that are not UTF-8.
    #[inline(always)]
    pub fn new(bytes: &'a [u8]) -> Result<FieldText<'a>, Utf8Error> {
        let ends = Ends::of(bytes);
        if bytes.len() <= SHORT && ends.are_ascii() {
            // SAFETY: ASCII is UTF-8.
            return Ok(FieldText { text: unsafe { str::from_utf8_unchecked(bytes) }, ends });
        }
        Ok(FieldText { text: checked(bytes)?, ends })
    }

    /// The text.
    #[inline(always)]
    pub fn as_str(self) -> &'a str {
        self.text
    }

    /// Its ends, where they are all of it.
    #[inline(always)]
    pub(crate) fn as_short(self) -> Option<Ends> {
        (self.text.len() <= SHORT).then_some(self.ends)
    }

    /// The same text as the name of a field.
    #[inline(always)]
    pub(crate) fn as_name(self) -> Name {
        Name::of_ends(self.ends, self.text.len())
    }
}

impl<'a> From<&'a str> for FieldText<'a> {
    #[inline(always)]
    fn from(text: &'a str) -> FieldText<'a> {
        FieldText { text, ends: Ends::of(text.as_bytes()) }
    }
}

#[cold]
#[inline(never)]
fn checked(bytes: &[u8]) -> Result<&str, Utf8Error> {
    str::from_utf8(bytes)
}

/// What the name of a field is recognised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    /// Of the length and of both ends. Names that differ only in the middle of more than 16 bytes share it.
    pub(crate) hash: u32,
    /// The first eight bytes.
    first: u64,
}

// The five bytes that names of Mona's own fields begin with, as a word.
const RESERVED: u64 = u64::from_le_bytes(*b"MONA_\0\0\0");
const FIVE_BYTES: u64 = (1 << 40) - 1;

impl Name {
    #[inline(always)]
    pub(crate) fn new(text: &[u8]) -> Name {
        Name::of_ends(Ends::of(text), text.len())
    }

    /// The name of `len` bytes with these ends.
    #[inline(always)]
    pub(crate) fn of_ends(ends: Ends, len: usize) -> Name {
        // An odd constant without a pattern (the fraction of the golden ratio); the upper half is the better
        // mixed one.
        let mixed = ends.first ^ ends.last.rotate_left(21) ^ len as u64;
        Name { hash: (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32, first: ends.first }
    }

    /// Whether it may begin with `MONA_`, which one look at four bytes says.
    #[inline(always)]
    pub(crate) fn may_be_reserved(self) -> bool {
        self.first as u32 == RESERVED as u32
    }

    /// Whether it begins with `MONA_`: such fields are never taken from a message.
    pub(crate) fn is_reserved(self) -> bool {
        self.first & FIVE_BYTES == RESERVED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_the_bytes_in_order_whichever_way_they_are_made() {
        let text: Vec<u8> = (1..=40).collect();
        for len in 0..=40 {
            let text = &text[..len];
            let word =
                |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
            let first = word(&text[..len.min(8)]);
            let last = if len < 8 { 0 } else { word(&text[len - 8..]) };
            let expected = Ends { first, last };
            assert_eq!(Ends::of(text), expected, "{len}");
            if len < 16 {
                let mut block = [0xff; 16];
                block[..len].copy_from_slice(text);
                assert_eq!(Ends::beginning(&block, len), expected, "{len}");
            }
        }
    }

    #[test]
    fn reserved_names_and_ascii() {
        for (name, reserved) in [
            ("MONA_", true),
            ("MONA_X", true),
            ("MONA_a_name_longer_than_two_words", true),
            ("MONA", false),
            ("MONA\0", false),
            ("mona_", false),
            ("XMONA_", false),
            ("", false),
        ] {
            let name = Name::new(name.as_bytes());
            assert_eq!(name.is_reserved(), reserved, "{name:?}");
            assert!(name.may_be_reserved() || !reserved, "{name:?}");
        }
    }

    #[test]
    fn text_is_utf8() {
        for len in 1..40 {
            for place in 0..len {
                let mut text = vec![b'a'; len];
                assert_eq!(FieldText::new(&text).unwrap().as_str().as_bytes(), text);
                text[place] = 0x80;
                assert_eq!(FieldText::new(&text).unwrap_err().valid_up_to(), place);
                if place + 1 < len {
                    text[place..place + 2].copy_from_slice("\u{e9}".as_bytes());
                    assert_eq!(FieldText::new(&text).unwrap().as_str().as_bytes(), text);
                }
            }
        }
        assert_eq!(FieldText::new(b"").unwrap(), "".into());
    }

    #[test]
    fn hashes_spread() {
        let mut seen = [0_u32; 64];
        for number in 0..6400 {
            seen[(Name::new(format!("field_{number}").as_bytes()).hash >> 26) as usize] += 1;
        }
        assert!(seen.iter().all(|count| (40..200).contains(count)), "{seen:?}");
        assert_ne!(Name::new(b"a").hash, Name::new(b"a\0").hash);
    }
}
