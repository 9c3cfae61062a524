//! Panics of the library: silent, told as an error, and one that a test can ask for.
//!
//! The standard library prints every panic to standard error, but libmona never prints. The hook
//! installed here keeps place and message for the guard instead. It is the hook of the copy of the Rust
//! standard library inside libmona; a host written in Rust keeps its own.

use std::any::Any;
use std::cell::RefCell;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};

use mona_core::error::{Error, Status};

/// Names an exported function that panics instead of doing its work. Only tests of the boundary set it:
/// there is no other way to reach a contained panic in the library as it is shipped, and an exported
/// function or a build of its own for it would be worse. Read once, on the first call into the library,
/// and looked at only in [`if_asked_for`]; never in a set-user-ID program.
const PANIC_VARIABLE: &str = "MONA_TEST_PANIC";

static PREPARED: AtomicBool = AtomicBool::new(false);
static DESCRIBE_PANICS: AtomicBool = AtomicBool::new(false);

thread_local! {
    static STORY: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Makes panics silent; the first call of the process does the work.
#[inline]
pub(crate) fn prepare() {
    if !PREPARED.load(Ordering::Relaxed) {
        prepare_once();
    }
}

#[cold]
fn prepare_once() {
    // Not a `Once`: a child forked while another thread is in here must not wait for that thread.
    if PREPARED.swap(true, Ordering::Relaxed) {
        return;
    }
    std::panic::set_hook(Box::new(keep_story));
    let asked_for = mona_core::environment_variable(PANIC_VARIABLE);
    let describe = asked_for.is_some_and(|name| name == "mona_client_describe");
    DESCRIBE_PANICS.store(describe, Ordering::Relaxed);
}

fn keep_story(panic: &PanicHookInfo<'_>) {
    let payload = panic.payload();
    let literal = payload.downcast_ref::<&str>().copied();
    let message =
        literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    let story = match panic.location() {
        Some(place) => format!("{message} ({}:{})", place.file(), place.line()),
        None => message.to_owned(),
    };
    let _ = STORY.try_with(|kept| kept.try_borrow_mut().map(|mut kept| *kept = Some(story)));
}

/// The error that a panic inside the function `name` becomes.
#[cold]
pub(crate) fn as_error(name: &'static str, payload: Box<dyn Any + Send>) -> Error {
    // Leaked on purpose: dropping a payload may panic again, outside the guard.
    std::mem::forget(payload);
    let kept = STORY.try_with(|kept| kept.try_borrow_mut().ok().and_then(|mut kept| kept.take()));
    let story = kept.ok().flatten().unwrap_or_else(|| "no message".to_owned());
    Error::new(
        Status::Panic,
        format!("{name}: a bug in libmona, {story}, please report it with what was called before"),
    )
}

/// Panics in `mona_client_describe` when the environment asks for it, for the tests of the boundary.
#[expect(clippy::panic, reason = "this is the panic that a test asks for")]
pub(crate) fn if_asked_for() {
    if DESCRIBE_PANICS.load(Ordering::Relaxed) {
        panic!("asked for by {PANIC_VARIABLE}");
    }
}
