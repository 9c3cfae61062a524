//! Texts that follow each other on one thread: objects with the same keys, and what departs from them.
//!
//! The encoder remembers the keys of earlier messages. A family of texts teaches it some, and then keeps to them,
//! leaves them half-way, or is damaged.

use crate::document;
use crate::pieces;
use crate::random::Random;

/// What some texts have in common.
pub(crate) struct Family {
    /// As they stand between quotes.
    keys: Vec<Vec<u8>>,
    /// All values are such as take more bytes in a message than in a text.
    is_dense: bool,
}

/// How a text departs from the keys of its family.
enum Departure {
    None,
    Swapped,
    Shortened,
    Longer,
    Repeated,
    Replaced,
    Changed,
    Spaced,
}

impl Family {
    pub(crate) fn new(random: &mut Random) -> Family {
        let count = match random.below(24) {
            0 => random.between(120, 136),
            1 => random.between(60, 70),
            2..=4 => random.between(14, 18),
            _ => random.between(1, 10),
        };
        let mut keys = Vec::new();
        for number in 0..count {
            let mut key = Vec::new();
            match random.below(24) {
                0 => key.extend_from_slice(
                    random.pick(&["MONA_a", "MONA_", "MONA", "MONA-a", "mona_x"]).as_bytes(),
                ),
                1 | 2 => key.extend_from_slice(
                    random.pick(&["b", "key1", "cc", "a-1", "model", "same-x", ""]).as_bytes(),
                ),
                3 => {
                    let edge = random.pick(pieces::EDGES);
                    let count = random.between(1, 10);
                    key.extend_from_slice(edge.repeat(count).as_bytes());
                }
                4 => {
                    key.extend_from_slice(b"e");
                    key.extend_from_slice(random.pick(pieces::ESCAPES).as_bytes());
                }
                // Around the lengths that matter: 8, 16, and 30 with quote and colon in 32.
                5..=12 => {
                    let len = random.pick(&[6, 7, 8, 9, 13, 14, 15, 16, 17, 18, 28, 29, 30, 31, 32, 33]);
                    document::letters(random, &mut key, len);
                }
                _ => {
                    let len = random.between(1, 12);
                    document::letters(random, &mut key, len);
                }
            }
            if random.once_in(3) && number > 9 {
                key.extend_from_slice(number.to_string().as_bytes());
            }
            keys.push(key);
        }
        Family { keys, is_dense: random.once_in(12) }
    }

    /// Appends a text with these keys and other values.
    pub(crate) fn text(&self, random: &mut Random, out: &mut Vec<u8>, departs: bool) {
        use Departure::{Changed, Longer, None, Repeated, Replaced, Shortened, Spaced, Swapped};
        let departure = match random.below(if departs { 14 } else { 1 }) {
            0..=6 => None,
            7 => Swapped,
            8 => Shortened,
            9 => Longer,
            10 => Repeated,
            11 => Replaced,
            12 => Changed,
            _ => Spaced,
        };
        let mut keys = self.keys.clone();
        let at = random.below(keys.len());
        match departure {
            None | Spaced => {}
            Swapped => {
                let other = random.below(keys.len());
                keys.swap(at, other);
            }
            Shortened if keys.len() > 1 => keys.truncate(at.max(1)),
            Shortened | Longer => {
                let mut key = b"more".to_vec();
                let len = random.below(30);
                document::letters(random, &mut key, len);
                keys.insert(if random.once_in(2) { keys.len() } else { at }, key);
            }
            Repeated => {
                let key = keys[random.below(keys.len())].clone();
                keys.insert(if random.once_in(2) { keys.len() } else { at }, key);
            }
            Replaced => keys[at] = random.pick(&["b", "MONA_z", "cc", "other", ""]).into(),
            Changed => {
                let key = &mut keys[at];
                if key.is_empty() {
                    key.push(b'x');
                } else {
                    let place = random.below(key.len());
                    match random.below(3) {
                        0 => key[place] = b'a' + random.below(26) as u8,
                        1 => key.insert(place, b'q'),
                        _ => drop(key.remove(place)),
                    }
                }
            }
        }
        let spaced = matches!(departure, Spaced);
        let space = |random: &mut Random, out: &mut Vec<u8>| {
            if spaced && random.once_in(4) {
                out.extend_from_slice(random.pick(&[" ", "\n", " \t ", "\r\n"]).as_bytes());
            }
        };
        space(random, out);
        out.push(b'{');
        for (index, key) in keys.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            space(random, out);
            out.push(b'"');
            out.extend_from_slice(key);
            out.push(b'"');
            space(random, out);
            out.push(b':');
            space(random, out);
            if self.is_dense {
                out.extend_from_slice(random.pick(&["1e1", "0.5", "[2e2,1.5]", "-0.0", "9e9"]).as_bytes());
            } else {
                document::small_value(random, out);
            }
            space(random, out);
        }
        out.push(b'}');
        space(random, out);
    }
}
