//! The client that the calls on the thread's own context use.

use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::{Duration, Instant};

use super::{Client, exit};
use crate::error::{Error, Result, Status};
use crate::fork::Renewed;
use crate::sync::lock;

/// Set once and never freed, so that it can be lent to anybody.
static DEFAULT: AtomicPtr<Client> = AtomicPtr::new(std::ptr::null_mut());

/// A client that could not be made is not tried again for so long: the call may be in somebody's inner loop.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Making {
    failed: Option<(Instant, Error)>,
}

static MAKING: Renewed<Mutex<Making>> = Renewed::new();

/// The default client if there is one already.
#[inline]
pub(super) fn existing() -> Option<&'static Client> {
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

#[cold]
fn make() -> Result<&'static Client> {
    if crate::log::inside_callback() {
        return Err(Error::new(Status::Busy, "default client: not made inside the log callback"));
    }
    let mut making = lock(MAKING.get(Mutex::default));
    if let Some(client) = existing() {
        return Ok(client);
    }
    if let Some((at, error)) = &making.failed
        && at.elapsed() < TRY_AGAIN_AFTER
    {
        return Err(error.clone());
    }
    match Client::new(None) {
        Ok(client) => {
            // Another thread may have set one in the meantime; then that one is it.
            let _ = set(&client);
            existing().ok_or_else(|| Error::new(Status::Panic, "default client: lost"))
        }
        Err(error) => {
            making.failed = Some((Instant::now(), error.clone()));
            Err(error)
        }
    }
}

pub(super) fn set(client: &Client) -> Result<()> {
    if existing().is_none() {
        exit::install();
        let boxed = Box::into_raw(Box::new(client.clone()));
        let null = std::ptr::null_mut();
        if DEFAULT.compare_exchange(null, boxed, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            return Ok(());
        }
        // SAFETY: the box was made above and never shared.
        drop(unsafe { Box::from_raw(boxed) });
    }
    client.inner.log().warn("default client", || {
        "default client: one is set already, it stays and nothing was done".to_owned()
    });
    Err(Error::new(Status::Exists, "default client: one is set already, it stays"))
}
