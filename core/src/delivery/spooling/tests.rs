//! What the sender gets and when, and the thread of the spool on a real directory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::turns::Spill;
use super::*;
use crate::config::{Options, Settings, resolve};
use crate::diag::log::{ERROR, Log, Print};
use crate::diag::stats::Counters;
use crate::encode::{Output, msgpack};
use crate::queue::{Charge, Intake, Limits, Written};
use crate::spool::Config;
use crate::transport::Chunk;

mod trouble;

/// Only there to end a hang.
const LONG: Duration = Duration::from_secs(60);

fn intake() -> Arc<Intake> {
    Arc::new(Intake::with_spool(Limits {
        queue: Charge { events: 1000, bytes: 1 << 20 },
        chunk_bytes: 1 << 20,
        event_bytes: 1 << 18,
        circular: true,
        block_timeout: Duration::ZERO,
    }))
}

/// Queues a segment of this one event.
fn queue(intake: &Arc<Intake>, text: &str) {
    let text = |out: &mut Output<'_>| {
        msgpack::text(out, text);
        Ok(true)
    };
    intake.append(&mut Written(text)).unwrap();
    intake.seal_all();
}

fn text_of(chunk: &Chunk) -> String {
    String::from_utf8(chunk.body()[1..].to_vec()).unwrap()
}

fn chunk(intake: &Intake, text: &str) -> Chunk {
    let body = [&[0xa0 | text.len() as u8][..], text.as_bytes()].concat();
    Chunk::new(intake.claim_record(0, Charge { events: 1, bytes: body.len() }), body, 0, 1)
}

/// What the sender takes until there is nothing, delivered at once.
fn taken(depot: &Depot, intake: &Intake) -> Vec<String> {
    let mut texts = Vec::new();
    while depot.has_next(intake, false) {
        let chunk = depot.take(intake, false, false).unwrap();
        texts.push(text_of(&chunk));
        intake.settle(chunk.claim(), |ledger, events| ledger.delivered += events);
    }
    assert!(depot.take(intake, false, false).is_none());
    texts
}

fn begun(depot: &Depot, intake: &Intake) -> Chunk {
    match depot.begin_spill(intake) {
        Spill::Fresh(taken) => crate::delivery::pack::pack(taken, intake, false),
        Spill::Again(chunk) => chunk,
        Spill::None | Spill::Busy => panic!("nothing to spill"),
    }
}

#[test]
fn the_queue_waits_for_what_is_on_its_way_to_disk_and_for_what_is_there() {
    let (depot, intake) = (Depot::new(false), intake());
    queue(&intake, "1");
    let spilled = begun(&depot, &intake);
    queue(&intake, "2");
    assert!(taken(&depot, &intake).is_empty() && depot.has_unsent());
    assert!(intake.leave_to_spool(spilled.claim()));
    depot.end_spill(None);
    assert!(taken(&depot, &intake).is_empty() && depot.holds_own() && !depot.has_unsent());
    assert!(depot.wants(false) && !depot.wants(true));
    depot.add(false, Some(chunk(&intake, "1")), false);
    assert_eq!(taken(&depot, &intake), ["1", "2"]);
    assert!(!depot.wants(false) && !depot.holds_own());
}

#[test]
fn what_the_disk_refused_goes_before_the_queue_and_behind_what_is_on_disk() {
    let (depot, intake) = (Depot::new(false), intake());
    queue(&intake, "2");
    let refused = begun(&depot, &intake);
    queue(&intake, "3");
    depot.add(false, Some(chunk(&intake, "1")), false);
    depot.return_spill(refused);
    assert!(depot.has_unsent() && depot.has_returned());
    assert_eq!(taken(&depot, &intake), ["1", "2", "3"]);
    assert!(!depot.has_unsent());
    queue(&intake, "4");
    let refused = begun(&depot, &intake);
    depot.return_spill(refused);
    assert!(matches!(depot.begin_spill(&intake), Spill::Again(_)));
}

#[test]
fn adopted_chunks_take_turns_and_are_left_alone_at_the_end() {
    let (depot, intake) = (Depot::new(false), intake());
    for text in ["a", "b", "c"] {
        depot.add(true, Some(chunk(&intake, text)), false);
        depot.add(false, Some(chunk(&intake, &text.to_uppercase())), false);
    }
    assert_eq!(taken(&depot, &intake), ["A", "a", "B", "b", "C", "c"]);
    depot.add(true, Some(chunk(&intake, "d")), false);
    queue(&intake, "D");
    assert!(depot.has_next(&intake, true));
    assert_eq!(depot.take(&intake, false, true).as_ref().map(text_of).as_deref(), Some("D"));
    assert!(!depot.has_next(&intake, true) && depot.take(&intake, false, true).is_none());
    assert_eq!(taken(&depot, &intake), ["d"]);
}

#[test]
fn nothing_is_sent_before_it_is_written_unless_the_disk_refuses_it() {
    let (depot, intake) = (Depot::new(true), intake());
    queue(&intake, "1");
    assert!(taken(&depot, &intake).is_empty());
    depot.turn(false);
    assert_eq!(taken(&depot, &intake), ["1"]);
    depot.turn(true);
    queue(&intake, "2");
    let written = begun(&depot, &intake);
    assert!(intake.spool(written.claim(), 7, 1));
    depot.end_spill(Some(written));
    assert_eq!(taken(&depot, &intake), ["2"]);
    assert_eq!(intake.take_settled_records(), [7]);
}

/// A directory, an intake and the thread of its spool.
struct Site {
    folder: tempfile::TempDir,
    intake: Arc<Intake>,
    depot: Arc<Depot>,
    counters: Arc<Counters>,
}

impl Site {
    fn new() -> Site {
        let site = Site::without_thread();
        site.keep();
        site
    }

    fn without_thread() -> Site {
        Site {
            folder: tempfile::tempdir().unwrap(),
            intake: intake(),
            depot: Arc::new(Depot::new(false)),
            counters: Arc::default(),
        }
    }

    fn settings(&self) -> Arc<Settings> {
        let mut options = Options::new();
        options.set("spool_dir", self.folder.path().join("spool").to_str().unwrap()).unwrap();
        resolve(&options, |_| None).settings
    }

    fn keeper(&self) -> Keeper {
        Keeper {
            depot: Arc::clone(&self.depot),
            intake: Arc::clone(&self.intake),
            counters: Arc::clone(&self.counters),
            log: Arc::new(Log::new(ERROR, true, Print::Off)),
            config: Config::of(&self.settings()).unwrap(),
        }
    }

    fn keep(&self) {
        self.keep_after(|| ());
    }

    /// The same on a thread that did this before.
    fn keep_after(&self, begin: impl FnOnce() + Send + 'static) {
        let keeper = self.keeper();
        std::thread::spawn(move || {
            begin();
            keeper.run();
        });
    }

    fn wait_for(&self, is_so: impl Fn(&Site) -> bool) {
        let end = Instant::now() + LONG;
        while !is_so(self) {
            assert!(Instant::now() < end, "{:?}", self.intake.look());
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn end(&self) {
        self.depot.ask_for_end(&self.intake);
        self.wait_for(|site| site.depot.is_over());
    }
}

#[test]
fn what_is_in_flight_is_written_before_the_queue_and_stays_in_flight() {
    let mut site = Site::new();
    queue(&site.intake, "1");
    let in_flight = site.depot.take(&site.intake, false, false).unwrap();
    queue(&site.intake, "2");
    site.depot.ask_for_rest(&site.intake);
    site.wait_for(|site| site.intake.ledger().spooled_events == 2);
    assert!(site.intake.is_settled(2), "nobody waits for what is on disk");
    // What is in flight is not read once more.
    site.wait_for(|site| site.depot.has_next(&site.intake, false));
    assert_eq!(text_of(&site.depot.take(&site.intake, false, false).unwrap()), "2");
    assert!(!site.depot.has_next(&site.intake, false));
    let id = in_flight.id().to_vec();
    drop(in_flight);
    site.end();
    // A later client finds both, in their order and under their ids.
    (site.intake, site.depot) = (intake(), Arc::new(Depot::new(false)));
    site.keep();
    let mut found = Vec::new();
    while found.len() < 2 {
        site.wait_for(|site| site.depot.has_next(&site.intake, false));
        found.push(site.depot.take(&site.intake, false, false).unwrap());
    }
    assert_eq!(found.iter().map(text_of).collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(found[0].id(), id);
    for chunk in found {
        site.intake.settle(chunk.claim(), |ledger, events| ledger.delivered += events);
    }
    let (ledger, accepted, held) = site.intake.look();
    assert_eq!((ledger.adopted_events, ledger.delivered, ledger.spooled_events), (2, 2, 0));
    assert_eq!((accepted, held), (0, Charge::default()));
    site.end();
    let left = std::fs::read_dir(site.folder.path().join("spool/v1")).unwrap().count();
    assert_eq!(left, 0, "a directory is left behind");
}

#[test]
fn parts_of_a_chunk_share_its_record() {
    let site = Site::new();
    queue(&site.intake, "1");
    queue(&site.intake, "2");
    let whole = site.depot.take(&site.intake, false, false).unwrap();
    assert_eq!(whole.events(), 2);
    site.depot.ask_for_rest(&site.intake);
    site.wait_for(|site| site.intake.ledger().spooled_events == 2);
    let parts = crate::delivery::pack::split(whole, 2, &site.intake).unwrap();
    // The parts are on disk already.
    site.depot.ask_for_rest(&site.intake);
    for (part, left) in parts.into_iter().zip([1, 0]) {
        site.intake.settle(part.claim(), |ledger, events| ledger.dropped_rejected += events);
        assert_eq!(site.intake.ledger().spooled_events, left);
    }
    site.end();
    let left = std::fs::read_dir(site.folder.path().join("spool/v1")).unwrap().count();
    assert_eq!(left, 0, "the record is not settled");
}

/// As after a sync that failed, with records that wait behind what is in flight.
#[test]
fn what_is_written_anew_takes_the_place_of_what_was_there() {
    let site = Site::without_thread();
    let mut keeping = site.keeper().keeping();
    queue(&site.intake, "1");
    let in_flight = site.depot.take(&site.intake, false, false).unwrap();
    for text in ["2", "3"] {
        queue(&site.intake, text);
        keeping.spill_rest();
    }
    assert_eq!((keeping.spool.look().events, keeping.spool.look().waiting_own), (3, 2));
    keeping.write_anew(|_, _, _| true);
    assert_eq!((keeping.spool.look().events, keeping.spool.look().waiting_own), (3, 2));
    site.intake.settle(in_flight.claim(), |ledger, events| ledger.delivered += events);
    queue(&site.intake, "4");
    keeping.spill_rest();
    let mut texts = Vec::new();
    for _ in 0..4 {
        keeping.read_ahead();
        texts.extend(taken(&site.depot, &site.intake));
        keeping.settle();
    }
    assert_eq!(texts, ["2", "3", "4"]);
    let ledger = site.intake.ledger();
    assert_eq!((ledger.delivered, ledger.spooled_events, ledger.dropped_spool), (4, 0, 0));
    assert_eq!(keeping.spool.look().events, 0);
}

/// One that fits beside what is there, and one that would need room.
#[test]
fn what_is_in_flight_and_was_evicted_is_written_once_more_or_lost() {
    for (len, is_lost) in [(10, false), (260_000, true)] {
        let site = Site::without_thread();
        let mut keeper = site.keeper();
        keeper.config.bytes = 4 << 20;
        let mut keeping = keeper.keeping();
        queue(&site.intake, &"1".repeat(len));
        let in_flight = site.depot.take(&site.intake, false, false).unwrap();
        for _ in 0..30 {
            queue(&site.intake, &"2".repeat(200_000));
            keeping.spill_rest();
        }
        let place = keeping.handed_out.values().next().unwrap().place;
        assert!(keeping.spool.is_gone(place));
        Box::new(keeping).end(true);
        // Too late.
        site.intake.settle(in_flight.claim(), |ledger, events| ledger.delivered += events);
        let (ledger, accepted, _) = site.intake.look();
        let on_disk = crate::spool::list(&site.folder.path().join("spool")).unwrap();
        let on_disk: u64 = on_disk.iter().map(|instance| instance.events).sum();
        if is_lost {
            assert_eq!((ledger.spooled_events, ledger.delivered), (on_disk, 0));
        } else {
            assert_eq!((ledger.spooled_events, ledger.delivered), (on_disk - 1, 1));
        }
        assert_eq!(accepted, ledger.spooled_events + ledger.delivered + ledger.dropped_spool);
    }
}
