//! The Mona REST API: messages, tokens, and answers that take only some.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::net::TcpStream;
use std::time::Duration;

use common::connect;
use common::http::{Answer, ask, json, request};
use mona_collector::{FaultCollector, Listen, Mode, Named, Reply, Script, Service, Step, To, Tokens};
use serde_json::{Value, json as value};

fn start(service: Service, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, service, script).unwrap()
}

fn client(collector: &FaultCollector) -> TcpStream {
    connect(collector.addr().unwrap())
}

fn messages(numbers: impl IntoIterator<Item = u64>) -> String {
    let messages = numbers.into_iter().map(|n| {
        value!({"message": {"n": n}, "contextId": format!("c{n}"), "exportTimestamp": 1_552_903_200, "arcClass": "k"})
    });
    value!({"userId": "me", "messages": messages.collect::<Vec<_>>()}).to_string()
}

fn export(stream: &mut TcpStream, token: &str, body: &str) -> Answer {
    let authorization = format!("Authorization: Bearer {token}");
    ask(stream, &request("/export", &["Content-Type: application/json", &authorization], body.as_bytes()))
}

fn login(stream: &mut TcpStream) -> Answer {
    ask(stream, &json("/auth/login", r#"{"clientId":"key","secret":"secret"}"#))
}

fn token(answer: &Answer) -> String {
    answer.json()["accessToken"].as_str().unwrap().to_owned()
}

#[test]
fn messages_arrive_with_a_token() {
    let tokens = Tokens::new("key", "secret").tenant("me").lifetime(Duration::from_secs(90));
    let collector = start(Service::http().tokens(tokens.clone()), Script::normal());
    let mut stream = client(&collector);
    assert_eq!(ask(&mut stream, &json("/auth/login", r#"{"clientId":"key","secret":"no"}"#)).status, 401);
    let given = login(&mut stream);
    assert_eq!((given.status, &given.json()["expiresIn"]), (200, &value!(90)));
    assert_eq!(export(&mut stream, "other", &messages([1])).status, 401);
    assert_eq!(export(&mut stream, &token(&given), &messages([1, 2])).json()["failed"], 0);
    // Without authentication there is another path.
    assert_eq!(ask(&mut stream, &json("/monaExport", &messages([3]))).status, 200);

    tokens.revoke();
    assert_eq!(export(&mut stream, &token(&given), &messages([4])).status, 401);
    let refresh = value!({"refreshToken": given.json()["refreshToken"]}).to_string();
    let again = ask(&mut stream, &json("/auth/refresh", &refresh));
    assert_eq!(export(&mut stream, &token(&again), &messages([4])).status, 200);
    assert_eq!((tokens.logins(), tokens.refreshes()), (1, 1));

    let records = collector.records();
    assert_eq!(
        (records.len(), records[0].tag.as_str(), records[2].tag.as_str()),
        (4, "export", "monaExport")
    );
    assert_eq!(records[0].user_id.as_deref(), Some("me"));
    assert_eq!(records[1].record["contextId"], "c2");
    let ledger = collector.ledger();
    assert!(ledger.chunks.iter().all(|chunk| chunk.mode == Mode::Rest && chunk.acknowledged == 1));
    assert_eq!((ledger.requests.len(), ledger.totals.refused), (8, 2));
}

#[test]
fn oidc_gives_a_token_too() {
    let tokens = Tokens::new("key", "secret").oidc_at("/token").scope("s");
    let collector = start(Service::http().tokens(tokens), Script::normal());
    let mut stream = client(&collector);
    let form = b"client_id=key&client_secret=secret&grant_type=client_credentials&scope=s";
    let headers = ["Content-Type: application/x-www-form-urlencoded"];
    let given = ask(&mut stream, &request("/token", &headers, form));
    let token = given.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(export(&mut stream, &token, &messages([1])).status, 200);
}

#[test]
fn some_messages_are_refused() {
    let poison = |message: &Value| message["message"]["n"] == 13;
    let collector = start(Service::http().poison(poison), Script::normal());
    let mut stream = client(&collector);
    let said = export(&mut stream, "", &messages(12..15));
    assert_eq!(said.status, 400);
    assert_eq!(said.json(), value!({"failed": 1, "failure_reasons": {"1": "the message is refused"}}));
    let said = export(&mut stream, "", &messages([13]));
    assert_eq!((said.status, &said.json()["failed"]), (400, &value!(1)));
    let taken: Vec<Value> =
        collector.records().iter().map(|record| record.record["message"]["n"].clone()).collect();
    assert_eq!(taken, [12, 14]);
    assert_eq!(collector.ledger().totals.refused, 2);

    collector.set_service(Service::http().poison(poison).failures_by(Named::Context)).unwrap();
    let said = export(&mut client(&collector), "", &messages([13, 15]));
    assert_eq!(said.json()["failure_reasons"], value!({"c13": "the message is refused"}));

    collector.set_script(Step::RefuseEvery(2));
    let said = export(&mut client(&collector), "", &messages(20..25));
    assert_eq!(
        said.json()["failure_reasons"],
        value!({"c21": "as the script says", "c23": "as the script says"})
    );
    assert_eq!(collector.records().len(), 6);
}

#[test]
fn requests_are_refused_as_a_whole() {
    let collector = start(Service::http().limit(1000), Script::normal());
    let mut stream = client(&collector);
    let said = export(&mut stream, "", r#"{"messages":[]}"#);
    assert_eq!(said.status, 400);
    assert_eq!(said.json()["topLevelError"], "body: found no userId, expected a text of that name");
    assert_eq!(export(&mut stream, "", &messages(0..100)).status, 413);
    let said = export(&mut stream, "", r#"{"userId":"me","messages":[{"contextId":"c","message":{}}]}"#);
    let reason = "message: found no arcClass, expected a text of that name";
    assert_eq!(said.json()["failure_reasons"], value!({"0": reason}));
    assert_eq!(collector.ledger().totals.records, 0);
}

#[test]
fn scripts_name_the_kind_of_request() {
    let tokens = Tokens::new("key", "secret");
    let script = [Step::Status(Reply::new(503).first(1).to(To::Login))];
    let collector = start(Service::http().tokens(tokens.clone()), script);
    let mut stream = client(&collector);
    let said = login(&mut stream);
    assert_eq!((said.status, said.body.as_str()), (503, "as the script says\n"));
    let given = login(&mut stream);
    assert_eq!(export(&mut stream, &token(&given), &messages([1])).status, 200);

    collector.set_script(Reply::new(500).to(To::Events));
    let mut stream = client(&collector);
    let second = token(&login(&mut stream));
    let said = export(&mut stream, &second, &messages([2]));
    assert_eq!((said.status, said.json()), (500, value!({"topLevelError": "as the script says"})));
    collector.set_script(Reply::new(403).to(To::Refresh));
    let refresh = value!({"refreshToken": given.json()["refreshToken"]}).to_string();
    let mut stream = client(&collector);
    assert_eq!(ask(&mut stream, &json("/auth/refresh", &refresh)).status, 403);
    assert_eq!((tokens.logins(), tokens.refreshes(), collector.ledger().totals.records), (2, 0, 1));
}
