//! OTLP: requests with log records in protobuf or JSON, as the records that Forward would have brought, and answers.
//!
//! The attributes of a log record and its body become a record with the keys `user_id`, `context`, `message` and
//! `export_timestamp`, and with whatever other attributes there are; who sent it (resource and scope) is left out. The
//! libraries for protobuf build a tree of a message, which takes a dozen times its bytes, and stop at about thirty levels
//! of maps; here its values are walked over where they lie, with no more memory than the records take.

pub(crate) mod answer;
mod json;
mod protobuf;
mod record;
mod wire;

use std::borrow::Cow;
use std::time::SystemTime;

use super::budget::Share;
use super::chunk::{AsSent, Chunk, Entry, Mode, OptionForm};
use super::gzip::gunzip;
use super::http::body::Sent;
use super::malformed::{MAX_ENTRIES, Malformed, check_name};
use super::record::Time;
use answer::Form;
use record::{Any, LogRecord};

/// Records that are being read.
struct Records<'s> {
    body: Vec<u8>,
    entries: Vec<Entry>,
    share: &'s mut Share,
    now: u64,
}

impl Records<'_> {
    /// Adds the record that was sent in so many bytes.
    fn add<V: Any>(&mut self, record: &LogRecord<'_, V>, bytes: usize) -> Result<(), Malformed> {
        if self.entries.len() == MAX_ENTRIES {
            return Err(Malformed::too_large(format!(
                "body: found more than {MAX_ENTRIES} records, expected no more"
            )));
        }
        // No value is longer in MessagePack than it was.
        self.share.reserve(&mut self.body, bytes + record::BESIDE)?;
        self.share.reserve(&mut self.entries, 1)?;
        let start = self.body.len();
        record.append(&mut self.body, self.now)?;
        self.entries.push(Entry { time: record.time(self.now), range: start..self.body.len() });
        Ok(())
    }
}

/// The records of a request.
pub(crate) fn records(
    sent: Sent,
    form: Form,
    tag: &str,
    share: &mut Share,
) -> Result<Chunk<'static>, Malformed> {
    check_name("tag", tag.len())?;
    let id = sent.id();
    let (body, gzip, digest) = sent.into_parts();
    let bytes = body.len();
    let request = if gzip { gunzip("body", &body, share)? } else { body };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
    let mut records = Records { body: Vec::new(), entries: Vec::new(), share, now };
    match form {
        Form::Protobuf => protobuf::read(&request, &mut records)?,
        Form::Json => json::read(request, &mut records)?,
    }
    let Records { body, entries, .. } = records;
    Ok(Chunk {
        tag: tag.to_owned(),
        mode: if gzip { Mode::CompressedOtlp } else { Mode::Otlp },
        id: Some(id),
        size: None,
        user_id: None,
        bytes,
        entries,
        option: OptionForm::Absent,
        body: Cow::Owned(body),
        sent: AsSent::Digest(digest),
    })
}

/// The time of so many nanoseconds.
fn time(nanoseconds: u64) -> Time {
    const SECOND: u64 = 1_000_000_000;
    Time {
        seconds: i64::try_from(nanoseconds / SECOND).unwrap_or(i64::MAX),
        nanoseconds: u32::try_from(nanoseconds % SECOND).unwrap_or_default(),
    }
}
