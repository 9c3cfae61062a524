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
use super::chunk::{AsSent, Chunk, Mode, OptionForm};
use super::gzip::gunzip;
use super::http::body::Sent;
use super::malformed::{Malformed, check_name};
use answer::Form;
use record::Records;

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
    let mut records = Records::new(share, now);
    match form {
        Form::Protobuf => protobuf::read(&request, &mut records)?,
        Form::Json => json::read(request, &mut records)?,
    }
    let (body, entries) = records.into_parts();
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
