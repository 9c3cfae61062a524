//! A record on its way into the store.
//!
//! Reads of a record what the store keeps in columns of its own; the message stays where it lies.

use std::borrow::Cow;

use crate::proto::chunk::{Chunk, Entry};
use crate::proto::forward::json::Floats;
use crate::proto::malformed::Malformed;
use crate::proto::record::Time;
use crate::proto::scalar::Scalar;
use crate::proto::view::View;

/// Times outside of these are no moments of an event: before 1970, after the year 5138.
const MOMENTS: std::ops::Range<f64> = 0.0..1e11;

/// A record on its way into the store.
#[derive(Debug, Clone)]
pub struct Incoming<'a> {
    /// The tag of its chunk.
    pub tag: &'a str,
    /// When it happened, in Unix seconds.
    pub time: f64,
    /// Whether the record gave a time that is none.
    pub untimely: bool,
    /// Whose it is.
    pub user: Option<Cow<'a, str>>,
    /// The full id of its context.
    pub context: Option<Cow<'a, str>>,
    /// The class beside it, as the REST API gives it.
    pub class: Option<Cow<'a, str>>,
    /// The message.
    pub message: Option<View<'a>>,
}

impl<'a> Incoming<'a> {
    /// A record, or a message of the REST API; one without a context id gets that of `fresh`.
    pub fn of(
        chunk: &'a Chunk<'_>,
        entry: &Entry,
        fresh: impl FnOnce() -> String,
    ) -> Result<Incoming<'a>, Malformed> {
        let record = chunk.view(entry);
        if !chunk.mode.is_rest() {
            return Incoming::of_record(&chunk.tag, entry.time, record);
        }
        let mut incoming =
            Incoming::read(&chunk.tag, entry.time, record, ["contextId", "exportTimestamp", "arcClass"])?;
        incoming.user = chunk.user_id.as_deref().map(Cow::Borrowed);
        if incoming.context.as_ref().is_none_or(|context| context.is_empty()) {
            incoming.context = Some(Cow::Owned(fresh()));
        }
        Ok(incoming)
    }

    /// A record as libmona makes it.
    pub fn of_record(tag: &'a str, time: Time, record: View<'a>) -> Result<Incoming<'a>, Malformed> {
        Incoming::read(tag, time, record, ["context", "export_timestamp", "arc_class"])
    }

    fn read(
        tag: &'a str,
        time: Time,
        record: View<'a>,
        [context, stamp, class]: [&str; 3],
    ) -> Result<Incoming<'a>, Malformed> {
        let moment = time.seconds as f64 + f64::from(time.nanoseconds) / 1e9;
        let mut incoming = Incoming {
            tag,
            time: if MOMENTS.contains(&moment) { moment } else { 0.0 },
            untimely: false,
            user: None,
            context: None,
            class: None,
            message: None,
        };
        let mut precise = None;
        for (name, value) in record.fields()?.unwrap_or_default() {
            match name.as_ref() {
                "message" => incoming.message = matches!(value.scalar(), Scalar::Object).then_some(value),
                "user_id" => incoming.user = text(value)?,
                "time_unix_nano" => precise = seconds(value).map(|nanoseconds| nanoseconds / 1e9),
                name if name == context => incoming.context = value.as_text(),
                name if name == class => incoming.class = value.as_text().filter(|class| !class.is_empty()),
                name if name == stamp => match seconds(value).filter(|time| MOMENTS.contains(time)) {
                    Some(time) => incoming.time = time,
                    None => incoming.untimely = true,
                },
                _ => {}
            }
        }
        // Of the second that the record names, the time beside it knows the part. A double keeps a quarter of a microsecond.
        let is_part_of_it = |precise: &f64| incoming.time.fract() == 0.0 && precise.floor() == incoming.time;
        if let Some(precise) = precise.or(Some(moment)).filter(is_part_of_it) {
            incoming.time = precise;
        }
        Ok(incoming)
    }
}

/// A text as it is, anything else as JSON.
fn text(value: View<'_>) -> Result<Option<Cow<'_, str>>, Malformed> {
    match value.scalar() {
        Scalar::Null => Ok(None),
        Scalar::Text(text) => Ok(Some(text)),
        _ => {
            let mut json = Vec::new();
            value.write_json(Floats::Null, &mut json)?;
            Ok(Some(Cow::Owned(String::from_utf8_lossy(&json).into_owned())))
        }
    }
}

fn seconds(value: View<'_>) -> Option<f64> {
    match value.scalar() {
        Scalar::Int(seconds) => Some(seconds as f64),
        Scalar::Real(seconds) => Some(seconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(time: (i64, u32), record: &str) -> f64 {
        let time = Time { seconds: time.0, nanoseconds: time.1 };
        Incoming::of_record("t", time, View::Json(record.as_bytes())).unwrap().time
    }

    #[test]
    fn the_part_of_a_second_comes_from_beside_the_record() {
        let stamped = r#"{"context":"c.d","arc_id":"c","message":{},"export_timestamp":1700000000}"#;
        assert_eq!(read((1_700_000_000, 250_000_000), stamped), 1_700_000_000.25);
        assert_eq!(read((1_700_000_000, 0), stamped), 1_700_000_000.0);
        // The sender gave this one, and sent it later.
        assert_eq!(read((1_700_000_001, 250_000_000), stamped), 1_700_000_000.0);
        let named = r#"{"message":{},"export_timestamp":1700000000,"time_unix_nano":1700000000500000000}"#;
        assert_eq!(read((1_700_000_009, 0), named), 1_700_000_000.5);
        let odd = r#"{"message":{},"export_timestamp":1700000000,"time_unix_nano":5}"#;
        assert_eq!(read((1_700_000_009, 0), odd), 1_700_000_000.0);
        assert_eq!(
            read((1_700_000_000, 250_000_000), r#"{"message":{},"export_timestamp":1700000000.75}"#),
            1_700_000_000.75
        );
    }
}
