//! A host that closes the descriptors of its spool: it keeps its own, and no event is lost.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::time::Duration;

use mona_collector::Script;
use mona_tests::spool::Site;
use mona_tests::spool::host::SMALL;
use mona_tests::spool::site::expect_first;
use mona_tests::{Program, run};

/// Only there to end a hang.
const LIMIT: Duration = Duration::from_secs(300);

/// Runs the program, whose collector is there or comes later; every event arrives.
fn play(how: &str, is_away: bool, more: &[&str]) {
    let program = Program::c("tests/c/spool/closes_ours.c").build().unwrap();
    let mut site = Site::new(None);
    if !is_away {
        site.open(Script::normal());
    }
    let mut command = program.command();
    // Segments of 2 MiB, and room for all.
    command.arg(how).args(SMALL).args(more).arg("spool_bytes=33554432");
    command.arg(format!("spool_dir={}", site.spool_text())).arg(format!("endpoint={}", site.endpoint()));
    let said = run(&mut command, LIMIT).unwrap().expect_ok().unwrap();
    let exported: u64 = said.stdout.trim().parse().unwrap();
    if is_away {
        site.open(Script::normal());
    }
    site.drain();
    let arrived = site.tally.numbers("host");
    expect_first(&arrived, exported, &how);
    assert_eq!(arrived.len() as u64, exported);
}

#[test]
fn all_are_closed_while_the_collector_is_away() {
    play("all", true, &[]);
}

#[test]
fn all_are_closed_while_everything_goes_through_the_disk() {
    play("all", false, &["spool_sync=chunk"]);
}

#[test]
fn each_is_closed_while_the_collector_is_away() {
    play("each", true, &[]);
}

#[test]
fn each_is_closed_while_everything_goes_through_the_disk() {
    play("each", false, &["spool_sync=chunk"]);
}
