//! Disks that refuse.

use super::*;

fn dir_and_spool(sync: SpoolSync) -> (tempfile::TempDir, Spool) {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = spool(dir.path(), PLENTY, sync);
    faults::clear();
    append(&mut spool, 0, 1000).unwrap();
    (dir, spool)
}

#[test]
fn a_full_disk_turns_it_off_and_what_was_half_written_is_cut_off() {
    for written in [0, 10, 48] {
        let (dir, mut spool) = dir_and_spool(SpoolSync::None);
        faults::plan_partial(Operation::Append, 1, libc::ENOSPC, written);
        assert_eq!(append(&mut spool, 1, 1000), Err(Refused::Off));
        let wait = spool.off_until().unwrap().duration_since(std::time::Instant::now());
        assert!(wait > std::time::Duration::from_secs(1));
        assert_eq!(append(&mut spool, 1, 1000), Err(Refused::Off));
        assert_eq!(files(dir.path(), "seg")[0].metadata().unwrap().len(), 32 + 48 + 1000);
        assert_eq!(all_own(&mut spool), [0], "reading goes on");
        spool.outage.is_over_now();
        append(&mut spool, 2, 1000).unwrap();
        assert!(spool.off_until().is_none());
        assert_eq!(all_own(&mut spool), [2]);
        drop(spool);
        let mut later = plenty(dir.path());
        adopt_all(&mut later);
        assert_eq!(all_adopted(&mut later), [0, 2]);
        assert_eq!(later.take_changes().torn_bytes, 0);
    }
}

#[test]
fn where_it_cannot_be_cut_off_the_segment_is_sealed() {
    let (dir, mut spool) = dir_and_spool(SpoolSync::None);
    faults::plan_partial(Operation::Append, 1, libc::EIO, 20);
    faults::plan(Operation::Cut, 1, libc::EIO);
    assert_eq!(append(&mut spool, 1, 1000), Err(Refused::Off));
    spool.outage.is_over_now();
    append(&mut spool, 2, 1000).unwrap();
    assert_eq!(files(dir.path(), "seg").len(), 2);
    assert_eq!(all_own(&mut spool), [0, 2]);
    drop(spool);
    let mut later = plenty(dir.path());
    adopt_all(&mut later);
    assert_eq!(all_adopted(&mut later), [0, 2]);
    let changes = later.take_changes();
    assert_eq!((changes.torn_bytes, changes.lost_bytes), (20, 0));
}

#[test]
fn a_file_that_may_not_grow_has_a_successor() {
    let (dir, mut spool) = dir_and_spool(SpoolSync::None);
    faults::plan_partial(Operation::Append, 1, libc::EFBIG, 5);
    append(&mut spool, 1, 1000).unwrap();
    assert_eq!(files(dir.path(), "seg").len(), 2);
    assert_eq!(all_own(&mut spool), [0, 1]);
    faults::plan(Operation::Append, 9, libc::EFBIG);
    assert_eq!(append(&mut spool, 2, 1000), Err(Refused::Off));
    faults::clear();
}

#[test]
fn a_segment_that_cannot_be_begun_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = plenty(dir.path());
    faults::clear();
    faults::plan(Operation::Append, 1, libc::EDQUOT);
    assert_eq!(append(&mut spool, 0, 10), Err(Refused::Off));
    assert!(files(dir.path(), "seg").is_empty());
    spool.outage.is_over_now();
    faults::plan(Operation::Make, 1, libc::EROFS);
    assert_eq!(append(&mut spool, 0, 10), Err(Refused::Off));
    spool.outage.is_over_now();
    append(&mut spool, 0, 10).unwrap();
    assert_eq!(all_own(&mut spool), [0]);
}

#[test]
fn a_failed_sync_is_told_once_and_never_tried_again_there() {
    let (dir, mut spool) = dir_and_spool(SpoolSync::Interval);
    spool.sync().unwrap();
    assert!(!spool.is_dirty());
    let places = [1, 2].map(|number| append(&mut spool, number, 1000).unwrap());
    assert!(spool.is_dirty());
    faults::plan(Operation::Sync, 1, libc::EIO);
    let unsynced = spool.sync().unwrap_err();
    assert!(places.iter().all(|place| unsynced.covers(*place)));
    assert!(!spool.is_dirty());
    spool.sync().unwrap();
    let next = append(&mut spool, 3, 1000).unwrap();
    assert!(!unsynced.covers(next));
    assert_eq!(files(dir.path(), "seg").len(), 2, "the next record begins another segment");
    spool.sync().unwrap();
    assert_eq!(all_own(&mut spool), [0, 1, 2, 3], "they are read as before");
}

#[test]
fn what_is_appended_while_a_sync_fails_is_among_what_it_tells() {
    let (_dir, mut spool) = dir_and_spool(SpoolSync::Interval);
    let mut syncing = spool.begin_sync().unwrap();
    let place = append(&mut spool, 1, 10).unwrap();
    faults::plan(Operation::Sync, 1, libc::EIO);
    syncing.run();
    assert!(spool.end_sync(syncing).unwrap_err().covers(place));
    let (_dir, mut spool) = dir_and_spool(SpoolSync::Interval);
    let mut syncing = spool.begin_sync().unwrap();
    append(&mut spool, 1, 10).unwrap();
    syncing.run();
    spool.end_sync(syncing).unwrap();
    assert!(spool.is_dirty(), "what came meanwhile is for the next one");
}

#[test]
fn with_chunk_a_record_that_was_not_synced_was_not_written() {
    let (dir, mut spool) = dir_and_spool(SpoolSync::Chunk);
    assert!(!spool.is_dirty());
    faults::plan(Operation::Sync, 1, libc::EIO);
    append(&mut spool, 1, 1000).unwrap();
    let segments = files(dir.path(), "seg");
    assert_eq!(segments.len(), 2, "it lies in another segment");
    assert_eq!(segments[0].metadata().unwrap().len(), 32 + 48 + 1000);
    faults::plan(Operation::Sync, 2, libc::EIO);
    assert_eq!(append(&mut spool, 2, 1000), Err(Refused::Off));
    assert_eq!(all_own(&mut spool), [0, 1]);
    drop(spool);
    let mut later = plenty(dir.path());
    adopt_all(&mut later);
    assert_eq!(all_adopted(&mut later), [0, 1]);
}

#[test]
fn acks_that_cannot_be_written_mean_duplicates() {
    let (dir, mut spool) = dir_and_spool(SpoolSync::None);
    append(&mut spool, 1, 10).unwrap();
    let (first, second) = (spool.next_own().unwrap(), spool.next_own().unwrap());
    faults::plan(Operation::Ack, 1, libc::ENOSPC);
    spool.settle(first.place, first.events);
    spool.settle(second.place, second.events);
    assert_eq!(spool.look().events, 0);
    drop(spool);
    let mut later = plenty(dir.path());
    adopt_all(&mut later);
    assert_eq!(all_adopted(&mut later), [0]);
}

#[test]
fn a_segment_that_cannot_be_removed_is_not_given_up_for_room() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = spool(dir.path(), 4 << 20, SpoolSync::None);
    faults::clear();
    for number in 0..80 {
        append(&mut spool, number, 50_000).unwrap();
    }
    spool.take_changes();
    faults::plan(Operation::Remove, usize::MAX, libc::EROFS);
    assert_eq!(append(&mut spool, 80, 500_000), Err(Refused::Full));
    assert_eq!(spool.take_changes(), Changes::default());
    faults::clear();
    append(&mut spool, 80, 500_000).unwrap();
}

#[test]
fn a_directory_whose_sync_failed_is_told_of_once_and_synced_later() {
    let (_dir, mut spool) = dir_and_spool(SpoolSync::Interval);
    let place = append(&mut spool, 1, 10).unwrap();
    faults::plan(Operation::SyncNames, 2, libc::EIO);
    assert!(spool.sync().unwrap_err().covers(place));
    assert!(spool.is_dirty());
    spool.sync().unwrap();
    assert!(spool.is_dirty(), "it failed again");
    spool.sync().unwrap();
    assert!(!spool.is_dirty());
    assert_eq!(all_own(&mut spool), [0, 1]);
}

#[test]
fn the_trouble_of_a_refused_directory_ends_when_it_can_be_opened() {
    let dir = tempfile::tempdir().unwrap();
    let mode = |mode| std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(mode)).unwrap();
    mode(0o770);
    let mut spool = plenty(dir.path());
    spool.adopt();
    assert!(spool.trouble().is_some());
    mode(0o700);
    spool.outage.is_over_now();
    spool.adopt();
    assert_eq!(spool.trouble(), None);
    faults::plan(Operation::Make, 1, libc::ENOSPC);
    assert_eq!(append(&mut spool, 0, 10), Err(Refused::Off));
    spool.outage.is_over_now();
    spool.adopt();
    assert!(spool.trouble().is_some(), "nothing was written since");
}
