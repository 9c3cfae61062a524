//! Whose turn it is: what the sender gets next, and when it may take from the queue.
//!
//! Knows nothing but the order, and needs nothing but the standard library: a model runs it in every order of steps.

use std::collections::VecDeque;

/// Records that are read before the sender asks for them, of its own and of adopted ones each: one is on its way while the
/// next is read, and more would only be memory.
const READ_AHEAD: usize = 2;

/// The chunks that change hands, and who may take from the queue.
#[derive(Debug)]
pub(crate) struct Turns<C> {
    /// Every chunk goes to the disk before it is sent.
    is_write_ahead: bool,
    /// Of this process, older than all that waits in the queue.
    own: VecDeque<C>,
    /// More of those are on disk.
    more_own: bool,
    /// Something that was taken out of the queue is on its way to the disk.
    is_spilling: bool,
    /// The same on its way to the sender, which is not listed yet.
    is_packing: bool,
    /// Taken out of the queue and not written: older than all that waits there.
    returned: VecDeque<C>,
    /// Of processes that are gone.
    adopted: VecDeque<C>,
    /// More of those are on disk.
    more_adopted: bool,
    /// The next chunk is an adopted one, if there is one.
    is_adopted_next: bool,
    /// The disk takes what it is given.
    is_on: bool,
}

/// What the sender gets.
#[derive(Debug)]
pub(crate) enum Turn<C, T> {
    /// It is on disk too, and there is room to read ahead.
    Ready(C),
    /// The disk did not take it. It is not listed until [`Turns::end_packing`].
    Returned(C),
    /// Fresh from the queue. The same.
    Fresh(T),
    None,
}

/// What is to go to the disk next.
#[derive(Debug)]
pub(crate) enum Spill<C, T> {
    /// It was on its way there before.
    Again(C),
    Fresh(T),
    None,
    /// The sender is about to take something: a moment later.
    Busy,
}

impl<C> Turns<C> {
    pub(crate) fn new(is_write_ahead: bool) -> Turns<C> {
        Turns {
            is_write_ahead,
            own: VecDeque::new(),
            more_own: false,
            is_spilling: false,
            is_packing: false,
            returned: VecDeque::new(),
            adopted: VecDeque::new(),
            more_adopted: false,
            is_adopted_next: false,
            is_on: true,
        }
    }

    /// Whether something of this process waits on disk.
    pub(crate) fn holds_own(&self) -> bool {
        !self.own.is_empty() || self.more_own
    }

    /// Whether memory holds something that is in nobody's flight.
    pub(crate) fn has_unsent(&self) -> bool {
        self.is_spilling || self.has_returned()
    }

    pub(crate) fn has_returned(&self) -> bool {
        !self.returned.is_empty()
    }

    /// Whether the sender may take from the queue.
    pub(crate) fn is_queue_next(&self) -> bool {
        !(self.holds_own() || self.is_spilling || self.is_write_ahead && self.is_on)
    }

    /// Whether there is something for the sender that is not in the queue.
    pub(crate) fn has_ready(&self, is_draining: bool) -> bool {
        let own = !self.own.is_empty() || !self.holds_own() && !self.is_spilling && self.has_returned();
        own || !is_draining && !self.adopted.is_empty()
    }

    /// The next chunk for the sender: those of this process in their order, adopted ones in turn with them. One that is
    /// about to end leaves those alone.
    pub(crate) fn take<T>(&mut self, is_draining: bool, queue: impl FnOnce() -> Option<T>) -> Turn<C, T> {
        if self.is_adopted_next
            && let Some(chunk) = self.take_adopted(is_draining)
        {
            return Turn::Ready(chunk);
        }
        if let Some(chunk) = self.own.pop_front() {
            self.is_adopted_next = true;
            return Turn::Ready(chunk);
        }
        if let Some(turn) = self.take_from_memory(queue) {
            (self.is_adopted_next, self.is_packing) = (true, true);
            return turn;
        }
        self.take_adopted(is_draining).map_or(Turn::None, Turn::Ready)
    }

    fn take_adopted(&mut self, is_draining: bool) -> Option<C> {
        if is_draining {
            return None;
        }
        let chunk = self.adopted.pop_front()?;
        self.is_adopted_next = false;
        Some(chunk)
    }

    fn take_from_memory<T>(&mut self, queue: impl FnOnce() -> Option<T>) -> Option<Turn<C, T>> {
        if self.holds_own() || self.is_spilling {
            return None;
        }
        if let Some(chunk) = self.returned.pop_front() {
            return Some(Turn::Returned(chunk));
        }
        if self.is_queue_next() { queue().map(Turn::Fresh) } else { None }
    }

    /// What the sender took is listed, or nothing came of it.
    pub(crate) fn end_packing(&mut self) {
        self.is_packing = false;
    }

    /// Takes what is to go to the disk next. Until [`Turns::end_spill`] the sender takes nothing from the queue.
    pub(crate) fn begin_spill<T>(&mut self, queue: impl FnOnce() -> Option<T>) -> Spill<C, T> {
        if self.is_packing {
            return Spill::Busy;
        }
        let spill = match self.returned.pop_front() {
            Some(chunk) => Spill::Again(chunk),
            None => queue().map_or(Spill::None, Spill::Fresh),
        };
        self.is_spilling = !matches!(spill, Spill::None);
        spill
    }

    /// It is on disk, and maybe in memory too, to be sent at once.
    pub(crate) fn end_spill(&mut self, to_send: Option<C>) {
        match to_send {
            Some(chunk) => self.own.push_back(chunk),
            None => self.more_own = true,
        }
        self.is_spilling = false;
    }

    /// The disk did not take it.
    pub(crate) fn return_spill(&mut self, chunk: C) {
        self.returned.push_front(chunk);
        self.is_spilling = false;
    }

    /// Nothing came of it.
    pub(crate) fn forget_spill(&mut self) {
        self.is_spilling = false;
    }

    /// Whether a record may be read ahead.
    pub(crate) fn has_room(&self, is_adopted: bool) -> bool {
        let there = if is_adopted { &self.adopted } else { &self.own };
        there.len() < READ_AHEAD
    }

    /// Whether records wait on disk that could be read now.
    pub(crate) fn wants(&self, is_adopted: bool) -> bool {
        let is_more = if is_adopted { self.more_adopted } else { self.more_own };
        is_more && self.has_room(is_adopted)
    }

    /// A record that was read, if there was one, and whether there are more.
    pub(crate) fn add(&mut self, is_adopted: bool, chunk: Option<C>, is_more: bool) {
        if is_adopted {
            self.adopted.extend(chunk);
            self.more_adopted = is_more;
        } else {
            self.own.extend(chunk);
            self.more_own = is_more;
        }
    }

    /// There may be records on disk, of this process or of others.
    pub(crate) fn look_again(&mut self, has_own: bool, has_adopted: bool) {
        self.more_own |= has_own;
        self.more_adopted |= has_adopted;
    }

    /// Whether the disk takes what it is given.
    pub(crate) fn turn(&mut self, is_on: bool) {
        self.is_on = is_on;
    }
}
