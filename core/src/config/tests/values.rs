//! Which values are good, how a wrong one is told, and that no secret is shown.

use serde_json::Value as Json;

use super::*;

fn refused(name: &str, value: &str) -> String {
    let error = Options::new().set(name, value).unwrap_err();
    assert_eq!(error.status(), Status::Argument);
    error.detail().to_owned()
}

fn taken(name: &str, value: &str) {
    Options::new().set(name, value).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_wrong_value_is_refused_with_a_sentence() {
    assert_eq!(
        refused("queue_size", "many"),
        "option \"queue_size\": \"many\", a whole number from 1 to 10000000 is expected"
    );
    assert_eq!(refused("ack", ""), "option \"ack\": \"\", auto, true or false is expected");
    assert_eq!(refused("compress", "zip"), "option \"compress\": \"zip\", none or gzip is expected");
    assert_eq!(refused("auth_mode", ""), "option \"auth_mode\": \"\", mona, oidc or none is expected");
    assert_eq!(
        refused("sample_rate", "NaN"),
        "option \"sample_rate\": \"NaN\", a number from 0 to 1 is expected"
    );
    assert_eq!(
        refused("quue_size", "1"),
        "option \"quue_size\": an unknown option (did you mean \"queue_size\"?), a name listed in OPTIONS.md is expected"
    );
    for wrong in ["0", "10000001", "-1", "+1", "1.0", " 1", "0x10", "", "99999999999999999999999"] {
        refused("queue_size", wrong);
    }
    for (name, wrong) in [
        ("port", "0"),
        ("port", "70000"),
        ("host", ""),
        ("host", "a:1"),
        ("host", "tcp://a"),
        ("host", "a b"),
        ("sample_rate", "1.1"),
        ("sample_rate", "-0.1"),
        ("sample_rate", "inf"),
        ("sample_rate", ""),
        ("sample_rates", "[]"),
        ("sample_rates", "{\"a\": 2}"),
        ("sample_rates", "{\"a\": \"1\"}"),
        ("sample_rates", ""),
        ("use_ssl", "yes"),
        ("endpoint", "htps://a"),
        ("endpoint", "tcp://"),
        ("endpoint", "tcp://a:1,"),
        ("auth_url", "ftp://a"),
        ("drop_fields", "a*b"),
        ("drop_fields", "**"),
        ("ca_file", "a\0b"),
        ("log_level", "info"),
        ("log_level", "51"),
        ("exit_flush_ms", "60001"),
    ] {
        refused(name, wrong);
    }
}

#[test]
fn good_values_are_taken() {
    for (name, good) in [
        ("ack", "TRUE"),
        ("ack", "0"),
        ("use_ssl", "AUTO"),
        ("use_ssl", "1"),
        ("compress", "GZIP"),
        ("sample_rate", "0"),
        ("sample_rate", "1"),
        ("sample_rate", "1e-3"),
        ("host", "::1"),
        ("host", "[::1]"),
        ("host", "collector"),
        ("endpoint", ""),
        ("endpoint", "memory:"),
        ("endpoint", "unix:///run/mona.sock"),
        ("endpoint", "TCP://a:1, tls://b:2"),
        ("drop_fields", ""),
        ("drop_fields", "a, b*"),
        ("user_id", ""),
        ("exit_flush_ms", "0"),
        ("block_timeout_ms", "0"),
        ("http_header", "A: b\r\n\r\nC: d"),
    ] {
        taken(name, good);
    }
}

#[test]
fn a_long_wrong_value_is_cut_and_control_characters_are_escaped() {
    let sentence = refused("queue_size", &format!("\n{}", "x".repeat(10_000)));
    assert!(sentence.len() < 200 && sentence.contains("\\n") && !sentence.contains('\n'), "{sentence}");
}

#[test]
fn a_failed_set_changes_nothing_and_the_last_good_one_counts() {
    let mut options = Options::new();
    options.set("port", "1").unwrap();
    options.set("port", "2").unwrap();
    assert!(options.set("port", "zero").is_err());
    assert_eq!(resolve(&options, |_| None).settings.port, 2);
}

#[test]
fn no_secret_is_ever_shown() {
    let secrets: Vec<&Row> = TABLE.iter().filter(|row| row.secret).collect();
    let names: Vec<&str> = secrets.iter().map(|row| row.name).collect();
    assert_eq!(
        names,
        ["shared_key", "username", "password", "api_key", "api_secret", "http_header", "hash_salt"]
    );
    let mut case = Case::new();
    for row in &secrets {
        case = case.set(row.name, "X: hunter2");
    }
    case = case
        .set("endpoint", "tcp://a:1,http://me:hunter2@b:2/hunter2@y?hunter2")
        .file("{\"http_header\": \"hunter2\"}");
    case = case.env("MONA_HTTP_HEADER", "hunter2");
    let resolved = case.resolve();
    assert_eq!(resolved.settings.shared_key.reveal(), "X: hunter2");
    assert_eq!(resolved.settings.http_headers.len(), 1);
    assert_eq!(resolved.warnings.len(), 2);
    let config = format!("{:?}", resolved.config);
    let mut settings = (*resolved.settings).clone();
    assert_eq!(described(&resolved, "endpoint").0, Json::from("tcp://a:1,http://(hidden)@b:2/..."));
    // The endpoint is plain text in the settings; the transports read it there.
    settings.endpoint = None;
    for shown in [
        format!("{:?}", case.options),
        format!("{settings:?}"),
        config,
        resolved.describe(false),
        resolved.warnings.join("\n"),
        refused("http_header", "hunter2"),
        refused("endpoint", "tcpx://me:hunter2@b"),
        refused("endpoint", "htps://hooks.example/services/hunter2"),
        refused("endpoint", "hooks.example/services/hunter2"),
        refused("endpoint", "tcp://a:1,https://b/c,hunter2"),
        refused("auth_url", "hooks.example?key=hunter2"),
        refused("host", "https://hooks.example/services/hunter2"),
    ] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    assert_eq!(described(&resolved, "shared_key").0, Json::from("(hidden)"));
    assert_eq!(described(&Case::new().resolve(), "shared_key").0, Json::from(""));
    assert!(refused("http_header", "hunter2").starts_with("option \"http_header\": (hidden), "));
}

#[test]
fn headers_are_split_and_those_that_frame_the_request_are_refused() {
    let resolved = Case::new().set("http_header", "Authorization: Basic a:b\nX-Empty:\r\n").resolve();
    let headers: Vec<(&str, &str)> =
        resolved.settings.http_headers.iter().map(|(name, value)| (name.as_str(), value.reveal())).collect();
    assert_eq!(headers, [("Authorization", "Basic a:b"), ("X-Empty", "")]);
    for wrong in ["Content-Length: 1", "host: x", "no colon", ": x", "a b: c", "a: b\u{1}"] {
        refused("http_header", wrong);
    }
}
