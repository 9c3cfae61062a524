//! The program from end to end.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use common::program::{Program, address, lines};
use common::*;
use serde_json::{Value, json};

/// Two runs of an algorithm with a stage each.
fn runs() -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    for (id, label, score) in [("a1", "seven", 0.75), ("b2", "one", 0.25)] {
        let stage = format!("{id}.{id}-stage");
        records.push(record(id, &field_text("MONA_ARC_CLASS", "digits"), None));
        records.push(record(&stage, &field_text("MONA_ARC_CLASS", "digits/classify"), None));
        records.push(record(&stage, &field("ms", score * 16.0), None));
        records.push(record(id, &field("score", score), None));
        records.push(record(id, &field_text("label", label), None));
        records.push(record(id, &field("broken", f64::NAN), None));
    }
    records
}

#[test]
fn records_arcs_and_summary() {
    let folder = tempfile::tempdir().unwrap();
    let [port, out, arcs] = ["port", "out.ndjson", "arcs.ndjson"].map(|name| folder.path().join(name));
    std::fs::write(&out, "{\"kept\":true}\n").unwrap();
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let program = Program::start(&[
        "--forward",
        "127.0.0.1:0",
        "--port-file",
        &path(&port),
        "--out",
        &path(&out),
        "--arcs",
        &path(&arcs),
        "--by",
        "label",
        "--exit-when-idle",
        "0.3",
    ]);
    let records = runs();
    let mut stream = connect(address(&port));
    for id in ["one", "two", "one"] {
        let part = if id == "one" { &records[..6] } else { &records[6..] };
        stream.write_all(&packed(id, part)).unwrap();
        expect(&mut stream, &ack(id));
    }
    assert_eq!(lines(&out).len(), 19, "acknowledged is written");
    drop(stream);
    let (output, stdout, stderr) = program.end();
    assert!(output.status.success(), "{stderr}");
    assert_eq!(stderr.lines().count(), 1);
    assert!(stderr.starts_with("mona-collector: listening on 127.0.0.1:"), "{stderr}");

    let written = lines(&out);
    assert_eq!(written[0], json!({"kept": true}));
    assert_eq!(
        written[4].to_string(),
        json!({"tag": TAG, "time": 1_552_903_200, "record": {
            "user_id": "user", "context": "a1", "message": {"score": 0.75}, "export_timestamp": 1_552_903_200
        }})
        .to_string()
    );
    assert_eq!(written[6]["record"]["message"], json!({"broken": null}));
    assert_eq!(
        lines(&arcs)[0].to_string(),
        json!({"context": "a1", "user_id": "user", "arc_class": "digits",
            "fields": {"score": 0.75, "label": "seven", "broken": null},
            "sub_contexts": {"a1-stage": {"arc_class": "digits/classify", "fields": {"ms": 12}}}
        })
        .to_string()
    );
    let summary = stdout.split_once("\n\nARC classes").unwrap();
    assert!(
        summary.0.contains("\n    duplicates by chunk id") && summary.0.contains("\n    in duplicate chunks")
    );
    let rows: Vec<Vec<&str>> = summary.1.lines().map(|line| line.split_whitespace().collect()).collect();
    let expected = [
        "count",
        "digits 2",
        "classify 2",
        "",
        "KAPIs count mean p50 p95",
        "digits",
        "score 2 0.5000 0.2500 0.7500",
        "classify.ms 2 8.000 4 12",
        "",
        "KAPIs by label count mean p50 p95",
        "digits",
        "score",
        "one 1 0.2500 0.2500 0.2500",
        "seven 1 0.7500 0.7500 0.7500",
        "classify.ms",
        "one 1 4.000 4 4",
        "seven 1 12.000 12 12",
    ];
    assert_eq!(rows.iter().map(|row| row.join(" ")).collect::<Vec<_>>(), expected, "{stdout}");
    assert!(stdout.lines().all(|line| line == line.trim_end() && line.chars().count() <= 100));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "no temporary file is left");
}

#[test]
fn every_protocol_ends_in_one_summary() {
    let folder = tempfile::tempdir().unwrap();
    let [port, out, ca] = ["port", "out.ndjson", "ca.pem"].map(|name| folder.path().join(name));
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let program = Program::start(&[
        "--forward",
        "tls:127.0.0.1:0",
        "--http",
        "127.0.0.1:0",
        "--https",
        "127.0.0.1:0",
        "--tls-new",
        &path(&ca),
        "--api-key",
        "key:secret",
        "--max-body",
        "5000",
        "--port-file",
        &path(&port),
        "--out",
        &path(&out),
        "--exit-when-idle",
        "0.3",
    ]);
    eventually("the port file is there", || port.exists());
    let text = std::fs::read_to_string(&port).unwrap();
    let places: Vec<(&str, SocketAddr)> = text
        .lines()
        .map(|line| line.split_once("://").unwrap())
        .map(|(scheme, address)| (scheme, address.parse().unwrap()))
        .collect();
    assert_eq!(places.iter().map(|(scheme, _)| *scheme).collect::<Vec<_>>(), ["tls", "http", "https"]);
    let config = tls::client(&std::fs::read_to_string(&ca).unwrap(), None, rustls::ALL_VERSIONS);

    let mut plain = connect(places[1].1);
    let record = r#"[{"user_id":"u","context":"a","message":{"score":1},"export_timestamp":5}]"#;
    assert_eq!(http::ask(&mut plain, &http::json("/mona.client.message", record)).status, 201);
    assert_eq!(http::ask(&mut plain, &http::json("/x", &"x".repeat(5001))).status, 413);
    assert_eq!(http::ask(&mut plain, &http::json("/x", "[1]")).status, 400);

    let mut forward = tls::connect(&config, places[0].1, "localhost").unwrap();
    forward.write_all(&packed("one", &runs())).unwrap();
    expect(&mut forward, &ack("one"));

    let mut rest = tls::connect(&config, places[2].1, "localhost").unwrap();
    let given = http::ask(&mut rest, &http::json("/auth/login", r#"{"clientId":"key","secret":"secret"}"#));
    let token = format!("Authorization: Bearer {}", given.json()["accessToken"].as_str().unwrap());
    let message =
        json!({"message": {"score": 2}, "contextId": "b", "exportTimestamp": 5, "arcClass": "digits"});
    let body = json!({"userId": "u", "messages": [message]}).to_string();
    let headers = ["Content-Type: application/json", &token];
    assert_eq!(http::ask(&mut rest, &http::request("/export", &headers, body.as_bytes())).status, 200);
    drop((plain, forward, rest));

    let (output, stdout, stderr) = program.end();
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.contains("\nmona-collector: listening on https://127.0.0.1:"), "{stderr}");
    assert!(stderr.contains(" refused: record: found 1, expected an object"), "{stderr}");
    assert!(!stderr.contains("secret") && !stdout.contains("secret"));
    let written = lines(&out);
    assert_eq!(written.len(), 14);
    let expected = json!({"user_id": "u", "context": "b", "message": {"score": 2}, "export_timestamp": 5, "arc_class": "digits"});
    assert_eq!((&written[13]["tag"], &written[13]["record"]), (&json!("export"), &expected));
    let rows: Vec<String> =
        stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for row in ["connections 3", "records 14", "refused 2", "digits 3"] {
        assert!(rows.iter().any(|found| found == row), "{row} in {stdout}");
    }
}

#[test]
fn a_shared_key_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let port = folder.path().join("port");
    let program = Program::start(&[
        "--forward",
        "127.0.0.1:0",
        "--shared-key",
        "the-key",
        "--user",
        "me:the-password",
        "--helo",
        "fluent-bit",
        "--port-file",
        port.to_str().unwrap(),
        "--exit-when-idle",
        "0.2",
    ]);
    let mut stream = connect(address(&port));
    expect(&mut stream, b"\x92\xa4HELO\x82\xa5nonce\xb0");
    stream.write_all(&chunk("one", 1)).unwrap();
    rest(&mut stream);
    drop(stream);
    let (_, stdout, stderr) = program.end();
    assert!(
        stderr.contains("closed: handshake: found another message of 3 parts, expected PING"),
        "{stderr}"
    );
    assert!(stdout.ends_with("\nNo records arrived.\n") && !stderr.contains("the-"), "{stdout}{stderr}");
}

/// Whether this process ignores the end of a terminal, and with it all that it starts.
fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // Signal 1 is the lowest bit.
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[test]
fn a_signal_ends_it_with_the_summary() {
    // The end of a terminal is one where the system says whether it is to be outlived, as all that runs below `nohup` is.
    let hangup = cfg!(target_os = "linux").then_some("HUP").filter(|_| !is_hangup_ignored());
    for signal in ["INT", "TERM"].into_iter().chain(hangup) {
        let folder = tempfile::tempdir().unwrap();
        let [port, socket] = ["port", "socket"].map(|name| folder.path().join(name));
        let program = Program::start(&[
            "--forward",
            "127.0.0.1:0",
            "--forward",
            &format!("unix:{}", socket.display()),
            "--port-file",
            port.to_str().unwrap(),
        ]);
        eventually("the port file is there", || port.exists());
        let text = std::fs::read_to_string(&port).unwrap();
        assert!(
            text.starts_with("127.0.0.1:") && text.ends_with(&format!("\nunix://{}\n", socket.display())),
            "{text}"
        );
        let mut stream = UnixStream::connect(&socket).unwrap();
        stream.write_all(&chunk("one", 1)).unwrap();
        expect(&mut stream, &ack("one"));
        let killed = Command::new("kill").args([&format!("-{signal}"), &program.id().to_string()]).status();
        assert!(killed.unwrap().success());
        let (output, stdout, _) = program.end();
        assert!(output.status.success());
        assert!(stdout.contains("\n  records") && stdout.contains("\n    n  "), "{stdout}");
        assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
        assert!(!socket.exists());
    }
}

/// As with `nohup`.
#[test]
#[cfg(target_os = "linux")]
fn it_outlives_its_terminal_where_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let port = folder.path().join("port");
    let command = "trap '' HUP; exec \"$0\" --forward 127.0.0.1:0 --port-file \"$1\"";
    let mut program = Command::new("sh")
        .args(["-c", command, env!("CARGO_BIN_EXE_mona-collector"), port.to_str().unwrap()])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    eventually("the port file is there", || port.exists());
    let kill =
        |signal: &str| Command::new("kill").args([signal, &program.id().to_string()]).status().unwrap();
    assert!(kill("-HUP").success());
    let mut stream = connect(address(&port));
    stream.write_all(&chunk("one", 1)).unwrap();
    expect(&mut stream, &ack("one"));
    assert!(kill("-TERM").success());
    assert!(program.wait().unwrap().success());
}

#[test]
fn records_on_stdout_stay_alone() {
    let folder = tempfile::tempdir().unwrap();
    let port = folder.path().join("port");
    let program = Program::start(&[
        "--forward",
        "127.0.0.1:0",
        "--port-file",
        port.to_str().unwrap(),
        "--out",
        "-",
        "--exit-when-idle",
        "0.2",
        "--fault",
        "reset,normal",
    ]);
    let mut reset = connect(address(&port));
    assert!(!matches!(reset.read(&mut [0; 1]), Ok(1..)));
    let mut stream = connect(address(&port));
    stream.write_all(&chunk("one", 1)).unwrap();
    expect(&mut stream, &ack("one"));
    stream.write_all(b"\xc1garbage\x1b[31m").unwrap();
    drop(stream);
    let (output, stdout, stderr) = program.end();
    assert!(output.status.success());
    assert_eq!(stdout.lines().count(), 1);
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap()["record"]["message"]["n"], 1);
    assert!(stderr.contains("closed: stream: found \"\\xc1garbage\\x1b[31m\", expected"), "{stderr}");
    assert!(stderr.contains("\n    closed for a fault"), "{stderr}");
}

#[test]
fn nothing_arrived_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let port = folder.path().join("port");
    let program = Program::start(&[
        "--forward",
        "127.0.0.1:0",
        "--port-file",
        port.to_str().unwrap(),
        "--exit-when-idle",
        "0",
    ]);
    drop(connect(address(&port)));
    let (_, stdout, _) = program.end();
    assert!(stdout.ends_with("\nNo records arrived.\n"), "{stdout}");
}

#[test]
fn what_cannot_be_done_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (arguments, expected) in [
        (vec!["--forward", &address], format!("mona-collector: --forward {address}: Address already in use")),
        (
            vec!["--forward", "127.0.0.1:0", "--out", "/nowhere/x"],
            "mona-collector: --out /nowhere/x: No such".into(),
        ),
        (
            vec!["--forward", "tls:127.0.0.1:0"],
            "--forward tls:127.0.0.1:0: found no certificate, expected --tls-cert and --tls-key, or --tls-new".into(),
        ),
        (
            vec!["--https", "127.0.0.1:0", "--tls-cert", "/nowhere/c", "--tls-key", "/nowhere/k"],
            "mona-collector: --tls-cert /nowhere/c: No such".into(),
        ),
        (vec!["--api-key", "nothing"], "found no colon behind a name".into()),
        (vec!["--forward", "nowhere"], "nowhere: found no numeric address and port".into()),
    ] {
        let (output, stdout, stderr) = Program::start(&arguments).end();
        assert!(!output.status.success() && stdout.is_empty());
        assert!(stderr.contains(&expected), "{stderr}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_not_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let port = folder.path().join("port");
    let program = Program::start(&[
        "--forward",
        "127.0.0.1:0",
        "--port-file",
        port.to_str().unwrap(),
        "--out",
        "/dev/full",
        "--exit-when-idle",
        "0.2",
    ]);
    let mut stream = connect(address(&port));
    stream.write_all(&chunk("one", 1)).unwrap();
    assert!(rest(&mut stream).0.is_empty());
    drop(stream);
    let (output, _, stderr) = program.end();
    assert!(!output.status.success());
    assert!(stderr.contains("a chunk could not be kept: No space left on device"), "{stderr}");
}
