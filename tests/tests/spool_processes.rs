//! Many processes on one directory, killed and started anew and forked, and one that drains what they left.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::Script;
use mona_tests::spool::host::{self, SMALL, Task};
use mona_tests::spool::site::{expect_as_many, expect_first};
use mona_tests::spool::{Dice, Host, Said, Site, runs};
use mona_tests::{Program, run};
use std::thread::sleep;
use std::time::{Duration, Instant};

const PROCESSES: usize = 8;
/// How often dice are thrown for each process.
const TURN: Duration = Duration::from_millis(100);
/// The collector is there for so long and away for so long.
const TIDE: Duration = Duration::from_millis(1500);

/// What a host of a slot does: those of odd slots sync every chunk, which lets everything they say be exact.
fn task(slot: usize, dice: &mut Dice) -> Task<'static> {
    let options: &[&str] = match slot % 2 {
        0 => &["spool_bytes=1073741824"],
        _ => &["spool_bytes=1073741824", "spool_sync=chunk"],
    };
    match dice.below(3) {
        0 => Task { count: 1000 + dice.below(2000), burst: 10, pause_us: 5000, end: "close", options },
        _ => Task { count: 0, burst: 10, pause_us: 5000, end: "stay", options },
    }
}

#[test]
fn eight_processes_are_killed_and_started_anew() {
    let program = host::program();
    let mut dice = Dice::new(7);
    let mut site = Site::new(None);
    let mut past: Vec<(usize, String, Said)> = Vec::new();
    let (mut started, mut kills) = (0, 0);
    let mut start = |site: &Site, slot: usize, dice: &mut Dice| {
        started += 1;
        let who = format!("host-{started}");
        Host::start(&program, &site.spool_text(), &site.endpoint(), &who, task(slot, dice), |_| {})
    };
    let mut hosts: Vec<Host> = (0..PROCESSES).map(|slot| start(&site, slot, &mut dice)).collect();
    let begin = Instant::now();
    let end = begin + Duration::from_secs(runs(10, 30).into());
    while Instant::now() < end {
        sleep(TURN);
        let is_high = begin.elapsed().as_millis() / TIDE.as_millis() % 2 == 1;
        match is_high {
            true if !site.is_open() => site.open(Script::normal()),
            false if site.is_open() => site.shut(),
            _ => {}
        }
        for (slot, place) in hosts.iter_mut().enumerate() {
            let has_ended = place.has_ended();
            // 30 % of them in a second.
            if has_ended || dice.below(100) < 3 {
                let host = std::mem::replace(place, start(&site, slot, &mut dice));
                let who = host.who.clone();
                kills += u32::from(!has_ended);
                past.push((slot, who, if has_ended { host.end() } else { host.kill() }));
            }
        }
    }
    for (slot, mut host) in hosts.into_iter().enumerate() {
        let who = host.who.clone();
        past.push((slot, who, if host.has_ended() { host.end() } else { host.kill() }));
    }
    site.shut();
    site.open(Script::normal());
    site.drain();
    let (mut in_safety, mut dropped) = (0, 0);
    for (slot, who, said) in &past {
        let numbers = site.tally.numbers(who);
        dropped += said.dropped;
        match slot % 2 {
            0 => expect_as_many(&numbers, said.settled, said),
            _ => expect_first(&numbers, said.settled, said),
        }
        in_safety += said.settled;
    }
    let (hosts, arrived, again) = (past.len(), site.tally.unique(), site.tally.duplicates());
    println!(
        "{hosts} hosts, {kills} killed, {in_safety} events in safety, {arrived} arrived, {again} once more"
    );
    println!("{dropped} dropped by a close whose time was over");
    assert!(past.iter().any(|(_, _, said)| said.adopted > 0), "nobody took over anything");
}

#[test]
fn two_hundred_forks_have_spools_of_their_own() {
    const FORKS: u64 = 200;
    const EVENTS: u64 = 20;
    const PARENT: u64 = 2011;
    let mut site = Site::new(None);
    let program = Program::c("tests/c/spool/forks.c").build().unwrap();
    let mut command = program.command();
    command.args([FORKS, EVENTS].map(|number| number.to_string())).args(SMALL);
    command.arg(format!("spool_dir={}", site.spool_text())).arg(format!("endpoint={}", site.endpoint()));
    run(&mut command, Duration::from_secs(120)).unwrap().expect_quiet().unwrap();
    assert_eq!(site.tally.unique(), 0);
    site.open(Script::normal());
    site.drain();
    for (who, events) in [("child", FORKS * EVENTS), ("parent", PARENT)] {
        let numbers = site.tally.numbers(who);
        expect_first(&numbers, events, &who);
        assert_eq!(numbers.len() as u64, events);
    }
    assert_eq!(site.tally.duplicates(), 0, "two processes had the same events");
}
