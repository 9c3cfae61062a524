//! Events that a collector refuses: they alone are lost, they are counted, and everything else goes on.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::time::{Duration, Instant};

use mona_collector::{FaultCollector, Listen, Reply, Script, Service, Step, Tokens};
use mona_tests::ledger::{context, event};
use mona_tests::native::{Client, Context, status};
use mona_tests::reach::{Trust, check, check_all_delivered, eventually};
use mona_tests::said;
use mona_tests::setup::{Setup, Way};
use serde_json::Value;

mona_tests::against_each! {
    three_in_ten_thousand_over_forward,
    three_in_ten_thousand_over_forward_in_small_chunks,
    poison_behind_poison_is_found_too,
    a_collector_that_takes_nothing_costs_no_event,
    a_collector_that_closes_over_its_limit_gets_smaller_chunks,
    an_outage_while_poison_is_looked_for_costs_no_other_event,
}
// The ways in that not every server has: the OpenTelemetry receiver has neither TLS nor HTTP.
mona_tests::against! { plain_otherwise = PLAIN, defaults_otherwise = DEFAULTS: [
    three_in_ten_thousand_over_tls,
    three_in_ten_thousand_over_http,
    an_endpoint_that_refuses_everything_over_http_keeps_it,
    three_in_ten_thousand_over_the_rest_api,
] }
mona_tests::against! { otlp = OTLP: [
    three_in_ten_thousand_over_http,
    an_endpoint_that_refuses_everything_over_http_keeps_it,
] }
mona_tests::against! { fluent_bit_otherwise = FLUENT_BIT, fluentd_otherwise = FLUENTD: [
    three_in_ten_thousand_over_tls,
    three_in_ten_thousand_over_http,
    an_endpoint_that_refuses_everything_over_http_keeps_it,
] }

const EVENTS: u64 = 10_000;
/// Events follow the last of them: alone in a chunk behind which nothing comes, an event that breaks connections is kept,
/// and chunks end where the clock says so.
const POISONED: [u64; 3] = [17, 5_000, 9_990];

fn is_poison(record: &Value) -> bool {
    record["message"]["poison"] == true
}

fn serve(service: Service, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, service, script).unwrap()
}

fn export(context: &Context, range: std::ops::Range<u64>, poisoned: &[u64]) {
    for n in range {
        let mut text = event("main", n, 50);
        if poisoned.contains(&n) {
            text.truncate(text.len() - 1);
            text.push_str(r#","poison":true}"#);
        }
        assert_eq!(context.export(&text, 0.0), Ok(()), "{n}");
    }
}

/// Sends all events, some poisoned, and gives how long it took until nothing was left.
fn takes(setup: Setup, service: &Service, poisoned: &[u64], more: &[(&str, &str)]) -> Duration {
    let collector = serve(service.clone(), Script::normal());
    let client = setup.client(&collector.endpoint(), more);
    let context = context(&client);
    let start = Instant::now();
    export(&context, 0..EVENTS, poisoned);
    let flushed = client.flush(setup.flush_ms());
    let took = start.elapsed();
    assert_eq!(flushed, Ok(()), "{:?} {:#?}", client.stats(), said::about(&collector.endpoint()));
    lost_alone(&client, &collector, EVENTS, poisoned);
    took
}

/// Everything but the poisoned events arrived.
fn lost_alone(client: &Client, collector: &FaultCollector, sent: u64, poisoned: &[u64]) {
    let (stats, arrived) = check(client, &[collector]);
    let lost = poisoned.len() as u64;
    assert_eq!(
        (stats.accepted, stats.delivered, stats.dropped_rejected),
        (sent, sent - lost, lost),
        "{stats:?}"
    );
    let mut numbers = arrived["main"].clone();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq((0..sent).filter(|n| !poisoned.contains(n))));
}

/// Half as long again as without poison, at most. The best of a few tries counts, and a step of the clock
/// on a busy machine is no reason to fail.
fn is_hardly_slower(setup: Setup, service: Service, more: &[(&str, &str)]) {
    const TRIES: usize = 5;
    const SLACK: Duration = Duration::from_millis(150);
    let service = service.poison(is_poison);
    let mut pairs = Vec::new();
    for _ in 0..TRIES {
        let (clean, poisoned) = (takes(setup, &service, &[], more), takes(setup, &service, &POISONED, more));
        if poisoned <= clean * 3 / 2 + SLACK {
            return;
        }
        pairs.push((clean, poisoned));
    }
    panic!("clean and poisoned: {pairs:?}");
}

fn three_in_ten_thousand_over_forward(setup: Setup) {
    is_hardly_slower(setup, setup.forward(), &[]);
}

fn three_in_ten_thousand_over_forward_in_small_chunks(setup: Setup) {
    is_hardly_slower(setup, setup.forward(), &[("chunk_bytes", "16384"), ("compress", "gzip")]);
}

fn three_in_ten_thousand_over_tls(setup: Setup) {
    let trust = Trust::new();
    is_hardly_slower(setup, setup.service(Way::Tls, &trust), &[("ca_file", trust.ca_file())]);
}

fn three_in_ten_thousand_over_http(setup: Setup) {
    is_hardly_slower(setup, setup.http(), &[]);
    let trust = Trust::new();
    is_hardly_slower(
        setup,
        setup.service(Way::Https, &trust),
        &[("ca_file", trust.ca_file()), ("compress", "gzip")],
    );
    if !setup.is_otlp {
        is_hardly_slower(setup, setup.http(), &[("http_format", "lines")]);
    }
}

fn three_in_ten_thousand_over_the_rest_api(setup: Setup) {
    let service = Service::http().tokens(Tokens::new("the-api-key", "the-api-secret")).poison(is_poison);
    let collector = serve(service, Script::normal());
    let login = format!("{}/auth/login", collector.endpoint());
    let more = [
        ("http_format", "mona"),
        ("api_key", "the-api-key"),
        ("api_secret", "the-api-secret"),
        ("auth_url", &login),
    ];
    let client = setup.client(&collector.endpoint(), &more);
    export(&client.context(Some("ARC"), None).unwrap(), 0..EVENTS, &POISONED);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let stats = client.stats();
    assert!(stats.balanced(), "{stats:?}");
    assert_eq!(
        (stats.accepted, stats.delivered, stats.dropped_rejected),
        (EVENTS, EVENTS - 3, 3),
        "{stats:?}"
    );
    let mut numbers: Vec<u64> =
        collector.records().iter().map(|record| record.record["message"]["n"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq((0..EVENTS).filter(|n| !POISONED.contains(n))));
}

fn poison_behind_poison_is_found_too(setup: Setup) {
    let poisoned: Vec<u64> = (100..110).chain([500, 502, 504]).collect();
    let trust = Trust::new();
    for way in setup.ways(&[Way::Tcp, Way::Http]) {
        let collector = serve(setup.service(way, &trust).poison(is_poison), Script::normal());
        let client = setup.client(&collector.endpoint(), &[("chunk_bytes", "16384")]);
        export(&context(&client), 0..2000, &poisoned);
        assert_eq!(client.flush(setup.flush_ms()), Ok(()), "{:?}", client.stats());
        lost_alone(&client, &collector, 2000, &poisoned);
    }
}

fn a_collector_that_takes_nothing_costs_no_event(setup: Setup) {
    // Each of these looks like a refusal of everything that is sent.
    let steps = [Step::ReadThenReset(1), Step::HttpAnswer, Step::Reset, Step::WrongAck, Step::Garbage];
    // Five trials take a second and a half with short pauses, and with those of users some seconds.
    let (patience, trials) = if setup.has_defaults { (10_000, 2) } else { (1500, 5) };
    std::thread::scope(|scope| {
        for step in steps {
            scope.spawn(move || {
                let collector = serve(setup.forward(), step);
                let more = [("chunk_bytes", "16384"), ("ack_timeout_ms", "100")];
                let client = setup.client(&collector.endpoint(), &more);
                export(&context(&client), 0..2000, &[]);
                assert_eq!(client.flush(patience), Err(status::TIMEOUT), "{step:?}");
                let is_tried = || collector.ledger().totals.connections > trials;
                assert!(eventually(Duration::from_secs(120), is_tried), "{step:?}: {:?}", client.stats());
                let stats = client.stats();
                assert_eq!((stats.dropped_rejected, stats.accepted), (0, 2000), "{step:?}: {stats:?}");
                collector.set_script(Script::normal());
                collector.set_service(setup.forward()).unwrap();
                assert_eq!(client.flush(setup.flush_ms()), Ok(()), "{step:?}");
                lost_alone(&client, &collector, 2000, &[]);
            });
        }
    });
}

fn a_collector_that_closes_over_its_limit_gets_smaller_chunks(setup: Setup) {
    let collector = serve(setup.forward().limit(5000), Script::normal());
    let client = setup.client(&collector.endpoint(), &[("chunk_bytes", "32768")]);
    let context = context(&client);
    export(&context, 0..2000, &[]);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()), "{:?}", client.stats());
    lost_alone(&client, &collector, 2000, &[]);
    assert!(collector.ledger().totals.refused > 0);
    // One that is too large by itself is what nobody can deliver.
    assert_eq!(context.export(&event("main", 2000, 6000), 0.0), Ok(()));
    export(&context, 2001..3000, &[]);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()), "{:?}", client.stats());
    lost_alone(&client, &collector, 3000, &[2000]);
}

fn an_outage_while_poison_is_looked_for_costs_no_other_event(setup: Setup) {
    let trust = Trust::new();
    for way in setup.ways(&[Way::Tcp, Way::Http]) {
        let collector = serve(setup.service(way, &trust).poison(is_poison), Script::normal());
        let client = setup.client(&collector.endpoint(), &[("chunk_bytes", "16384")]);
        let context = context(&client);
        for round in 0..10 {
            let start = round * 500;
            export(&context, start..start + 500, &[start + 250]);
            // Somewhere in the middle of looking, a little later each time.
            std::thread::sleep(Duration::from_millis(2 * round));
            collector.pause().unwrap();
            std::thread::sleep(Duration::from_millis(30));
            collector.resume().unwrap();
        }
        assert_eq!(client.flush(setup.flush_ms()), Ok(()), "{:?}", client.stats());
        let poisoned: Vec<u64> = (0..10).map(|round| round * 500 + 250).collect();
        lost_alone(&client, &collector, 5000, &poisoned);
    }
}

fn an_endpoint_that_refuses_everything_over_http_keeps_it(setup: Setup) {
    let collector = serve(setup.http(), Reply::new(400));
    let client = setup.client(&collector.endpoint(), &[]);
    export(&context(&client), 0..2000, &[]);
    assert_eq!(client.flush(1000), Err(status::TIMEOUT));
    assert!(collector.wait_for(Duration::from_secs(120), |ledger| ledger.requests.len() >= 6));
    let (stats, arrived) = check(&client, &[&collector]);
    assert_eq!((stats.delivered, stats.dropped_rejected, arrived.len()), (0, 0, 0), "{stats:?}");
    assert_eq!(stats.queued_events, 2000, "{stats:?}");
    let lines = said::about(&collector.addr().unwrap().to_string());
    let doubt = if setup.is_otlp { "a receiver of OTLP logs" } else { "another http_format" };
    assert!(
        lines.iter().any(|line| ["400", "without events", "events are kept", doubt]
            .iter()
            .all(|word| line.contains(word))),
        "{lines:#?}"
    );
    assert!(lines.len() <= 3, "once a minute for each kind: {lines:#?}");
    // Open connections keep their step.
    collector.set_script(Script::normal());
    collector.set_service(setup.http()).unwrap();
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    check_all_delivered(&client, &[&collector], 2000);
}
