//! The collector as a bad server: every step of a script, and what the ledger says of it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use common::*;
use mona_collector::{FaultCollector, Listen, Script, Step};

fn start(script: impl Into<Script>) -> FaultCollector {
    FaultCollector::start(Listen::Tcp, script).unwrap()
}

fn client(collector: &FaultCollector) -> TcpStream {
    connect(collector.addr().unwrap())
}

fn send(collector: &FaultCollector, id: &str, n: u64) -> TcpStream {
    let mut stream = client(collector);
    stream.write_all(&chunk(id, n)).unwrap();
    stream
}

#[test]
fn each_connection_has_its_step() {
    let collector = start([Step::WrongAck, Step::DropAck, Step::Normal]);
    let mut wrong = send(&collector, "AAAA", 1);
    expect(&mut wrong, &ack("AAAB"));
    let mut dropped = send(&collector, "AAAA", 1);
    expect_silence(&mut dropped);
    for n in 2..4 {
        let id = format!("{n}");
        expect(&mut send(&collector, &id, n), &ack(&id));
    }
    let ledger = collector.ledger();
    let first = ledger.chunk("AAAA").unwrap();
    assert_eq!((first.times, first.acknowledged), (2, 0));
    assert_eq!((ledger.unique_events(), ledger.duplicates(), ledger.duplicate_chunks()), (3, 1, 1));
    assert_eq!(ledger.totals.acknowledged, 2);
    assert!(ledger.same_id_same_bytes() && ledger.same_event_same_record());
}

#[test]
fn the_ledger_sees_changed_bytes() {
    let collector = start(Step::Normal);
    let mut stream = send(&collector, "same", 1);
    expect(&mut stream, &ack("same"));
    stream.write_all(&chunk("same", 2)).unwrap();
    expect(&mut stream, &ack("same"));
    assert!(!collector.ledger().same_id_same_bytes());
    assert_eq!(collector.ledger().conflicts(), ["chunk same: 1 of 2 deliveries had other bytes"]);
}

#[test]
fn accept_no_read_fills_the_senders_socket() {
    let collector = start(Step::AcceptNoRead);
    let mut stream = client(&collector);
    stream.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    let block = vec![0x93; 1 << 20];
    let stuck = (0..64).find_map(|_| stream.write_all(&block).err()).expect("the socket takes 64 MiB");
    assert_eq!(stuck.kind(), ErrorKind::WouldBlock);
    assert_eq!(collector.ledger().totals.bytes, 0);
}

#[test]
fn read_then_reset_takes_what_was_complete() {
    let one = chunk("one", 1);
    let collector = start([Step::ReadThenReset(one.len() + 10), Step::Normal]);
    let mut stream = client(&collector);
    stream.write_all(&[one.clone(), chunk("two", 2)].concat()).unwrap();
    // What is left of the acknowledgement after a reset is up to the kernel.
    assert!(rest(&mut stream).1, "a reset");
    let ledger = collector.ledger();
    assert_eq!((ledger.unique_events(), ledger.totals.bytes), (1, one.len() as u64 + 10));
    assert!(collector.complaints().is_empty());
}

#[test]
fn reset_after_accept() {
    let collector = start([Step::Reset, Step::Normal]);
    let mut stream = client(&collector);
    let _ = stream.write_all(&chunk("one", 1));
    match stream.read(&mut [0; 1]) {
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error}")
        }
        Ok(count) => panic!("read {count} bytes instead of a reset"),
    }
    expect(&mut send(&collector, "one", 1), &ack("one"));
    assert_eq!(collector.ledger().totals.records, 1);
}

#[test]
fn delayed_acks_overlap_and_keep_their_order() {
    // Longer than a busy machine takes for four chunks.
    let delay = Duration::from_secs(4);
    let collector = start(Step::DelayAck(delay));
    let start = Instant::now();
    let mut stream = client(&collector);
    for n in 0..4 {
        stream.write_all(&chunk(&n.to_string(), n)).unwrap();
    }
    // The end of our side does not lose answers that are due.
    stream.shutdown(Shutdown::Write).unwrap();
    assert!(collector.wait_for_records(4, LONG));
    assert!(start.elapsed() < delay, "taken before they are answered");
    expect(&mut stream, &[ack("0"), ack("1"), ack("2"), ack("3")].concat());
    assert!(start.elapsed() >= delay);
    assert!(start.elapsed() < delay * 4, "one after the other: {:?}", start.elapsed());
    assert_eq!(rest(&mut stream), (Vec::new(), false));
}

#[test]
fn every_nth_is_spared_an_ack() {
    let collector = start(Step::DropAckEvery(3));
    let mut stream = client(&collector);
    for n in 1..=7 {
        stream.write_all(&chunk(&n.to_string(), n)).unwrap();
    }
    expect(&mut stream, &[ack("1"), ack("2"), ack("4"), ack("5"), ack("7")].concat());
    let missing: Vec<u64> = collector.ledger().chunks.iter().map(|chunk| chunk.acknowledged).collect();
    assert_eq!(missing, [1, 1, 0, 1, 1, 0, 1]);

    collector.set_script(Step::WrongAckEvery(2));
    let mut stream = client(&collector);
    for n in 8..=9 {
        stream.write_all(&chunk(&n.to_string(), n)).unwrap();
    }
    expect(&mut stream, &[ack("8"), ack("A")].concat());
}

#[test]
fn close_when_idle_closes_politely() {
    let collector = start(Step::CloseWhenIdle(Duration::from_millis(100)));
    let mut stream = send(&collector, "one", 1);
    expect(&mut stream, &ack("one"));
    assert_eq!(rest(&mut stream), (Vec::new(), false));
}

#[test]
fn answers_that_are_no_acks() {
    let collector = start([Step::Garbage, Step::HttpAnswer, Step::HalfAck]);
    let mut stream = send(&collector, "one", 1);
    let mut garbage = [0; 1024];
    stream.read_exact(&mut garbage).unwrap();
    assert_eq!(garbage[0], 0xc1);

    let mut stream = send(&collector, "two", 2);
    let (answer, reset) = rest(&mut stream);
    assert!(answer.starts_with(b"HTTP/1.1 400 Bad Request\r\n") && !reset);

    let mut stream = send(&collector, "three", 3);
    let whole = ack("three");
    assert_eq!(rest(&mut stream), (whole[..whole.len() / 2].to_vec(), false));

    let ledger = collector.ledger();
    assert_eq!((ledger.unique_events(), ledger.totals.acknowledged), (2, 0));
    assert!(ledger.event("instance", 2).is_none(), "HTTP takes nothing");
}

#[test]
fn pause_refuses_and_resume_takes_the_same_port() {
    let collector = start(Step::Normal);
    let mut open = send(&collector, "one", 1);
    expect(&mut open, &ack("one"));
    for n in 2..5 {
        collector.pause().unwrap();
        collector.pause().unwrap();
        rest(&mut open);
        let refused = TcpStream::connect(collector.addr().unwrap()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        collector.resume().unwrap();
        collector.resume().unwrap();
        let id = n.to_string();
        open = send(&collector, &id, n);
        expect(&mut open, &ack(&id));
    }
    assert_eq!(collector.ledger().unique_events(), 4);
}

#[test]
fn stop_is_quick_whatever_the_connections_do() {
    let steps = [Step::AcceptNoRead, Step::DelayAck(Duration::from_secs(3600)), Step::Normal];
    let collector = start(steps);
    let mut streams: Vec<TcpStream> = (0..3).map(|_| client(&collector)).collect();
    assert!(collector.wait_for_connections(3, LONG));
    streams[1].write_all(&chunk("late", 1)).unwrap();
    streams[2].write_all(&chunk("half", 2)[..10]).unwrap();
    assert!(collector.wait_for_records(1, LONG));
    let start = Instant::now();
    collector.stop();
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(collector.open_connections(), 0);
    assert!(TcpStream::connect(collector.addr().unwrap()).is_err());
    assert_eq!(collector.records().len(), 1, "what was taken can still be read");
}

#[test]
fn waiting_ends_at_its_time_out() {
    let collector = start(Step::Normal);
    let start = Instant::now();
    assert!(!collector.wait_for_records(1, Duration::from_millis(100)));
    assert!(start.elapsed() >= Duration::from_millis(100));
}
