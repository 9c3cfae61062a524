//! Several endpoints: who serves, what moves along, the way back, and how a fleet comes back after an outage.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::time::{Duration, Instant};

use mona_collector::{FaultCollector, Listen, Script, Service, Step};
use mona_tests::ledger::{self, context, export};
use mona_tests::native::{Client, status};
use mona_tests::reach::{Trust, check_all_delivered, eventually};
use mona_tests::said;
use mona_tests::setup::{Like, Setup, Way};

mona_tests::against_each! {
    a_chunk_without_an_ack_moves_along_as_it_is,
    the_first_choice_serves_again_when_it_is_back,
    whoever_is_up_takes_the_events,
    mixed_endpoints_stand_in_for_each_other,
    a_fleet_spreads_over_its_endpoints,
    one_acknowledgement_in_ten_is_lost_over_100_000_events,
    a_fleet_does_not_come_back_all_at_once,
}

/// Only there to end a hang.
const LONG: Duration = Duration::from_secs(120);

fn serve(service: Service, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, service, script).unwrap()
}

fn list(collectors: &[&FaultCollector]) -> String {
    collectors.iter().map(|collector| collector.endpoint()).collect::<Vec<_>>().join(",")
}

/// The collector that took something, and the other one.
fn serving<'a>(a: &'a FaultCollector, b: &'a FaultCollector) -> (&'a FaultCollector, &'a FaultCollector) {
    assert!(eventually(LONG, || a.ledger().totals.records + b.ledger().totals.records > 0));
    if a.ledger().totals.records > 0 { (a, b) } else { (b, a) }
}

fn a_chunk_without_an_ack_moves_along_as_it_is(setup: Setup) {
    let trust = Trust::new();
    for way in setup.ways(&[Way::Tcp, Way::Tls]) {
        let [a, b] = [(); 2].map(|()| serve(setup.service(way, &trust), Step::DropAck));
        let more = [("ca_file", trust.ca_file()), ("ack_timeout_ms", "60000"), ("compress", "gzip")];
        let client = setup.client(&list(&[&a, &b]), &more);
        export(&context(&client), "main", 0..500, 100);
        let (first, second) = serving(&a, &b);
        assert_eq!(client.flush(50), Err(status::TIMEOUT));
        second.set_script(Script::normal());
        first.pause().unwrap();
        assert_eq!(client.flush(setup.flush_ms()), Ok(()));
        check_all_delivered(&client, &[&a, &b], 500);
        let (before, after) = (first.ledger(), second.ledger());
        assert!(!before.chunks.is_empty());
        for chunk in &before.chunks {
            let id = chunk.id.as_deref().unwrap();
            let moved = after.chunk(id).unwrap_or_else(|| panic!("chunk {id} did not move along"));
            assert_eq!((moved.sha256, moved.count), (chunk.sha256, chunk.count));
        }
        let place = first.addr().unwrap().to_string();
        said::wait_for(&place, &["going on with", &second.addr().unwrap().to_string()]);
    }
}

fn the_first_choice_serves_again_when_it_is_back(setup: Setup) {
    let trust = Trust::new();
    for way in setup.ways(&[Way::Tcp, Way::Tls, Way::Http]) {
        let [a, b] = [(); 2].map(|()| serve(setup.service(way, &trust), Script::normal()));
        let client = setup.client(&list(&[&a, &b]), &[("ca_file", trust.ca_file())]);
        let context = context(&client);
        export(&context, "main", 0..100, 50);
        assert_eq!(client.flush(setup.flush_ms()), Ok(()));
        let (first, second) = serving(&a, &b);
        assert_eq!(second.ledger().totals.connections, 0, "{way:?}: nobody asks the second without need");
        let mut sent = 100;
        for _ in 0..2 {
            first.pause().unwrap();
            export(&context, "main", sent..sent + 100, 50);
            sent += 100;
            assert_eq!(client.flush(setup.flush_ms()), Ok(()), "{way:?}");
            first.resume().unwrap();
            let taken = first.ledger().totals.records;
            let is_back = eventually(LONG, || {
                export(&context, "main", sent..sent + 1, 50);
                sent += 1;
                assert_eq!(client.flush(setup.flush_ms()), Ok(()));
                first.ledger().totals.records > taken
            });
            assert!(is_back, "{way:?}: it stays with the second: {:#?}", said::about("collector "));
        }
        check_all_delivered(&client, &[&a, &b], sent);
        // Moving costs no event twice where nothing was on its way.
        assert_eq!(a.ledger().duplicates() + b.ledger().duplicates(), 0, "{way:?}");
    }
}

fn whoever_is_up_takes_the_events(setup: Setup) {
    let collectors: Vec<_> = (0..3).map(|_| serve(setup.forward(), Script::normal())).collect();
    let all: Vec<&FaultCollector> = collectors.iter().collect();
    let client = setup.client(&list(&all), &[("chunk_bytes", "8192")]);
    // A turn is longer than the first pause after a failure.
    let scale = if setup.has_defaults { 8 } else { 1 };
    std::thread::scope(|scope| {
        let exporting = scope.spawn(|| {
            let context = context(&client);
            for n in 0..20_000 {
                export(&context, "main", n..n + 1, 50);
                if n % 20 == 0 {
                    std::thread::sleep(Duration::from_millis(1) * scale);
                }
            }
        });
        // Two of three are away at any time, and not always the same ones.
        for round in 0..12 {
            for (index, collector) in all.iter().enumerate() {
                if index == round % 3 { collector.resume().unwrap() } else { collector.pause().unwrap() }
            }
            std::thread::sleep(Duration::from_millis(100) * scale);
        }
        exporting.join().unwrap();
    });
    assert_eq!(client.flush(setup.flush_ms()), Ok(()), "{:?}", client.stats());
    // One whose pauses grew may have been away whenever it was asked. None is forgotten for that.
    let more = context(&client);
    for (n, collector) in all.iter().enumerate() {
        all.iter().for_each(|other| {
            if !std::ptr::eq(*other, *collector) {
                other.pause().unwrap()
            }
        });
        collector.resume().unwrap();
        let before = collector.ledger().totals.records;
        export(&more, "more", n as u64..n as u64 + 1, 0);
        assert_eq!(client.flush(setup.flush_ms()), Ok(()), "{:?}", client.stats());
        assert!(collector.ledger().totals.records > before, "it has its turn");
    }
    check_all_delivered(&client, &all, 20_000 + all.len() as u64);
}

fn mixed_endpoints_stand_in_for_each_other(setup: Setup) {
    let trust = Trust::new();
    let folder = tempfile::tempdir().unwrap();
    let unix = Listen::Unix(folder.path().join("collector.sock"));
    let collectors = [
        serve(setup.forward(), Script::normal()),
        serve(setup.service(Way::Tls, &trust), Script::normal()),
        FaultCollector::serve(unix, setup.forward(), Script::normal()).unwrap(),
        serve(setup.service(Way::Https, &trust), Script::normal()),
    ];
    let all: Vec<&FaultCollector> = collectors.iter().collect();
    all.iter().for_each(|collector| collector.pause().unwrap());
    let client = setup.client(&list(&all), &[("ca_file", trust.ca_file())]);
    let context = context(&client);
    for (round, collector) in (0..).zip(&all) {
        export(&context, "main", round * 500..round * 500 + 500, 50);
        assert_eq!(client.flush(50), Err(status::TIMEOUT));
        collector.resume().unwrap();
        assert_eq!(client.flush(setup.flush_ms()), Ok(()), "{} alone", collector.endpoint());
        assert!(collector.ledger().totals.records >= 500, "{} took none", collector.endpoint());
        collector.pause().unwrap();
    }
    check_all_delivered(&client, &all, 2000);
}

fn a_fleet_spreads_over_its_endpoints(setup: Setup) {
    const CLIENTS: usize = 45;
    // One connection each, however late a busy machine brings an acknowledgement.
    let patient = [("ack_timeout_ms", "60000")];
    let collectors: Vec<_> = (0..3).map(|_| serve(setup.forward(), Script::normal())).collect();
    let all: Vec<&FaultCollector> = collectors.iter().collect();
    let clients: Vec<Client> = (0..CLIENTS).map(|_| setup.client(&list(&all), &patient)).collect();
    for (n, client) in clients.iter().enumerate() {
        export(&context(client), &format!("client {n}"), 0..10, 0);
    }
    assert!(clients.iter().all(|client| client.flush(setup.flush_ms()) == Ok(())));
    let shares: Vec<u64> = all.iter().map(|collector| collector.ledger().totals.connections).collect();
    assert_eq!(shares.iter().sum::<u64>(), CLIENTS as u64);
    // By chance, less than 3 of 45 at one of three happens once in a hundred thousand runs.
    assert!(shares.iter().all(|share| *share >= 3), "{shares:?}");
}

fn one_acknowledgement_in_ten_is_lost_over_100_000_events(setup: Setup) {
    // The large number once in each pace; what a server is like has little to do with it.
    let events = if setup.like == Like::Plain { 100_000 } else { 20_000 };
    let collector = serve(setup.forward(), Step::DropAckEvery(10));
    let more = [
        ("chunk_bytes", "65536"),
        ("ack_timeout_ms", "150"),
        ("queue_bytes", "134217728"),
        ("queue_size", "200000"),
    ];
    let client = setup.client(&collector.endpoint(), &more);
    export(&context(&client), "main", 0..events, 40);
    assert_eq!(client.flush(setup.flush_ms().max(60_000)), Ok(()), "{:?}", client.stats());
    let stats = ledger::check_all_delivered(&client, &collector, events);
    let taken = collector.ledger();
    assert!(taken.duplicates() > 0 && stats.chunks_resent > 0, "{stats:?}");
    // The prediction: each chunk counts as often as it was taken.
    let predicted: u64 = taken.chunks.iter().map(|chunk| chunk.count as u64 * chunk.times).sum();
    assert_eq!(taken.totals.records, predicted);
    assert_eq!(predicted, events + taken.duplicates());
    assert_eq!(taken.unique_events(), events);
}

/// A fifth of the real thing: 20 s away with pauses from 500 ms on become 4 s with pauses from 100 ms on, and
/// the first second after becomes 200 ms. By default it is the real thing.
fn a_fleet_does_not_come_back_all_at_once(setup: Setup) {
    const CLIENTS: u64 = 100;
    let scale = if setup.has_defaults { 5 } else { 1 };
    let (away_for, first) = (Duration::from_secs(4) * scale, Duration::from_millis(200) * scale);
    let collector = serve(setup.forward(), Script::normal());
    let more = [("retry_initial_ms", "100"), ("retry_max_ms", "12000"), ("flush_interval_ms", "20")];
    let clients: Vec<Client> = (0..CLIENTS).map(|_| setup.client(&collector.endpoint(), &more)).collect();
    let contexts: Vec<_> = clients.iter().map(context).collect();
    for (n, context) in contexts.iter().enumerate() {
        export(context, &format!("client {n}"), 0..10, 0);
    }
    assert!(eventually(LONG, || collector.open_connections() == CLIENTS), "{}", collector.open_connections());
    assert!(clients.iter().all(|client| client.flush(setup.flush_ms()) == Ok(())));
    collector.pause().unwrap();
    let away = Instant::now();
    for (n, context) in contexts.iter().enumerate() {
        export(context, &format!("client {n}"), 10..20, 0);
    }
    std::thread::sleep(away_for.saturating_sub(away.elapsed()));
    collector.resume().unwrap();
    let back = Instant::now();
    let mut arrivals = Vec::new();
    while (arrivals.len() as u64) < CLIENTS && back.elapsed() < Duration::from_secs(40) * scale {
        let open = collector.open_connections();
        arrivals.resize(arrivals.len().max(open as usize), back.elapsed());
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(arrivals.len() as u64, CLIENTS, "some did not come back");
    let at_once = arrivals.iter().filter(|arrival| **arrival <= first).count();
    println!("back after: {arrivals:?}");
    assert!(at_once <= 20, "{at_once} of 100 in the first {first:?}: {arrivals:?}");
    assert!(clients.iter().all(|client| client.flush(setup.flush_ms()) == Ok(())));
    let arrived = ledger::arrived(&collector.records());
    assert_eq!(arrived.len() as u64, CLIENTS);
    assert!(arrived.values().all(|numbers| numbers.iter().copied().eq(0..20)));
}
