//! What the watch thread is told: that something happened near the file, or that it is to end.
//!
//! It waits for both together, in one `poll`: notifications come from the system, the stop from whoever closes the
//! client, who never waits.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::notices::Notices;
use crate::sys::poll::wait_readable;
use crate::sys::waker::Waker;

/// Longest sleep where the process has no descriptor left by which a stop could end it.
const MOST_ALONE: Duration = Duration::from_millis(50);

/// A message to the watch thread.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum News {
    /// Something happened in a directory of the file.
    Notified,
    /// The watch is over.
    Stop,
}

/// The letter box of one watch thread. A client without a config file opens nothing for it.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    waker: Waker,
    is_stopped: AtomicBool,
}

impl Inbox {
    /// Asks the watch to end; it does as soon as its present look at the file is over.
    pub(crate) fn stop(&self) {
        self.is_stopped.store(true, Ordering::SeqCst);
        self.waker.wake();
    }

    /// The next message; nothing when `deadline` came first. Without `notices` it can only be the stop.
    pub(super) fn wait(&self, deadline: Instant, mut notices: Option<&mut Notices>) -> Option<News> {
        loop {
            self.waker.renew();
            self.waker.announce_sleep();
            if self.is_stopped.load(Ordering::SeqCst) {
                return Some(News::Stop);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            let waker = self.waker.descriptor();
            let notified = notices.as_ref().and_then(|notices| notices.descriptor());
            let most = if waker.is_some() { left } else { left.min(MOST_ALONE) };
            let descriptors: Vec<_> = [waker, notified].into_iter().flatten().collect();
            wait_readable(&descriptors, most);
            self.waker.awake();
            if notices.as_mut().is_some_and(|notices| notices.take()) {
                return Some(News::Notified);
            }
        }
    }
}
