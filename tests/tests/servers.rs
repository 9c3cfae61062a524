//! What servers of the world refuse, and what becomes of it: limits, full storage, NaN, slow greetings, connection
//! limits. All with the options that users have, unless a test is about one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mona_collector::{
    FaultCollector, FluentBit, Fluentd, Handshake, Likeness, Listen, OpenTelemetry, Script, Service, Step,
    VictoriaLogs,
};
use mona_tests::ledger::{context, event, export};
use mona_tests::native::{Client, status};
use mona_tests::reach::{Trust, check, check_all_delivered};
use mona_tests::setup::Setup;
use mona_tests::{Program, run};

/// Enough for backoffs that grew, on a loaded machine; a flush returns as soon as it can.
const FLUSH_MS: u32 = 120_000;

fn serve(service: Service, like: Arc<dyn Likeness>, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, service.like(like), script).unwrap()
}

fn forward(like: impl Likeness + 'static) -> FaultCollector {
    serve(Service::forward(), Arc::new(like), Script::normal())
}

/// A client with the options that users have, and these.
fn client(collectors: &[&FaultCollector], more: &[(&str, &str)]) -> Client {
    let endpoints: Vec<String> = collectors.iter().map(|collector| collector.endpoint()).collect();
    Setup::DEFAULTS.client(&endpoints.join(","), more)
}

/// One event in twenty has what JSON cannot say.
fn nan_in_one_of_twenty(fluentd: Fluentd, more: &[(&str, &str)]) {
    const EVENTS: u64 = 40_000;
    let collector = forward(fluentd);
    let client = client(&[&collector], &[&[("queue_bytes", "33554432")], more].concat());
    let context = context(&client);
    let strange = ["NaN", "Infinity", "-Infinity"];
    for n in 0..EVENTS {
        let mut text = event("main", n, 20);
        if n % 20 == 0 {
            text.truncate(text.len() - 1);
            text.push_str(&format!(",\"score\":{}}}", strange[(n / 20 % 3) as usize]));
        }
        assert_eq!(context.export(&text, 0.0), Ok(()));
    }
    assert_eq!(client.flush(FLUSH_MS), Ok(()), "{:?}", client.stats());
    let stats = check_all_delivered(&client, &[&collector], EVENTS);
    assert_eq!((stats.chunks_resent, stats.connections), (0, 1), "{stats:?}");
}

#[test]
fn nan_goes_through_fluentd_as_null() {
    nan_in_one_of_twenty(Fluentd::new(), &[]);
}

#[test]
fn nan_goes_through_fluentd_as_it_is_where_its_output_is_msgpack() {
    nan_in_one_of_twenty(Fluentd::new().msgpack(), &[("nonfinite", "ieee")]);
}

#[test]
fn the_deepest_events_go_through_every_server() {
    for like in [Arc::new(FluentBit::new()) as Arc<dyn Likeness>, Arc::new(Fluentd::new())] {
        for service in [Service::forward(), Service::http()] {
            let collector = serve(service, Arc::clone(&like), Script::normal());
            let client = client(&[&collector], &[("max_depth", "60")]);
            let context = context(&client);
            export(&context, "main", 0..100, 0);
            let deep = |levels: usize| {
                let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
                format!("{{\"deep\":{open}{close},{}", &event("main", 100, 0)[1..])
            };
            assert_eq!(context.export(&deep(60), 0.0), Ok(()));
            assert_eq!(context.export(&deep(61), 0.0), Err(status::LIMIT));
            export(&context, "main", 101..200, 0);
            assert_eq!(client.flush(FLUSH_MS), Ok(()), "{:?}", client.stats());
            check_all_delivered(&client, &[&collector], 200);
        }
    }
}

/// Sends about four megabytes of events; the server takes all of them, and not at once.
fn all_arrive_though_some_is_refused(collector: &FaultCollector) {
    let client = client(&[collector], &[]);
    export(&context(&client), "main", 0..20_200, 50);
    assert_eq!(client.flush(FLUSH_MS), Ok(()), "{:?}", client.stats());
    check_all_delivered(&client, &[collector], 20_200);
    assert!(collector.ledger().totals.refused > 0);
}

#[test]
fn chunks_over_the_limit_of_fluent_bit_are_cut() {
    let collector = forward(FluentBit::new().buffer_max_size(128 << 10));
    all_arrive_though_some_is_refused(&collector);
}

#[test]
fn ten_events_over_the_limit_of_fluent_bit_are_lost_alone() {
    const EVENTS: u64 = 20_200;
    let collector = forward(FluentBit::new().buffer_max_size(150_000));
    let client = client(&[&collector], &[("queue_bytes", "33554432")]);
    let context = context(&client);
    let is_large = |n: u64| n % 2000 == 1000;
    for n in 0..EVENTS {
        export(&context, "main", n..n + 1, if is_large(n) { 200_000 } else { 50 });
    }
    assert_eq!(client.flush(FLUSH_MS), Ok(()), "{:?}", client.stats());
    let (stats, arrived) = check(&client, &[&collector]);
    assert_eq!((stats.delivered, stats.dropped_rejected), (EVENTS - 10, 10), "{stats:?}");
    let mut numbers = arrived["main"].clone();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq((0..EVENTS).filter(|n| !is_large(*n))));
}

#[test]
fn delivery_resumes_by_itself_when_a_full_storage_has_room_again() {
    let bit = Arc::new(FluentBit::new());
    let collector = serve(Service::forward(), bit.clone(), Script::normal());
    let client = client(&[&collector], &[]);
    let context = context(&client);
    export(&context, "main", 0..200, 50);
    assert_eq!(client.flush(FLUSH_MS), Ok(()));
    bit.set_full(true);
    export(&context, "main", 200..20_200, 50);
    std::thread::sleep(Duration::from_secs(15));
    assert_eq!(client.stats().dropped_rejected, 0, "{:?}", client.stats());
    bit.set_full(false);
    // Nothing more is exported that would wake anybody.
    let free = Instant::now();
    let arrived =
        collector.wait_for(Duration::from_millis(FLUSH_MS.into()), |ledger| ledger.unique_events() == 20_200);
    println!("all arrived {:?} after there was room", free.elapsed());
    assert!(arrived, "{:?}", client.stats());
    assert_eq!(client.flush(FLUSH_MS), Ok(()));
    check_all_delivered(&client, &[&collector], 20_200);
}

#[test]
fn a_memory_that_fills_and_drains_costs_no_event() {
    // About four megabytes of events through half a megabyte of memory.
    let collector = forward(FluentBit::new().memory(512 << 10, 1 << 20));
    all_arrive_though_some_is_refused(&collector);
}

#[test]
fn a_storage_that_is_full_for_moments_refuses_no_event_for_good() {
    let bit = Arc::new(FluentBit::new());
    let collector = serve(Service::forward(), bit.clone(), Script::normal());
    let client = client(&[&collector], &[("chunk_bytes", "16384")]);
    let end = Instant::now() + Duration::from_secs(12);
    let sent = AtomicU64::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let context = context(&client);
            while Instant::now() < end {
                let n = sent.fetch_add(1, Ordering::Relaxed);
                export(&context, "main", n..n + 1, 50);
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        // Full and free again from a millisecond to a third of a second, and as long the other way.
        let mut moment = 1;
        while Instant::now() < end {
            bit.set_full(true);
            std::thread::sleep(Duration::from_millis(moment));
            bit.set_full(false);
            std::thread::sleep(Duration::from_millis(moment));
            moment = moment * 7 % 331 + 1;
        }
    });
    assert_eq!(client.flush(FLUSH_MS), Ok(()), "{:?}", client.stats());
    check_all_delivered(&client, &[&collector], sent.into_inner());
}

#[test]
fn connections_that_die_after_a_moment_cost_no_event_and_little_time() {
    for service in [Service::forward(), Service::http()] {
        let collector =
            FaultCollector::serve(Listen::Tcp, service, Step::ResetAfter(Duration::from_millis(500)))
                .unwrap();
        let client = client(&[&collector], &[]);
        let context = context(&client);
        for n in 0..10_000 {
            export(&context, "main", n..n + 1, 50);
            if n % 3 == 0 {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        assert_eq!(client.flush(FLUSH_MS), Ok(()), "{:?}", client.stats());
        let stats = check_all_delivered(&client, &[&collector], 10_000);
        assert!(stats.connections > 2, "{stats:?}");
    }
}

#[test]
fn short_programs_wait_for_a_slow_greeting() {
    const PROGRAMS: u64 = 300;
    // Few enough that a busy machine leaves the greeting within the second that a first answer may take.
    const AT_ONCE: u64 = 10;
    let delay = Duration::from_millis(600);
    let trust = Trust::new();
    let service = Service::forward().tls(trust.tls()).handshake(Handshake::new("a-shared-key"));
    let collector = serve(service, Arc::new(FluentBit::new().delays(delay, delay)), Script::normal());
    let program = Program::c("tests/c/life_cycle/exit_without_close.c").build().unwrap();
    let started = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while started.fetch_add(1, Ordering::Relaxed) < PROGRAMS {
                    let mut command = program.command();
                    command.arg("2").env("MONA_ENDPOINT", collector.endpoint()).env("MONA_EVENT_ID", "true");
                    command.env("MONA_CA_FILE", trust.ca_file()).env("MONA_SHARED_KEY", "a-shared-key");
                    let ended = run(&mut command, Duration::from_secs(60)).unwrap().expect_ok().unwrap();
                    assert_eq!(ended.stderr, "");
                }
            });
        }
    });
    assert_eq!(collector.ledger().unique_events(), PROGRAMS * 2, "{:?}", collector.complaints());
}

/// A fourth of the real thing: 100 clients, two receivers with 25 connections each and a third that takes all.
#[test]
fn clients_over_a_connection_limit_go_where_there_is_room() {
    const CLIENTS: u64 = 100;
    let full = [(); 2].map(|()| forward(OpenTelemetry::new().connections(25)));
    let roomy = serve(Service::forward(), Arc::new(mona_collector::Plain), Script::normal());
    let all = [&full[0], &full[1], &roomy];
    let clients: Vec<Client> = (0..CLIENTS).map(|_| client(&all, &[])).collect();
    for (n, client) in clients.iter().enumerate() {
        export(&context(client), &format!("client {n}"), 0..20, 0);
    }
    for client in &clients {
        assert_eq!(client.flush(FLUSH_MS), Ok(()), "{:?}", client.stats());
    }
    let unique: u64 = all.iter().map(|collector| collector.ledger().unique_events()).sum();
    assert!(unique >= CLIENTS * 20);
    let delivered: u64 = clients.iter().map(|client| client.stats().delivered).sum();
    assert_eq!(delivered, CLIENTS * 20);
}

#[test]
fn an_endpoint_that_wants_lines_throws_no_array_away() {
    let collector = serve(Service::http(), Arc::new(VictoriaLogs), Script::normal());
    let client = client(&[&collector], &[]);
    export(&context(&client), "main", 0..1100, 20);
    assert_eq!(client.flush(3000), Err(status::TIMEOUT), "{:?}", client.stats());
    let stats = client.stats();
    assert_eq!((stats.queued_events, stats.dropped()), (1100, 0), "{stats:?}");
    // The operator mends the configuration; nothing was lost.
    collector.set_service(Service::http()).unwrap();
    assert_eq!(client.flush(FLUSH_MS), Ok(()), "{:?}", client.stats());
    check_all_delivered(&client, &[&collector], 1100);
}

#[test]
fn an_endpoint_that_wants_lines_gets_them() {
    for compress in ["none", "gzip"] {
        let collector = serve(Service::http(), Arc::new(VictoriaLogs), Script::normal());
        let client = client(&[&collector], &[("http_format", "lines"), ("compress", compress)]);
        export(&context(&client), "main", 0..20_000, 20);
        assert_eq!(client.flush(FLUSH_MS), Ok(()), "{:?}", client.stats());
        let stats = check_all_delivered(&client, &[&collector], 20_000);
        assert_eq!((stats.chunks_resent, collector.ledger().totals.refused), (0, 0), "{stats:?}");
    }
}
