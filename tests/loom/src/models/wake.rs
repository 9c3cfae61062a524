//! Announce, look again, sleep: no wake-up is lost.

use crate::models::queue::{add, deliver, intake, look, seal_all};
use crate::run::every_order;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Arc, Mutex};
use crate::sys::sync::lock;
use crate::sys::wake_pair::wait_readable;
use crate::sys::waker::Waker;
use crate::thread::{JoinHandle, spawn, yield_now};

/// Whoever gives a command wakes the sender after it, so the sender sees it before its sleep or is woken. The command
/// is one bit here; the channel's own steps are sequentially consistent too.
pub fn a_command_is_seen_before_the_sleep_or_ends_it() {
    every_order(4, || {
        let shared = Arc::new((Waker::new(), AtomicBool::new(false)));
        let other = Arc::clone(&shared);
        let thread = spawn(move || {
            let (waker, command) = &*other;
            command.store(true, Ordering::SeqCst);
            waker.wake();
        });
        let (waker, command) = &*shared;
        loop {
            waker.announce_sleep();
            if !command.load(Ordering::SeqCst) {
                wait_readable(waker.descriptor().expect("a pair"));
            }
            waker.awake();
            if command.load(Ordering::SeqCst) {
                break;
            }
        }
        thread.join();
    });
}

/// Whoever finds that the sender knows what waits may leave it asleep: what came meanwhile is seen when its wait is over.
/// What waits lies behind a lock, as in the queue.
pub fn what_an_informed_sender_was_not_told_it_finds_after_its_sleep() {
    every_order(4, || {
        // The waker, what waits, and that the collector moves again.
        let shared = Arc::new((Waker::new(), Mutex::new(false), AtomicBool::new(false)));
        let [exporting, moving] = [Arc::clone(&shared), Arc::clone(&shared)];
        let threads = [
            spawn(move || {
                let (waker, waits, _) = &*exporting;
                *lock(waits) = true;
                waker.wake_untold();
            }),
            spawn(move || {
                let (waker, _, moves) = &*moving;
                moves.store(true, Ordering::SeqCst);
                waker.wake();
            }),
        ];
        let (waker, waits, moves) = &*shared;
        loop {
            waker.announce_sleep();
            let (is_waiting, may_move) = (*lock(waits), moves.load(Ordering::SeqCst));
            if !(is_waiting && may_move) {
                if !may_move {
                    waker.announce_told();
                }
                wait_readable(waker.descriptor().expect("a pair"));
            }
            waker.awake();
            if *lock(waits) && moves.load(Ordering::SeqCst) {
                break;
            }
        }
        threads.into_iter().for_each(JoinHandle::join);
    });
}

/// The same for a flush that the end of the process asks for.
pub fn a_last_flush_is_seen_before_the_sleep_or_ends_it() {
    every_order(4, || {
        let intake = intake(64, true);
        let other = Arc::clone(&intake);
        let thread = spawn(move || other.ask_for_last_flush());
        intake.waker().announce_sleep();
        if !intake.is_last_flush_asked_for() {
            wait_readable(intake.waker().descriptor().expect("a pair"));
        }
        intake.waker().awake();
        assert!(intake.is_last_flush_asked_for());
        thread.join();
    });
}

/// An event of a thread that never exported before.
pub fn the_first_event_of_a_thread_ends_an_idle_sleep() {
    every_order(3, || no_event_is_missed(1, 1));
}

/// Events of a thread that goes on: the sender takes its allowance back and sleeps.
pub fn a_later_event_ends_an_idle_sleep() {
    every_order(3, || no_event_is_missed(1, 2));
}

/// Events of two threads, of which either may be the one that wakes.
pub fn events_of_two_threads_end_an_idle_sleep() {
    every_order(1, || no_event_is_missed(2, 1));
}

fn no_event_is_missed(threads: usize, each: u64) {
    // So large that a thread takes an allowance for many events at once.
    let intake = intake(1 << 14, true);
    let exporting: Vec<_> = (0..threads)
        .map(|_| {
            let intake = Arc::clone(&intake);
            spawn(move || (0..each).for_each(|_| assert!(add(&intake))))
        })
        .collect();
    let all = threads as u64 * each;
    while look(&intake).0.delivered < all {
        intake.waker().announce_sleep();
        if intake.idle() {
            wait_readable(intake.waker().descriptor().expect("a pair"));
        } else {
            // A nap: its end does not hang on anybody.
            yield_now();
        }
        intake.waker().awake();
        seal_all(&intake);
        deliver(&intake);
    }
    exporting.into_iter().for_each(JoinHandle::join);
}
