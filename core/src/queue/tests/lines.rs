//! What processors fetch together: no thread writes beside what every event reads.

use super::super::budget::Budget;
use super::super::intake::Terms;
use super::super::pool::Pool;
use super::super::segments::Queue;
use super::super::thread_buffer::ThreadBuffer;
use super::*;
use crossbeam_utils::CachePadded;

/// The lines that a value lies on, each as wide as what processors fetch together.
fn lines<T>(place: &T) -> std::ops::RangeInclusive<usize> {
    const LINE: usize = align_of::<CachePadded<u8>>();
    let start = std::ptr::from_ref(place).addr();
    start / LINE..=(start + size_of::<T>() - 1) / LINE
}

#[test]
fn what_every_event_reads_is_written_by_nobody_else() {
    let intake = intake(100, 10_000, true);
    let read: &Terms = &intake.terms;
    let own: &ThreadBuffer = &intake.register();
    let written = [
        ("registry", lines(&intake.registry)),
        ("queue", lines::<Queue>(&intake.queue)),
        ("budget", lines::<Budget>(&intake.budget)),
        ("pool", lines::<Pool>(&intake.pool)),
        ("full seals", lines(&intake.full_seals)),
        ("waker", lines(&intake.waker)),
        ("another thread's buffer", lines::<ThreadBuffer>(&intake.register())),
    ];
    for (name, written) in &written {
        for place in [lines(read), lines(own)] {
            assert!(written.end() < place.start() || place.end() < written.start(), "{name}");
        }
    }
    let (queue, budget, pool) = (&written[2].1, &written[3].1, &written[4].1);
    for (one, other) in [(queue, budget), (queue, pool), (budget, pool)] {
        assert!(one.end() < other.start() || other.end() < one.start(), "threads write both, not together");
    }
    assert!(align_of::<Intake>() >= align_of::<CachePadded<u8>>(), "the count of handles is just before it");
    assert_eq!(lines::<Budget>(&intake.budget).count(), 1, "both counts are written together");
}
