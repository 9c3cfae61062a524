//! `kill -9` at a random moment: what was in the spool is delivered by the next process, whole and exact.
//!
//! A host says how many of its events are delivered or spooled, in lines that outlive it. It is killed, a survivor
//! drains the directory, and the collector has every event of that many, the first ones without a hole, each under one
//! id and with its own payload. `SPOOL_RUNS=long` makes all 200 runs of each kind.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::{Script, Step};
use mona_tests::spool::host::{self, Task};
use mona_tests::spool::site::{expect_as_many, expect_first};
use mona_tests::spool::{Dice, Host, Site, runs};
use std::thread::sleep;
use std::time::Duration;

/// Twenty thousand events a second, for as long as it lives.
const WRITER: Task<'_> = Task { count: 0, burst: 20, pause_us: 1000, end: "stay", options: &[] };

fn pause(dice: &mut Dice, most_us: u64) {
    sleep(Duration::from_micros(dice.below(most_us)));
}

/// The collector is away, so everything of the host that left its memory is in its spool.
fn writer(sync: &str, seed: u64, times: u32) {
    let program = host::program();
    let mut dice = Dice::new(seed);
    let mut site = Site::new(None);
    let mut in_safety = 0;
    for run in 0..times {
        site.shut();
        let who = format!("writer-{run}");
        let options = [&*format!("spool_sync={sync}")];
        let task = Task { options: &options, ..WRITER };
        let mut host = Host::start(&program, &site.spool_text(), &site.endpoint(), &who, task, |_| {});
        if dice.below(8) > 0 {
            let least = dice.below(1500);
            host.wait_for(|said| said.spooled > least);
        }
        pause(&mut dice, 20_000);
        let said = host.kill();
        assert_eq!((said.delivered, said.dropped), (0, 0), "{said:?}");
        site.open(Script::normal());
        site.drain();
        expect_first(&site.tally.numbers(&who), said.settled, &said);
        in_safety += said.settled;
    }
    println!("writer, {sync}: {times} kills, {in_safety} events in safety, {} arrived", site.tally.unique());
    assert!(in_safety > 0);
}

#[test]
fn a_writer_is_killed() {
    writer("interval", 1, runs(20, 100));
}

#[test]
fn a_writer_that_syncs_every_chunk_is_killed() {
    writer("chunk", 2, runs(10, 50));
}

#[test]
fn a_writer_that_never_syncs_is_killed() {
    writer("none", 3, runs(10, 50));
}

/// The collector comes back, takes its time for each chunk, and the host is killed while it sends what it spooled.
#[test]
fn a_drainer_is_killed() {
    let times = runs(30, 200);
    let program = host::program();
    let mut dice = Dice::new(4);
    let mut site = Site::new(None);
    let (mut in_safety, mut amid) = (0, 0);
    for run in 0..times {
        site.shut();
        let who = format!("drainer-{run}");
        let task = Task { count: 2000, burst: 100, ..WRITER };
        let mut host = Host::start(&program, &site.spool_text(), &site.endpoint(), &who, task, |_| {});
        let spooled = host.wait_for(|said| said.settled + said.queued == 2000 && said.spooled > 1000).spooled;
        site.open(Step::DelayAck(Duration::from_millis(1)));
        if dice.below(4) > 0 {
            let least = dice.below(spooled);
            host.wait_for(|said| said.delivered > least);
        }
        pause(&mut dice, 5000);
        let said = host.kill();
        amid += u32::from(said.delivered > 0 && said.spooled > 0);
        site.shut();
        site.open(Script::normal());
        site.drain();
        expect_first(&site.tally.numbers(&who), said.settled, &said);
        in_safety += said.settled;
    }
    let again = site.tally.duplicates();
    println!("drainer: {times} kills, {amid} amid, {in_safety} events in safety, {again} arrived again");
    assert!(amid > times / 4, "only {amid} were killed while they drained");
}

/// Dead processes' directories are taken over by one process after the other, each of them killed amid that.
#[test]
fn an_adopter_is_killed() {
    const DEAD: u64 = 12;
    const EVENTS: u64 = 300;
    let times = runs(30, 200);
    let program = host::program();
    let mut dice = Dice::new(5);
    let mut site = Site::new(None);
    let (mut kills, mut amid, mut round) = (0, 0, 0);
    while kills < times {
        site.shut();
        round += 1;
        let leave = Task { count: EVENTS, burst: EVENTS, pause_us: 0, end: "close", options: &[] };
        let start =
            |who: &str, task| Host::start(&program, &site.spool_text(), &site.endpoint(), who, task, |_| {});
        let names: Vec<String> = (0..DEAD).map(|dead| format!("left-{round}-{dead}")).collect();
        for name in &names {
            let said = start(name, leave).end();
            assert_eq!((said.settled, said.dropped), (EVENTS, 0), "{said:?}");
        }
        let mut adopters = Vec::new();
        site.open(Step::DelayAck(Duration::from_millis(1)));
        for adopter in 0..8 {
            let who = format!("adopter-{round}-{adopter}");
            let task = Task { count: 50, burst: 50, ..WRITER };
            let mut host = Host::start(&program, &site.spool_text(), &site.endpoint(), &who, task, |_| {});
            if dice.below(4) > 0 {
                host.wait_for(|said| said.settled > 0);
            }
            pause(&mut dice, 30_000);
            let said = host.kill();
            amid += u32::from(said.adopted > 0 && said.spooled > 0);
            kills += 1;
            adopters.push((who, said));
        }
        site.shut();
        site.open(Script::normal());
        site.drain();
        for name in &names {
            expect_first(&site.tally.numbers(name), EVENTS, name);
        }
        for (who, said) in adopters {
            expect_as_many(&site.tally.numbers(&who), said.settled, &said);
        }
    }
    let again = site.tally.duplicates();
    println!(
        "adopter: {kills} kills, {amid} amid, {round} times {DEAD} directories, {again} events arrived again"
    );
    assert!(amid > kills / 8, "only {amid} were killed while they held what others left");
}
