//! What the sender and the thread that keeps the spool hand to each other.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::delivery::pack;
use crate::queue::{Intake, Taken};
use crate::spool::Held;
use crate::sys::sync::lock;
use crate::transport::{Chunk, OnHand};

/// Records that are read before the sender asks for them, of its own and of adopted ones each: one is on its way while the
/// next is read, and more would only be memory.
const READ_AHEAD: usize = 2;

/// How long what is left in memory may take to the disk when the time for delivery is over: tens of megabytes on any disk.
pub(crate) const SPOOL_TIME: Duration = Duration::from_millis(250);

/// The chunks that change hands, and who may take from the queue.
#[derive(Default)]
struct State {
    /// Of this process, older than all that waits in the queue.
    own: VecDeque<Chunk>,
    /// More of those are on disk.
    more_own: bool,
    /// Something that was taken out of the queue is on its way to the disk.
    is_spilling: bool,
    /// The same on its way to the sender, which is not listed yet.
    is_packing: bool,
    /// Taken out of the queue and not written: older than all that waits there.
    returned: VecDeque<Chunk>,
    /// Of processes that are gone.
    adopted: VecDeque<Chunk>,
    /// More of those are on disk.
    more_adopted: bool,
    /// The next chunk is an adopted one, if there is one.
    is_adopted_next: bool,
    /// The disk takes what it is given.
    is_on: bool,
}

impl State {
    fn holds_own(&self) -> bool {
        !self.own.is_empty() || self.more_own
    }

    /// Whether the sender may take from the queue.
    fn is_queue_next(&self, is_write_ahead: bool) -> bool {
        !(self.holds_own() || self.is_spilling || is_write_ahead && self.is_on)
    }

    /// Whether there is something for the sender that is not in the queue.
    fn has_ready(&self, is_draining: bool) -> bool {
        let own = !self.own.is_empty() || !self.holds_own() && !self.is_spilling && !self.returned.is_empty();
        own || !is_draining && !self.adopted.is_empty()
    }
}

/// What the spool looks like to people.
#[derive(Debug, Clone, Default)]
pub(crate) struct Appearance {
    pub(crate) held: Held,
    /// Why the disk takes nothing for the time being.
    pub(crate) trouble: Option<String>,
}

/// What is in the hands of the sender and the thread that keeps the spool.
pub(crate) struct Depot {
    state: Mutex<State>,
    appearance: Mutex<Appearance>,
    pub(super) on_hand: Arc<OnHand>,
    /// Every chunk goes to the disk before it is sent.
    pub(super) is_write_ahead: bool,
    takes_gzip: AtomicBool,
    /// How often the sender took from the queue.
    takes: AtomicU64,
    /// All that is in memory is to go to the disk.
    is_rest_asked_for: AtomicBool,
    /// And nothing is read back any more: the client, or the process, ends.
    is_last: AtomicBool,
    is_end_asked_for: AtomicBool,
    is_over: AtomicBool,
}

impl Depot {
    pub(crate) fn new(is_write_ahead: bool) -> Depot {
        Depot {
            state: Mutex::new(State { is_on: true, ..State::default() }),
            appearance: Mutex::default(),
            on_hand: Arc::default(),
            is_write_ahead,
            takes_gzip: AtomicBool::new(false),
            takes: AtomicU64::new(0),
            is_rest_asked_for: AtomicBool::new(false),
            is_last: AtomicBool::new(false),
            is_end_asked_for: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        }
    }

    /// Whether [`Depot::take`] would give something. One that is about to end leaves adopted chunks alone.
    pub(crate) fn has_next(&self, intake: &Intake, is_draining: bool) -> bool {
        let state = lock(&self.state);
        state.has_ready(is_draining) || state.is_queue_next(self.is_write_ahead) && intake.has_segments()
    }

    /// Whether a whole chunk is there for the sender.
    pub(crate) fn has_chunk(&self, intake: &Intake, is_draining: bool) -> bool {
        let state = lock(&self.state);
        state.has_ready(is_draining) || state.is_queue_next(self.is_write_ahead) && intake.has_chunk()
    }

    /// The next chunk for the sender: those of this process in their order, adopted ones in turn with them.
    pub(crate) fn take(&self, intake: &Intake, takes_gzip: bool, is_draining: bool) -> Option<Chunk> {
        self.takes_gzip.store(takes_gzip, Ordering::Relaxed);
        let mut state = lock(&self.state);
        let adopted = |state: &mut State| match is_draining {
            false => state.adopted.pop_front().inspect(|_| state.is_adopted_next = false),
            true => None,
        };
        let first = if state.is_adopted_next { adopted(&mut state) } else { None };
        if let Some(chunk) = first.or_else(|| state.own.pop_front().inspect(|_| state.is_adopted_next = true))
        {
            drop(state);
            // There is room to read ahead.
            intake.wake_spool();
            return Some(chunk);
        }
        if !state.is_queue_next(self.is_write_ahead) && (state.holds_own() || state.is_spilling) {
            return adopted(&mut state);
        }
        let returned = state.returned.pop_front();
        let taken = match returned {
            None if state.is_queue_next(self.is_write_ahead) => intake.take(),
            _ => None,
        };
        if returned.is_none() && taken.is_none() {
            return adopted(&mut state);
        }
        state.is_adopted_next = true;
        state.is_packing = true;
        drop(state);
        self.takes.fetch_add(1, Ordering::Relaxed);
        let chunk = returned.or_else(|| taken.map(|taken| pack::pack(taken, intake, takes_gzip)));
        let chunk = chunk.map(|mut chunk| {
            chunk.hold(&self.on_hand);
            chunk
        });
        lock(&self.state).is_packing = false;
        chunk
    }

    /// Tells the thread that keeps the spool of what waits for it.
    pub(crate) fn nudge(&self, intake: &Intake) {
        if (self.is_write_ahead || intake.is_half_full()) && intake.has_segments() {
            intake.wake_spool();
        }
    }

    /// After a panic of the sender, which may have been about to take something.
    pub(crate) fn forget_take(&self) {
        lock(&self.state).is_packing = false;
    }

    /// Whether memory holds something that is in nobody's flight.
    pub(crate) fn has_unsent(&self) -> bool {
        let state = lock(&self.state);
        state.is_spilling || !state.returned.is_empty()
    }

    /// Whether something of this process waits on disk.
    pub(crate) fn holds_own(&self) -> bool {
        lock(&self.state).holds_own()
    }

    /// Whether chunks are to be compressed, as far as the sender knows.
    pub(super) fn takes_gzip(&self) -> bool {
        self.takes_gzip.load(Ordering::Relaxed)
    }

    /// What the sender learned of that.
    pub(crate) fn note_gzip(&self, takes_gzip: bool) {
        self.takes_gzip.store(takes_gzip, Ordering::Relaxed);
    }

    /// What the thread that keeps the spool saw last.
    pub(crate) fn appearance(&self) -> Appearance {
        lock(&self.appearance).clone()
    }

    /// How often the sender took from the queue.
    pub(super) fn takes(&self) -> u64 {
        self.takes.load(Ordering::Relaxed)
    }
}

/// What is to go to the disk next.
pub(super) enum Spill {
    /// It was on its way there before.
    Again(Chunk),
    Fresh(Taken),
    /// Nothing.
    None,
    /// The sender is about to take something: a moment later.
    Busy,
}

// What the thread that keeps the spool does here.
impl Depot {
    /// Takes what is to go to the disk next. Until [`Depot::end_spill`] the sender takes nothing from the queue.
    pub(super) fn begin_spill(&self, intake: &Intake) -> Spill {
        let mut state = lock(&self.state);
        if state.is_packing {
            return Spill::Busy;
        }
        let spill = match state.returned.pop_front() {
            Some(chunk) => Spill::Again(chunk),
            None => intake.take().map_or(Spill::None, Spill::Fresh),
        };
        state.is_spilling = !matches!(spill, Spill::None);
        spill
    }

    /// It is on disk, and maybe in memory too, to be sent at once.
    pub(super) fn end_spill(&self, to_send: Option<Chunk>) {
        let mut state = lock(&self.state);
        match to_send {
            Some(chunk) => state.own.push_back(chunk),
            None => state.more_own = true,
        }
        state.is_spilling = false;
    }

    /// The disk did not take it.
    pub(super) fn return_spill(&self, chunk: Chunk) {
        let mut state = lock(&self.state);
        state.returned.push_front(chunk);
        state.is_spilling = false;
    }

    /// Nothing came of it.
    pub(super) fn forget_spill(&self) {
        lock(&self.state).is_spilling = false;
    }

    /// Whether a record may be read ahead.
    pub(super) fn has_room(&self, is_adopted: bool) -> bool {
        let state = lock(&self.state);
        let there = if is_adopted { &state.adopted } else { &state.own };
        there.len() < READ_AHEAD
    }

    /// A record that was read, if there was one, and whether there are more.
    pub(super) fn add(&self, is_adopted: bool, chunk: Option<Chunk>, is_more: bool) {
        let mut state = lock(&self.state);
        if is_adopted {
            state.adopted.extend(chunk);
            state.more_adopted = is_more;
        } else {
            state.own.extend(chunk);
            state.more_own = is_more;
        }
    }

    /// Whether records wait on disk that could be read now.
    pub(super) fn wants(&self, is_adopted: bool) -> bool {
        if self.is_last() {
            return false;
        }
        let state = lock(&self.state);
        let (there, is_more) =
            if is_adopted { (&state.adopted, state.more_adopted) } else { (&state.own, state.more_own) };
        is_more && there.len() < READ_AHEAD
    }

    /// There may be records on disk, of this process or of others.
    pub(super) fn look_again(&self, has_own: bool, has_adopted: bool) {
        let mut state = lock(&self.state);
        state.more_own |= has_own;
        state.more_adopted |= has_adopted;
    }

    pub(super) fn has_returned(&self) -> bool {
        !lock(&self.state).returned.is_empty()
    }

    /// Shows people what the spool holds, and what keeps it from taking more.
    pub(super) fn show(&self, held: Held, trouble: Option<&str>) {
        let mut appearance = lock(&self.appearance);
        appearance.held = held;
        if appearance.trouble.as_deref() != trouble {
            appearance.trouble = trouble.map(str::to_owned);
        }
    }

    /// Whether the disk takes what it is given.
    pub(crate) fn turn(&self, is_on: bool) {
        lock(&self.state).is_on = is_on;
    }

    /// Whether all that is in memory is to go to the disk; asked once.
    pub(super) fn take_rest(&self) -> bool {
        self.is_rest_asked_for.swap(false, Ordering::SeqCst)
    }

    pub(super) fn is_asked(&self) -> bool {
        self.is_rest_asked_for.load(Ordering::SeqCst) || self.must_end()
    }

    /// Whether nothing is read back any more.
    pub(super) fn is_last(&self) -> bool {
        self.is_last.load(Ordering::SeqCst)
    }

    /// Reads nothing back any more.
    pub(super) fn be_last(&self) {
        self.is_last.store(true, Ordering::SeqCst);
    }

    pub(super) fn must_end(&self) -> bool {
        self.is_end_asked_for.load(Ordering::SeqCst)
    }

    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }
}

// What those do here who wait.
impl Depot {
    /// Asks for all that is in memory now to go to the disk.
    pub(crate) fn ask_for_rest(&self, intake: &Intake) {
        self.is_rest_asked_for.store(true, Ordering::SeqCst);
        intake.wake_spool();
    }

    /// The same, where the client ends: what is on disk stays there.
    pub(crate) fn ask_for_last(&self, intake: &Intake) {
        self.be_last();
        self.ask_for_rest(intake);
    }

    /// Asks the thread that keeps the spool to end.
    pub(crate) fn ask_for_end(&self, intake: &Intake) {
        self.is_end_asked_for.store(true, Ordering::SeqCst);
        intake.wake_spool();
    }

    /// Whether it has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }
}
