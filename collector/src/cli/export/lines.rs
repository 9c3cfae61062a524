//! Rows as CSV and as NDJSON.

use std::io::Write;

use mona_collector::store::{Shape, Value};

use super::target::Out;
use crate::parts::push_quoted;
use crate::plain::escape_json;

/// CSV with the names of the columns in its first line. What is null is empty.
pub(super) struct Csv {
    out: csv::Writer<Out>,
    text: Vec<u8>,
}

impl Csv {
    pub(super) fn new(out: Out, shape: &Shape) -> Result<Csv, String> {
        let mut out = csv::Writer::from_writer(out);
        let names = shape.columns.iter().map(|column| column.name.as_str());
        out.write_record(names).map_err(|error| error.to_string())?;
        Ok(Csv { out, text: Vec::new() })
    }

    pub(super) fn row(&mut self, values: &[Value]) -> Result<(), String> {
        for value in values {
            self.text.clear();
            match value {
                Value::Text(text) => self.text.extend_from_slice(text.as_bytes()),
                other => push(other, &mut self.text),
            }
            self.out.write_field(&self.text).map_err(|error| error.to_string())?;
        }
        self.out.write_record(None::<&[u8]>).map_err(|error| error.to_string())
    }

    pub(super) fn end(mut self) -> Result<(), String> {
        self.out.flush().map_err(|error| error.to_string())
    }
}

/// One object a line, of any class. What is null is left out: a file of which the first lines have no value
/// would give its column a type that takes none.
pub(super) struct Ndjson {
    out: Out,
    /// What each line of the class begins with, and the names of its columns.
    head: Vec<u8>,
    names: Vec<Vec<u8>>,
    /// Whether the last column holds fields for which there was none.
    more: bool,
    line: Vec<u8>,
}

impl Ndjson {
    pub(super) fn new(out: Out) -> Ndjson {
        Ndjson { out, head: Vec::new(), names: Vec::new(), more: false, line: Vec::new() }
    }

    pub(super) fn class(&mut self, class: &str, shape: &Shape) {
        self.head = b"{\"_class\":".to_vec();
        push_quoted(class, &mut self.head);
        let named = shape.columns.iter().map(|column| {
            let mut name = b",".to_vec();
            push_quoted(&column.name, &mut name);
            name.push(b':');
            name
        });
        self.names = named.collect();
        self.more = shape.columns.last().is_some_and(|column| column.name == "_more");
    }

    pub(super) fn row(&mut self, values: &[Value]) -> Result<(), String> {
        let line = &mut self.line;
        line.clear();
        line.extend_from_slice(&self.head);
        for (at, (name, value)) in self.names.iter().zip(values).enumerate() {
            match value {
                Value::Null => {}
                Value::Text(fields) if self.more && at + 1 == self.names.len() => {
                    let inner = fields.trim().strip_prefix('{').and_then(|fields| fields.strip_suffix('}'));
                    if let Some(inner) = inner.filter(|inner| !inner.trim().is_empty()) {
                        line.push(b',');
                        line.extend_from_slice(inner.as_bytes());
                    }
                }
                value => {
                    line.extend_from_slice(name);
                    push(value, line);
                }
            }
        }
        line.push(b'}');
        escape_json(line, 0);
        line.push(b'\n');
        self.out.write_all(line).map_err(|error| error.to_string())
    }

    pub(super) fn end(mut self) -> Result<(), String> {
        self.out.flush().map_err(|error| error.to_string())
    }
}

/// Appends a value as JSON.
fn push(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => {}
        Value::Bool(yes) => out.extend_from_slice(if *yes { b"true" } else { b"false" }),
        Value::Int(number) => out.extend_from_slice(itoa::Buffer::new().format(*number).as_bytes()),
        Value::Real(number) if number.is_finite() => {
            out.extend_from_slice(zmij::Buffer::new().format_finite(*number).as_bytes());
        }
        Value::Real(_) => out.extend_from_slice(b"null"),
        Value::Text(text) => push_quoted(text, out),
    }
}
