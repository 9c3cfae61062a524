//! A known key: how it is told from others, and what is written for it.

use crate::encode::msgpack;
use crate::encode::name::SHORT;

/// Longest key that is known: with its quote and colon it fits two blocks of sixteen bytes.
const LONGEST_KEY: usize = 30;

/// Longer than any text, and not what stands for an unknown length either.
const NO_LEN: usize = usize::MAX - 1;

/// A key as it is compared and as it is written.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// With its header, zeros behind.
    pub(crate) encoded: [u8; 32],
    /// Bytes of it without the zeros: one more than those of the key, which are [`LONGEST_KEY`] at most.
    encoded_len: u8,
    /// The same where the ends are all of the key and its field is kept, else no length of anything.
    simple_len: usize,
    ends: Ends,
    /// As it stands in JSON between its opening quote and its value, and the bits that count.
    json: [[u64; 2]; 2],
    json_bits: [[u64; 2]; 2],
    /// A rule leaves its field out.
    pub(crate) is_dropped: bool,
}

/// What tells texts of the same length apart, up to sixteen bytes: the first and the last eight of them, or
/// four; all of less than four, and zero.
type Ends = (u64, u64);

/// Whether a name is a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyMatch {
    /// It is, and its field is kept.
    Kept,
    /// It is, and its field is left out.
    Dropped,
    /// It is not.
    Not,
}

impl Key {
    pub(crate) fn new(text: &[u8], is_dropped: bool) -> Option<Key> {
        let len = text.len();
        if len > LONGEST_KEY || text.iter().any(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
            return None;
        }
        let padded = |parts: &[&[u8]]| {
            let mut block = [0; 32];
            block.iter_mut().zip(parts.iter().copied().flatten()).for_each(|(slot, byte)| *slot = *byte);
            block
        };
        Some(Key {
            encoded: padded(&[&[msgpack::short_text_tag(len)], text]),
            ends: ends(text),
            json: blocks(&padded(&[text, b"\":"])),
            json_bits: blocks(&padded(&[[0xff; 32].get(..len + 2)?])),
            encoded_len: 1 + len as u8,
            is_dropped,
            simple_len: if len <= SHORT && !is_dropped { len } else { NO_LEN },
        })
    }

    /// Bytes of the key itself, at most 30.
    #[inline(always)]
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.encoded_len() - 1
    }

    /// Bytes of the key with its header, at most 31.
    #[inline(always)]
    pub(crate) fn encoded_len(&self) -> usize {
        self.encoded_len.into()
    }

    /// Whether a text of `len` bytes may be this key and its ends are all that has to be looked at, with
    /// [`Key::has_ends_of`].
    #[inline(always)]
    pub fn is_simple(&self, len: usize) -> bool {
        len == self.simple_len
    }

    /// Whether `text`, which is as long as this key, begins and ends like it.
    #[inline(always)]
    pub fn has_ends_of(&self, text: &[u8]) -> bool {
        ends(text) == self.ends
    }

    /// Whether `text` is this key.
    #[inline(always)]
    pub fn matches(&self, text: &[u8]) -> KeyMatch {
        if text.len() != self.len() || !self.has_ends_of(text) {
            KeyMatch::Not
        } else if self.is_simple(text.len()) {
            KeyMatch::Kept
        } else {
            self.matches_beyond_ends(text)
        }
    }

    /// The same for what the ends do not say.
    #[inline(always)]
    fn matches_beyond_ends(&self, text: &[u8]) -> KeyMatch {
        let known = self.encoded.get(1..1 + self.len()).unwrap_or_default();
        if text.first_chunk::<16>() != known.first_chunk() || text.last_chunk::<16>() != known.last_chunk() {
            KeyMatch::Not
        } else if self.is_dropped {
            KeyMatch::Dropped
        } else {
            KeyMatch::Kept
        }
    }

    /// The bytes up to and with the colon, if this key stands behind an opening quote. `block_from` gives sixteen bytes
    /// from a place behind that quote on, with zeros where the text has ended: no byte of a key is zero.
    #[inline(always)]
    pub(crate) fn in_json(&self, block_from: impl Fn(usize) -> [u8; 16]) -> Option<usize> {
        let is_here =
            self.is_block(0, block_from(0)) && (self.encoded_len <= 15 || self.is_block(1, block_from(16)));
        is_here.then_some(self.len() + 2)
    }

    #[inline(always)]
    fn is_block(&self, number: usize, block: [u8; 16]) -> bool {
        let [low, high] = halves(&block);
        let (Some([key_low, key_high]), Some([low_bits, high_bits])) =
            (self.json.get(number), self.json_bits.get(number))
        else {
            return false;
        };
        (low ^ key_low) & low_bits | (high ^ key_high) & high_bits == 0
    }
}

#[inline(always)]
fn ends(text: &[u8]) -> Ends {
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into());
    }
    (text.iter().fold(0, |all, &byte| all << 8 | u64::from(byte)), 0)
}

#[inline(always)]
fn halves(block: &[u8; 16]) -> [u64; 2] {
    let number = u128::from_le_bytes(*block);
    [number as u64, (number >> 64) as u64]
}

fn blocks(bytes: &[u8; 32]) -> [[u64; 2]; 2] {
    let block = |at: usize| bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or([0; 2], halves);
    [block(0), block(16)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key at the beginning of a text.
    fn found(key: &Key, text: &[u8]) -> Option<usize> {
        key.in_json(|at| {
            let mut block = [0; 16];
            block.iter_mut().zip(text.iter().skip(at)).for_each(|(slot, byte)| *slot = *byte);
            block
        })
    }

    #[test]
    fn a_key_is_known_in_json_and_as_text() {
        for len in 0..=LONGEST_KEY {
            let name = &"abcdefghijklmnopqrstuvwxyz0123456789"[..len];
            let key = Key::new(name.as_bytes(), false).unwrap();
            assert_eq!(key.matches(name.as_bytes()), KeyMatch::Kept);
            for rest in ["1}", "1,\"b\":22222222222222222222222222222222"] {
                let json = format!("{name}\":{rest}");
                assert_eq!(found(&key, json.as_bytes()), Some(len + 2), "{json}");
                for place in 0..len + 2 {
                    let mut other = json.clone().into_bytes();
                    other[place] ^= 1;
                    assert_eq!(found(&key, &other), None);
                    assert_eq!(found(&key, &json.as_bytes()[..place]), None);
                    assert!(place >= len || key.matches(&other[..len]) == KeyMatch::Not);
                }
            }
            assert_eq!(key.matches(format!("{name}x").as_bytes()), KeyMatch::Not);
            let dropped = Key::new(name.as_bytes(), true).unwrap();
            assert_eq!(dropped.matches(name.as_bytes()), KeyMatch::Dropped);
            assert_eq!(dropped.matches(format!("{name}x").as_bytes()), KeyMatch::Not);
        }
        for unknown in ["thirty-one letters are too many", "a\"b", "a\\b", "a\n"] {
            assert!(Key::new(unknown.as_bytes(), false).is_none(), "{unknown}");
        }
    }
}
