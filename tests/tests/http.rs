//! `http://` and `https://` with records: what each answer means for the data, and every way a connection breaks.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::time::{Duration, Instant};

use mona_collector::{
    FaultCollector, Ledger, Listen, Reply, RequestEntry, RetryAfter, Script, Service, Step, TlsVersions,
};
use mona_tests::ledger::{self, context, export};
use mona_tests::native::{Stats, status};
use mona_tests::reach::{Trust, check, check_all_delivered, check_all_kept, eventually, once_within};
use mona_tests::said;
use mona_tests::setup::{Setup, Way};

mona_tests::against! { quick = PLAIN, defaults = DEFAULTS: [
    requests_are_what_collectors_take,
    a_record_a_line,
    a_path_of_its_own_is_kept,
    compressed_and_in_tls,
    no_body_is_too_large,
    answers_that_mean_later,
    retry_after_in_every_form,
    a_retry_after_beyond_measure_keeps_the_data_and_lets_go_at_close,
    answers_that_mean_the_configuration_keep_the_data,
    too_large_is_split_and_nothing_else_is_lost,
    a_single_event_that_is_too_large_is_dropped_and_counted,
    refused_once_is_no_reason_to_drop,
    connections_that_break,
    one_answer_in_ten_is_lost,
    a_connection_that_went_stale_costs_nothing,
    down_then_up,
    close_comes_back_in_time_whatever_the_collector_does,
] }

// What answers and broken connections mean to OTLP too; `otlp` has its own.
mona_tests::against! { otlp = OTLP: [
    a_path_of_its_own_is_kept,
    compressed_and_in_tls,
    answers_that_mean_later,
    retry_after_in_every_form,
    a_retry_after_beyond_measure_keeps_the_data_and_lets_go_at_close,
    answers_that_mean_the_configuration_keep_the_data,
    too_large_is_split_and_nothing_else_is_lost,
    a_single_event_that_is_too_large_is_dropped_and_counted,
    refused_once_is_no_reason_to_drop,
    connections_that_break,
    one_answer_in_ten_is_lost,
    a_connection_that_went_stale_costs_nothing,
    down_then_up,
    close_comes_back_in_time_whatever_the_collector_does,
] }

/// A body of JSON is no larger.
const MOST_BODY_BYTES: usize = 1024 * 1024;

fn serve(service: Service, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, service, script).unwrap()
}

fn events(ledger: &Ledger) -> impl Iterator<Item = &RequestEntry> {
    ledger.requests.iter()
}

/// Sends 3000 events through this; all arrive.
fn survives(
    setup: Setup,
    service: Service,
    script: impl Into<Script>,
    more: &[(&str, &str)],
) -> (Stats, Ledger) {
    let collector = serve(service, script);
    let mut options = vec![("chunk_bytes", "16384"), ("io_timeout_ms", "500")];
    options.extend(more);
    let client = setup.client(&collector.endpoint(), &options);
    export(&context(&client), "main", 0..3000, 50);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()), "{:#?}", said::about(&collector.endpoint()));
    let stats = check_all_delivered(&client, &[&collector], 3000);
    assert_eq!(client.close(setup.flush_ms()), Ok(()));
    (stats, collector.ledger())
}

fn requests_are_what_collectors_take(setup: Setup) {
    let collector = serve(setup.http(), Script::normal());
    let more = [("http_header", "X-Team: a team\nX-Other: b"), ("chunk_bytes", "16384")];
    let client = setup.client(&collector.endpoint(), &more);
    export(&context(&client), "main", 0..3000, 50);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let stats = ledger::check_all_delivered(&client, &collector, 3000);
    assert_eq!((stats.connections, stats.chunks_resent), (1, 0), "{stats:?}");
    let taken = collector.ledger();
    assert!(taken.requests.len() > 20);
    assert_eq!(taken.totals.connections, 1, "one connection is used again and again");
    for request in events(&taken) {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/mona.client.message"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("content-encoding"), None);
        assert!(request.header("user-agent").unwrap().starts_with("libmona/"), "{request:?}");
        assert_eq!((request.header("x-team"), request.header("x-other")), (Some("a team"), Some("b")));
        assert_eq!(request.status, Some(201));
    }
    for record in collector.records() {
        let keys: Vec<&String> = record.record.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["user_id", "context", "message", "export_timestamp", "event_id"]);
        assert_eq!(record.tag, "mona.client.message");
    }
}

fn a_record_a_line(setup: Setup) {
    let trust = Trust::new();
    for (service, compress) in [(setup.http(), "none"), (setup.service(Way::Https, &trust), "gzip")] {
        let collector = serve(service, Script::normal());
        let more = [("http_format", "lines"), ("compress", compress), ("ca_file", trust.ca_file())];
        let client = setup.client(&collector.endpoint(), &more);
        export(&context(&client), "main", 0..3000, 50);
        assert_eq!(client.flush(setup.flush_ms()), Ok(()));
        ledger::check_all_delivered(&client, &collector, 3000);
        for request in events(&collector.ledger()) {
            assert_eq!(request.path, "/mona.client.message");
            assert_eq!(request.header("content-type"), Some("application/x-ndjson"));
        }
    }
}

fn a_path_of_its_own_is_kept(setup: Setup) {
    let collector = serve(setup.http(), Script::normal());
    let client = setup.client(&format!("{}/a/tag?key=value", collector.endpoint()), &[]);
    export(&context(&client), "main", 0..10, 0);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    ledger::check_all_delivered(&client, &collector, 10);
    assert!(events(&collector.ledger()).all(|request| request.path == "/a/tag?key=value"));
}

fn compressed_and_in_tls(setup: Setup) {
    let trust = Trust::new();
    let plain = serve(setup.http(), Script::normal());
    let both = serve(setup.service(Way::Https, &trust), Script::normal());
    let older = serve(setup.http().tls(trust.tls_of(TlsVersions::Tls12)), Script::normal());
    for (collector, compress) in [(&plain, "gzip"), (&both, "none"), (&older, "gzip")] {
        let more = [("ca_file", trust.ca_file()), ("compress", compress)];
        let client = setup.client(&collector.endpoint(), &more);
        export(&context(&client), "main", 0..3000, 500);
        assert_eq!(client.close(setup.flush_ms()), Ok(()));
        ledger::check_all_delivered(&client, collector, 3000);
        let taken = collector.ledger();
        let gzip = (compress == "gzip").then_some("gzip");
        assert!(events(&taken).all(|request| request.header("content-encoding") == gzip));
        let bytes: usize = events(&taken).map(|request| request.bytes).sum();
        assert_eq!(bytes < 3000 * 500 / 4, gzip.is_some(), "{bytes} bytes");
    }
}

fn no_body_is_too_large(setup: Setup) {
    let collector = serve(setup.http(), Script::normal());
    let more = [("chunk_bytes", "2097152"), ("flush_interval_ms", "200"), ("queue_bytes", "67108864")];
    let client = setup.client(&collector.endpoint(), &more);
    let context = context(&client);
    export(&context, "main", 0..4000, 2000);
    // Control characters take one byte as msgpack and six as JSON.
    let filling = "\\u0001".repeat(250_000 / 6 * 5);
    let odd = format!(r#"{{"who":"odd","n":0,"filling":"","check":0,"odd":"{filling}"}}"#);
    let is_accepted = context.export(&odd, 0.0).is_ok();
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let largest = events(&collector.ledger()).map(|request| request.bytes).max().unwrap();
    assert!(largest <= MOST_BODY_BYTES, "{largest}");
    assert!(largest > MOST_BODY_BYTES / 4, "{largest}: the bodies are small");
    let stats = client.stats();
    assert_eq!(collector.ledger().unique_events(), 4000 + u64::from(is_accepted) - stats.dropped_too_big);
    assert!(stats.balanced() && stats.dropped_rejected == 0, "{stats:?}");
}

fn answers_that_mean_later(setup: Setup) {
    for status in [408, 429, 500, 502, 503, 504, 599] {
        let (stats, taken) = survives(setup, setup.http(), Reply::new(status).first(3), &[]);
        assert_eq!((stats.dropped_rejected, stats.dropped_too_big), (0, 0), "{status}: {stats:?}");
        assert_eq!(taken.duplicates(), 0, "{status}");
        let refused = events(&taken).filter(|request| request.status == Some(status)).count();
        assert_eq!(refused, 3, "{status}");
    }
    let (stats, taken) = survives(setup, setup.http(), Reply::new(503).every(3), &[]);
    assert_eq!((stats.dropped_rejected, taken.duplicates()), (0, 0), "{stats:?}");
}

fn retry_after_in_every_form(setup: Setup) {
    for (value, least) in [
        (RetryAfter::Seconds(1), Duration::from_millis(1000)),
        // A date has whole seconds, so up to one of them is over already.
        (RetryAfter::DateIn(2), Duration::from_millis(950)),
        (RetryAfter::Seconds(0), Duration::ZERO),
        (RetryAfter::DateAgo(60), Duration::ZERO),
        (RetryAfter::Garbage, Duration::ZERO),
        (RetryAfter::Negative, Duration::ZERO),
    ] {
        let start = Instant::now();
        let (stats, taken) = survives(setup, setup.http(), Reply::new(503).first(1).retry_after(value), &[]);
        let took = start.elapsed();
        assert!(took >= least, "{value:?}: {took:?}");
        assert_eq!((stats.dropped_rejected, taken.duplicates()), (0, 0), "{value:?}: {stats:?}");
        assert_eq!(events(&taken).filter(|request| request.status == Some(503)).count(), 1, "{value:?}");
    }
}

fn a_retry_after_beyond_measure_keeps_the_data_and_lets_go_at_close(setup: Setup) {
    for value in [RetryAfter::Huge, RetryAfter::Seconds(3600), RetryAfter::DateIn(u64::MAX)] {
        once_within(|| {
            let collector = serve(setup.http(), Reply::new(429).first(1).retry_after(value));
            let client = setup.client(&collector.endpoint(), &[]);
            export(&context(&client), "main", 0..100, 0);
            assert!(collector.wait_for(Duration::from_secs(120), |ledger| ledger.requests.len() == 1));
            assert_eq!(client.flush(500), Err(status::TIMEOUT));
            assert_eq!(collector.ledger().requests.len(), 1, "{value:?}: it did not wait");
            check_all_kept(&client, &collector, 100);
            let start = Instant::now();
            assert_eq!(client.close(100), Err(status::TIMEOUT));
            let took = start.elapsed();
            let (stats, _) = check(&client, &[&collector]);
            assert_eq!(stats.dropped_closed, 100, "{value:?}: {stats:?}");
            (took, Duration::from_secs(2))
        });
    }
}

fn answers_that_mean_the_configuration_keep_the_data(setup: Setup) {
    for (status, word) in [
        (401, "credentials"),
        (403, "right to post"),
        (404, "the path of an HTTP input"),
        (405, "an HTTP input"),
        (415, "in the form that"),
        (301, "redirects are not followed"),
    ] {
        let input = if setup.is_otlp { "a receiver of OTLP" } else { "an HTTP input" };
        let word = word.replace("an HTTP input", input);
        let collector = serve(setup.http(), Reply::new(status));
        let place = collector.addr().unwrap().to_string();
        let client = setup.client(&collector.endpoint(), &[]);
        export(&context(&client), "main", 0..1000, 50);
        said::wait_for(&place, &[&status.to_string(), &word, "events are kept"]);
        assert!(eventually(Duration::from_secs(120), || collector.ledger().requests.len() >= 3));
        assert_eq!(client.flush(50), Err(mona_tests::native::status::TIMEOUT));
        check_all_kept(&client, &collector, 1000);
        // Open connections keep their step.
        collector.set_script(Script::normal());
        collector.set_service(setup.http()).unwrap();
        assert_eq!(client.flush(setup.flush_ms()), Ok(()), "{status}");
        check_all_delivered(&client, &[&collector], 1000);
    }
}

fn too_large_is_split_and_nothing_else_is_lost(setup: Setup) {
    for compress in ["none", "gzip"] {
        let (stats, taken) =
            survives(setup, setup.http().limit(5000), Script::normal(), &[("compress", compress)]);
        assert_eq!(stats.dropped_too_big, 0, "{stats:?}");
        assert_eq!(taken.duplicates(), 0);
        if compress == "none" {
            assert!(events(&taken).any(|request| request.status == Some(413)));
        }
        assert!(
            events(&taken).filter(|request| request.bytes > 5000).all(|request| request.status == Some(413))
        );
    }
}

fn a_single_event_that_is_too_large_is_dropped_and_counted(setup: Setup) {
    let collector = serve(setup.http().limit(20_000), Script::normal());
    let client = setup.client(&collector.endpoint(), &[]);
    let context = context(&client);
    export(&context, "before", 0..500, 10);
    export(&context, "large", 0..3, 30_000);
    export(&context, "after", 0..500, 10);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let (stats, arrived) = check(&client, &[&collector]);
    assert_eq!((stats.accepted, stats.delivered, stats.dropped_too_big), (1003, 1000, 3), "{stats:?}");
    assert_eq!(arrived.keys().collect::<Vec<_>>(), ["after", "before"]);
    assert!(arrived.values().all(|numbers| numbers.iter().copied().eq(0..500)));
}

fn refused_once_is_no_reason_to_drop(setup: Setup) {
    for status in [400, 422] {
        let (stats, taken) = survives(setup, setup.http(), Reply::new(status).first(1), &[]);
        assert_eq!((stats.dropped_rejected, taken.duplicates()), (0, 0), "{status}: {stats:?}");
    }
}

fn connections_that_break(setup: Setup) {
    let trust = Trust::new();
    let scripts: [(&str, Script); 9] = [
        ("reset at once", [Step::Reset, Step::Reset, Step::Normal].into()),
        (
            "reset in a request's body",
            [Step::ReadThenReset(1000), Step::ReadThenReset(20_000), Step::Normal].into(),
        ),
        ("close in an answer's body", [Step::HalfAck, Step::HalfAck, Step::Normal].into()),
        ("reset in a record of the answer", [Step::HalfRecord, Step::HalfRecord, Step::Normal].into()),
        ("no answer", [Step::DropAck, Step::Normal].into()),
        ("an answer that is no HTTP", [Step::Garbage, Step::Garbage, Step::Normal].into()),
        ("slow answers", Step::Trickle(Duration::from_millis(1)).into()),
        ("late answers", Step::DelayAck(Duration::from_millis(20)).into()),
        ("closed when idle", Step::CloseWhenIdle(Duration::from_millis(20)).into()),
    ];
    for (name, script) in scripts {
        for service in [setup.http(), setup.service(Way::Https, &trust)] {
            let (stats, taken) =
                survives(setup, service.clone(), script.clone(), &[("ca_file", trust.ca_file())]);
            assert_eq!((stats.dropped_rejected, stats.dropped_too_big), (0, 0), "{name}: {stats:?}");
            // What was taken more than once was sent more than once, and the counters know. Requests without events,
            // which ask whether anything is taken at all, are all alike.
            let with_events = taken.chunks.iter().filter(|chunk| chunk.count > 0);
            let again: u64 = with_events.map(|chunk| chunk.times - 1).sum();
            assert!(again <= stats.chunks_resent, "{name}: {again} again, {stats:?}");
        }
    }
}

fn one_answer_in_ten_is_lost(setup: Setup) {
    let (stats, taken) = survives(
        setup,
        setup.http(),
        Step::DropAckEvery(10),
        &[("io_timeout_ms", "100"), ("chunk_bytes", "8192")],
    );
    assert!(taken.duplicates() > 0 && stats.chunks_resent > 0, "{stats:?}");
    let predicted: u64 = taken.chunks.iter().map(|chunk| chunk.count as u64 * chunk.times).sum();
    assert_eq!(taken.totals.records, predicted);
    assert_eq!(predicted, 3000 + taken.duplicates());
}

fn a_connection_that_went_stale_costs_nothing(setup: Setup) {
    let trust = Trust::new();
    for service in [setup.http(), setup.service(Way::Https, &trust)] {
        // Long enough that a busy machine brings every burst before it is over.
        let collector = serve(service, Step::CloseWhenIdle(Duration::from_millis(700)));
        let client = setup.client(&collector.endpoint(), &[("ca_file", trust.ca_file())]);
        let context = context(&client);
        for burst in 0..5 {
            export(&context, "main", burst * 10..burst * 10 + 10, 0);
            assert_eq!(client.flush(setup.flush_ms()), Ok(()));
            // An idle client may leave its end open for long; the collector's is closed by then.
            eventually(Duration::from_millis(2500), || collector.open_connections() == 0);
        }
        let stats = ledger::check_all_delivered(&client, &collector, 50);
        assert_eq!(stats.chunks_resent, 0, "the end of a connection is noticed before it is used: {stats:?}");
        assert_eq!(collector.ledger().duplicates(), 0);
    }
}

fn down_then_up(setup: Setup) {
    let collector = serve(setup.http(), Script::normal());
    let client = setup.client(&collector.endpoint(), &[]);
    let context = context(&client);
    for round in 0..3 {
        collector.pause().unwrap();
        export(&context, "main", round * 500..round * 500 + 500, 20);
        assert_eq!(client.flush(200), Err(status::TIMEOUT));
        collector.resume().unwrap();
        assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    }
    check_all_delivered(&client, &[&collector], 1500);
    assert_eq!(collector.ledger().duplicates(), 0);
}

fn close_comes_back_in_time_whatever_the_collector_does(setup: Setup) {
    for step in [Step::AcceptNoRead, Step::DropAck, Step::Trickle(Duration::from_millis(200))] {
        once_within(|| {
            let collector = serve(setup.http(), step);
            let client = setup.client(&collector.endpoint(), &[("io_timeout_ms", "30000")]);
            export(&context(&client), "main", 0..5000, 50);
            let start = Instant::now();
            assert_eq!(client.close(500), Err(status::TIMEOUT), "{step:?}");
            let took = start.elapsed();
            let stats = client.stats();
            assert!(stats.balanced() && stats.dropped_closed > 0, "{step:?}: {stats:?}");
            // The promise is 250 ms more than asked for; the rest is for a machine that is busy with other tests.
            (took, Duration::from_millis(750 + 500))
        });
    }
}
