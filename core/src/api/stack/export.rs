//! What is sent from a stack: events, one by one and in batches.
//!
//! An event goes out without a lock and without a copy: the value has what is the same for all of its records.

use std::sync::Arc;

use super::{Stack, client_of, copied, is_protected, labelled, or_default};
use crate::api::state::{BatchReport, Session, State};
use crate::client::{Client, Emitted, default_for_export, existing_default};
use crate::diag::error::{Error, Result};
use crate::encode::{AsField, Timestamp};
use crate::sys::call;

impl Stack {
    /// Counts an event as skipped and answers true while the client of `stack` is disabled: for those who have work to do
    /// before they can export. The empty stack has the default client.
    #[inline(always)]
    pub fn skips(stack: Option<&Stack>) -> bool {
        let client = match stack {
            Some(stack) => Some(&stack.client),
            None => existing_default(),
        };
        let disabled = client.filter(|client| client.is_disabled());
        disabled.map(|client| client.inner.skip_disabled()).is_some()
    }

    /// Sends one event, the text of a JSON object; its time is that of the moment without `timestamp`, which may be of any
    /// kind. Answers whether it was accepted, which is not so where it was left out on purpose.
    ///
    /// # Errors
    /// Those of [`crate::thread_context::export_json`].
    #[inline(always)]
    pub fn export_json(stack: Option<&Stack>, json: &[u8], timestamp: Option<&impl AsField>) -> Result<bool> {
        let Some(stack) = stack else {
            return nowhere(|session| {
                let time = time_of(session.client, timestamp)?;
                session.export_json(json, &time)
            });
        };
        // To read it may allocate, which is not for a handler that interrupted a call.
        if timestamp.is_some() && call::is_inside() {
            return Err(stack.client.inner.refused_interrupting());
        }
        let time = match time_of(&stack.client, timestamp) {
            Ok(time) => time,
            Err(error) => return Stack::refuse_export(Some(stack), error),
        };
        match stack.state.path().made_ref() {
            Some(context) if !stack.client.is_disabled() => {
                stack.client.inner.emit_json(context, json, &time).map(is_accepted)
            }
            _ => stack.without_context(|session| session.export_json(json, &time)),
        }
    }

    /// The same for typed fields.
    ///
    /// # Errors
    /// Those of [`crate::thread_context::export_fields`].
    #[inline(always)]
    pub fn export_fields(
        stack: Option<&Stack>,
        fields: &[impl AsField],
        timestamp: Option<&impl AsField>,
    ) -> Result<bool> {
        let Some(stack) = stack else {
            return nowhere(|session| {
                let time = time_of(session.client, timestamp)?;
                session.export_fields(fields, &time)
            });
        };
        // To read it may allocate, which is not for a handler that interrupted a call.
        if timestamp.is_some() && call::is_inside() {
            return Err(stack.client.inner.refused_interrupting());
        }
        let time = match time_of(&stack.client, timestamp) {
            Ok(time) => time,
            Err(error) => return Stack::refuse_export(Some(stack), error),
        };
        match stack.state.path().made_ref() {
            Some(context) if !stack.client.is_disabled() => {
                stack.client.inner.emit_fields(context, fields, &time).map(is_accepted)
            }
            _ => stack.without_context(|session| session.export_fields(fields, &time)),
        }
    }

    /// As [`crate::Context::refuse_export`].
    ///
    /// # Errors
    /// `error`, unless another one comes before it.
    #[cold]
    pub fn refuse_export(stack: Option<&Stack>, error: Error) -> Result<bool> {
        let Some(stack) = stack else { return nowhere(|session| session.refuse_export(error)) };
        match stack.state.path().made_ref() {
            Some(context) if !stack.client.is_disabled() => {
                stack.client.inner.emit_refused(context, error).map(is_accepted)
            }
            _ => stack.without_context(|session| session.refuse_export(error)),
        }
    }

    /// An export that nothing comes of: the client is disabled, or the context was reset.
    #[cold]
    #[inline(never)]
    fn without_context(&self, run: impl FnOnce(&mut Session<'_>) -> Result<Emitted>) -> Result<bool> {
        run(&mut Session { client: &self.client, stack: &mut State::of_value() }).map(is_accepted)
    }

    /// Sends a JSON array of events, each in a context of its own; all in the entered context of `from` when there is one,
    /// and by its client then. Else by `client`, which is the default one where it is `None`.
    pub fn export_batch(client: Option<&Client>, from: Option<&Arc<Stack>>, json: &[u8]) -> BatchReport {
        batch(client, from, |session| session.export_batch(json))
    }

    /// Answers as a batch does that was found wrong with `error` before it came here.
    #[cold]
    pub fn refuse_batch(client: Option<&Client>, from: Option<&Arc<Stack>>, error: Error) -> BatchReport {
        batch(client, from, |session| session.refuse_batch(error))
    }
}

fn batch(
    client: Option<&Client>,
    from: Option<&Arc<Stack>>,
    run: impl FnOnce(&mut Session<'_>) -> BatchReport,
) -> BatchReport {
    let from = from.filter(|_| is_protected(from));
    let client = if from.is_some() { client_of(from) } else { or_default(client) };
    match client {
        Ok(client) => run(&mut Session { client, stack: &mut copied(from) }),
        Err(error) => BatchReport::failed(error),
    }
}

/// An export from the empty stack.
#[cold]
#[inline(never)]
fn nowhere(run: impl FnOnce(&mut Session<'_>) -> Result<Emitted>) -> Result<bool> {
    let client = default_for_export()?;
    if call::is_inside() {
        return Err(client.inner.refused_interrupting());
    }
    run(&mut Session { client, stack: &mut State::of_value() }).map(is_accepted)
}

/// When an event happened, as the caller said.
#[inline(always)]
fn time_of(client: &Client, given: Option<&impl AsField>) -> Result<Timestamp> {
    match given {
        None => Ok(Timestamp::Now),
        Some(field) => {
            let value = field.value().map_err(|error| labelled("timestamp", &error))?;
            Ok(Timestamp::from_field(value, &client.inner.event_limits))
        }
    }
}

#[inline(always)]
fn is_accepted(emitted: Emitted) -> bool {
    emitted == Emitted::Accepted
}
