//! A queue that is full: who goes, who waits, and that what was settled makes room.

use super::*;

#[test]
fn everything_that_was_settled_is_free_again() {
    let intake = intake(50, 100_000, true);
    for _ in 0..20 {
        for _ in 0..40 {
            add(&intake, 20).unwrap();
        }
        intake.seal_all();
        deliver(&intake);
    }
    let (ledger, accepted, held) = intake.look();
    assert_eq!((ledger.delivered, accepted, held), (800, 800, Charge::default()));
    assert_eq!(ledger.dropped_queue_full, 0);
    let past = Instant::now();
    add(&intake, 20).unwrap();
    intake.collect(past, past, Duration::ZERO);
    deliver(&intake);
    assert_eq!(intake.budget.used(), Charge::default());
}

#[test]
fn the_oldest_go_even_when_another_thread_holds_them() {
    let intake = intake(10, 100_000, true);
    let other = Arc::clone(&intake);
    let (ready, is_ready) = std::sync::mpsc::channel();
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        (0..10).for_each(|_| assert!(add(&other, 3).is_ok()));
        ready.send(()).unwrap();
        is_done.recv().unwrap();
    });
    is_ready.recv().unwrap();
    for number in 1..=10 {
        assert_eq!(add(&intake, 3), Ok(Appended::Accepted));
        assert_eq!(intake.look().0.dropped_queue_full, number);
        assert_eq!(held(&intake).events, 10);
    }
    done.send(()).unwrap();
    thread.join().unwrap();
    assert_eq!(intake.look().1, 20);
}

#[test]
fn what_is_in_flight_never_goes() {
    let intake = intake(8, 100_000, true);
    let mut claims = Vec::new();
    for _ in 0..8 {
        add(&intake, 3).unwrap();
        intake.seal_all();
        claims.push(intake.take().unwrap().claim);
    }
    let error = add(&intake, 3).unwrap_err();
    assert_eq!(error.status(), Status::Dropped);
    let (ledger, accepted, held) = intake.look();
    assert_eq!((ledger.dropped_queue_full, accepted, held.events), (1, 9, 8));
    intake.settle(claims[0], |ledger, events| ledger.delivered += events);
    add(&intake, 3).unwrap();
}

/// Whether a full queue had room in time, which comes after five milliseconds.
fn waits_for_room() -> bool {
    let intake = intake(2, 100_000, false);
    add(&intake, 3).unwrap();
    add(&intake, 3).unwrap();
    assert_eq!(add(&intake, 3).unwrap_err().status(), Status::Dropped);
    let other = Arc::clone(&intake);
    let deliverer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(5));
        let taken = other.take().unwrap();
        other.settle(taken.claim, |ledger, events| ledger.delivered += events);
    });
    let is_in_time = add(&intake, 3).is_ok();
    deliverer.join().unwrap();
    let (ledger, accepted, held) = intake.look();
    assert_eq!(accepted, ledger.delivered + ledger.dropped_queue_full + held.events as u64);
    assert_eq!(ledger.dropped_queue_full, 1 + u64::from(!is_in_time));
    is_in_time
}

#[test]
fn a_queue_that_keeps_the_oldest_waits_for_room_and_then_refuses() {
    // Whoever makes room may have its turn too late where other tests want the machine as well.
    assert!((0..50).any(|_| waits_for_room()));
}

#[test]
fn an_idle_thread_keeps_nothing_of_the_budget() {
    for circular in [true, false] {
        let intake = intake(10_000, 10_000_000, circular);
        for _ in 0..9_000 {
            add(&intake, 3).unwrap();
            if intake.has_segments() {
                deliver(&intake);
            }
        }
        intake.seal_all();
        deliver(&intake);
        let other = Arc::clone(&intake);
        let filled = std::thread::spawn(move || (0..10_000).filter(|_| add(&other, 3).is_ok()).count());
        assert_eq!(filled.join().unwrap(), 10_000);
        assert_eq!(intake.look().0.dropped_queue_full, 0);
    }
}

#[test]
fn many_threads_that_wait_for_room_all_get_it() {
    let queue = Charge { events: 4, bytes: 100_000 };
    let limits = Limits {
        queue,
        chunk_bytes: 1 << 20,
        event_bytes: 1 << 18,
        circular: false,
        block_timeout: 60 * SECOND,
    };
    let intake = Arc::new(Intake::new(limits));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let intake = Arc::clone(&intake);
            std::thread::spawn(move || (0..200).all(|_| add(&intake, 3).is_ok()))
        })
        .collect();
    while deliver(&intake) < 1600 {
        let past = Instant::now();
        intake.collect(past, past, Duration::ZERO);
        std::thread::yield_now();
        assert_eq!(intake.look().0.dropped_queue_full, 0);
    }
    assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
}
