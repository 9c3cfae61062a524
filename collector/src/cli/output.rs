//! Where everything that is taken goes: the file of records, the ARCs, the counters.
//!
//! The sink of all connections. A chunk is in the file, flushed, before it is acknowledged. After a
//! write error nothing more is acknowledged, and the program ends with a failure.

use std::collections::{HashSet, VecDeque};
use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mona_collector::{Chunk, Floats, Sink, write_line};
use serde_json::{Map, Value};

use crate::arcs::{Arc, Arcs};
use crate::args::Args;
use crate::log::log;
use crate::report::{self, Counters};
use crate::summary::Summary;

/// Chunk ids remembered to tell duplicates; a resend follows within seconds.
const REMEMBERED_IDS: usize = 100_000;

pub(crate) struct Output {
    inner: Mutex<Inner>,
}

struct Inner {
    records: Option<BufWriter<Box<dyn Write + Send>>>,
    arc_lines: Option<BufWriter<File>>,
    arcs: Arcs,
    summary: Summary,
    counters: Counters,
    seen: Seen,
    open: u64,
    last: Instant,
    failed: bool,
}

impl Output {
    /// Opens the files; the error is a sentence.
    pub(crate) fn new(args: &Args) -> Result<Output, String> {
        let named =
            |option: &str, path: &Path, error: io::Error| format!("{option} {}: {error}", path.display());
        let records: Option<Box<dyn Write + Send>> = match &args.out {
            None => None,
            Some(_) if args.writes_to_stdout() => Some(Box::new(io::stdout())),
            Some(path) => {
                let file = OpenOptions::new().append(true).create(true).open(path);
                Some(Box::new(file.map_err(|error| named("--out", path, error))?))
            }
        };
        let arc_lines = match &args.arcs {
            None => None,
            Some(path) => Some(File::create(path).map_err(|error| named("--arcs", path, error))?),
        };
        let inner = Inner {
            records: records.map(BufWriter::new),
            arc_lines: arc_lines.map(BufWriter::new),
            arcs: Arcs::default(),
            summary: Summary::new(&args.by),
            counters: Counters::default(),
            seen: Seen::default(),
            open: 0,
            last: Instant::now(),
            failed: false,
        };
        Ok(Output { inner: Mutex::new(inner) })
    }

    /// How long nothing happened, if there was a connection and none is open.
    pub(crate) fn idle_for(&self) -> Option<Duration> {
        let inner = self.lock();
        (inner.counters.connections > 0 && inner.open == 0).then(|| inner.last.elapsed())
    }

    /// Gives out the ARCs that are left and closes the files.
    pub(crate) fn finish(&self) {
        let mut inner = self.lock();
        while let Some(arc) = inner.arcs.take_oldest() {
            inner.give_out(&arc);
        }
        let flushed = inner.arc_lines.as_mut().map(Write::flush);
        inner.note("--arcs", flushed.unwrap_or(Ok(())));
    }

    /// The summary as text; complete after [`Output::finish`].
    pub(crate) fn report(&self) -> String {
        let mut inner = self.lock();
        inner.counters.strangers = inner.arcs.strangers;
        report::text(&inner.counters, &inner.summary)
    }

    /// True if something could not be written.
    pub(crate) fn has_failed(&self) -> bool {
        self.lock().failed
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn take(&mut self, chunk: &Chunk<'_>) -> io::Result<()> {
        self.last = Instant::now();
        if self.failed {
            return Err(io::Error::other("an earlier one could not be written"));
        }
        for entry in &chunk.entries {
            let record = chunk.json(entry, Floats::Null).map_err(io::Error::other)?;
            let record = match chunk.mode.is_rest() {
                true => record_of(chunk.user_id.as_deref(), record),
                false => record,
            };
            if let Some(out) = &mut self.records {
                write_line(out, &chunk.tag, entry.time, &record)?;
            }
            for arc in self.arcs.add(record, chunk.raw(entry).len()) {
                self.counters.early += 1;
                self.give_out(&arc);
            }
        }
        if let Some(out) = &mut self.records {
            out.flush()?;
        }
        let records = chunk.entries.len() as u64;
        self.counters.chunks += 1;
        self.counters.records += records;
        if chunk.id.as_ref().is_some_and(|id| self.seen.again(id)) {
            self.counters.duplicates += 1;
            self.counters.duplicate_records += records;
        }
        Ok(())
    }

    fn give_out(&mut self, arc: &Arc) {
        self.summary.add(arc);
        if let Some(out) = &mut self.arc_lines {
            let written = serde_json::to_writer(&mut *out, &arc.json()).map_err(io::Error::from);
            let written = written.and_then(|()| out.write_all(b"\n"));
            self.note("--arcs", written);
        }
    }

    fn note(&mut self, option: &str, result: io::Result<()>) {
        if let Err(error) = result
            && !self.failed
        {
            self.failed = true;
            log(&format!("{option}: {error}"));
        }
    }
}

impl Sink for Output {
    fn opened(&self) {
        let mut inner = self.lock();
        inner.counters.connections += 1;
        inner.open += 1;
        inner.last = Instant::now();
    }

    fn received(&self, bytes: usize) {
        let mut inner = self.lock();
        inner.counters.bytes += bytes as u64;
        inner.last = Instant::now();
    }

    fn chunk(&self, chunk: &Chunk<'_>) -> io::Result<()> {
        let mut inner = self.lock();
        let taken = inner.take(chunk);
        inner.failed |= taken.is_err();
        taken
    }

    fn refused(&self, peer: &str, why: Option<&str>) {
        self.lock().counters.refused += 1;
        if let Some(why) = why {
            log(&format!("request from {peer} refused: {why}"));
        }
    }

    fn closed(&self, peer: &str, fault: Option<&str>) {
        let mut inner = self.lock();
        inner.open = inner.open.saturating_sub(1);
        inner.last = Instant::now();
        if let Some(fault) = fault {
            inner.counters.faults += 1;
            log(&format!("connection from {peer} closed: {fault}"));
        }
    }
}

/// The record that a message of the REST API stands for, with the class it carries beside it.
fn record_of(user_id: Option<&str>, message: Value) -> Value {
    let Value::Object(mut message) = message else { return message };
    let mut record = Map::new();
    record.insert("user_id".into(), user_id.into());
    for (name, given) in [
        ("context", "contextId"),
        ("message", "message"),
        ("export_timestamp", "exportTimestamp"),
        ("arc_class", "arcClass"),
    ] {
        record.extend(message.shift_remove(given).map(|value| (name.to_owned(), value)));
    }
    record.extend(message);
    Value::Object(record)
}

/// The latest chunk ids, as 64-bit hashes with a key of this process.
#[derive(Default)]
struct Seen {
    hashes: HashSet<u64>,
    order: VecDeque<u64>,
    keys: RandomState,
}

impl Seen {
    /// True if the id is remembered; it is from now on.
    fn again(&mut self, id: &str) -> bool {
        let hash = self.keys.hash_one(id);
        if !self.hashes.insert(hash) {
            return true;
        }
        self.order.push_back(hash);
        if self.order.len() > REMEMBERED_IDS
            && let Some(oldest) = self.order.pop_front()
        {
            self.hashes.remove(&oldest);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_message_is_a_record() {
        let message = r#"{"message":{"a":1},"contextId":"c","exportTimestamp":5,"arcClass":"k","x":2}"#;
        let record = record_of(Some("u"), serde_json::from_str(message).unwrap());
        assert_eq!(
            record.to_string(),
            r#"{"user_id":"u","context":"c","message":{"a":1},"export_timestamp":5,"arc_class":"k","x":2}"#
        );
    }

    #[test]
    fn ids_are_remembered_for_a_while() {
        let mut seen = Seen::default();
        assert!(!seen.again("first"));
        assert!(seen.again("first"));
        for n in 0..REMEMBERED_IDS {
            assert!(!seen.again(&n.to_string()));
        }
        assert!(!seen.again("first"));
        assert_eq!(seen.hashes.len(), REMEMBERED_IDS);
    }
}
