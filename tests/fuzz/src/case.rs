//! One input: a text, the entry of the encoder that gets it, the limits, and where in memory it stands.

use crate::damage::damage;
use crate::document;
use crate::family::Family;
use crate::random::Random;
use mona::fuzz::Limits;

/// Which entry of the encoder gets the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// `json_object`, as for globals: no rules.
    Object,
    /// `json_message` under the rules of this number, with or without a field for an invalid timestamp.
    Message { rules: usize, stamped: bool },
    /// A typed field with the text as its JSON, between two others. Only for text that is UTF-8.
    Field,
    /// The fields of the object that the text is, each with its type. Only for text that is an object.
    Typed,
    /// The text itself as a typed field, as its name and as its value.
    Text,
    /// The message of the only event of a batch.
    Batch,
}

/// What stands around the text in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Its last byte is the last one of a page; reading on is a crash.
    BeforeGuard,
    /// Its first byte is the first one of a page; reading before it is a crash.
    BehindGuard,
    /// This many bytes follow that would change its meaning.
    Followed(usize),
}

#[derive(Debug, Clone)]
pub struct Case {
    pub entry: Entry,
    /// Texts that the same entry gets before, with nothing before them. Without any, the encoder goes on with what
    /// it remembers of the cases before.
    pub earlier: Vec<Vec<u8>>,
    pub text: Vec<u8>,
    pub limits: Limits,
    pub place: Place,
    /// Free bytes in the output when the encoder begins; `None`: plenty.
    pub room: Option<usize>,
}

/// The limits that the options set by default.
pub const LIMITS: Limits = Limits { max_event_bytes: 262_144, max_depth: 512 };

/// How many sets of rules there are.
pub const RULES: usize = 4;

/// The texts that mutations begin with, one a line.
const CORPUS: &[u8] = include_bytes!("../corpus.ndjson");

/// The texts of the corpus.
pub fn corpus() -> Vec<&'static [u8]> {
    CORPUS.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect()
}

/// Input `number` of the run of `seed`.
pub fn random_case(seed: u64, number: u64, corpus: &[&[u8]]) -> Case {
    let mut random = Random::new(seed, number);
    let random = &mut random;
    let mut text = Vec::with_capacity(512);
    let mut earlier = Vec::new();
    let damaged = random.once_in(2);
    let entry;
    if random.once_in(3) {
        entry = match random.below(8) {
            0..=4 => Entry::Message { rules: pick_rules(random), stamped: random.once_in(24) },
            _ => Entry::Typed,
        };
        let family = Family::new(random);
        let times = if random.once_in(6) { random.between(4, 9) } else { random.between(1, 2) };
        for _ in 0..times {
            let mut text = Vec::with_capacity(256);
            let departs = random.once_in(4);
            family.text(random, &mut text, departs);
            earlier.push(text);
        }
        family.text(random, &mut text, true);
        if damaged && entry != Entry::Typed {
            let at = random.below(earlier.len());
            if random.once_in(16) {
                damage(random, &mut earlier[at], &text);
            }
            damage(random, &mut text, &earlier[at]);
        }
    } else {
        entry = match random.below(24) {
            0..=8 => Entry::Object,
            9..=14 => Entry::Message { rules: pick_rules(random), stamped: random.once_in(6) },
            15..=18 => Entry::Field,
            19 | 20 => Entry::Typed,
            21 | 22 => Entry::Text,
            _ => Entry::Batch,
        };
        if damaged && random.once_in(3) {
            text.extend_from_slice(random.pick(corpus));
        } else if entry == Entry::Text {
            document::text(random, &mut text);
        } else if entry == Entry::Field || random.once_in(100) {
            document::value(random, &mut text);
        } else {
            document::object(random, &mut text);
        }
        if damaged {
            let mut other = Vec::new();
            if random.once_in(2) {
                other.extend_from_slice(random.pick(corpus));
            } else {
                document::object(random, &mut other);
            }
            damage(random, &mut text, &other);
        }
    }
    let limits = match random.below(24) {
        0 => Limits { max_depth: random.below(7), ..LIMITS },
        1 => Limits { max_event_bytes: text.len() + random.below(5), ..LIMITS },
        2 => Limits { max_event_bytes: (text.len() + random.below(5)).saturating_sub(3), ..LIMITS },
        3 => Limits { max_event_bytes: text.len() + random.length(2 * text.len() + 16), ..LIMITS },
        _ => LIMITS,
    };
    Case { earlier, ..place(random, entry, text, limits) }
}

fn pick_rules(random: &mut Random) -> usize {
    if random.once_in(3) { random.below(RULES) } else { 0 }
}

/// A case of this text in a random place.
pub fn place(random: &mut Random, entry: Entry, text: Vec<u8>, limits: Limits) -> Case {
    let place = match random.below(16) {
        0..=7 => Place::BeforeGuard,
        8 => Place::BehindGuard,
        _ => Place::Followed(random.between(1, 64)),
    };
    let room = random.once_in(4).then(|| random.below(text.len() + 16));
    Case { entry, earlier: Vec::new(), text, limits, place, room }
}

/// This text as an object, under the default limits and right before a guard page.
pub fn plain_case(text: &[u8]) -> Case {
    let place = Place::BeforeGuard;
    Case { entry: Entry::Object, earlier: Vec::new(), text: text.to_vec(), limits: LIMITS, place, room: None }
}
