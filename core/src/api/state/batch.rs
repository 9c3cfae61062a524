//! Batches: a JSON array of events, each entered, exported and left in turn.

use super::moves::Session;
use crate::client::Emitted;
use crate::diag::error::{Error, Result, Status};
use crate::encode::{Batch, BatchEvent};
use crate::sys::call::as_from_outside;

/// What became of a batch.
#[derive(Debug)]
pub struct BatchReport {
    /// Events whose message was accepted.
    pub accepted: usize,
    /// [`Status::Json`] when the text is no array or an event was malformed; [`Status::Closed`],
    /// [`Status::Dropped`] or [`Status::Timeout`] when an event met that. A refused message is no error.
    pub result: Result<()>,
}

impl BatchReport {
    pub(in crate::api) fn failed(error: Error) -> BatchReport {
        BatchReport { accepted: 0, result: Err(error) }
    }
}

impl Session<'_> {
    pub(in crate::api) fn export_batch(&mut self, json: &[u8]) -> BatchReport {
        if let Some(report) = self.skipped_batch() {
            return report;
        }
        let limits = self.client.inner.event_limits;
        let batch = match Batch::new(json, &limits) {
            Ok(batch) => batch,
            Err(error) => return BatchReport::failed(self.client.inner.refused_batch(error)),
        };
        self.export_all(batch)
    }

    pub(in crate::api) fn refuse_batch(&mut self, error: Error) -> BatchReport {
        self.skipped_batch().unwrap_or_else(|| BatchReport::failed(self.client.inner.refused_batch(error)))
    }

    /// What a batch comes to that is not looked at.
    fn skipped_batch(&self) -> Option<BatchReport> {
        let inner = &self.client.inner;
        if self.client.opens_inert() {
            inner.skip_disabled();
            return Some(BatchReport { accepted: 0, result: Ok(()) });
        }
        inner.refuse_inside_callback().err().map(|error| BatchReport::failed(inner.refused(None, error)))
    }

    fn export_all(&mut self, mut batch: Batch<'_>) -> BatchReport {
        let mut accepted = 0;
        let mut first_error = None;
        while let Some(event) = batch.next() {
            let exported = match event {
                Ok(event) => self.export_event(&event),
                Err(error) => Err(self.client.inner.refused_event(error)),
            };
            match exported {
                Ok(Emitted::Accepted) => accepted += 1,
                Ok(Emitted::Skipped) => {}
                Err(error) => {
                    if error.status() == Status::Timeout {
                        accepted += 1;
                    }
                    let is_closed = error.status() == Status::Closed;
                    first_error.get_or_insert(error);
                    if is_closed {
                        self.client.inner.refused_more(batch.count());
                        break;
                    }
                }
            }
        }
        BatchReport { accepted, result: first_error.map_or(Ok(()), Err) }
    }

    /// Exports one event in a context of its own, or in the one that an enter opened around the batch.
    fn export_event(&mut self, event: &BatchEvent<'_>) -> Result<Emitted> {
        let inner = &self.client.inner;
        let Some(message) = event.message else {
            let text = "batch event: it has no \"message\", {\"message\": {...}} is expected";
            return Err(inner.refused_event(Error::new(Status::Json, text)));
        };
        let entered = self.enter(event.arc_class.as_ref(), event.context_id.as_deref(), &event.timestamp);
        // A class that waits longer than the caller was accepted; its message follows.
        let is_late = |error: &Error| error.status() == Status::Timeout;
        let exported = match entered.result {
            Ok(()) => as_from_outside(|| self.export_json(message, &event.timestamp)),
            Err(late) if is_late(&late) => {
                match as_from_outside(|| self.export_json(message, &event.timestamp)) {
                    Ok(Emitted::Accepted) => Err(inner.refused(None, late)),
                    other => other,
                }
            }
            Err(error) => Err(inner.refused(None, error)),
        };
        self.stack.leave(entered.scope);
        match exported {
            Err(error) if is_refusal(error.status()) => Ok(Emitted::Skipped),
            other => other,
        }
    }
}

/// Whether the fault lies in one message, which does not change what is said of the batch.
fn is_refusal(status: Status) -> bool {
    !matches!(status, Status::Closed | Status::Dropped | Status::Timeout)
}
