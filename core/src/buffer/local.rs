//! Each thread's own buffers, one per client it exports to, found without a lock.

use std::cell::RefCell;
use std::sync::Arc;

use super::Intake;
use super::thread_buffer::ThreadBuffer;
use crate::fork;

struct Own {
    generation: u64,
    intake: Arc<Intake>,
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
    if own.generation == fork::generation() {
        own.intake.retire(&own.buffer);
    } else {
        std::mem::forget(own);
    }
}

thread_local! {
    static BUFFERS: RefCell<Buffers> = const { RefCell::new(Buffers(Vec::new())) };
}

/// Runs `see` on this thread's buffer for `intake`, made on first use. `None` when the thread is ending
/// or an append of this thread is under way further up the stack.
pub(super) fn with_buffer<R>(intake: &Arc<Intake>, see: impl FnOnce(&ThreadBuffer) -> R) -> Option<R> {
    BUFFERS
        .try_with(|cell| {
            let mut buffers = cell.try_borrow_mut().ok()?;
            let known = buffers.0.iter().position(|own| own.intake.number == intake.number);
            let index = known.unwrap_or_else(|| add(&mut buffers.0, intake));
            buffers.0.get(index).map(|own| see(&own.buffer))
        })
        .ok()
        .flatten()
}

#[cold]
fn add(buffers: &mut Vec<Own>, intake: &Arc<Intake>) -> usize {
    let generation = fork::generation();
    buffers.extract_if(.., |own| own.generation != generation || own.intake.is_closed()).for_each(leave);
    buffers.push(Own { generation, intake: Arc::clone(intake), buffer: intake.register() });
    buffers.len() - 1
}
