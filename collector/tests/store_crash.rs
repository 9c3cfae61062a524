//! The store of the program: what was acknowledged is there, however the program ended.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use common::program::{Program, address};
use common::*;
use rusqlite::Connection;

/// Runs, each ended by SIGKILL.
const RUNS: u64 = 6;
/// Connections at once.
const SENDERS: u64 = 3;
/// Records of a chunk.
const RECORDS: u64 = 40;

/// Sends chunks until the connection ends; gives how many were acknowledged.
fn send(address: std::net::SocketAddr, run: u64, sender: u64, acknowledged: &AtomicU64) {
    let mut stream: TcpStream = connect(address);
    for number in 0.. {
        let id = format!("{run}-{sender}-{number}");
        let records: Vec<Vec<u8>> =
            (0..RECORDS).map(|n| record(&format!("{id}-{n}.sub"), &field("n", n as f64), None)).collect();
        let expected = ack(&id);
        let mut answer = vec![0; expected.len()];
        if stream.write_all(&packed(&id, &records)).is_err() || stream.read_exact(&mut answer).is_err() {
            return;
        }
        assert_eq!(answer, expected);
        acknowledged.store(number + 1, Ordering::SeqCst);
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let mut known: Vec<(u64, u64, u64)> = Vec::new();
    for run in 0..RUNS {
        let port = folder.path().join(format!("port{run}"));
        let program = Program::start(&arguments(&port, &store));
        let address = address(&port);
        let counters: Vec<Arc<AtomicU64>> = (0..SENDERS).map(|_| Arc::default()).collect();
        let senders: Vec<_> = (0..SENDERS)
            .zip(counters.clone())
            .map(|(sender, counter)| std::thread::spawn(move || send(address, run, sender, &counter)))
            .collect();
        eventually("every connection has an acknowledgement", || {
            counters.iter().all(|counter| counter.load(Ordering::SeqCst) > 0)
        });
        // At another moment of a transaction each time.
        std::thread::sleep(Duration::from_micros(7_300 * run));
        // Killed, not asked to end.
        drop(program);
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        known.extend(
            (0..SENDERS).map(|sender| (run, sender, counters[sender as usize].load(Ordering::SeqCst))),
        );
        check(&store, &known);
    }
    // The next start goes on with it.
    let port = folder.path().join("port");
    let arguments = arguments(&port, &store);
    let program = Program::start(&[&arguments[..], &["--exit-when-idle", "0.1"]].concat());
    let mut stream = connect(address(&port));
    stream.write_all(&packed("last", &[record("0-0-0-0.sub", &field("n", 7.0), None)])).unwrap();
    expect(&mut stream, &ack("last"));
    let other = Program::start(&[&arguments[..2], &arguments[4..]].concat());
    let (output, _, stderr) = other.end();
    assert!(!output.status.success() && stderr.contains("another mona-collector writes to it"), "{stderr}");
    drop(stream);
    let (output, _, stderr) = program.end();
    assert!(output.status.success(), "{stderr}");
    let db = Connection::open(&store).unwrap();
    let merged: (i64, i64, i64) = db
        .query_row(
            "SELECT count(*), sum(_events), max(n) FROM \"(no class)\" WHERE _context = '0-0-0-0.sub'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    assert_eq!(merged, (1, 2, 7));
}

/// The port is written to a file, what arrives to a store.
fn arguments<'a>(port: &'a Path, store: &'a Path) -> [&'a str; 6] {
    let [port, store] = [port, store].map(|path| path.to_str().unwrap());
    ["--forward", "127.0.0.1:0", "--port-file", port, "--store", store]
}

/// Every record of acknowledged chunks is a row and a raw event, once.
fn check(store: &Path, known: &[(u64, u64, u64)]) {
    let db = Connection::open(store).unwrap();
    let fine: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(fine, "ok");
    for (run, sender, chunks) in known {
        let like = format!("{run}-{sender}-");
        let count =
            |sql: &str| -> i64 { db.query_row(sql, [&like, &chunks.to_string()], |row| row.get(0)).unwrap() };
        let rows = count(
            "SELECT count(*) FROM \"(no class)\" WHERE _context LIKE ?1 || '%.sub' AND n IS NOT NULL
             AND CAST(substr(_context, length(?1) + 1) AS INTEGER) < CAST(?2 AS INTEGER)",
        );
        assert_eq!(rows, (chunks * RECORDS) as i64, "{like}");
        let events = count(
            "SELECT count(*) FROM mona_events AS e JOIN \"(no class)\" AS c ON c._id = e.context
             WHERE c._context LIKE ?1 || '%.sub'
             AND CAST(substr(c._context, length(?1) + 1) AS INTEGER) < CAST(?2 AS INTEGER)",
        );
        assert_eq!(events, (chunks * RECORDS) as i64, "{like}");
    }
}

#[test]
fn a_file_of_records_is_imported() {
    let folder = tempfile::tempdir().unwrap();
    let [store, out, port] = ["store", "out", "port"].map(|name| folder.path().join(name));
    let program = Program::start(&[
        "--forward",
        "127.0.0.1:0",
        "--exit-when-idle",
        "0.1",
        "--port-file",
        port.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ]);
    let mut stream = connect(address(&port));
    let records: Vec<Vec<u8>> =
        (0..100).map(|n| record(&format!("c{n}"), &field("n", f64::from(n) + 0.5), None)).collect();
    stream.write_all(&packed("one", &records)).unwrap();
    expect(&mut stream, &ack("one"));
    drop(stream);
    program.end();
    let mut text = std::fs::read_to_string(&out).unwrap();
    text.push_str(
        "\nno record\n{\"context\":\"alone\",\"message\":{\"n\":\"\\ud800\"}}\n[1]\n{\"tag\":\"torn",
    );
    std::fs::write(&out, text).unwrap();
    for round in 1..=2 {
        let import = Command::new(env!("CARGO_BIN_EXE_mona-collector"))
            .args(["import", out.to_str().unwrap(), "--store", store.to_str().unwrap()])
            .output()
            .unwrap();
        let said = String::from_utf8(import.stdout).unwrap();
        assert!(import.status.success() && import.stderr.is_empty(), "{said}");
        assert!(said.starts_with("101 records into ") && said.ends_with(", 3 lines passed by\n"), "{said}");
        let db = Connection::open(&store).unwrap();
        let sums: (i64, i64, f64, f64) = db
            .query_row("SELECT count(*), sum(_events), max(_first), sum(n) FROM \"(no class)\"", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .unwrap();
        assert_eq!(sums, (101, 101 * round, 1_552_903_200.0, 5_000.0));
    }
}
