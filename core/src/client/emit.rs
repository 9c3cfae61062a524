//! Handing records to the buffer: the path every export takes.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use super::Inner;
use crate::buffer::Appended;
use crate::clock;
use crate::error::{Error, Result, Status};
use crate::event::{
    ArcClass, Field, Limits, Outcome, RecordHead, Scratch, Timestamp, class_message, fields_message,
    globals_message, json_message, record,
};
use crate::filter::FieldRules;
use crate::log;
use crate::stats::count;

/// Whether a record was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Emitted {
    Accepted,
    /// Left out on purpose.
    Skipped,
}

/// The context a record belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) head: &'a RecordHead,
    /// Sampling keeps this context.
    pub(crate) is_kept: bool,
}

impl Inner {
    pub(crate) fn emit_json(&self, place: Place<'_>, json: &[u8], time: &Timestamp) -> Result<Emitted> {
        self.emit(place, time, |out, rules, limits, invalid, scratch| {
            json_message(out, json, rules, limits, invalid, scratch)
        })
    }

    pub(crate) fn emit_fields<'f>(
        &self,
        place: Place<'_>,
        fields: impl Iterator<Item = Result<Field<'f>>>,
        time: &Timestamp,
    ) -> Result<Emitted> {
        self.emit(place, time, |out, rules, limits, invalid, scratch| {
            fields_message(out, fields, rules, limits, invalid, scratch)
        })
    }

    /// The record of an ARC class.
    pub(crate) fn emit_class(
        &self,
        place: Place<'_>,
        class: &ArcClass<'_>,
        time: &Timestamp,
    ) -> Result<Emitted> {
        self.emit(place, time, |out, _, _, invalid, _| {
            class_message(out, class, invalid);
            Ok(Outcome::Written)
        })
    }

    /// The record of the globals, when there are any.
    pub(crate) fn emit_globals(&self, place: Place<'_>) -> Result<Emitted> {
        let globals = self.globals.load();
        let Some(globals) = globals.as_deref() else { return Ok(Emitted::Skipped) };
        self.emit(place, &Timestamp::Now, |out, _, _, _, _| {
            globals_message(out, globals);
            Ok(Outcome::Written)
        })
    }

    /// Checks an event that has no context to go to, and answers as an export does then.
    pub(crate) fn refuse_without_context(
        &self,
        check: impl FnOnce(&mut Vec<u8>, &FieldRules, &Limits, &mut Scratch) -> Result<Outcome>,
    ) -> Result<Emitted> {
        self.refuse_inside_callback()?;
        let rules = Arc::clone(&self.live.current().rules);
        match check(&mut Vec::new(), &rules, &self.event_limits, &mut Scratch::default())? {
            Outcome::Filtered => Ok(self.skipped(&self.runtime().counters.skipped_filtered)),
            Outcome::Written => {
                self.log.error("no context", || {
                    "export: no context is open on this thread, an export inside a context is expected"
                        .to_owned()
                });
                Err(no_context())
            }
        }
    }

    /// Counts an event that is left out because the client is disabled.
    pub(crate) fn skip_disabled(&self) -> Emitted {
        self.skipped(&self.runtime().counters.skipped_disabled)
    }

    fn skipped(&self, counter: &AtomicU64) -> Emitted {
        count(counter);
        Emitted::Skipped
    }

    /// Answers [`Status::Busy`] inside the host's log callback, where an export could recurse for ever.
    pub(crate) fn refuse_inside_callback(&self) -> Result<()> {
        if log::inside_callback() {
            return Err(Error::new(
                Status::Busy,
                "call: made from inside the log callback, a call from anywhere else is expected",
            ));
        }
        Ok(())
    }

    #[inline]
    fn emit(
        &self,
        place: Place<'_>,
        time: &Timestamp,
        message: impl FnOnce(&mut Vec<u8>, &FieldRules, &Limits, Option<&[u8]>, &mut Scratch) -> Result<Outcome>,
    ) -> Result<Emitted> {
        self.refuse_inside_callback()?;
        let runtime = self.runtime();
        if !place.is_kept {
            runtime.intake.refuse_when_closed()?;
            return Ok(self.skipped(&runtime.counters.skipped_sampled));
        }
        let now = clock::unix_seconds();
        let (stamp, invalid) = match time {
            Timestamp::Now => (now, None),
            Timestamp::At(seconds) => (*seconds, None),
            Timestamp::Invalid(value) => (now, Some(value.as_ref())),
        };
        let appended = runtime.intake.append(|out, workspace| {
            let start = out.len();
            record::begin(out, place.head, now);
            let version = self.live.version();
            let (rules, scratch) = workspace.refreshed(version, || Arc::clone(&self.live.current().rules));
            if message(out, rules, &self.event_limits, invalid, scratch)? == Outcome::Filtered {
                return Ok(false);
            }
            let event_id = self.settings.event_id.then(|| runtime.next_event_id());
            record::finish(out, stamp, event_id);
            self.check_size(out.len() - start)?;
            Ok(true)
        })?;
        if appended == Appended::Skipped {
            return Ok(self.skipped(&runtime.counters.skipped_filtered));
        }
        if !runtime.has_started() {
            self.start_missing_threads(runtime);
        }
        if self.settings.blocking {
            self.await_delivery()?;
        }
        Ok(Emitted::Accepted)
    }

    fn check_size(&self, bytes: usize) -> Result<()> {
        let most = self.event_limits.max_event_bytes;
        if bytes <= most {
            return Ok(());
        }
        Err(Error::new(
            Status::Limit,
            format!("event: its record has {bytes} bytes, at most {most} (max_event_bytes) are expected"),
        ))
    }

    #[cold]
    fn await_delivery(&self) -> Result<()> {
        let runtime = self.runtime();
        let sequence = runtime.intake.seal_own();
        let deadline = Instant::now() + self.settings.block_timeout;
        if !runtime.intake.wait_settled(sequence + 1, deadline) {
            return Err(Error::new(
                Status::Timeout,
                "export: not acknowledged within block_timeout_ms, the event waits for the collector",
            ));
        }
        if runtime.intake.was_lost(sequence) {
            runtime.intake.refuse_when_closed()?;
            return Err(Error::new(
                Status::Dropped,
                "export: newer events took the place of this one, a larger queue_size or queue_bytes is expected",
            ));
        }
        Ok(())
    }
}

/// The answer of every call that needs a context and finds none.
pub(crate) fn no_context() -> Error {
    Error::new(
        Status::NoContext,
        "thread: no context is open, a context entered or opened before is expected",
    )
}
