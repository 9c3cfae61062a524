//! Changes to a text that make it wrong, or another right one.

use crate::numbers::number;
use crate::pieces;
use crate::random::Random;

/// Texts never grow beyond this by repetition: what matters shows in far shorter ones.
const MOST_BYTES: usize = 60_000;

const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    " ",
    "\n",
    "null",
    "true",
    "false",
    "NaN",
    "Infinity",
    "-Infinity",
    "{}",
    "[]",
    "\"\"",
    "\"a\":1",
    ",\"a\":2",
    "0",
    "-",
    "+",
    ".",
    "e",
    "E",
    "1e400",
    "-0",
    "00",
    "nul",
    "Na",
    "//",
    "/**/",
    "'",
    "\u{feff}",
    "\u{a0}",
    "\u{2028}",
    "\u{0}",
    "\u{b}",
    "\u{c}",
    "\u{1f}",
    "\u{7f}",
    "[[[[",
    "]]]]",
    "{\"k\":",
    "9999999999999999999999",
];

/// Changes `text` in one to four places; `other` is a text to take parts from.
pub(crate) fn damage(random: &mut Random, text: &mut Vec<u8>, other: &[u8]) {
    let times = if random.once_in(2) { 1 } else { random.between(1, 4) };
    for _ in 0..times {
        once(random, text, other);
        text.truncate(MOST_BYTES);
    }
}

fn range(random: &mut Random, len: usize) -> std::ops::Range<usize> {
    let start = random.below(len + 1);
    start..start + random.length(len - start)
}

fn once(random: &mut Random, text: &mut Vec<u8>, other: &[u8]) {
    let at = random.below(text.len() + 1);
    match random.below(20) {
        0 => {
            if let Some(byte) = text.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => {
            if let Some(byte) = text.get_mut(at) {
                *byte = random.bits() as u8;
            }
        }
        2 | 3 => insert(text, at, random.pick(TOKENS).as_bytes()),
        4 => insert(text, at, &[random.bits() as u8]),
        5 => {
            if at < text.len() {
                text.remove(at);
            }
        }
        6 => drop(text.drain(range(random, text.len()))),
        7 => text.truncate(at),
        8 => {
            let part = text[range(random, text.len())].to_vec();
            insert(text, at, &part);
        }
        9 => {
            let start = random.below(text.len() + 1);
            let end = (start + random.between(1, 12)).min(text.len());
            let part = text[start..end].repeat(random.length(80));
            insert(text, at, &part);
        }
        10 => {
            let part = &other[range(random, other.len())];
            insert(text, at, part);
        }
        11 => {
            text.truncate(at);
            text.extend_from_slice(&other[random.below(other.len() + 1)..]);
        }
        12 | 13 => insert(text, at, random.pick(pieces::NOT_UTF8)),
        14 => insert(text, at, random.pick(pieces::BAD_ESCAPES).as_bytes()),
        15 => insert(text, at, random.pick(pieces::ESCAPES).as_bytes()),
        16 => insert(text, at, &[random.below(32) as u8]),
        17 => replace_number(random, text, at),
        18 => {
            // A whole line of control: a quote or a backslash at a lane's edge.
            let edge = at / 16 * 16 + random.pick(&[0, 15]);
            let byte = random.pick(b"\"\\\x00\x1f\n");
            if let Some(place) = text.get_mut(edge) {
                *place = byte;
            }
        }
        _ => insert(text, at, random.pick(pieces::EDGES).as_bytes()),
    }
}

fn insert(text: &mut Vec<u8>, at: usize, piece: &[u8]) {
    drop(text.splice(at..at, piece.iter().copied()));
}

/// Puts another number in the place of the next one.
fn replace_number(random: &mut Random, text: &mut Vec<u8>, from: usize) {
    let Some(start) = text[from..].iter().position(u8::is_ascii_digit).map(|skip| from + skip) else {
        return;
    };
    let end = text[start..]
        .iter()
        .position(|byte| !matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
        .map_or(text.len(), |len| start + len);
    let mut other = Vec::new();
    number(random, &mut other);
    drop(text.splice(start..end, other));
}
