//! Delivery while the collector misbehaves: every event arrives, duplicates can be told, counters add up.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::{FaultCollector, Listen, Script, Step};
use mona_tests::ledger::{self, check, check_all_delivered, context, export};
use mona_tests::native::{Stats, last_error, status};
use mona_tests::reach::{eventually, once_within};
use mona_tests::setup::Setup;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Only there to end a hang.
const LONG: Duration = Duration::from_secs(120);

mona_tests::against_each! {
    slow_acknowledgements,
    acknowledgements_slower_than_the_first_wait,
    a_small_queue_in_front_of_a_collector_that_keeps_up,
    a_wrong_acknowledgement,
    a_missing_acknowledgement,
    half_an_acknowledgement,
    resets,
    answers_that_are_not_forward,
    a_connection_that_went_stale,
    one_acknowledgement_in_ten_is_lost,
    down_then_up,
    a_full_circular_queue_drops_the_oldest,
    a_full_queue_by_bytes_keeps_its_bound,
    a_full_queue_that_is_not_circular_refuses_the_newest,
    a_waiting_export_goes_through_when_room_comes,
    a_blocking_export_gives_up_in_time,
    what_close_gives_up_is_counted,
    the_counters_add_up_at_every_moment,
}
// What a fault is over HTTP too; `http` has its own.
mona_tests::against! { fluent_bit_http = FLUENT_BIT_HTTP, fluentd_http = FLUENTD_HTTP, defaults_http = DEFAULTS_HTTP,
    otlp = OTLP: [
    slow_acknowledgements,
    a_missing_acknowledgement,
    half_an_acknowledgement,
    resets,
    a_connection_that_went_stale,
    one_acknowledgement_in_ten_is_lost,
    down_then_up,
    a_full_circular_queue_drops_the_oldest,
    a_waiting_export_goes_through_when_room_comes,
    a_blocking_export_gives_up_in_time,
    what_close_gives_up_is_counted,
    the_counters_add_up_at_every_moment,
] }

fn collector(setup: Setup, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, setup.service_in_clear(), script).unwrap()
}

/// Sends 3000 events through this script; all arrive, over exactly this many connections.
fn survives(setup: Setup, script: impl Into<Script>, connections: u64) -> Stats {
    survives_with(setup, script, connections, &[])
}

/// The same with these options.
fn survives_with(setup: Setup, script: impl Into<Script>, connections: u64, more: &[(&str, &str)]) -> Stats {
    let collector = collector(setup, script);
    let client = setup.client(&collector.endpoint(), &[&[("chunk_bytes", "16384")], more].concat());
    export(&context(&client), "main", 0..3000, 50);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let stats = check_all_delivered(&client, &collector, 3000);
    // A connection that is reset at once may never look made.
    assert_eq!(stats.connections + stats.connect_failures, connections, "{stats:?}");
    let ledger = collector.ledger();
    assert_eq!(ledger.totals.connections, connections);
    // What was taken more than once was sent more than once, and the counters know.
    assert!(ledger.duplicate_chunks() <= stats.chunks_resent, "{stats:?}");
    assert_eq!(client.close(setup.flush_ms()), Ok(()));
    stats
}

fn slow_acknowledgements(setup: Setup) {
    let stats = survives(setup, Step::DelayAck(Duration::from_millis(50)), 1);
    assert_eq!(stats.chunks_resent, 0);
}

fn acknowledgements_slower_than_the_first_wait(setup: Setup) {
    // One that answers one after the other is busy first with each copy that was given up.
    let delay = Duration::from_millis(700);
    let collector = collector(setup, Step::DelayAck(delay));
    let more = [("ack_timeout_ms", "300"), ("flush_interval_ms", "200")];
    let client = setup.client(&collector.endpoint(), &more);
    export(&context(&client), "main", 0..100, 0);
    assert_eq!(
        client.flush(setup.flush_ms()),
        Ok(()),
        "{:?} {:?}",
        client.stats(),
        collector.ledger().totals
    );
    let stats = check_all_delivered(&client, &collector, 100);
    // 300 ms and 600 ms are too short, 1200 ms are enough. By default nothing is too short.
    let expected = if setup.has_defaults { 0..=0 } else { 1..=3 };
    assert!(expected.contains(&stats.chunks_resent), "{stats:?}");
}

fn a_small_queue_in_front_of_a_collector_that_keeps_up(setup: Setup) {
    const QUEUE: u64 = 1000;
    let collector = collector(setup, Step::Normal);
    // A sender that slept for its flush interval would let the queue overflow, or stay full for ten minutes.
    let more = [("queue_size", "1000"), ("flush_interval_ms", "600000")];
    let client = setup.client(&collector.endpoint(), &more);
    let context = context(&client);
    for burst in 0..100 {
        export(&context, "main", burst * 50..burst * 50 + 50, 0);
        // On a busy machine sender and collector may have their turn later than the next bursts.
        let has_room = || client.stats().queued_events <= QUEUE - 100;
        assert!(eventually(LONG, has_room), "burst {burst}: {:?}", client.stats());
    }
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    check_all_delivered(&client, &collector, 5000);
}

fn a_wrong_acknowledgement(setup: Setup) {
    assert!(survives(setup, [Step::WrongAck, Step::Normal], 2).chunks_resent >= 1);
}

fn a_missing_acknowledgement(setup: Setup) {
    let more = [("ack_timeout_ms", "1000"), ("io_timeout_ms", "1000")];
    assert!(survives_with(setup, [Step::DropAck, Step::Normal], 2, &more).chunks_resent >= 1);
}

fn half_an_acknowledgement(setup: Setup) {
    let resent = survives(setup, [Step::HalfAck, Step::Normal], 2).chunks_resent;
    // Over HTTP the status says it all, whatever becomes of the body behind it.
    assert!(resent >= 1 || setup.over_http);
}

fn resets(setup: Setup) {
    survives(setup, [Step::ReadThenReset(20_000), Step::ReadThenReset(100), Step::Normal], 3);
    survives(setup, [Step::Reset, Step::Reset, Step::Normal], 3);
}

fn answers_that_are_not_forward(setup: Setup) {
    survives(setup, [Step::Garbage, Step::Normal], 2);
    survives(setup, [Step::HttpAnswer, Step::Normal], 2);
}

fn a_connection_that_went_stale(setup: Setup) {
    // Long enough that a busy machine brings every burst before it is over.
    let collector = collector(setup, Step::CloseWhenIdle(Duration::from_millis(700)));
    let client = setup.client(&collector.endpoint(), &[]);
    let context = context(&client);
    for burst in 0..6 {
        export(&context, "main", burst * 10..burst * 10 + 10, 0);
        assert_eq!(client.flush(setup.flush_ms()), Ok(()));
        // An idle client may leave its end open for long; the collector's is closed by then.
        eventually(Duration::from_millis(2500), || collector.open_connections() == 0);
    }
    let stats = check_all_delivered(&client, &collector, 60);
    assert_eq!(stats.connections, 6, "one for each burst: {stats:?}");
    assert_eq!(stats.chunks_resent, 0, "the end of a connection is noticed before it is used: {stats:?}");
}

fn one_acknowledgement_in_ten_is_lost(setup: Setup) {
    // Over HTTP nothing else is under way while an answer is missing: by default that takes five seconds each time.
    let events = if setup.over_http && setup.has_defaults { 5000 } else { 20_000 };
    let collector = collector(setup, Step::DropAckEvery(10));
    let client = setup.client(
        &collector.endpoint(),
        &[("chunk_bytes", "32768"), ("ack_timeout_ms", "200"), ("io_timeout_ms", "200")],
    );
    export(&context(&client), "main", 0..events, 50);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let stats = check_all_delivered(&client, &collector, events);
    assert!(stats.chunks_resent > 0, "{stats:?}");
    let ledger = collector.ledger();
    // The prediction: each chunk counts as often as it was taken.
    let predicted: u64 = ledger.chunks.iter().map(|chunk| chunk.count as u64 * chunk.times).sum();
    assert_eq!(collector.records().len() as u64, predicted);
    assert_eq!(predicted, events + ledger.duplicates());
    assert!(ledger.duplicates() > 0);
}

fn down_then_up(setup: Setup) {
    let collector = collector(setup, Script::normal());
    collector.pause().unwrap();
    let client = setup.client(&collector.endpoint(), &[]);
    let context = context(&client);
    export(&context, "main", 0..1000, 20);
    let start = Instant::now();
    assert_eq!(client.flush(300), Err(status::TIMEOUT));
    assert!(start.elapsed() >= Duration::from_millis(290));
    assert!(eventually(LONG, || client.stats().connect_failures >= 1));
    let stats = client.stats();
    assert_eq!((stats.delivered, stats.queued_events), (0, 1000));
    assert_eq!(stats.connections, 0, "{stats:?}");

    collector.resume().unwrap();
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    collector.pause().unwrap();
    export(&context, "main", 1000..2000, 20);
    assert_eq!(client.flush(300), Err(status::TIMEOUT));
    collector.resume().unwrap();
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    check_all_delivered(&client, &collector, 2000);
    assert_eq!(collector.ledger().duplicates(), 0);
}

fn a_full_circular_queue_drops_the_oldest(setup: Setup) {
    const QUEUE: u64 = 1000;
    let collector = collector(setup, Script::normal());
    collector.pause().unwrap();
    let client = setup.client(&collector.endpoint(), &[("queue_size", "1000"), ("chunk_bytes", "4096")]);
    let context = context(&client);
    for n in 0..5000 {
        assert_eq!(context.export(&ledger::event("main", n, 20), 0.0), Ok(()));
        assert!(client.stats().queued_events <= QUEUE, "{:?}", client.stats());
    }
    let full = client.stats();
    assert_eq!(full.accepted, 5000);
    assert_eq!(full.dropped_queue_full, 5000 - full.queued_events, "{full:?}");
    // Whole chunks go, so somewhat less than the limit stays.
    assert!(full.queued_events >= QUEUE / 2, "{full:?}");
    collector.resume().unwrap();
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let (stats, arrived) = check(&client, &collector);
    assert_eq!(stats.delivered + stats.dropped_queue_full, 5000);
    let numbers = &arrived["main"];
    assert_eq!(numbers.len() as u64, stats.delivered);
    assert_eq!(numbers.last(), Some(&4999));
    // What stayed is the newest, but for what the sender held in its hands.
    let newest = numbers.iter().rev().zip((0..5000).rev()).take_while(|(got, n)| *got == n).count();
    assert!(newest as u64 >= QUEUE / 2, "only the newest {newest} are complete");
}

fn a_full_queue_by_bytes_keeps_its_bound(setup: Setup) {
    const BOUND: u64 = 1024 * 1024;
    let collector = collector(setup, Script::normal());
    collector.pause().unwrap();
    let client = setup.client(&collector.endpoint(), &[("queue_bytes", "1048576"), ("chunk_bytes", "65536")]);
    let context = context(&client);
    for n in 0..400 {
        assert_eq!(context.export(&ledger::event("main", n, 10_000), 0.0), Ok(()));
        assert!(client.stats().queued_bytes <= BOUND, "{:?}", client.stats());
    }
    collector.resume().unwrap();
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let (stats, arrived) = check(&client, &collector);
    assert!(stats.dropped_queue_full > 0 && stats.delivered > 0, "{stats:?}");
    assert_eq!(stats.delivered + stats.dropped_queue_full, 400);
    assert_eq!(arrived["main"].last(), Some(&399));
}

fn a_full_queue_that_is_not_circular_refuses_the_newest(setup: Setup) {
    let collector = collector(setup, Script::normal());
    collector.pause().unwrap();
    let more = [("queue_size", "500"), ("queue_circular", "false"), ("block_timeout_ms", "30")];
    let client = setup.client(&collector.endpoint(), &more);
    let context = context(&client);
    let mut refused = Vec::new();
    for n in 0..520 {
        let start = Instant::now();
        match context.export(&ledger::event("main", n, 20), 0.0) {
            Ok(()) => {}
            Err(failed) => {
                assert_eq!(failed, status::DROPPED);
                assert!(start.elapsed() >= Duration::from_millis(25), "{:?}", start.elapsed());
                refused.push(n);
            }
        }
    }
    assert!(!refused.is_empty());
    let full = client.stats();
    assert_eq!(full.accepted, 520);
    assert_eq!(full.dropped_queue_full, refused.len() as u64);
    assert!(full.balanced() && full.queued_events <= 500, "{full:?}");
    collector.resume().unwrap();
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let (stats, arrived) = check(&client, &collector);
    assert_eq!(stats.delivered, 520 - refused.len() as u64);
    assert!(arrived["main"].iter().all(|n| !refused.contains(n)));
}

fn a_waiting_export_goes_through_when_room_comes(setup: Setup) {
    let collector = collector(setup, Script::normal());
    collector.pause().unwrap();
    let more = [("queue_size", "200"), ("queue_circular", "false"), ("block_timeout_ms", "20000")];
    let client = setup.client(&collector.endpoint(), &more);
    std::thread::scope(|scope| {
        let client = &client;
        let exporting = scope.spawn(move || export(&context(client), "main", 0..600, 20));
        std::thread::sleep(Duration::from_millis(200));
        collector.resume().unwrap();
        assert_eq!(exporting.join().unwrap(), 600);
    });
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    check_all_delivered(&client, &collector, 600);
}

fn a_blocking_export_gives_up_in_time(setup: Setup) {
    let collector = collector(setup, Script::normal());
    collector.pause().unwrap();
    let client = setup.client(&collector.endpoint(), &[("blocking", "true"), ("block_timeout_ms", "150")]);
    let context = context(&client);
    let mut n = 0;
    once_within(|| {
        let start = Instant::now();
        assert_eq!(context.export(&ledger::event("main", n, 0), 0.0), Err(status::TIMEOUT));
        n += 1;
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(140), "{took:?}");
        (took, Duration::from_secs(2))
    });
    let stats = client.stats();
    assert!(stats.balanced(), "{stats:?}");
    collector.resume().unwrap();
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let (stats, arrived) = check(&client, &collector);
    // Accepted or not, it is in one place only.
    assert_eq!(stats.delivered as usize, arrived.values().map(Vec::len).sum::<usize>());
}

fn what_close_gives_up_is_counted(setup: Setup) {
    let collector = collector(setup, Step::AcceptNoRead);
    let client = setup.client(&collector.endpoint(), &[]);
    let context = context(&client);
    export(&context, "main", 0..2000, 20);
    assert_eq!(client.close(200), Err(status::TIMEOUT));
    assert_eq!(client.flush(0), Err(status::CLOSED));
    assert!(last_error().contains("2000 events were given up"), "{}", last_error());
    let (stats, _) = check(&client, &collector);
    assert_eq!((stats.accepted, stats.dropped_closed, stats.queued_events), (2000, 2000, 0), "{stats:?}");
    assert_eq!(context.export("{\"a\": 1}", 0.0), Err(status::CLOSED));
    assert_eq!(client.stats().accepted, 2000);
}

fn the_counters_add_up_at_every_moment(setup: Setup) {
    const PER_THREAD: u64 = 15_000;
    let collector = collector(
        setup,
        [
            Step::ReadThenReset(100_000),
            Step::DropAck,
            Step::HalfAck,
            Step::ReadThenReset(500_000),
            Step::DelayAck(Duration::from_millis(5)),
        ],
    );
    // Small enough to overflow now and then.
    let more = [
        ("queue_size", "5000"),
        ("chunk_bytes", "8192"),
        ("ack_timeout_ms", "100"),
        ("io_timeout_ms", "500"),
    ];
    let client = setup.client(&collector.endpoint(), &more);
    let done = AtomicBool::new(false);
    let (looks, wrong) = std::thread::scope(|scope| {
        let sampler = scope.spawn(|| {
            let (mut looks, mut wrong) = (0_u64, Vec::new());
            let mut last = Stats::default();
            while !done.load(Ordering::Relaxed) {
                let stats = client.stats();
                looks += 1;
                let backwards = stats.accepted < last.accepted || stats.delivered < last.delivered;
                if (!stats.balanced() || backwards) && wrong.len() < 3 {
                    wrong.push((last, stats));
                }
                last = stats;
            }
            (looks, wrong)
        });
        let exporters: Vec<_> = (0..4)
            .map(|thread| {
                let client = &client;
                scope.spawn(move || export(&context(client), &format!("t{thread}"), 0..PER_THREAD, 30))
            })
            .collect();
        let sent: u64 = exporters.into_iter().map(|exporter| exporter.join().unwrap()).sum();
        assert_eq!(sent, 4 * PER_THREAD);
        let flushed = client.flush(setup.flush_ms());
        done.store(true, Ordering::Relaxed);
        assert_eq!(flushed, Ok(()));
        sampler.join().unwrap()
    });
    assert!(wrong.is_empty(), "before and then: {wrong:#?}");
    assert!(looks > 100, "{looks} looks");
    let (stats, arrived) = check(&client, &collector);
    assert_eq!(stats.accepted, 4 * PER_THREAD);
    assert_eq!(stats.delivered + stats.dropped_queue_full, stats.accepted);
    assert_eq!(arrived.values().map(Vec::len).sum::<usize>() as u64, stats.delivered);
}
