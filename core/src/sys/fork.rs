//! What survives a `fork()`: nothing that another thread may hold.
//!
//! One child handler bumps a generation and closes inherited sockets; it takes no lock and allocates
//! nothing. State that lives behind locks sits in a [`ForkLocal`] cell: its first use in a child finds
//! an older generation, leaks what was inherited and starts afresh.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU64, Ordering};

static GENERATION: AtomicU64 = AtomicU64::new(1);
static REGISTERED: AtomicBool = AtomicBool::new(false);

/// One socket and one pair of wake descriptors per client, three more with a config file; processes with more
/// clients than fit here only leave the surplus open in their children.
const INHERITABLE: usize = 192;

static DESCRIPTORS: [AtomicI32; INHERITABLE] = [const { AtomicI32::new(-1) }; INHERITABLE];

/// Which process this is, counted in forks since the library was loaded.
#[inline(always)]
pub(crate) fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

/// Installs the child handler, once per process.
pub(crate) fn install() {
    if !REGISTERED.swap(true, Ordering::Relaxed) {
        // SAFETY: the handler is async-signal-safe and stays loaded (the library is never unloaded).
        unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    }
}

extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    for slot in &DESCRIPTORS {
        let descriptor = slot.swap(-1, Ordering::Relaxed);
        if descriptor >= 0 {
            // SAFETY: closing a number is always sound; the owner of the parent's copy is leaked here.
            unsafe { libc::close(descriptor) };
        }
    }
}

/// A descriptor that a forked child closes; dropping this takes it off the list.
#[derive(Debug)]
pub(crate) struct ClosedInChild {
    slot: Option<&'static AtomicI32>,
}

impl ClosedInChild {
    /// Puts `descriptor` on the list.
    pub(crate) fn new(descriptor: i32) -> ClosedInChild {
        let slot = DESCRIPTORS
            .iter()
            .find(|slot| slot.compare_exchange(-1, descriptor, Ordering::Relaxed, Ordering::Relaxed).is_ok());
        ClosedInChild { slot }
    }
}

impl Drop for ClosedInChild {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            slot.store(-1, Ordering::Relaxed);
        }
    }
}

struct Slot<T> {
    generation: u64,
    value: T,
}

/// A value that each process makes for itself on first use.
pub(crate) struct ForkLocal<T> {
    slot: AtomicPtr<Slot<T>>,
}

impl<T> ForkLocal<T> {
    /// An empty cell.
    pub(crate) const fn new() -> ForkLocal<T> {
        ForkLocal { slot: AtomicPtr::new(std::ptr::null_mut()) }
    }

    /// This process's value, if it was made already.
    #[inline(always)]
    pub(crate) fn existing(&self) -> Option<&T> {
        let current = self.slot.load(Ordering::Acquire);
        // SAFETY: a slot once stored is freed only when the cell is dropped, and `self` is borrowed.
        let slot = unsafe { current.as_ref() }?;
        (slot.generation == generation()).then_some(&slot.value)
    }

    /// This process's value, made by `make` when there is none. Two threads may both call `make`; one
    /// result is kept, the other is dropped.
    pub(crate) fn get(&self, make: impl FnOnce() -> T) -> &T {
        if let Some(value) = self.existing() {
            return value;
        }
        self.renew(make())
    }

    #[cold]
    fn renew(&self, value: T) -> &T {
        let fresh = Box::into_raw(Box::new(Slot { generation: generation(), value }));
        let mut seen = self.slot.load(Ordering::Acquire);
        loop {
            // SAFETY: as in `existing`.
            let current = unsafe { seen.as_ref() };
            if let Some(slot) = current.filter(|slot| slot.generation == generation()) {
                // SAFETY: `fresh` was never shared; nobody else can free it.
                drop(unsafe { Box::from_raw(fresh) });
                return &slot.value;
            }
            match self.slot.compare_exchange(seen, fresh, Ordering::AcqRel, Ordering::Acquire) {
                // SAFETY: `fresh` is now owned by the cell and lives as long as it.
                Ok(_) => return &unsafe { &*fresh }.value,
                Err(other) => seen = other,
            }
        }
    }
}

impl<T> Drop for ForkLocal<T> {
    fn drop(&mut self) {
        let current = *self.slot.get_mut();
        if self.existing().is_some() {
            // SAFETY: the cell owns its slot, and nobody borrows the cell any more.
            drop(unsafe { Box::from_raw(current) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_made_once() {
        let cell = ForkLocal::new();
        assert!(cell.existing().is_none());
        assert_eq!(*cell.get(|| 7), 7);
        assert_eq!(*cell.get(|| 8), 7);
    }

    #[test]
    fn a_child_makes_its_own_value_and_closes_listed_descriptors() {
        install();
        let cell = ForkLocal::new();
        cell.get(|| 1);
        let (left, right) = std::os::unix::net::UnixStream::pair().unwrap();
        let listed = ClosedInChild::new(std::os::fd::AsRawFd::as_raw_fd(&left));
        // SAFETY: the child only reads memory, probes a descriptor and leaves by _exit.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let fresh = cell.existing().is_none() && *cell.get(|| 2) == 2;
            // SAFETY: asks for flags of a number; no memory is touched.
            let flags = unsafe { libc::fcntl(std::os::fd::AsRawFd::as_raw_fd(&left), libc::F_GETFD) };
            // SAFETY: ends the child without running the harness's exit handlers.
            unsafe { libc::_exit(if fresh && flags == -1 { 0 } else { 1 }) };
        }
        let mut status = 0;
        // SAFETY: waits for the child made above; `status` is a live int.
        unsafe { libc::waitpid(child, &raw mut status, 0) };
        assert_eq!(status, 0);
        assert_eq!(*cell.get(|| 3), 1);
        drop((listed, left, right));
    }
}
