//! The program with a store: the same table and the same ARCs as without one.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};

use common::http::{ask, json as request};
use common::program::{Program, address, lines};
use common::*;
use mona_collector::store::{Filter, Reader, Sort, Value};
use serde_json::json;

struct Run {
    folder: tempfile::TempDir,
    store: PathBuf,
}

impl Run {
    fn new() -> Run {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        Run { folder, store }
    }

    /// Runs the program with these options, and gives the tables that it prints at its end.
    fn tables(&self, protocol: &str, options: &[&str], send: impl FnOnce(&mut TcpStream)) -> String {
        let port = self.folder.path().join("port");
        let _ = std::fs::remove_file(&port);
        let begin =
            [protocol, "127.0.0.1:0", "--port-file", port.to_str().unwrap(), "--exit-when-idle", "0.3"];
        let program = Program::start(&[&begin, options].concat());
        let mut stream = match protocol {
            "--http" => connect(http(&port)),
            _ => connect(address(&port)),
        };
        send(&mut stream);
        drop(stream);
        let (output, stdout, stderr) = program.end();
        assert!(output.status.success(), "{stderr}");
        stdout.split_once("\n\n").map_or(stdout.clone(), |(_, tables)| tables.to_owned())
    }
}

fn http(port: &Path) -> SocketAddr {
    eventually("the port file is there", || port.exists());
    let text = std::fs::read_to_string(port).unwrap();
    text.trim_end().trim_start_matches("http://").trim_end_matches('/').parse().unwrap()
}

/// ARCs with stages, globals, mixed types, objects and classes that come late; a part of them twice.
fn records(round: u64) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for n in 0..150_u64 {
        let id = format!("{round}-{}", n % 100);
        let mut add = |context: &str, message: serde_json::Value| {
            out.push(record(context, &packed_json(&message), None));
        };
        add(
            &id,
            json!({"MONA_ARC_CLASS": if n % 10 == 0 { "other" } else { "run" }, "score": n as f64 / 4.0}),
        );
        add(&format!("{id}.a{n}"), json!({"ms": n, "label": format!("l{}", n % 3), "ok": n % 2 == 0}));
        add(&format!("{id}.a{n}"), json!({"MONA_ARC_CLASS": "run/detect", "ms": n * 2}));
        add(&format!("{id}.a{n}.deep"), json!({"n": n, "text": "12"}));
        add(
            &id,
            json!({"MONA_GLOBALS": {"model": n % 4, "score": 7}, "mixed": if n % 2 == 0 { json!(n) } else { json!("5") }}),
        );
        add(&id, json!({"size": {"w": n}, "list": [n], "none": null, "score": n}));
        if n % 5 == 0 {
            add(&format!("{id}-only.x.y"), json!({"score": 1}));
        }
    }
    out
}

fn packed_json(value: &serde_json::Value) -> Vec<u8> {
    let mut out = Vec::new();
    match value {
        serde_json::Value::Null => out.push(0xc0),
        serde_json::Value::Bool(yes) => out.push(0xc2 + u8::from(*yes)),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(number) => drop(rmp::encode::write_sint(&mut out, number).unwrap()),
            None => rmp::encode::write_f64(&mut out, number.as_f64().unwrap()).unwrap(),
        },
        serde_json::Value::String(value) => text(&mut out, value),
        serde_json::Value::Array(all) => {
            rmp::encode::write_array_len(&mut out, all.len() as u32).unwrap();
            all.iter().for_each(|value| out.extend(packed_json(value)));
        }
        serde_json::Value::Object(all) => {
            rmp::encode::write_map_len(&mut out, all.len() as u32).unwrap();
            for (name, value) in all {
                text(&mut out, name);
                out.extend(packed_json(value));
            }
        }
    }
    out
}

/// Sends records in chunks.
fn send(records: Vec<Vec<u8>>) -> impl FnOnce(&mut TcpStream) {
    move |stream| {
        for (n, part) in records.chunks(70).enumerate() {
            stream.write_all(&packed(&n.to_string(), part)).unwrap();
            expect(stream, &ack(&n.to_string()));
        }
    }
}

#[test]
fn the_table_is_that_of_arcs_in_memory() {
    let run = Run::new();
    let by = ["--by", "label", "--by", "detect.label", "--by", "model", "--by", "mixed"];
    let store = ["--store", run.store.to_str().unwrap()];
    let memory = run.tables("--forward", &by, send(records(0)));
    assert!(memory.contains("detect.ms") && memory.contains("KAPIs by mixed"), "{memory}");
    let kept = run.tables("--forward", &[&by, &store[..]].concat(), send(records(0)));
    assert_eq!(kept, memory);
    // Of another run of the same store: what came in it, of new ARCs and of old ones.
    let more = || [records(1), records(0)].concat();
    let memory = run.tables("--forward", &by, send(more()));
    let kept = run.tables("--forward", &[&by, &store[..]].concat(), send(more()));
    assert_eq!(kept, memory);
    // With both, the figures are those of the ARCs that are written down.
    let arcs = run.folder.path().join("arcs");
    let both = [&store[..], &["--arcs", arcs.to_str().unwrap()]].concat();
    let kept = run.tables("--forward", &[&by, &both[..]].concat(), send(records(2)));
    assert_eq!(kept, run.tables("--forward", &by, send(records(2))));
    assert_eq!(lines(&arcs).len(), 120);
}

#[test]
fn a_message_without_a_context_has_one_id_everywhere() {
    let run = Run::new();
    let [out, arcs] = ["out", "arcs"].map(|name| run.folder.path().join(name));
    let options = [
        "--store",
        run.store.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        "--arcs",
        arcs.to_str().unwrap(),
    ];
    let messages = json!({"userId": "me", "messages": [
        {"message": {"n": 1}, "arcClass": "k"},
        {"message": {"n": 2}, "arcClass": "k", "contextId": "given"},
        {"message": {"n": 3}, "arcClass": "k"},
    ]});
    run.tables("--http", &options, |stream| {
        assert_eq!(ask(stream, &request("/monaExport", &messages.to_string())).status, 200);
    });
    let ids = |lines: Vec<serde_json::Value>| -> Vec<String> {
        lines.iter().map(|line| line["context"].as_str().unwrap().to_owned()).collect()
    };
    let written = ids(lines(&out).iter().map(|line| line["record"].clone()).collect());
    let reader = Reader::open_file(&run.store).unwrap();
    let oldest = Sort { by: None, ascending: true };
    let rows = reader.arcs("k", &Filter::default(), &oldest, 0, 10).unwrap().rows;
    let kept: Vec<String> = rows.iter().map(|row| row.context.clone()).collect();
    assert_eq!((&written, &ids(lines(&arcs))), (&kept, &kept));
    assert!(kept[0] != kept[2] && kept[1] == "given", "{kept:?}");
}

#[test]
fn of_two_values_of_a_field_the_later_one_counts_whole() {
    let run = Run::new();
    let arcs = run.folder.path().join("arcs");
    let options = ["--store", run.store.to_str().unwrap(), "--arcs", arcs.to_str().unwrap()];
    let messages = [
        ("a", json!({"MONA_ARC_CLASS": "k", "size": {"w": 1, "of": {"x": 1}}, "sized": 1})),
        ("a", json!({"size": {"h": 2}})),
        ("b", json!({"MONA_ARC_CLASS": "k", "size": {"w": 1, "h": 2}})),
        ("b", json!({"size": 5})),
        ("c", json!({"MONA_ARC_CLASS": "k", "size": 5})),
        ("c", json!({"size": {"w": 3}})),
        ("d", json!({"MONA_ARC_CLASS": "k", "MONA_GLOBALS": {"size": {"w": 1, "h": 1}}})),
        ("d", json!({"MONA_GLOBALS": {"size": {"w": 2}}})),
        ("e", json!({"MONA_ARC_CLASS": "k", "size": {"w": 4}})),
        ("e", json!({"MONA_GLOBALS": {"size": {"h": 9}}, "sized": 2})),
        ("f", json!({"MONA_ARC_CLASS": "k", "size": {"w": 6}})),
        ("f", json!({"size": null})),
    ];
    let records: Vec<_> =
        messages.iter().map(|(id, message)| record(id, &packed_json(message), None)).collect();
    // Each in a chunk of its own, and all at once for others.
    for (prefix, size) in [("", 1), ("all-", 100)] {
        let records: Vec<_> = match prefix {
            "" => records.clone(),
            _ => messages
                .iter()
                .map(|(id, message)| record(&format!("{prefix}{id}"), &packed_json(message), None))
                .collect(),
        };
        run.tables("--forward", &options, |stream| {
            for (n, part) in records.chunks(size).enumerate() {
                stream.write_all(&packed(&n.to_string(), part)).unwrap();
                expect(stream, &ack(&n.to_string()));
            }
        });
        let merged = lines(&arcs);
        let reader = Reader::open_file(&run.store).unwrap();
        let oldest = Sort { by: None, ascending: true };
        let rows = reader.arcs("k", &Filter::default(), &oldest, 0, 100).unwrap();
        for arc in &merged {
            let id = arc["context"].as_str().unwrap();
            let row = rows.rows.iter().find(|row| row.context == id).unwrap();
            let mut expected = serde_json::Map::new();
            flatten("", &arc["fields"], &mut expected);
            let kept = rows.fields.iter().zip(&row.values).filter(|(_, value)| **value != Value::Null);
            let kept: serde_json::Map<_, _> =
                kept.map(|(name, value)| (name.clone(), json!(value.number().unwrap()))).collect();
            assert_eq!(kept, expected, "{id}: {arc}");
        }
        assert_eq!(merged.len(), 6);
    }
}

/// An object with dots in its names, as the store has it; nulls are none.
fn flatten(prefix: &str, value: &serde_json::Value, out: &mut serde_json::Map<String, serde_json::Value>) {
    match value {
        serde_json::Value::Object(all) => {
            for (name, value) in all {
                let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                flatten(&name, value, out);
            }
        }
        serde_json::Value::Null => {}
        number => drop(out.insert(prefix.to_owned(), json!(number.as_f64().unwrap()))),
    }
}
