//! Spools whose bytes were changed: whatever they are, reading ends and hands out nothing but what was written.

use std::time::{Duration, Instant};

use super::random::Random;
use super::*;

/// Runs of `cargo test`, and of `make test-slow`; `make test-spool-long` makes a hundred thousand.
const FEW: usize = 300;
const MORE: usize = 7000;
const MANY: usize = 100_000;

/// Only there to end what goes on for ever: a small spool takes less than a millisecond.
const ENDLESS: Duration = Duration::from_secs(20);

/// A file of a spool, by its name below the instance.
type Files = Vec<(PathBuf, Vec<u8>)>;

/// What a process leaves: three segments, some of it settled.
fn original(dir: &Path) -> (PathBuf, Files, usize) {
    let mut first = spool(dir, 1 << 20, SpoolSync::None);
    let mut random = Random(5);
    let mut written = 0;
    while files(dir, "seg").len() < 3 || random.below(8) > 0 {
        append(&mut first, written, random.below(6000)).unwrap();
        written += 1;
    }
    for _ in 0..written / 2 {
        let record = first.next_own().unwrap();
        if random.is_one_in(2) {
            first.settle(record.place, record.events);
        }
    }
    drop(first);
    let instance = instances(dir)[0].clone();
    let all = ["seg", "ack"].iter().flat_map(|ending| files(dir, ending));
    let all = all.map(|path| (path.file_name().unwrap().into(), std::fs::read(&path).unwrap()));
    (instance.file_name().unwrap().into(), all.collect(), written as usize)
}

/// Changes some of the bytes, as disks, crashes and people do.
fn mutate(files: &mut Files, random: &mut Random) {
    for _ in 0..=random.below(3) {
        let count = files.len();
        let other = files[random.below(count)].1.clone();
        let (name, bytes) = &mut files[random.below(count)];
        if bytes.is_empty() {
            continue;
        }
        let len = bytes.len();
        let at = random.below(len);
        let run = 1 + random.below((len - at).min(5000));
        match random.below(12) {
            0 | 1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes[at..at + run].iter_mut().for_each(|byte| *byte = random.next() as u8),
            3 => bytes.truncate(at),
            4 => {
                let from = at / 4096 * 4096;
                bytes[from..len.min(from + 4096)].fill(0);
            }
            5 => {
                let to = random.below(len - run + 1);
                bytes.copy_within(at..at + run, to);
            }
            6 if len > 8192 => {
                let (one, two) = (random.below(len / 4096), random.below(len / 4096));
                for byte in 0..4096 {
                    bytes.swap(one * 4096 + byte, two * 4096 + byte);
                }
            }
            7 => bytes.extend_from_slice(&other[..other.len().min(run)]),
            8 => {
                bytes.drain(at..at + run);
            }
            9 => {
                // A header that says something else of its length.
                if let Some(found) = bytes.windows(4).position(|four| four == b"MREC") {
                    let length = [0, 1, u32::MAX, len as u32, 4 << 20][random.below(5)];
                    bytes[len.min(found + 8)..]
                        .iter_mut()
                        .zip(length.to_le_bytes())
                        .for_each(|(to, byte)| *to = byte);
                }
            }
            10 => {
                bytes[at..at + run].iter_mut().zip(b"MREC".iter().cycle()).for_each(|(to, byte)| *to = *byte)
            }
            _ => {
                // Under another number.
                let ending = name.extension().unwrap().to_owned();
                *name = PathBuf::from(format!("{:016}", [1, 2, 3, 4, u32::MAX][random.below(5)]));
                name.set_extension(ending);
            }
        }
    }
}

fn read_mutated(runs: usize, seed: u64) {
    let dir = folder_in_memory();
    let (instance, untouched, written) = original(dir.path());
    std::fs::remove_dir_all(dir.path().join("v1").join(&instance)).unwrap();
    // Made once: to make them is nearly all that a run does.
    let bodies: Vec<Vec<u8>> = (0..written as u32).map(|number| body(number, 6000)).collect();
    let mut random = Random(seed);
    let mut handed_out = 0;
    for run in 0..runs {
        let mut files = untouched.clone();
        mutate(&mut files, &mut random);
        let folder = dir.path().join("v1").join(&instance);
        std::fs::DirBuilder::new().create(&folder).unwrap();
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o700)).unwrap();
        std::fs::write(folder.join("lock"), b"").unwrap();
        for (name, bytes) in &files {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
        let start = Instant::now();
        let mut spool = spool(dir.path(), 1 << 20, SpoolSync::None);
        let adopted = spool.adopt();
        assert!(!adopted.is_more, "seed {seed}, run {run}");
        let mut seen = vec![false; written];
        let mut events = 0;
        while let Some(record) = spool.next_adopted() {
            let number = number(&record) as usize;
            let Record { id: found, is_gzip, events: count, .. } = record;
            assert_eq!((found, is_gzip, count), (id(number as u32), number % 2 == 1, number as u32 % 7 + 1));
            assert!(
                bodies[number].starts_with(&record.body),
                "seed {seed}, run {run}: {number} has other bytes"
            );
            assert!(!std::mem::replace(&mut seen[number], true), "seed {seed}, run {run}: {number} twice");
            events += u64::from(record.events);
            spool.settle(record.place, record.events);
            handed_out += 1;
        }
        let changes = spool.take_changes();
        assert_eq!(
            changes.adopted_events,
            events,
            "seed {seed}, run {run}: {changes:?} {:?}",
            files.iter().map(|(n, b)| (n, b.len())).collect::<Vec<_>>()
        );
        assert_eq!(changes.unreadable_events, 0, "seed {seed}, run {run}");
        spool.close();
        assert!(instances(dir.path()).is_empty(), "seed {seed}, run {run}: {:?}", instances(dir.path()));
        assert!(start.elapsed() < ENDLESS, "seed {seed}, run {run}");
    }
    assert!(handed_out > runs * written / 4, "most records are whole: {handed_out} of {runs} x {written}");
}

#[test]
fn mutated_spools_are_read_to_their_end_and_give_what_was_written() {
    read_mutated(FEW, 1);
}

#[test]
#[ignore = "half a minute, and several with SPOOL_RUNS=long"]
fn many_mutated_spools_are_read_to_their_end() {
    let seed = crate::sys::id::random_u128() as u64;
    println!("seed {seed}");
    read_mutated(if is_long() { MANY } else { MORE }, seed);
}

#[test]
fn a_segment_of_which_nothing_can_be_read_is_set_aside_and_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let mut lost = 0;
    for _ in 0..20 {
        let mut first = spool(dir.path(), 1 << 20, SpoolSync::None);
        append(&mut first, 1, 30_000).unwrap();
        drop(first);
        let segment = &files(dir.path(), "seg")[0];
        std::fs::write(segment, vec![0x55; 30_000]).unwrap();
        let mut second = spool(dir.path(), 1 << 20, SpoolSync::None);
        assert_eq!(adopt_all(&mut second).events, 0);
        let changes = second.take_changes();
        assert_eq!(changes.bad_segments, 1);
        lost += changes.lost_bytes;
        append(&mut second, 2, 10).unwrap();
        let record = second.next_own().unwrap();
        second.settle(record.place, record.events);
        second.close();
    }
    assert!(instances(dir.path()).is_empty());
    assert!(lost >= 20 * 29_000);
    let bad = std::fs::read_dir(dir.path().join("v1/bad")).unwrap();
    let bytes: u64 = bad.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    assert!((1..=160_000).contains(&bytes), "an eighth of the limit: {bytes}");
}

#[test]
fn a_damaged_header_of_a_segment_costs_no_record() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = plenty(dir.path());
    for number in 0..3 {
        append(&mut first, number, 100).unwrap();
    }
    drop(first);
    let segment = &files(dir.path(), "seg")[0];
    let mut bytes = std::fs::read(segment).unwrap();
    bytes[..32].fill(0);
    std::fs::write(segment, bytes).unwrap();
    let mut second = plenty(dir.path());
    adopt_all(&mut second);
    assert_eq!(all_adopted(&mut second), [0, 1, 2]);
}

#[test]
fn what_is_damaged_after_it_was_counted_is_counted_as_lost() {
    let dir = tempfile::tempdir().unwrap();
    let mut own = plenty(dir.path());
    for number in 0..20 {
        append(&mut own, number, 300_000).unwrap();
    }
    let segments = files(dir.path(), "seg");
    let mut bytes = std::fs::read(&segments[0]).unwrap();
    bytes[400_000] ^= 1;
    std::fs::write(&segments[0], &bytes[..3_000_000]).unwrap();
    let found = all_own(&mut own);
    assert!(found.contains(&0) && !found.contains(&1) && !found.contains(&12) && found.contains(&19));
    assert_eq!(
        own.take_changes().unreadable_events,
        events((0..20).filter(|number| !found.contains(number)))
    );
    assert_eq!(own.look().events, events(found));
    drop(own);
    let mut later = plenty(dir.path());
    adopt_all(&mut later);
    for segment in files(dir.path(), "seg") {
        std::fs::remove_file(segment).unwrap();
    }
    let adopted = later.take_changes().adopted_events;
    assert_eq!(all_adopted(&mut later), [0; 0]);
    assert_eq!(later.take_changes().unreadable_events, adopted);
    assert!(instances(dir.path()).is_empty());
}
