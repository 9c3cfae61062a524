//! What an append does when the queue is full: make the oldest events go, or wait and give up.

use std::time::Instant;

use super::thread_buffer::{State, ThreadBuffer};
use super::{Charge, GROWN, Intake};
use crate::diag::error::{Error, Result, Status};
use crate::sys::spin_lock::SpinGuard;
use crate::sys::sync::try_lock;

impl Intake {
    /// Widens the thread's allowance so that it covers the event just written, or takes the event back
    /// and counts it as dropped.
    #[cold]
    pub(super) fn make_room<'a>(
        &self,
        buffer: &'a ThreadBuffer,
        mut state: SpinGuard<'a, State>,
    ) -> Result<SpinGuard<'a, State>> {
        self.wake.wake_dozer();
        if self.widen(&mut state) {
            return Ok(state);
        }
        if self.limits.circular {
            // The sender may sleep while the queue fills up.
            self.wake.wake();
            while self.make_oldest_go(buffer, &mut state) {
                if self.widen(&mut state) {
                    return Ok(state);
                }
            }
        } else {
            let deadline = Instant::now() + self.limits.block_timeout;
            while Instant::now() < deadline {
                state = self.wait_for_room(buffer, state, deadline)?;
                // Another thread may have been quicker.
                if self.widen(&mut state) {
                    return Ok(state);
                }
            }
        }
        let start = state.committed;
        state.bytes.truncate(start);
        buffer.count_accepted();
        self.queue.count(|ledger| ledger.dropped_queue_full += 1);
        Err(Error::new(
            Status::Dropped,
            "event: the queue is full, a reachable collector, a larger queue_size or queue_bytes is expected",
        ))
    }

    /// A buffer that is going to hold a chunk gets there at once: what it would leave behind on the way is
    /// memory that nobody else needs.
    fn grow_to_chunk(&self, state: &mut State) {
        let (len, full) = (state.bytes.len(), self.full_buffer());
        if (GROWN..full).contains(&len) && state.bytes.capacity() < full {
            state.bytes.reserve_exact(full - len);
        }
    }

    fn widen(&self, state: &mut State) -> bool {
        match self.budget.take(missing(state)) {
            Some(taken) => {
                state.allow(state.allowance() + taken);
                self.grow_to_chunk(state);
                true
            }
            None => false,
        }
    }

    /// Drops what is oldest; false when nothing can go because all that is held is in flight. Where there
    /// is room by now nothing has to go, though another thread may take it first.
    fn make_oldest_go(&self, buffer: &ThreadBuffer, state: &mut State) -> bool {
        let need = self.budget.shortfall(missing(state));
        if need == Charge::default() {
            return true;
        }
        let mut freed = self.queue.evict(need, &self.pool);
        if !freed.covers(need) {
            self.seal_others(buffer);
            self.seal(buffer, state, 0);
            freed += self.queue.evict(freed.missing_for(need), &self.pool);
        }
        self.budget.release(freed);
        freed != Charge::default() || self.budget.has_room(missing(state))
    }

    /// Seals what other threads hold and returns their unused allowances. A thread that is just
    /// exporting is passed over: it may wait for this one.
    fn seal_others(&self, own: &ThreadBuffer) {
        let Some(registry) = try_lock(&self.registry) else { return };
        for buffer in &registry.buffers {
            if std::ptr::eq(buffer.as_ref(), own) {
                continue;
            }
            if let Some(mut state) = buffer.state.try_lock() {
                self.seal(buffer, &mut state, 0);
                self.forgo_allowance(&mut state);
            }
        }
    }

    /// Waits until the event could fit or `deadline` comes, without holding the thread's buffer.
    fn wait_for_room<'a>(
        &self,
        buffer: &'a ThreadBuffer,
        mut state: SpinGuard<'a, State>,
        deadline: Instant,
    ) -> Result<SpinGuard<'a, State>> {
        self.seal(buffer, &mut state, 0);
        self.seal_others(buffer);
        let need = missing(&state);
        let event = std::mem::take(&mut state.bytes);
        drop(state);
        self.wake.wake();
        self.wait_for(|| self.is_closed() || self.budget.has_room(need), deadline);
        let mut state = buffer.state.lock();
        self.refuse_when_closed()?;
        state.bytes = event;
        Ok(state)
    }
}

/// What the allowance lacks for the event just written.
fn missing(state: &State) -> Charge {
    state.allowance().missing_for(Charge { events: state.events + 1, bytes: state.bytes.len() })
}
