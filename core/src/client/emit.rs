//! Handing records to the buffer: the path every export takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use super::Inner;
use super::runtime::Runtime;
use crate::buffer::{Appended, Entry};
use crate::clock;
use crate::error::{Error, Result, Status};
use crate::event::{
    ArcClass, AsField, FieldList, Frame, JsonText, Limits, Message, Outcome, Output, OwnMessage, RecordHead,
    Scratch, Timestamp, Workspace, fields_message, json_message, merge_globals, record,
};
use crate::filter::FieldRules;
use crate::log;
use crate::stats::count;

/// Whether a record was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
// As wide as the error beside it, so that a result travels in two registers.
#[repr(usize)]
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
    /// Set until the globals went out with a message of this main context; only where messages carry them.
    pub(crate) owes_globals: Option<&'a AtomicBool>,
}

impl Inner {
    #[inline(never)]
    pub(crate) fn emit_json(&self, place: Place<'_>, json: &[u8], time: &Timestamp) -> Result<Emitted> {
        if self.messages_carry_class && place.head.lacks_class() {
            return self.refuse_without_class(place, |out, rules, limits, scratch| {
                json_message(out, json, rules, limits, None, scratch)
            });
        }
        self.emit(place, time, JsonText(json))
    }

    #[inline(never)]
    pub(crate) fn emit_fields(
        &self,
        place: Place<'_>,
        fields: &[impl AsField],
        time: &Timestamp,
    ) -> Result<Emitted> {
        if self.messages_carry_class && place.head.lacks_class() {
            return self.refuse_without_class(place, |out, rules, limits, scratch| {
                fields_message(out, fields, rules, limits, None, scratch)
            });
        }
        self.emit(place, time, FieldList(fields))
    }

    /// Answers as an export does whose event was found wrong with `error` before it came here.
    #[cold]
    pub(crate) fn emit_refused(&self, place: Place<'_>, error: Error) -> Result<Emitted> {
        self.emit_own(place, &Timestamp::Now, OwnMessage::Refused(error))
    }

    /// One function for all messages of our own: each kind of message has the whole way for itself.
    #[inline(never)]
    fn emit_own(&self, place: Place<'_>, time: &Timestamp, message: OwnMessage<'_>) -> Result<Emitted> {
        self.emit(place, time, message)
    }

    /// The record of an ARC class; none where every message carries it.
    pub(crate) fn emit_class(
        &self,
        place: Place<'_>,
        class: &ArcClass<'_>,
        time: &Timestamp,
    ) -> Result<Emitted> {
        if self.messages_carry_class {
            return Ok(Emitted::Skipped);
        }
        self.emit_own(place, time, OwnMessage::Class(class))
    }

    /// The record of the globals, when there are any; none where a message carries them.
    pub(crate) fn emit_globals(&self, place: Place<'_>) -> Result<Emitted> {
        if self.messages_carry_class || !self.had_globals.load(Ordering::Acquire) {
            return Ok(Emitted::Skipped);
        }
        let globals = self.globals.load();
        let Some(globals) = globals.as_deref() else { return Ok(Emitted::Skipped) };
        self.emit_own(place, &Timestamp::Now, OwnMessage::Globals(globals))
    }

    /// Checks an event that has no context to go to, and answers as an export does then.
    pub(crate) fn refuse_without_context(
        &self,
        check: impl FnOnce(&mut Vec<u8>, &FieldRules, &Limits, &mut Scratch) -> Result<Outcome>,
    ) -> Result<Emitted> {
        self.refuse(check, || {
            self.log.error("no context", || {
                "export: no context is open on this thread, an export inside a context is expected".to_owned()
            });
            no_context()
        })
    }

    /// The same for an event whose context has no class, where every message must carry one.
    #[cold]
    fn refuse_without_class(
        &self,
        place: Place<'_>,
        check: impl FnOnce(&mut Vec<u8>, &FieldRules, &Limits, &mut Scratch) -> Result<Outcome>,
    ) -> Result<Emitted> {
        if !place.is_kept {
            self.refuse_inside_callback()?;
            return Ok(self.skipped(&self.runtime().counters.skipped_sampled));
        }
        self.refuse(check, || {
            let text = "export: its context has no ARC class, one opened with a class is expected with \
                        http_format \"mona\"";
            if !self.has_told_of_class.swap(true, Ordering::Relaxed) {
                self.log.error("no class", || text.to_owned());
            }
            Error::new(Status::Argument, text)
        })
    }

    fn refuse(
        &self,
        check: impl FnOnce(&mut Vec<u8>, &FieldRules, &Limits, &mut Scratch) -> Result<Outcome>,
        answer: impl FnOnce() -> Error,
    ) -> Result<Emitted> {
        self.refuse_inside_callback()?;
        let rules = Arc::clone(&self.live.current().rules);
        match check(&mut Vec::new(), &rules, &self.event_limits, &mut Scratch::default())? {
            Outcome::Filtered => Ok(self.skipped(&self.runtime().counters.skipped_filtered)),
            Outcome::Written => Err(answer()),
        }
    }

    /// Counts an event that is left out because the client is disabled.
    pub(crate) fn skip_disabled(&self) -> Emitted {
        self.runtime().intake.count_skipped();
        Emitted::Skipped
    }

    /// The same when nothing has to be made for it; false, and nothing is counted, otherwise.
    #[inline(always)]
    pub(crate) fn skip_at_once(&self) -> bool {
        self.runtime.existing().is_some_and(|runtime| runtime.intake.count_skipped_at_once())
    }

    fn skipped(&self, counter: &AtomicU64) -> Emitted {
        count(counter);
        Emitted::Skipped
    }

    /// Answers [`Status::Busy`] inside the host's log callback, where an export could recurse for ever.
    #[inline(always)]
    pub(crate) fn refuse_inside_callback(&self) -> Result<()> {
        if log::inside_callback() { Err(inside_callback()) } else { Ok(()) }
    }

    #[inline(always)]
    fn emit(&self, place: Place<'_>, time: &Timestamp, message: impl Message) -> Result<Emitted> {
        self.refuse_inside_callback()?;
        let runtime = self.runtime();
        if !place.is_kept {
            runtime.intake.refuse_when_closed()?;
            return Ok(self.skipped(&runtime.counters.skipped_sampled));
        }
        let mut brought_globals = false;
        let record =
            Record { client: self, runtime, place, time, message, brought_globals: &mut brought_globals };
        let appended = runtime.intake.append(record);
        if !matches!(appended, Ok(Appended::Accepted)) {
            return self.not_accepted(appended, place, brought_globals);
        }
        if !runtime.has_started() {
            self.start_missing_threads(runtime);
        }
        if self.blocking {
            self.await_delivery()?;
        }
        Ok(Emitted::Accepted)
    }

    #[cold]
    #[inline(never)]
    fn not_accepted(
        &self,
        appended: Result<Appended>,
        place: Place<'_>,
        brought_globals: bool,
    ) -> Result<Emitted> {
        if let (Err(_), true, Some(owed)) = (&appended, brought_globals, place.owes_globals) {
            owed.store(true, Ordering::Relaxed);
        }
        appended.map(|_| self.skipped(&self.runtime().counters.skipped_filtered))
    }

    #[cold]
    fn rules(&self) -> Arc<FieldRules> {
        Arc::clone(&self.live.current().rules)
    }

    #[cold]
    fn add_globals(&self, out: &mut Vec<u8>, start: usize) {
        if let Some(globals) = self.globals.load().as_deref() {
            // What stands there was written by this library and can be read back.
            let _ = merge_globals(out, start, globals);
        }
    }

    #[inline(always)]
    fn check_size(&self, bytes: usize) -> Result<()> {
        if bytes <= self.event_limits.max_event_bytes { Ok(()) } else { self.refuse_size(bytes) }
    }

    #[cold]
    fn refuse_size(&self, bytes: usize) -> Result<()> {
        let most = self.event_limits.max_event_bytes;
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

/// The record of a message, on its way into the buffer.
struct Record<'a, M> {
    client: &'a Inner,
    runtime: &'a Runtime,
    place: Place<'a>,
    time: &'a Timestamp,
    message: M,
    /// Set when the globals went into this message.
    brought_globals: &'a mut bool,
}

impl<M: Message> Entry for Record<'_, M> {
    #[inline(always)]
    fn write(self, out: &mut Output<'_>, workspace: &mut Workspace) -> Result<bool> {
        let client = self.client;
        let now = clock::unix_seconds();
        let (stamp, invalid_timestamp) = match self.time {
            Timestamp::Now => (now, None),
            Timestamp::At(seconds) => (*seconds, None),
            Timestamp::Invalid(value) => (now, Some(value.as_ref())),
        };
        let start = out.len();
        record::begin(out, self.place.head, now);
        let message_start = out.len();
        let version = client.live.version();
        let (rules, scratch) = workspace.refreshed(version, || client.rules());
        let frame = Frame { rules: Some(rules), limits: &client.event_limits, invalid_timestamp };
        if self.message.write(out, frame, scratch)? == Outcome::Filtered {
            return Ok(false);
        }
        if client.messages_carry_class
            && let Some(owed) = self.place.owes_globals
            && owed.load(Ordering::Relaxed)
            && owed.swap(false, Ordering::Relaxed)
        {
            *self.brought_globals = true;
            out.lend(|out| out.with_vec(|out| client.add_globals(out, message_start)));
        }
        let event_id = client.event_id.then(|| self.runtime.next_event_id());
        record::finish(out, stamp, event_id);
        client.check_size(out.len() - start)?;
        Ok(true)
    }
}

#[cold]
fn inside_callback() -> Error {
    Error::new(Status::Busy, "call: made from inside the log callback, a call from anywhere else is expected")
}

/// The answer of every call that needs a context and finds none.
pub(crate) fn no_context() -> Error {
    Error::new(
        Status::NoContext,
        "thread: no context is open, a context entered or opened before is expected",
    )
}
