//! The screen when all is well, and what stands out on it when something is not quite.

use std::fs;
use std::net::TcpListener;

use mona_collector::{Handshake, Service, Tls, TlsSettings};
use mona_tests::reach::{HOSTS, Trust};

use super::peers::{Web, of_openssl, serve, with_certificate};
use super::tool::{Said, doctor, json};

/// A terminal that is still usual.
const COLUMNS: usize = 80;
const ROWS: usize = 24;

fn fits(said: &Said) {
    // The prompt takes the last row.
    assert!(said.out.lines().count() < ROWS, "{}", said.out);
    for line in said.out.lines() {
        assert!(line.chars().count() <= COLUMNS || !line.trim().contains(' '), "{line}: {}", said.out);
    }
}

#[test]
fn all_is_well_on_one_screen() {
    let trust = Trust::new();
    let mut settings = TlsSettings::new(trust.authority().server(&HOSTS).unwrap());
    settings.client_ca = Some(trust.authority().pem().to_owned());
    let key = Handshake::new("a-key-of-both-sides");
    let collector = serve(Service::forward().handshake(key).tls(Tls::new(&settings).unwrap()));
    let client = trust.authority().client("classifier").unwrap();
    let (chain, key) = (trust.file("client.pem", &client.chain), trust.file("client.key", &client.key));
    let endpoint = format!("tls://localhost:{}", collector.addr().unwrap().port());
    let spool = format!("{}.spool", trust.ca_file());
    let said = doctor(
        0,
        &[
            ("MONA_ENDPOINT", &endpoint),
            ("MONA_CA_FILE", trust.ca_file()),
            ("MONA_CLIENT_CERT_FILE", &chain),
            ("MONA_CLIENT_KEY_FILE", &key),
            ("MONA_SHARED_KEY", "a-key-of-both-sides"),
            ("MONA_SPOOL_DIR", &spool),
        ],
        &[],
    );
    assert!(said.out.lines().count() < ROWS, "{}", said.out);
    for step in ["resolve ok", "connect ok", "tls ok", "authenticate ok", "send ok", "ack ok"] {
        said.has(step);
    }
    said.has("TLS 1.3, TLS_");
    said.has("certificate until 4096-01-01; issued by CN=test authority ");
    said.has("client cert ");
    said.has("(51 more at their defaults: --all)");
    said.has("shared_key environment (hidden)");
    said.has("not there yet; ");
    said.has("free on its disk; spool_bytes allows 64.0 MiB");
    said.has("Every step succeeded. No event was sent.");
    said.has_not("queue_size");
    said.has_not("a-key-of-both-sides");
    said.has_not("Settings");
    said.has_not("warning");
    assert!(!said.out.contains('\u{1b}'), "{:?}", said.out);
    let colourless: Said = doctor(0, &[], &["-o", "endpoint=memory:"]);
    fits(&colourless);
}

#[test]
fn defaults_are_said_to_be_defaults_and_shown_with_all() {
    // Whether somebody listens at the default port does not matter here.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let said = doctor(1, &[("MONA_PORT", &port.to_string())], &[]);
    said.has("(56 more at their defaults: --all)");
    said.has(
        "No option says where the collector is, so it is looked for on this machine: set MONA_ENDPOINT.",
    );
    said.has("1 of 2 steps failed.");
    fits(&said);
    let said = doctor(0, &[], &["-o", "endpoint=stdout:", "--all"]);
    assert!(said.out.contains("\n  endpoint            set           stdout:\n"), "{}", said.out);
    assert!(said.out.contains("\n  queue_size          default       100000\n"), "{}", said.out);
    said.has_not("more at their defaults");
    said.has("(max_depth, max_event_bytes)");
}

#[test]
fn what_does_not_count_stands_at_the_top() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    fs::write(&config, r#"{"qeue_size": 5, "lisa": 1, "compress": "zip", "user_id": "acme"}"#).unwrap();
    let config = config.to_str().unwrap();
    let variables = [
        ("MONA_ENDPOINT", "stdout:"),
        ("MONA_CONFIG_FILE", config),
        ("MONA_SHAREDKEY", "hush-7a2c"),
        ("MONA_QUEUE_BYTES", "plenty"),
        ("https_proxy", "socks5://u:hush-7a2c@proxy.example"),
    ];
    // Whatever level programs log at.
    for (more, words) in
        [(None, &[][..]), (Some(("MONA_LOG_LEVEL", "50")), &[]), (None, &["-o", "log_level=50"])]
    {
        let variables: Vec<_> = variables.into_iter().chain(more).collect();
        let said = doctor(0, &variables, words);
        let settings = said.section("\nSettings\n");
        for line in [
            "warning environment: MONA_SHAREDKEY (did you mean MONA_SHARED_KEY?): no option has such a name",
            "unknown options \"qeue_size\" (did you mean \"queue_size\"?), \"lisa\", names listed",
            "MONA_QUEUE_BYTES: \"plenty\", a whole number",
            "option \"compress\" in config file",
            "environment variable https_proxy: it is no http:// proxy",
        ] {
            assert!(settings.contains(line), "{line}: {}", said.out);
        }
        assert!(said.out.find("Settings").unwrap() < said.out.find("stdout:").unwrap(), "{}", said.out);
        said.has("5 warnings above.");
        said.has("user_id config file acme");
        said.has_not("hush-7a2c");
        if more.is_some() {
            said.has("log_level environment 50");
        }
        if !words.is_empty() {
            said.has("log_level set 50");
        }
    }
    let report = json(0, &variables, &[]);
    assert_eq!(report["settings"].as_array().unwrap().len(), 5, "{report}");
    assert_eq!(report["settings"][0]["level"], "warning", "{report}");
    // Lines that programs would print do not stand in the middle of the report.
    let said = doctor(0, &[("MONA_ENDPOINT", "null:"), ("MONA_PRINT_LOGS", "true"), ("MONA_LISA", "1")], &[]);
    assert_eq!(said.out.matches("MONA_LISA").count(), 1, "{}", said.out);
    said.has("print_logs environment true");
    assert_eq!(said.err, "");
}

#[test]
fn a_certificate_is_told_of_before_it_is_too_late() {
    let Some((folder, certificate)) = of_openssl(5) else { return };
    let collector = with_certificate(certificate, None);
    let endpoint = format!("endpoint=tls://localhost:{}", collector.addr().unwrap().port());
    let ca_file = format!("ca_file={}", folder.path().join("ca.pem").display());
    let said = doctor(0, &[], &["-o", &endpoint, "-o", &ca_file]);
    said.has("certificate ONLY ");
    said.has(" days left, until 20");
    said.has("issued by CN=An authority, O=Example");
    said.has("1 warning above.");
    let report = json(0, &[], &["-o", &endpoint, "-o", &ca_file]);
    let certificate = &report["check"][2]["certificate"];
    assert_eq!(certificate["subject"], "CN=collector", "{report}");
    // The fifth day begins or has begun.
    assert!((4..=5).contains(&certificate["days_left"].as_i64().unwrap()), "{report}");
    assert_eq!(certificate["names"], serde_json::json!(["localhost", "127.0.0.1"]));
}

#[test]
fn a_certificate_that_is_refused_is_shown_with_this_machines_clock() {
    let (trust, other) = (Trust::new(), Trust::new());
    let authority = trust.authority();
    for (certificate, words) in [
        (
            authority.expired(&HOSTS),
            &["EXPIRED on 2021-01-01T00:00:00Z; this machine's clock says 20", "expired on"][..],
        ),
        (
            authority.not_yet_valid(&HOSTS),
            &["NOT VALID before 4000-01-01T00:00:00Z; this machine's clock says 20"],
        ),
        (
            authority.server(&["other.test"]),
            &["it is for CN=test collector; names: other.test", "tls_server_name"],
        ),
        (
            other.authority().server(&HOSTS),
            &["it is for CN=test collector; names: localhost, 127.0.0.1", "ca_file"],
        ),
    ] {
        let collector = with_certificate(certificate.unwrap(), None);
        let endpoint = format!("endpoint=tls://localhost:{}", collector.addr().unwrap().port());
        let said = doctor(1, &[("MONA_CA_FILE", trust.ca_file())], &["-o", &endpoint]);
        said.has("tls FAILED");
        words.iter().for_each(|words| said.has(words));
        said.has("1 of 3 steps failed.");
    }
}

#[test]
fn endpoints_without_anything_to_tell_take_a_line_each() {
    let collectors = [serve(Service::forward()), serve(Service::forward())];
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoints =
        [collectors[0].endpoint(), collectors[1].endpoint(), format!("tcp://{}", gone.local_addr().unwrap())];
    drop(gone);
    let endpoint = format!("endpoint={}", endpoints.join(","));
    let said = doctor(1, &[], &["-o", &endpoint]);
    for endpoint in &endpoints[..2] {
        let start = format!("\n{endpoint}\n  ok  resolve ");
        assert!(said.out.contains(&start), "{}", said.out);
    }
    assert!(said.section(&format!("\n{}\n", endpoints[2])).contains("connect FAILED"), "{}", said.out);
    let all = doctor(1, &[], &["-o", &endpoint, "--all"]);
    assert_eq!(all.out.matches("  resolve       ok").count(), 3, "{}", all.out);
}

#[test]
fn clocks_are_compared_where_the_answer_has_a_date() {
    for (headers, words) in [
        (
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
            Some("d AHEAD of the collector; events carry this machine's time"),
        ),
        ("Date: Fri, 06 Nov 2093 08:49:37 GMT\r\n", Some("d BEHIND the collector; events carry")),
        ("", None),
    ] {
        let web = Web::new(headers);
        let endpoint = format!("endpoint=http://127.0.0.1:{}", web.port);
        let said = doctor(0, &[], &["-o", &endpoint]);
        match words {
            Some(words) => {
                said.has(words);
                said.has("1 warning above.");
            }
            None => said.has_not("clock"),
        }
    }
    let collector = serve(Service::http());
    doctor(0, &[], &["-o", &format!("endpoint={}", collector.endpoint())])
        .has("clock agrees with that of the collector");
}

#[test]
fn the_proxy_is_named_and_what_keeps_it_out() {
    let web = Web::new("");
    let proxy = format!("http://u:hush-7a2c@127.0.0.1:{}", web.port);
    let to = |host: &str| format!("endpoint=http://{host}/tag");
    let said = doctor(0, &[("http_proxy", &proxy)], &["-o", &to("collector.example")]);
    said.has(&format!(
        "proxy 127.0.0.1:{}, of http_proxy; it is what is looked up and connected to",
        web.port
    ));
    said.has_not("hush-7a2c");
    let variables = [("HTTP_PROXY", proxy.as_str()), ("no_proxy", ".inner.invalid")];
    let said = doctor(1, &variables, &["-o", &to("a.inner.invalid")]);
    said.has(&format!(
        "proxy not used, although HTTP_PROXY names 127.0.0.1:{}: no_proxy names \".inner.invalid\"",
        web.port
    ));
    said.has("options endpoint; in the environment https_proxy, http_proxy, no_proxy");
    assert_eq!(web.requests(), ["POST http://collector.example/tag HTTP/1.1"]);
}
