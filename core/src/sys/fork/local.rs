//! A value that each process makes for itself.

use std::sync::atomic::{AtomicPtr, Ordering};

use super::generation::{generation, settled};
use crate::sys::left_behind::leave;

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
        // Before `make`: what it opens is not inherited.
        let generation = settled();
        self.renew(Slot { generation, value: make() })
    }

    #[cold]
    fn renew(&self, slot: Slot<T>) -> &T {
        let generation = slot.generation;
        let fresh = Box::into_raw(Box::new(slot));
        let mut seen = self.slot.load(Ordering::Acquire);
        loop {
            // SAFETY: as in `existing`.
            let current = unsafe { seen.as_ref() };
            if let Some(slot) = current.filter(|slot| slot.generation == generation) {
                // SAFETY: `fresh` was never shared; nobody else can free it.
                drop(unsafe { Box::from_raw(fresh) });
                return &slot.value;
            }
            match self.slot.compare_exchange(seen, fresh, Ordering::AcqRel, Ordering::Acquire) {
                Ok(inherited) => {
                    if !inherited.is_null() {
                        leave(inherited.cast());
                    }
                    // SAFETY: `fresh` is now owned by the cell and lives as long as it.
                    return &unsafe { &*fresh }.value;
                }
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
        } else if !current.is_null() {
            leave(current.cast());
        }
    }
}
