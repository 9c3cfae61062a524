//! The client that the calls on the thread's own context use, and the last chance of its events at exit.
//!
//! The flush runs as late as a library can: with the destructors of shared objects, after the `atexit`
//! handlers and static destructors of the program, whose exports are flushed too. The sender does it; the thread
//! that exits waits with a deadline, takes no lock that another one may keep and joins no thread.

use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::{Duration, Instant};

use super::handle::Client;
use crate::diag::error::{Error, Result, Status};
use crate::sys::call;
use crate::sys::fork::ForkLocal;
use crate::sys::sync::lock;

/// Set once and never freed, so that it can be lent to anybody.
static DEFAULT: AtomicPtr<Client> = AtomicPtr::new(std::ptr::null_mut());

/// A client that could not be made is not tried again for so long: the call may be in somebody's inner loop.
/// The pause doubles with each failure, and so the log hears of it ever less often.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const MOST_DOUBLINGS: u32 = 6;

#[derive(Default)]
struct Making {
    failed: Option<(Instant, Error)>,
    failures: u32,
}

impl Making {
    fn pause(&self) -> Duration {
        FIRST_PAUSE * (1 << self.failures.saturating_sub(1).min(MOST_DOUBLINGS))
    }
}

static MAKING: ForkLocal<Mutex<Making>> = ForkLocal::new();

/// The default client if there is one already.
#[inline]
pub(crate) fn existing() -> Option<&'static Client> {
    // SAFETY: the pointer is null or came from a box that is never freed.
    unsafe { DEFAULT.load(Ordering::Acquire).as_ref() }
}

/// The default client, made from the environment when there is none.
#[inline]
pub(crate) fn default_or_error() -> Result<&'static Client> {
    match existing() {
        Some(client) => Ok(client),
        None => make(),
    }
}

/// The default client for an export, which is no call from outside where a signal handler makes it.
pub(crate) fn default_for_export() -> Result<&'static Client> {
    if let Some(client) = existing() {
        return Ok(client);
    }
    let Some(_inside) = call::enter() else { return Err(Error::interrupting()) };
    default_or_error()
}

#[cold]
fn make() -> Result<&'static Client> {
    let _inside = call::hold();
    if crate::diag::log::inside_callback() {
        return Err(Error::new(Status::Busy, "default client: not made inside the log callback"));
    }
    let mut making = lock(MAKING.get(Mutex::default));
    if let Some(client) = existing() {
        return Ok(client);
    }
    if let Some((at, error)) = &making.failed
        && at.elapsed() < making.pause()
    {
        return Err(error.clone());
    }
    let (made, news) = Client::make(None);
    // What cannot be mended is said once, however often it is tried.
    let is_known = |error: &Error| making.failed.as_ref().is_some_and(|(_, known)| known == error);
    let has_news = !made.as_ref().err().is_some_and(is_known);
    let answer = match made {
        Ok(client) => {
            // Another thread may have set one in the meantime; then that one is it.
            let _ = keep(&client);
            existing().ok_or_else(|| Error::new(Status::Panic, "default client: lost"))
        }
        Err(error) => {
            making.failed = Some((Instant::now(), error.clone()));
            making.failures += 1;
            Err(error)
        }
    };
    // The host's log callback may wait for a thread that waits for this lock.
    drop(making);
    if has_news {
        news.tell();
    }
    if let Ok(client) = &answer {
        client.inner.start();
    }
    answer
}

/// Makes `client` the default; false when there is one.
fn keep(client: &Client) -> bool {
    if existing().is_some() {
        return false;
    }
    install_flush_at_exit();
    let boxed = Box::into_raw(Box::new(client.clone()));
    let null = std::ptr::null_mut();
    let is_kept = DEFAULT.compare_exchange(null, boxed, Ordering::AcqRel, Ordering::Acquire).is_ok();
    if !is_kept {
        // SAFETY: the box was made above and never shared.
        drop(unsafe { Box::from_raw(boxed) });
        return false;
    }
    client.inner.is_default.store(true, Ordering::Relaxed);
    true
}

pub(crate) fn set(client: &Client) -> Result<()> {
    if keep(client) {
        return Ok(());
    }
    client.inner.log().warn("default client", || {
        "default client: one is set already, it stays and nothing was done".to_owned()
    });
    Err(Error::new(Status::Exists, "default client: one is set already, it stays"))
}

extern "C" fn flush_at_exit() {
    let flushed = std::panic::catch_unwind(|| {
        let Some(client) = existing() else { return };
        // Whoever exits has nobody left to tell.
        client.inner.flush_at_exit();
    });
    // A panic here must not turn a normal exit into an abort.
    drop(flushed);
}

/// Makes sure that [`flush_at_exit`] runs.
#[cfg(target_os = "linux")]
fn install_flush_at_exit() {
    #[used]
    // SAFETY: the section holds pointers to functions without arguments, which this is.
    #[unsafe(link_section = ".fini_array")]
    static AT_EXIT: extern "C" fn() = flush_at_exit;
    // Refers to the entry, so that no linker leaves it out.
    std::hint::black_box(&AT_EXIT);
}

/// Makes sure that [`flush_at_exit`] runs.
#[cfg(not(target_os = "linux"))]
fn install_flush_at_exit() {
    use std::sync::atomic::{AtomicBool, Ordering};
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if !INSTALLED.swap(true, Ordering::Relaxed) {
        // SAFETY: the function stays loaded; a failure to register it means no flush at exit.
        unsafe { libc::atexit(flush_at_exit) };
    }
}
