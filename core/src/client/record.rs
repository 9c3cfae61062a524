//! The record of a message, on its way into the buffer.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::context_ref::ContextRef;
use super::inner::Inner;
use crate::diag::error::{Error, Result, Status};
use crate::encode::filter::FieldRules;
use crate::encode::moment::Moment;
use crate::encode::{self, Frame, Message, Outcome, Output, Timestamp, Workspace, merge_globals, record};
use crate::queue::Entry;
use crate::sys::swap;

pub(crate) struct Record<'a, M> {
    pub(crate) client: &'a Inner,
    pub(crate) context: ContextRef<'a>,
    pub(crate) time: &'a Timestamp,
    /// In whole seconds since the Unix epoch; in nanoseconds where the time of the client's records has them.
    pub(crate) now: i64,
    pub(crate) message: M,
    /// Set when the globals went into this message.
    pub(crate) brought_globals: bool,
}

impl<M: Message> Entry for Record<'_, M> {
    #[inline(always)]
    fn write_fast(&mut self, out: &mut Output<'_>, workspace: &mut Workspace) -> bool {
        let client = self.client;
        let Some(scratch) = workspace.if_at(client.live.version()) else { return false };
        let times = (self.now, self.time);
        let prefix = &self.context.origin.prefix;
        encode::write_record(out, prefix, times, &self.message, &client.event_limits, scratch)
    }

    #[inline(always)]
    fn write(&mut self, out: &mut Output<'_>, workspace: &mut Workspace) -> Result<bool> {
        let client = self.client;
        let start = out.len();
        let prefix = &self.context.origin.prefix;
        let now = if prefix.is_precise() {
            let now = self.precise_now();
            record::begin_precisely(out, prefix, now);
            now.seconds
        } else {
            record::begin(out, prefix, self.now);
            self.now
        };
        let message_start = out.len();
        let (rules, scratch) = workspace.refreshed(client.live.version(), || rules_of(client));
        let (stamp, invalid_timestamp) = match self.time {
            Timestamp::Now => (now, None),
            Timestamp::At(seconds) => (*seconds, None),
            Timestamp::Invalid(value) => (now, Some(value.as_ref())),
        };
        let frame = Frame { rules: Some(rules), limits: &client.event_limits, invalid_timestamp };
        if self.message.write(out, frame, scratch)? == Outcome::Filtered {
            return Ok(false);
        }
        self.finish(out, message_start, stamp);
        let bytes = out.len() - start;
        if bytes > client.event_limits.max_event_bytes {
            return Err(too_large(client, bytes));
        }
        Ok(true)
    }
}

/// A record whose time has nanoseconds, on the fast path.
pub(crate) struct Precise<'r, 'a, M>(pub(crate) &'r mut Record<'a, M>);

impl<M: Message> Entry for Precise<'_, '_, M> {
    #[inline(always)]
    fn write_fast(&mut self, out: &mut Output<'_>, workspace: &mut Workspace) -> bool {
        let Precise(record) = self;
        let client = record.client;
        let Some(scratch) = workspace.if_at(client.live.version()) else { return false };
        let times = (record.precise_now(), record.time);
        let prefix = &record.context.origin.prefix;
        encode::write_precise_record(out, prefix, times, &record.message, &client.event_limits, scratch)
    }

    /// Left to the record itself.
    fn write(&mut self, _: &mut Output<'_>, _: &mut Workspace) -> Result<bool> {
        Ok(false)
    }
}

impl<M> Record<'_, M> {
    /// The moment of the export. A time that was given has no fraction, and where it is in this very second, it is the
    /// moment: so whoever reads both knows which of them the fraction belongs to.
    #[inline(never)]
    fn precise_now(&self) -> Moment {
        let now = Moment::at(self.now);
        match self.time {
            Timestamp::At(seconds) if *seconds == now.seconds => Moment { nanoseconds: 0, ..now },
            _ => now,
        }
    }

    /// Ends the record, with what only some clients send.
    fn finish(&mut self, out: &mut Output<'_>, message_start: usize, stamp: i64) {
        let client = self.client;
        if client.messages_carry_class
            && let Some(owed) = self.context.owes_globals
            && owed.load(Ordering::Relaxed)
            && owed.swap(false, Ordering::Relaxed)
        {
            self.brought_globals = true;
            swap::prepare();
            if let Some(globals) = client.globals.load().as_deref() {
                // What stands there was written by this library and can be read back.
                let _ = merge_globals(out, message_start, globals);
            }
        }
        record::finish(out, stamp);
        if client.event_id {
            let (instance, number) = client.runtime().next_event_id();
            record::append_event_id(out, instance, number);
        }
    }
}

#[cold]
#[inline(never)]
fn rules_of(client: &Inner) -> Arc<FieldRules> {
    Arc::clone(&client.live.current().rules)
}

#[cold]
#[inline(never)]
fn too_large(client: &Inner, bytes: usize) -> Error {
    let most = client.event_limits.max_event_bytes;
    Error::new(
        Status::Limit,
        format!("event: its record has {bytes} bytes, at most {most} (max_event_bytes) are expected"),
    )
}
