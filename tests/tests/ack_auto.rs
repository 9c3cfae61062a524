//! `ack=auto`: who ever acknowledged is waited for, who took chunks and never did is served without.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::{FaultCollector, Listen, Script, Step};
use mona_tests::ledger::{check_all_delivered, context, export};
use mona_tests::reach::eventually;
use mona_tests::said;
use mona_tests::setup::Setup;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(120);

fn collector(setup: Setup, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, setup.service_in_clear(), script).unwrap()
}

#[test]
fn a_collector_that_never_acknowledges_gets_everything_once_with_auto() {
    let setup = Setup::PLAIN;
    let collector = collector(setup, Step::DropAck);
    let options = [("ack", "auto"), ("ack_timeout_ms", "300"), ("chunk_bytes", "16384")];
    let client = setup.client(&collector.endpoint(), &options);
    let context = context(&client);
    export(&context, "main", 0..1000, 0);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    export(&context, "main", 1000..3000, 0);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    // Delivered means written here.
    assert!(collector.wait_for_records(3000, LONG));
    let stats = check_all_delivered(&client, &collector, 3000);
    assert_eq!((stats.connections, stats.chunks_resent, stats.chunks_acked), (1, 0, 0), "{stats:?}");
    assert_eq!(client.close(setup.flush_ms()), Ok(()));
    let ledger = collector.ledger();
    assert_eq!(ledger.duplicate_chunks(), 0);
}

#[test]
fn a_collector_that_acknowledged_once_is_asked_for_ever_with_auto() {
    let setup = Setup::PLAIN;
    let collector = collector(setup, Step::DropAckEvery(2));
    let options = [("ack", "auto"), ("ack_timeout_ms", "2000"), ("io_timeout_ms", "5000")];
    let client = setup.client(&collector.endpoint(), &options);
    let context = context(&client);
    // One event is one chunk, whenever it is sent.
    export(&context, "main", 0..1, 0);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    export(&context, "main", 1..2, 0);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let stats = check_all_delivered(&client, &collector, 2);
    assert_eq!((stats.chunks_acked, stats.chunks_resent), (2, 1), "{stats:?}");
}

#[test]
fn a_collector_that_acknowledges_late_is_asked_again_with_auto() {
    let setup = Setup::PLAIN;
    let collector = collector(setup, Step::DelayAck(Duration::from_millis(2000)));
    let options =
        [("ack", "auto"), ("ack_timeout_ms", "300"), ("chunk_bytes", "16384"), ("io_timeout_ms", "10000")];
    let client = setup.client(&collector.endpoint(), &options);
    let context = context(&client);
    export(&context, "main", 0..1000, 0);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let written_off = client.stats();
    assert_eq!((written_off.delivered, written_off.chunks_acked), (1000, 0), "{written_off:?}");
    assert!(eventually(LONG, || client.stats().chunks_acked > 0), "{:?}", client.stats());
    let late = client.stats();
    assert_eq!((late.connections, late.chunks_resent), (1, 0), "{late:?}");
    export(&context, "main", 1000..1010, 0);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let stats = check_all_delivered(&client, &collector, 1010);
    // 300 ms, 600 ms and 1200 ms are too short by what it takes now: whoever acknowledged is waited for.
    assert!(stats.chunks_acked > late.chunks_acked && stats.chunks_resent > 0, "{stats:?}");
}

#[test]
fn a_collector_that_acknowledges_after_a_reconnect_is_one_that_does_with_auto() {
    let setup = Setup::PLAIN;
    // Each connection ends before its time is over: that is a failure, and no reason to go on without.
    let script = [Step::ReadThenReset(10), Step::Reset, Step::Normal];
    let collector = collector(setup, script);
    let options = [("ack", "auto"), ("ack_timeout_ms", "2000"), ("chunk_bytes", "16384")];
    let client = setup.client(&collector.endpoint(), &options);
    export(&context(&client), "main", 0..1000, 0);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let stats = check_all_delivered(&client, &collector, 1000);
    assert!(stats.chunks_resent >= 1 && stats.chunks_acked >= 1, "{stats:?}");
    assert_eq!(collector.ledger().duplicate_chunks(), 0);
}

#[test]
fn each_endpoint_of_a_list_is_judged_by_itself_and_once_with_auto() {
    let setup = Setup::PLAIN;
    let [a, b] = [(); 2].map(|()| collector(setup, Step::DropAck));
    let endpoints = format!("{},{}", a.endpoint(), b.endpoint());
    let client = setup.client(&endpoints, &[("ack", "auto"), ("ack_timeout_ms", "300")]);
    let context = context(&client);
    export(&context, "main", 0..100, 0);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    assert!(eventually(LONG, || a.records().len() + b.records().len() == 100));
    let (first, second) = if a.records().is_empty() { (b, a) } else { (a, b) };
    second.set_script(Step::Normal);

    first.pause().unwrap();
    export(&context, "main", 100..200, 0);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let stats = client.stats();
    assert!(stats.balanced() && stats.delivered == 200 && stats.chunks_acked >= 1, "{stats:?}");
    assert_eq!((first.records().len(), second.records().len()), (100, 100), "{stats:?}");

    // What was learned holds on later connections, too.
    first.resume().unwrap();
    let mut sent = 200;
    assert!(eventually(LONG, || {
        export(&context, "main", sent..sent + 1, 0);
        sent += 1;
        assert_eq!(client.flush(setup.flush_ms()), Ok(()));
        first.records().len() > 100
    }));
    export(&context, "main", sent..sent + 100, 0);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    let total = sent as usize + 100;
    assert!(eventually(LONG, || first.records().len() + second.records().len() == total));
    let [of_first, of_second] = [&first, &second].map(|collector| {
        let lines = said::about(&collector.addr().unwrap().to_string());
        lines.iter().filter(|line| line.contains("acknowledged nothing")).count()
    });
    assert_eq!((of_first, of_second), (1, 0));
    assert_eq!(first.ledger().chunks.iter().filter(|chunk| chunk.id.is_some()).count(), 1);
    assert_eq!(client.stats().chunks_resent, 0);
}
