//! Each thread's own buffers, one per client it exports to, found without a lock.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, Weak};

use super::Intake;
use super::thread_buffer::ThreadBuffer;
use crate::fork;

/// A thread that stays does not keep a client in memory that is closed and freed.
struct Own {
    generation: u64,
    intake: Weak<Intake>,
    buffer: Arc<ThreadBuffer>,
}

/// What a thread has of its own.
struct Thread {
    /// An event is being encoded.
    is_busy: Cell<bool>,
    /// The buffer used last, found without a look at the others.
    last: Cell<Option<Arc<ThreadBuffer>>>,
    buffers: RefCell<Buffers>,
}

/// The buffers of a thread; handed to their clients when the thread ends.
struct Buffers(Vec<Own>);

impl Drop for Buffers {
    fn drop(&mut self) {
        self.0.drain(..).for_each(leave);
    }
}

/// What a forked child inherited may be locked for ever and is leaked.
fn leave(own: Own) {
    if own.generation != fork::generation() {
        std::mem::forget(own);
    } else if let Some(intake) = own.intake.upgrade() {
        intake.retire(&own.buffer);
    }
}

thread_local! {
    static THREAD: Thread = const {
        Thread {
            is_busy: Cell::new(false),
            last: Cell::new(None),
            buffers: RefCell::new(Buffers(Vec::new())),
        }
    };
}

/// Why a thread has no buffer to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoBuffer {
    /// Its storage is gone already.
    ThreadEnds,
    /// It is in use further up the stack.
    InUse,
}

/// A buffer that is in use; the thread has it back whatever happens meanwhile.
struct Lent<'a> {
    thread: &'a Thread,
    buffer: Option<Arc<ThreadBuffer>>,
}

impl Drop for Lent<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        self.thread.is_busy.set(false);
        self.thread.last.set(self.buffer.take());
    }
}

/// Runs `see` on this thread's buffer for `intake`, made on first use.
#[inline(always)]
pub(super) fn with_buffer<R>(
    intake: &Arc<Intake>,
    see: impl FnOnce(&ThreadBuffer) -> R,
) -> Result<R, NoBuffer> {
    let seen = THREAD.try_with(|thread| {
        if thread.is_busy.replace(true) {
            return Err(NoBuffer::InUse);
        }
        let mut lent = Lent { thread, buffer: thread.last.take() };
        if lent.buffer.as_ref().is_none_or(|last| last.intake != intake.number) {
            lent.buffer = Some(find(thread, intake));
        }
        lent.buffer.as_deref().map(see).ok_or(NoBuffer::InUse)
    });
    seen.unwrap_or(Err(NoBuffer::ThreadEnds))
}

#[cold]
#[inline(never)]
fn find(thread: &Thread, intake: &Arc<Intake>) -> Arc<ThreadBuffer> {
    // Nobody else borrows it while the thread is busy.
    let Ok(mut buffers) = thread.buffers.try_borrow_mut() else { return intake.register() };
    if let Some(known) = buffers.0.iter().find(|own| own.buffer.intake == intake.number) {
        return Arc::clone(&known.buffer);
    }
    let generation = fork::generation();
    let is_done = |own: &mut Own| {
        own.generation != generation || own.intake.upgrade().is_none_or(|intake| intake.is_closed())
    };
    buffers.0.extract_if(.., is_done).for_each(leave);
    let buffer = intake.register();
    buffers.0.push(Own { generation, intake: Arc::downgrade(intake), buffer: Arc::clone(&buffer) });
    buffer
}
