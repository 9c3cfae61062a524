//! Each thread's own buffers, one per client it exports to, found without a lock.
//!
//! A thread is shut while one of them is in use, so that nothing that runs meanwhile comes back here.

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::intake::Intake;
use super::thread_buffer::{SharedBuffer, ThreadBuffer};
use crate::sys::call::{self, Shut, Thread};
use crate::sys::{fork, left_behind, registration};

/// How long the end of a thread waits for locks that are held for a few instructions: longer than a machine in trouble
/// keeps a holder from running. After that its buffer stays with its client, which goes on collecting it.
pub(super) const MOST_WAIT: Duration = Duration::from_secs(2);

/// A thread that stays does not keep a client in memory that is closed and freed.
struct Own {
    generation: u64,
    intake: Weak<Intake>,
    buffer: SharedBuffer,
}

/// The buffers of a thread; handed to their clients when the thread ends.
struct Buffers(Vec<Own>);

impl Drop for Buffers {
    fn drop(&mut self) {
        call::end();
        if call::is_inside() {
            // A signal handler ends the process: this thread may hold any lock, and its events are left to the sender.
            std::mem::forget(std::mem::take(&mut self.0));
            return;
        }
        // A thread that ends may have been told to end.
        let _inside = call::hold();
        call::here().last.set(std::ptr::null());
        let deadline = Instant::now() + MOST_WAIT;
        self.0.drain(..).for_each(|own| leave(own, deadline));
    }
}

/// The buffer used last, found without a look at the others: NULL, or one of `BUFFERS`.
#[inline(always)]
fn last(thread: &Thread) -> *const ThreadBuffer {
    thread.last.get().cast()
}

/// What a forked child inherited may be locked for ever and is leaked.
fn leave(own: Own, deadline: Instant) {
    if own.generation != fork::generation() {
        left_behind::leave_value(own);
    } else if let Some(intake) = own.intake.upgrade() {
        intake.retire(&own.buffer, deadline);
    }
}

thread_local! {
    static BUFFERS: RefCell<Buffers> = const { RefCell::new(Buffers(Vec::new())) };
    static ARE_REGISTERED: Cell<bool> = const { Cell::new(false) };
}

#[inline]
fn register() {
    registration::once(&ARE_REGISTERED, || BUFFERS.try_with(|_| ()).unwrap_or(()));
}

/// Why a thread has no buffer to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoBuffer {
    /// Its storage is gone already.
    ThreadEnds,
    /// It is in use further up the stack.
    InUse,
}

/// Counts an event that is skipped, if the buffer used last is of this intake.
#[inline(always)]
pub(super) fn count_skipped(intake: u64) -> bool {
    // SAFETY: it is one of `BUFFERS`, which change only in `add`, and that calls nothing of the host's.
    let last = unsafe { last(call::here()).as_ref() };
    last.filter(|last| last.intake == intake).map(ThreadBuffer::count_skipped).is_some()
}

/// A buffer of this thread, which is shut as long as this is there.
pub(super) struct OwnBuffer<'t> {
    buffer: &'t ThreadBuffer,
    _shut: Shut<'t>,
}

impl Deref for OwnBuffer<'_> {
    type Target = ThreadBuffer;

    #[inline(always)]
    fn deref(&self) -> &ThreadBuffer {
        self.buffer
    }
}

/// This thread's buffer for an intake, if it has one and none is in use. Only for the calling function: its thread must
/// not end before.
#[inline(always)]
pub(super) fn own<'t>(intake: u64) -> Option<OwnBuffer<'t>> {
    let thread = call::here();
    let shut = thread.shut()?;
    // SAFETY: it is one of `BUFFERS`, which stay as they are while the thread is shut.
    let last = unsafe { last(thread).as_ref() };
    let buffer = match last {
        Some(last) if last.intake == intake => last,
        _ => switch(thread, intake)?,
    };
    Some(OwnBuffer { buffer, _shut: shut })
}

/// Runs `see` on this thread's buffer for `intake`, made on first use.
#[inline(always)]
pub(super) fn with_buffer<R>(
    intake: &Arc<Intake>,
    see: impl FnOnce(&ThreadBuffer) -> R,
) -> Result<R, NoBuffer> {
    let thread = call::here();
    let Some(_shut) = thread.shut_inside() else { return Err(NoBuffer::InUse) };
    // SAFETY: it is one of `BUFFERS`, which stay as they are while the thread is shut.
    let last = unsafe { last(thread).as_ref() };
    let buffer = match last {
        Some(last) if last.intake == intake.terms.number => last,
        _ => find(thread, intake)?,
    };
    Ok(see(buffer))
}

/// Makes the buffer for an intake the one used last, if there is one. A thread that exports to several clients comes here
/// whenever it turns to another.
#[inline(never)]
fn switch(thread: &Thread, intake: u64) -> Option<&ThreadBuffer> {
    register();
    let found = BUFFERS.try_with(|buffers| {
        let buffers = buffers.try_borrow().ok()?;
        let known = buffers.0.iter().find(|own| own.buffer.intake == intake)?;
        Some(std::ptr::from_ref::<ThreadBuffer>(&known.buffer).cast())
    });
    thread.last.set(found.ok()??);
    // SAFETY: `BUFFERS` holds it, and lets it go only in `add`, when the thread is shut for another event, or
    // when the thread ends.
    Some(unsafe { &*last(thread) })
}

#[cold]
#[inline(never)]
fn find<'a>(thread: &'a Thread, intake: &Arc<Intake>) -> Result<&'a ThreadBuffer, NoBuffer> {
    let _inside = call::hold();
    thread.last.set(std::ptr::null());
    register();
    let found = BUFFERS.try_with(|buffers| {
        let mut buffers = buffers.try_borrow_mut().ok()?;
        let known = buffers.0.iter().find(|own| own.buffer.intake == intake.terms.number);
        let buffer = known.map(|own| Arc::clone(&own.buffer));
        Some(buffer.unwrap_or_else(|| add(&mut buffers.0, intake)))
    });
    let buffer = found.map_err(|_| NoBuffer::ThreadEnds)?.ok_or(NoBuffer::InUse)?;
    thread.last.set(std::ptr::from_ref::<ThreadBuffer>(&buffer).cast());
    // SAFETY: `BUFFERS` holds it, and lets it go only in `add`, when the thread is shut for another event, or
    // when the thread ends.
    Ok(unsafe { &*last(thread) })
}

fn add(buffers: &mut Vec<Own>, intake: &Arc<Intake>) -> SharedBuffer {
    let generation = fork::settled();
    let is_done = |own: &mut Own| {
        own.generation != generation || own.intake.upgrade().is_none_or(|intake| intake.is_closed())
    };
    let deadline = Instant::now() + MOST_WAIT;
    buffers.extract_if(.., is_done).for_each(|own| leave(own, deadline));
    let buffer = intake.register();
    // One client is the rule.
    buffers.reserve_exact(1);
    buffers.push(Own { generation, intake: Arc::downgrade(intake), buffer: Arc::clone(&buffer) });
    buffer
}
