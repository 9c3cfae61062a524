//! Delivery while nothing is wrong, and the endpoints besides TCP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::{FaultCollector, Listen, Mode, Script, Step};
use mona_tests::ledger::{self, check_all_delivered, context, export};
use mona_tests::native::{Client, status};
use mona_tests::reach::once_within;
use mona_tests::setup::Setup;
use mona_tests::{Program, run};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

mona_tests::against_each! {
    each_thread_keeps_its_order,
    several_chunks_are_in_flight,
    compressed,
    events_of_every_size_up_to_the_limit,
    over_a_unix_socket,
    without_acknowledgements,
    nothing_is_lost_when_a_client_closes_right_after_its_exports,
    closing_leaves_no_connection,
    event_ids_count_up_within_one_instance,
    blocking_exports_return_when_acknowledged,
    a_check_says_how_far_it_comes,
}
mona_tests::against! { elsewhere = PLAIN, elsewhere_by_default = DEFAULTS: [
    into_a_file_that_is_rotated,
    into_a_file_that_has_lines_already,
    into_memory_and_nowhere,
    records_outlive_the_close_of_a_memory_client,
] }

fn collector(setup: Setup, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, setup.forward(), script).unwrap()
}

fn each_thread_keeps_its_order(setup: Setup) {
    let collector = collector(setup, Script::normal());
    let client = setup.client(&collector.endpoint(), &[("chunk_bytes", "4096")]);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let client = &client;
            scope.spawn(move || export(&context(client), &format!("t{thread}"), 0..5000, thread * 10));
        }
    });
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    check_all_delivered(&client, &collector, 20_000);
    let arrived = ledger::arrived(&collector.records());
    assert_eq!(arrived.len(), 4);
    for (thread, numbers) in arrived {
        assert!(numbers.iter().copied().eq(0..5000), "{thread}: not in order");
    }
}

fn several_chunks_are_in_flight(setup: Setup) {
    let delay = Duration::from_millis(100);
    let more = [("chunk_bytes", "2048"), ("ack_timeout_ms", "10000")];
    once_within(|| {
        let collector = collector(setup, Step::DelayAck(delay));
        let client = setup.client(&collector.endpoint(), &more);
        let start = Instant::now();
        export(&context(&client), "main", 0..400, 100);
        assert_eq!(client.flush(setup.flush_ms()), Ok(()));
        let took = start.elapsed();
        let stats = check_all_delivered(&client, &collector, 400);
        assert_eq!(stats.chunks_resent, 0);
        assert!(stats.chunks_sent >= 20, "{stats:?}");
        // One after the other they would take a delay each; with a window of 4 a quarter of that. A server that hands
        // over one chunk at a time takes the delays one after the other, however many are in flight.
        let one_by_one = delay * u32::try_from(stats.chunks_sent).unwrap();
        (took, if setup.is_one_by_one() { Duration::MAX } else { one_by_one * 2 / 3 })
    });
}

fn compressed(setup: Setup) {
    let collector = collector(setup, Script::normal());
    let client = setup.client(&collector.endpoint(), &[("compress", "gzip")]);
    export(&context(&client), "main", 0..2000, 500);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    check_all_delivered(&client, &collector, 2000);
    let ledger = collector.ledger();
    assert!(ledger.chunks.iter().all(|chunk| chunk.mode == Mode::CompressedPackedForward));
    let bytes = ledger.totals.bytes;
    assert!(bytes < 2000 * 500 / 4, "{bytes} bytes for a megabyte of one letter");
}

fn events_of_every_size_up_to_the_limit(setup: Setup) {
    let collector = collector(setup, Script::normal());
    let client = setup.client(&collector.endpoint(), &[]);
    let context = context(&client);
    let sizes = [0, 1, 31, 32, 255, 256, 4000, 65_000, 65_536, 70_000, 200_000, 261_000];
    for (n, size) in sizes.into_iter().enumerate() {
        assert_eq!(context.export(&ledger::event("main", n as u64, size), 0.0), Ok(()), "{size}");
    }
    assert_eq!(context.export(&ledger::event("main", 99, 263_000), 0.0), Err(status::LIMIT));
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    check_all_delivered(&client, &collector, sizes.len() as u64);
}

fn over_a_unix_socket(setup: Setup) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collector.sock");
    let collector = FaultCollector::serve(Listen::Unix(path), setup.forward(), Script::normal()).unwrap();
    let client = setup.client(&collector.endpoint(), &[]);
    export(&context(&client), "main", 0..5000, 20);
    assert_eq!(client.close(setup.flush_ms()), Ok(()));
    check_all_delivered(&client, &collector, 5000);
}

fn without_acknowledgements(setup: Setup) {
    let folder = tempfile::tempdir().unwrap();
    let unix = Listen::Unix(folder.path().join("collector.sock"));
    for listen in [Listen::Tcp, unix] {
        let collector = FaultCollector::serve(listen, setup.forward(), Script::normal()).unwrap();
        let client = setup.client(&collector.endpoint(), &[("ack", "false")]);
        export(&context(&client), "main", 0..5000, 20);
        assert_eq!(client.close(setup.flush_ms()), Ok(()));
        // Written is as good as delivered here; the collector may still be reading.
        assert!(collector.wait_for_records(5000, Duration::from_secs(120)));
        let stats = check_all_delivered(&client, &collector, 5000);
        assert_eq!(stats.chunks_acked, 0);
        assert_eq!(collector.ledger().totals.acknowledged, 0);
    }
}

fn nothing_is_lost_when_a_client_closes_right_after_its_exports(setup: Setup) {
    let collector = collector(setup, Script::normal());
    for round in 0..100 {
        let client = setup.client(&collector.endpoint(), &[]);
        export(&context(&client), &format!("round {round}"), 0..20, 10);
        assert_eq!(client.close(setup.flush_ms()), Ok(()));
        assert_eq!(client.stats().delivered, 20);
    }
    let arrived = ledger::arrived(&collector.records());
    assert_eq!(arrived.values().map(Vec::len).sum::<usize>(), 2000);
    assert_eq!(collector.ledger().duplicates(), 0);
    assert_eq!(collector.complaints(), [""; 0]);
}

fn closing_leaves_no_connection(setup: Setup) {
    let collector = collector(setup, Script::normal());
    let client = setup.client(&collector.endpoint(), &[]);
    export(&context(&client), "main", 0..10, 0);
    assert_eq!(client.close(setup.flush_ms()), Ok(()));
    assert_eq!(client.close(setup.flush_ms()), Ok(()), "closing is idempotent");
    let end = Instant::now() + Duration::from_secs(120);
    while collector.open_connections() > 0 && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(collector.open_connections(), 0);
    check_all_delivered(&client, &collector, 10);
}

fn event_ids_count_up_within_one_instance(setup: Setup) {
    let collector = collector(setup, Script::normal());
    let client = setup.client(&collector.endpoint(), &[]);
    export(&context(&client), "main", 0..3000, 0);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let mut last = None;
    let mut instances = std::collections::BTreeSet::new();
    for record in collector.records() {
        let keys: Vec<&String> = record.record.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["user_id", "context", "message", "export_timestamp", "event_id"]);
        let id = record.record["event_id"].as_str().unwrap();
        let (instance, sequence) = id.rsplit_once('-').unwrap();
        assert_eq!(instance.len(), 36, "{id}");
        instances.insert(instance.to_owned());
        let sequence: u64 = sequence.parse().unwrap();
        assert!(last.is_none_or(|last| sequence > last), "{last:?} before {sequence}");
        last = Some(sequence);
    }
    assert_eq!(instances.len(), 1);
    check_all_delivered(&client, &collector, 3000);
}

fn blocking_exports_return_when_acknowledged(setup: Setup) {
    let delay = Duration::from_millis(40);
    let collector = collector(setup, Step::DelayAck(delay));
    let more = [("blocking", "true"), ("block_timeout_ms", "10000"), ("ack_timeout_ms", "10000")];
    let client = setup.client(&collector.endpoint(), &more);
    let context = context(&client);
    for n in 0..5 {
        let start = Instant::now();
        assert_eq!(context.export(&ledger::event("main", n, 0), 0.0), Ok(()));
        assert!(start.elapsed() >= delay, "{:?}", start.elapsed());
        assert_eq!(client.stats().delivered, n + 1);
        // The calls do not wait for company: the interval comes on top of nothing.
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
    check_all_delivered(&client, &collector, 5);
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn check_line(line: &Value, n: u64) {
    let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["tag", "time", "record"]);
    assert_eq!(line["tag"], "mona.client.message");
    assert!(line["time"].is_u64());
    assert_eq!(line["record"]["message"]["n"], n);
}

fn into_a_file_that_is_rotated(setup: Setup) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    let client = setup.client(&format!("file://{}", path.display()), &[]);
    let context = context(&client);
    export(&context, "main", 0..100, 0);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    export(&context, "main", 100..200, 0);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));

    let rotated = folder.path().join("events.ndjson.1");
    std::fs::rename(&path, &rotated).unwrap();
    export(&context, "main", 200..300, 0);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    std::fs::remove_file(&path).unwrap();
    export(&context, "main", 300..400, 0);
    assert_eq!(client.close(setup.flush_ms()), Ok(()));

    let (before, after) = (lines(&rotated), lines(&path));
    assert_eq!((before.len(), after.len()), (200, 100));
    before.iter().enumerate().for_each(|(n, line)| check_line(line, n as u64));
    after.iter().enumerate().for_each(|(n, line)| check_line(line, 300 + n as u64));
    let stats = client.stats();
    assert!(stats.balanced());
    assert_eq!(stats.delivered, 400);
}

fn into_a_file_that_has_lines_already(setup: Setup) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    for round in 0..3 {
        let client = setup.client(&format!("file://{}", path.display()), &[]);
        export(&context(&client), "main", round * 10..round * 10 + 10, 0);
        assert_eq!(client.close(setup.flush_ms()), Ok(()));
    }
    let lines = lines(&path);
    assert_eq!(lines.len(), 30);
    lines.iter().enumerate().for_each(|(n, line)| check_line(line, n as u64));
}

#[test]
fn to_standard_output() {
    let program = Program::c("tests/c/life_cycle/exit_without_close.c").build().unwrap();
    let mut command = program.command();
    command.arg("250").env("MONA_ENDPOINT", "stdout:");
    let finished = run(&mut command, Duration::from_secs(120)).unwrap().expect_ok().unwrap();
    assert_eq!(finished.stderr, "");
    let lines: Vec<Value> = finished.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 250);
    lines.iter().enumerate().for_each(|(n, line)| check_line(line, n as u64));
}

fn into_memory_and_nowhere(setup: Setup) {
    let kept = setup.client("memory:", &[("event_id", "false")]);
    let context_of_kept = kept.context(Some("ARC"), Some("m")).unwrap();
    export(&context_of_kept, "main", 0..50, 0);
    assert_eq!(kept.flush(setup.flush_ms()), Ok(()));
    let first: Value = serde_json::from_str(&kept.take().unwrap()).unwrap();
    let keys: Vec<&String> = first.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["user_id", "context", "message", "export_timestamp"]);
    assert_eq!(first["message"]["MONA_ARC_CLASS"], "ARC");
    for n in 0..50 {
        let record: Value = serde_json::from_str(&kept.take().unwrap()).unwrap();
        assert_eq!(record["message"]["n"], n);
    }
    assert_eq!(kept.take(), Err(status::NOT_FOUND));
    assert_eq!(kept.stats().delivered, 51);

    let discarded: Client = setup.client("null:", &[]);
    export(&context(&discarded), "main", 0..5000, 0);
    assert_eq!(discarded.flush(setup.flush_ms()), Ok(()));
    assert_eq!(discarded.stats().delivered, 5000);
    assert_eq!(discarded.take(), Err(status::NOT_FOUND));
    assert!(discarded.stats().balanced());
}

fn records_outlive_the_close_of_a_memory_client(setup: Setup) {
    let kept = setup.client("memory:", &[]);
    export(&context(&kept), "main", 0..3, 0);
    assert_eq!(kept.close(setup.flush_ms()), Ok(()));
    assert_eq!(std::iter::from_fn(|| kept.take().ok()).count(), 3);
}

fn a_check_says_how_far_it_comes(setup: Setup) {
    let steps = |client: &Client| -> (i32, Vec<Value>) {
        let (status, report) = client.check(5000);
        let report: Value = serde_json::from_str(&report).unwrap();
        (status, report.as_array().cloned().unwrap())
    };
    let collector = collector(setup, Script::normal());
    let client = setup.client(&collector.endpoint(), &[]);
    let (code, passed) = steps(&client);
    assert_eq!(code, status::OK);
    let names: Vec<&str> = passed.iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(names, ["resolve", "connect", "send", "ack"]);
    assert!(passed.iter().all(|step| step["ok"] == true && step["error"].is_null()));
    assert!(passed.iter().all(|step| step["milliseconds"].is_number()));

    collector.set_script(Step::HttpAnswer);
    let (code, failed) = steps(&client);
    assert_eq!(code, status::IO);
    assert_eq!((&failed[3]["step"], &failed[3]["ok"]), (&"ack".into(), &false.into()));
    assert!(failed[3]["error"].as_str().unwrap().contains("HTTP"), "{failed:?}");

    collector.pause().unwrap();
    let (code, failed) = steps(&client);
    assert_eq!(code, status::IO);
    assert_eq!((&failed[1]["step"], &failed[1]["ok"]), (&"connect".into(), &false.into()));
    assert!(failed[1]["error"].as_str().unwrap().contains("refused"), "{failed:?}");
    assert_eq!(client.stats().accepted, 0);
    assert_eq!(collector.records().len(), 0);
}
