//! One input: a text, the entry of the encoder that gets it, the limits, and where in memory it stands.

use crate::damage::damage;
use crate::document;
use crate::family::Family;
use crate::model::{self, Verdict};
use crate::random::Random;
use crate::rules;
use mona::fuzz::Limits;

/// Which entry of the encoder gets the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
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
pub(crate) enum Place {
    /// Its last byte is the last one of a page; reading on is a crash.
    BeforeGuard,
    /// Its first byte is the first one of a page; reading before it is a crash.
    BehindGuard,
    /// This many bytes follow that would change its meaning.
    Followed(usize),
}

/// A text on its way into the encoder.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    pub entry: Entry,
    pub text: Vec<u8>,
    pub limits: Limits,
}

#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// In their order. Several of them begin with an encoder that remembers nothing; a single one gets an encoder
    /// that remembers the single ones of earlier cases.
    pub inputs: Vec<Input>,
    pub place: Place,
    /// Free bytes in the output when the encoder begins; `None`: plenty.
    pub room: Option<usize>,
}

/// The limits that the options set by default, but deep enough for deep texts to be taken too.
pub(crate) const LIMITS: Limits = Limits { max_event_bytes: 262_144, max_depth: 512, keeps_nonfinite: false };

/// How many sets of rules there are.
pub(crate) const RULES: usize = 4;

/// The texts that mutations begin with, one a line.
const CORPUS: &[u8] = include_bytes!("../corpus.ndjson");

/// The texts of the corpus.
pub(crate) fn corpus() -> Vec<&'static [u8]> {
    CORPUS.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect()
}

/// Case `number` of the run of `seed`.
pub(crate) fn random_case(seed: u64, number: u64, corpus: &[&[u8]]) -> Case {
    let mut random = Random::new(seed, number);
    let random = &mut random;
    let inputs = if random.once_in(3) { sequence(random) } else { vec![single(random, corpus)] };
    place(random, inputs)
}

/// Texts with the same keys, or nearly, most of them for the same entry.
fn sequence(random: &mut Random) -> Vec<Input> {
    let rules = pick_rules(random);
    let entry = match random.below(8) {
        0..=4 => Entry::Message { rules, stamped: random.once_in(24) },
        _ => Entry::Typed,
    };
    let family = Family::new(random);
    let mut texts = Vec::new();
    let times = if random.once_in(6) { random.between(4, 9) } else { random.between(1, 2) };
    for _ in 0..times {
        let mut text = Vec::with_capacity(256);
        let departs = random.once_in(4);
        family.text(random, &mut text, departs);
        texts.push(text);
    }
    let mut last = Vec::with_capacity(256);
    family.text(random, &mut last, true);
    if entry != Entry::Typed && random.once_in(2) {
        let at = random.below(texts.len());
        if random.once_in(16) {
            damage(random, &mut texts[at], &last);
        }
        damage(random, &mut last, &texts[at]);
    }
    let limits = pick_limits(random, entry, &last);
    texts.push(last);
    let last = texts.len() - 1;
    let mut inputs = Vec::new();
    for (index, text) in texts.into_iter().enumerate() {
        if random.once_in(12) {
            // A message of which nothing is left, or nothing at all.
            let text = random.pick(&["{}", "{\"MONA_\":0}", "{\"MONA_a\":{},\"b\":", "{", ""]).into();
            inputs.push(Input { entry: Entry::Message { rules, stamped: false }, text, limits: LIMITS });
        }
        let other = index < last && random.once_in(4);
        let entry = if other { pick_other(random, rules) } else { entry };
        inputs.push(Input {
            entry,
            text,
            limits: if index == last || random.once_in(4) { limits } else { LIMITS },
        });
    }
    inputs
}

fn pick_other(random: &mut Random, rules: usize) -> Entry {
    random.pick(&[
        Entry::Object,
        Entry::Object,
        Entry::Typed,
        Entry::Message { rules, stamped: false },
        Entry::Message { rules: 0, stamped: true },
        Entry::Field,
    ])
}

fn single(random: &mut Random, corpus: &[&[u8]]) -> Input {
    let entry = match random.below(24) {
        0..=8 => Entry::Object,
        9..=14 => Entry::Message { rules: pick_rules(random), stamped: random.once_in(6) },
        15..=18 => Entry::Field,
        19 | 20 => Entry::Typed,
        21 | 22 => Entry::Text,
        _ => Entry::Batch,
    };
    let mut text = Vec::with_capacity(512);
    let damaged = random.once_in(2);
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
    let limits = pick_limits(random, entry, &text);
    Input { entry, text, limits }
}

fn pick_limits(random: &mut Random, entry: Entry, text: &[u8]) -> Limits {
    Limits { keeps_nonfinite: random.once_in(2), ..pick_bounds(random, entry, text) }
}

fn pick_bounds(random: &mut Random, entry: Entry, text: &[u8]) -> Limits {
    let len = text.len();
    match random.below(24) {
        0 => Limits { max_depth: random.below(7), ..LIMITS },
        1 => Limits { max_event_bytes: len + random.below(5), ..LIMITS },
        2 => Limits { max_event_bytes: (len + random.below(5)).saturating_sub(3), ..LIMITS },
        3 => Limits { max_event_bytes: len + random.length(2 * len + 16), ..LIMITS },
        4 => Limits { max_event_bytes: len / 2 + random.below(len + 1), ..LIMITS },
        // What the message takes, or a byte more or less.
        5 => match model::judge(entry, text, LIMITS, &rules::all()).verdict {
            Verdict::Bytes(bytes) => {
                Limits { max_event_bytes: (bytes.len() + random.below(3)).saturating_sub(1), ..LIMITS }
            }
            _ => LIMITS,
        },
        _ => LIMITS,
    }
}

/// A case of these inputs in a random place.
pub(crate) fn place(random: &mut Random, inputs: Vec<Input>) -> Case {
    let place = match random.below(16) {
        0..=7 => Place::BeforeGuard,
        8 => Place::BehindGuard,
        _ => Place::Followed(random.between(1, 64)),
    };
    let len = inputs.last().map_or(0, |input| input.text.len());
    let room = random.once_in(4).then(|| random.below(len + 16));
    Case { inputs, place, room }
}

/// This text as an object, under the default limits and right before a guard page.
pub(crate) fn plain_case(text: &[u8]) -> Case {
    let input = Input { entry: Entry::Object, text: text.to_vec(), limits: LIMITS };
    Case { inputs: vec![input], place: Place::BeforeGuard, room: None }
}

fn pick_rules(random: &mut Random) -> usize {
    if random.once_in(3) { random.below(RULES) } else { 0 }
}
