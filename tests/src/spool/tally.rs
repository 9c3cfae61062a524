//! What a collector took, checked while it comes in: payloads, ids, and which numbers of which sender there are.
//!
//! The fault collector keeps every record; a million of them are too many to look at afterwards. This keeps a few words
//! for each event, and sentences about what is wrong.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mona_collector::{Chunk, Floats, Sink, View};

/// More sentences than anybody reads.
const MOST_FAULTS: usize = 20;

/// The sink of the collector.
#[derive(Debug, Default)]
pub struct Tally {
    taken: Mutex<Taken>,
    changed: Condvar,
}

/// An event by its sender and its number; the sender is a place in a list.
type Event = (usize, u64);
/// An `event_id` by its instance and its sequence; the instance is a place in a list.
type Id = (usize, u64);

#[derive(Debug, Default)]
struct Taken {
    senders: Names,
    instances: Names,
    by_event: HashMap<Event, Id>,
    by_id: HashMap<Id, Event>,
    chunks: HashMap<String, [u8; 32]>,
    records: u64,
    duplicate_chunks: u64,
    faults: Vec<String>,
}

#[derive(Debug, Default)]
struct Names {
    places: HashMap<String, usize>,
}

impl Names {
    fn place(&mut self, name: &str) -> usize {
        let next = self.places.len();
        match self.places.get(name) {
            Some(place) => *place,
            None => *self.places.entry(name.to_owned()).or_insert(next),
        }
    }
}

impl Tally {
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The numbers that arrived of this sender, in ascending order.
    pub fn numbers(&self, who: &str) -> Vec<u64> {
        let taken = self.lock();
        let Some(place) = taken.senders.places.get(who) else { return Vec::new() };
        let of_sender = taken.by_event.keys().filter(|(sender, _)| sender == place);
        let mut numbers: Vec<u64> = of_sender.map(|(_, n)| *n).collect();
        numbers.sort_unstable();
        numbers
    }

    /// How many different events arrived.
    pub fn unique(&self) -> u64 {
        self.lock().by_event.len() as u64
    }

    /// How many events arrived once more.
    pub fn duplicates(&self) -> u64 {
        let taken = self.lock();
        taken.records - taken.by_event.len() as u64
    }

    /// How many chunks arrived once more, under their id.
    pub fn duplicate_chunks(&self) -> u64 {
        self.lock().duplicate_chunks
    }

    /// Waits until so many different events arrived; false at the time-out.
    pub fn wait_for(&self, events: u64, timeout: Duration) -> bool {
        let end = Instant::now() + timeout;
        let mut taken = self.lock();
        while (taken.by_event.len() as u64) < events {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            taken = self.changed.wait_timeout(taken, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Forgets what arrived, between two runs that have nothing to do with each other. Faults stay.
    pub fn forget(&self) {
        let mut taken = self.lock();
        let faults = std::mem::take(&mut taken.faults);
        *taken = Taken { faults, ..Taken::default() };
    }

    /// Fails unless every payload was whole, every event came under one id, and every chunk with one body.
    ///
    /// # Panics
    /// When one was not.
    pub fn check(&self) {
        let faults = &self.lock().faults;
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}

impl Taken {
    fn fault(&mut self, sentence: String) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(sentence);
        }
    }

    fn add(&mut self, chunk: &Chunk<'_>) {
        let id = chunk.id.clone().unwrap_or_default();
        match self.chunks.entry(id.clone()) {
            Entry::Vacant(vacant) => drop(vacant.insert(chunk.sha256())),
            Entry::Occupied(known) => {
                self.duplicate_chunks += 1;
                if *known.get() != chunk.sha256() {
                    self.fault(format!("chunk {id}: it came again with other bytes"));
                }
            }
        }
        for entry in &chunk.entries {
            match read(chunk.view(entry)) {
                Ok((who, n, event_id)) => self.add_event(&who, n, &event_id),
                Err(sentence) => self.fault(format!("chunk {id}: {sentence}")),
            }
        }
    }

    fn add_event(&mut self, who: &str, n: u64, event_id: &str) {
        self.records += 1;
        let event = (self.senders.place(who), n);
        let Some((instance, Ok(sequence))) =
            event_id.rsplit_once('-').map(|(instance, sequence)| (instance, sequence.parse::<u64>()))
        else {
            return self.fault(format!("{who} {n}: the event_id is {event_id:?}"));
        };
        let id = (self.instances.place(instance), sequence);
        let (known_id, known_event) =
            (*self.by_event.entry(event).or_insert(id), self.by_id.insert(id, event).unwrap_or(event));
        if known_id != id || known_event != event {
            self.fault(format!("{who} {n}: another event has its id {event_id}, or it has two"));
        }
    }
}

/// Sender, number and id of a record whose payload is as it was exported.
fn read(record: View<'_>) -> Result<(String, u64, String), String> {
    let record = fields(record)?;
    let event_id = text(&record, "event_id")?;
    let message = fields(*record.get("message").ok_or("a record has no message")?)?;
    let (who, filling) = (text(&message, "who")?, text(&message, "filling")?);
    let (n, check) = (number(&message, "n")?, number(&message, "check")?);
    let is_whole = filling.bytes().all(|byte| byte == b'x')
        && check == u64::from(crate::ledger::checksum(&who, n, filling.len()));
    if is_whole { Ok((who, n, event_id)) } else { Err(format!("{who} {n}: the payload changed")) }
}

fn fields(view: View<'_>) -> Result<BTreeMap<String, View<'_>>, String> {
    let fields = view.fields().map_err(|error| error.to_string())?.ok_or("found no map")?;
    Ok(fields.into_iter().map(|(name, value)| (name.into_owned(), value)).collect())
}

fn text(fields: &BTreeMap<String, View<'_>>, name: &str) -> Result<String, String> {
    let found = fields.get(name).and_then(|value| value.as_text());
    Ok(found.ok_or_else(|| format!("no text {name}"))?.into_owned())
}

fn number(fields: &BTreeMap<String, View<'_>>, name: &str) -> Result<u64, String> {
    let mut written = Vec::new();
    let value = fields.get(name).ok_or_else(|| format!("no number {name}"))?;
    value.write_json(Floats::Null, &mut written).map_err(|error| error.to_string())?;
    let written = String::from_utf8_lossy(&written);
    written.parse().map_err(|_| format!("{name} is {written}"))
}

impl Sink for Tally {
    fn chunk(&self, chunk: &Chunk<'_>) -> io::Result<()> {
        self.lock().add(chunk);
        self.changed.notify_all();
        Ok(())
    }

    fn refused(&self, peer: &str, why: Option<&str>) {
        // Without a reason it was the script.
        if let Some(why) = why {
            self.lock().fault(format!("{peer}: refused, {why}"));
        }
    }
}
