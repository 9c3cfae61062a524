//! What a fault collector took: chunk by chunk and event by event.
//!
//! Written by [`crate::FaultCollector`], read by tests at their end. It counts deliveries and keeps
//! digests, so that every promise about duplicates and fixed bytes can be checked afterwards.

use std::collections::{BTreeMap, HashMap};

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::proto::chunk::{Chunk, Mode};
use crate::proto::hex::hex;
use crate::proto::http::request::RequestEntry;
use crate::proto::malformed::Malformed;
use crate::proto::msgpack::{Cursor, Head};

/// One chunk, delivered once or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkEntry {
    /// Its id; chunks without one are listed once per delivery.
    pub id: Option<String>,
    /// SHA-256 of the first delivery's body as it was on the wire; [`ChunkEntry::digest`] as text.
    pub sha256: [u8; 32],
    /// How many records are in it.
    pub count: usize,
    /// How many the option `size` says are in it.
    pub size: Option<u64>,
    /// Bytes of the whole message.
    pub bytes: usize,
    /// How it was packed.
    pub mode: Mode,
    /// How often it was delivered.
    pub times: u64,
    /// How many of these deliveries had another body than the first.
    pub other_bytes: u64,
    /// How often it was acknowledged, truthfully.
    pub acknowledged: u64,
}

impl ChunkEntry {
    /// The digest in lower-case hexadecimal.
    pub fn digest(&self) -> String {
        hex(&self.sha256)
    }
}

/// One event that carries an `event_id`, delivered once or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventEntry {
    /// The client instance: `event_id` before its last `-`.
    pub instance: String,
    /// The number after it.
    pub sequence: u64,
    /// SHA-256 of the first delivery's record, all of its map.
    pub sha256: [u8; 32],
    /// How often it was delivered.
    pub times: u64,
    /// How many of these deliveries had another record than the first.
    pub other_records: u64,
}

/// Sums over all deliveries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Connections accepted.
    pub connections: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Chunks delivered, duplicates included.
    pub chunks: u64,
    /// Records delivered, duplicates included.
    pub records: u64,
    /// Records among them without a readable `event_id`.
    pub records_without_id: u64,
    /// Truthful acknowledgements sent; over HTTP, answers that say what was taken.
    pub acknowledged: u64,
    /// Chunks and requests refused: poison, too large, malformed, or as the script says.
    pub refused: u64,
}

/// Everything a fault collector took.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Chunks in the order of their first delivery.
    pub chunks: Vec<ChunkEntry>,
    /// Events in the order of their first delivery.
    pub events: Vec<EventEntry>,
    /// Requests in the order they were over.
    pub requests: Vec<RequestEntry>,
    /// Sums.
    pub totals: Totals,
    by_chunk_id: HashMap<String, usize>,
    by_event_id: HashMap<String, HashMap<u64, usize>>,
}

impl Ledger {
    /// True if all deliveries with one chunk id had the same body.
    pub fn same_id_same_bytes(&self) -> bool {
        self.chunks.iter().all(|chunk| chunk.other_bytes == 0)
    }

    /// True if all deliveries with one `event_id` had the same record.
    pub fn same_event_same_record(&self) -> bool {
        self.events.iter().all(|event| event.other_records == 0)
    }

    /// How many different events with an `event_id` were delivered.
    pub fn unique_events(&self) -> u64 {
        self.events.iter().map(|_| 1).sum()
    }

    /// How many deliveries of events with an `event_id` were not the first.
    pub fn duplicates(&self) -> u64 {
        self.events.iter().map(|event| event.times - 1).sum()
    }

    /// How many deliveries of chunks with an id were not the first.
    pub fn duplicate_chunks(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.times - 1).sum()
    }

    /// The entry of the chunk with this id.
    pub fn chunk(&self, id: &str) -> Option<&ChunkEntry> {
        self.chunks.get(*self.by_chunk_id.get(id)?)
    }

    /// The entry of one event.
    pub fn event(&self, instance: &str, sequence: u64) -> Option<&EventEntry> {
        self.events.get(*self.by_event_id.get(instance)?.get(&sequence)?)
    }

    /// What two deliveries disagree on, for the message of a failed test; empty if nothing.
    pub fn conflicts(&self) -> Vec<String> {
        let chunks = self.chunks.iter().filter(|chunk| chunk.other_bytes > 0).map(|chunk| {
            let id = chunk.id.as_deref().unwrap_or_default();
            format!("chunk {id}: {} of {} deliveries had other bytes", chunk.other_bytes, chunk.times)
        });
        let events = self.events.iter().filter(|event| event.other_records > 0).map(|event| {
            let EventEntry { instance, sequence, other_records, times, .. } = event;
            format!("event {instance}-{sequence}: {other_records} of {times} deliveries had another record")
        });
        chunks.chain(events).collect()
    }

    pub(crate) fn add(&mut self, chunk: &Chunk<'_>) {
        self.totals.chunks += 1;
        self.add_chunk(chunk);
        for entry in &chunk.entries {
            self.totals.records += 1;
            let raw = chunk.raw(entry);
            let id = match chunk.mode.is_json() {
                true => json_event_id(raw),
                false => event_id(raw).unwrap_or_default().map(str::to_owned),
            };
            let parts = id.as_ref().and_then(|id| id.rsplit_once('-'));
            match parts.and_then(|(instance, sequence)| Some((instance, sequence.parse().ok()?))) {
                Some((instance, sequence)) => self.add_event(instance, sequence, raw),
                None => self.totals.records_without_id += 1,
            }
        }
    }

    fn add_chunk(&mut self, chunk: &Chunk<'_>) {
        let known = chunk.id.as_ref().and_then(|id| self.by_chunk_id.get(id));
        if let Some(entry) = known.and_then(|at| self.chunks.get_mut(*at)) {
            entry.times += 1;
            entry.other_bytes += u64::from(entry.sha256 != chunk.sha256());
            return;
        }
        if let Some(id) = &chunk.id {
            self.by_chunk_id.insert(id.clone(), self.chunks.len());
        }
        self.chunks.push(ChunkEntry {
            id: chunk.id.clone(),
            sha256: chunk.sha256(),
            count: chunk.entries.len(),
            size: chunk.size,
            bytes: chunk.bytes,
            mode: chunk.mode,
            times: 1,
            other_bytes: 0,
            acknowledged: 0,
        });
    }

    fn add_event(&mut self, instance: &str, sequence: u64, raw: &[u8]) {
        let sha256: [u8; 32] = Sha256::digest(raw).into();
        if let Some(of_instance) = self.by_event_id.get_mut(instance) {
            if let Some(entry) = of_instance.get(&sequence).and_then(|at| self.events.get_mut(*at)) {
                entry.times += 1;
                entry.other_records += u64::from(entry.sha256 != sha256);
                return;
            }
            of_instance.insert(sequence, self.events.len());
        } else {
            self.by_event_id.insert(instance.to_owned(), HashMap::from([(sequence, self.events.len())]));
        }
        let instance = instance.to_owned();
        self.events.push(EventEntry { instance, sequence, sha256, times: 1, other_records: 0 });
    }

    pub(crate) fn acknowledged(&mut self, id: &str) {
        self.totals.acknowledged += 1;
        if let Some(entry) = self.by_chunk_id.get(id).and_then(|at| self.chunks.get_mut(*at)) {
            entry.acknowledged += 1;
        }
    }
}

/// The `event_id` of a record of msgpack, if it has a readable one.
fn event_id(raw: &[u8]) -> Result<Option<&str>, Malformed> {
    let mut cursor = Cursor::new(raw);
    let Head::Map(count) = cursor.head()? else { return Ok(None) };
    for _ in 0..count {
        let found = match cursor.peek()? {
            Head::Str(_) => cursor.text("key")? == b"event_id",
            _ => cursor.skip().map(|_| false)?,
        };
        if !found {
            cursor.skip()?;
            continue;
        }
        if !matches!(cursor.peek()?, Head::Str(_)) {
            return Ok(None);
        }
        return Ok(std::str::from_utf8(cursor.text("event_id")?).ok());
    }
    Ok(None)
}

/// The `event_id` of a record of JSON, if it has a readable one.
fn json_event_id(raw: &[u8]) -> Option<String> {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_slice(raw).ok()?;
    serde_json::from_str(fields.get("event_id")?.get()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::budget::Budget;
    use crate::proto::forward::message::parse;

    fn record(id: &str, value: u8) -> Vec<u8> {
        let mut out = Vec::new();
        rmp::encode::write_map_len(&mut out, 2).unwrap();
        rmp::encode::write_str(&mut out, "message").unwrap();
        out.extend([0x91, value]);
        rmp::encode::write_str(&mut out, "event_id").unwrap();
        rmp::encode::write_str(&mut out, id).unwrap();
        out
    }

    fn message(id: &str, records: &[Vec<u8>]) -> Vec<u8> {
        let mut out = vec![0x93, 0xa1, b't', 0x90 | records.len() as u8];
        for record in records {
            out.extend([0x92, 0x01]);
            out.extend(record);
        }
        rmp::encode::write_map_len(&mut out, 1).unwrap();
        rmp::encode::write_str(&mut out, "chunk").unwrap();
        rmp::encode::write_str(&mut out, id).unwrap();
        out
    }

    fn add(ledger: &mut Ledger, id: &str, records: &[Vec<u8>]) {
        ledger.add(&parse(&message(id, records), &mut Budget::default().share()).unwrap());
    }

    #[test]
    fn duplicates_are_told_from_conflicts() {
        let mut ledger = Ledger::default();
        add(&mut ledger, "one", &[record("u-1", 1), record("u-2", 2)]);
        add(&mut ledger, "one", &[record("u-1", 1), record("u-2", 2)]);
        add(&mut ledger, "two", &[record("v-x-1", 1), record("nothing", 1)]);
        ledger.acknowledged("one");
        assert!(ledger.same_id_same_bytes() && ledger.same_event_same_record());
        assert_eq!((ledger.unique_events(), ledger.duplicates(), ledger.duplicate_chunks()), (3, 2, 1));
        assert_eq!(ledger.event("v-x", 1).unwrap().times, 1);
        assert_eq!(ledger.chunk("one").unwrap().acknowledged, 1);
        assert_eq!((ledger.totals.records, ledger.totals.records_without_id), (6, 1));
        assert!(ledger.conflicts().is_empty());

        add(&mut ledger, "two", &[record("v-x-1", 9)]);
        assert!(!ledger.same_id_same_bytes() && !ledger.same_event_same_record());
        assert_eq!(
            ledger.conflicts(),
            [
                "chunk two: 1 of 2 deliveries had other bytes",
                "event v-x-1: 1 of 2 deliveries had another record"
            ]
        );
    }

    #[test]
    fn a_digest_is_of_the_whole_record() {
        let mut ledger = Ledger::default();
        let only = record("u-18446744073709551615", 1);
        add(&mut ledger, "one", std::slice::from_ref(&only));
        let expected: [u8; 32] = Sha256::digest(&only).into();
        assert_eq!(ledger.event("u", u64::MAX).unwrap().sha256, expected);
        assert_eq!(ledger.chunks[0].digest().len(), 64);
    }
}
