//! What was met decides what it says, whatever step it was met at.

use mona_collector::{Service, Tls, TlsSettings};
use mona_tests::reach::{HOSTS, Trust};
use serde_json::Value;

use super::hints::fails;
use super::peers::{Closing, Lines, serve, with_certificate};
use super::tool::{Said, json};

/// The step that failed, with what the tool says of it.
fn failed(endpoint: &str, more: &[&str]) -> (Value, Said) {
    let words = [&["--timeout", "8"], more].concat();
    let said = fails(1, endpoint, &words);
    let endpoint = format!("endpoint={endpoint}");
    let mut report = json(1, &[], &[&["-o", &endpoint], words.as_slice()].concat());
    (report["check"].as_array_mut().unwrap().pop().unwrap(), said)
}

#[test]
fn tls_where_the_endpoint_has_none() {
    let trust = Trust::new();
    let tls = || {
        let settings = TlsSettings::new(trust.authority().server(&HOSTS).unwrap());
        Tls::new(&settings).unwrap()
    };
    let forward = serve(Service::forward().tls(tls()));
    let web = serve(Service::http().tls(tls()));
    for (collector, start, advice, options) in [
        (&forward, "tcp://", "Name it tls:// in place of tcp://", "endpoint (tls://), or use_ssl; ca_file"),
        (&forward, "http://", "Name it https:// in place of http://", "endpoint (https://); ca_file"),
        (&web, "tcp://", "Name it tls:// in place of tcp://", "endpoint (tls://), or use_ssl; ca_file"),
        (&web, "http://", "Name it https:// in place of http://", "endpoint (https://); ca_file"),
        (&web, "otlp+http://", "Name it otlp+https:// in place of", "endpoint (otlp+https://); ca_file"),
    ] {
        let endpoint = format!("{start}localhost:{}", collector.addr().unwrap().port());
        let (step, said) = failed(&endpoint, &[]);
        assert_eq!(step["finding"], "tls_port", "{endpoint}: {step}");
        said.has(&format!("try {advice}"));
        said.has(&format!("options {options}"));
        said.has_not("ack=false");
        said.has_not("The answer above");
    }
}

/// Servers of HTTP wait for the end of a line, which a Forward message has not always.
#[test]
fn http_where_forward_is_wanted() {
    let lines = Lines::new();
    let (step, said) = failed(&format!("tcp://127.0.0.1:{}", lines.port), &[]);
    assert_eq!(step["finding"], "http_port", "{step}");
    said.has("something like HTTP");
    said.has("try Name the port of a Forward input (24224 mostly)");
    said.has("options endpoint ");
    said.has_not("ack=false");
}

#[test]
fn something_else_where_tls_is_wanted() {
    let lines = Lines::new();
    let forward = serve(Service::forward());
    let forward = forward.addr().unwrap().port();
    for (start, port) in [("https://", lines.port), ("tls://", lines.port), ("tls://", forward)] {
        let (step, said) = failed(&format!("{start}localhost:{port}"), &["-o", "connect_timeout_ms=500"]);
        let finding = step["finding"].as_str().unwrap();
        assert!(["plain_port", "closed", "silent"].contains(&finding), "{step}");
        assert_eq!(step["step"], "tls", "{step}");
        said.has("options endpoint");
        said.has_not("a proxy or gateway");
        said.has_not("ca_file");
    }
    let (step, said) = failed(&format!("tls://localhost:{}", lines.port), &[]);
    assert_eq!(step["finding"], "plain_port", "{step}");
    said.has("try What listens there speaks no TLS: name the port that does, or switch TLS on there;");
    said.has("tls.md and names.md lie in share/doc/mona/docs of where libmona was installed");
}

#[test]
fn a_connection_that_is_closed_is_no_answer() {
    let closing = Closing::new();
    for (start, step, advice) in [
        ("tcp://", "ack", "It took the message and answered with no acknowledgement"),
        ("http://", "send", "No answer of HTTP came: is it the port of an HTTP input?"),
        ("otlp+http://", "send", "No answer of HTTP came. A receiver of OTLP"),
        ("tls://", "tls", "Most programs without TLS close like this"),
    ] {
        let (found, said) = failed(&format!("{start}localhost:{}", closing.port), &[]);
        assert_eq!((&found["step"], &found["finding"]), (&step.into(), &"closed".into()), "{found}");
        said.has(&format!("try {advice}"));
        said.has_not("ack=false");
        said.has_not("The answer above");
    }
}

#[test]
fn an_answer_of_http_is_the_one_above() {
    let lines = Lines::new();
    let (step, said) = failed(&format!("http://localhost:{}", lines.port), &[]);
    assert_eq!(step["finding"], "status", "{step}");
    said.has("try The answer above is that to an empty list of events.");
    let (step, said) = failed(&format!("otlp+http://localhost:{}", lines.port), &[]);
    assert_eq!(step["finding"], "status", "{step}");
    said.has("try The answer above is that to a request without records.");
}

#[test]
fn certificates_by_what_is_wrong_with_them() {
    let (trust, other) = (Trust::new(), Trust::new());
    for (certificate, start, finding, advice) in [
        (trust.authority().expired(&HOSTS), "tls://", "out_of_time", "Renew the certificate there"),
        (
            trust.authority().server(&["other.test"]),
            "tls://",
            "wrong_name",
            "The certificate has to name the",
        ),
        (
            other.authority().server(&HOSTS),
            "tls://",
            "unknown_authority",
            "Put the certificate of the authority",
        ),
        (
            other.authority().server(&HOSTS),
            "https://",
            "unknown_authority",
            "Put the certificate of the authority that issued the server's",
        ),
    ] {
        let collector = with_certificate(certificate.unwrap(), None);
        let endpoint = format!("{start}localhost:{}", collector.addr().unwrap().port());
        let (step, said) = failed(&endpoint, &["-o", &format!("ca_file={}", trust.ca_file())]);
        assert_eq!((&step["step"], &step["finding"]), (&"tls".into(), &finding.into()), "{step}");
        said.has(&format!("try {advice}"));
    }
    let asking = with_certificate(trust.authority().server(&HOSTS).unwrap(), Some(&trust));
    let endpoint = format!("tls://localhost:{}", asking.addr().unwrap().port());
    let (step, said) = failed(&endpoint, &["-o", &format!("ca_file={}", trust.ca_file())]);
    assert_eq!((&step["step"], &step["finding"]), (&"tls".into(), &"client_certificate".into()), "{step}");
    said.has("options client_cert_file, client_key_file");
}
