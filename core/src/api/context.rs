//! Contexts as handles: immutable, shared between threads, any number of them.

use std::sync::atomic::AtomicBool;

use crate::client::{Client, ContextRef, Emitted, Origin};
use crate::diag::error::{Error, Result, Status};
use crate::encode::full_id::SEPARATOR;
use crate::encode::{ArcClass, AsField, Timestamp};
use crate::sys::id;

/// One run of an algorithm, or a part of one.
///
/// A context made while its client is disabled is inert for its whole life: every call succeeds and
/// nothing is sent.
///
/// ```
/// # use mona::{Client, Options, Timestamp};
/// # fn main() -> Result<(), mona::error::Error> {
/// # let mut options = Options::new();
/// # options.set("endpoint", "null:")?;
/// # let client = Client::new(Some(&options))?;
/// let run = client.context(Some("classifier"), Some("run-1"), Timestamp::Now)?;
/// let step = run.sub(Some("preprocess"), Some("preprocess"))?;
/// drop(run); // a sub-context lives on
/// assert_eq!(step.id(), "run-1.preprocess");
///
/// // Threads share a context as they like.
/// std::thread::scope(|scope| {
///     let other = scope.spawn(|| step.export_json(br#"{"mean_ink": 5.2}"#, Timestamp::Now));
///     step.export_json(br#"{"max_ink": 16}"#, Timestamp::Now)?;
///     other.join().unwrap()
/// })?;
/// # Ok(())
/// # }
/// ```
pub struct Context {
    client: Client,
    /// `None` for an inert context.
    open: Option<Open>,
}

struct Open {
    origin: Origin,
    owes_globals: AtomicBool,
}

impl Open {
    fn context_ref(&self) -> ContextRef<'_> {
        ContextRef { origin: &self.origin, owes_globals: Some(&self.owes_globals) }
    }
}

impl Context {
    pub(crate) fn open(
        client: &Client,
        arc_class: Option<&str>,
        context_id: Option<&str>,
        timestamp: &Timestamp,
    ) -> Result<Context> {
        if client.opens_inert() {
            return Ok(Context::inert(client));
        }
        let context = given_or_random(context_id, |full_id| {
            let is_kept = client.inner.keeps(arc_class, full_id);
            Context::at(client, full_id, is_kept, arc_class, client.inner.messages_carry_class())
        });
        context.emit_class(arc_class, timestamp).map_err(|error| client.refuse_context(error))?;
        if let Some(open) = &context.open {
            // The context is open whatever becomes of its globals; what is lost is in the counters.
            let _ = client.inner.emit_globals(open.context_ref());
        }
        Ok(context)
    }

    fn at(
        client: &Client,
        full_id: &str,
        is_kept: bool,
        arc_class: Option<&str>,
        owes_globals: bool,
    ) -> Context {
        let origin = client.inner.origin(full_id, is_kept, arc_class.map(ArcClass::from).as_ref());
        let owes_globals = AtomicBool::new(owes_globals);
        Context { client: client.clone(), open: Some(Open { origin, owes_globals }) }
    }

    fn inert(client: &Client) -> Context {
        Context { client: client.clone(), open: None }
    }

    fn emit_class(&self, arc_class: Option<&str>, timestamp: &Timestamp) -> Result<()> {
        let Some(open) = &self.open else { return Ok(()) };
        let class = arc_class.map(ArcClass::from);
        emitted(self.client.inner.emit_class(open.context_ref(), class.as_ref(), timestamp)).map(drop)
    }

    /// Opens a sub-context, which lives on when this context is gone.
    ///
    /// # Errors
    /// Those of an export, when the class record cannot be sent; no context is made then.
    pub fn sub(&self, arc_class: Option<&str>, sub_context_id: Option<&str>) -> Result<Context> {
        let Some(open) = self.open.as_ref().filter(|_| !self.client.is_disabled()) else {
            return Ok(Context::inert(&self.client));
        };
        let full_id =
            given_or_random(sub_context_id, |id| format!("{}{SEPARATOR}{id}", open.origin.prefix.full_id()));
        let context = Context::at(&self.client, &full_id, open.origin.is_kept, arc_class, false);
        let opened = context.emit_class(arc_class, &Timestamp::Now);
        opened.map_err(|error| self.client.refuse_context(error))?;
        Ok(context)
    }

    /// The full id, segments joined by "."; empty while the client is disabled and for an inert context.
    pub fn id(&self) -> String {
        let open = self.open.as_ref().filter(|_| !self.client.is_disabled());
        open.map_or_else(String::new, |open| open.origin.prefix.full_id().to_owned())
    }

    /// Whether nothing is sent from here: for ever when the context was made while its client was disabled,
    /// else while the client is disabled.
    pub fn is_inert(&self) -> bool {
        self.context_ref().is_none()
    }

    /// The client of this context.
    #[inline]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Counts an event as skipped and answers true while the client is disabled: for those who have work to do before
    /// they can export.
    #[inline(always)]
    pub fn skips(&self) -> bool {
        let skips = self.client.is_disabled();
        if skips {
            self.client.inner.skip_disabled();
        }
        skips
    }

    /// Sends one event, the text of a JSON object.
    ///
    /// # Errors
    /// [`Status::Json`], [`Status::Utf8`], [`Status::Limit`]: nothing was sent. [`Status::Dropped`],
    /// [`Status::Closed`], [`Status::Busy`]; [`Status::Timeout`] with the option `blocking` only.
    #[inline(always)]
    pub fn export_json(&self, json: &[u8], timestamp: Timestamp) -> Result<()> {
        let inner = &self.client.inner;
        match self.context_ref() {
            Some(context_ref) => inner.emit_json(context_ref, json, &timestamp).map(drop),
            None => {
                inner.skip_disabled();
                Ok(())
            }
        }
    }

    /// Sends one event made of typed fields.
    ///
    /// # Errors
    /// As [`Context::export_json`], and the first error among `fields`.
    ///
    /// ```
    /// # use mona::{Client, Field, Options, Timestamp, FieldValue};
    /// # fn main() -> Result<(), mona::error::Error> {
    /// # let mut options = Options::new();
    /// # options.set("endpoint", "null:")?;
    /// # let run = Client::new(Some(&options))?.context(None, None, Timestamp::Now)?;
    /// let fields = [
    ///     Field { key: "label".into(), value: FieldValue::Str("seven".into()) },
    ///     Field { key: "confidence".into(), value: FieldValue::F64(0.97) },
    ///     Field { key: "box".into(), value: FieldValue::Json("[12, 7, 30, 44]") },
    /// ];
    /// run.export_fields(&fields, Timestamp::Now)?;
    /// # Ok(())
    /// # }
    /// ```
    #[inline(always)]
    pub fn export_fields(&self, fields: &[impl AsField], timestamp: Timestamp) -> Result<()> {
        let inner = &self.client.inner;
        match self.context_ref() {
            Some(context_ref) => inner.emit_fields(context_ref, fields, &timestamp).map(drop),
            None => {
                inner.skip_disabled();
                Ok(())
            }
        }
    }

    /// Answers as an export does whose event was found wrong with `error` before it came here: nothing is
    /// checked while the client is disabled.
    ///
    /// # Errors
    /// `error`, unless another one comes before it.
    #[cold]
    pub fn refuse_export(&self, error: Error) -> Result<()> {
        let inner = &self.client.inner;
        match self.context_ref() {
            Some(context_ref) => inner.emit_refused(context_ref, error).map(drop),
            None => {
                inner.skip_disabled();
                Ok(())
            }
        }
    }

    /// Where records go; `None` while nothing is to be sent.
    #[inline]
    fn context_ref(&self) -> Option<ContextRef<'_>> {
        if self.client.is_disabled() { None } else { self.open.as_ref().map(Open::context_ref) }
    }
}

/// Shows the id given to `see`, or a random one for none or an empty one.
pub(crate) fn given_or_random<R>(id: Option<&str>, see: impl FnOnce(&str) -> R) -> R {
    match id {
        Some(id) if !id.is_empty() => see(id),
        _ => id::with_uuid_text(see),
    }
}

/// A record that waits for its ack longer than the caller does was accepted all the same.
pub(crate) fn emitted(result: Result<Emitted>) -> std::result::Result<Option<Error>, Error> {
    match result {
        Ok(_) => Ok(None),
        Err(error) if error.status() == Status::Timeout => Ok(Some(error)),
        Err(error) => Err(error),
    }
}
