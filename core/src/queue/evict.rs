//! What an append does when the queue is full: make the oldest events go, or wait and give up.

use std::time::{Duration, Instant};

use super::budget::{Charge, Step};
use super::intake::Intake;
use super::thread_buffer::{Filling, ThreadBuffer};
use crate::diag::error::{Error, Result, Status};
use crate::sys::call;
use crate::sys::spin_lock::SpinGuard;
use crate::sys::sync::{lock_until, try_lock};

/// How long an append waits for the list of all threads: as long as a look at thousands of them takes.
const MOST_WAIT: Duration = Duration::from_millis(10);

impl Intake {
    /// Widens the thread's allowance so that it covers the event just written, or takes the event back
    /// and counts it as dropped.
    #[cold]
    pub(super) fn make_room<'a>(
        &self,
        buffer: &'a ThreadBuffer,
        mut filling: SpinGuard<'a, Filling>,
    ) -> Result<SpinGuard<'a, Filling>> {
        let _inside = call::hold();
        self.waker.wake_idle();
        if self.widen(&mut filling, Step::Shared) {
            return Ok(filling);
        }
        if self.budget.should_call_back() {
            filling = self.call_back_allowances(buffer, filling)?;
            if self.widen(&mut filling, Step::Shared) {
                return Ok(filling);
            }
        }
        if self.terms.circular {
            // The sender may sleep while the queue fills up.
            self.waker.wake_untold();
            self.wake_spool();
            while self.make_oldest_go(buffer, &mut filling) {
                if self.widen(&mut filling, Step::Whole) {
                    return Ok(filling);
                }
            }
        } else {
            let deadline = Instant::now() + self.terms.block_timeout;
            while Instant::now() < deadline {
                filling = self.wait_for_room(buffer, filling, deadline)?;
                // Another thread may have been quicker.
                if self.widen(&mut filling, Step::Shared) {
                    return Ok(filling);
                }
            }
        }
        let start = filling.committed;
        filling.bytes.truncate(start);
        filling.accepted_before += 1;
        self.queue.count(|ledger| ledger.dropped_queue_full += 1);
        Err(Error::new(
            Status::Dropped,
            "event: the queue is full, a reachable collector, a larger queue_size or queue_bytes is expected",
        ))
    }

    fn widen(&self, filling: &mut Filling, step: Step) -> bool {
        match self.budget.take(filling.allowance(), filling.with_next(), step) {
            Some(taken) => {
                filling.allow(filling.allowance() + taken);
                true
            }
            None => false,
        }
    }

    /// Takes back what all threads may write and did not, before anything is dropped for it. The thread's buffer is let
    /// go meanwhile: who holds the registry may wait for it.
    fn call_back_allowances<'a>(
        &self,
        buffer: &'a ThreadBuffer,
        filling: SpinGuard<'a, Filling>,
    ) -> Result<SpinGuard<'a, Filling>> {
        drop(filling);
        let registry = lock_until(&self.registry, Instant::now() + MOST_WAIT);
        for other in registry.iter().flat_map(|registry| &registry.buffers) {
            if let Some(mut filling) = other.filling.try_lock() {
                self.forgo_allowance(&mut filling);
            }
        }
        drop(registry);
        let mut filling = buffer.filling.lock();
        if let Err(closed) = self.refuse_when_closed() {
            let start = filling.committed;
            filling.bytes.truncate(start);
            return Err(closed);
        }
        Ok(filling)
    }

    /// Drops what is oldest; false when nothing can go because all that is held is in flight. Where there
    /// is room by now nothing has to go, though another thread may take it first.
    fn make_oldest_go(&self, buffer: &ThreadBuffer, filling: &mut Filling) -> bool {
        let need = self.budget.shortfall(missing(filling));
        if need == Charge::default() {
            return true;
        }
        let mut freed = self.queue.evict(need, &self.pool);
        if !freed.covers(need) {
            self.seal_others(buffer);
            self.seal(buffer, filling, 0);
            freed += self.queue.evict(freed.missing_for(need), &self.pool);
        }
        self.budget.release(freed);
        freed != Charge::default() || self.budget.has_room(missing(filling))
    }

    /// Seals what other threads hold and returns their unused allowances. A thread that is just
    /// exporting is passed over: it may wait for this one.
    fn seal_others(&self, own: &ThreadBuffer) {
        let Some(registry) = try_lock(&self.registry) else { return };
        for buffer in &registry.buffers {
            if std::ptr::eq::<ThreadBuffer>(&***buffer, own) {
                continue;
            }
            if let Some(mut filling) = buffer.filling.try_lock() {
                self.seal(buffer, &mut filling, 0);
                self.forgo_allowance(&mut filling);
            }
        }
    }

    /// Waits until the event could fit or `deadline` comes, without holding the thread's buffer.
    fn wait_for_room<'a>(
        &self,
        buffer: &'a ThreadBuffer,
        mut filling: SpinGuard<'a, Filling>,
        deadline: Instant,
    ) -> Result<SpinGuard<'a, Filling>> {
        self.seal(buffer, &mut filling, 0);
        self.seal_others(buffer);
        let need = missing(&filling);
        let event = std::mem::take(&mut filling.bytes);
        drop(filling);
        self.waker.wake_untold();
        self.wake_spool();
        self.wait_for(|| self.is_closed() || self.budget.has_room(need), deadline);
        let mut filling = buffer.filling.lock();
        self.refuse_when_closed()?;
        filling.bytes = event;
        Ok(filling)
    }
}

/// What the allowance lacks for the event just written.
fn missing(filling: &Filling) -> Charge {
    filling.allowance().missing_for(filling.with_next())
}
