//! The Mona REST export API: bodies, tokens in every way they are given out, and partial failures.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use mona_collector::{FaultCollector, Listen, Named, Reply, Script, Service, Step, To, Tokens};
use mona_tests::ledger::{client, event};
use mona_tests::native::stack::Given;
use mona_tests::native::{Client, Context, Stack, Stats, last_error, load_release, status};
use mona_tests::reach::{FLUSH_MS, Trust, eventually};
use mona_tests::said;
use serde_json::{Value, json};

const KEY: &str = "the-api-key";
const SECRET: &str = "the-api-secret";

fn serve(service: Service, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, service, script).unwrap()
}

fn tokens() -> Tokens {
    Tokens::new(KEY, SECRET).tenant("the-tenant")
}

/// A client of this collector, with a log-in at it.
fn member(collector: &FaultCollector, more: &[(&str, &str)]) -> Client {
    let endpoint = collector.endpoint();
    let (login, refresh) = (format!("{endpoint}/auth/login"), format!("{endpoint}/auth/refresh"));
    let mut options = vec![
        ("http_format", "mona"),
        ("api_key", KEY),
        ("api_secret", SECRET),
        ("auth_url", &login),
        ("refresh_url", &refresh),
    ];
    options.extend(more);
    client(&endpoint, &options)
}

fn context(client: &Client) -> Context {
    client.context(Some("A_CLASS"), None).unwrap()
}

fn export(context: &Context, range: std::ops::Range<u64>) {
    for n in range {
        assert_eq!(context.export(&event("main", n, 20), 0.0), Ok(()), "{n}: {}", last_error());
    }
}

/// The numbers that arrived, in order, and how many arrived twice. This API carries no event ids.
fn numbers(collector: &FaultCollector) -> (BTreeSet<u64>, usize) {
    let mut numbers = BTreeSet::new();
    let mut twice = 0;
    for record in collector.records() {
        assert_eq!(record.record["arcClass"], "A_CLASS", "{}", record.record);
        assert_eq!(record.user_id.as_deref(), Some("the-tenant"));
        let n = record.record["message"]["n"].as_u64().unwrap();
        twice += usize::from(!numbers.insert(n));
    }
    (numbers, twice)
}

/// All of `0..sent` arrived, each once.
fn check_all_delivered(client: &Client, collector: &FaultCollector, sent: u64) -> Stats {
    let stats = client.stats();
    assert!(stats.balanced(), "{stats:?}");
    assert_eq!((stats.accepted, stats.delivered), (sent, sent), "{stats:?}");
    let (numbers, twice) = numbers(collector);
    assert!(numbers.into_iter().eq(0..sent), "not all of {sent} arrived");
    assert_eq!(twice, 0);
    stats
}

#[test]
fn messages_carry_class_context_and_globals() {
    let tokens = tokens();
    let collector = serve(Service::http().tokens(tokens.clone()), Script::normal());
    let client = member(&collector, &[]);
    client.set_globals(Some(r#"{"version": 3, "a": "global"}"#)).unwrap();
    let main = client.context(Some("MAIN"), Some("m.1")).unwrap();
    let sub = main.sub(Some("SUB"), Some("s")).unwrap();
    main.export(r#"{"a": 1}"#, 1_552_903_200.9).unwrap();
    main.export(r#"{"a": 2}"#, 0.0).unwrap();
    sub.export(r#"{"a": 3, "MONA_x": 1}"#, 0.0).unwrap();
    assert_eq!(client.flush(FLUSH_MS), Ok(()), "{:#?}", said::about(&collector.endpoint()));

    let records = collector.records();
    let message = |n: usize, key: &str| records[n].record[key].clone();
    assert_eq!(records.len(), 3, "no record of a class, none of globals: {records:?}");
    assert_eq!(message(0, "message"), json!({"version": 3, "a": 1}), "the message's own fields win");
    assert_eq!(message(0, "exportTimestamp"), 1_552_903_200);
    assert_eq!(message(1, "message"), json!({"a": 2}), "globals come with the first message");
    assert_eq!(message(2, "message"), json!({"a": 3}));
    let places: Vec<(Value, Value)> =
        (0..3).map(|n| (message(n, "contextId"), message(n, "arcClass"))).collect();
    assert_eq!(
        places,
        [("m.1", "MAIN"), ("m.1", "MAIN"), ("m.1.s", "SUB")].map(|(id, class)| (json!(id), json!(class)))
    );
    let keys: Vec<&String> = records[1].record.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["message", "contextId", "exportTimestamp", "arcClass"]);
    assert!(records.iter().all(|record| record.user_id.as_deref() == Some("the-tenant")));

    let ledger = collector.ledger();
    let posts: Vec<_> = ledger.requests.iter().filter(|request| request.path == "/export").collect();
    assert!(!posts.is_empty());
    for post in posts {
        assert!(post.header("authorization").unwrap().starts_with("Bearer "), "{post:?}");
        assert_eq!(post.header("content-type"), Some("application/json"));
    }
    assert_eq!((tokens.logins(), tokens.refreshes()), (1, 0));
    let stats = client.stats();
    assert_eq!((stats.accepted, stats.delivered), (3, 3), "{stats:?}");
}

#[test]
fn all_stacks_of_one_context_owe_the_globals_together() {
    let collector = serve(Service::http().tokens(tokens()), Script::normal());
    let client = member(&collector, &[]);
    client.set_globals(Some(r#"{"g": 1}"#)).unwrap();
    let class = Given::Str("MAIN".to_owned());
    let (_, _, main) = Stack::EMPTY.enter(Some(&client), &class, Some("m"), &Given::Absent);
    let (_, scope, sub) = main.enter_sub(&class, Some("s"));
    let (_, back) = sub.leave(scope);
    let (_, opened) = main.open_sub(&class, Some("o"));
    let (_, closed) = opened.close_sub(None);
    let stacks = [&sub, &closed, &main, &back, &closed];
    for (n, stack) in stacks.into_iter().enumerate() {
        assert_eq!(stack.export(&format!("{{\"n\": {n}}}"), &Given::Absent), Ok(true), "{}", last_error());
    }
    assert_eq!(client.flush(FLUSH_MS), Ok(()), "{:#?}", said::about(&collector.endpoint()));
    let messages: Vec<Value> =
        collector.records().iter().map(|record| record.record["message"].clone()).collect();
    let expected =
        [json!({"n": 0}), json!({"g": 1, "n": 1}), json!({"n": 2}), json!({"n": 3}), json!({"n": 4})];
    assert_eq!(messages, expected);
}

#[test]
fn a_context_without_a_class_is_refused_and_said_once() {
    let collector = serve(Service::http().tokens(tokens()), Script::normal());
    let client = member(&collector, &[("user_id", "unclassed")]);
    let unclassed = client.context(None, Some("nobody")).unwrap();
    let before = said::everything().iter().filter(|line| line.contains("no ARC class")).count();
    for _ in 0..3 {
        assert_eq!(unclassed.export(r#"{"a": 1}"#, 0.0), Err(status::ARGUMENT));
        assert!(last_error().contains("ARC class"), "{}", last_error());
    }
    let after = said::everything().iter().filter(|line| line.contains("no ARC class")).count();
    assert_eq!(after - before, 1);
    assert_eq!(client.stats().accepted, 0);
    let classed = unclassed.sub(Some("SUB"), Some("s")).unwrap();
    assert_eq!(classed.export(r#"{"a": 1}"#, 0.0), Ok(()));
    assert_eq!(client.flush(FLUSH_MS), Ok(()));
    let records = collector.records();
    assert_eq!((records.len(), &records[0].record["contextId"]), (1, &json!("nobody.s")));
    assert_eq!(records[0].user_id.as_deref(), Some("unclassed"), "an option beats the token's tenant");
}

#[test]
fn tokens_are_renewed_before_they_end() {
    // Half of it is longer than a busy machine keeps anybody waiting.
    let lifetime = Duration::from_secs(4);
    let tokens = tokens().lifetime(lifetime);
    let collector = serve(Service::http().tokens(tokens.clone()), Script::normal());
    let client = member(&collector, &[]);
    let context = context(&client);
    let start = Instant::now();
    let mut sent = 0;
    while start.elapsed() < lifetime * 2 {
        export(&context, sent..sent + 1);
        sent += 1;
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(client.flush(FLUSH_MS), Ok(()));
    check_all_delivered(&client, &collector, sent);
    assert_eq!(tokens.logins(), 1, "renewed, not logged in again");
    let (took, refreshes) = (start.elapsed(), tokens.refreshes());
    let most = took.as_millis() / (lifetime / 2).as_millis() + 1;
    assert!((2..=most).contains(&refreshes.into()), "{refreshes} in {took:?}, at half of {lifetime:?} each");
    let refused = collector.ledger().requests.iter().filter(|request| request.status == Some(401)).count();
    assert_eq!(refused, 0);
}

#[test]
fn a_refresh_that_fails_is_a_new_log_in() {
    let tokens = tokens().lifetime(Duration::from_secs(2));
    let collector = serve(Service::http().tokens(tokens.clone()), Reply::new(500).to(To::Refresh));
    let client = member(&collector, &[]);
    let context = context(&client);
    for n in 0..60 {
        export(&context, n..n + 1);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(client.flush(FLUSH_MS), Ok(()));
    check_all_delivered(&client, &collector, 60);
    assert!(tokens.logins() >= 2, "{}", tokens.logins());
    assert_eq!(tokens.refreshes(), 0);
}

#[test]
fn a_token_that_is_refused_is_replaced_once() {
    let tokens = tokens();
    let collector = serve(Service::http().tokens(tokens.clone()), Script::normal());
    let place = collector.addr().unwrap().to_string();
    let client = member(&collector, &[]);
    let context = context(&client);
    for round in 0..3 {
        export(&context, round * 100..round * 100 + 100);
        assert_eq!(client.flush(FLUSH_MS), Ok(()));
        assert_eq!(tokens.logins(), round + 1);
        tokens.revoke();
        tokens.revoke_refresh();
    }
    check_all_delivered(&client, &collector, 300);
    assert_eq!(said::about(&place), [""; 0], "nothing to say about that");
}

#[test]
fn a_token_that_is_always_refused_keeps_the_data() {
    let collector = serve(Service::http().tokens(tokens()), Reply::new(401).to(To::Events));
    let place = collector.addr().unwrap().to_string();
    let client = member(&collector, &[("retry_initial_ms", "50"), ("retry_max_ms", "200")]);
    export(&context(&client), 0..100);
    said::wait_for(&place, &["401", "credentials", "events are kept"]);
    assert_eq!(client.flush(100), Err(status::TIMEOUT));
    assert_eq!(client.stats().queued_events, 100);
    assert!(collector.records().is_empty());
    collector.set_script(Script::normal());
    collector.set_service(Service::http().tokens(tokens())).unwrap();
    assert_eq!(client.flush(FLUSH_MS), Ok(()), "{:#?}", said::about(&place));
    check_all_delivered(&client, &collector, 100);
}

#[test]
fn a_wrong_secret_is_said_and_no_event_leaves() {
    let collector = serve(Service::http().tokens(Tokens::new(KEY, "another")), Script::normal());
    let place = collector.addr().unwrap().to_string();
    let client = member(&collector, &[]);
    export(&context(&client), 0..100);
    let line = said::wait_for(&place, &["no token", "401", "api_key and api_secret"]);
    assert!(eventually(Duration::from_secs(120), || collector.ledger().requests.len() >= 3), "{line}");
    assert_eq!(client.flush(50), Err(status::TIMEOUT));
    assert_eq!(client.stats().queued_events, 100);
    let ledger = collector.ledger();
    assert!(ledger.requests.iter().all(|request| request.path == "/auth/login"), "{:?}", ledger.requests);
    collector.set_service(Service::http().tokens(tokens())).unwrap();
    assert_eq!(client.flush(FLUSH_MS), Ok(()), "after: {line}");
    check_all_delivered(&client, &collector, 100);
}

#[test]
fn a_token_server_that_is_busy_is_asked_again() {
    let tokens = tokens();
    for status in [429, 500, 503] {
        let collector =
            serve(Service::http().tokens(tokens.clone()), Reply::new(status).first(3).to(To::Login));
        let client = member(&collector, &[]);
        export(&context(&client), 0..100);
        assert_eq!(client.flush(FLUSH_MS), Ok(()));
        check_all_delivered(&client, &collector, 100);
    }
    assert_eq!(tokens.logins(), 3);
}

#[test]
fn open_id_connect() {
    let tokens = tokens().scope("the scope");
    let collector = serve(Service::http().tokens(tokens.clone()), Script::normal());
    let url = format!("{}/auth/oidc", collector.endpoint());
    let client =
        member(&collector, &[("auth_mode", "oidc"), ("auth_url", &url), ("oidc_scope", "the scope")]);
    let context = context(&client);
    export(&context, 0..100);
    assert_eq!(client.flush(FLUSH_MS), Ok(()), "{:#?}", said::about(&collector.endpoint()));
    tokens.revoke();
    export(&context, 100..200);
    assert_eq!(client.flush(FLUSH_MS), Ok(()));
    check_all_delivered(&client, &collector, 200);
    assert_eq!((tokens.logins(), tokens.refreshes()), (2, 0));
    let ledger = collector.ledger();
    let logins: Vec<_> = ledger.requests.iter().filter(|request| request.path == "/auth/oidc").collect();
    assert_eq!(logins.len(), 2);
    assert!(
        logins.iter().all(|login| login.header("content-type") == Some("application/x-www-form-urlencoded"))
    );
}

#[test]
fn without_authentication() {
    let collector = serve(Service::http().tokens(tokens()), Script::normal());
    let more = [("http_format", "mona"), ("auth_mode", "none"), ("user_id", "the-tenant")];
    let client = client(&collector.endpoint(), &more);
    export(&context(&client), 0..500);
    assert_eq!(client.flush(FLUSH_MS), Ok(()));
    check_all_delivered(&client, &collector, 500);
    for request in collector.ledger().requests {
        assert_eq!((request.path.as_str(), request.header("authorization")), ("/monaExport", None));
    }
}

#[test]
fn partial_failures_cost_the_failed_alone() {
    for named in [Named::Index, Named::Context] {
        let service = Service::http().tokens(tokens()).failures_by(named);
        let collector = serve(service, Step::RefuseEvery(10));
        let place = collector.addr().unwrap().to_string();
        let client = member(&collector, &[("chunk_bytes", "4096")]);
        for n in 0..500 {
            // A context for each, so that its id names the message.
            export(&context(&client), n..n + 1);
        }
        assert_eq!(client.flush(FLUSH_MS), Ok(()));
        let stats = client.stats();
        assert!(stats.balanced(), "{stats:?}");
        assert_eq!((stats.accepted, stats.delivered, stats.dropped_rejected), (500, 450, 50), "{named:?}");
        let (arrived, twice) = numbers(&collector);
        assert_eq!((arrived.len(), twice), (450, 0), "{named:?}");
        let lines = said::about(&place);
        let reasons = lines.iter().filter(|line| line.contains("as the script says")).count();
        assert_eq!(reasons, 1, "once a minute: {lines:#?}");
    }
}

#[test]
fn a_request_that_is_refused_as_a_whole_is_bisected() {
    let collector = serve(Service::http().tokens(tokens()), Reply::new(400).first(2).to(To::Events));
    let client = member(&collector, &[]);
    export(&context(&client), 0..1000);
    assert_eq!(client.flush(FLUSH_MS), Ok(()));
    check_all_delivered(&client, &collector, 1000);
}

#[test]
fn statuses_and_broken_connections_are_those_of_http() {
    let trust = Trust::new();
    let scripts: [(&str, Script); 7] = [
        ("503", Reply::new(503).first(3).into()),
        ("413", Reply::new(413).first(2).to(To::Events).into()),
        ("reset", [Step::Reset, Step::Reset, Step::Normal].into()),
        ("reset in a body", [Step::ReadThenReset(5000), Step::ReadThenReset(2000), Step::Normal].into()),
        ("half an answer", [Step::HalfAck, Step::Normal].into()),
        ("half a record", [Step::HalfRecord, Step::HalfRecord, Step::Normal].into()),
        ("garbage", [Step::Garbage, Step::Normal].into()),
    ];
    for (name, script) in scripts {
        for service in [Service::http(), trust.http()] {
            let collector = serve(service.tokens(tokens()), script.clone());
            let client = member(&collector, &[("ca_file", trust.ca_file()), ("chunk_bytes", "8192")]);
            export(&context(&client), 0..1000);
            assert_eq!(client.flush(FLUSH_MS), Ok(()), "{name}: {:#?}", said::about(&collector.endpoint()));
            let stats = client.stats();
            assert!(stats.balanced(), "{name}: {stats:?}");
            assert_eq!((stats.accepted, stats.delivered), (1000, 1000), "{name}: {stats:?}");
            assert!(numbers(&collector).0.into_iter().eq(0..1000), "{name}");
        }
    }
}

#[test]
fn options_that_cannot_work_are_refused_by_name() {
    load_release();
    let base = [("http_format", "mona"), ("api_key", KEY), ("api_secret", SECRET)];
    for (more, name) in [
        (&[("endpoint", "http://192.0.2.1/export")][..], "endpoint"),
        (&[("auth_url", "http://192.0.2.1/login"), ("endpoint", "http://127.0.0.1:1")], "auth_url"),
        (&[("refresh_url", "http://192.0.2.1/x"), ("endpoint", "http://127.0.0.1:1")], "refresh_url"),
        (&[("auth_mode", "oidc"), ("endpoint", "http://127.0.0.1:1")], "auth_url"),
        (&[("api_key", ""), ("endpoint", "http://127.0.0.1:1")], "api_key"),
        (&[("api_secret", ""), ("endpoint", "http://127.0.0.1:1")], "api_secret"),
        (&[("auth_mode", "none"), ("endpoint", "http://127.0.0.1:1")], "user_id"),
        (&[("user_id", "no/host")], "user_id"),
    ] {
        let mut options = base.to_vec();
        options.extend(more);
        let answer = Client::new(&options).err();
        let text = last_error();
        assert_eq!(answer, Some(status::ARGUMENT), "{options:?}: {text}");
        assert!(
            text.contains(&format!("option \"{name}\"")) && text.contains("expected"),
            "{options:?}: {text}"
        );
        assert!(!text.contains(SECRET) && !text.contains(KEY), "{text}");
    }
}
