//! What a check says of TLS and files that are missing and of a collector that reads nothing, and what the doctor says
//! of options.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::net::TcpListener;
use std::time::Duration;

use mona_collector::{FaultCollector, Handshake, Listen, Script, Service, Tls, TlsSettings, TlsVersions};
use mona_tests::ledger::client;
use mona_tests::native::status;
use mona_tests::reach::{HOSTS, Trust};
use mona_tests::{Program, run};
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
fn a_check_says_which_file_is_missing() {
    let trust = Trust::new();
    let collector = serve(trust.forward(), Script::normal());
    let missing = format!("{}.missing", trust.ca_file());
    let (step, error) = failed_step(&collector.endpoint(), &[("ca_file", &missing)]);
    assert_eq!(step, "tls", "{error}");
    assert!(
        error.contains("ca_file") && error.contains(&missing) && error.ends_with("is expected"),
        "{error}"
    );
}

/// What the doctor prints with these variables, in one line.
fn doctor(variables: &[(&str, &str)]) -> String {
    let program = Program::tool("mona-doctor").unwrap();
    let finished = run(program.command().envs(variables.iter().copied()), Duration::from_secs(120));
    let finished = finished.unwrap();
    assert_eq!(finished.stderr, "");
    finished.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_doctor_names_variables_that_are_no_options() {
    let said = doctor(&[
        ("MONA_ENDPONT", "tcp://collector.example"),
        ("MONA_ENDPOINT", "memory:"),
        ("MONA_LOGLEVEL", "20"),
        ("MONA_LISA", "1"),
        ("MONA_SERVICE_HOST", "10.0.0.1"),
        ("MONA_LOG_LEVEL", "30"),
    ]);
    let line = "environment: MONA_ENDPONT (did you mean MONA_ENDPOINT?), MONA_LISA, MONA_LOGLEVEL (did you mean \
                MONA_LOG_LEVEL?): no option has such a name";
    assert!(said.contains(line), "{said}");
    assert!(!said.contains("MONA_SERVICE_HOST"), "{said}");
    // Both names of a variable work.
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    std::fs::write(&config, r#"{"endpoint": "memory:", "user_id": "of-the-file"}"#).unwrap();
    for name in ["MONA_CONFIG_FILE", "MONA_CLIENT_CONFIG_FILE"] {
        let said = doctor(&[(name, config.to_str().unwrap()), ("MONA_LOG_LEVEL", "10")]);
        assert!(said.contains("of-the-file") && !said.contains("no option"), "{name}: {said}");
    }
}

#[test]
fn options_without_effect_are_one_line() {
    let trust = Trust::new();
    let said = doctor(&[
        ("MONA_ENDPOINT", "http://127.0.0.1:1/a-token-in-the-path"),
        ("MONA_HOST", "collector.example"),
        ("MONA_SHARED_KEY", "a-key-of-both-sides"),
        ("MONA_CA_FILE", trust.ca_file()),
        ("MONA_ACK", "false"),
        ("MONA_COMPRESS", "gzip"),
    ]);
    for line in [
        "options \"ca_file\", \"shared_key\", \"ack\": set, but without any effect with http://127.0.0.1:1/...;",
        "options \"endpoint\" (environment) and \"host\" (environment): both say where records go, \"endpoint\" counts;",
    ] {
        assert_eq!(said.matches(line).count(), 1, "{said}");
    }
    assert!(!said.contains("a-token-in-the-path") && !said.contains("a-key-of-both-sides"), "{said}");
    let said = doctor(&[("MONA_ENDPOINT", "tcp://127.0.0.1:1"), ("MONA_USERNAME", "somebody")]);
    assert!(said.contains("option \"password\": it is not set although \"username\" is"), "{said}");
}

#[test]
fn the_doctor_says_where_a_name_leads() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let said = doctor(&[("MONA_ENDPOINT", &format!("tcp://localhost:{port}")), ("MONA_BALANCE", "spread")]);
    assert!(said.contains(&format!("ms to 127.0.0.1:{port}")), "{said}");
    let said = doctor(&[("MONA_ENDPOINT", &format!("tcp://127.0.0.1:{port}"))]);
    assert!(!said.contains("ms to"), "{said}");
}

#[test]
fn a_check_says_that_nothing_is_read() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = client(&format!("tcp://{}", listener.local_addr().unwrap()), &[]);
    let (_, report) = client.check(1000);
    assert!(report.contains("connected, nothing is read: connection limit?"), "{report}");
}
