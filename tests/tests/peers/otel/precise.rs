//! What records for fleets have beside the others: the nanoseconds of their time and the id of the main context.

use std::time::{SystemTime, UNIX_EPOCH};

use mona_tests::ledger;
use mona_tests::reach::FLUSH_MS;
use mona_tests::setup::Setup;

use super::{At, NO_QUEUE, Otel};

const SECOND: u64 = 1_000_000_000;
const MILLISECOND: u64 = 1_000_000;
const EVENTS: u64 = 1000;

/// A time that the program gives.
const GIVEN: f64 = 1_600_000_000.75;

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}

#[test]
fn otel_takes_the_parts_of_a_second_and_the_id_of_the_main_context() {
    for (precision, unit) in [("s", SECOND), ("ms", MILLISECOND), ("ns", 1)] {
        let Some(otel) = Otel::start(At::Port, NO_QUEUE) else { return };
        let before = now();
        let options = [("arc_id", "true"), ("time_precision", precision)];
        let client = Setup::DEFAULTS.client(&otel.endpoint, &options);
        let context = ledger::context(&client);
        ledger::export(&context, "main", 0..EVENTS, 20);
        assert_eq!(context.export(&ledger::event("given", 0, 0), GIVEN), Ok(()));
        assert_eq!(client.close(FLUSH_MS), Ok(()), "{:?}", client.stats());
        let after = now();
        let stored = otel.stored();
        assert_eq!(stored.events.len() as u64, EVENTS + 1);
        let mut with_a_part = 0;
        for entry in stored.events.values() {
            let stamp = entry.attributes["export_timestamp"].as_u64().unwrap();
            // A coarse clock is a tick behind.
            assert!(
                (before - 20 * MILLISECOND - unit..=after).contains(&entry.time),
                "{precision}: {entry:?}"
            );
            assert_eq!(entry.time % unit, 0, "{precision}: {entry:?}");
            match stamp == GIVEN as u64 {
                true => assert_eq!(entry.body["who"], "given"),
                false => assert_eq!(entry.time / SECOND, stamp, "{precision}: {entry:?}"),
            }
            with_a_part += u64::from(entry.time % unit.max(SECOND) != 0);
            let id = entry.attributes["context"].as_str().unwrap();
            assert_eq!(entry.attributes["arc_id"], id.split('.').next().unwrap());
        }
        match precision {
            "s" => assert_eq!(with_a_part, 0),
            _ => assert!(with_a_part > EVENTS / 2, "{with_a_part} of {EVENTS}"),
        }
    }
}
