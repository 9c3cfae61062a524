//! Names of fields as the encoder and the filters compare them: by length and a few words, not byte by byte.
//!
//! The encoder makes one [`Name`] of each key that it writes; the search for repeated keys and the rules
//! about fields use its hash. [`utf8`] checks text that comes from outside, by words where it is short.

use std::str::Utf8Error;

/// The two ends of a text of at most 16 bytes, little-endian: all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ends {
    /// The first eight bytes, or all of less, with zeros behind them.
    pub(crate) first: u64,
    /// The last eight bytes; 0 where there are less than eight.
    pub(crate) last: u64,
}

impl Ends {
    /// The ends of a text; `None` for more than 16 bytes.
    #[inline(always)]
    pub(crate) fn of(text: &[u8]) -> Option<Ends> {
        let len = text.len();
        if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            if len > 16 {
                return None;
            }
            return Some(Ends { first: u64::from_le_bytes(*first), last: u64::from_le_bytes(*last) });
        }
        let first = match (text.first_chunk(), text.last_chunk(), text) {
            (Some(first), Some(last), _) => {
                let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
                u64::from(first) | u64::from(last) << (8 * (len - 4))
            }
            // Three bytes, or the same ones again.
            (_, _, &[first, .., last]) => {
                let middle = text.get(len / 2).copied().unwrap_or_default();
                u64::from(first) | u64::from(middle) << (len / 2 * 8) | u64::from(last) << ((len - 1) * 8)
            }
            (_, _, &[one]) => one.into(),
            _ => 0,
        };
        Some(Ends { first, last: 0 })
    }

    /// The ends of the text of `len` bytes at the beginning of a block, which is longer.
    #[inline(always)]
    pub(crate) fn beginning(block: &[u8; 16], len: usize) -> Ends {
        let first = block.first_chunk().map_or(0, |first| u64::from_le_bytes(*first));
        match block.get(..len).and_then(|text| text.last_chunk()) {
            Some(last) => Ends { first, last: u64::from_le_bytes(*last) },
            None => Ends { first: first & ((1 << (8 * (len % 8))) - 1), last: 0 },
        }
    }

    /// Whether every byte is ASCII.
    #[inline(always)]
    pub(crate) fn is_ascii(self) -> bool {
        (self.first | self.last) & 0x8080_8080_8080_8080 == 0
    }
}

/// Bytes as text. Names and short values are nearly always ASCII, which two words can say.
///
/// # Errors
/// That of the standard library, for bytes that are not UTF-8.
#[inline(always)]
pub fn utf8(bytes: &[u8]) -> Result<&str, Utf8Error> {
    if Ends::of(bytes).is_some_and(Ends::is_ascii) {
        // SAFETY: ASCII is UTF-8.
        return Ok(unsafe { str::from_utf8_unchecked(bytes) });
    }
    long_utf8(bytes)
}

#[inline(never)]
fn long_utf8(bytes: &[u8]) -> Result<&str, Utf8Error> {
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
        match Ends::of(text) {
            Some(ends) => Name::of_ends(ends, text.len()),
            None => Name::long(text),
        }
    }

    /// The name of `len` bytes with these ends.
    #[inline(always)]
    pub(crate) fn of_ends(ends: Ends, len: usize) -> Name {
        Name { hash: hash(len, ends), first: ends.first }
    }

    /// For more than 16 bytes: both ends stand for the whole.
    #[inline(never)]
    fn long(text: &[u8]) -> Name {
        let first = text.first_chunk().map_or(0, |first| u64::from_le_bytes(*first));
        let last = text.last_chunk().map_or(0, |last| u64::from_le_bytes(*last));
        Name { hash: hash(text.len(), Ends { first, last }), first }
    }

    /// Whether it begins with `MONA_`: such fields are never taken from a message.
    #[inline(always)]
    pub(crate) fn is_reserved(self) -> bool {
        // One byte tells most names apart.
        self.first as u8 == RESERVED as u8 && self.first & FIVE_BYTES == RESERVED
    }
}

#[inline(always)]
fn hash(len: usize, ends: Ends) -> u32 {
    // An odd constant without a pattern (the fraction of the golden ratio); the upper half is the better
    // mixed one.
    let mixed = ends.first ^ ends.last.rotate_left(21) ^ len as u64;
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
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
            assert_eq!(Ends::of(text), (len <= 16).then_some(expected), "{len}");
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
            assert_eq!(Name::new(name.as_bytes()).is_reserved(), reserved, "{name}");
        }
        for place in 0..16 {
            let mut text = [b'a'; 16];
            assert!(Ends::of(&text).unwrap().is_ascii());
            text[place] = 0x80;
            assert!(!Ends::of(&text).unwrap().is_ascii());
        }
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
