//! What goes where room is short.

use super::*;

/// The least that the option takes.
const LITTLE: u64 = 4 << 20;

fn used(dir: &Path) -> u64 {
    let all = ["seg", "ack"].iter().flat_map(|ending| files(dir, ending));
    all.map(|file| file.metadata().unwrap().len()).sum()
}

#[test]
fn its_own_oldest_segments_go_first_and_every_event_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = spool(dir.path(), LITTLE, SpoolSync::None);
    let mut evicted = 0;
    for number in 0..500 {
        append(&mut spool, number, 50_000).unwrap();
        evicted += spool.take_changes().evicted_events;
        assert!(used(dir.path()) <= LITTLE);
    }
    let held = spool.look();
    assert_eq!(held.file_bytes, used(dir.path()));
    assert!(held.file_bytes > LITTLE * 3 / 4, "no more is given up than has to be");
    let left = all_own(&mut spool);
    assert_eq!(left, (500 - left.len() as u32..500).collect::<Vec<_>>());
    assert_eq!(evicted + events(left), events(0..500));
}

#[test]
fn records_that_are_handed_out_outlive_their_segment() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = spool(dir.path(), LITTLE, SpoolSync::None);
    for number in 0..3 {
        append(&mut spool, number, 50_000).unwrap();
    }
    let (first, second) = (spool.next_own().unwrap(), spool.next_own().unwrap());
    let mut evicted = 0;
    for number in 3..200 {
        append(&mut spool, number, 50_000).unwrap();
        evicted += spool.take_changes().evicted_events;
    }
    assert_eq!(spool.look().events + evicted, events(0..200));
    spool.settle(first.place, first.events);
    assert_eq!(spool.look().events + evicted, events(1..200));
    assert!(spool.is_gone(second.place), "it is the caller's to count");
    spool.settle(second.place, second.events);
    assert_eq!(spool.look().events + evicted, events(2..200));
    let left = all_own(&mut spool);
    assert_eq!(evicted + events(left), events(2..200));
}

#[test]
fn a_record_as_large_as_the_limit_takes_the_place_of_all_others() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = spool(dir.path(), LITTLE, SpoolSync::None);
    for number in 0..10 {
        append(&mut spool, number, 2 << 20).unwrap();
        assert!(used(dir.path()) <= LITTLE);
    }
    assert_eq!(all_own(&mut spool), [9]);
    assert_eq!(spool.take_changes().evicted_events, events(0..9));
}

#[test]
fn then_those_of_dead_instances_go_and_never_those_of_live_ones() {
    let dir = tempfile::tempdir().unwrap();
    let mut dead = spool(dir.path(), LITTLE, SpoolSync::None);
    let mut alive = spool(dir.path(), LITTLE, SpoolSync::None);
    for number in 0..40 {
        append(&mut dead, number, 50_000).unwrap();
        append(&mut alive, 100 + number, 50_000).unwrap();
    }
    drop(dead);
    // One that does not look for the dead, and one that adopts them.
    for is_adopting in [false, true] {
        let mut fresh = spool(dir.path(), LITTLE, SpoolSync::None);
        if is_adopting {
            assert!(adopt_all(&mut fresh).events > 0);
        }
        append(&mut fresh, 200, if is_adopting { 1_200_000 } else { 500_000 }).unwrap();
        assert!(used(dir.path()) <= LITTLE);
        let changes = fresh.take_changes();
        assert!(changes.evicted_events > 0);
        assert_eq!(changes.adopted_events + events([200]), changes.evicted_events + fresh.look().events);
        let record = fresh.next_own().unwrap();
        assert_eq!(checked(&record), 200);
        let left = all_adopted(&mut fresh);
        assert_eq!(!left.is_empty(), is_adopting);
        assert!(left.is_empty() || *left.last().unwrap() == 39, "the oldest go");
        fresh.settle(record.place, record.events);
        fresh.close();
    }
    assert_eq!(all_own(&mut alive), (100..140).collect::<Vec<_>>());
}

#[test]
fn where_live_ones_fill_it_nothing_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let mut alive = spool(dir.path(), LITTLE, SpoolSync::None);
    for number in 0..80 {
        append(&mut alive, number, 50_000).unwrap();
    }
    let mut fresh = spool(dir.path(), LITTLE, SpoolSync::None);
    assert_eq!(append(&mut fresh, 1, 500_000), Err(Refused::Full));
    assert!(fresh.off_until().is_none(), "it is asked again at once");
    // Its own go where it has some.
    append(&mut fresh, 2, 50_000).unwrap();
    append(&mut fresh, 3, 150_000).unwrap();
    assert_eq!(all_own(&mut fresh), [3]);
    assert_eq!(all_own(&mut alive), (0..80).collect::<Vec<_>>());
}

#[test]
fn what_nobody_can_read_goes_before_anything_else() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = spool(dir.path(), LITTLE, SpoolSync::None);
    for number in 0..4 {
        append(&mut spool, number, 50_000).unwrap();
    }
    let bad = dir.path().join("v1/bad");
    std::fs::create_dir(&bad).unwrap();
    std::fs::write(bad.join("one"), vec![0; 300_000]).unwrap();
    std::fs::write(bad.join("two"), vec![0; 200_000]).unwrap();
    for number in 4..75 {
        append(&mut spool, number, 50_000).unwrap();
    }
    // As if the last count were long ago.
    spool.usage = Default::default();
    append(&mut spool, 75, 300_000).unwrap();
    assert!(!bad.exists() || std::fs::read_dir(&bad).unwrap().count() < 2);
    assert_eq!(spool.take_changes().evicted_events, 0);
}

#[test]
fn what_is_settled_goes_before_what_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let mut dead = spool(dir.path(), LITTLE, SpoolSync::None);
    for number in 0..75 {
        append(&mut dead, number, 50_000).unwrap();
    }
    drop(dead);
    let mut fresh = spool(dir.path(), LITTLE, SpoolSync::None);
    adopt_all(&mut fresh);
    append(&mut fresh, 100, 200_000).unwrap();
    let record = fresh.next_own().unwrap();
    fresh.settle(record.place, record.events);
    append(&mut fresh, 101, 230_000).unwrap();
    assert_eq!(fresh.take_changes().evicted_events, 0);
}

#[test]
fn what_is_taken_over_just_after_a_count_is_counted_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut dead = spool(dir.path(), LITTLE, SpoolSync::None);
    for number in 0..50 {
        append(&mut dead, number, 50_000).unwrap();
    }
    let mut fresh = spool(dir.path(), LITTLE, SpoolSync::None);
    append(&mut fresh, 100, 1000).unwrap();
    drop(dead);
    adopt_all(&mut fresh);
    for number in 101..121 {
        append(&mut fresh, number, 50_000).unwrap();
    }
    assert_eq!(fresh.take_changes().evicted_events, 0, "there is room for all");
    assert_eq!(all_own(&mut fresh), (100..121).collect::<Vec<_>>());
    assert_eq!(all_adopted(&mut fresh), (0..50).collect::<Vec<_>>());
}

#[test]
fn what_another_drained_just_after_a_count_makes_room() {
    let dir = tempfile::tempdir().unwrap();
    let mut other = spool(dir.path(), LITTLE, SpoolSync::None);
    for number in 0..50 {
        append(&mut other, number, 50_000).unwrap();
    }
    let mut fresh = spool(dir.path(), LITTLE, SpoolSync::None);
    append(&mut fresh, 100, 1000).unwrap();
    while let Some(record) = other.next_own() {
        other.settle(record.place, record.events);
    }
    other.close();
    for number in 101..150 {
        append(&mut fresh, number, 50_000).unwrap();
    }
    assert_eq!(fresh.take_changes().evicted_events, 0);
    assert_eq!(all_own(&mut fresh), (100..150).collect::<Vec<_>>());
}
