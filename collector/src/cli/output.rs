//! Where everything that is taken goes: the file of records, the ARCs, the counters.
//!
//! The sink of all connections. A chunk is in the file before it is acknowledged. One that the file does
//! not take is not acknowledged, others go on, and the program ends with a failure.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mona_collector::{Chunk, Entry, Peer, Sink};

use crate::arcs::arc::Arc;
use crate::arcs::open::Arcs;
use crate::args::Args;
use crate::counters::Counters;
use crate::fresh::FreshIds;
use crate::log::log;
use crate::parts::Parts;
use crate::plain::escape_json;
use crate::records::Records;
use crate::report;
use crate::seen::Seen;
use crate::summary::Summary;
use crate::tail::Tail;
#[cfg(feature = "page")]
use mona_collector::Clients;
#[cfg(feature = "store")]
use {crate::closing, crate::kept, mona_collector::store::Store, std::sync};

/// Bytes of ARCs in memory where a store has them all and `--tail` asks for their classes.
#[cfg(feature = "store")]
const BESIDE_STORE: usize = 4 << 20;

/// A line that grew for one large ARC is given back.
const KEEP: usize = 64 << 10;

pub(crate) struct Output {
    inner: Mutex<Inner>,
    #[cfg(feature = "store")]
    store: Option<sync::Arc<Store>>,
    #[cfg(feature = "page")]
    clients: sync::Arc<Clients>,
}

struct Inner {
    records: Option<Records>,
    tail: Option<Tail>,
    arc_lines: Option<BufWriter<File>>,
    /// The ARC that is being written.
    line: Vec<u8>,
    arcs: Arcs,
    /// Whether ARCs are kept in memory at all: for `--arcs`, for `--tail`, and where there is no store.
    keeps_arcs: bool,
    /// Whether those in memory are summed up, and not those of the store.
    sums_arcs: bool,
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
        let records = match &args.out {
            None => None,
            Some(path) => Some(Records::open(path).map_err(|error| named("--out", path, error))?),
        };
        let arc_lines = match &args.arcs {
            None => None,
            Some(path) => Some(File::create(path).map_err(|error| named("--arcs", path, error))?),
        };
        if args.tail.is_some() && args.out.as_deref() == Some(Path::new("-")) {
            return Err("--tail: found --out - on the same standard output, expected one of them".to_owned());
        }
        let inner = Inner {
            records,
            tail: args.tail.map(Tail::new),
            arc_lines: arc_lines.map(BufWriter::new),
            line: Vec::new(),
            arcs: Arcs::default(),
            keeps_arcs: true,
            sums_arcs: true,
            summary: Summary::new(&args.by),
            counters: Counters::default(),
            seen: Seen::default(),
            open: 0,
            last: Instant::now(),
            failed: false,
        };
        Ok(Output {
            inner: Mutex::new(inner),
            #[cfg(feature = "store")]
            store: None,
            #[cfg(feature = "page")]
            clients: sync::Arc::default(),
        })
    }

    /// The same with a store.
    #[cfg(feature = "store")]
    pub(crate) fn with_store(self, store: Option<sync::Arc<Store>>) -> Output {
        let mut inner = self.lock();
        if store.is_some() && inner.arc_lines.is_none() {
            inner.sums_arcs = false;
            inner.keeps_arcs = inner.tail.is_some();
            inner.arcs.keep_within(BESIDE_STORE);
        }
        drop(inner);
        Output { store, ..self }
    }

    /// Whether the store has what a chunk says, too.
    fn keep(&self, chunk: &Chunk<'_>, fresh: &FreshIds) -> io::Result<()> {
        #[cfg(feature = "store")]
        if let Some(store) = &self.store {
            return kept::take(store, chunk, fresh);
        }
        let _ = (chunk, fresh);
        Ok(())
    }

    /// Counts something about delivery in the store.
    fn tally(&self, counter: &'static str, refusal: Option<&str>) {
        #[cfg(feature = "store")]
        if let Some(store) = &self.store {
            match refusal {
                Some(sentence) => store.refuse(sentence),
                None => store.count(counter, 1),
            }
        }
        let _ = (counter, refusal);
    }

    /// What each client sent.
    #[cfg(feature = "page")]
    pub(crate) fn clients(&self) -> sync::Arc<Clients> {
        sync::Arc::clone(&self.clients)
    }

    /// Counters of delivery, as of now.
    #[cfg(feature = "page")]
    pub(crate) fn delivery(&self) -> Vec<(&'static str, u64)> {
        let inner = self.lock();
        let counters = &inner.counters;
        vec![
            ("connections", counters.connections),
            ("open", inner.open),
            ("bytes", counters.bytes),
            ("chunks", counters.chunks),
            ("duplicates", counters.duplicates),
            ("duplicate_records", counters.duplicate_records),
            ("records", counters.records),
            ("unwritten", counters.unwritten),
            ("refused", counters.refused),
            ("faults", counters.faults),
        ]
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
        #[cfg(feature = "store")]
        if let Some(store) = self.store.as_ref().filter(|_| !inner.sums_arcs && inner.counters.records > 0) {
            let summed = closing::sum_up(store, &mut inner.summary);
            match summed {
                Ok(run) => (inner.counters.gone, inner.counters.unfinished) = (run.gone, run.unfinished),
                Err(error) => inner.note("--store", Err(io::Error::other(error.to_string()))),
            }
        }
        let flushed = inner.arc_lines.as_mut().map(Write::flush);
        inner.note("--arcs", flushed.unwrap_or(Ok(())));
        #[cfg(feature = "store")]
        if let Some(store) = &self.store {
            inner.note("--store", store.settle().map_err(io::Error::from));
        }
    }

    /// The summary as text; complete after [`Output::finish`].
    pub(crate) fn report(&self, is_brief: bool) -> String {
        let inner = self.lock();
        report::text(&inner.counters, &inner.summary, is_brief)
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
    /// Gives whether the chunk had come before.
    fn take(&mut self, chunk: &Chunk<'_>, fresh: &FreshIds) -> io::Result<bool> {
        self.last = Instant::now();
        if let Some(out) = &mut self.records {
            out.begin()?;
        }
        if let Some(tail) = &mut self.tail {
            tail.begin();
        }
        let head = Parts::line_head(&chunk.tag);
        for (at, entry) in chunk.entries.iter().enumerate() {
            self.take_record(chunk, &head, entry, || fresh.of_message(at))?;
        }
        if let Some(out) = &mut self.records {
            out.end()?;
        }
        if let Some(tail) = &mut self.tail {
            tail.end();
        }
        let records = chunk.entries.len() as u64;
        self.counters.chunks += 1;
        self.counters.records += records;
        let again = chunk.id.as_ref().is_some_and(|id| self.seen.again(id));
        if again {
            self.counters.duplicates += 1;
            self.counters.duplicate_records += records;
        }
        Ok(again)
    }

    /// A record that cannot be written is left out and counted; the others of its chunk are taken.
    fn take_record(
        &mut self,
        chunk: &Chunk<'_>,
        head: &[u8],
        entry: &Entry,
        fresh: impl FnOnce() -> String,
    ) -> io::Result<()> {
        let parts = match Parts::of(chunk, entry, fresh) {
            Ok(parts) => parts,
            Err(malformed) => return self.leave_out(&malformed.to_string()),
        };
        if let Some(out) = &mut self.records {
            let from = out.lines.len();
            match parts.write_line(head, entry.time, &mut out.lines) {
                Ok(()) => escape_json(&mut out.lines, from),
                Err(malformed) => {
                    out.lines.truncate(from);
                    return self.leave_out(&malformed.to_string());
                }
            }
            out.line()?;
        }
        self.counters.strangers += u64::from(parts.context.is_none() || parts.message.is_none());
        if !self.keeps_arcs {
            return Ok(());
        }
        self.arcs.add(&parts);
        if let Some(tail) = &mut self.tail {
            let is_known = parts.message.is_some();
            let class = parts.context.as_deref().filter(|_| is_known);
            let class = class.and_then(|context| self.arcs.class_of(context));
            tail.record(&parts, class, head, entry.time);
        }
        while let Some(arc) = self.arcs.take_excess() {
            self.counters.early += u64::from(self.sums_arcs);
            self.give_out(&arc);
        }
        Ok(())
    }

    fn leave_out(&mut self, why: &str) -> io::Result<()> {
        if self.counters.unwritten == 0 {
            log(&format!("a record could not be written: {why}"));
        }
        self.counters.unwritten += 1;
        self.failed = true;
        Ok(())
    }

    fn give_out(&mut self, arc: &Arc) {
        if self.sums_arcs {
            self.summary.add(arc, &self.arcs.names, &mut self.arcs.merger);
        }
        if let Some(out) = &mut self.arc_lines {
            let line = &mut self.line;
            line.clear();
            arc.write_json(&self.arcs.names, &mut self.arcs.merger, line);
            escape_json(line, 0);
            line.push(b'\n');
            let written = out.write_all(line);
            line.shrink_to(KEEP);
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
        // Without the lock: several chunks share a transaction.
        let fresh = FreshIds::of(chunk);
        let kept = self.keep(chunk, &fresh);
        let mut inner = self.lock();
        let taken = kept.and_then(|()| inner.take(chunk, &fresh));
        inner.failed |= taken.is_err();
        drop(inner);
        if taken? {
            self.tally("duplicates", None);
        }
        Ok(())
    }

    fn chunk_from(&self, peer: Peer<'_>, chunk: &Chunk<'_>) -> io::Result<()> {
        self.chunk(chunk)?;
        #[cfg(feature = "page")]
        self.clients.took(peer.address, peer.hostname, chunk.entries.len() as u64, chunk.bytes as u64);
        let _ = peer;
        Ok(())
    }

    fn refused(&self, peer: &str, why: Option<&str>) {
        #[cfg(feature = "page")]
        self.clients.refused(peer);
        self.lock().counters.refused += 1;
        self.tally("refused", why);
        if let Some(why) = why {
            log(&format!("request from {peer} refused: {why}"));
        }
    }

    fn closed(&self, peer: &str, fault: Option<&str>) {
        let mut inner = self.lock();
        inner.open = inner.open.saturating_sub(1);
        inner.last = Instant::now();
        if let Some(fault) = fault {
            #[cfg(feature = "page")]
            self.clients.refused(peer);
            inner.counters.faults += 1;
            drop(inner);
            self.tally("faults", Some(fault));
            log(&format!("connection from {peer} closed: {fault}"));
        }
    }
}
