//! What the calling thread does in this library just now, for whatever comes in between: a signal handler, the end of
//! the process or of the thread, a cancellation.
//!
//! A thread that is inside a call may hold any lock of the library, and the allocator's. So a call that a signal
//! handler makes then is refused, and destructors that `exit` runs then leak. While a call may come to a cancellation
//! point the thread cannot be cancelled: an unwinding that Rust cannot stop would end the process.

use std::cell::Cell;
use std::ffi::c_int;
use std::sync::atomic::{Ordering, compiler_fence};

use super::cancel::{DISABLED, set_cancel_state};

/// An event is being written into the thread's buffer.
const FILLING: u32 = 1;
/// A call is under way that may wait, allocate or take locks.
const INSIDE: u32 = 2;
/// The host's log callback runs, called by the library.
const CALLBACK: u32 = 4;
/// The thread cannot be cancelled.
const UNCANCELLED: u32 = 8;

/// What every event looks at, in one place: to find it costs as much as all that is done with it.
pub(crate) struct Thread {
    /// Of these: `FILLING`, `INSIDE`, `CALLBACK`, `UNCANCELLED`.
    state: Cell<u32>,
    /// Room for one address that `queue::local` keeps.
    pub(crate) last: Cell<*const ()>,
    /// Something that the thread kept was destroyed, as it is when the thread ends.
    ended: Cell<bool>,
}

thread_local! {
    // Nothing to drop: it is there as long as the thread runs.
    static THREAD: Thread =
        const { Thread { state: Cell::new(0), last: Cell::new(std::ptr::null()), ended: Cell::new(false) } };
}

/// The calling thread. Only for the calling function: its thread must not end before.
#[inline(always)]
pub(crate) fn here<'t>() -> &'t Thread {
    // Not inside of `with`: what follows would not become part of the calling function.
    let thread = THREAD.with(std::ptr::from_ref);
    // SAFETY: it has nothing to drop and stays where it is as long as this thread runs.
    unsafe { &*thread }
}

impl Thread {
    /// Shuts the thread's buffers, if it is in no call of the library but the one that asks.
    #[inline(always)]
    pub(crate) fn shut(&self) -> Option<Shut<'_>> {
        if self.state.get() != 0 { None } else { Some(self.shut_after(0)) }
    }

    /// The same inside a call.
    #[inline(always)]
    pub(crate) fn shut_inside(&self) -> Option<Shut<'_>> {
        let before = self.state.get();
        if before & FILLING != 0 { None } else { Some(self.shut_after(before)) }
    }

    #[inline(always)]
    fn shut_after(&self, before: u32) -> Shut<'_> {
        self.state.set(before | FILLING);
        // Only a signal handler of this thread looks.
        compiler_fence(Ordering::SeqCst);
        Shut { thread: self, before }
    }
}

/// Opens the buffers of a thread again, whatever happens meanwhile.
pub(crate) struct Shut<'t> {
    thread: &'t Thread,
    before: u32,
}

impl Drop for Shut<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        compiler_fence(Ordering::SeqCst);
        self.thread.state.set(self.before);
    }
}

/// Whether the calling thread is inside a call: it is asked by a signal handler that interrupted it, or by what `exit`
/// runs in one.
pub fn is_inside() -> bool {
    here().state.get() & (FILLING | INSIDE) != 0
}

/// Whether the storage of the calling thread is being destroyed, or was: what is put there now may stay there for ever.
pub fn has_ended() -> bool {
    here().ended.get()
}

/// Says so; for destructors of what threads keep.
pub(crate) fn end() {
    here().ended.set(true);
}

/// Whether the calling thread is inside the host's log callback.
pub(crate) fn inside_callback() -> bool {
    here().state.get() & CALLBACK != 0
}

/// Puts the state of the calling thread back when it is dropped.
#[must_use]
pub struct Back {
    thread: *const Thread,
    before: u32,
}

impl Back {
    #[inline(always)]
    fn from(thread: &Thread, state: u32) -> Back {
        let back = Back { thread, before: thread.state.replace(state) };
        compiler_fence(Ordering::SeqCst);
        back
    }
}

impl Drop for Back {
    #[inline(always)]
    fn drop(&mut self) {
        compiler_fence(Ordering::SeqCst);
        // SAFETY: it is the calling thread's, which runs: a pointer is not sent to another one.
        unsafe { &*self.thread }.state.set(self.before);
    }
}

/// Makes the calling thread one that is inside a call and cannot be cancelled, as long as this is there.
#[must_use]
pub struct Inside {
    /// What was said of cancellation before, and the state; `None` where both were so before.
    _entered: Option<(Back, Cancel)>,
}

/// Says about cancellation what was said before.
struct Cancel(c_int);

impl Drop for Cancel {
    fn drop(&mut self) {
        if self.0 != DISABLED {
            set_cancel_state(self.0);
        }
    }
}

/// Begins a call; `None` where the thread is inside one already, which a signal handler interrupted.
pub fn enter() -> Option<Inside> {
    let thread = here();
    if thread.state.get() & (FILLING | INSIDE) != 0 { None } else { Some(hold_from(thread)) }
}

/// The same for a call that hardly ever comes to a cancellation point: those parts of it hold the thread themselves.
#[inline(always)]
pub fn enter_briefly() -> Option<Back> {
    let thread = here();
    let state = thread.state.get();
    if state & (FILLING | INSIDE) != 0 { None } else { Some(Back::from(thread, state | INSIDE)) }
}

/// Begins a part of a call that may come to a cancellation point, take locks or allocate.
pub(crate) fn hold() -> Inside {
    let thread = here();
    if thread.state.get() & UNCANCELLED != 0 { Inside { _entered: None } } else { hold_from(thread) }
}

fn hold_from(thread: &Thread) -> Inside {
    let cancel = Cancel(set_cancel_state(DISABLED));
    let back = Back::from(thread, thread.state.get() | INSIDE | UNCANCELLED);
    Inside { _entered: Some((back, cancel)) }
}

/// Runs the host's log callback: what it calls is called from outside. `None` inside another one.
pub(crate) fn in_callback<R>(run: impl FnOnce() -> R) -> Option<R> {
    let thread = here();
    if thread.state.get() & CALLBACK != 0 {
        return None;
    }
    let _back = Back::from(thread, CALLBACK);
    Some(run())
}

/// Runs one of the exports that a longer call makes, as if it came from outside.
#[inline(always)]
pub(crate) fn as_from_outside<R>(run: impl FnOnce() -> R) -> R {
    let thread = here();
    let _back = Back::from(thread, thread.state.get() & CALLBACK);
    run()
}

/// What a thread keeps, and leaves behind where its process ends in the middle of a call.
#[derive(Debug)]
pub struct OfThread<T>(Option<T>);

impl<T> OfThread<T> {
    /// Nothing yet.
    pub const fn nothing() -> OfThread<T> {
        OfThread(None)
    }

    /// What is kept.
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }

    /// What is kept, made by `make` when there is nothing.
    pub fn get_or_insert_with(&mut self, make: impl FnOnce() -> T) -> &mut T {
        self.0.get_or_insert_with(make)
    }

    /// Keeps `value` in place of what was kept. Not for a signal handler that interrupted a call, which may be about to
    /// free memory.
    pub fn put(&mut self, value: T) {
        self.0 = Some(value);
    }
}

impl<T> Drop for OfThread<T> {
    fn drop(&mut self) {
        end();
        if is_inside() {
            std::mem::forget(self.0.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    #[test]
    fn a_call_inside_a_call_is_refused_and_its_parts_are_not() {
        assert!(!is_inside());
        let call = enter().unwrap();
        assert!(is_inside() && enter().is_none());
        assert!(here().shut().is_none(), "an export by a handler");
        let part = hold();
        let shut = here().shut_inside().unwrap();
        assert!(here().shut_inside().is_none());
        drop((shut, part));
        as_from_outside(|| {
            let shut = here().shut().unwrap();
            assert!(enter().is_none(), "inside an export");
            drop(shut);
            drop(enter().unwrap());
        });
        assert!(enter().is_none());
        drop(call);
        assert!(!is_inside());
        let brief = enter_briefly().unwrap();
        assert!(enter().is_none() && enter_briefly().is_none());
        drop(hold());
        assert!(is_inside());
        drop(brief);
        assert!(!is_inside());
        drop(here().shut().unwrap());
    }

    #[test]
    fn a_callback_is_outside_and_knows_it() {
        let call = enter().unwrap();
        in_callback(|| {
            assert!(inside_callback() && !is_inside());
            assert!(here().shut().is_none(), "no export on the fast path");
            drop(enter().unwrap());
            assert!(in_callback(|| ()).is_none());
        })
        .unwrap();
        assert!(is_inside() && !inside_callback());
        drop(call);
    }

    #[test]
    fn what_is_kept_is_leaked_inside_only() {
        let value = Rc::new(());
        let kept = |value: &Rc<()>| {
            let mut kept = OfThread::nothing();
            kept.put(Rc::clone(value));
            RefCell::new(kept)
        };
        drop(kept(&value));
        assert_eq!(Rc::strong_count(&value), 1);
        let inside = enter().unwrap();
        drop(kept(&value));
        drop(inside);
        assert_eq!(Rc::strong_count(&value), 2);
    }

    #[test]
    fn a_call_cannot_be_cancelled_and_leaves_things_as_it_found_them() {
        let state = || {
            let now = set_cancel_state(DISABLED);
            set_cancel_state(now);
            now
        };
        let before = state();
        let call = enter().unwrap();
        drop(hold());
        assert_eq!(state(), DISABLED);
        drop(call);
        assert_eq!(state(), before);
        let brief = enter_briefly().unwrap();
        assert_eq!(state(), before);
        let part = hold();
        assert_eq!(state(), DISABLED);
        drop((part, brief));
        assert_eq!(state(), before);
        assert_ne!(before, DISABLED);
    }
}
