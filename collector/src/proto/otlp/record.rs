//! Log records as the records that Forward would have brought.

use std::borrow::Cow;

use rmp::encode;

use crate::proto::budget::Share;
use crate::proto::chunk::Entry;
use crate::proto::malformed::{MAX_ENTRIES, Malformed};
use crate::proto::msgpack::MAX_VALUES;
use crate::proto::record::Time;

/// Bytes that a record has beside its values: the keys `message` and `export_timestamp`, the time, and headers.
const BESIDE: usize = 64;

/// The keys that stand before the message in a record of libmona.
const BEFORE: [&str; 3] = ["user_id", "context", "arc_id"];

/// Records that are being read.
pub(super) struct Records<'s> {
    body: Vec<u8>,
    entries: Vec<Entry>,
    share: &'s mut Share,
    now: u64,
}

impl<'s> Records<'s> {
    /// None yet, whose memory this share pays for, and which arrive now.
    pub(super) fn new(share: &'s mut Share, now: u64) -> Records<'s> {
        Records { body: Vec::new(), entries: Vec::new(), share, now }
    }

    /// Their bytes, and where each of them lies.
    pub(super) fn into_parts(self) -> (Vec<u8>, Vec<Entry>) {
        (self.body, self.entries)
    }

    /// Adds the record that was sent in so many bytes.
    pub(super) fn add<V: Any>(&mut self, record: &LogRecord<'_, V>, bytes: usize) -> Result<(), Malformed> {
        if self.entries.len() == MAX_ENTRIES {
            return Err(Malformed::too_large(format!(
                "body: found more than {MAX_ENTRIES} records, expected no more"
            )));
        }
        // No value is longer in MessagePack than it was.
        self.share.reserve(&mut self.body, bytes + BESIDE)?;
        self.share.reserve(&mut self.entries, 1)?;
        let start = self.body.len();
        record.append(&mut self.body, self.now)?;
        self.entries.push(Entry { time: record.time(self.now), range: start..self.body.len() });
        Ok(())
    }
}

/// A value of OTLP, in whatever form it was sent.
pub(super) trait Any {
    /// Appends it as MessagePack.
    fn append(&self, out: &mut Vec<u8>) -> Result<(), Malformed>;
}

/// What counts of a log record.
pub(super) struct LogRecord<'a, V> {
    /// 0: not known.
    pub(super) time: u64,
    pub(super) observed: u64,
    pub(super) body: Option<V>,
    pub(super) attributes: Vec<(Cow<'a, str>, V)>,
}

impl<V> Default for LogRecord<'_, V> {
    fn default() -> Self {
        LogRecord { time: 0, observed: 0, body: None, attributes: Vec::new() }
    }
}

impl<'a, V: Any> LogRecord<'a, V> {
    /// Adds an attribute.
    pub(super) fn add(&mut self, key: Cow<'a, str>, value: V) -> Result<(), Malformed> {
        if self.attributes.len() == MAX_VALUES {
            return Err(too_many());
        }
        self.attributes.push((key, value));
        Ok(())
    }

    /// The time beside the record: when it was seen, as Forward has it.
    fn time(&self, now: u64) -> Time {
        let known = [self.observed, self.time].into_iter().find(|time| *time != 0);
        moment(known.unwrap_or(now))
    }

    /// Appends it as a map. A collector that took events by Forward has all of a record in attributes, and no body.
    fn append(&self, out: &mut Vec<u8>, now: u64) -> Result<(), Malformed> {
        let has = |wanted: &str| self.attributes.iter().any(|(key, _)| *key == wanted);
        let body = self.body.as_ref().filter(|_| !has("message"));
        let stamp = [self.time, self.observed, now].into_iter().find(|time| *time != 0);
        let stamp = stamp.filter(|_| !has("export_timestamp"));
        let pairs = self.attributes.len() + usize::from(body.is_some()) + usize::from(stamp.is_some());
        map(out, pairs);
        let is_before = |key: &str| BEFORE.contains(&key);
        for (key, value) in self.attributes.iter().filter(|(key, _)| is_before(key)) {
            text(out, key);
            value.append(out)?;
        }
        if let Some(body) = body {
            text(out, "message");
            body.append(out)?;
        }
        if let Some(stamp) = stamp {
            text(out, "export_timestamp");
            uint(out, stamp / 1_000_000_000);
        }
        for (key, value) in self.attributes.iter().filter(|(key, _)| !is_before(key)) {
            text(out, key);
            value.append(out)?;
        }
        Ok(())
    }
}

/// The time of so many nanoseconds.
fn moment(nanoseconds: u64) -> Time {
    const SECOND: u64 = 1_000_000_000;
    Time {
        seconds: i64::try_from(nanoseconds / SECOND).unwrap_or(i64::MAX),
        nanoseconds: u32::try_from(nanoseconds % SECOND).unwrap_or_default(),
    }
}

pub(super) fn too_many() -> Malformed {
    Malformed::new(format!("record: found more than {MAX_VALUES} values, expected no more"))
}

// Writing into memory cannot fail.

/// Appends the header of a map.
pub(super) fn map(out: &mut Vec<u8>, pairs: usize) {
    let _ = encode::write_map_len(out, u32::try_from(pairs).unwrap_or(u32::MAX));
}

/// Appends the header of an array.
pub(super) fn array(out: &mut Vec<u8>, values: usize) {
    let _ = encode::write_array_len(out, u32::try_from(values).unwrap_or(u32::MAX));
}

pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    let _ = encode::write_str(out, text);
}

pub(super) fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    let _ = encode::write_bin(out, bytes);
}

pub(super) fn uint(out: &mut Vec<u8>, value: u64) {
    let _ = encode::write_uint(out, value);
}

pub(super) fn int(out: &mut Vec<u8>, value: i64) {
    let _ = encode::write_sint(out, value);
}

pub(super) fn float(out: &mut Vec<u8>, value: f64) {
    let _ = encode::write_f64(out, value);
}

pub(super) fn truth(out: &mut Vec<u8>, value: bool) {
    let _ = encode::write_bool(out, value);
}

pub(super) fn nil(out: &mut Vec<u8>) {
    let _ = encode::write_nil(out);
}
