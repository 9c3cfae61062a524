//! A shorter way to a thread's buffer than thread-local storage: a few seats at each intake, for a thread each.
//!
//! In a shared object a thread-local variable is behind a call, which takes longer than all else that is done for
//! a skipped event. The system's own word for the calling thread is one load away on Linux, and says whose a seat
//! is. A thread takes its seat when it gets its buffer and leaves it when it ends; one whose seat is taken goes the
//! longer way.

use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use super::thread_buffer::ThreadBuffer;

/// More threads than most programs export from, in four cache lines.
const SEATS: usize = 16;

#[derive(Debug, Default)]
struct Seat {
    /// The word for the thread that has it, 0 for none. While a thread has it, nobody else writes here.
    thread: AtomicUsize,
    buffer: AtomicPtr<ThreadBuffer>,
}

#[derive(Debug, Default)]
pub(super) struct Seats([Seat; SEATS]);

impl Seats {
    /// Shows the calling thread's buffer to `see`, if it has a seat here.
    #[inline(always)]
    pub(super) fn with_buffer<R>(&self, see: impl FnOnce(&ThreadBuffer) -> R) -> Option<R> {
        let thread = word()?;
        let seat = self.of(thread)?;
        if seat.thread.load(Ordering::Relaxed) != thread {
            return None;
        }
        // SAFETY: this thread took the seat for a buffer that it keeps until it leaves the seat. A thread that
        // ended without leaving, and whose word this one has now, did not free its buffer either.
        unsafe { seat.buffer.load(Ordering::Relaxed).as_ref() }.map(see)
    }

    /// Takes a seat for the calling thread, if its own is free.
    ///
    /// # Safety
    ///
    /// The thread keeps `buffer` until it calls [`Seats::leave`] with it, or for ever.
    pub(super) unsafe fn take(&self, buffer: &ThreadBuffer) {
        let Some(thread) = word() else { return };
        let Some(seat) = self.of(thread) else { return };
        if seat.thread.compare_exchange(0, thread, Ordering::Acquire, Ordering::Relaxed).is_ok() {
            seat.buffer.store(ptr::from_ref(buffer).cast_mut(), Ordering::Relaxed);
        }
    }

    /// Leaves the seat that the calling thread took for `buffer`, if it did.
    pub(super) fn leave(&self, buffer: &ThreadBuffer) {
        let Some(thread) = word() else { return };
        let Some(seat) = self.of(thread) else { return };
        let is_own = seat.thread.load(Ordering::Relaxed) == thread;
        if is_own && ptr::eq(seat.buffer.load(Ordering::Relaxed), buffer) {
            seat.buffer.store(ptr::null_mut(), Ordering::Relaxed);
            seat.thread.store(0, Ordering::Release);
        }
    }

    #[inline(always)]
    fn of(&self, thread: usize) -> Option<&Seat> {
        // Words differ by multiples of pages or of stacks; all of that is in the upper bits of this product.
        let hash = (thread as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - SEATS.ilog2());
        self.0.get(hash as usize)
    }
}

/// What no other thread has while this one runs, and never 0: the address of its control block.
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_pointer_width = "64", not(miri)))]
#[inline(always)]
fn word() -> Option<usize> {
    let word: usize;
    // SAFETY: the ABI keeps that address at its own beginning, where this segment begins.
    unsafe {
        std::arch::asm!("mov {}, fs:[0]", out(reg) word, options(pure, readonly, nostack, preserves_flags));
    }
    Some(word)
}

/// Nothing here is known to be unique and quick to find.
#[cfg(not(all(target_os = "linux", target_arch = "x86_64", target_pointer_width = "64", not(miri))))]
#[inline(always)]
fn word() -> Option<usize> {
    None
}

#[cfg(test)]
mod tests {
    use super::super::Charge;
    use super::*;

    fn buffer() -> ThreadBuffer {
        ThreadBuffer::new(1, Vec::new(), Charge { events: 1, bytes: 1 })
    }

    /// The buffer that the calling thread finds.
    fn found(seats: &Seats) -> Option<*const ThreadBuffer> {
        seats.with_buffer(ptr::from_ref)
    }

    #[test]
    fn a_thread_finds_what_it_sat_down_with_until_it_leaves() {
        let (seats, first, second) = (Seats::default(), buffer(), buffer());
        assert_eq!(found(&seats), None);
        // SAFETY: both live longer than the seats are used.
        unsafe { seats.take(&first) };
        let seated = word().map(|_| ptr::from_ref(&first));
        assert_eq!(found(&seats), seated);
        // SAFETY: as above.
        unsafe { seats.take(&second) };
        seats.leave(&second);
        assert_eq!(found(&seats), seated, "the seat was taken");
        std::thread::scope(|scope| {
            scope.spawn(|| assert_eq!(found(&seats), None));
        });
        seats.leave(&first);
        assert_eq!(found(&seats), None);
    }

    #[test]
    fn no_thread_finds_the_buffer_of_another() {
        let seats = Seats::default();
        let ready = std::sync::Barrier::new(4 * SEATS);
        std::thread::scope(|scope| {
            for _ in 0..4 * SEATS {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let own = buffer();
                        ready.wait();
                        // SAFETY: it is left before it is dropped.
                        unsafe { seats.take(&own) };
                        ready.wait();
                        assert!(found(&seats).is_none_or(|found| ptr::eq(found, &own)));
                        seats.leave(&own);
                        assert_eq!(found(&seats), None);
                    }
                });
            }
        });
        assert!(seats.0.iter().all(|seat| seat.thread.load(Ordering::Relaxed) == 0));
    }
}
