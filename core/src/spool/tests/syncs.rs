//! Syncs that fail, or that the spool has moved on from.

use super::*;

fn begun(bytes: u64) -> (tempfile::TempDir, Spool) {
    let dir = tempfile::tempdir().unwrap();
    let spool = spool(dir.path(), bytes, SpoolSync::Interval);
    faults::clear();
    (dir, spool)
}

fn segments(spool: &mut Spool) -> Vec<u32> {
    let syncing = spool.begin_sync();
    syncing.into_iter().flat_map(|syncing| syncing.files).map(|pending| pending.segment).collect()
}

#[test]
fn a_segment_that_is_sealed_while_its_sync_fails_is_not_synced_again() {
    let (_dir, mut spool) = begun(1 << 20);
    append(&mut spool, 0, 1000).unwrap();
    let mut syncing = spool.begin_sync().unwrap();
    // Segments of 64 KiB: the second record still fits.
    let same = append(&mut spool, 1, 60_000).unwrap();
    let next = append(&mut spool, 2, 60_000).unwrap();
    faults::plan(Operation::Sync, 1, libc::EIO);
    syncing.run();
    let unsynced = spool.end_sync(syncing).unwrap_err();
    assert!(unsynced.covers(same) && !unsynced.covers(next));
    assert_eq!(segments(&mut spool), [2]);
}

#[test]
fn the_sync_of_a_directory_that_is_gone_says_nothing_of_the_next_one() {
    let (dir, mut spool) = begun(PLENTY);
    append(&mut spool, 0, 1000).unwrap();
    let mut syncing = spool.begin_sync().unwrap();
    let layout = dir.path().join("v1");
    for instance in layout.read_dir().unwrap() {
        std::fs::remove_dir_all(instance.unwrap().path()).unwrap();
    }
    append(&mut spool, 1, 500).unwrap();
    faults::plan(Operation::Sync, 1, libc::EIO);
    syncing.run();
    spool.end_sync(syncing).unwrap();
    assert_eq!(segments(&mut spool), [1], "the first one of the new directory");
}

#[test]
fn a_segment_that_cannot_be_opened_is_for_the_next_sync() {
    let (_dir, mut spool) = begun(1 << 30);
    // Each fills a segment, and more of them than stay open.
    for number in 0..20 {
        append(&mut spool, number, 3 << 20).unwrap();
    }
    let mut syncing = spool.begin_sync().unwrap();
    faults::plan(Operation::Open, 2, libc::EMFILE);
    syncing.run();
    faults::clear();
    spool.end_sync(syncing).unwrap();
    assert!(spool.is_dirty());
    assert_eq!(segments(&mut spool).len(), 2);
}

#[test]
fn what_is_written_after_a_segment_was_left_lies_in_another() {
    let (dir, mut spool) = begun(PLENTY);
    append(&mut spool, 0, 1000).unwrap();
    spool.leave_segment();
    append(&mut spool, 1, 1000).unwrap();
    assert_eq!(files(dir.path(), "seg").len(), 2);
    assert_eq!(all_own(&mut spool), [0, 1]);
}
