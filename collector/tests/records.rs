//! What the program writes of records that are out of the ordinary.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::Write;
use std::path::{Path, PathBuf};

use common::program::{Program, lines};
use common::*;
use serde_json::json;

struct Run {
    program: Program,
    http: std::net::SocketAddr,
    forward: std::net::SocketAddr,
    out: PathBuf,
    arcs: PathBuf,
    _folder: tempfile::TempDir,
}

fn run(further: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let [port, out, arcs] = ["port", "out.ndjson", "arcs.ndjson"].map(|name| folder.path().join(name));
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let (port_file, out_file, arcs_file) = (path(&port), path(&out), path(&arcs));
    let mut arguments = vec!["--forward", "127.0.0.1:0", "--http", "127.0.0.1:0", "--port-file", &port_file];
    arguments.extend(["--out", &out_file, "--arcs", &arcs_file, "--exit-when-idle", "0.3"]);
    arguments.extend(further);
    let program = Program::start(&arguments);
    eventually("the port file is there", || port.exists());
    let text = std::fs::read_to_string(&port).unwrap();
    let mut places = text.lines().map(|line| line.rsplit('/').next().unwrap().parse().unwrap());
    let (forward, http) = (places.next().unwrap(), places.next().unwrap());
    Run { program, http, forward, out, arcs, _folder: folder }
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn half_a_surrogate_pair_ends_nothing() {
    let run = run(&[]);
    let mut stream = connect(run.http);
    for body in [
        r#"[{"context":"a","message":{"t":"x\ud800y","\udfff":1}}]"#,
        r#"[{"context":"b","message":{"n":1e400,"m":-1e-400}}]"#,
        r#"[{"context":"c","message":{"n":2}}]"#,
    ] {
        assert_eq!(http::ask(&mut stream, &http::json("/t", body)).status, 201, "{body}");
    }
    let packed = gzip(
        br#"{"userId":"u","messages":[{"message":{"t":"\ud800"},"contextId":"\ude00","arcClass":"k"}]}"#,
    );
    let headers = ["Content-Type: application/json", "Content-Encoding: gzip"];
    assert_eq!(http::ask(&mut stream, &http::request("/monaExport", &headers, &packed)).status, 200);
    let out = text(&run.out);
    let written: Vec<&str> = out.lines().collect();
    let read = |at: usize| serde_json::from_str::<serde_json::Value>(written[at]).unwrap();
    assert_eq!(read(0)["record"]["message"], json!({"t": "x\u{fffd}y", "\u{fffd}": 1}));
    assert!(written[1].contains(r#""message":{"n":1e400,"m":-1e-400}"#), "{out}");
    assert_eq!(read(3)["record"]["context"], "\u{fffd}");
    drop(stream);
    let (output, stdout, stderr) = run.program.end();
    assert!(output.status.success(), "{stderr}");
    assert!(stdout.contains("records                           4"), "{stdout}");
}

#[test]
fn numbers_of_any_size_stay_as_they_are() {
    let run = run(&[]);
    let huge = format!("1{}", "0".repeat(30));
    let mut stream = connect(run.http);
    let record = format!(
        "[ {{\"context\": \"a\", \"message\": {{\"n\": {huge}, \"f\": 0.1000000000000000055511151231257827}} }} ]"
    );
    assert_eq!(http::ask(&mut stream, &http::json("/t", &record)).status, 201);
    let rest = format!(
        r#"{{"userId":"u","messages":[{{"message":{{"n":-{huge}}},"contextId":"b","arcClass":"k","exportTimestamp":{huge}}}]}}"#
    );
    assert_eq!(http::ask(&mut stream, &http::json("/monaExport", &rest)).status, 200);
    let mut forward = connect(run.forward);
    let mut message = vec![0x82];
    common::text(&mut message, "u");
    message.extend([0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    common::text(&mut message, "i");
    message.extend([0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0]);
    forward.write_all(&packed("one", &[common::record("c", &message, None)])).unwrap();
    expect(&mut forward, &ack("one"));
    drop((stream, forward));
    let (_, _, stderr) = run.program.end();
    let exact = [
        format!(r#"{{"n":{huge},"f":0.1000000000000000055511151231257827}}"#),
        format!(r#"{{"n":-{huge}}}"#),
        r#"{"u":18446744073709551615,"i":-9223372036854775808}"#.to_owned(),
    ];
    let (out, arcs) = (text(&run.out), text(&run.arcs));
    for (line, exact) in out.lines().zip(&exact) {
        assert!(line.contains(&format!(r#""message":{exact}"#)), "{line} {stderr}");
    }
    assert!(out.contains(&format!(r#""export_timestamp":{huge},"#)), "{out}");
    for (line, exact) in arcs.lines().zip(&exact) {
        assert!(line.contains(&format!(r#""fields":{exact}"#)), "{line}");
    }
    assert_eq!((out.lines().count(), arcs.lines().count()), (3, 3));
}

#[test]
fn nothing_hidden_reaches_a_terminal() {
    let run = run(&["--by", "label"]);
    let evil = "a\u{202e}b\u{9b}31m\u{200b}\u{7f}";
    let record = json!([{"context": evil, "message": {"MONA_ARC_CLASS": evil, evil: 1, "label": evil}}]);
    let mut stream = connect(run.http);
    assert_eq!(http::ask(&mut stream, &http::json("/t\u{202e}", &record.to_string())).status, 201);
    let header = "Content-Type: a\u{202e}b\u{9b}31m";
    assert_eq!(http::ask(&mut stream, &http::request("/t", &[header], b"[]")).status, 415);
    let mut forward = connect(run.forward);
    forward.write_all(&packed("one", &[common::record(evil, &field_text(evil, evil), None)])).unwrap();
    expect(&mut forward, &ack("one"));
    drop((stream, forward));
    let (_, stdout, stderr) = run.program.end();
    let (out, arcs) = (text(&run.out), text(&run.arcs));
    for shown in [&stdout, &stderr, &out, &arcs] {
        let hidden =
            |letter: char| letter != '\n' && letter.is_control() || "\u{202e}\u{200b}".contains(letter);
        assert!(!shown.contains(hidden), "{}", shown.escape_debug());
    }
    assert!(stdout.contains(r"a\u{202e}b\u{9b}31m\u{200b}\u{7f}"), "{stdout}");
    assert!(stderr.contains(r"\u{202e}"), "{stderr}");
    // In JSON nothing is lost.
    let written: Vec<serde_json::Value> =
        [&run.out, &run.arcs].into_iter().flat_map(|path| lines(path)).collect();
    assert_eq!(written[0]["record"]["context"], evil);
    assert_eq!(written[1]["record"]["message"], json!({evil: evil}));
    assert_eq!(written[2]["arc_class"], evil);
}

#[test]
fn messages_without_a_context_get_one() {
    let run = run(&[]);
    let mut stream = connect(run.http);
    let message =
        |context: serde_json::Value| json!({"message": {"n": 1}, "contextId": context, "arcClass": "k"});
    let mut without = message(json!(null));
    without.as_object_mut().unwrap().remove("contextId");
    let messages = json!({"userId": "u", "messages": [without, message(json!(null)), message(json!("")), message(json!("own"))]});
    for path in ["/monaExport", "/monaSendEvent", "/export", "/sendEvent"] {
        let said = http::ask(&mut stream, &http::json(path, &messages.to_string()));
        assert_eq!((said.status, &said.json()["failed"]), (200, &json!(0)), "{path}");
    }
    drop(stream);
    let (_, stdout, _) = run.program.end();
    let mut contexts: Vec<String> =
        lines(&run.out).iter().map(|line| line["record"]["context"].as_str().unwrap().to_owned()).collect();
    assert_eq!(contexts.iter().filter(|context| *context == "own").count(), 4);
    assert!(
        contexts
            .iter()
            .all(|context| context == "own" || context.len() == 36 && context.as_bytes()[14] == b'4')
    );
    let mut arcs: Vec<String> =
        lines(&run.arcs).iter().map(|line| line["context"].as_str().unwrap().to_owned()).collect();
    contexts.sort();
    contexts.dedup();
    arcs.sort();
    assert_eq!((contexts.len(), &contexts), (13, &arcs), "none is made twice, and files and ARCs agree");
    let rows: Vec<String> =
        stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert!(rows.contains(&"k 13".to_owned()), "{stdout}");
}
