//! What the encoder has to make of a text, from serde_json's answer and the rules that go beyond it.
//!
//! serde_json decides what is JSON, what a string says and which value of a repeated key stands. The rules of
//! libmona are written out here: bare words, numbers beyond 64 bits, limits, reserved and filtered fields.
//! The result is the exact bytes, or the exact set of statuses that a refusal may have.

use crate::case::Entry;
use crate::packed;
use crate::rules::Rules;
use crate::scan;
use crate::typed::{self, Typed};
use mona::fuzz::{Limits, Status};
use serde_json::{Deserializer, Map, Value};

/// Why two parsers may answer differently, and the other groups that are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Both take it, with the same meaning.
    Taken,
    /// Taken: everything in it was removed by a rule, or nothing was in it.
    Nothing,
    /// Taken with `NaN`, `Infinity` or `-Infinity`, which serde_json refuses.
    Word,
    /// Both refuse it: it is not JSON, or a string is no text.
    NotJson,
    /// Both refuse it: it is not UTF-8.
    NotUtf8,
    /// JSON, but not an object.
    NotObject,
    /// An integer beyond 64 bits, refused.
    Integer,
    /// A decimal that rounds to infinity, refused.
    Decimal,
    /// Nested deeper than `max_depth`, refused.
    Depth,
    /// The text is longer than `max_event_bytes`, refused.
    TextSize,
    /// The message is longer than `max_event_bytes`, refused.
    MessageSize,
    /// The message fits, but not before what is repeated, null or dropped is gone: taken or refused.
    Between,
    /// The message of a batch's event.
    Batch,
}

/// All classes, in the order of the report.
pub(crate) const CLASSES: [(Class, &str); 13] = [
    (Class::Taken, "taken by both, same bytes"),
    (Class::Nothing, "taken, nothing left to send"),
    (Class::Word, "taken: a word NaN, Infinity or -Infinity (serde_json refuses it)"),
    (Class::NotJson, "refused by both: not JSON, or half a surrogate pair"),
    (Class::NotUtf8, "refused by both: not UTF-8"),
    (Class::NotObject, "refused: JSON, but not an object (serde_json takes it)"),
    (Class::Integer, "refused: an integer beyond 64 bits (serde_json takes it)"),
    (Class::Decimal, "refused: a decimal beyond float 64 (serde_json takes it as text)"),
    (Class::Depth, "refused: deeper than max_depth (serde_json takes it)"),
    (Class::TextSize, "refused: text longer than max_event_bytes"),
    (Class::MessageSize, "refused: message longer than max_event_bytes"),
    (Class::Between, "either: too long until something in it is gone"),
    (Class::Batch, "batches of one event"),
];

/// Statuses that a refusal may have: one for every fault that is in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Statuses {
    utf8: bool,
    json: bool,
    limit: bool,
}

impl Statuses {
    const UTF8: Statuses = Statuses { utf8: true, json: false, limit: false };
    const JSON: Statuses = Statuses { utf8: false, json: true, limit: false };
    pub(crate) const LIMIT: Statuses = Statuses { utf8: false, json: false, limit: true };

    fn limit_if(self, limit: bool) -> Statuses {
        Statuses { limit: self.limit || limit, ..self }
    }

    /// True when a refusal may have this status.
    pub(crate) fn holds(self, status: Status) -> bool {
        match status {
            Status::Utf8 => self.utf8,
            Status::Json => self.json,
            Status::Limit => self.limit,
            _ => false,
        }
    }
}

/// What the encoder has to answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Nothing is written, and that is no error.
    Nothing,
    /// An error, and nothing is written.
    Refused(Statuses),
    /// The bytes, or `Status::Limit`.
    BytesOrLimit(Vec<u8>),
    /// A batch whose only event has these bytes of the text as its message; `None`: whatever it holds.
    Event(Option<std::ops::Range<usize>>),
}

/// The fields that stand around a nested text.
pub(crate) const BEFORE_FIELD: (&str, i64) = ("before", -7);
pub(crate) const NESTED_FIELD: &str = "nested";
pub(crate) const AFTER_FIELD: (&str, &str) = ("after", "\u{e9}nd");
/// The value of the field for an invalid timestamp.
pub(crate) const STAMP: &[u8] = &[0xc3];
pub(crate) const STAMP_FIELD: &str = "MONA_INVALID_EXPORT_TIMESTAMP";
/// What stands around the message in a batch.
pub(crate) const BATCH: (&[u8], &[u8]) = (b"[{\"message\":", b"}]");

/// What has to come of one text.
pub(crate) struct Judged {
    /// The entry that gets it: the one that was asked for, or another one if the text does not suit it.
    pub entry: Entry,
    pub class: Class,
    pub verdict: Verdict,
    /// For [`Entry::Typed`].
    pub fields: Vec<(String, Typed)>,
}

/// What has to come of this text at this entry.
pub(crate) fn judge(entry: Entry, text: &[u8], limits: Limits, rules: &[Rules]) -> Judged {
    let judged = |entry, (class, verdict)| Judged { entry, class, verdict, fields: Vec::new() };
    let utf8 = std::str::from_utf8(text);
    match entry {
        Entry::Batch => judged(entry, (Class::Batch, batch(text))),
        Entry::Text => {
            judged(entry, utf8.map_or((Class::NotUtf8, REFUSED_TEXT), |text| typed::of_text(text, limits)))
        }
        Entry::Typed => match typed::of_object(text, limits) {
            Some(judged) => judged,
            None => judge(Entry::Object, text, limits, rules),
        },
        Entry::Field if utf8.is_err() => judge(Entry::Object, text, limits, rules),
        _ if text.len() > limits.max_event_bytes => {
            judged(entry, (Class::TextSize, Verdict::Refused(Statuses::LIMIT)))
        }
        // Whatever else is wrong with it.
        _ if utf8.is_err() => judged(entry, (Class::NotUtf8, REFUSED_TEXT)),
        _ => judged(entry, judge_text(entry, text, limits, rules)),
    }
}

const REFUSED_TEXT: Verdict = Verdict::Refused(Statuses::UTF8);

/// Reads all of `text`; bare words have been replaced.
pub(crate) fn read(text: &[u8]) -> serde_json::Result<Value> {
    let mut parser = Deserializer::from_slice(text);
    parser.disable_recursion_limit();
    let value = serde_core::Deserialize::deserialize(&mut parser)?;
    parser.end()?;
    Ok(value)
}

/// `text` may still become JSON: nothing in it is wrong by itself. Halves of surrogate pairs are not looked
/// at: the encoder sees them when it has found the end of their string.
pub(crate) fn may_go_on(text: &[u8]) -> bool {
    match read(&scan::without_units(&scan::without_words(scan::without_torn_word(text)))) {
        Ok(_) => true,
        Err(error) => error.is_eof(),
    }
}

fn judge_text(entry: Entry, text: &[u8], limits: Limits, rules: &[Rules]) -> (Class, Verdict) {
    let Limits { max_event_bytes: most_bytes, max_depth, keeps_nonfinite } = limits;
    let nested = entry == Entry::Field;
    let sight = scan::look(text);
    let depth = sight.depth + usize::from(nested);
    let too_deep = depth > max_depth;
    // Bytes are counted while they are written, those of a value that is going to be replaced too. No value
    // takes more than three bytes for one of its text; a hash takes 66.
    let hashes =
        if let Entry::Message { rules: number, .. } = entry { rules[number].hashes() } else { false };
    let may_grow_large = text.len() * 3 + 64 + if hashes { 66 * sight.colons } else { 0 } > most_bytes;
    let without_words;
    let text = if sight.word {
        without_words =
            if keeps_nonfinite { scan::without_words(text) } else { scan::with_null_for_words(text) };
        &without_words
    } else {
        text
    };
    let answer = read(text);
    let Ok(value) = answer else {
        let limit = too_deep || max_depth == 0 || may_grow_large;
        return (Class::NotJson, Verdict::Refused(Statuses::JSON.limit_if(limit)));
    };
    if nested && max_depth == 0 {
        return (Class::Depth, Verdict::Refused(Statuses::LIMIT));
    }
    if !nested && !value.is_object() {
        return (Class::NotObject, Verdict::Refused(Statuses::JSON));
    }
    let message = if nested { around(value) } else { value };
    let mut faults = packed::Faults::default();
    let mut bytes = Vec::with_capacity(text.len() * 2 + 64);
    packed::encode(&mut bytes, &message, &mut faults);
    let Value::Object(pairs) = message else { return (Class::NotObject, Verdict::Refused(Statuses::JSON)) };
    let repeated = sight.colons + usize::from(nested) * 3 != packed::count_pairs(&pairs);
    if repeated {
        // Values that were replaced have been checked all the same.
        faults = packed::Faults::among(&scan::numbers(text));
    }
    if faults.integer || faults.decimal {
        let statuses = Statuses::JSON.limit_if(too_deep || may_grow_large);
        let class = if faults.integer { Class::Integer } else { Class::Decimal };
        return (class, Verdict::Refused(statuses));
    }
    if too_deep {
        return (Class::Depth, Verdict::Refused(Statuses::LIMIT));
    }
    let (bytes, later) = match entry {
        Entry::Message { rules: number, stamped } => {
            let rules = &rules[number];
            // Nulls are left out at the end, when it is known which value of a repeated key stands.
            let later = repeated || rules.drops_null() && pairs.values().any(Value::is_null);
            let left = rules.apply(pairs);
            if left.is_empty() {
                return if may_grow_large && later {
                    (Class::Between, Verdict::BytesOrLimit(Vec::new()))
                } else {
                    (Class::Nothing, Verdict::Nothing)
                };
            }
            let count = left.len() + usize::from(stamped);
            let mut bytes = Vec::with_capacity(text.len() + 64);
            packed::encode_fields(&mut bytes, &left, count);
            if stamped {
                packed::text(&mut bytes, STAMP_FIELD);
                bytes.extend_from_slice(STAMP);
            }
            (bytes, later)
        }
        _ if pairs.is_empty() => return (Class::Nothing, Verdict::Nothing),
        _ => (bytes, repeated),
    };
    if bytes.len() > most_bytes {
        return (Class::MessageSize, Verdict::Refused(Statuses::LIMIT));
    }
    if later && may_grow_large {
        return (Class::Between, Verdict::BytesOrLimit(bytes));
    }
    (if sight.word { Class::Word } else { Class::Taken }, Verdict::Bytes(bytes))
}

/// The message of typed fields with this value among them.
fn around(value: Value) -> Value {
    let mut fields = Map::new();
    fields.insert(BEFORE_FIELD.0.to_owned(), BEFORE_FIELD.1.into());
    fields.insert(NESTED_FIELD.to_owned(), value);
    fields.insert(AFTER_FIELD.0.to_owned(), AFTER_FIELD.1.into());
    Value::Object(fields)
}

/// A batch is only grammar: numbers may have any size and halves of surrogate pairs may stand alone.
fn batch(text: &[u8]) -> Verdict {
    let whole = [BATCH.0, text, BATCH.1].concat();
    if std::str::from_utf8(&whole).is_err() {
        return REFUSED_TEXT;
    }
    let soft = |text: &[u8]| read(&scan::without_units(&scan::without_words(text)));
    match soft(&whole) {
        Err(_) => Verdict::Refused(Statuses::JSON),
        // A text that closes the event and opens another one is only looked at as a whole.
        Ok(_) if soft(text).is_err() => Verdict::Event(None),
        Ok(_) => {
            let blank = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
            let start = text.iter().take_while(|byte| blank(byte)).count();
            let end = text.len() - text.iter().rev().take_while(|byte| blank(byte)).count();
            Verdict::Event(Some(start + BATCH.0.len()..end + BATCH.0.len()))
        }
    }
}
