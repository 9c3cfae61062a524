//! A check: its steps, what it finds besides, what it keeps to itself.

use super::server::{Reply, Server};
use super::{chunk, send, soon, transport};
use crate::net::Finding;
use crate::transport::Steps;

fn to(server: &Server) -> Box<dyn crate::transport::Transport> {
    transport(&[("endpoint", &server.url("")), ("io_timeout_ms", "20000")])
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_check_takes_its_steps() {
    let names = |steps: &Steps| {
        let steps = steps.so_far("overdue");
        steps.iter().map(|step| format!("{} {:?}", step.name, step.error)).collect::<Vec<_>>()
    };
    let check = |status, error| {
        let server = Server::new(move |_, _| Reply::status(status));
        let steps = Steps::default();
        to(&server).check(soon(), &steps);
        let names = names(&steps);
        assert_eq!(names[..2], ["resolve None", "connect None"]);
        assert!(names.len() == 3 && names[2].starts_with(&format!("send {error}")), "{names:?}");
        assert_eq!(server.requests()[0].body, b"[]");
    };
    // Side by side: each waits a second for the end of its connection.
    std::thread::scope(|scope| {
        for (status, error) in [(200, "None"), (400, "None"), (404, "Some"), (503, "Some")] {
            scope.spawn(move || check(status, error));
        }
    });
}

#[test]
fn a_check_tells_addresses_and_how_far_the_clocks_are_apart() {
    let found = |header: &'static str, name: &str| {
        let server = Server::new(move |_, _| Reply::new(200, &[header], ""));
        let steps = Steps::default();
        to(&server).check(soon(), &steps);
        let steps = steps.so_far("overdue");
        assert!(
            steps[0].more.iter().any(|(name, value)| *name == "addresses" && value[0] != ""),
            "{steps:?}"
        );
        steps[2].more.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_i64().unwrap())
    };
    let skew = found("Date: Sun, 06 Nov 1994 08:49:37 GMT", "skew_ms").unwrap();
    assert!(skew > 900_000_000_000, "{skew}");
    assert!(found("Date: Sun, 06 Nov 1994 08:49:37 GMT", "skew_uncertainty_ms").unwrap() >= 500);
    assert_eq!(found("Date: yesterday", "skew_ms"), None);
    assert_eq!(found("X: y", "skew_ms"), None);
}

#[test]
fn a_server_that_answers_is_not_asked_who_it_is() {
    let server = Server::new(|_, _| Reply::status(404));
    let steps = Steps::default();
    to(&server).check(soon(), &steps);
    let last = steps.so_far("overdue").pop().unwrap();
    assert_eq!((last.name, last.finding), ("send", Some(Finding::Status)), "{last:?}");
    // What greets goes away before the check does, so the server has seen it by the end of the next connection.
    to(&server).check(soon(), &Steps::default());
    assert_eq!(server.connections(), 2);
}

#[test]
#[ignore = "slow: make test-slow"]
fn neither_a_check_nor_a_refusal_repeats_a_secret() {
    let server = Server::new(|request, _| {
        let cookie = request.header("cookie").unwrap_or_default();
        let secret = cookie.split_once('=').map_or("", |(_, secret)| secret);
        Reply::new(403, &[], &format!("no right to write for {secret} with {cookie} and q-secret"))
    });
    let url = server.url("/p?token=q-secret&stream=user");
    let headers = "Cookie: session=h-secret; theme=dark";
    let options = [("endpoint", url.as_str()), ("http_header", headers), ("io_timeout_ms", "20000")];
    let steps = Steps::default();
    // Side by side: each waits a second for the end of its connection.
    let refusal = std::thread::scope(|scope| {
        let refused = scope.spawn(|| send(&mut *transport(&options), &chunk(&["a"])).unwrap_err());
        transport(&options).check(soon(), &steps);
        refused.join().unwrap()
    });
    let steps = steps.so_far("overdue");
    let checked = steps.iter().filter_map(|step| step.error.clone()).collect::<Vec<_>>();
    assert_eq!(checked.len(), 1);
    for text in [format!("{refusal:?}"), format!("{checked:?}")] {
        assert!(text.contains("no right to write for (hidden)"), "{text}");
        assert!(!text.contains("h-secret") && !text.contains("q-secret"), "{text}");
    }
}
