//! Handing records to the buffer: the path every export takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::context_ref::ContextRef;
use super::inner::Inner;
use super::life_cycle::LOOK_TIME;
use super::record::{Precise, Record};
use super::refusal::NO_CLASS;
use super::runtime::Runtime;
use crate::diag::error::{Error, Result, Status};
use crate::diag::log;
use crate::diag::stats::count;
use crate::encode::filter::FieldRules;
use crate::encode::{
    ArcClass, AsField, FieldList, Frame, JsonText, Limits, Message, Outcome, Output, OwnMessage, Scratch,
    Timestamp,
};
use crate::queue::Appended;
use crate::sys::clock::{self, Precision};
use crate::sys::{call, swap};

/// Whether a record was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
// As wide as the error beside it, so that a result travels in two registers.
#[repr(usize)]
pub(crate) enum Emitted {
    Accepted,
    /// Left out on purpose.
    Skipped,
}

impl Inner {
    #[inline(always)]
    pub(crate) fn emit_json(
        &self,
        context: ContextRef<'_>,
        json: &[u8],
        time: &Timestamp,
    ) -> Result<Emitted> {
        self.emit(context, time, JsonText::of_event(json))
    }

    #[inline(always)]
    pub(crate) fn emit_fields(
        &self,
        context: ContextRef<'_>,
        fields: &[impl AsField],
        time: &Timestamp,
    ) -> Result<Emitted> {
        self.emit(context, time, FieldList(fields))
    }

    /// Answers as an export does whose event was found wrong with `error` before it came here.
    #[cold]
    pub(crate) fn emit_refused(&self, context: ContextRef<'_>, error: Error) -> Result<Emitted> {
        let Some(_inside) = call::enter() else { return Err(self.refused_interrupting()) };
        self.emit_own(context, &Timestamp::Now, OwnMessage::Refused(error))
    }

    /// One function for all messages of our own: each kind of message has the whole way for itself.
    #[inline(never)]
    fn emit_own(
        &self,
        context: ContextRef<'_>,
        time: &Timestamp,
        message: OwnMessage<'_>,
    ) -> Result<Emitted> {
        self.emit_inside(self.record(context, time, message))
    }

    /// The record of an ARC class; none where there is no class, or where every message carries it.
    pub(crate) fn emit_class(
        &self,
        context: ContextRef<'_>,
        class: Option<&ArcClass<'_>>,
        time: &Timestamp,
    ) -> Result<Emitted> {
        match class.filter(|class| !class.is_empty() && !self.messages_carry_class) {
            Some(class) => self.emit_own(context, time, OwnMessage::Class(class)),
            None => {
                if let Timestamp::Invalid(_) = time {
                    self.told_of_timestamp(context.origin, time);
                }
                Ok(Emitted::Skipped)
            }
        }
    }

    /// The record of the globals, when there are any; none where a message carries them.
    pub(crate) fn emit_globals(&self, context: ContextRef<'_>) -> Result<Emitted> {
        if self.messages_carry_class || !self.had_globals.load(Ordering::Acquire) {
            return Ok(Emitted::Skipped);
        }
        swap::prepare();
        let globals = self.globals.load();
        let Some(globals) = globals.as_deref() else { return Ok(Emitted::Skipped) };
        self.emit_own(context, &Timestamp::Now, OwnMessage::Globals(globals))
    }

    /// Checks an event that has no context to go to, and answers as an export does then.
    pub(crate) fn refuse_without_context(
        &self,
        check: impl FnOnce(&mut Vec<u8>, &FieldRules, &Limits, &mut Scratch) -> Result<Outcome>,
    ) -> Result<Emitted> {
        let Some(_inside) = call::enter() else { return Err(self.refused_interrupting()) };
        self.refuse(check, no_context).map_err(|error| self.refused(None, error))
    }

    /// The same for an event whose context has no class, where every message must carry one.
    #[cold]
    #[inline(never)]
    fn refuse_without_class(&self, message: &impl Message) -> Result<Emitted> {
        let check = |out: &mut Vec<u8>, rules: &FieldRules, limits: &Limits, scratch: &mut Scratch| {
            let frame = Frame { rules: Some(rules), limits, invalid_timestamp: None };
            Output::to(out, |out| message.write(out, frame, scratch))
        };
        self.refuse(check, || Error::new(Status::Argument, NO_CLASS))
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
    #[inline]
    pub(crate) fn skip_disabled(&self) -> Emitted {
        self.runtime().intake.count_skipped();
        Emitted::Skipped
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
    fn emit(&self, context: ContextRef<'_>, time: &Timestamp, message: impl Message) -> Result<Emitted> {
        let mut record = self.record(context, time, message);
        if let Some(runtime) = self.runtime.existing()
            && context.origin.is_plain
            && let Some(appended) = runtime.intake.append_fast(&mut record)
        {
            return match appended {
                Ok(_) => Ok(Emitted::Accepted),
                Err(error) => Err(self.refused(Some(context.origin), error)),
            };
        }
        self.emit_slow(record)
    }

    /// Looks at the clock first of all: a call in the middle would have to keep everything else somewhere.
    #[inline(always)]
    fn record<'a, M: Message>(
        &'a self,
        context: ContextRef<'a>,
        time: &'a Timestamp,
        message: M,
    ) -> Record<'a, M> {
        let now = clock::unix_seconds();
        Record { client: self, context, time, now, message, brought_globals: false }
    }

    #[inline(never)]
    fn emit_slow(&self, mut record: Record<'_, impl Message>) -> Result<Emitted> {
        if record.context.origin.is_precise
            && let Some(runtime) = self.runtime.existing()
        {
            record.now = self.precise_now();
            if let Some(appended) = runtime.intake.append_fast(&mut Precise(&mut record)) {
                return match appended {
                    Ok(_) => Ok(Emitted::Accepted),
                    Err(error) => Err(self.refused(Some(record.context.origin), error)),
                };
            }
        }
        let Some(_inside) = call::enter() else { return Err(self.refused_interrupting()) };
        self.emit_inside(record)
    }

    /// The moment of a call for records that have it in nanoseconds.
    #[inline(never)]
    fn precise_now(&self) -> i64 {
        clock::unix_nanoseconds(self.precision)
    }

    /// The same where the call is one that nothing interrupts with another one.
    #[inline(always)]
    fn emit_inside(&self, mut record: Record<'_, impl Message>) -> Result<Emitted> {
        let emitted = self.emit_slowly(&mut record);
        let origin = record.context.origin;
        match emitted {
            Ok(Emitted::Accepted) if matches!(record.time, Timestamp::Invalid(_)) => {
                self.told_of_timestamp(origin, record.time);
                emitted
            }
            Err(error) if record.message.is_export() => Err(self.refused(Some(origin), error)),
            _ => emitted,
        }
    }

    #[inline(always)]
    fn emit_slowly(&self, record: &mut Record<'_, impl Message>) -> Result<Emitted> {
        if self.precision != Precision::Seconds {
            record.now = self.precise_now();
        }
        self.refuse_inside_callback()?;
        let runtime = self.runtime();
        if !record.context.origin.is_kept {
            return self.sampled_out(runtime);
        }
        if self.messages_carry_class && record.context.origin.prefix.lacks_class() {
            return self.refuse_without_class(&record.message);
        }
        let appended = runtime.intake.append(record);
        self.emitted(runtime, appended, record.context, record.brought_globals)
    }

    #[cold]
    #[inline(never)]
    fn sampled_out(&self, runtime: &Runtime) -> Result<Emitted> {
        runtime.intake.refuse_when_closed()?;
        Ok(self.skipped(&runtime.counters.skipped_sampled))
    }

    #[cold]
    #[inline(never)]
    fn emitted(
        &self,
        runtime: &Runtime,
        appended: Result<Appended>,
        context: ContextRef<'_>,
        brought_globals: bool,
    ) -> Result<Emitted> {
        if let (Err(_), true, Some(owed)) = (&appended, brought_globals, context.owes_globals) {
            owed.store(true, Ordering::Relaxed);
        }
        if appended? == Appended::Skipped {
            return Ok(self.skipped(&runtime.counters.skipped_filtered));
        }
        if !runtime.intake.has_started() {
            self.start_missing_threads(runtime, Instant::now() + LOOK_TIME);
        }
        if self.blocking {
            self.await_delivery()?;
        }
        Ok(Emitted::Accepted)
    }

    #[cold]
    fn await_delivery(&self) -> Result<()> {
        let _inside = call::hold();
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
