//! Reads what the exporter wrote, OTLP JSON, back into records and JSON values.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Number, Value};

/// One log record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// The event's `message`.
    pub(super) body: Value,
    /// The other fields of the record, and `fluent.tag`.
    pub(super) attributes: Map<String, Value>,
    /// The time in nanoseconds.
    pub(super) time: u64,
}

/// All that is in a file.
#[derive(Debug, Default)]
pub(super) struct Stored {
    /// By event id.
    pub(super) events: BTreeMap<String, Entry>,
    /// Events that came again, each as it was.
    pub(super) copies: usize,
    /// Lines that a kill cut off.
    pub(super) torn: usize,
}

impl Stored {
    pub(super) fn read(path: &Path) -> Stored {
        let mut stored = Stored::default();
        let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let Ok(line) = serde_json::from_str::<Value>(&quoted_doubles(line)) else {
                stored.torn += 1;
                continue;
            };
            for record in records(&line) {
                let entry = entry(record);
                let id = entry.attributes["event_id"].as_str().unwrap().to_owned();
                if let Some(known) = stored.events.get(&id) {
                    assert_eq!(known, &entry, "{id} came as two different events");
                    stored.copies += 1;
                } else {
                    stored.events.insert(id, entry);
                }
            }
        }
        stored
    }
}

/// Makes texts of doubles: `serde_json` reads them a little wrong, `str::parse` does not. Within a text the
/// quotes would have backslashes.
fn quoted_doubles(line: &str) -> String {
    const NAME: &str = r#""doubleValue":"#;
    let mut parts = line.split(NAME);
    let mut quoted = parts.next().unwrap().to_owned();
    for part in parts {
        let end = part.find([',', '}']).unwrap_or(part.len());
        let (number, rest) = part.split_at(end);
        quoted.push_str(NAME);
        quoted.push_str(&format!("\"{}\"", number.trim_matches('"')));
        quoted.push_str(rest);
    }
    quoted
}

fn records(line: &Value) -> Vec<&Value> {
    let mut records = Vec::new();
    for resource in line["resourceLogs"].as_array().into_iter().flatten() {
        for scope in resource["scopeLogs"].as_array().into_iter().flatten() {
            records.extend(scope["logRecords"].as_array().into_iter().flatten());
        }
    }
    records
}

fn entry(record: &Value) -> Entry {
    Entry {
        body: value(&record["body"]),
        attributes: fields(&record["attributes"]),
        time: record["timeUnixNano"].as_str().unwrap().parse().unwrap(),
    }
}

fn fields(list: &Value) -> Map<String, Value> {
    let mut fields = Map::new();
    for field in list.as_array().into_iter().flatten() {
        // An empty name is left out.
        let name = field.get("key").map_or("", |name| name.as_str().unwrap());
        assert_eq!(fields.insert(name.to_owned(), value(&field["value"])), None, "{name} is there twice");
    }
    fields
}

/// A value of its kind: integers are texts in OTLP JSON, empty lists and maps have no `values`.
fn value(any: &Value) -> Value {
    let Some((kind, inner)) = any.as_object().and_then(|any| any.iter().next()) else { return Value::Null };
    match kind.as_str() {
        "stringValue" | "boolValue" => inner.clone(),
        "intValue" => inner.as_str().unwrap().parse::<i64>().unwrap().into(),
        "doubleValue" => Number::from_f64(inner.as_str().unwrap().parse().unwrap()).unwrap().into(),
        "arrayValue" => inner["values"].as_array().into_iter().flatten().map(value).collect(),
        "kvlistValue" => fields(&inner["values"]).into(),
        other => panic!("a {other} is none of ours: {any}"),
    }
}
