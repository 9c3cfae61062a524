//! Ends a transport's waits from another thread, for a close whose time is over.

use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use socket2::Socket;

use crate::sync::lock;

#[derive(Debug, Default)]
pub(crate) struct Abort {
    fired: AtomicBool,
    socket: Mutex<Option<Arc<Socket>>>,
}

impl Abort {
    /// Makes `socket` the one that is shut down.
    pub(super) fn guard(&self, socket: &Arc<Socket>) {
        *lock(&self.socket) = Some(Arc::clone(socket));
        if self.has_fired() {
            self.fire();
        }
    }

    /// Forgets the socket.
    pub(super) fn release(&self) {
        *lock(&self.socket) = None;
    }

    /// Ends the wait that is under way and every later one.
    pub(crate) fn fire(&self) {
        self.fired.store(true, Ordering::SeqCst);
        if let Some(socket) = lock(&self.socket).as_ref() {
            // A socket that is already closed has nothing to wait for.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }

    pub(super) fn has_fired(&self) -> bool {
        self.fired.load(Ordering::SeqCst)
    }
}
