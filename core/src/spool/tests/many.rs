//! Several that share one directory.

use super::*;
use crate::sys::kept::Kept;

#[test]
fn those_that_live_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (mut first, mut second) = (plenty(dir.path()), plenty(dir.path()));
    append(&mut first, 1, 10).unwrap();
    append(&mut second, 2, 10).unwrap();
    assert_eq!((first.adopt(), second.adopt()), Default::default());
    drop(first);
    assert_eq!(adopt_all(&mut second).instances, 1);
    assert_eq!((all_own(&mut second), all_adopted(&mut second)), (vec![2], vec![1]));
    // What it drains is its own until it ends.
    let mut third = plenty(dir.path());
    assert_eq!(third.adopt(), Adopted::default());
    drop(second);
    assert_eq!(adopt_all(&mut third).instances, 2);
    let mut all = all_adopted(&mut third);
    all.sort_unstable();
    assert_eq!(all, [1, 2]);
}

#[test]
fn the_oldest_instance_comes_first_and_more_than_are_drained_at_once_wait() {
    let dir = tempfile::tempdir().unwrap();
    for number in 0..11 {
        let mut spool = plenty(dir.path());
        append(&mut spool, number, 10).unwrap();
        drop(spool);
        let newest = instances(dir.path())
            .into_iter()
            .max_by_key(|path| path.join("lock").metadata().unwrap().modified().unwrap())
            .unwrap();
        let age = std::time::Duration::from_secs(u64::from(100 - number));
        let lock = std::fs::File::options().write(true).open(newest.join("lock")).unwrap();
        lock.set_modified(std::time::SystemTime::now() - age).unwrap();
    }
    let mut spool = plenty(dir.path());
    let mut found = Vec::new();
    while adopt_all(&mut spool).instances > 0 {
        assert!(spool.look().adopted_instances <= 4);
        while let Some(record) = spool.next_adopted() {
            found.push(checked(&record));
            spool.settle(record.place, record.events);
        }
    }
    assert_eq!(found, (0..11).collect::<Vec<_>>());
    assert!(instances(dir.path()).is_empty());
}

#[test]
fn directories_that_were_never_used_are_removed() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = plenty(dir.path());
    append(&mut spool, 1, 10).unwrap();
    for name in ["00112233-4455-6677-8899-aabbccddeef0", "00112233-4455-6677-8899-aabbccddeef1"] {
        let folder = dir.path().join("v1").join(name);
        std::fs::create_dir(&folder).unwrap();
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o700)).unwrap();
    }
    std::fs::write(dir.path().join("v1/00112233-4455-6677-8899-aabbccddeef1/lock"), b"").unwrap();
    std::fs::create_dir(dir.path().join("v1/else")).unwrap();
    adopt_all(&mut spool);
    assert_eq!(instances(dir.path()).len(), 2, "its own and what is nobody's business");
}

#[test]
fn many_come_and_go_and_every_record_is_handed_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path();
    let live = move |thread: u32| {
        let mut handed = Vec::new();
        for round in 0..25 {
            let mut spool = plenty(path);
            for record in 0..4 {
                append(&mut spool, thread * 1000 + round * 10 + record, 1000).unwrap();
            }
            spool.adopt();
            for _ in 0..6 {
                let next = spool.next_adopted().or_else(|| spool.next_own());
                let Some(record) = next else { break };
                handed.push(checked(&record));
                spool.settle(record.place, record.events);
            }
            // Now and then a process ends without a word.
            if round % 3 != 0 {
                spool.close();
            }
        }
        handed
    };
    let mut all: Vec<u32> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|thread| scope.spawn(move || live(thread))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let mut last = plenty(path);
    while adopt_all(&mut last).instances > 0 {
        while let Some(record) = last.next_adopted() {
            all.push(checked(&record));
            last.settle(record.place, record.events);
        }
    }
    all.sort_unstable();
    let of_thread =
        |thread: u32| (0..25).flat_map(move |round| (0..4).map(move |at| thread * 1000 + round * 10 + at));
    assert_eq!(all, (0..4).flat_map(of_thread).collect::<Vec<u32>>());
    assert!(instances(path).is_empty());
}

#[test]
fn a_directory_that_is_taken_away_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = spool(dir.path(), 4 << 20, SpoolSync::None);
    append(&mut spool, 1, 10).unwrap();
    std::fs::remove_dir_all(dir.path().join("v1")).unwrap();
    for number in 2..30 {
        append(&mut spool, number, 100_000).unwrap();
    }
    assert_eq!(instances(dir.path()).len(), 1);
    assert_eq!(spool.take_changes().abandoned_events, events([1]));
    assert_eq!(all_own(&mut spool), (2..30).collect::<Vec<_>>());
}

#[test]
fn what_is_in_v1_may_be_removed_at_any_time() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = plenty(dir.path());
    for number in 0..3 {
        append(&mut spool, number, 10).unwrap();
    }
    let first = instances(dir.path());
    let out = spool.next_own().unwrap();
    std::fs::remove_dir_all(&first[0]).unwrap();
    append(&mut spool, 3, 10).unwrap();
    let second = instances(dir.path());
    assert!(second.len() == 1 && first != second);
    assert_eq!(spool.take_changes().abandoned_events, events([1, 2]), "who has the other one settles it");
    spool.settle(out.place, out.events);
    // The segment alone.
    std::fs::remove_file(&files(dir.path(), "seg")[0]).unwrap();
    append(&mut spool, 4, 10).unwrap();
    assert_eq!(instances(dir.path()), second);
    assert_eq!(all_own(&mut spool), [4]);
    assert_eq!(spool.take_changes().unreadable_events, events([3]));
    drop(spool);
    let mut later = plenty(dir.path());
    adopt_all(&mut later);
    assert_eq!(all_adopted(&mut later), [4]);
}

#[test]
fn a_lock_that_a_child_would_keep_is_not_taken() {
    let name = "spool::tests::many::a_lock_that_a_child_would_keep_is_not_taken";
    // All of a process's places are taken, so it has one of its own.
    const ALONE: &str = "MONA_TEST_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        let finished = command.args(["--exact", name]).env(ALONE, "1").output().unwrap();
        let told = String::from_utf8_lossy(&finished.stdout);
        assert!(finished.status.success() && told.contains("1 passed"), "{told}");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut dead = plenty(dir.path());
    append(&mut dead, 0, 10).unwrap();
    drop(dead);
    let open = || Kept::marked(std::fs::File::open("/dev/null").unwrap()).unwrap();
    let mut others: Vec<_> = std::iter::repeat_with(open).take_while(Kept::is_listed).collect();
    let mut spool = plenty(dir.path());
    assert_eq!(append(&mut spool, 1, 10), Err(Refused::Off));
    assert!(spool.trouble().unwrap().contains("forked child"));
    assert_eq!(instances(dir.path()).len(), 1, "nothing is left of the trial");
    spool.outage.is_over_now();
    assert_eq!(spool.adopt().instances, 0);
    others.clear();
    assert_eq!(adopt_all(&mut spool).instances, 1);
    spool.outage.is_over_now();
    append(&mut spool, 1, 10).unwrap();
}
