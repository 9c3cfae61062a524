//! Random JSON texts that are right, or nearly: the bare words, numbers of any size and deep nesting are in.

use crate::numbers::number;
use crate::pieces;
use crate::random::Random;

/// Beyond this many bytes a text only closes what is open; it bounds the largest, not the usual one.
const MOST_BYTES: usize = 40_000;

/// What a text has most of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taste {
    Typical,
    Wide,
    Deep,
    Texts,
    Numbers,
    Spaced,
    Long,
}

struct Writer<'r, 'o> {
    random: &'r mut Random,
    out: &'o mut Vec<u8>,
    taste: Taste,
    /// Where keys of this text stand, for repeating them.
    keys: Vec<(usize, usize)>,
}

/// Appends one object.
pub(crate) fn object(random: &mut Random, out: &mut Vec<u8>) {
    let mut writer = Writer::new(random, out);
    writer.space();
    writer.object(0);
    writer.space();
}

/// Appends one value of any kind.
pub(crate) fn value(random: &mut Random, out: &mut Vec<u8>) {
    let mut writer = Writer::new(random, out);
    writer.value(0);
}

impl<'r, 'o> Writer<'r, 'o> {
    fn new(random: &'r mut Random, out: &'o mut Vec<u8>) -> Self {
        let taste = match random.below(256) {
            0..=127 => Taste::Typical,
            128..=131 => Taste::Wide,
            132..=139 => Taste::Deep,
            140..=190 => Taste::Texts,
            191..=240 => Taste::Numbers,
            241..=254 => Taste::Spaced,
            _ => Taste::Long,
        };
        Writer { random, out, taste, keys: Vec::new() }
    }

    fn space(&mut self) {
        let times = if self.taste == Taste::Spaced { 2 } else { 24 };
        if self.random.once_in(times) {
            for _ in 0..=self.random.length(70) {
                let space = self.random.pick(b"  \n\r\t");
                self.out.push(space);
            }
        }
    }

    fn value(&mut self, depth: usize) {
        self.space();
        let (containers, most) = match self.taste {
            Taste::Deep => (70, 600),
            Taste::Typical | Taste::Spaced => (15, 4),
            _ => (20, 3),
        };
        let open = depth < most && self.out.len() < MOST_BYTES;
        if open && self.random.below(100) < containers {
            if self.random.once_in(2) { self.object(depth + 1) } else { self.array(depth + 1) }
        } else {
            self.scalar();
        }
        self.space();
    }

    fn scalar(&mut self) {
        let kind = match self.taste {
            Taste::Numbers => self.random.pick(b"nnnnnnntw"),
            Taste::Texts | Taste::Long => self.random.pick(b"sssssssnw"),
            _ => self.random.pick(b"sssnnnnww"),
        };
        match kind {
            b'n' => number(self.random, self.out),
            b's' => self.text(),
            _ if self.random.once_in(12) => {
                let word = self.random.pick(&["NaN", "Infinity", "-Infinity"]);
                self.out.extend_from_slice(word.as_bytes());
            }
            _ => {
                let word = self.random.pick(&["true", "false", "null"]);
                self.out.extend_from_slice(word.as_bytes());
            }
        }
    }

    /// How many values a container gets.
    fn count(&mut self, depth: usize) -> usize {
        if self.out.len() > MOST_BYTES {
            return 0;
        }
        match (self.taste, depth) {
            (Taste::Wide, 0) => self.random.between(10, 300),
            (Taste::Wide, 1) if self.random.once_in(8) => self.random.between(60, 140),
            (Taste::Deep, 0..=3) => self.random.between(1, 3),
            (Taste::Deep, _) => usize::from(!self.random.once_in(120)) + usize::from(self.random.once_in(40)),
            // Headers change at 16 values.
            _ if self.random.once_in(40) => self.random.between(14, 18),
            (_, 0) => self.random.below(10),
            _ => self.random.below(5),
        }
    }

    fn array(&mut self, depth: usize) {
        self.out.push(b'[');
        let long = self.taste == Taste::Long && self.random.once_in(40);
        let count = if long { self.random.between(4000, 9000) } else { self.count(depth) };
        for index in 0..count {
            if index > 0 {
                self.out.push(b',');
            }
            if long { self.out.push(b'1') } else { self.value(depth) }
        }
        if count == 0 {
            self.space();
        }
        self.out.push(b']');
    }

    fn object(&mut self, depth: usize) {
        self.out.push(b'{');
        let count = self.count(depth);
        for index in 0..count {
            if index > 0 {
                self.out.push(b',');
            }
            self.space();
            self.key();
            self.space();
            self.out.push(b':');
            self.value(depth);
        }
        if count == 0 {
            self.space();
        }
        self.out.push(b'}');
    }

    fn key(&mut self) {
        const COMMON: &[&str] = &[
            "a",
            "b",
            "cc",
            "key",
            "key2",
            "model",
            "confidence",
            "latency_ms",
            "label",
            "batch",
            "country",
            "is_mobile",
            "",
            "MONA_",
            "MONA_a",
            "MONA",
            "mona_x",
            "a-longer-key-1",
            "MONA_ARC_CLASS",
        ];
        let start = self.out.len();
        match self.random.below(20) {
            0..=8 => {
                let key = self.random.pick(COMMON);
                self.quoted(key.as_bytes());
            }
            9..=11 if !self.keys.is_empty() => {
                let (start, end) = self.keys[self.random.below(self.keys.len())];
                self.out.extend_from_within(start..end);
            }
            12 => {
                // A common key, partly in escapes: the same key in other words.
                let key = self.random.pick(COMMON);
                self.out.push(b'"');
                for byte in key.bytes() {
                    if self.random.once_in(3) {
                        self.out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
                    } else {
                        self.out.push(byte);
                    }
                }
                self.out.push(b'"');
            }
            13..=14 => {
                // Keys that differ only in the middle.
                let middle = self.random.below(100);
                let key = format!("same-begin{middle:03}same-end");
                self.quoted(key.as_bytes());
            }
            15..=16 => {
                let len = self.random.between(1, 40);
                self.out.push(b'"');
                letters(self.random, self.out, len);
                self.out.push(b'"');
            }
            _ => self.text(),
        }
        if self.keys.len() < 64 {
            self.keys.push((start, self.out.len()));
        }
    }

    fn quoted(&mut self, text: &[u8]) {
        self.out.push(b'"');
        self.out.extend_from_slice(text);
        self.out.push(b'"');
    }

    fn text(&mut self) {
        self.out.push(b'"');
        let runs = match self.taste {
            Taste::Texts => self.random.length(12),
            Taste::Long => self.random.length(40),
            _ => self.random.below(4),
        };
        for _ in 0..runs {
            match self.random.below(10) {
                0..=5 => {
                    let most = if self.taste == Taste::Long { 5000 } else { 90 };
                    let count = self.random.length(most);
                    plain(self.random, self.out, count);
                }
                6 | 7 => self.foreign(),
                8 => {
                    let escape = self.random.pick(pieces::ESCAPES);
                    self.out.extend_from_slice(escape.as_bytes());
                }
                _ => {
                    let unit = self.random.below(0xd800);
                    self.out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
        }
        if self.taste == Taste::Long && self.random.once_in(60) {
            // The header of a text changes at 65 536 bytes.
            let count = 65_536 - 40 + self.random.below(50);
            plain(self.random, self.out, count);
        }
        self.out.push(b'"');
    }

    /// A run of characters beyond ASCII, mostly of one length.
    fn foreign(&mut self) {
        let kind = self.random.below(5);
        for _ in 0..=self.random.length(24) {
            let code = match kind {
                0 => self.random.between(0x80, 0x7ff),
                1 => self.random.between(0x800, 0xd7ff),
                2 => self.random.between(0xe000, 0xffff),
                3 => self.random.between(0x1_0000, 0x10_ffff),
                _ => {
                    let edge = self.random.pick(pieces::EDGES);
                    self.out.extend_from_slice(edge.as_bytes());
                    continue;
                }
            };
            let letter = char::from_u32(code as u32).expect("surrogates are left out");
            self.out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

/// Appends a short text as a typed field has it, without quotes or escapes.
pub(crate) fn text(random: &mut Random, out: &mut Vec<u8>) {
    if random.once_in(8) {
        out.extend_from_slice(random.pick(&["MONA_", "MONA", "nested", "before"]).as_bytes());
    }
    let count = if random.once_in(2) { random.below(20) } else { random.length(300) };
    plain(random, out, count);
    if random.once_in(2) {
        let mut writer = Writer::new(random, out);
        writer.foreign();
    }
}

/// Appends a value as a field of a typical event has it: mostly a scalar.
pub(crate) fn small_value(random: &mut Random, out: &mut Vec<u8>) {
    let mut writer = Writer::new(random, out);
    writer.taste = Taste::Typical;
    let depth = if writer.random.once_in(8) { 2 } else { 4 };
    writer.value(depth);
}

/// Appends lower-case letters.
pub(crate) fn letters(random: &mut Random, out: &mut Vec<u8>, count: usize) {
    for _ in 0..count {
        let letter = b'a' + random.below(26) as u8;
        out.push(letter);
    }
}

/// Appends ASCII that stands for itself in a string, structure of JSON among it.
pub(crate) fn plain(random: &mut Random, out: &mut Vec<u8>, count: usize) {
    const LETTERS: &[u8; 64] = b"abcdefghijklmnopqrstuvwxyz0123456789 !#$%&'()*+,-./:;<=>?@[]{}_~";
    let mut bits = random.bits();
    for index in 0..count {
        if index % 10 == 9 {
            bits = random.bits();
        }
        out.push(LETTERS[(bits & 63) as usize]);
        bits >>= 6;
    }
}
