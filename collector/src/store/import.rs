//! Reads a file of records back, as `--out` writes it: one JSON object a line.
//!
//! A line is `{"tag":…,"time":…,"record":{…}}`, or the record alone. One that is neither is counted and
//! passed by; so is a torn one at the end of a file.

use std::io::BufRead;

use serde_json::value::RawValue;

use super::error::StoreError;
use super::handle::Store;
use super::incoming::Incoming;
use crate::proto::compact::mend;
use crate::proto::http::extent::{Extent, MAX_DEPTH};
use crate::proto::malformed::Malformed;
use crate::proto::record::Time;
use crate::proto::scalar::Scalar;
use crate::proto::view::View;

/// A longer line is no record of ours: messages are smaller.
const MAX_LINE: usize = 128 << 20;
/// Lines in one transaction, and their bytes.
const LINES: usize = 10_000;
const BYTES: usize = 8 << 20;
/// Levels of the line around a record.
const AROUND: usize = 1;
/// The tag of a record that stands alone.
const TAG: &str = "mona.client.message";

/// What became of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Lines that are in the store.
    pub records: u64,
    /// Lines that are no records of libmona, or could not be read.
    pub skipped: u64,
    /// Bytes that were read.
    pub bytes: u64,
}

impl Store {
    /// Takes all lines; `progress` hears how many bytes were read so far.
    pub fn import(
        &self,
        mut lines: impl BufRead,
        mut progress: impl FnMut(u64),
    ) -> Result<Imported, StoreError> {
        let mut imported = Imported::default();
        let mut batch: Vec<Vec<u8>> = Vec::new();
        let mut held = 0;
        loop {
            let mut line = Vec::new();
            let read = read_line(&mut lines, &mut line)?;
            imported.bytes += read;
            if line.len() > MAX_LINE {
                imported.skipped += 1;
            } else if !line.trim_ascii().is_empty() {
                held += line.len();
                batch.push(line);
            }
            if read == 0 || batch.len() >= LINES || held >= BYTES {
                let taken = self.lines(&mut batch)?;
                imported.records += taken.0;
                imported.skipped += taken.1;
                held = 0;
                progress(imported.bytes);
            }
            if read == 0 {
                return Ok(imported);
            }
        }
    }

    /// Gives how many were taken and how many not.
    fn lines(&self, batch: &mut Vec<Vec<u8>>) -> Result<(u64, u64), StoreError> {
        let mut broken = 0;
        batch.retain_mut(|line| {
            let fits = Extent::of(line).deepest <= MAX_DEPTH + AROUND;
            mend(line);
            // So that reading it in place cannot fail.
            let whole = fits && serde_json::from_slice::<&RawValue>(line).is_ok();
            broken += u64::from(!whole);
            whole
        });
        let mut tags = Vec::new();
        for line in batch.iter() {
            tags.push(head(line));
        }
        let records = batch.iter().zip(&tags).map(|(line, head)| match head {
            Ok((tag, time, Some(record))) => Incoming::of_record(tag, *time, *record),
            Ok((tag, time, None)) => Incoming::of_record(tag, *time, View::Json(line.trim_ascii())),
            Err(malformed) => Err(malformed.clone()),
        });
        let taken = self.take(records)?;
        drop(tags);
        batch.clear();
        Ok((taken.records, broken + taken.strangers + taken.unreadable))
    }
}

/// Tag, time and record of a line.
fn head(line: &[u8]) -> Result<(String, Time, Option<View<'_>>), Malformed> {
    let mut tag = TAG.to_owned();
    let mut time = Time { seconds: 0, nanoseconds: 0 };
    let mut record = None;
    for (name, value) in View::Json(line.trim_ascii()).fields()?.unwrap_or_default() {
        match (name.as_ref(), value.scalar()) {
            ("tag", Scalar::Text(text)) => tag = text.into_owned(),
            ("time", Scalar::Int(_) | Scalar::Real(_)) => time = moment(value),
            ("record", Scalar::Object) => record = Some(value),
            _ => {}
        }
    }
    Ok((tag, time, record))
}

/// `1552903200` or `1552903200.000000250`.
fn moment(value: View<'_>) -> Time {
    let View::Json(text) = value else { return Time { seconds: 0, nanoseconds: 0 } };
    let text = std::str::from_utf8(text).unwrap_or_default();
    let (seconds, part) = text.split_once('.').unwrap_or((text, ""));
    let nanoseconds = part.bytes().chain(std::iter::repeat(b'0')).take(9);
    Time {
        seconds: seconds.parse().unwrap_or(0),
        nanoseconds: nanoseconds.fold(0, |sum, digit| sum * 10 + u32::from(digit.wrapping_sub(b'0') % 10)),
    }
}

/// Reads to the end of a line; what is beyond the bound is passed by. Gives how many bytes were read.
fn read_line(lines: &mut impl BufRead, line: &mut Vec<u8>) -> Result<u64, StoreError> {
    let mut read = 0;
    loop {
        let part = lines.fill_buf().map_err(|error| StoreError::broken(format!("reading: {error}")))?;
        if part.is_empty() {
            return Ok(read);
        }
        let end = part.iter().position(|byte| *byte == b'\n').map_or(part.len(), |at| at + 1);
        let ends = part.get(end - 1) == Some(&b'\n');
        if line.len() <= MAX_LINE {
            line.extend_from_slice(part.get(..end).unwrap_or_default());
        }
        lines.consume(end);
        read += end as u64;
        if ends {
            return Ok(read);
        }
    }
}
