//! Names of fields as the encoder and the filters compare them: by length and a few words, not byte by byte.
//!
//! The encoder makes one [`Name`] of each key that it writes; the search for repeated keys and the rules
//! about fields use its hash. [`utf8`] checks text that comes from outside, by words where it is short.

use std::str::Utf8Error;

/// A text of at most 16 bytes as two words: its bytes in order, little-endian, zeros behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) low: u64,
    pub(crate) high: u64,
}

impl Words {
    /// The words of a text; `None` for more than 16 bytes.
    #[inline(always)]
    pub(crate) fn of(text: &[u8]) -> Option<Words> {
        let len = text.len();
        if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
            if len > 16 {
                return None;
            }
            let (low, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
            // The last eight bytes repeat some of the first eight, unless there are sixteen.
            let high = if len == 8 { 0 } else { last >> (8 * (16 - len)) };
            return Some(Words { low, high });
        }
        let low = match (text.first_chunk::<4>(), text.last_chunk::<4>(), text) {
            (Some(first), Some(last), _) => {
                let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
                u64::from(first) | u64::from(last) << (8 * (len - 4))
            }
            (_, _, &[one]) => one.into(),
            (_, _, &[one, two]) => u64::from(one) | u64::from(two) << 8,
            (_, _, &[one, two, three]) => u64::from(one) | u64::from(two) << 8 | u64::from(three) << 16,
            _ => 0,
        };
        Some(Words { low, high: 0 })
    }

    /// The words of the first `len` bytes of a block, for less than 16 of them.
    #[inline(always)]
    pub(crate) fn beginning(block: &[u8; 16], len: usize) -> Words {
        let [low, high] = [0, 8].map(|at| {
            let half = block.get(at..).and_then(|rest| rest.first_chunk::<8>());
            half.map_or(0, |half| u64::from_le_bytes(*half))
        });
        let kept = |bytes: usize| (1_u64 << (8 * (bytes % 8))) - 1;
        if len < 8 { Words { low: low & kept(len), high: 0 } } else { Words { low, high: high & kept(len) } }
    }

    /// Whether every byte is ASCII.
    #[inline(always)]
    pub(crate) fn is_ascii(self) -> bool {
        (self.low | self.high) & 0x8080_8080_8080_8080 == 0
    }
}

/// Bytes as text. Names and short values are nearly always ASCII, which two words can say.
///
/// # Errors
/// That of the standard library, for bytes that are not UTF-8.
#[inline(always)]
pub fn utf8(bytes: &[u8]) -> Result<&str, Utf8Error> {
    if Words::of(bytes).is_some_and(Words::is_ascii) {
        // SAFETY: ASCII is UTF-8.
        return Ok(unsafe { str::from_utf8_unchecked(bytes) });
    }
    long_utf8(bytes)
}

#[inline(never)]
fn long_utf8(bytes: &[u8]) -> Result<&str, Utf8Error> {
    str::from_utf8(bytes)
}

/// The name of a field, with what it is recognised by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name<'a> {
    pub(crate) text: &'a [u8],
    /// Of the length and of both ends. Names that differ only in the middle of more than 16 bytes share it.
    pub(crate) hash: u32,
    /// The first eight bytes.
    low: u64,
}

// The five bytes that names of Mona's own fields begin with, as a word.
const RESERVED: u64 = u64::from_le_bytes(*b"MONA_\0\0\0");
const FIVE_BYTES: u64 = (1 << 40) - 1;

impl<'a> Name<'a> {
    #[inline(always)]
    pub(crate) fn new(text: &'a [u8]) -> Name<'a> {
        match Words::of(text) {
            Some(words) => Name::with_words(text, words),
            None => Name::long(text),
        }
    }

    /// The name whose words are known.
    #[inline(always)]
    pub(crate) fn with_words(text: &'a [u8], words: Words) -> Name<'a> {
        Name { text, hash: hash(text.len(), words), low: words.low }
    }

    /// For more than 16 bytes: both ends stand for the whole.
    #[inline]
    fn long(text: &'a [u8]) -> Name<'a> {
        let low = text.first_chunk().map_or(0, |first| u64::from_le_bytes(*first));
        let high = text.last_chunk().map_or(0, |last| u64::from_le_bytes(*last));
        Name { text, hash: hash(text.len(), Words { low, high }), low }
    }

    /// Whether it begins with `MONA_`: such fields are never taken from a message.
    #[inline(always)]
    pub(crate) fn is_reserved(&self) -> bool {
        self.low & FIVE_BYTES == RESERVED
    }
}

#[inline(always)]
fn hash(len: usize, words: Words) -> u32 {
    // An odd constant without a pattern (the fraction of the golden ratio); the upper half is the better
    // mixed one.
    let mixed = words.low ^ words.high.rotate_left(21) ^ len as u64;
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_bytes_in_order_whichever_way_they_are_made() {
        let text: Vec<u8> = (1..=40).collect();
        for len in 0..=40 {
            let text = &text[..len];
            let mut padded = [0; 16];
            padded[..len.min(16)].copy_from_slice(&text[..len.min(16)]);
            let word = |at: usize| u64::from_le_bytes(*padded[at..].first_chunk().unwrap());
            let expected = Words { low: word(0), high: word(8) };
            assert_eq!(Words::of(text), (len <= 16).then_some(expected), "{len}");
            if len < 16 {
                let mut block = [0xff; 16];
                block[..len].copy_from_slice(text);
                assert_eq!(Words::beginning(&block, len), expected, "{len}");
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
            assert!(Words::of(&text).unwrap().is_ascii());
            text[place] = 0x80;
            assert!(!Words::of(&text).unwrap().is_ascii());
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
