//! Format `mona`: tokens from all kinds of servers, answers of the export API, and a whole client.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::server::{Reply, Request, Server};
use super::{classed_chunk, send, soon, transport};
use crate::diag::error::Status;
use crate::net::{Cause, Finding};
use crate::transport::{Sent, Steps, Transport};
use crate::{Client, Options, Timestamp};

const KEY: &str = "key-hush";
const SECRET: &str = "secret-hush";

/// A token with this user in its claims; the number tells tokens apart.
fn jwt(user: &str, number: usize) -> String {
    let claims = json!({"tenantId": user, "text": "\u{3ff}\u{3fe}??>>"}).to_string();
    format!("hush{number}.{}.hush", URL_SAFE_NO_PAD.encode(claims))
}

fn answer(body: Value) -> Reply {
    Reply::new(200, &["Content-Type: application/json"], &body.to_string())
}

/// Gives out numbered tokens with a life of `seconds`, the first one to who logs in.
fn token_server(seconds: u64) -> Server {
    Server::new(move |request, before| {
        let number = before + 1;
        let is_right = match request.line.as_str() {
            "POST /login" => request.json() == json!({"clientId": KEY, "secret": SECRET}),
            "POST /refresh" => request.json() == json!({"refreshToken": format!("renew-hush{}", number - 1)}),
            _ => false,
        };
        if !is_right {
            return Reply::new(401, &[], SECRET);
        }
        let refresh = format!("renew-hush{number}");
        answer(json!({"accessToken": jwt("u-7", number), "refreshToken": refresh, "expiresIn": seconds}))
    })
}

fn options(api: &Server, login: &str, refresh: &str, more: &[(&str, &str)]) -> Box<dyn Transport> {
    let url = api.url("");
    let mut options = vec![("endpoint", url.as_str()), ("http_format", "mona")];
    options.extend([("api_key", KEY), ("api_secret", SECRET), ("auth_url", login)]);
    options.extend((!refresh.is_empty()).then_some(("refresh_url", refresh)));
    options.extend_from_slice(more);
    transport(&options)
}

fn lines(server: &Server) -> Vec<String> {
    server.requests().into_iter().map(|request| request.line).collect()
}

fn bearer(request: &Request) -> &str {
    request.header("authorization").unwrap().strip_prefix("Bearer ").unwrap()
}

#[test]
fn one_login_serves_many_chunks_and_names_the_user() {
    let (api, tokens) = (Server::new(|_, _| Reply::status(200)), token_server(3600));
    let extra = [("http_header", "X-Own: 1\nAuthorization: other"), ("compress", "gzip")];
    let mut transport = options(&api, &tokens.url("/login"), "", &extra);
    for _ in 0..3 {
        assert_eq!(send(&mut *transport, &classed_chunk(&["c", "d.e"])).unwrap(), Sent::Delivered);
    }
    assert_eq!(lines(&tokens), ["POST /login"]);
    assert_eq!(tokens.requests()[0].header("x-own"), None);
    assert_eq!((api.connections(), api.requests().len()), (1, 3));
    for request in api.requests() {
        assert_eq!((request.line.as_str(), bearer(&request)), ("POST /export", jwt("u-7", 1).as_str()));
        let message = |id: &str| json!({"message": {"m": "x"}, "contextId": id, "exportTimestamp": 1_700_000_000, "arcClass": "A"});
        assert_eq!(request.json(), json!({"userId": "u-7", "messages": [message("c"), message("d.e")]}));
        assert_eq!((request.header("x-own"), request.header("content-encoding")), (Some("1"), None));
    }
    let mut transport = options(&api, &tokens.url("/login"), "", &[("user_id", "u-8")]);
    send(&mut *transport, &classed_chunk(&["c"])).unwrap();
    assert_eq!(api.requests().pop().unwrap().json()["userId"], json!("u-8"));
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_token_is_renewed_in_time_and_by_a_login_when_that_fails() {
    // Behind the half of its life, and long before its end.
    const PAST_HALF: Duration = Duration::from_millis(2200);
    let (api, tokens) = (Server::new(|_, _| Reply::status(200)), token_server(4));
    let mut transport = options(&api, &tokens.url("/login"), &tokens.url("/refresh"), &[]);
    for _ in 0..2 {
        send(&mut *transport, &classed_chunk(&["c"])).unwrap();
        std::thread::sleep(PAST_HALF);
    }
    assert_eq!(lines(&tokens), ["POST /login", "POST /refresh"]);
    assert_eq!(bearer(&api.requests()[1]), jwt("u-7", 2));
    let mut transport = options(&api, &tokens.url("/login"), &tokens.url("/elsewhere"), &[]);
    for _ in 0..2 {
        send(&mut *transport, &classed_chunk(&["c"])).unwrap();
        std::thread::sleep(PAST_HALF);
    }
    assert_eq!(lines(&tokens)[2..], ["POST /login", "POST /elsewhere", "POST /login"]);
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_token_that_cannot_be_renewed_is_used_to_its_end() {
    let api = Server::new(|_, _| Reply::status(200));
    let tokens = Server::new(|_, before| match before {
        0 => answer(json!({"accessToken": jwt("u", 1), "expiresIn": 6})),
        _ => Reply::new(503, &["Retry-After: 9"], ""),
    });
    let mut transport = options(&api, &tokens.url("/login"), "", &[]);
    send(&mut *transport, &classed_chunk(&["c"])).unwrap();
    std::thread::sleep(Duration::from_millis(3200));
    // Asked once, refused, and left in peace until the end.
    for _ in 0..2 {
        send(&mut *transport, &classed_chunk(&["c"])).unwrap();
    }
    assert_eq!(lines(&tokens).len(), 2);
    std::thread::sleep(Duration::from_millis(2900));
    let error = send(&mut *transport, &classed_chunk(&["c"])).unwrap_err();
    assert_eq!(error.cause, Cause::Busy { retry_after: Some(Duration::from_secs(9)) });
    assert_eq!(api.requests().len(), 3);
}

#[test]
fn a_refused_token_is_replaced_once() {
    let first = jwt("u-7", 1);
    let api = Server::new(move |request, _| {
        let good = bearer(request) != first;
        Reply::status(if good { 200 } else { 401 })
    });
    let tokens = token_server(3600);
    let mut transport = options(&api, &tokens.url("/login"), "", &[]);
    assert_eq!(send(&mut *transport, &classed_chunk(&["c"])).unwrap(), Sent::Delivered);
    assert_eq!((lines(&tokens).len(), api.requests().len()), (2, 2));
    let api = Server::new(|_, _| Reply::new(401, &[], "no"));
    let mut transport = options(&api, &tokens.url("/login"), "", &[]);
    let error = send(&mut *transport, &classed_chunk(&["c"])).unwrap_err();
    assert_eq!(error.cause, Cause::Configuration);
    assert!(error.text.contains("401") && !error.text.contains("hush"), "{}", error.text);
    assert_eq!((lines(&tokens).len(), api.requests().len()), (4, 2));
}

#[test]
fn no_token_no_data() {
    let api = Server::new(|_, _| Reply::status(200));
    let echo = |request: &Request| format!("{} {}", SECRET, String::from_utf8_lossy(&request.body));
    for (status, cause, is_refusal) in [
        (401, Cause::Configuration, true),
        (400, Cause::Configuration, true),
        (403, Cause::Configuration, true),
        (404, Cause::Configuration, false),
        (302, Cause::Configuration, false),
        (200, Cause::Configuration, false),
        (429, Cause::Busy { retry_after: None }, false),
        (500, Cause::Busy { retry_after: None }, false),
        (503, Cause::Busy { retry_after: None }, false),
    ] {
        let tokens = Server::new(move |request, _| Reply::new(status, &[], &echo(request)));
        let mut transport = options(&api, &tokens.url("/hush?key=hush"), "", &[]);
        let error = send(&mut *transport, &classed_chunk(&["c"])).unwrap_err();
        assert_eq!((error.cause, error.kind), (cause, "authenticate"), "{status}");
        assert_eq!(error.finding, is_refusal.then_some(Finding::Status), "{status}");
        assert!(error.text.contains("/...") && !error.text.contains("hush"), "{}", error.text);
    }
    let gone = token_server(1).url("/login");
    let error = send(&mut *options(&api, &gone, "", &[]), &classed_chunk(&["c"])).unwrap_err();
    assert_eq!(error.cause, Cause::Connection, "{}", error.text);
    let unnamed = Server::new(|_, _| answer(json!({"accessToken": "a.b.c"})));
    let error = send(&mut *options(&api, &unnamed.url("/"), "", &[]), &classed_chunk(&["c"])).unwrap_err();
    assert!(error.cause == Cause::Configuration && error.text.contains("user_id"), "{}", error.text);
    assert!(api.requests().is_empty());
}

#[test]
fn client_credentials_of_openid_connect() {
    let api = Server::new(|_, _| Reply::status(202));
    let tokens = Server::new(|_, _| answer(json!({"access_token": "plain", "expires_in": 60})));
    let more = [("auth_mode", "oidc"), ("oidc_scope", "a b"), ("user_id", "u-9")];
    let mut transport = options(&api, &tokens.url("/token"), "", &more);
    send(&mut *transport, &classed_chunk(&["c"])).unwrap();
    let request = &tokens.requests()[0];
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    let form = "client_id=key-hush&client_secret=secret-hush&grant_type=client_credentials&scope=a+b";
    assert_eq!(String::from_utf8_lossy(&request.body), form);
    assert_eq!((bearer(&api.requests()[0]), &api.requests()[0].json()["userId"]), ("plain", &json!("u-9")));
}

#[test]
fn without_authentication() {
    let api = Server::new(|_, _| Reply::status(200));
    let url = api.url("/");
    let options =
        [("endpoint", url.as_str()), ("http_format", "mona"), ("auth_mode", "none"), ("user_id", "u")];
    let mut transport = transport(&options);
    send(&mut *transport, &classed_chunk(&["c"])).unwrap();
    let request = &api.requests()[0];
    assert_eq!((request.line.as_str(), request.header("authorization")), ("POST /monaExport", None));
    assert_eq!(request.json()["userId"], json!("u"));
}

#[test]
fn messages_are_refused_one_by_one_or_together() {
    let partly = json!({"failed": 2, "failure_reasons": {"0": "bad hush", "d": "worse"}}).to_string();
    let all = json!({"topLevelError": format!("no such user, {SECRET}")}).to_string();
    let api = Server::new(move |_, before| Reply::new(400, &[], [&partly, &all][before]));
    let tokens = token_server(3600);
    let mut transport = options(&api, &tokens.url("/login"), "", &[]);
    let chunk = classed_chunk(&["c", "c", "d"]);
    assert_eq!(send(&mut *transport, &chunk).unwrap(), Sent::Partly(vec![0, 2]));
    let error = send(&mut *transport, &chunk).unwrap_err();
    assert_eq!(error.cause, Cause::Refused);
    assert!(error.text.contains("no such user") && !error.text.contains(SECRET), "{}", error.text);
    assert_eq!(api.connections(), 1);
}

#[test]
fn a_check_authenticates() {
    let (api, tokens) = (Server::new(|_, _| Reply::status(200)), token_server(3600));
    let wrong = tokens.url("/wrong");
    for (login, expected) in [
        (tokens.url("/login"), &["resolve", "connect", "authenticate", "send"][..]),
        (wrong, &["resolve", "connect", "authenticate"]),
    ] {
        let steps = Steps::default();
        options(&api, &login, "", &[]).check(soon(), &steps);
        let steps = steps.so_far("overdue");
        assert_eq!(steps.iter().map(|step| step.name).collect::<Vec<_>>(), expected);
        assert!(steps[..expected.len().min(2)].iter().all(|step| step.error.is_none()));
        let last = steps.last().unwrap();
        assert_eq!(last.error.is_none(), expected.len() == 4);
        assert!(!last.error.as_deref().unwrap_or_default().contains("hush"));
    }
    assert_eq!(api.requests()[0].json(), json!({"userId": "u-7", "messages": []}));
}

fn client(api: &Server, more: &[(&str, &str)]) -> Client {
    let mut options = Options::new();
    let url = api.url("");
    for (name, value) in
        [("endpoint", url.as_str()), ("http_format", "mona"), ("auth_mode", "none"), ("user_id", "u")]
            .iter()
            .chain(more)
    {
        options.set(name, value).unwrap();
    }
    Client::new(Some(&options)).unwrap()
}

/// Context id, class and message of everything that arrived.
fn messages(api: &Server) -> Vec<String> {
    let all = api.requests().into_iter().flat_map(|request| {
        let messages = request.json()["messages"].take();
        messages.as_array().unwrap().clone()
    });
    all.map(|m| format!("{} {} {}", m["contextId"], m["arcClass"], m["message"])).collect()
}

#[test]
fn a_client_sends_class_and_globals_with_its_messages() {
    let api = Server::new(|_, _| Reply::status(200));
    let client = client(&api, &[]);
    client.set_globals(Some(br#"{"env": "test", "a": 0}"#)).unwrap();
    let main = client.context(Some("MAIN"), Some("c"), Timestamp::Now).unwrap();
    let sub = main.sub(Some("SUB"), Some("s")).unwrap();
    sub.export_json(br#"{"s": 1}"#, Timestamp::Now).unwrap();
    assert_eq!(main.export_json(b"{", Timestamp::Now).unwrap_err().status(), Status::Json);
    main.export_json(br#"{"MONA_x": 1}"#, Timestamp::Now).unwrap();
    main.export_json(br#"{"a": 1}"#, Timestamp::Now).unwrap();
    main.export_json(br#"{"b": 2}"#, Timestamp::Now).unwrap();
    let report = client.export_batch(
        br#"[{"message": {"d": 4}, "arc_class": "B", "context_id": "d"}, {"message": {"e": 5}, "context_id": "e"},
            {"message": {"f": 6}, "arc_class": ["C"], "context_id": "f"}]"#,
    );
    assert_eq!((report.accepted, report.result.is_ok()), (2, true));
    client.flush(Duration::from_secs(20)).unwrap();
    assert_eq!(
        messages(&api),
        [
            r#""c.s" "SUB" {"s":1}"#,
            r#""c" "MAIN" {"a":1,"env":"test"}"#,
            r#""c" "MAIN" {"b":2}"#,
            r#""d" "B" {"d":4,"env":"test","a":0}"#,
            r#""f" ["C"] {"f":6,"env":"test","a":0}"#,
        ]
    );
    let stats = client.stats();
    assert_eq!((stats.accepted, stats.delivered, stats.queued_events), (5, 5, 0));
}

#[test]
fn globals_are_owed_until_a_message_took_them() {
    let api = Server::new(|_, _| Reply::status(200));
    let client = client(&api, &[("max_event_bytes", "1024")]);
    client.set_globals(Some(format!(r#"{{"g": "{}"}}"#, "x".repeat(490)).as_bytes())).unwrap();
    let context = client.context(Some("A"), Some("c"), Timestamp::Now).unwrap();
    let large = format!(r#"{{"a": "{}"}}"#, "y".repeat(490));
    assert_eq!(context.export_json(large.as_bytes(), Timestamp::Now).unwrap_err().status(), Status::Limit);
    for json in [r#"{"b": 1}"#, &large] {
        context.export_json(json.as_bytes(), Timestamp::Now).unwrap();
    }
    client.close(Duration::from_secs(20)).unwrap();
    let messages = messages(&api);
    assert!(
        messages[0].contains(r#"{"b":1,"g":"xxx"#) && messages[1].contains(r#"{"a":"yyy"#),
        "{messages:?}"
    );
    assert!(messages.len() == 2 && !messages[1].contains("xxx"));
}

#[test]
fn a_context_without_a_class_cannot_send() {
    let api = Server::new(|_, _| Reply::status(200));
    let client = client(&api, &[]);
    let main = client.context(Some("MAIN"), Some("c"), Timestamp::Now).unwrap();
    for context in [
        client.context(None, Some("n"), Timestamp::Now).unwrap(),
        client.context(Some(""), Some("n"), Timestamp::Now).unwrap(),
        main.sub(None, Some("s")).unwrap(),
    ] {
        for (json, status) in [(r#"{"a": 1}"#, Status::Argument), ("{", Status::Json)] {
            let error = context.export_json(json.as_bytes(), Timestamp::Now).unwrap_err();
            assert_eq!(error.status(), status, "{error}");
        }
        context.export_json(b"{}", Timestamp::Now).unwrap();
    }
    let stats = client.stats();
    assert_eq!((stats.accepted, stats.skipped_filtered), (0, 3));
    client.close(Duration::from_secs(20)).unwrap();
    assert!(api.requests().is_empty());
}

#[test]
fn refused_messages_are_counted_and_the_others_delivered() {
    let api = Server::new(|request, _| {
        let body = request.json();
        let messages = body["messages"].as_array().unwrap();
        let bad = messages.iter().enumerate().filter(|(_, message)| !message["message"]["bad"].is_null());
        let reasons: serde_json::Map<String, Value> =
            bad.map(|(place, _)| (place.to_string(), json!("bad field"))).collect();
        match reasons.len() {
            0 => Reply::status(200),
            failed => {
                Reply::new(400, &[], &json!({"failed": failed, "failure_reasons": reasons}).to_string())
            }
        }
    });
    let client = client(&api, &[]);
    let context = Arc::new(client.context(Some("A"), None, Timestamp::Now).unwrap());
    for number in 0..100 {
        let name = if number % 10 == 3 { "bad" } else { "good" };
        context.export_json(format!(r#"{{"{name}": {number}}}"#).as_bytes(), Timestamp::Now).unwrap();
    }
    client.close(Duration::from_secs(20)).unwrap();
    let stats = client.stats();
    assert_eq!((stats.accepted, stats.delivered, stats.dropped_rejected), (100, 90, 10));
}
