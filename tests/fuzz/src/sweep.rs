//! The inputs that are not left to chance: each kind of trouble at each place of a block, each text cut
//! anywhere, and numbers of every count of digits.

use crate::case::{Case, Entry, Input, LIMITS, place};
use crate::pieces;
use crate::random::Random;

// Places before a piece: more than one whole block of 64 bytes, and what stands before the string.
const BEFORE: usize = 81;
/// Bytes between a piece and the end of its string: around the widths of blocks.
const BEHIND: [usize; 9] = [0, 1, 7, 14, 15, 16, 31, 33, 64];
/// What fills a string: characters of every length, so that blocks begin in the middle of one.
const FILLS: [&str; 4] = ["a", "\u{e9}", "\u{20ac}", "\u{1f600}"];
/// Lengths of texts around what typed fields know a short text by, and places in them.
const TEXT: usize = 36;
const FIGURES: usize = 25;
const EXPONENTS: [&str; 12] =
    ["", "e0", "e1", "e-1", "e22", "e-22", "e23", "e-23", "E+37", "e-300", "e290", "e-320"];

/// All of them, by number.
pub(crate) struct Sweep {
    pieces: Vec<Vec<u8>>,
    texts: Vec<Vec<u8>>,
    /// For each text the number of the case that is cut at its first byte.
    cuts: Vec<usize>,
}

/// Which parts there are, and how many cases each has.
enum Part {
    Piece,
    Text,
    Space,
    Number,
    Cut,
}

impl Sweep {
    pub(crate) fn new(corpus: &[&[u8]]) -> Sweep {
        let mut all: Vec<Vec<u8>> = Vec::new();
        all.extend(pieces::NOT_UTF8.iter().map(|piece| piece.to_vec()));
        for list in [pieces::EDGES, pieces::ESCAPES, pieces::BAD_ESCAPES] {
            all.extend(list.iter().map(|piece| piece.as_bytes().to_vec()));
        }
        all.extend((0..0x24_u8).map(|byte| vec![byte]));
        all.extend([
            vec![b'"', b'"'],
            vec![b'\\', b'"', b'"'],
            vec![b'/'],
            vec![0x5b],
            vec![0x5d],
            vec![0x7e],
        ]);
        let texts: Vec<Vec<u8>> = corpus.iter().map(|text| text.to_vec()).collect();
        let mut cuts = vec![0];
        for text in &texts {
            cuts.push(cuts[cuts.len() - 1] + text.len() + 1);
        }
        Sweep { pieces: all, texts, cuts }
    }

    fn parts(&self) -> [(Part, usize); 5] {
        [
            (Part::Piece, self.pieces.len() * BEFORE * BEHIND.len() * FILLS.len()),
            (Part::Text, TEXT * TEXT * pieces::NOT_UTF8.len()),
            (Part::Space, 4 * 81 * 12),
            (Part::Number, FIGURES * (FIGURES + 1) * EXPONENTS.len() * 4),
            (Part::Cut, self.cuts[self.texts.len()]),
        ]
    }

    pub(crate) fn len(&self) -> usize {
        self.parts().iter().map(|(_, count)| count).sum()
    }

    /// Case `number`; the seed chooses the digits, and the place in memory.
    pub(crate) fn case(&self, seed: u64, number: u64) -> Case {
        let mut random = Random::new(!seed, number);
        let mut left = number as usize;
        let mut text = Vec::new();
        let mut is_text = false;
        for (part, count) in self.parts() {
            if left < count {
                match part {
                    Part::Piece => self.piece(left, &mut text),
                    Part::Text => {
                        let (number, place) = (left / TEXT, left % TEXT);
                        let (piece, len) = (pieces::NOT_UTF8[number / TEXT], number % TEXT);
                        filled(&mut text, "a", place.min(len));
                        text.extend_from_slice(piece);
                        filled(&mut text, "z", len.saturating_sub(place + piece.len()));
                        is_text = true;
                    }
                    Part::Space => space(left, &mut text),
                    Part::Number => number_of(&mut random, left, &mut text),
                    Part::Cut => {
                        let index = self.cuts.partition_point(|first| *first <= left) - 1;
                        text.extend_from_slice(&self.texts[index][..left - self.cuts[index]]);
                    }
                }
                break;
            }
            left -= count;
        }
        let entry = random.pick(&[
            Entry::Object,
            Entry::Object,
            Entry::Message { rules: 0, stamped: false },
            Entry::Message { rules: 1, stamped: false },
            Entry::Field,
            Entry::Typed,
            Entry::Text,
        ]);
        let entry = if is_text { Entry::Text } else { entry };
        place(&mut random, vec![Input { entry, text, limits: LIMITS }])
    }

    /// A piece in a string, as a value or in a key.
    fn piece(&self, number: usize, text: &mut Vec<u8>) {
        let (number, before) = (number / BEFORE, number % BEFORE);
        let (number, behind) = (number / BEHIND.len(), BEHIND[number % BEHIND.len()]);
        let (piece, fill) = (number / FILLS.len(), FILLS[number % FILLS.len()]);
        let key = (before + behind + piece) % 4 == 0;
        text.extend_from_slice(if key { b"{\"" } else { b"{\"k\":\"" });
        filled(text, fill, before);
        text.extend_from_slice(&self.pieces[piece]);
        filled(text, fill, behind);
        text.extend_from_slice(if key { b"\":1}" } else { b"\"}" });
    }
}

/// Appends exactly `count` bytes: the fill as often as it goes, and ASCII before it.
fn filled(text: &mut Vec<u8>, fill: &str, count: usize) {
    text.extend(std::iter::repeat_n(b'-', count % fill.len()));
    for _ in 0..count / fill.len() {
        text.extend_from_slice(fill.as_bytes());
    }
}

/// White space of every length in every gap, and what only looks like it.
fn space(number: usize, text: &mut Vec<u8>) {
    let (number, count) = (number / 81, number % 81);
    let (gap, kind) = (number / 4, number % 4);
    let space = [&b" "[..], b"\n", b"\t \r\n", b" \x0b"][kind];
    let parts: [&[u8]; 11] =
        [b"{", b"\"a\"", b":", b"[", b"1", b",", b"\"b\"", b"]", b",\"c\":true", b"}", b""];
    for (index, part) in parts.iter().enumerate() {
        if index == gap {
            text.extend(space.iter().cycle().take(count));
        }
        text.extend_from_slice(part);
    }
    if gap > 10 {
        text.extend(space.iter().cycle().take(count));
    }
}

/// A number of every count of digits before and behind the point, with exponents.
fn number_of(random: &mut Random, number: usize, text: &mut Vec<u8>) {
    let (number, whole) = (number / FIGURES, number % FIGURES + 1);
    let (number, fraction) = (number / (FIGURES + 1), number % (FIGURES + 1));
    let (way, exponent) = (number / EXPONENTS.len(), EXPONENTS[number % EXPONENTS.len()]);
    text.extend_from_slice(b"{\"n\":");
    if way % 2 == 1 {
        text.push(b'-');
    }
    let digit = |random: &mut Random| if way < 2 { b'0' + random.below(10) as u8 } else { b'9' };
    for index in 0..whole {
        let digit = digit(random);
        text.push(if index == 0 && whole > 1 { digit.max(b'1') } else { digit });
    }
    if fraction > 0 {
        text.push(b'.');
        for _ in 0..fraction {
            text.push(digit(random));
        }
    }
    text.extend_from_slice(exponent.as_bytes());
    text.extend_from_slice(if whole % 2 == 0 { b"}" } else { b" , \"z\":0}" });
}
