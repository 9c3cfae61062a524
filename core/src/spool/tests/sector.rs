//! A sector that cannot be read: what is behind it goes on, what is in it is tried again, and makes room where there is
//! none.

use super::*;

/// Three segments.
const RECORDS: u32 = 30;
const LEN: usize = 300_000;

/// Where a payload in the middle of a segment is.
const MIDDLE: u64 = 2_000_000;

fn filled(spool: &mut Spool) -> Vec<u32> {
    (0..RECORDS).map(|number| append(spool, number, LEN).unwrap().segment).collect()
}

fn left_behind() -> (tempfile::TempDir, Vec<PathBuf>, Vec<u32>) {
    faults::clear();
    let dir = tempfile::tempdir().unwrap();
    let mut first = plenty(dir.path());
    let segment_of = filled(&mut first);
    drop(first);
    let segments = files(dir.path(), "seg");
    assert_eq!(segments.len(), 3);
    (dir, segments, segment_of)
}

/// Hands out and settles all there is.
fn drain(spool: &mut Spool, next: fn(&mut Spool) -> Option<Record>) -> Vec<u32> {
    let mut found = Vec::new();
    while let Some(record) = next(spool) {
        found.push(checked(&record));
        spool.settle(record.place, record.events);
    }
    found
}

/// The numbers of a segment, and those of all others.
fn parted(segment_of: &[u32], segment: u32) -> (Vec<u32>, Vec<u32>) {
    (0..RECORDS).partition(|number| segment_of[*number as usize] == segment)
}

#[test]
fn its_own_records_behind_it_go_on_and_those_in_it_follow() {
    for segment in 1..=3 {
        faults::clear();
        let dir = tempfile::tempdir().unwrap();
        let mut spool = plenty(dir.path());
        let segment_of = filled(&mut spool);
        let path = &files(dir.path(), "seg")[segment as usize - 1];
        faults::plan_bad_byte(path, if segment == 2 { MIDDLE } else { 100 });
        let mut found = drain(&mut spool, Spool::next_own);
        assert!(spool.look().waiting_own > 0 && spool.unread().is_none(), "it is waited for");
        assert!(spool.next_own().is_none());
        spool.patience_is_over();
        found.extend(drain(&mut spool, Spool::next_own));
        let told = spool.unread().unwrap().to_owned();
        assert!(told.contains(path.to_str().unwrap()) && told.contains("error 5"), "{told}");
        let (inside, others) = parted(&segment_of, segment);
        let (early, late): (Vec<u32>, Vec<u32>) = inside.iter().partition(|number| found.contains(number));
        assert_eq!(early.is_empty(), segment != 2);
        assert!(!late.is_empty() && found.is_sorted());
        assert_eq!(found, (0..RECORDS).filter(|number| !late.contains(number)).collect::<Vec<_>>());
        assert_eq!(others.len() + early.len(), found.len());
        let held = spool.look();
        assert_eq!((held.waiting_own, held.events), (0, events(late.clone())), "nothing waits for it");
        let kept = files(dir.path(), "seg");
        assert!(
            kept.contains(path) && kept.len() == if segment == 3 { 1 } else { 2 },
            "that, and the one being written"
        );
        // What is written meanwhile has a segment of its own.
        append(&mut spool, 50, LEN).unwrap();
        assert_eq!(drain(&mut spool, Spool::next_own), [50]);
        // It still fails at the next look, and then there is a pause.
        spool.adopt();
        assert!(spool.look().waiting_own > 0);
        append(&mut spool, 51, LEN).unwrap();
        assert_eq!(drain(&mut spool, Spool::next_own), [51], "no patience with it once more");
        faults::clear();
        spool.adopt();
        assert!(spool.next_own().is_none());
        spool.pauses_are_over();
        spool.adopt();
        assert_eq!(drain(&mut spool, Spool::next_own), late);
        assert!(spool.unread().is_none());
        assert_eq!(spool.take_changes(), Changes::default());
        assert_eq!(spool.look().events, 0);
        spool.close();
        assert!(instances(dir.path()).is_empty());
    }
}

#[test]
fn what_goes_to_memory_and_disk_at_once_goes_on_beside_it() {
    faults::clear();
    let dir = tempfile::tempdir().unwrap();
    let mut spool = spool(dir.path(), PLENTY, SpoolSync::Chunk);
    append(&mut spool, 0, 1000).unwrap();
    faults::plan_bad_byte(&files(dir.path(), "seg")[0], 500);
    assert!(spool.next_own().is_none());
    spool.patience_is_over();
    assert!(spool.next_own().is_none());
    for number in 1..20 {
        assert_eq!(spool.look().waiting_own, 0, "the writer is alone");
        let place = append(&mut spool, number, 1000).unwrap();
        assert!(spool.hand_out(place));
        spool.settle(place, number % 7 + 1);
    }
    faults::clear();
    spool.adopt();
    assert_eq!(drain(&mut spool, Spool::next_own), [0]);
}

#[test]
fn a_shortage_loses_neither_records_nor_their_order() {
    faults::clear();
    let dir = tempfile::tempdir().unwrap();
    let mut spool = plenty(dir.path());
    filled(&mut spool);
    faults::plan_after(Operation::Open, 0, libc::EMFILE);
    assert!(spool.next_own().is_none());
    spool.patience_is_over();
    assert!(spool.next_own().is_none());
    assert_eq!(spool.look().waiting_own, 0);
    append(&mut spool, 30, LEN).unwrap();
    faults::clear();
    spool.adopt();
    assert_eq!(drain(&mut spool, Spool::next_own), (0..=RECORDS).collect::<Vec<_>>());
    assert_eq!(spool.take_changes(), Changes::default());
}

#[test]
fn of_a_dead_instance_all_else_is_delivered_and_it_is_given_back() {
    for (segment, at) in [(1, 100), (1, MIDDLE), (2, MIDDLE), (3, 10)] {
        let (dir, segments, segment_of) = left_behind();
        let path = &segments[segment as usize - 1];
        faults::plan_bad_byte(path, at);
        let (inside, others) = parted(&segment_of, segment);
        let mut second = plenty(dir.path());
        assert_eq!(adopt_all(&mut second).events, events(others.clone()));
        assert_eq!(drain(&mut second, Spool::next_adopted), others, "segment {segment}");
        assert!(second.unread().unwrap().contains("error 5"));
        second.adopt();
        assert_eq!(second.look(), Held::default(), "it is given back");
        assert!(second.unread().is_some());
        assert_eq!(files(dir.path(), "seg"), std::slice::from_ref(path));
        // There is a pause, for this process.
        faults::clear();
        assert_eq!(adopt_all(&mut second).events, 0);
        second.pauses_are_over();
        assert_eq!(adopt_all(&mut second).events, events(inside.clone()));
        assert_eq!(drain(&mut second, Spool::next_adopted), inside);
        assert!(second.unread().is_none());
        assert!(instances(dir.path()).is_empty());
    }
}

/// It fails when it was read once and its records are asked for.
#[test]
fn a_dead_instance_that_fails_later_is_held_and_goes_on() {
    let (dir, segments, segment_of) = left_behind();
    let mut second = plenty(dir.path());
    adopt_all(&mut second);
    faults::plan_bad_byte(&segments[0], 100);
    let (inside, others) = parted(&segment_of, 1);
    assert!(second.next_adopted().is_none());
    second.patience_is_over();
    assert_eq!(drain(&mut second, Spool::next_adopted), others);
    let held = second.look();
    assert_eq!((held.waiting_adopted, held.events), (0, events(inside.clone())));
    assert!(second.unread().unwrap().contains(segments[0].to_str().unwrap()));
    // It keeps none of the places of those that can be drained.
    for number in 0..6 {
        let mut other = plenty(dir.path());
        append(&mut other, number, 10).unwrap();
        drop(other);
    }
    let mut found = Vec::new();
    for _ in 0..3 {
        adopt_all(&mut second);
        found.extend(drain(&mut second, Spool::next_adopted));
    }
    found.sort_unstable();
    assert_eq!(found, (0..6).collect::<Vec<_>>());
    faults::clear();
    second.pauses_are_over();
    second.adopt();
    assert_eq!(drain(&mut second, Spool::next_adopted), inside);
    assert!(instances(dir.path()).is_empty());
}

#[test]
fn a_segment_that_is_read_late_is_handed_out_though_reading_was_past_it() {
    let (dir, segments, segment_of) = left_behind();
    faults::plan_bad_byte(&segments[0], 100);
    let mut second = plenty(dir.path());
    adopt_all(&mut second);
    let (inside, others) = parted(&segment_of, 1);
    // The other one is on its way.
    let first = second.next_adopted().unwrap();
    assert_eq!(checked(&first), others[0]);
    faults::clear();
    adopt_all(&mut second);
    let mut expected = inside;
    expected.extend(&others[1..]);
    assert_eq!(drain(&mut second, Spool::next_adopted), expected);
    second.settle(first.place, first.events);
    assert!(instances(dir.path()).is_empty());
}

#[test]
fn it_makes_room_where_there_is_none() {
    // What is adopted, what nobody looked at, and its own.
    for is_adopted in [true, false] {
        let (dir, segments, segment_of) = left_behind();
        faults::plan_bad_byte(&segments[0], MIDDLE);
        let len = std::fs::metadata(&segments[0]).unwrap().len();
        let mut second = plenty(dir.path());
        if is_adopted {
            adopt_all(&mut second);
        }
        second.config.bytes = 9_000_000;
        append(&mut second, 100, LEN).unwrap();
        assert_eq!(files(dir.path(), "seg").len(), 3);
        assert!(!segments[0].exists() && segments[1].exists(), "the oldest goes");
        let changes = second.take_changes();
        assert_eq!((changes.lost_bytes, changes.evicted_events), (len, 0), "its events are not known");
        adopt_all(&mut second);
        assert_eq!(drain(&mut second, Spool::next_adopted), parted(&segment_of, 1).1);
    }
}

#[test]
fn its_own_makes_room_and_counts_as_dropped() {
    faults::clear();
    let dir = tempfile::tempdir().unwrap();
    let mut spool = plenty(dir.path());
    let segment_of = filled(&mut spool);
    let segments = files(dir.path(), "seg");
    faults::plan_bad_byte(&segments[0], 100);
    assert!(spool.next_own().is_none());
    spool.patience_is_over();
    let (inside, others) = parted(&segment_of, 1);
    assert_eq!(checked(&spool.next_own().unwrap()), others[0]);
    spool.config.bytes = 9_000_000;
    append(&mut spool, 30, LEN).unwrap();
    assert!(!segments[0].exists());
    let changes = spool.take_changes();
    assert_eq!((changes.evicted_events, changes.lost_bytes), (events(inside), 0));
    assert!(spool.unread().is_none());
    assert_eq!(all_own(&mut spool).last(), Some(&30));
}

#[test]
fn what_was_deferred_and_can_be_read_by_then_counts_as_dropped() {
    let (dir, segments, segment_of) = left_behind();
    faults::plan_bad_byte(&segments[0], MIDDLE);
    let mut second = plenty(dir.path());
    adopt_all(&mut second);
    faults::clear();
    second.take_changes();
    second.config.bytes = 9_000_000;
    append(&mut second, 100, LEN).unwrap();
    let lost = events(parted(&segment_of, 1).0);
    let expected = Changes { adopted_events: lost, evicted_events: lost, ..Changes::default() };
    assert_eq!(second.take_changes(), expected);
}

#[test]
fn a_full_spool_of_which_nothing_can_be_read_takes_what_is_new() {
    let (dir, segments, _) = left_behind();
    let bytes: u64 = segments.iter().map(|path| std::fs::metadata(path).unwrap().len()).sum();
    faults::plan_after(Operation::Read, 0, libc::EIO);
    let mut second = spool(dir.path(), 1 << 20, SpoolSync::None);
    append(&mut second, 0, 1000).unwrap();
    assert_eq!(second.take_changes(), Changes { lost_bytes: bytes, ..Changes::default() });
    faults::clear();
    assert_eq!(files(dir.path(), "seg").len(), 1);
    assert_eq!(all_own(&mut second), [0]);
}
