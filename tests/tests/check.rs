//! What a check says of TLS that is missing, and of a collector that reads nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::net::TcpListener;

use mona_collector::{FaultCollector, Handshake, Listen, Script, Service, Tls, TlsSettings, TlsVersions};
use mona_tests::ledger::client;
use mona_tests::native::status;
use mona_tests::reach::{HOSTS, Trust};
use serde_json::Value;

fn serve(service: Service, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, service, script).unwrap()
}

/// The step at which a check of this endpoint fails, and what it says.
fn failed_step(endpoint: &str, options: &[(&str, &str)]) -> (String, String) {
    let client = client(endpoint, options);
    let (checked, report) = client.check(10_000);
    assert_eq!(checked, status::IO, "{report}");
    let steps: Vec<Value> = serde_json::from_str(&report).unwrap();
    let (last, before) = steps.split_last().unwrap();
    assert!(before.iter().all(|step| step["ok"] == true), "{report}");
    let text = |name: &str| last[name].as_str().unwrap_or_default().to_owned();
    assert!(last["milliseconds"].as_f64().unwrap() >= 0.0);
    (text("step"), text("error"))
}

#[test]
fn a_missing_client_certificate_is_a_matter_of_the_step_tls() {
    let trust = Trust::new();
    for versions in [TlsVersions::Tls12, TlsVersions::Tls13] {
        let mut settings = TlsSettings::new(trust.authority().server(&HOSTS).unwrap());
        settings.versions = versions;
        settings.client_ca = Some(trust.authority().pem().to_owned());
        let tls = || Tls::new(&settings).unwrap();
        let key = Handshake::new("a-key-of-both-sides");
        for (service, more) in [
            (Service::forward().tls(tls()), &[][..]),
            (Service::forward().tls(tls()), &[("ack", "false")]),
            (Service::forward().handshake(key).tls(tls()), &[("shared_key", "a-key-of-both-sides")]),
            (Service::http().tls(tls()), &[]),
        ] {
            let collector = serve(service, Script::normal());
            let options = [&[("ca_file", trust.ca_file())], more].concat();
            let (step, error) = failed_step(&collector.endpoint(), &options);
            assert_eq!(step, "tls", "{versions:?} {more:?} {error}");
            let words = "asks for a client certificate, set client_cert_file and client_key_file";
            assert!(error.contains(words), "{error}");
        }
    }
}

#[test]
fn a_check_says_that_the_port_speaks_tls() {
    let trust = Trust::new();
    let collector = serve(trust.forward(), Script::normal());
    let port = collector.addr().unwrap().port();
    for (scheme, more, step) in [
        ("tcp", &[][..], "ack"),
        ("tcp", &[("ack", "false")], "send"),
        ("tcp", &[("shared_key", "a-key"), ("connect_timeout_ms", "500")], "authenticate"),
        ("http", &[], "send"),
    ] {
        let (at, error) = failed_step(&format!("{scheme}://127.0.0.1:{port}"), more);
        assert_eq!(at, step, "{error}");
        assert!(error.starts_with("this port speaks TLS"), "{error}");
    }
    assert_eq!(collector.records().len(), 0);
}

#[test]
fn a_check_says_that_nothing_is_read() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = client(&format!("tcp://{}", listener.local_addr().unwrap()), &[]);
    let (_, report) = client.check(1000);
    assert!(report.contains("connected, nothing is read: connection limit?"), "{report}");
}
