//! The spool as delivery uses it, on a real directory.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{Operation, faults};
use super::*;
use crate::config::SpoolSync;
use crate::diag::log::{Log, Print};

mod damage;
mod errors;
mod many;
mod model;
mod random;
mod room;
mod sector;
mod syncs;
mod unread;

/// Large enough that nothing is evicted.
const PLENTY: u64 = 64 << 20;

pub(super) fn quiet() -> Arc<Log> {
    Arc::new(Log::new(50, true, Print::Off))
}

pub(super) fn spool(dir: &Path, bytes: u64, sync: SpoolSync) -> Spool {
    Spool::new(Config { dir: dir.to_path_buf(), bytes, sync }, quiet())
}

pub(super) fn plenty(dir: &Path) -> Spool {
    spool(dir, PLENTY, SpoolSync::None)
}

/// A folder in memory where there is such a place: for thousands of spools that nothing happens to but what is tried.
pub(super) fn folder_in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// A chunk that says by its bytes which one it is: the byte at `at` is `31 * number + 7 * at + at / 251`. Written row by
/// row of 251, as hundreds of megabytes are made of it by code that is not optimised.
pub(super) fn body(number: u32, len: usize) -> Vec<u8> {
    const ROW: usize = 251;
    // 7 times 183 is 1: where a row of steps of seven begins that starts with a given byte.
    let sevens: Vec<u8> = (0..256 + ROW).map(|at| (at * 7) as u8).collect();
    let mut bytes = Vec::with_capacity(len + ROW);
    for row in 0..len.div_ceil(ROW) {
        let first = number as usize * 31 + row * (ROW * 7 + 1);
        let at = first * 183 % 256;
        bytes.extend_from_slice(&sevens[at..at + ROW]);
    }
    bytes.truncate(len);
    bytes
}

pub(super) fn id(number: u32) -> [u8; 16] {
    let mut id = [0xa5; 16];
    id[..4].copy_from_slice(&number.to_le_bytes());
    id
}

pub(super) fn number(record: &Record) -> u32 {
    u32::from_le_bytes(*record.id.first_chunk().unwrap())
}

pub(super) fn append(spool: &mut Spool, number: u32, len: usize) -> Result<Place, Refused> {
    let is_gzip = number % 2 == 1;
    spool.append(&Stored { id: id(number), is_gzip, events: number % 7 + 1, body: &body(number, len) })
}

pub(super) fn all_own(spool: &mut Spool) -> Vec<u32> {
    std::iter::from_fn(|| spool.next_own()).map(|record| checked(&record)).collect()
}

pub(super) fn all_adopted(spool: &mut Spool) -> Vec<u32> {
    std::iter::from_fn(|| spool.next_adopted()).map(|record| checked(&record)).collect()
}

/// The number of a record whose every part is as it was written.
pub(super) fn checked(record: &Record) -> u32 {
    let number = number(record);
    assert_eq!(record.id, id(number));
    assert_eq!((record.is_gzip, record.events), (number % 2 == 1, number % 7 + 1));
    assert!(*record.body == *body(number, record.body.len()), "record {number} has other bytes");
    number
}

pub(super) fn adopt_all(spool: &mut Spool) -> Adopted {
    let mut all = Adopted::default();
    loop {
        let more = spool.adopt();
        all.instances += more.instances;
        all.events += more.events;
        if !more.is_more {
            return all;
        }
    }
}

/// Directories of instances below `dir`.
pub(super) fn instances(dir: &Path) -> Vec<PathBuf> {
    let Ok(found) = std::fs::read_dir(dir.join("v1")) else { return Vec::new() };
    let mut found: Vec<PathBuf> =
        found.map(|entry| entry.unwrap().path()).filter(|path| !path.ends_with("bad")).collect();
    found.sort();
    found
}

pub(super) fn files(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = instances(dir)
        .iter()
        .flat_map(|instance| std::fs::read_dir(instance).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    found.sort();
    found
}

/// Whether all runs are asked for, as the other tests of the spool are.
fn is_long() -> bool {
    std::env::var("SPOOL_RUNS").is_ok_and(|runs| runs == "long")
}

/// Some are settled before reading begins, some while it is on its way, some after it.
#[test]
fn what_is_handed_out_as_it_is_written_is_not_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = plenty(dir.path());
    let mut out = Vec::new();
    let mut write = |spool: &mut Spool, number: u32| {
        let place = append(spool, number, 1000).unwrap();
        if number.is_multiple_of(3) {
            assert!(spool.hand_out(place) && !spool.hand_out(place));
            out.push((place, number % 7 + 1));
        }
        place
    };
    let first = write(&mut spool, 0);
    for number in 1..30 {
        write(&mut spool, number);
    }
    assert!(!spool.hand_out(first));
    spool.settle(first, 1);
    assert_eq!(checked(&spool.next_own().unwrap()), 1);
    for number in 30..60 {
        write(&mut spool, number);
    }
    let (early, late) = out[1..].split_at(10);
    early.iter().for_each(|(place, events)| spool.settle(*place, *events));
    assert_eq!(all_own(&mut spool), (2..60).filter(|number| number % 3 > 0).collect::<Vec<_>>());
    late.iter().for_each(|(place, events)| spool.settle(*place, *events));
    assert_eq!(spool.look().events, events((0..60).filter(|number| number % 3 > 0)));
    assert_eq!(spool.take_changes(), Changes::default());
}

fn events(numbers: impl IntoIterator<Item = u32>) -> u64 {
    numbers.into_iter().map(|number| u64::from(number % 7 + 1)).sum()
}

#[test]
fn records_come_back_in_their_order_and_stay_until_they_are_settled() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = plenty(dir.path());
    for number in 0..50 {
        append(&mut spool, number, number as usize * 100).unwrap();
    }
    let records: Vec<Record> = std::iter::from_fn(|| spool.next_own()).collect();
    assert_eq!(records.iter().map(checked).collect::<Vec<_>>(), (0..50).collect::<Vec<_>>());
    assert!(records.is_sorted_by_key(|record| record.place));
    let held = spool.look();
    assert_eq!((held.events, held.waiting_own), (events(0..50), 0));
    append(&mut spool, 50, 10).unwrap();
    assert_eq!(all_own(&mut spool), [50]);
    for record in &records {
        spool.settle(record.place, record.events);
    }
    assert_eq!(spool.look().events, events([50]));
    assert_eq!(spool.take_changes(), Changes::default());
}

#[test]
fn a_record_is_done_with_its_last_event_and_no_sooner() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = plenty(dir.path());
    append(&mut spool, 6, 100).unwrap();
    append(&mut spool, 13, 100).unwrap();
    let (first, second) = (spool.next_own().unwrap(), spool.next_own().unwrap());
    spool.settle(first.place, 3);
    spool.settle(first.place, 3);
    spool.settle(second.place, 7);
    assert_eq!(spool.look().events, 1);
    spool.close();
    let mut later = plenty(dir.path());
    assert_eq!(later.adopt(), Adopted { instances: 1, events: 7, is_more: false });
    assert_eq!(all_adopted(&mut later), [6]);
}

#[test]
fn segments_that_are_settled_go_and_the_last_one_with_the_spool() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = plenty(dir.path());
    for number in 0..12 {
        append(&mut spool, number, 1 << 20).unwrap();
    }
    assert_eq!(files(dir.path(), "seg").len(), 4);
    for expected in (1..=4).rev() {
        assert_eq!(spool.look().segments, expected);
        for _ in 0..3 {
            let record = spool.next_own().unwrap();
            spool.settle(record.place, record.events);
        }
    }
    assert_eq!(files(dir.path(), "seg").len(), 1, "the one that is written stays");
    assert_eq!(spool.look().events, 0);
    spool.close();
    assert_eq!(instances(dir.path()), Vec::<PathBuf>::new());
}

#[test]
fn what_a_process_left_is_taken_over_without_what_was_settled() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = plenty(dir.path());
    for number in 0..30 {
        append(&mut first, number, 400_000).unwrap();
    }
    for _ in 0..30 {
        let record = first.next_own().unwrap();
        if number(&record).is_multiple_of(3) {
            first.settle(record.place, record.events);
        }
    }
    drop(first);
    let left: Vec<u32> = (0..30).filter(|number| number % 3 != 0).collect();
    let mut second = plenty(dir.path());
    let adopted = adopt_all(&mut second);
    assert_eq!(adopted, Adopted { instances: 1, events: events(left.clone()), is_more: false });
    assert_eq!(second.take_changes().adopted_events, adopted.events);
    assert_eq!(second.look().waiting_adopted, left.len() as u64);
    let mut found = Vec::new();
    while let Some(record) = second.next_adopted() {
        found.push(checked(&record));
        second.settle(record.place, record.events);
    }
    assert_eq!(found, left);
    assert_eq!(second.look(), Held::default());
    assert_eq!(instances(dir.path()), Vec::<PathBuf>::new());
}

#[test]
fn losing_acks_means_duplicates_and_acks_alone_are_removed() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = plenty(dir.path());
    for number in 0..4 {
        append(&mut first, number, 100).unwrap();
        let record = first.next_own().unwrap();
        if number < 3 {
            first.settle(record.place, record.events);
        }
    }
    drop(first);
    let acks = files(dir.path(), "ack");
    std::fs::rename(&acks[0], acks[0].with_file_name("0000000000000009.ack")).unwrap();
    let mut second = plenty(dir.path());
    adopt_all(&mut second);
    assert_eq!(all_adopted(&mut second), [0, 1, 2, 3]);
    assert!(files(dir.path(), "ack").is_empty());
}

#[test]
fn everything_is_private_and_what_is_not_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let below = dir.path().join("spool");
    let mut first = plenty(&below);
    append(&mut first, 1, 10).unwrap();
    let record = first.next_own().unwrap();
    append(&mut first, 2, 10).unwrap();
    first.settle(record.place, record.events);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o7777;
    let instance = &instances(&below)[0];
    for folder in [&below, &below.join("v1"), instance] {
        assert_eq!(mode(folder), 0o700, "{folder:?}");
    }
    for file in ["lock", "0000000000000001.seg", "0000000000000001.ack"] {
        assert_eq!(mode(&instance.join(file)), 0o600, "{file}");
    }
    drop(first);
    for folder in [&below, &below.join("v1")] {
        for open in [0o770, 0o707] {
            std::fs::set_permissions(folder, PermissionsExt::from_mode(open)).unwrap();
            let mut refused = plenty(&below);
            assert_eq!(append(&mut refused, 1, 10), Err(Refused::Off));
            assert!(refused.off_until().is_some());
            std::fs::set_permissions(folder, PermissionsExt::from_mode(0o700)).unwrap();
        }
    }
    // Somebody else's word about an instance is not taken either.
    std::fs::set_permissions(instance, PermissionsExt::from_mode(0o770)).unwrap();
    let mut third = plenty(&below);
    assert_eq!(third.adopt().events, 0);
    let link = dir.path().join("link");
    std::os::unix::fs::symlink(&below, &link).unwrap();
    for link in [link.clone(), link.join("")] {
        assert_eq!(append(&mut plenty(&link), 1, 10), Err(Refused::Off), "{link:?}");
    }
    plenty(&below.join("")).adopt();
    append(&mut plenty(&below.join("")), 1, 10).unwrap();
    assert_eq!(append(&mut plenty(&dir.path().join("no/such")), 1, 10), Err(Refused::Off));
}

#[test]
fn a_chunk_longer_than_a_segment_is_refused_alone() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = plenty(dir.path());
    assert_eq!(append(&mut spool, 0, 4 << 20), Err(Refused::TooLarge));
    append(&mut spool, 1, (4 << 20) - 80).unwrap();
    append(&mut spool, 2, 0).unwrap();
    assert_eq!(all_own(&mut spool), [1, 2]);
}
