//! Peers that others wrote: the Forward server of `@fluent-org/logger`, the OpenTelemetry Collector, and nginx,
//! HAProxy and squid on the way to a collector of ours.
//!
//! Each is skipped, with a line that says why, where it is not installed and cannot be.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

mod fluent_server;
mod haproxy;
mod nginx;
mod otel;
mod squid;

use std::io::{self, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Child;
use std::time::Duration;

use mona_tests::native::Client;
use mona_tests::setup::Setup;
use mona_tests::workspace;

/// What a peer may take to start, or to say what it took, on a loaded machine.
const LIMIT: Duration = Duration::from_secs(120);

/// Says so past the capture of the test harness, which shows nothing of a test that passes.
fn skipped(what: &str, why: &str) {
    io::stderr().write_all(format!("skipped: {what}: {why}\n").as_bytes()).unwrap();
}

fn peers() -> PathBuf {
    workspace().join("tests/peers")
}

/// A port that is free now. Another process may be faster than who it is for: whoever asks tries again.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A process of a peer, ended when this is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which is as well.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Options that get over faults fast, and those that users have.
const BOTH: [Setup; 2] = [Setup::PLAIN, Setup::DEFAULTS];

/// The acks are those of a server that is well, however loaded the machine.
fn client(setup: Setup, endpoint: &str) -> Client {
    setup.client(endpoint, &[("ack_timeout_ms", "30000")])
}

fn name(setup: Setup) -> &'static str {
    if setup.has_defaults { "default options" } else { "quick options" }
}
