//! Disks that do not read: what is there stays, is tried again later, and nothing counts as lost.

use super::*;

const ERRORS: [i32; 5] = [libc::ESTALE, libc::EIO, libc::ETIMEDOUT, libc::EACCES, libc::EMFILE];

/// Three segments of records that take several reads each.
const RECORDS: u32 = 30;

fn left_behind() -> (tempfile::TempDir, Vec<PathBuf>) {
    faults::clear();
    let dir = folder_in_memory();
    let mut first = plenty(dir.path());
    for number in 0..RECORDS {
        append(&mut first, number, 300_000).unwrap();
    }
    drop(first);
    let segments = files(dir.path(), "seg");
    assert_eq!(segments.len(), 3);
    (dir, segments)
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_dead_instance_that_cannot_be_read_stays_for_whoever_can() {
    for errno in ERRORS {
        for (operation, after) in [(Operation::Open, 0), (Operation::Read, 0), (Operation::Read, 3)] {
            let (dir, segments) = left_behind();
            faults::plan_after(operation, after, errno);
            let mut second = plenty(dir.path());
            assert_eq!(adopt_all(&mut second).events, 0);
            assert!(second.next_adopted().is_none());
            assert_eq!(second.take_changes(), Changes::default(), "{operation:?} {errno}");
            assert_eq!(second.look(), Held::default());
            second.close();
            assert_eq!(files(dir.path(), "seg"), segments, "{operation:?} {errno}");
            faults::clear();
            let mut third = plenty(dir.path());
            assert_eq!(adopt_all(&mut third).events, events(0..RECORDS));
            assert_eq!(all_adopted(&mut third), (0..RECORDS).collect::<Vec<_>>());
        }
    }
}

#[test]
fn what_is_given_back_is_counted_as_that_of_others() {
    let (dir, segments) = left_behind();
    let mut second = plenty(dir.path());
    // All of the first segment, and some of the second.
    faults::plan_after(Operation::Read, 100, libc::ESTALE);
    adopt_all(&mut second);
    append(&mut second, 0, 1000).unwrap();
    assert_eq!(second.usage.others, 0);
    faults::clear();
    while let Some(record) = second.next_adopted() {
        second.settle(record.place, record.events);
    }
    faults::plan_after(Operation::Read, 0, libc::ESTALE);
    // It cannot be taken once more.
    let instance = segments[0].parent().unwrap();
    std::fs::set_permissions(instance, std::fs::Permissions::from_mode(0o770)).unwrap();
    adopt_all(&mut second);
    assert_eq!(second.look().adopted_instances, 0);
    faults::clear();
    append(&mut second, 1, 1000).unwrap();
    let left: u64 = segments[1..].iter().map(|path| std::fs::metadata(path).unwrap().len()).sum();
    assert_eq!(second.usage.others, left);
}

#[test]
fn what_was_read_of_a_dead_instance_is_handed_out_and_the_rest_later() {
    let (dir, segments) = left_behind();
    let mut second = plenty(dir.path());
    // All of the first segment, and some of the second.
    faults::plan_after(Operation::Read, 100, libc::ESTALE);
    // More than once where the disk is slow.
    let adopted = adopt_all(&mut second);
    faults::clear();
    assert!(adopted.events > 0);
    let mut found = Vec::new();
    while let Some(record) = second.next_adopted() {
        found.push(checked(&record));
        second.settle(record.place, record.events);
    }
    assert_eq!(events(found.clone()), adopted.events);
    assert_eq!(files(dir.path(), "seg"), segments[1..]);
    assert_eq!(adopt_all(&mut second).events, events(0..RECORDS) - adopted.events);
    while let Some(record) = second.next_adopted() {
        found.push(checked(&record));
        second.settle(record.place, record.events);
    }
    assert_eq!(found, (0..RECORDS).collect::<Vec<_>>());
    assert!(instances(dir.path()).is_empty());
}

/// Hands out all, with an error after each number of reads there can be.
fn read_with_errors(spool: &mut Spool, next: fn(&mut Spool) -> Option<Record>) -> Vec<Record> {
    let mut found = Vec::new();
    for round in 0..200 {
        let (operation, after) =
            if round % 3 == 0 { (Operation::Open, 0) } else { (Operation::Read, round % 4) };
        faults::plan_after(operation, after, ERRORS[round % ERRORS.len()]);
        found.extend(std::iter::from_fn(|| next(spool)));
        faults::clear();
        found.extend(next(spool));
    }
    found
}

#[test]
fn records_that_cannot_be_read_just_now_are_handed_out_later_and_once() {
    let (dir, _) = left_behind();
    let mut spool = plenty(dir.path());
    adopt_all(&mut spool);
    for number in 0..RECORDS {
        append(&mut spool, number, 300_000).unwrap();
    }
    spool.take_changes();
    let all: Vec<u32> = (0..RECORDS).collect();
    for next in [Spool::next_own, Spool::next_adopted] {
        let found = read_with_errors(&mut spool, next);
        assert_eq!(found.iter().map(checked).collect::<Vec<_>>(), all);
        for record in found {
            spool.settle(record.place, record.events);
        }
    }
    assert_eq!(spool.take_changes(), Changes::default());
    assert_eq!(spool.look().events, 0);
    spool.close();
    assert!(instances(dir.path()).is_empty());
}

#[test]
fn what_a_later_version_wrote_is_left_alone() {
    for (byte, value) in [(4, 2), (5, 2)] {
        let (dir, segments) = left_behind();
        let folder = std::ffi::CString::new(instances(dir.path())[0].file_name().unwrap().as_encoded_bytes());
        let seed = super::super::format::seed(names::read_instance(&folder.unwrap()).unwrap(), 2);
        let mut bytes = std::fs::read(&segments[1]).unwrap();
        let header = &mut bytes[32..80];
        header[byte] = value;
        let sum = crc32c::crc32c_append(crc32c::crc32c_append(seed, &32_u32.to_le_bytes()), &header[..44]);
        header[44..].copy_from_slice(&sum.to_le_bytes());
        std::fs::write(&segments[1], bytes).unwrap();
        for _ in 0..2 {
            let mut second = plenty(dir.path());
            adopt_all(&mut second);
            while let Some(record) = second.next_adopted() {
                second.settle(record.place, record.events);
            }
            let changes = second.take_changes();
            assert_eq!(changes, Changes { adopted_events: changes.adopted_events, ..Changes::default() });
            adopt_all(&mut second);
            assert_eq!(second.look(), Held::default(), "it is given back");
            // There is no room for anything, and still it is not for this version to give up.
            second.config.bytes = 1 << 20;
            assert_eq!(append(&mut second, 0, 1000), Err(Refused::Full));
            assert_eq!(second.take_changes(), Changes::default());
            second.close();
            assert_eq!(files(dir.path(), "seg"), segments[1..2]);
        }
    }
}

#[test]
fn a_tool_tells_a_disk_that_does_not_read_from_a_damaged_segment() {
    let (dir, segments) = left_behind();
    let uuid = instances(dir.path())[0].file_name().unwrap().to_str().unwrap().to_owned();
    faults::plan_after(Operation::Read, 2, libc::EIO);
    let verified = verify(dir.path()).unwrap();
    assert_eq!(verified.damaged, segments.len() as u64);
    assert!(verified.damage.iter().all(|damage| damage.sentence.contains("cannot be read just now")));
    faults::clear();
    assert_eq!(verify(dir.path()).unwrap().damaged, 0);
    faults::plan_after(Operation::Read, 0, libc::EIO);
    next(dir.path(), &uuid, None).unwrap_err();
    faults::clear();
    assert!(next(dir.path(), &uuid, None).unwrap().is_some());
}
