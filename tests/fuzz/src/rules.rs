//! The rules about top-level fields, twice: as the encoder gets them, and as a model applies them.

use crate::packed::{Meaning, meaning};
use mona::fuzz::FieldRules;
use serde_json::{Map, Value};

/// One set of rules.
pub(crate) struct Rules {
    pub given: FieldRules,
    drop: &'static [&'static str],
    hash: &'static [&'static str],
    drop_null: bool,
}

/// The sets that cases choose from; the first one is the default.
pub(crate) fn all() -> Vec<Rules> {
    let make = |drop: &'static [&'static str], hash: &'static [&'static str], drop_null| Rules {
        given: FieldRules::new(&drop.join(","), &hash.join(","), "salt", drop_null).expect("names are right"),
        drop,
        hash,
        drop_null,
    };
    vec![
        make(&[], &[], false),
        make(&["b", "key*"], &["cc", "a-*"], true),
        make(&[], &["*"], false),
        make(&["model", "x", "", "country", "zz", "same*", "y", "label", "q", "mona_x"], &[], false),
    ]
}

impl Rules {
    pub(crate) fn hashes(&self) -> bool {
        !self.hash.is_empty()
    }

    pub(crate) fn drops_null(&self) -> bool {
        self.drop_null
    }

    /// What is left of these fields, in their order.
    pub(crate) fn apply(&self, fields: Map<String, Value>) -> Map<String, Value> {
        let means = |names: &[&str], key: &str| {
            names.iter().any(|name| match name.strip_suffix('*') {
                Some(beginning) => key.starts_with(beginning),
                // An empty name in the list is none.
                None => !name.is_empty() && *name == key,
            })
        };
        fields
            .into_iter()
            .filter(|(key, value)| {
                !(key.starts_with("MONA_") || means(self.drop, key) || self.drop_null && value.is_null())
            })
            .map(|(key, value)| {
                if !means(self.hash, &key) || value.is_null() {
                    return (key, value);
                }
                let digest = match &value {
                    Value::String(text) => self.given.digest(text.as_bytes()),
                    other => {
                        let mut text = String::new();
                        json(&mut text, other);
                        self.given.digest(text.as_bytes())
                    }
                };
                (key, String::from_utf8_lossy(&digest).into_owned().into())
            })
            .collect()
    }
}

/// The compact JSON text of a value, which is what is hashed of one that is not text.
fn json(out: &mut String, value: &Value) {
    match value {
        Value::Number(number) => match meaning(number.as_str()) {
            Meaning::Uint(value) => *out += &value.to_string(),
            Meaning::Int(value) => *out += &value.to_string(),
            // Both forms are the shortest that read back; they only differ in which one of two that are equally
            // near they take, and in when an exponent is written.
            Meaning::Float(value) if (1e-4..1e16).contains(&value.abs()) => {
                *out += &serde_json::to_string(&value).unwrap_or_default();
            }
            Meaning::Float(value) if value.is_finite() => *out += &format!("{value:?}"),
            _ => *out += "null",
        },
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                json(out, item);
            }
            out.push(']');
        }
        Value::Object(pairs) => {
            out.push('{');
            for (index, (key, value)) in pairs.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                *out += &Value::from(key.as_str()).to_string();
                out.push(':');
                json(out, value);
            }
            out.push('}');
        }
        plain => *out += &plain.to_string(),
    }
}
