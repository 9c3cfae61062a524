//! The collector as a correct server: modes, acknowledgements, values, and bytes it does not want.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::Write;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

use common::*;
use mona_collector::{FaultCollector, Listen, Mode, Script};
use serde_json::json;

fn start() -> FaultCollector {
    FaultCollector::start(Listen::Tcp, Script::normal()).unwrap()
}

#[test]
fn all_modes_arrive_and_are_acknowledged_in_order() {
    let collector = start();
    let mut stream = connect(collector.addr().unwrap());
    let records: Vec<Vec<u8>> = (1..=3).map(|n| record("main", &field("n", f64::from(n)), None)).collect();
    let all = entries(&records);

    let mut message = vec![0x94];
    text(&mut message, TAG);
    message.extend([0xd7, 0x00, 0x5c, 0x8f, 0x6e, 0x20, 0, 0, 0, 250]);
    message.extend(&records[0]);
    message.extend(option(Some("message"), 1, false));
    let mut forward = vec![0x93];
    text(&mut forward, TAG);
    forward.push(0x93);
    forward.extend(&all);
    forward.extend(option(Some("forward"), 3, false));
    let mut as_text = vec![0x93];
    text(&mut as_text, TAG);
    rmp::encode::write_str_len(&mut as_text, all.len() as u32).unwrap();
    as_text.extend(&all);
    as_text.extend(option(Some("text"), 3, false));
    let members = [gzip(&entries(&records[..1])), gzip(&entries(&records[1..]))].concat();
    let messages = [
        ("message", message),
        ("forward", forward),
        ("packed", packed("packed", &records)),
        ("text", as_text),
        ("gzip", body(&gzip(&all), &option(Some("gzip"), 3, true))),
        ("members", body(&members, &option(Some("members"), 3, true))),
    ];
    for (_, message) in &messages {
        stream.write_all(message).unwrap();
    }
    for (id, _) in &messages {
        expect(&mut stream, &ack(id));
    }
    let taken = collector.records();
    assert_eq!(taken.len(), 16);
    assert_eq!(
        (taken[0].time.to_string(), taken[1].time.to_string()),
        ("1552903712.000000250".into(), "1552903200".into())
    );
    for (at, record) in taken.iter().skip(1).enumerate() {
        assert_eq!((&record.raw, record.tag.as_str()), (&records[at % 3], TAG));
        let expected = json!({
            "user_id": "user", "context": "main", "message": {"n": at % 3 + 1}, "export_timestamp": 1_552_903_200
        });
        assert_eq!(record.record.to_string(), expected.to_string());
    }
    let ledger = collector.ledger();
    let modes: Vec<Mode> = ledger.chunks.iter().map(|chunk| chunk.mode).collect();
    let (packed, compressed) = (Mode::PackedForward, Mode::CompressedPackedForward);
    assert_eq!(modes, [Mode::Message, Mode::Forward, packed, packed, compressed, compressed]);
    assert!(
        ledger.chunks.iter().all(|chunk| chunk.acknowledged == 1 && chunk.size == Some(chunk.count as u64))
    );
    assert_eq!(ledger.totals.bytes, messages.iter().map(|(_, message)| message.len() as u64).sum::<u64>());
    assert_eq!(ledger.totals.records_without_id, 16);
}

#[test]
fn without_a_chunk_id_there_is_no_answer() {
    let collector = start();
    let mut stream = connect(collector.addr().unwrap());
    let one = entries(&[record("main", &field("n", 1.0), None)]);
    stream.write_all(&body(&one, &option(None, 1, false))).unwrap();
    let mut short = vec![0x92];
    text(&mut short, TAG);
    rmp::encode::write_bin(&mut short, &one).unwrap();
    stream.write_all(&short).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&mut stream), (Vec::new(), false));
    assert_eq!(collector.records().len(), 2);
    assert!(collector.complaints().is_empty());
}

#[test]
fn bytes_may_come_one_by_one() {
    let collector = start();
    let mut stream = connect(collector.addr().unwrap());
    stream.set_nodelay(true).unwrap();
    for byte in [chunk("a", 1), chunk("b", 2)].concat() {
        stream.write_all(&[byte]).unwrap();
    }
    expect(&mut stream, &[ack("a"), ack("b")].concat());
    assert_eq!(collector.ledger().unique_events(), 2);
}

#[test]
fn large_chunks_pass() {
    let collector = start();
    let mut stream = connect(collector.addr().unwrap());
    let large = "x".repeat(200_000);
    let records: Vec<Vec<u8>> = (0..50).map(|_| record("main", &field_text("t", &large), None)).collect();
    stream.write_all(&packed("large", &records)).unwrap();
    expect(&mut stream, &ack("large"));
    assert_eq!(collector.records()[49].record["message"]["t"], json!(large));
}

#[test]
fn floats_without_json_text_are_tagged() {
    let collector = start();
    let mut stream = connect(collector.addr().unwrap());
    let records: Vec<Vec<u8>> = [f64::NAN, f64::INFINITY, 0.5]
        .iter()
        .map(|value| record("main", &field("f", *value), None))
        .collect();
    stream.write_all(&packed("floats", &records)).unwrap();
    expect(&mut stream, &ack("floats"));
    let values: Vec<_> =
        collector.records().iter().map(|record| record.record["message"]["f"].clone()).collect();
    assert_eq!(values, [json!({"$float": "NaN"}), json!({"$float": "Infinity"}), json!(0.5)]);
}

#[test]
fn unix_sockets_work_alike_and_leave_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collector.sock");
    let collector = FaultCollector::start(Listen::Unix(path.clone()), Script::normal()).unwrap();
    assert_eq!(collector.endpoint(), format!("unix://{}", path.display()));
    let mut stream = UnixStream::connect(&path).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream.write_all(&chunk("unix", 7)).unwrap();
    expect(&mut stream, &ack("unix"));

    collector.pause().unwrap();
    assert!(UnixStream::connect(&path).is_err());
    assert_eq!(rest(&mut stream), (Vec::new(), false));
    collector.resume().unwrap();
    let mut stream = UnixStream::connect(&path).unwrap();
    stream.write_all(&chunk("again", 8)).unwrap();
    expect(&mut stream, &ack("again"));
    collector.stop();
    assert!(!path.exists());
    assert_eq!(collector.ledger().unique_events(), 2);
}

#[test]
fn what_is_no_forward_is_refused_with_one_sentence() {
    let collector = start();
    let truncated = chunk("half", 1);
    let cases: [(&[u8], &str); 6] = [
        (
            b"POST / HTTP/1.1\r\nHost: x\r\n\r\n",
            "found \"POST / HTTP/1.1\\r\", expected a Fluent Forward message",
        ),
        (&[0x16, 0x03, 0x01, 0x02], "found \"\\x16\\x03\\x01\\x02\", expected a Fluent Forward message"),
        (&[0x93, 0xa1, b't', 0xc6, 0xff, 0xff, 0xff, 0xff], "message: found more than 67108864 bytes"),
        (&[0x92, 0xa1, b't', 0xc4, 1, 0xc1], "found the byte 0xc1"),
        (
            &[0x92, 0xa1, b't', 0xc4, 3, 0x92, 0xc0, 0x80],
            "time: found nil, expected an integer or an EventTime",
        ),
        (&truncated[..20], "the connection ended 20 bytes into a message"),
    ];
    for (bytes, sentence) in cases {
        let mut stream = connect(collector.addr().unwrap());
        stream.write_all(bytes).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        assert!(rest(&mut stream).0.is_empty());
        eventually(sentence, || {
            collector
                .complaints()
                .last()
                .is_some_and(|last| last.ends_with(sentence) || last.contains(sentence))
        });
    }
    assert_eq!((collector.complaints().len(), collector.records().len()), (cases.len(), 0));
    // It serves the next client as if nothing had been.
    let mut stream = connect(collector.addr().unwrap());
    stream.write_all(&chunk("good", 1)).unwrap();
    expect(&mut stream, &ack("good"));
}

#[test]
fn random_bytes_do_no_harm() {
    let collector = start();
    let valid = [chunk("a", 1), body(&gzip(&[0x92, 0, 0x80]), &option(Some("b"), 1, true))].concat();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random as usize
    };
    for _ in 0..300 {
        let mut bytes = valid.clone();
        for _ in 0..=next() % 4 {
            let at = next() % bytes.len();
            bytes[at] = next() as u8;
        }
        let mut stream = connect(collector.addr().unwrap());
        // The collector may have closed before all of it is sent.
        if stream.write_all(&bytes).and_then(|()| stream.shutdown(Shutdown::Write)).is_ok() {
            rest(&mut stream);
        }
    }
    eventually("all connections are closed", || collector.open_connections() == 0);
    assert!(collector.complaints().iter().all(|line| !line.contains("panic")));
    assert_eq!(collector.records().len() as u64, collector.ledger().totals.records);
    let mut stream = connect(collector.addr().unwrap());
    stream.write_all(&chunk("good", 1)).unwrap();
    expect(&mut stream, &ack("good"));
}

#[test]
fn connections_are_served_at_the_same_time() {
    let collector = start();
    let address = collector.addr().unwrap();
    std::thread::scope(|scope| {
        for client in 0..8u64 {
            scope.spawn(move || {
                let mut stream = connect(address);
                for n in 0..50 {
                    let id = format!("{client}/{n}");
                    stream.write_all(&chunk(&id, client * 50 + n)).unwrap();
                    expect(&mut stream, &ack(&id));
                }
            });
        }
    });
    let ledger = collector.ledger();
    assert_eq!((ledger.unique_events(), ledger.duplicates(), ledger.totals.connections), (400, 0, 8));
    assert!(ledger.same_id_same_bytes());
}
