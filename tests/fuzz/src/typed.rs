//! What has to come of typed fields: those of an object that a text is, and a text as a name and a value.

use crate::case::{Entry, LIMITS};
use crate::model::{self, Class, Judged, Statuses, Verdict};
use crate::packed::{self, Meaning};
use crate::scan;
use mona::fuzz::Limits;
use serde_json::{Map, Value};

/// A value of a typed field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Typed {
    Null,
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Str(String),
    Json(String),
}

/// A text as the name and the value of a typed field.
pub(crate) fn of_text(text: &str, limits: Limits) -> (Class, Verdict) {
    let mut fields = Map::new();
    fields.insert(model::BEFORE_FIELD.0.to_owned(), model::BEFORE_FIELD.1.into());
    fields.insert(text.to_owned(), true.into());
    fields.insert(model::NESTED_FIELD.to_owned(), text.into());
    fields.insert(model::AFTER_FIELD.0.to_owned(), model::AFTER_FIELD.1.into());
    let repeated = fields.len() < 4;
    let mut lengths = Lengths::default();
    if text.starts_with("MONA_") {
        fields.shift_remove(text);
        lengths.dropped = text.len();
    }
    typed_message(fields, repeated, lengths, limits)
}

/// The longest texts among typed fields that say nothing of the size of the message.
#[derive(Debug, Clone, Copy, Default)]
struct Lengths {
    /// Of nested JSON.
    json: usize,
    /// Of names and values of fields that are dropped.
    dropped: usize,
}

/// What comes of the fields that are left.
fn typed_message(
    fields: Map<String, Value>,
    repeated: bool,
    lengths: Lengths,
    limits: Limits,
) -> (Class, Verdict) {
    let mut bytes = Vec::new();
    let most_bytes = limits.max_event_bytes;
    if !fields.is_empty() {
        packed::encode_fields(&mut bytes, &fields, fields.len());
    }
    if limits.max_depth == 0 {
        (Class::Depth, Verdict::Refused(Statuses::LIMIT))
    } else if lengths.json > most_bytes {
        (Class::TextSize, Verdict::Refused(Statuses::LIMIT))
    } else if bytes.len() > most_bytes {
        (Class::MessageSize, Verdict::Refused(Statuses::LIMIT))
    } else if lengths.dropped > most_bytes || repeated && most_bytes < LIMITS.max_event_bytes {
        (Class::Between, Verdict::BytesOrLimit(bytes))
    } else if fields.is_empty() {
        (Class::Nothing, Verdict::Nothing)
    } else {
        (Class::Taken, Verdict::Bytes(bytes))
    }
}

/// The fields of the object that a text is; `None` when it is none, or says more than fields can.
pub(crate) fn of_object(text: &[u8], limits: Limits) -> Option<Judged> {
    std::str::from_utf8(text).ok()?;
    let sight = scan::look(text);
    let Value::Object(mut pairs) = model::read(&scan::without_words(text)).ok()? else { return None };
    let mut faults = packed::Faults::default();
    packed::encode(&mut Vec::new(), &Value::Object(pairs.clone()), &mut faults);
    if faults.integer || faults.decimal || sight.colons != packed::count_pairs(&pairs) {
        return None;
    }
    let mut fields: Vec<_> = pairs.iter().map(|(key, value)| (key.clone(), typed_value(value))).collect();
    // A field that comes again, where there is a middle to repeat.
    let repeated = fields.len() % 5 == 3;
    if repeated {
        let (last, middle) = (fields.len() - 1, fields.len() / 2);
        let (key, value) = (fields[middle].0.clone(), fields[last].1.clone());
        let again = pairs[&fields[last].0].clone();
        pairs.insert(key.clone(), again);
        fields.push((key, value));
    }
    if !limits.keeps_nonfinite {
        pairs.values_mut().for_each(null_for_words);
    }
    let mut lengths = Lengths::default();
    for (key, value) in &fields {
        match value {
            Typed::Json(text) => lengths.json = lengths.json.max(text.len()),
            Typed::Str(text) if key.starts_with("MONA_") => lengths.dropped = lengths.dropped.max(text.len()),
            _ => {}
        }
        if key.starts_with("MONA_") {
            lengths.dropped = lengths.dropped.max(key.len());
        }
    }
    pairs.retain(|key, _| !key.starts_with("MONA_"));
    let (class, verdict) = if sight.depth > limits.max_depth {
        (Class::Depth, Verdict::Refused(Statuses::LIMIT))
    } else {
        typed_message(pairs, repeated, lengths, limits)
    };
    Some(Judged { entry: Entry::Typed, class, verdict, fields })
}

/// Puts null in the place of the numbers that stand in for bare words.
fn null_for_words(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if matches!(packed::meaning(number.as_str()), Meaning::Float(value) if !value.is_finite()) {
                *value = Value::Null;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(null_for_words),
        Value::Object(pairs) => pairs.values_mut().for_each(null_for_words),
        _ => {}
    }
}

fn typed_value(value: &Value) -> Typed {
    match value {
        Value::Null => Typed::Null,
        Value::Bool(value) => Typed::Bool(*value),
        Value::String(text) => Typed::Str(text.clone()),
        Value::Number(number) => match packed::meaning(number.as_str()) {
            // Both types where both are right.
            Meaning::Uint(value) if value % 2 == 0 => {
                i64::try_from(value).map_or(Typed::U64(value), Typed::I64)
            }
            Meaning::Uint(value) => Typed::U64(value),
            Meaning::Int(value) => Typed::I64(value),
            Meaning::Float(value) => Typed::F64(value),
            _ => Typed::Null,
        },
        nested => {
            let mut text = nested.to_string();
            for (word, stand_in, _) in scan::WORDS {
                text = text.replace(stand_in, word);
            }
            Typed::Json(text)
        }
    }
}
