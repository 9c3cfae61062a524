//! What a fault collector keeps: every record as the bytes that arrived, and the ledger.
//!
//! Told by the threads of the server, read by those of the test.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::ledger::Ledger;
use crate::proto::chunk::{Chunk, Entry, Mode, json};
use crate::proto::forward::json::Floats;
use crate::proto::http::request::RequestEntry;
use crate::proto::record::Record;
use crate::server::sink::Sink;

/// The sink of a fault collector.
#[derive(Debug, Default)]
pub(super) struct Taken {
    kept: Mutex<Kept>,
    changed: Condvar,
}

#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) chunks: Vec<Arc<KeptChunk>>,
    pub(super) ledger: Ledger,
    pub(super) complaints: Vec<String>,
    pub(super) open: u64,
}

#[derive(Debug)]
pub(super) struct KeptChunk {
    tag: String,
    mode: Mode,
    user_id: Option<String>,
    body: Vec<u8>,
    entries: Vec<Entry>,
}

impl KeptChunk {
    /// Shows its records in their order.
    pub(super) fn for_each_record(&self, show: &mut impl FnMut(Record)) {
        for entry in &self.entries {
            let raw = entry.raw(&self.body);
            // It was walked over when it was taken; reading it cannot fail.
            let record = json(self.mode, raw, Floats::Tagged).unwrap_or_default();
            let (tag, user_id) = (self.tag.clone(), self.user_id.clone());
            show(Record { tag, user_id, time: entry.time, record, raw: raw.to_vec() });
        }
    }
}

impl Taken {
    pub(super) fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the ledger meets a condition; false at the time-out.
    pub(super) fn wait_for(&self, timeout: Duration, met: impl Fn(&Ledger) -> bool) -> bool {
        let deadline = Instant::now() + timeout;
        let mut kept = self.lock();
        while !met(&kept.ledger) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            kept = match self.changed.wait_timeout(kept, left) {
                Ok((kept, _)) => kept,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
        true
    }

    fn change(&self, change: impl FnOnce(&mut Kept)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }
}

impl Sink for Taken {
    fn opened(&self) {
        self.change(|kept| {
            kept.ledger.totals.connections += 1;
            kept.open += 1;
        });
    }

    fn received(&self, bytes: usize) {
        self.lock().ledger.totals.bytes += bytes as u64;
    }

    fn chunk(&self, chunk: &Chunk<'_>) -> io::Result<()> {
        let copy = KeptChunk {
            tag: chunk.tag.clone(),
            mode: chunk.mode,
            user_id: chunk.user_id.clone(),
            body: chunk.body.to_vec(),
            entries: chunk.entries.clone(),
        };
        self.change(|kept| {
            kept.ledger.add(chunk);
            kept.chunks.push(Arc::new(copy));
        });
        Ok(())
    }

    fn refused(&self, peer: &str, why: Option<&str>) {
        self.change(|kept| {
            kept.ledger.totals.refused += 1;
            kept.complaints.extend(why.map(|why| format!("{peer}: {why}")));
        });
    }

    fn request(&self, request: RequestEntry) {
        self.change(|kept| kept.ledger.requests.push(request));
    }

    fn acknowledged(&self, id: &str) {
        self.change(|kept| kept.ledger.acknowledged(id));
    }

    fn closed(&self, peer: &str, fault: Option<&str>) {
        self.change(|kept| {
            kept.open -= 1;
            kept.complaints.extend(fault.map(|fault| format!("{peer}: {fault}")));
        });
    }
}
