//! Disks that refuse, and bugs: what is in memory stays there, in its order, and every event is counted.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use super::*;
use crate::config::SpoolSync;
use crate::delivery::pack::planted;
use crate::diag::stats;
use crate::spool::{Operation, faults};

#[test]
fn younger_events_wait_for_what_cannot_be_read_just_now() {
    let site = Site::without_thread();
    let mut keeping = site.keeper().keeping();
    queue(&site.intake, "1");
    keeping.spill_rest();
    queue(&site.intake, "2");
    faults::plan(Operation::Open, 1, libc::EMFILE);
    keeping.read_ahead();
    assert!(taken(&site.depot, &site.intake).is_empty());
    let mut texts = Vec::new();
    let end = Instant::now() + LONG;
    while texts.len() < 2 && Instant::now() < end {
        keeping.read_ahead();
        texts.extend(taken(&site.depot, &site.intake));
    }
    assert_eq!(texts, ["1", "2"]);
}

#[test]
fn younger_events_do_not_wait_for_ever_for_what_cannot_be_read() {
    let site = Site::without_thread();
    let mut keeping = site.keeper().keeping();
    queue(&site.intake, "1");
    keeping.spill_rest();
    queue(&site.intake, "2");
    // The last one is the attempt on what is sealed for it.
    faults::plan(Operation::Open, 3, libc::EIO);
    keeping.read_ahead();
    assert!(taken(&site.depot, &site.intake).is_empty());
    keeping.read_again_at = None;
    keeping.spool.patience_is_over();
    keeping.read_ahead();
    assert_eq!(taken(&site.depot, &site.intake), ["2"]);
    assert!(site.depot.appearance().unread.unwrap().contains("error 5"));
    // Some time later.
    keeping.adopt_if_due();
    keeping.read_ahead();
    assert_eq!(taken(&site.depot, &site.intake), ["1"]);
    keeping.account();
    assert_eq!(site.depot.appearance().unread, None);
}

#[test]
fn with_chunk_delivery_goes_on_beside_what_cannot_be_read() {
    let mut site = Site::without_thread();
    site.depot = Arc::new(Depot::new(true));
    let mut keeper = site.keeper();
    keeper.config.sync = SpoolSync::Chunk;
    let mut keeping = keeper.keeping();
    for text in ["1", "2", "3"] {
        queue(&site.intake, text);
        keeping.spill_rest();
    }
    // The third one is not read back before there is room for it.
    assert_eq!(taken(&site.depot, &site.intake), ["1", "2"]);
    faults::plan_after(Operation::Open, 0, libc::EIO);
    keeping.read_ahead();
    for text in ["4", "5"] {
        queue(&site.intake, text);
        keeping.spill_while(|keeping| keeping.must_spill(Instant::now()));
        assert!(taken(&site.depot, &site.intake).is_empty(), "it waits for a while");
    }
    keeping.spool.patience_is_over();
    keeping.read_again_at = None;
    keeping.read_ahead();
    for text in ["6", "7", "8"] {
        queue(&site.intake, text);
        keeping.spill_while(|keeping| keeping.must_spill(Instant::now()));
        assert_eq!(taken(&site.depot, &site.intake), [text]);
        keeping.settle();
    }
    faults::clear();
    keeping.adopt_if_due();
    let mut texts = Vec::new();
    while texts.len() < 3 {
        keeping.read_ahead();
        let more = taken(&site.depot, &site.intake);
        assert!(!more.is_empty(), "{texts:?}");
        texts.extend(more);
    }
    assert_eq!(texts, ["3", "4", "5"]);
    let (ledger, accepted, _) = site.intake.look();
    assert_eq!((ledger.delivered, accepted, ledger.spooled_events), (8, 8, 0));
}

#[test]
fn what_was_on_its_way_to_disk_at_a_panic_goes_on_from_memory() {
    let site = Site::without_thread();
    let mut keeping = site.keeper().keeping();
    queue(&site.intake, "1");
    keeping.in_hand = Some(begun(&site.depot, &site.intake));
    assert!(taken(&site.depot, &site.intake).is_empty());
    keeping.recover();
    assert_eq!(taken(&site.depot, &site.intake), ["1"]);
}

#[test]
fn what_was_to_be_compressed_at_a_panic_goes_to_disk_as_it_is() {
    let site = Site::without_thread();
    site.depot.note_gzip(true);
    let mut keeping = site.keeper().keeping();
    queue(&site.intake, "1");
    planted::plan(1);
    let end = crate::sys::thread::contained(
        &mut keeping,
        |keeping| keeping.spill_rest(),
        |keeping| keeping.recover(),
    );
    assert!(end);
    let (ledger, accepted, held) = site.intake.look();
    assert_eq!((ledger.spooled_events, accepted, held), (1, 1, Charge::default()));
    keeping.read_ahead();
    assert_eq!(taken(&site.depot, &site.intake), ["1"]);
}

/// Delivers what the sender takes until it is this much.
fn deliver(site: &Site, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    let end = Instant::now() + LONG;
    while texts.len() < count {
        texts.extend(taken(&site.depot, &site.intake));
        assert!(Instant::now() < end, "{texts:?}, {:?}", site.intake.look());
        std::thread::sleep(Duration::from_millis(1));
    }
    texts
}

#[test]
fn the_thread_goes_on_after_three_panics_with_what_it_was_asked_for() {
    let site = Site::without_thread();
    queue(&site.intake, "1");
    site.depot.ask_for_rest(&site.intake);
    site.keep_after(|| (0..3).for_each(|_| faults::plan_panic(Operation::Append, 0)));
    site.wait_for(|site| site.intake.ledger().spooled_events == 1);
    assert_eq!(stats::read(&site.counters.worker_panics), 3);
    assert_eq!(deliver(&site, 1), ["1"]);
    site.end();
    let (ledger, accepted, held) = site.intake.look();
    assert_eq!((ledger.delivered, accepted, held), (1, 1, Charge::default()));
}

#[test]
fn memory_takes_over_when_the_thread_is_given_up() {
    let site = Site::without_thread();
    queue(&site.intake, "1");
    site.depot.ask_for_last(&site.intake);
    // The first two write the header of a segment and the first record.
    site.keep_after(|| {
        [2, 0, 0, 0].into_iter().for_each(|after| faults::plan_panic(Operation::Append, after))
    });
    site.wait_for(|site| site.intake.ledger().spooled_events == 1);
    queue(&site.intake, "2");
    site.depot.ask_for_rest(&site.intake);
    site.wait_for(|site| site.depot.is_over());
    assert_eq!(stats::read(&site.counters.worker_panics), 4);
    queue(&site.intake, "3");
    assert_eq!(deliver(&site, 2), ["2", "3"]);
    // What is on disk is for a later process.
    let (ledger, accepted, held) = site.intake.look();
    assert_eq!((ledger.delivered, ledger.spooled_events, accepted, held), (2, 1, 3, Charge::default()));
}

/// Copies a spool as it is, as the end of a process would leave it.
fn copy(from: &Path, to: &Path) {
    DirBuilder::new().mode(0o700).create(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to)
        } else {
            drop(fs::copy(entry.path(), to))
        }
    }
}

#[test]
#[ignore = "slow: make test-slow"]
fn what_a_failed_sync_may_have_lost_is_written_elsewhere_and_found() {
    let plans: [(fn(), u64); 2] =
        [(|| faults::plan(Operation::Sync, 1, libc::EIO), 0), (|| faults::plan_panic(Operation::Sync, 0), 1)];
    for (plan, panics) in plans {
        let site = Site::without_thread();
        site.keep_after(plan);
        queue(&site.intake, "1");
        let in_flight = site.depot.take(&site.intake, false, false).unwrap();
        queue(&site.intake, "2");
        site.depot.ask_for_rest(&site.intake);
        site.wait_for(|site| site.intake.ledger().spooled_events == 2);
        let spool = site.folder.path().join("spool");
        let segments = || {
            let instance = fs::read_dir(spool.join("v1")).unwrap().next().unwrap().unwrap().path();
            [1, 2].map(|number| instance.join(format!("{number:016}.seg")).exists())
        };
        site.wait_for(|_| segments() == [false, true]);
        assert_eq!(stats::read(&site.counters.worker_panics), panics);
        let later = Site::without_thread();
        copy(&spool, &later.folder.path().join("spool"));
        later.keep();
        assert_eq!(deliver(&later, 2), ["1", "2"]);
        later.end();
        site.intake.settle(in_flight.claim(), |ledger, events| ledger.delivered += events);
        drop(in_flight);
        assert_eq!(deliver(&site, 1), ["2"]);
        site.end();
        let (ledger, accepted, held) = site.intake.look();
        assert_eq!((ledger.delivered, accepted, held), (2, 2, Charge::default()));
        assert_eq!(fs::read_dir(spool.join("v1")).unwrap().count(), 0);
    }
}
