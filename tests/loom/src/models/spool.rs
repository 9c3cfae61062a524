//! The sender and the thread that keeps the spool take from one queue: what comes out is in order, and nothing stays.

use real::collections::VecDeque;
use real::mem::take;

use crate::run::every_order;
use crate::spooling::turns::{Spill, Turn, Turns};
use crate::sync::{Arc, Mutex};
use crate::sys::sync::lock;
use crate::thread::spawn;

/// Chunks are numbers, the oldest is 1.
const CHUNKS: u32 = 3;

/// One of a process that is gone.
const ADOPTED: u32 = 100;

/// What both hold locks for, in this order.
struct Depot {
    turns: Mutex<Turns<u32>>,
    queue: Mutex<VecDeque<u32>>,
    /// In flight.
    on_hand: Mutex<Vec<u32>>,
}

impl Depot {
    fn new(is_write_ahead: bool) -> Arc<Depot> {
        Arc::new(Depot {
            turns: Mutex::new(Turns::new(is_write_ahead)),
            queue: Mutex::new((1..=CHUNKS).collect()),
            on_hand: Mutex::new(Vec::new()),
        })
    }

    fn queued(&self) -> Option<u32> {
        lock(&self.queue).pop_front()
    }
}

/// As `delivery/spooling/depot.rs` has it.
fn take_next(depot: &Depot, sent: &mut Vec<u32>) -> bool {
    let turn = lock(&depot.turns).take(false, || depot.queued());
    match turn {
        Turn::None => return false,
        Turn::Ready(chunk) => sent.push(chunk),
        Turn::Returned(chunk) | Turn::Fresh(chunk) => {
            lock(&depot.on_hand).push(chunk);
            lock(&depot.turns).end_packing();
            sent.push(chunk);
        }
    }
    true
}

/// The thread that keeps the spool, as `delivery/spooling/spill.rs` and `settle.rs` have it.
#[derive(Default)]
struct Keeper {
    /// What waits on disk.
    disk: VecDeque<u32>,
    /// All that was ever written.
    written: Vec<u32>,
}

impl Keeper {
    fn spill(&mut self, depot: &Depot, is_write_ahead: bool, is_refused: bool) {
        let spill = lock(&depot.turns).begin_spill(|| depot.queued());
        let (Spill::Again(chunk) | Spill::Fresh(chunk)) = spill else { return };
        self.written.extend(take(&mut *lock(&depot.on_hand)));
        if is_refused {
            lock(&depot.turns).turn(false);
            return lock(&depot.turns).return_spill(chunk);
        }
        self.written.push(chunk);
        let mut turns = lock(&depot.turns);
        turns.turn(true);
        if is_write_ahead && self.disk.is_empty() && turns.has_room(false) {
            return turns.end_spill(Some(chunk));
        }
        drop(turns);
        self.disk.push_back(chunk);
        lock(&depot.turns).end_spill(None);
    }

    fn read_ahead(&mut self, depot: &Depot) {
        while lock(&depot.turns).wants(false) {
            let chunk = self.disk.pop_front();
            lock(&depot.turns).add(false, chunk, !self.disk.is_empty());
        }
    }
}

/// Runs the two side by side, then in turns until nothing is left.
fn deliver(is_write_ahead: bool, is_refused: bool) {
    let depot = Depot::new(is_write_ahead);
    lock(&depot.turns).add(true, Some(ADOPTED), false);
    let keeper = Arc::new(Mutex::new(Keeper::default()));
    let thread = {
        let (depot, keeper) = (Arc::clone(&depot), Arc::clone(&keeper));
        spawn(move || {
            let mut keeper = lock(&keeper);
            keeper.spill(&depot, is_write_ahead, is_refused);
            keeper.read_ahead(&depot);
            keeper.spill(&depot, is_write_ahead, is_refused && !is_write_ahead);
        })
    };
    let mut sent = Vec::new();
    take_next(&depot, &mut sent);
    take_next(&depot, &mut sent);
    thread.join();
    let mut keeper = lock(&keeper);
    loop {
        if is_write_ahead {
            keeper.spill(&depot, true, false);
        }
        keeper.read_ahead(&depot);
        if !take_next(&depot, &mut sent) {
            break;
        }
    }
    assert!(sent.contains(&ADOPTED), "it waits for ever: {sent:?}");
    sent.retain(|chunk| *chunk != ADOPTED);
    assert_eq!(sent, (1..=CHUNKS).collect::<Vec<_>>());
    // A later process finds them in their order too.
    assert!(keeper.written.is_sorted(), "{:?}", keeper.written);
    assert!(!lock(&depot.turns).has_unsent() && keeper.disk.is_empty());
}

/// What goes to the disk and comes back is not overtaken, nor is it overtaken by what is in flight.
pub fn no_chunk_overtakes_one_that_goes_over_the_disk() {
    every_order(8, || deliver(false, false));
}

/// The same where the disk takes nothing.
pub fn no_chunk_overtakes_one_that_the_disk_refused() {
    every_order(8, || deliver(false, true));
}

/// The same where every chunk goes to the disk before it is sent, at first in vain or not.
pub fn chunks_that_are_written_first_are_sent_in_their_order() {
    every_order(8, || deliver(true, false));
    every_order(8, || deliver(true, true));
}
