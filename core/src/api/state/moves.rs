//! What each call does to a stack, and the records it calls for.

use super::path::Path;
use super::places::{Left, State, Unclosed};
use crate::api::context::{emitted, given_or_random};
use crate::client::{Client, ContextRef, Emitted, no_context};
use crate::diag::error::{Error, Result, Status};
use crate::encode::{ArcClass, AsField, Timestamp, fields_message, json_message};
use crate::sys::call;

/// A scope and how entering went. The scope is good whatever the result; one that opened nothing is inert.
#[derive(Debug)]
pub struct Entered {
    /// What `leave` takes; never 0.
    pub scope: u64,
    /// How it went.
    pub result: Result<()>,
}

/// A stack and the client its records go to.
pub(in crate::api) struct Session<'a> {
    pub(in crate::api) client: &'a Client,
    pub(in crate::api) stack: &'a mut State,
}

impl Session<'_> {
    pub(in crate::api) fn enter(
        &mut self,
        class: Option<&ArcClass<'_>>,
        id: Option<&str>,
        time: &Timestamp,
    ) -> Entered {
        if self.stack.is_protected() || self.client.opens_inert() {
            return self.inert(Ok(()));
        }
        self.enter_main(class, id, time)
    }

    /// The same where it is known that the context opens.
    pub(in crate::api) fn enter_main(
        &mut self,
        class: Option<&ArcClass<'_>>,
        id: Option<&str>,
        time: &Timestamp,
    ) -> Entered {
        let before = given_or_random(id, |id| self.open_at(class, id));
        match self.emit_class(class, time) {
            Ok(late) => {
                self.emit_globals();
                Entered { scope: self.stack.protect(0), result: late.map_or(Ok(()), Err) }
            }
            Err(error) => {
                self.stack.restore(before);
                self.inert(Err(error))
            }
        }
    }

    pub(in crate::api) fn enter_sub(&mut self, class: Option<&ArcClass<'_>>, id: Option<&str>) -> Entered {
        if self.client.is_disabled() {
            return self.inert(Ok(()));
        }
        if self.stack.path().is_empty() {
            self.complain("sub-context", "enter_sub: no context is open, an open one is expected");
            return self.inert(Err(no_context()));
        }
        let base = given_or_random(id, |id| self.stack.push(id, Self::kept(class)));
        match self.emit_class(class, &Timestamp::Now) {
            Ok(late) => Entered { scope: self.stack.protect(base), result: late.map_or(Ok(()), Err) },
            Err(error) => {
                self.stack.pop_to(base);
                self.inert(Err(error))
            }
        }
    }

    pub(in crate::api) fn open(
        &mut self,
        class: Option<&ArcClass<'_>>,
        id: Option<&str>,
        time: &Timestamp,
    ) -> Result<()> {
        if self.client.opens_inert() {
            return Ok(());
        }
        if self.stack.is_protected() {
            return Err(open_inside(self.client));
        }
        self.open_main(class, id, time)
    }

    /// The same where it is known that the context opens.
    pub(in crate::api) fn open_main(
        &mut self,
        class: Option<&ArcClass<'_>>,
        id: Option<&str>,
        time: &Timestamp,
    ) -> Result<()> {
        given_or_random(id, |id| self.open_at(class, id));
        let late = self.emit_class(class, time)?;
        self.emit_globals();
        late.map_or(Ok(()), Err)
    }

    pub(in crate::api) fn open_sub(&mut self, class: Option<&ArcClass<'_>>, id: Option<&str>) -> Result<()> {
        if self.client.is_disabled() {
            return Ok(());
        }
        if self.stack.path().is_empty() {
            self.complain("sub-context", "open_sub: no context is open, an open one is expected");
            return Err(no_context());
        }
        given_or_random(id, |id| self.stack.push(id, Self::kept(class)));
        self.emit_class(class, &Timestamp::Now)?.map_or(Ok(()), Err)
    }

    pub(in crate::api) fn close_sub(&mut self, id: Option<&str>) -> Result<()> {
        if self.client.is_disabled() {
            return Ok(());
        }
        let id = id.filter(|id| !id.is_empty());
        let (kind, status, found) = match self.stack.close_sub(id) {
            Ok(()) => return Ok(()),
            Err(Unclosed::NotFound) => ("close", Status::NotFound, "there is no such sub-context"),
            Err(Unclosed::Protected) => {
                ("close protected", Status::Protected, "it belongs to an enclosing enter")
            }
        };
        let text =
            format!("close_sub \"{}\": {found}, an open_sub before is expected", id.unwrap_or_default());
        let log = self.client.inner.log();
        if status == Status::Protected {
            log.warn(kind, || text.clone());
        } else {
            log.error(kind, || text.clone());
        }
        Err(Error::new(status, text))
    }

    pub(in crate::api) fn reset(&mut self) -> Result<()> {
        if !self.client.is_disabled() {
            self.stack.reset();
        }
        Ok(())
    }

    pub(in crate::api) fn export_json(&mut self, json: &[u8], time: &Timestamp) -> Result<Emitted> {
        let inner = &self.client.inner;
        if self.client.is_disabled() {
            return Ok(inner.skip_disabled());
        }
        match context_ref(self.client, self.stack) {
            Some(context_ref) => inner.emit_json(context_ref, json, time),
            None => inner.refuse_without_context(|out, rules, limits, scratch| {
                json_message(out, json, rules, limits, None, scratch)
            }),
        }
    }

    pub(in crate::api) fn export_fields(
        &mut self,
        fields: &[impl AsField],
        time: &Timestamp,
    ) -> Result<Emitted> {
        let inner = &self.client.inner;
        if self.client.is_disabled() {
            return Ok(inner.skip_disabled());
        }
        match context_ref(self.client, self.stack) {
            Some(context_ref) => inner.emit_fields(context_ref, fields, time),
            None => inner.refuse_without_context(|out, rules, limits, scratch| {
                fields_message(out, fields, rules, limits, None, scratch)
            }),
        }
    }

    pub(in crate::api) fn refuse_export(&mut self, error: Error) -> Result<Emitted> {
        let inner = &self.client.inner;
        if self.client.is_disabled() {
            return Ok(inner.skip_disabled());
        }
        match context_ref(self.client, self.stack) {
            Some(context_ref) => inner.emit_refused(context_ref, error),
            None => inner.refuse_without_context(|_, _, _, _| Err(error)),
        }
    }

    /// Replaces the path by that of a main context; gives the path before.
    fn open_at(&mut self, class: Option<&ArcClass<'_>>, id: &str) -> Option<Path> {
        let is_kept = self.client.inner.keeps(class.and_then(ArcClass::name), id);
        self.stack.open(id, is_kept, Self::kept(class), self.carries())
    }

    /// Whether messages carry the class and the globals of their context.
    fn carries(&self) -> bool {
        self.client.inner.messages_carry_class()
    }

    /// A class to be kept with its context: messages may carry it, and the log names it.
    fn kept(class: Option<&ArcClass<'_>>) -> Option<ArcClass<'static>> {
        class.map(ArcClass::to_static)
    }

    fn inert(&mut self, result: Result<()>) -> Entered {
        Entered { scope: self.stack.inert(), result }
    }

    /// Sends the class of the context just opened, if it has one. An error means that it was not accepted;
    /// one inside `Ok` that it was, and waits longer than the caller.
    fn emit_class(&mut self, class: Option<&ArcClass<'_>>, time: &Timestamp) -> Result<Option<Error>> {
        let class = class.filter(|class| !class.is_empty());
        if class.is_none() && !matches!(time, Timestamp::Invalid(_)) {
            return Ok(None);
        }
        match context_ref(self.client, self.stack) {
            Some(context_ref) => emitted(self.client.inner.emit_class(context_ref, class, time)),
            None => Ok(None),
        }
    }

    fn emit_globals(&mut self) {
        if let Some(context_ref) = context_ref(self.client, self.stack) {
            // The context is open whatever becomes of its globals; what is lost is in the counters.
            let _ = self.client.inner.emit_globals(context_ref);
        }
    }

    fn complain(&self, kind: &'static str, text: &'static str) {
        self.client.inner.log().error(kind, || text.to_owned());
    }

    /// Makes what is the same for all records from here, so that it is there when the state is shared.
    pub(in crate::api) fn settle(&mut self) {
        context_ref(self.client, self.stack);
    }
}

/// The answer to an open inside an enter.
#[cold]
pub(in crate::api) fn open_inside(client: &Client) -> Error {
    let text = "open: the context belongs to an enclosing enter, a leave before is expected";
    client.inner.log().error("open", || text.to_owned());
    Error::new(Status::Protected, text)
}

/// Where the records of the open context go.
#[inline]
fn context_ref<'a>(client: &Client, stack: &'a mut State) -> Option<ContextRef<'a>> {
    stack.path_mut().context_ref(|full_id, is_kept, class| {
        let _inside = call::hold();
        client.inner.origin(full_id, is_kept, class)
    })
}

/// The answer of a leave.
pub(in crate::api) fn left(left: Left, scope: u64) -> Result<()> {
    match left {
        Left::Done => Ok(()),
        Left::NothingOpen => Err(no_context()),
        Left::OtherThread => Err(Error::new(
            Status::NotFound,
            format!("scope {scope}: it belongs to another thread, a scope of this thread is expected"),
        )),
        Left::Unknown => Err(Error::new(
            Status::Argument,
            format!("scope {scope}: it was never given out, a scope from an enter is expected"),
        )),
    }
}
