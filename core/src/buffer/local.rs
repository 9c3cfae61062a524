//! Each thread's own buffers, one per client it exports to, found without a lock.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use super::Intake;
use super::thread_buffer::ThreadBuffer;
use crate::fork;

/// A thread that stays does not keep a client in memory that is closed and freed.
struct Own {
    generation: u64,
    number: u64,
    intake: Weak<Intake>,
    buffer: Arc<ThreadBuffer>,
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
    static BUFFERS: RefCell<Buffers> = const { RefCell::new(Buffers(Vec::new())) };
}

/// Why a thread has no buffer to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoBuffer {
    /// Its storage is gone already.
    ThreadEnds,
    /// It is in use further up the stack.
    InUse,
}

/// Runs `see` on this thread's buffer for `intake`, made on first use.
pub(super) fn with_buffer<R>(
    intake: &Arc<Intake>,
    see: impl FnOnce(&ThreadBuffer) -> R,
) -> Result<R, NoBuffer> {
    BUFFERS
        .try_with(|cell| {
            let mut buffers = cell.try_borrow_mut().map_err(|_| NoBuffer::InUse)?;
            let known = buffers.0.iter().position(|own| own.number == intake.number);
            let index = known.unwrap_or_else(|| add(&mut buffers.0, intake));
            buffers.0.get(index).map(|own| see(&own.buffer)).ok_or(NoBuffer::ThreadEnds)
        })
        .unwrap_or(Err(NoBuffer::ThreadEnds))
}

#[cold]
fn add(buffers: &mut Vec<Own>, intake: &Arc<Intake>) -> usize {
    let generation = fork::generation();
    let is_done = |own: &mut Own| {
        own.generation != generation || own.intake.upgrade().is_none_or(|intake| intake.is_closed())
    };
    buffers.extract_if(.., is_done).for_each(leave);
    let (number, buffer) = (intake.number, intake.register());
    buffers.push(Own { generation, number, intake: Arc::downgrade(intake), buffer });
    buffers.len() - 1
}
