//! A value as serde_json read it, in the one msgpack form that the encoder may give it.
//!
//! Headers and integers are written by the crate `rmp`, in their shortest forms; numbers are read from their
//! text by the standard library.

use crate::scan::WORDS;
use serde_json::{Map, Number, Value};

/// Numbers that were met and cannot be sent.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Faults {
    pub integer: bool,
    pub decimal: bool,
}

impl Faults {
    /// The faults of numbers as they stand in a text.
    pub(crate) fn among(numbers: &[&str]) -> Faults {
        let mut faults = Faults::default();
        for number in numbers {
            match meaning(number) {
                Meaning::IntegerBeyond => faults.integer = true,
                Meaning::DecimalBeyond => faults.decimal = true,
                _ => {}
            }
        }
        faults
    }
}

const WRITES: &str = "memory can be written";

/// Appends a text.
pub(crate) fn text(out: &mut Vec<u8>, text: &str) {
    rmp::encode::write_str(out, text).expect(WRITES);
}

/// Appends a value.
pub(crate) fn encode(out: &mut Vec<u8>, value: &Value, faults: &mut Faults) {
    match value {
        Value::Null => rmp::encode::write_nil(out).expect(WRITES),
        Value::Bool(value) => rmp::encode::write_bool(out, *value).expect(WRITES),
        Value::Number(number) => encode_number(out, number, faults),
        Value::String(value) => text(out, value),
        Value::Array(items) => {
            rmp::encode::write_array_len(out, items.len() as u32).expect(WRITES);
            for item in items {
                encode(out, item, faults);
            }
        }
        Value::Object(pairs) => {
            rmp::encode::write_map_len(out, pairs.len() as u32).expect(WRITES);
            for (key, value) in pairs {
                text(out, key);
                encode(out, value, faults);
            }
        }
    }
}

/// Appends fields behind the header of a map of `count` pairs.
pub(crate) fn encode_fields(out: &mut Vec<u8>, pairs: &Map<String, Value>, count: usize) {
    rmp::encode::write_map_len(out, count as u32).expect(WRITES);
    for (key, value) in pairs {
        text(out, key);
        encode(out, value, &mut Faults::default());
    }
}

/// What a number stands for.
pub(crate) enum Meaning {
    Uint(u64),
    Int(i64),
    Float(f64),
    IntegerBeyond,
    DecimalBeyond,
}

/// Reads the text of a number. Without fraction and exponent it is an integer, also as `-0`.
pub(crate) fn meaning(figures: &str) -> Meaning {
    if let Some((_, _, value)) = WORDS.iter().find(|(_, stand_in, _)| figures == *stand_in) {
        return Meaning::Float(*value);
    }
    if figures.contains(['.', 'e', 'E']) {
        return match figures.parse::<f64>() {
            Ok(value) if value.is_finite() => Meaning::Float(value),
            _ => Meaning::DecimalBeyond,
        };
    }
    match (figures.parse::<u64>(), figures.parse::<i64>()) {
        (Ok(value), _) => Meaning::Uint(value),
        (_, Ok(value)) => Meaning::Int(value),
        _ => Meaning::IntegerBeyond,
    }
}

fn encode_number(out: &mut Vec<u8>, number: &Number, faults: &mut Faults) {
    match meaning(number.as_str()) {
        Meaning::Uint(value) => drop(rmp::encode::write_uint(out, value).expect(WRITES)),
        Meaning::Int(value) => drop(rmp::encode::write_sint(out, value).expect(WRITES)),
        Meaning::Float(value) => rmp::encode::write_f64(out, value).expect(WRITES),
        Meaning::IntegerBeyond => faults.integer = true,
        Meaning::DecimalBeyond => faults.decimal = true,
    }
}

/// How many pairs all the objects have.
pub(crate) fn count_pairs(pairs: &Map<String, Value>) -> usize {
    fn within(value: &Value) -> usize {
        match value {
            Value::Array(items) => items.iter().map(within).sum(),
            Value::Object(pairs) => count_pairs(pairs),
            _ => 0,
        }
    }
    pairs.len() + pairs.values().map(within).sum::<usize>()
}
