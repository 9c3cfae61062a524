//! What the watch thread is told: that something happened near the file, or that it is to end.
//!
//! One channel carries both. Notifications come from notify's thread, the stop from whoever closes the client;
//! neither ever waits. However many notifications there are, one of them waits at a time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};

/// A message to the watch thread.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum News {
    /// Something happened in a directory of the file.
    Notified,
    /// The watch is over.
    Stop,
}

/// The letter box of one watch thread. It holds a notification and as many stops as there were calls.
#[derive(Debug)]
pub(crate) struct Inbox {
    sender: Sender<News>,
    receiver: Receiver<News>,
    /// A notification was sent that no look has answered yet.
    is_notified: AtomicBool,
}

impl Default for Inbox {
    fn default() -> Inbox {
        let (sender, receiver) = unbounded();
        Inbox { sender, receiver, is_notified: AtomicBool::new(false) }
    }
}

impl Inbox {
    /// Asks the watch to end; it does as soon as its present look at the file is over.
    pub(crate) fn stop(&self) {
        self.send(News::Stop);
    }

    /// Asks for a look before the next one is due.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "elsewhere nothing notifies"))]
    pub(super) fn notify(&self) {
        if !self.is_notified.swap(true, Ordering::SeqCst) {
            self.send(News::Notified);
        }
    }

    fn send(&self, news: News) {
        // Both ends live here, so the channel is never disconnected.
        let _ = self.sender.send(news);
    }

    /// The next message; nothing when `deadline` came first.
    pub(super) fn wait(&self, deadline: Instant) -> Option<News> {
        match self.receiver.recv_deadline(deadline) {
            Ok(news) => Some(news),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(News::Stop),
        }
    }

    /// The look that follows answers all notifications until now.
    pub(super) fn begin_look(&self) {
        self.is_notified.store(false, Ordering::SeqCst);
    }
}
