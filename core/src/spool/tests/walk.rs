//! Looks that change nothing.

use super::*;

#[test]
fn a_walk_sees_what_is_held_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    assert!(list(dir.path()).unwrap().is_empty());
    list(&dir.path().join("none")).unwrap_err();
    let mut dead = plenty(dir.path());
    for number in 0..20 {
        append(&mut dead, number, 300_000).unwrap();
    }
    for number in 0..2 {
        let record = dead.next_own().unwrap();
        assert_eq!(checked(&record), number);
        dead.settle(record.place, record.events);
    }
    drop(dead);
    let segment = files(dir.path(), "seg")[1].clone();
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[100_000] ^= 1;
    bytes.truncate(bytes.len() - 10);
    std::fs::write(&segment, bytes).unwrap();
    let mut alive = plenty(dir.path());
    append(&mut alive, 100, 10).unwrap();
    std::fs::create_dir(dir.path().join("v1/bad")).unwrap();
    std::fs::write(dir.path().join("v1/bad/any"), b"123").unwrap();

    let snapshot = || {
        let mut all: Vec<_> = ["seg", "ack"].iter().flat_map(|ending| files(dir.path(), ending)).collect();
        all.sort();
        all.into_iter().map(|path| (std::fs::read(&path).unwrap(), path)).collect::<Vec<_>>()
    };
    let before = snapshot();
    let verified = verify(dir.path(), &mut |_| true).unwrap();
    let [old, new, bad] = verified.as_slice() else { panic!("{verified:?}") };
    assert_eq!((old.found.is_alive, new.found.is_alive), (false, true));
    assert_eq!((old.found.segments, old.found.records, old.settled_records), (2, 16, 2));
    assert_eq!((old.damaged, old.damaged_bytes, old.torn_bytes), (1, 300_048, 300_038));
    assert_eq!((new.found.records, new.found.events), (1, events([100])));
    assert_eq!((bad.bad_segments, bad.found.bytes), (1, 3));
    let mut found = Vec::new();
    records(dir.path(), &mut |record| {
        let place = Place { instance: 0, segment: record.segment, offset: record.offset };
        let WalkedRecord { id, is_gzip, events, body, .. } = record;
        found.push(checked(&Record { place, id, is_gzip, events, owed: events, body }));
        true
    })
    .unwrap();
    let mut expected: Vec<u32> = (2..19).collect();
    expected.remove(11);
    expected.push(100);
    assert_eq!(found, expected);
    let mut count = 0;
    records(dir.path(), &mut |_| {
        count += 1;
        count < 3
    })
    .unwrap();
    assert_eq!(count, 3);
    assert!(before == snapshot());
    append(&mut alive, 101, 10).unwrap();
}
