//! Events of every kind of value, each exact in the file by its event id: what comes out is what went in, but for
//! integers above 2^63-1, which the receiver makes texts.

use mona_tests::reach::FLUSH_MS;
use mona_tests::said;
use mona_tests::setup::Setup;
use serde_json::{Number, Value, json};

use super::{At, NO_QUEUE, Otel, QUEUE_THAT_WAITS};

/// Event `n` as JSON text, and as the file has to have it.
fn event(n: u64) -> (String, Value) {
    let beyond = i64::MAX as u64 + 1 + n;
    let least = i64::MIN + n as i64;
    // Any finite double, its bits from a hash of n.
    let bits = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let double = Some(f64::from_bits(bits)).filter(|double| double.is_finite()).unwrap_or(0.1);
    let whole = n as f64;
    let long = "long ".repeat(if n.is_multiple_of(50) { 2000 } else { n as usize % 60 });
    let text = json!("ź 日本語 🙂 \u{202e}\u{0}\t\"\\");
    let edge = [0, 127, 128, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296][n as usize % 9];
    let sent = format!(
        r#"{{"n":{n},"beyond":{beyond},"most":18446744073709551615,"least":{least},"edge":{edge},"below":-{edge},
            "double":{double:?},"whole":{whole:?},"largest":1.7976931348623157e308,"smallest":5e-324,
            "yes":true,"no":false,"nothing":null,"empty":"","text":{text},"long":"{long}","ключ":{text},
            "list":[1,-1,{beyond},"a",null,true,[],{{}},0.5,[[{n}]]],
            "map":{{"":{n},"beyond":{beyond},"null":null,"a":{{"b":{{"c":[{{"d":{text}}}]}}}},"none":{{}}}}}}"#
    );
    let below: i64 = -edge;
    let number = |double| Value::Number(Number::from_f64(double).unwrap());
    let stored = json!({
        "n": n, "beyond": beyond.to_string(), "most": u64::MAX.to_string(), "least": least, "edge": edge, "below": below,
        "double": number(double), "whole": number(whole), "largest": f64::MAX, "smallest": number(f64::from_bits(1)),
        "yes": true, "no": false, "nothing": null, "empty": "", "text": text, "long": long, "ключ": text,
        "list": [1, -1, beyond.to_string(), "a", null, true, [], {}, 0.5, [[n]]],
        "map": {
            "": n, "beyond": beyond.to_string(), "null": null, "a": {"b": {"c": [{"d": text}]}}, "none": {},
        },
    });
    (sent, stored)
}

fn takes(events: u64, at: At, queue: &str, more: &[(&str, &str)]) {
    let Some(otel) = Otel::start(at, queue) else { return };
    let client = Setup::DEFAULTS.client(&otel.endpoint, more);
    let (status, check) = client.check(FLUSH_MS);
    assert_eq!(status, 0, "{check}");
    let context = client.context(None, None).unwrap();
    for n in 0..events {
        assert_eq!(context.export(&event(n).0, 0.0), Ok(()), "event {n}");
        // The queue is 8 MiB and drops the oldest when it is full.
        if n % 1000 == 999 {
            assert_eq!(client.flush(FLUSH_MS), Ok(()), "{:#?}", said::about(&otel.endpoint));
        }
    }
    assert_eq!(client.close(FLUSH_MS), Ok(()), "{:#?}", said::about(&otel.endpoint));
    let stats = client.stats();
    assert!(stats.balanced(), "{stats:?}");
    assert_eq!((stats.accepted, stats.delivered), (events, events), "{stats:?}");
    assert_eq!((stats.connections, stats.chunks_resent), (1, 0), "{stats:?}");

    let stored = otel.stored();
    assert_eq!((stored.events.len() as u64, stored.copies, stored.torn), (events, 0, 0), "{}", otel.log());
    let mut seen = vec![false; events as usize];
    for (id, entry) in &stored.events {
        let n = entry.body["n"].as_u64().unwrap();
        assert!(!std::mem::replace(&mut seen[n as usize], true), "event {n} is there under two ids");
        assert_eq!(entry.body, event(n).1, "{id}");
        if at == At::Otlp {
            assert!(entry.time > 1_700_000_000_000_000_000, "{id}");
            let context = context.id().unwrap();
            let others = json!({"user_id": "EMPTY", "context": context, "arc_id": context, "event_id": id});
            assert_eq!(Value::from(entry.attributes.clone()), others);
            continue;
        }
        let time = entry.attributes["export_timestamp"].as_u64().unwrap();
        assert_eq!(entry.time, time * 1_000_000_000, "{id}");
        let others = json!({
            "user_id": "EMPTY", "context": context.id().unwrap(), "export_timestamp": time, "event_id": id,
            "fluent.tag": "mona.client.message",
        });
        assert_eq!(Value::from(entry.attributes.clone()), others);
    }
}

#[test]
fn otel_takes_rich_events_over_tcp() {
    takes(20_000, At::Port, NO_QUEUE, &[]);
}

#[test]
fn otel_takes_rich_events_over_a_unix_socket() {
    takes(20_000, At::Socket, QUEUE_THAT_WAITS, &[]);
}

#[test]
fn otel_takes_rich_events_in_gzip() {
    takes(2_000, At::Port, NO_QUEUE, &[("compress", "gzip")]);
}

#[test]
fn otel_takes_rich_events_over_otlp() {
    takes(20_000, At::Otlp, NO_QUEUE, &[]);
    takes(2_000, At::Otlp, QUEUE_THAT_WAITS, &[("compress", "gzip")]);
}

#[test]
fn otel_takes_rich_events_over_otlp_in_json() {
    takes(5_000, At::Otlp, NO_QUEUE, &[("otlp_encoding", "json")]);
    takes(2_000, At::Otlp, NO_QUEUE, &[("otlp_encoding", "json"), ("compress", "gzip")]);
}
