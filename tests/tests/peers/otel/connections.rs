//! The 100 connections that the receiver takes; the kernel accepts one more, and nobody reads it.

use std::net::TcpStream;
use std::thread;

use mona_collector::{FaultCollector, Listen, Script};
use mona_tests::ledger;
use mona_tests::native::{Client, status};
use mona_tests::reach::eventually;
use mona_tests::said;
use mona_tests::setup::Setup;

use super::{At, NO_QUEUE, Otel};
use crate::LIMIT;

const CLIENTS: usize = 120;
const TAKEN: usize = 100;
const EVENTS: u64 = 50;

/// Longer than an ack may take by default, several times over.
const FLUSH_MS: u32 = 120_000;

fn clients(endpoint: &str) -> Vec<Client> {
    let clients: Vec<Client> = (0..CLIENTS).map(|_| Setup::DEFAULTS.client(endpoint, &[])).collect();
    for (number, client) in clients.iter().enumerate() {
        ledger::export(&ledger::context(client), &format!("client{number}"), 0..EVENTS, 20);
    }
    clients
}

/// What each client's flush answers, all at once.
fn flush(clients: &[Client], timeout_ms: u32) -> Vec<Result<(), i32>> {
    thread::scope(|scope| {
        let flushes: Vec<_> = clients.iter().map(|client| scope.spawn(|| client.flush(timeout_ms))).collect();
        flushes.into_iter().map(|flush| flush.join().unwrap()).collect()
    })
}

fn delivered(clients: &[Client]) -> u64 {
    clients.iter().map(|client| client.stats().delivered).sum()
}

#[test]
fn otel_whose_connections_are_taken_and_another_endpoint() {
    let Some(otel) = Otel::start(At::Port, NO_QUEUE) else { return };
    let address = otel.endpoint.trim_start_matches("tcp://");
    let others: Vec<_> = (0..TAKEN).map(|_| TcpStream::connect(address).unwrap()).collect();
    let ours = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
    let clients = clients(&format!("{},{}", otel.endpoint, ours.endpoint()));
    let outcomes = flush(&clients, FLUSH_MS);
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?} {:#?}", said::about(address));
    assert_eq!(delivered(&clients), CLIENTS as u64 * EVENTS);
    assert_eq!(ours.ledger().unique_events(), CLIENTS as u64 * EVENTS);
    assert_eq!(otel.stored().events.len(), 0);
    drop(others);
}

#[test]
fn otel_alone_with_more_clients_than_connections() {
    let Some(otel) = Otel::start(At::Port, NO_QUEUE) else { return };
    let mut clients = clients(&otel.endpoint);
    let all = CLIENTS as u64 * EVENTS;
    // A hundred are served and keep their connections, twenty wait.
    assert!(eventually(LIMIT, || delivered(&clients) >= TAKEN as u64 * EVENTS), "{}", delivered(&clients));
    let outcomes = flush(&clients, 3_000);
    let waiting = outcomes.iter().filter(|outcome| **outcome == Err(status::TIMEOUT)).count();
    assert_eq!(waiting, CLIENTS - TAKEN, "{outcomes:?}");
    assert!(clients.iter().all(|client| client.stats().balanced()));
    said::wait_for(otel.endpoint.trim_start_matches("tcp://"), &["connection limit?"]);
    assert_eq!(delivered(&clients), TAKEN as u64 * EVENTS);
    assert_eq!(otel.stored().events.len(), TAKEN * EVENTS as usize);
    // As soon as others go, they are served, and nothing is lost.
    let mut outcomes = outcomes.into_iter();
    clients.retain(|_| outcomes.next().unwrap().is_err());
    let outcomes = flush(&clients, FLUSH_MS);
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?} {:#?}", said::everything());
    let stored = otel.stored();
    assert_eq!(stored.events.len() as u64, all, "{} copies", stored.copies);
}
