//! Ends a transport's waits from another thread, for a close whose time is over, and tells that thread whether they
//! are worth more time.

use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

use socket2::Socket;

use super::progress::Progress;
use crate::sys::kept::Kept;
use crate::sys::sync::lock;

#[derive(Debug, Default)]
pub(crate) struct Abort {
    fired: AtomicBool,
    /// Those of one transport: its connection, and for a moment one to a token server.
    sockets: Mutex<Vec<Weak<Kept<Socket>>>>,
    pub(crate) progress: Progress,
}

impl Abort {
    /// Makes `socket` one of those that are shut down.
    pub(crate) fn guard(&self, socket: &Arc<Kept<Socket>>) {
        let mut sockets = lock(&self.sockets);
        sockets.retain(|known| known.strong_count() > 0);
        sockets.push(Arc::downgrade(socket));
        drop(sockets);
        if self.has_fired() {
            self.fire();
        }
    }

    /// Forgets `socket`.
    pub(crate) fn release(&self, socket: &Arc<Kept<Socket>>) {
        lock(&self.sockets).retain(|known| !std::ptr::eq(known.as_ptr(), Arc::as_ptr(socket)));
    }

    /// Ends the wait that is under way and every later one.
    pub(crate) fn fire(&self) {
        self.fired.store(true, Ordering::SeqCst);
        for socket in lock(&self.sockets).iter().filter_map(Weak::upgrade) {
            // A socket that is already closed has nothing to wait for.
            let _ = socket.ours().map(|socket| socket.shutdown(Shutdown::Both));
        }
    }

    pub(crate) fn has_fired(&self) -> bool {
        self.fired.load(Ordering::SeqCst)
    }
}
