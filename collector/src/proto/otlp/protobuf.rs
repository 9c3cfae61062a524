//! Requests in protobuf: `ExportLogsServiceRequest`, down to the values of its log records.

use std::borrow::Cow;

use super::record::{self, Any, LogRecord, Records, too_many};
use super::wire::{Fields, Value, text};
use crate::proto::malformed::Malformed;
use crate::proto::msgpack::{MAX_DEPTH, MAX_VALUES};

/// Adds the records of a request.
pub(super) fn read(request: &[u8], records: &mut Records<'_>) -> Result<(), Malformed> {
    each(request, 1, |resource_logs| {
        each(resource_logs, 2, |scope_logs| {
            each(scope_logs, 2, |bytes| records.add(&log_record(bytes)?, bytes.len()))
        })
    })
}

/// Shows the messages in this field of another one.
fn each<'a>(
    message: &'a [u8],
    wanted: u64,
    mut show: impl FnMut(&'a [u8]) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let mut fields = Fields(message);
    while let Some((field, value)) = fields.next()? {
        match value {
            Value::Bytes(inner) if field == wanted => show(inner)?,
            _ if field == wanted => return Err(mistyped(field)),
            _ => {}
        }
    }
    Ok(())
}

fn mistyped(field: u64) -> Malformed {
    Malformed::new(format!("protobuf: found another kind of value in field {field}, expected that of OTLP"))
}

fn log_record(bytes: &[u8]) -> Result<LogRecord<'_, AnyValue<'_>>, Malformed> {
    let mut record = LogRecord::default();
    let mut fields = Fields(bytes);
    while let Some((field, value)) = fields.next()? {
        match (field, value) {
            (1, Value::Fixed64(time)) => record.time = time,
            (11, Value::Fixed64(time)) => record.observed = time,
            (5, Value::Bytes(body)) => record.body = Some(AnyValue(body)),
            (6, Value::Bytes(pair)) => {
                let (key, value) = key_value(pair)?;
                record.add(Cow::Borrowed(key), AnyValue(value))?;
            }
            (1 | 11 | 5 | 6, _) => return Err(mistyped(field)),
            _ => {}
        }
    }
    // A body without a value says nothing.
    record.body = record.body.filter(|body| !body.0.is_empty());
    Ok(record)
}

/// The key and the value of a `KeyValue`.
fn key_value(pair: &[u8]) -> Result<(&str, &[u8]), Malformed> {
    let (mut key, mut value): (&[u8], &[u8]) = (&[], &[]);
    let mut fields = Fields(pair);
    while let Some((field, found)) = fields.next()? {
        match (field, found) {
            (1, Value::Bytes(bytes)) => key = bytes,
            (2, Value::Bytes(bytes)) => value = bytes,
            (1 | 2, _) => return Err(mistyped(field)),
            _ => {}
        }
    }
    Ok((text(key)?, value))
}

/// The bytes of an `AnyValue`.
#[derive(Debug, Clone, Copy)]
struct AnyValue<'a>(&'a [u8]);

/// What is in an `AnyValue`.
enum Kind<'a> {
    Scalar,
    Map(&'a [u8]),
    Array(&'a [u8]),
}

/// A container whose end has not been reached.
struct Level<'a> {
    is_map: bool,
    rest: Fields<'a>,
}

impl Any for AnyValue<'_> {
    fn append(&self, out: &mut Vec<u8>) -> Result<(), Malformed> {
        let mut levels: Vec<Level<'_>> = Vec::new();
        let (mut value, mut values) = (self.0, 0_usize);
        loop {
            let (list, is_map) = match one(value, out)? {
                Kind::Scalar => (None, false),
                Kind::Map(list) => (Some(list), true),
                Kind::Array(list) => (Some(list), false),
            };
            if let Some(list) = list {
                let mut count = 0;
                each(list, 1, |_| {
                    count += 1;
                    Ok(())
                })?;
                values = values.saturating_add(count);
                if values > MAX_VALUES {
                    return Err(too_many());
                }
                if is_map {
                    record::map(out, count)
                } else {
                    record::array(out, count)
                }
                levels.push(Level { is_map, rest: Fields(list) });
                if levels.len() > MAX_DEPTH {
                    return Err(Malformed::new(format!(
                        "record: found more than {MAX_DEPTH} levels, expected no more"
                    )));
                }
            }
            value = loop {
                let Some(level) = levels.last_mut() else { return Ok(()) };
                match level.rest.next()? {
                    Some((1, Value::Bytes(pair))) if level.is_map => {
                        let (key, value) = key_value(pair)?;
                        record::text(out, key);
                        break value;
                    }
                    Some((1, Value::Bytes(value))) => break value,
                    Some(_) => {}
                    None => {
                        levels.pop();
                    }
                }
            };
        }
    }
}

/// Appends a value that is no container. The last one of several counts, as everywhere in protobuf.
fn one<'a>(value: &'a [u8], out: &mut Vec<u8>) -> Result<Kind<'a>, Malformed> {
    let (mut fields, mut last) = (Fields(value), None);
    while let Some((field, value)) = fields.next()? {
        if (1..=7).contains(&field) {
            last = Some((field, value));
        }
    }
    match last {
        None => record::nil(out),
        Some((1, Value::Bytes(bytes))) => record::text(out, text(bytes)?),
        Some((2, Value::Varint(value))) => record::truth(out, value != 0),
        Some((3, Value::Varint(value))) => record::int(out, value.cast_signed()),
        Some((4, Value::Fixed64(bits))) => record::float(out, f64::from_bits(bits)),
        Some((5, Value::Bytes(list))) => return Ok(Kind::Array(list)),
        Some((6, Value::Bytes(list))) => return Ok(Kind::Map(list)),
        Some((7, Value::Bytes(bytes))) => record::bytes(out, bytes),
        Some((field, _)) => return Err(mistyped(field)),
    }
    Ok(Kind::Scalar)
}
