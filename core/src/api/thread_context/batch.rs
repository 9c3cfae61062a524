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
    pub(super) fn failed(error: Error) -> BatchReport {
        BatchReport { accepted: 0, result: Err(error) }
    }
}

impl Session<'_> {
    pub(super) fn export_batch(&mut self, json: &[u8]) -> BatchReport {
        if self.client.is_disabled() {
            self.client.inner.skip_disabled();
            return BatchReport { accepted: 0, result: Ok(()) };
        }
        if let Err(error) = self.client.inner.refuse_inside_callback() {
            return BatchReport::failed(error);
        }
        let limits = self.client.inner.event_limits;
        let batch = match Batch::new(json, &limits) {
            Ok(batch) => batch,
            Err(error) => {
                self.client.inner.log().error("batch", || format!("batch refused: {error}"));
                return BatchReport::failed(error);
            }
        };
        let mut accepted = 0;
        let mut first_error = None;
        for event in batch {
            match event.and_then(|event| self.export_event(&event)) {
                Ok(Emitted::Accepted) => accepted += 1,
                Ok(Emitted::Skipped) => {}
                Err(error) => {
                    if error.status() == Status::Timeout {
                        accepted += 1;
                    }
                    let is_closed = error.status() == Status::Closed;
                    first_error.get_or_insert(error);
                    if is_closed {
                        break;
                    }
                }
            }
        }
        BatchReport { accepted, result: first_error.map_or(Ok(()), Err) }
    }

    /// Exports one event in a context of its own, or in the one that an enter opened around the batch.
    fn export_event(&mut self, event: &BatchEvent<'_>) -> Result<Emitted> {
        let Some(message) = event.message else {
            return Err(self.malformed());
        };
        let entered = self.enter(event.arc_class.as_ref(), event.context_id.as_deref(), &event.timestamp);
        // A class that waits longer than the caller was accepted; its message follows.
        let is_late = |error: &Error| error.status() == Status::Timeout;
        let exported = match entered.result {
            Ok(()) => as_from_outside(|| self.export_json(message, &event.timestamp)),
            Err(late) if is_late(&late) => {
                match as_from_outside(|| self.export_json(message, &event.timestamp)) {
                    Ok(Emitted::Accepted) => Err(late),
                    other => other,
                }
            }
            Err(error) => Err(error),
        };
        self.stack.leave(entered.scope);
        match exported {
            Err(error) if is_refusal(error.status()) => {
                self.client.inner.log().error("batch event", || format!("event of a batch refused: {error}"));
                Ok(Emitted::Skipped)
            }
            other => other,
        }
    }

    fn malformed(&self) -> Error {
        let text = "batch event: it has no \"message\", {\"message\": {...}} is expected";
        self.client.inner.log().error("batch event", || text.to_owned());
        Error::new(Status::Json, text)
    }
}

/// Whether the fault lies in one message, which does not change what is said of the batch.
fn is_refusal(status: Status) -> bool {
    !matches!(status, Status::Closed | Status::Dropped | Status::Timeout)
}
