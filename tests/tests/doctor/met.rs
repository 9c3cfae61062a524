//! What was met decides what it says, whatever step it was met at.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicBool, Ordering};

use mona_collector::{Certificate, Service, Tls, TlsSettings, Tokens};
use mona_tests::reach::{HOSTS, Trust};
use serde_json::Value;

use super::hints::fails;
use super::peers::{Answering, Closing, Lines, serve, with_certificate};
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
        (&web, "HTTP://", "Name it https:// in place of http://", "endpoint (https://); ca_file"),
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

/// What is advised is as safe as what the endpoint asks for.
#[test]
fn http_where_forward_over_tls_is_wanted() {
    let trust = Trust::new();
    let settings = TlsSettings::new(trust.authority().server(&HOSTS).unwrap());
    let web = serve(Service::http().tls(Tls::new(&settings).unwrap()));
    let endpoint = format!("tls://localhost:{}", web.addr().unwrap().port());
    let (step, said) = failed(&endpoint, &["-o", &format!("ca_file={}", trust.ca_file())]);
    assert_eq!(step["finding"], "http_port", "{step}");
    said.has("for an input of HTTP it is https://, for a receiver of OTLP otlp+https://.");
    said.has_not(" http://");
}

#[test]
fn http_at_a_socket_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let is_over = AtomicBool::new(false);
    let (step, said) = std::thread::scope(|scope| {
        scope.spawn(|| {
            while let Ok((mut socket, _)) = listener.accept() {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                if socket.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {
                    let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
                }
            }
        });
        let found = std::panic::catch_unwind(|| failed(&format!("unix://{}", path.display()), &[]));
        is_over.store(true, Ordering::Relaxed);
        drop(UnixStream::connect(&path));
        found.unwrap()
    });
    assert_eq!(step["finding"], "http_port", "{step}");
    said.has("try Name the socket of a Forward input");
    said.has_not("24224");
}

#[test]
fn something_else_where_tls_is_wanted() {
    let web = Answering::new("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    let forward = serve(Service::forward());
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (forward, silent) = (forward.addr().unwrap().port(), silent.local_addr().unwrap().port());
    for (start, port, finding) in [
        ("https://", web.port, "plain_port"),
        ("tls://", web.port, "plain_port"),
        ("tls://", forward, "closed"),
        ("tls://", silent, "silent"),
    ] {
        // Time for the connection, too.
        let (step, said) = failed(&format!("{start}127.0.0.1:{port}"), &["-o", "connect_timeout_ms=4000"]);
        assert_eq!((&step["step"], &step["finding"]), (&"tls".into(), &finding.into()), "{step}");
        said.has("options endpoint");
        said.has_not("a proxy or gateway");
        said.has_not("ca_file");
    }
    let (_, said) = failed(&format!("tls://127.0.0.1:{}", web.port), &[]);
    said.has("try What listens there speaks no TLS: name the port that does, or switch TLS on there;");
    said.has("tls.md and names.md lie in share/doc/mona/docs of where libmona was installed");
}

#[test]
fn a_connection_that_is_closed_is_no_answer() {
    let closing = Closing::new();
    for (start, step, advice) in [
        ("tcp://", "ack", "It took the message and gave no acknowledgement"),
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

/// An answer that is no end, no silence and nothing else than HTTP.
#[test]
fn an_answer_of_http_that_cannot_be_read_is_one() {
    let headers = format!("X-Long: {}\r\n", "a".repeat(4096)).repeat(8);
    let web = Answering::new(&format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: 0\r\n\r\n"));
    for start in ["http://", "otlp+http://"] {
        let (step, said) = failed(&format!("{start}localhost:{}", web.port), &[]);
        assert!(step["error"].as_str().unwrap().contains("more than 16 KiB of headers"), "{step}");
        said.has("try The server, or what stands before it, ended that as the sentence above says");
        said.has_not("No answer of HTTP came");
    }
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

/// The step `authenticate` of the Mona REST API, with a token server at this URL.
fn not_authenticated(auth_url: &str, more: &[&str]) -> (Value, Said) {
    let collector = serve(Service::http());
    let endpoint = format!("http://localhost:{}", collector.addr().unwrap().port());
    let auth_url = format!("auth_url={auth_url}");
    let words = ["-o", "http_format=mona", "-o", "api_key=k", "-o", "api_secret=s", "-o", &auth_url];
    let (step, said) = failed(&endpoint, &[&words, more].concat());
    assert_eq!(step["step"], "authenticate", "{step}");
    (step, said)
}

#[test]
fn a_token_server_by_what_is_wrong_with_it() {
    let refusing = Answering::new("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    let (step, said) = not_authenticated(&format!("http://localhost:{}/login", refusing.port), &[]);
    assert_eq!(step["finding"], "status", "{step}");
    said.has("try The token server refuses: key and secret");
    // A token, and nothing that says whose.
    let nameless = "HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{\"accessToken\":\"x\"}";
    let nameless = Answering::new(nameless);
    let (step, said) = not_authenticated(&format!("http://localhost:{}/login", nameless.port), &[]);
    assert!(step["error"].as_str().unwrap().contains("names no tenantId"), "{step}");
    said.has("Where its token names no tenant, user_id has to.");
    said.has("options auth_url, refresh_url, auth_mode, user_id;");
}

#[test]
fn the_certificate_of_a_token_server_by_what_is_wrong_with_it() {
    let (trust, other) = (Trust::new(), Trust::new());
    let ca_file = format!("ca_file={}", trust.ca_file());
    let tokens = |certificate: Certificate, asks: bool| {
        let mut settings = TlsSettings::new(certificate);
        settings.client_ca = asks.then(|| trust.authority().pem().to_owned());
        serve(Service::http().tokens(Tokens::new("k", "s")).tls(Tls::new(&settings).unwrap()))
    };
    let authority = trust.authority();
    for (certificate, asks, finding, advice) in [
        (authority.expired(&HOSTS), false, "out_of_time", "try Renew the certificate there"),
        (
            authority.server(&["other.test"]),
            false,
            "wrong_name",
            "try The certificate of the token server has to name the host of auth_url",
        ),
        (
            other.authority().server(&HOSTS),
            false,
            "unknown_authority",
            "try Put the certificate of the authority that issued the token server's into ca_file",
        ),
        (
            authority.server(&HOSTS),
            true,
            "client_certificate",
            "try The token server takes clients with a certificate",
        ),
    ] {
        let server = tokens(certificate.unwrap(), asks);
        let auth_url = format!("https://localhost:{}/auth/login", server.addr().unwrap().port());
        let (step, said) = not_authenticated(&auth_url, &["-o", "user_id=acme", "-o", &ca_file]);
        assert_eq!(step["finding"], finding, "{step}");
        said.has(advice);
        said.has_not("is auth_url right");
    }
}
