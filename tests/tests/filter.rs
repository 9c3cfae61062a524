//! Sampling and field filters, seen from the collector's side.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_tests::ledger::client;
use mona_tests::native::Client;
use serde_json::{Value, json};

fn messages(client: &Client) -> Vec<Value> {
    assert_eq!(client.flush(120_000), Ok(()));
    std::iter::from_fn(|| client.take().ok())
        .map(|record| serde_json::from_str::<Value>(&record).unwrap()["message"].take())
        .collect()
}

#[test]
fn sampling_is_decided_by_the_context_id() {
    let shares = [
        ("a", 0.336_379_7),
        ("b", 0.842_267_9),
        ("c", 0.364_501_8),
        ("CONTEXT_1", 0.294_824_3),
        ("zzz", 0.225_664_1),
    ];
    for rate in ["0", "0.2948242", "0.2948243", "0.35", "0.8422678", "0.8422679", "1"] {
        let client = client("memory:", &[("sample_rate", rate)]);
        for (id, _) in shares {
            let context = client.context(None, Some(id)).unwrap();
            let sub = context.sub(None, Some("sub")).unwrap();
            assert_eq!(context.export("{\"n\": 1}", 0.0), Ok(()));
            assert_eq!(sub.export("{\"n\": 2}", 0.0), Ok(()));
        }
        let rate: f64 = rate.parse().unwrap();
        let kept = 2 * shares.iter().filter(|(_, share)| *share <= rate).count() as u64;
        let stats = client.stats();
        assert_eq!((stats.accepted, stats.skipped_sampled), (kept, 10 - kept), "rate {rate}");
        assert_eq!(messages(&client).len() as u64, kept);
    }
}

#[test]
fn sampling_by_class() {
    let options = [("sample_rate", "1"), ("sample_rates", "{\"RARE\": 0}")];
    let client = client("memory:", &options);
    for class in ["RARE", "OTHER"] {
        let context = client.context(Some(class), None).unwrap();
        assert_eq!(context.export("{\"n\": 1}", 0.0), Ok(()));
    }
    assert_eq!(messages(&client), [json!({"MONA_ARC_CLASS": "OTHER"}), json!({"n": 1})]);
}

#[test]
fn fields_are_dropped_or_hashed() {
    let hashed = |salt: &str, value: &str| {
        let options = [
            ("drop_fields", "secret,tmp_*"),
            ("hash_fields", "email,user*"),
            ("hash_salt", salt),
            ("drop_null_fields", "true"),
        ];
        let client = client("memory:", &options);
        let context = client.context(None, None).unwrap();
        let event = json!({
            "secret": 1, "tmp_a": 2, "tmp": 3, "email": value, "user": 5, "gone": null,
            "nested": {"secret": 1, "gone": null}
        });
        assert_eq!(context.export(&event.to_string(), 0.0), Ok(()));
        assert_eq!(context.export("{\"secret\": 1, \"tmp_\": 2, \"gone\": null}", 0.0), Ok(()));
        assert_eq!(client.stats().skipped_filtered, 1);
        let mut messages = messages(&client);
        assert_eq!(messages.len(), 1);
        let message = messages.remove(0);
        let keys: Vec<&String> = message.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["tmp", "email", "user", "nested"]);
        assert_eq!(message["nested"], json!({"secret": 1, "gone": null}));
        assert!(message["user"].is_string());
        message["email"].as_str().unwrap().to_owned()
    };
    let first = hashed("salt", "ada@example.com");
    assert!(first.len() >= 64 && !first.contains("ada"), "{first}");
    assert_eq!(first, hashed("salt", "ada@example.com"));
    assert_ne!(first, hashed("pepper", "ada@example.com"));
    assert_ne!(first, hashed("salt", "bob@example.com"));
}
