//! The descriptors that a child closes, as far as they are still ours.

use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};

use crate::sys::identity::Identity;

/// One socket and one pair of wake descriptors per client, three more with a config file, some sixteen more with a
/// spool that drains four dead processes; processes with more clients than fit here only leave the surplus open in
/// their children, and lock no directory for a spool.
const INHERITABLE: usize = 384;

/// Nothing is listed here.
const FREE: i32 = -1;

/// Somebody is just listing something.
const TAKEN: i32 = -2;

/// A place on the list.
#[derive(Debug)]
pub(super) struct Listed {
    number: AtomicI32,
    device: AtomicU64,
    inode: AtomicU64,
    is_marked: AtomicBool,
    is_known: AtomicBool,
}

static LIST: [Listed; INHERITABLE] = [const {
    Listed {
        number: AtomicI32::new(FREE),
        device: AtomicU64::new(0),
        inode: AtomicU64::new(0),
        is_marked: AtomicBool::new(false),
        is_known: AtomicBool::new(false),
    }
}; INHERITABLE];

impl Listed {
    fn is_still(&self, number: RawFd) -> bool {
        let identity = Identity {
            device: self.device.load(Ordering::Relaxed),
            inode: self.inode.load(Ordering::Relaxed),
            is_marked: self.is_marked.load(Ordering::Relaxed),
        };
        !self.is_known.load(Ordering::Relaxed) || identity.is_still(number)
    }
}

/// Closes what was inherited and has not become somebody else's. Async-signal-safe.
pub(super) fn close_all() {
    for listed in &LIST {
        let number = listed.number.swap(FREE, Ordering::Acquire);
        if number >= 0 && listed.is_still(number) {
            // SAFETY: closing a number is always sound; the owner of the parent's copy is left behind here.
            unsafe { libc::close(number) };
        }
    }
}

impl Listed {
    /// Puts `number` there.
    fn put(&self, number: RawFd, identity: Option<Identity>) {
        if let Some(identity) = identity {
            self.device.store(identity.device, Ordering::Relaxed);
            self.inode.store(identity.inode, Ordering::Relaxed);
            self.is_marked.store(identity.is_marked, Ordering::Relaxed);
        }
        self.is_known.store(identity.is_some(), Ordering::Relaxed);
        self.number.store(number, Ordering::Release);
    }

    /// Takes what is there off the list.
    pub(super) fn free(&self) {
        self.number.store(FREE, Ordering::Relaxed);
    }
}

/// Puts `number` on the list, with what it is where that is known; nothing where the list is full.
pub(super) fn add(number: RawFd, identity: Option<Identity>) -> Option<&'static Listed> {
    let take = |listed: &&Listed| {
        listed.number.compare_exchange(FREE, TAKEN, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    };
    let free = LIST.iter().find(take)?;
    free.put(number, identity);
    Some(free)
}
