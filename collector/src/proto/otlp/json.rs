//! Requests in the JSON form of OTLP.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::value::RawValue;

use super::record::{self, Any, LogRecord, Records};
use crate::proto::chunk::parsed;
use crate::proto::compact::mend;
use crate::proto::http::extent::{Extent, MAX_DEPTH};
use crate::proto::http::pieces;
use crate::proto::malformed::Malformed;
use crate::proto::msgpack::MAX_VALUES;

/// Levels of the body around a log record.
const AROUND: usize = 6;

/// Adds the records of a request.
pub(super) fn read(mut request: Vec<u8>, records: &mut Records<'_>) -> Result<(), Malformed> {
    if Extent::of(&request).deepest > MAX_DEPTH + AROUND {
        return Err(too_deep());
    }
    mend(&mut request);
    let whole = pieces::read("body", &request)?;
    if !whole.get().starts_with('{') {
        return Err(Malformed::new("body: found no object, expected a request of OTLP"));
    }
    each(whole, "resourceLogs", |resource_logs| {
        each(resource_logs, "scopeLogs", |scope_logs| each(scope_logs, "logRecords", |raw| add(raw, records)))
    })
}

/// Shows the items of the array in this field.
fn each<'a>(
    object: &'a RawValue,
    name: &'static str,
    show: impl FnMut(&'a RawValue) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let [array] = pieces::fields(object, [name]).ok_or_else(|| wrong(name, "no object around it"))?;
    match array {
        None => Ok(()),
        Some(array) if array.get() == "null" => Ok(()),
        Some(array) if array.get().starts_with('[') => pieces::each(array, show),
        Some(_) => Err(wrong(name, "no array")),
    }
}

fn add(raw: &RawValue, records: &mut Records<'_>) -> Result<(), Malformed> {
    let extent = Extent::of(raw.get().as_bytes());
    if extent.deepest > MAX_DEPTH {
        return Err(too_deep());
    }
    if extent.values > MAX_VALUES {
        return Err(record::too_many());
    }
    let value = parsed(raw.get().as_bytes())?;
    let Value::Object(fields) = &value else { return Err(wrong("logRecords", "no object in it")) };
    let mut record = LogRecord {
        time: nanoseconds(fields.get("timeUnixNano"))?,
        observed: nanoseconds(fields.get("observedTimeUnixNano"))?,
        body: fields.get("body").filter(|body| body.as_object().is_some_and(|body| !body.is_empty())),
        attributes: Vec::new(),
    };
    match fields.get("attributes") {
        None | Some(Value::Null) => {}
        Some(Value::Array(pairs)) => {
            for pair in pairs {
                let (key, value) = key_value(pair)?;
                record.add(Cow::Borrowed(key), value)?;
            }
        }
        Some(_) => return Err(wrong("attributes", "no array")),
    }
    records.add(&record, raw.get().len())
}

fn nanoseconds(value: Option<&Value>) -> Result<u64, Malformed> {
    match value {
        None | Some(Value::Null) => Ok(0),
        Some(value) => {
            let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
            number.ok_or_else(|| wrong("timeUnixNano", "no number of 64 bits"))
        }
    }
}

/// The key and the value of a `KeyValue`.
fn key_value(pair: &Value) -> Result<(&str, &Value), Malformed> {
    let pair = pair.as_object().ok_or_else(|| wrong("attributes", "no object in it"))?;
    let key = pair.get("key").map_or(Some(""), Value::as_str).ok_or_else(|| wrong("key", "no text"))?;
    Ok((key, pair.get("value").unwrap_or(&Value::Null)))
}

impl Any for &Value {
    /// As deep as its text, whose depth was looked at.
    fn append(&self, out: &mut Vec<u8>) -> Result<(), Malformed> {
        let fields = match self {
            Value::Null => return append_nil(out),
            Value::Object(fields) => fields,
            _ => return Err(wrong("value", "no object")),
        };
        let Some((kind, value)) = fields.iter().find(|(kind, _)| KINDS.contains(&kind.as_str())) else {
            return append_nil(out);
        };
        let misfit = || wrong(kind, "another kind of value");
        match kind.as_str() {
            "stringValue" => record::text(out, value.as_str().ok_or_else(misfit)?),
            "boolValue" => record::truth(out, value.as_bool().ok_or_else(misfit)?),
            "intValue" => {
                let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
                record::int(out, number.ok_or_else(misfit)?);
            }
            "doubleValue" => record::float(out, float(value).ok_or_else(misfit)?),
            "bytesValue" => {
                let text = value.as_str().ok_or_else(misfit)?;
                record::bytes(out, &STANDARD.decode(text).map_err(|_| misfit())?);
            }
            _ => {
                let values = match value.get("values") {
                    None | Some(Value::Null) if value.is_object() => &[][..],
                    Some(Value::Array(values)) => values,
                    _ => return Err(misfit()),
                };
                if kind == "arrayValue" {
                    record::array(out, values.len());
                    return values.iter().try_for_each(|value| value.append(out));
                }
                record::map(out, values.len());
                for pair in values {
                    let (key, value) = key_value(pair)?;
                    record::text(out, key);
                    value.append(out)?;
                }
            }
        }
        Ok(())
    }
}

/// The kinds of values there are.
const KINDS: [&str; 7] =
    ["stringValue", "boolValue", "intValue", "doubleValue", "arrayValue", "kvlistValue", "bytesValue"];

fn append_nil(out: &mut Vec<u8>) -> Result<(), Malformed> {
    record::nil(out);
    Ok(())
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            text => text.parse().ok(),
        },
        _ => None,
    }
}

fn wrong(name: &str, found: &str) -> Malformed {
    Malformed::new(format!("{name}: found {found}, expected that of OTLP in JSON"))
}

fn too_deep() -> Malformed {
    Malformed::new(format!("record: found more than {MAX_DEPTH} levels, expected no more"))
}
