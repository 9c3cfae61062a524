//! The context of a task, as a value: what a thread has in [`crate::thread_context`], for hosts whose tasks take turns on
//! threads.
//!
//! A stack never changes: a move makes another one. So it holds no lock, and any number of threads and forked children
//! may use it at once. The empty stack is `None`.

mod export;

use std::sync::Arc;

use super::state::{self, Session, State};
use crate::client::{Client, default_or_error};
use crate::diag::error::{Error, Result};
use crate::encode::{ArcClass, AsField, FieldValue, Limits, Timestamp};

/// Where a task is: its path of segments, the scopes that protect parts of it, and the client of its main context.
///
/// ```
/// use mona::{Client, Field, FieldValue, Given, Options, Stack};
///
/// # fn main() -> Result<(), mona::error::Error> {
/// # let mut options = Options::new();
/// # options.set("endpoint", "memory:")?;
/// # let client = Client::new(Some(&options))?;
/// let class = Field { key: "".into(), value: FieldValue::Str("classifier".into()) };
/// let run = Stack::enter(Some(&client), None, &Given { class: Ok(Some(&class)), id: Ok(Some("run-1")), timestamp: Ok(None) });
/// run.result?;
/// let stack = run.to.unwrap();
/// assert_eq!(stack.id(), "run-1");
/// let fields = [Field { key: "confidence".into(), value: FieldValue::F64(0.97) }];
/// assert!(Stack::export_fields(Some(&stack), &fields, None::<&Field>)?);
/// // Any task may leave it, and whoever else has `stack` goes on in it.
/// assert!(Stack::leave(Some(&stack), run.scope).is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Stack {
    client: Client,
    state: State,
    /// Where it came from, by an enter of a sub-context that was not followed by another move.
    before: Option<Before>,
}

#[derive(Debug)]
struct Before {
    /// That of the enter.
    scope: u64,
    stack: Arc<Stack>,
    /// How many there are in a row.
    depth: u32,
}

/// So many stacks keep what they came from, for a leave that makes nothing anew: more than a program nests, and few enough
/// to be freed one inside the other.
const MOST_BEFORE: u32 = 16;

/// What a move comes to.
#[derive(Debug)]
pub struct Moved {
    /// The stack to go on with: one equal to that before, where nothing moved.
    pub to: Option<Arc<Stack>>,
    /// What an enter gives to its leave, whatever the result; 0 for other moves.
    pub scope: u64,
    /// How it went.
    pub result: Result<()>,
}

/// What the caller gave for a context to be opened. It is looked at only if the client is enabled.
pub struct Given<'g, F> {
    /// The class, of any kind; the name of the field does not matter.
    pub class: Result<Option<&'g F>>,
    /// The id.
    pub id: Result<Option<&'g str>>,
    /// The timestamp, of any kind.
    pub timestamp: Result<Option<&'g F>>,
}

impl<F: AsField> Given<'_, F> {
    fn read(&self, limits: &Limits) -> Result<(Option<ArcClass<'_>>, Option<&str>, Timestamp)> {
        let class = match value("arc_class", &self.class)? {
            Some(value) => ArcClass::from_field(value, limits)?,
            None => None,
        };
        let id = *self.id.as_ref().map_err(Error::clone)?;
        let time = value("timestamp", &self.timestamp)?
            .map_or(Timestamp::Now, |time| Timestamp::from_field(time, limits));
        Ok((class, id, time))
    }
}

fn value<'f, F: AsField>(name: &str, field: &Result<Option<&'f F>>) -> Result<Option<FieldValue<'f>>> {
    let value = field.as_ref().map_err(Error::clone)?.map(AsField::value).transpose();
    value.map_err(|error| labelled(name, &error))
}

/// An error in the value of the field that stands for `name`.
#[cold]
fn labelled(name: &str, error: &Error) -> Error {
    Error::new(error.status(), format!("{name}, {}", error.detail()))
}

impl From<Option<Arc<Stack>>> for Moved {
    fn from(to: Option<Arc<Stack>>) -> Moved {
        Moved { to, scope: 0, result: Ok(()) }
    }
}

impl Moved {
    fn not(from: Option<&Arc<Stack>>, result: Result<()>) -> Moved {
        Moved { to: from.cloned(), scope: 0, result }
    }

    fn inert(from: Option<&Arc<Stack>>, result: Result<()>) -> Moved {
        Moved { scope: state::inert_of_values(), ..Moved::not(from, result) }
    }
}

impl Stack {
    /// Enters a main context, as [`crate::thread_context::enter`] does; `client` `None` is the default one.
    pub fn enter(
        client: Option<&Client>,
        from: Option<&Arc<Stack>>,
        given: &Given<'_, impl AsField>,
    ) -> Moved {
        if is_protected(from) {
            return Moved::inert(from, Ok(()));
        }
        let client = match or_default(client) {
            Ok(client) => client,
            Err(error) => return Moved::inert(from, Err(error)),
        };
        if client.opens_inert() {
            return Moved::inert(from, Ok(()));
        }
        let (class, id, time) = match given.read(&client.inner.event_limits) {
            Ok(given) => given,
            Err(error) => return Moved::inert(from, Err(client.refuse_context(error))),
        };
        let mut state = State::of_value();
        let entered = Session { client, stack: &mut state }.enter_main(class.as_ref(), id, &time);
        let result = told(client, entered.result);
        let to = if state.has(entered.scope) { Stack::at(client, state) } else { from.cloned() };
        Moved { to, scope: entered.scope, result }
    }

    /// Enters a sub-context, as [`crate::thread_context::enter_sub`] does.
    pub fn enter_sub(from: Option<&Arc<Stack>>, given: &Given<'_, impl AsField>) -> Moved {
        let client = match client_of(from) {
            Ok(client) => client,
            Err(error) => return Moved::inert(from, Err(error)),
        };
        if client.is_disabled() {
            return Moved::inert(from, Ok(()));
        }
        let (class, id, _) = match given.read(&client.inner.event_limits) {
            Ok(given) => given,
            Err(error) => return Moved::inert(from, Err(client.refuse_context(error))),
        };
        let mut state = copied(from);
        let entered = Session { client, stack: &mut state }.enter_sub(class.as_ref(), id);
        let result = told(client, entered.result);
        if !state.has(entered.scope) {
            return Moved { to: from.cloned(), scope: entered.scope, result };
        }
        let before = from.and_then(|from| Before::of(from, entered.scope));
        Moved { to: Stack::made(client, state, before), scope: entered.scope, result }
    }

    /// Leaves a scope, in any order; one that is not in `from` moves nothing.
    pub fn leave(from: Option<&Arc<Stack>>, scope: u64) -> Option<Arc<Stack>> {
        let from = from?;
        if !from.state.has(scope) {
            return Some(Arc::clone(from));
        }
        if from.state.is_all_of(scope) {
            return None;
        }
        if let Some(before) = from.before.as_ref().filter(|before| before.scope == scope) {
            return Some(Arc::clone(&before.stack));
        }
        let mut state = from.state.copied();
        state.leave(scope);
        Stack::at(&from.client, state)
    }

    /// Opens a main context, as [`crate::thread_context::open`] does; `client` `None` is the default one.
    pub fn open(
        client: Option<&Client>,
        from: Option<&Arc<Stack>>,
        given: &Given<'_, impl AsField>,
    ) -> Moved {
        // Inside an enter there is a client that can answer.
        let client = match client.map_or_else(|| client_of(from.filter(|_| is_protected(from))), Ok) {
            Ok(client) => client,
            Err(error) => return Moved::not(from, Err(error)),
        };
        if client.opens_inert() {
            return Moved::not(from, Ok(()));
        }
        if is_protected(from) {
            return Moved::not(from, Err(state::open_inside(client)));
        }
        let (class, id, time) = match given.read(&client.inner.event_limits) {
            Ok(given) => given,
            Err(error) => return Moved::not(from, Err(client.refuse_context(error))),
        };
        let mut state = State::of_value();
        let opened = Session { client, stack: &mut state }.open_main(class.as_ref(), id, &time);
        Moved { to: Stack::at(client, state), scope: 0, result: told(client, opened) }
    }

    /// Opens a sub-context, as [`crate::thread_context::open_sub`] does.
    pub fn open_sub(from: Option<&Arc<Stack>>, given: &Given<'_, impl AsField>) -> Moved {
        let client = match client_of(from) {
            Ok(client) => client,
            Err(error) => return Moved::not(from, Err(error)),
        };
        if client.is_disabled() {
            return Moved::not(from, Ok(()));
        }
        let (class, id, _) = match given.read(&client.inner.event_limits) {
            Ok(given) => given,
            Err(error) => return Moved::not(from, Err(client.refuse_context(error))),
        };
        let mut state = copied(from);
        let opened = Session { client, stack: &mut state }.open_sub(class.as_ref(), id);
        Moved { to: Stack::at(client, state), scope: 0, result: told(client, opened) }
    }

    /// Closes a sub-context, as [`crate::thread_context::close_sub`] does.
    pub fn close_sub(from: Option<&Arc<Stack>>, id: Result<Option<&str>>) -> Moved {
        let client = match client_of(from) {
            Ok(client) => client,
            Err(error) => return Moved::not(from, Err(error)),
        };
        if client.is_disabled() {
            return Moved::not(from, Ok(()));
        }
        let id = match id {
            Ok(id) => id,
            Err(error) => return Moved::not(from, Err(error)),
        };
        let mut state = copied(from);
        match (Session { client, stack: &mut state }).close_sub(id) {
            Ok(()) => Moved { to: Stack::at(client, state), scope: 0, result: Ok(()) },
            Err(error) => Moved::not(from, Err(error)),
        }
    }

    /// A scope of an enter that opened nothing.
    pub fn inert_scope() -> u64 {
        state::inert_of_values()
    }

    /// Forgets the open context, as [`crate::thread_context::reset`] does.
    pub fn reset(from: Option<&Arc<Stack>>) -> Option<Arc<Stack>> {
        let from = from?;
        if from.client.is_disabled() {
            return Some(Arc::clone(from));
        }
        let mut state = from.state.copied();
        state.reset();
        Stack::at(&from.client, state)
    }

    /// The value of a state; none where that is empty.
    #[inline(always)]
    fn at(client: &Client, state: State) -> Option<Arc<Stack>> {
        if state.is_empty() { None } else { Stack::made(client, state, None) }
    }

    #[inline(always)]
    fn made(client: &Client, mut state: State, before: Option<Before>) -> Option<Arc<Stack>> {
        Session { client, stack: &mut state }.settle();
        Some(Arc::new(Stack { client: client.clone(), state, before }))
    }

    /// The full id; empty when no context is open and while the client is disabled.
    pub fn id(&self) -> &str {
        if self.client.is_disabled() { "" } else { self.state.path().full_id() }
    }

    /// The client of its main context.
    pub fn client(&self) -> &Client {
        &self.client
    }
}

impl Before {
    fn of(stack: &Arc<Stack>, scope: u64) -> Option<Before> {
        let depth = stack.before.as_ref().map_or(0, |before| before.depth) + 1;
        (depth <= MOST_BEFORE).then(|| Before { scope, stack: Arc::clone(stack), depth })
    }
}

fn is_protected(stack: Option<&Arc<Stack>>) -> bool {
    stack.is_some_and(|stack| stack.state.is_protected())
}

fn copied(stack: Option<&Arc<Stack>>) -> State {
    stack.map_or_else(State::of_value, |stack| stack.state.copied())
}

/// The client of a stack; the default one of the empty stack.
fn client_of(stack: Option<&Arc<Stack>>) -> Result<&Client> {
    or_default(stack.map(|stack| &stack.client))
}

fn or_default(client: Option<&Client>) -> Result<&Client> {
    match client {
        Some(client) => Ok(client),
        None => default_or_error(),
    }
}

/// Tells the log of a context that was not opened.
fn told(client: &Client, opened: Result<()>) -> Result<()> {
    opened.inspect_err(|error| client.inner.told_of_context(error))
}
