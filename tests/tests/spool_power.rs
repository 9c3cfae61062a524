//! The power fails under a host: with `spool_sync=chunk` nothing is lost that the host was told is spooled.
//!
//! `tests/c/spool/forgetful.c` models the file system: bytes are there after their file was synced, names after their
//! directory was. Of everything else all is lost, or dice choose pages and names. `SPOOL_RUNS=long` makes more runs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::{Script, Step};
use mona_tests::run;
use mona_tests::spool::host::{self, Task};
use mona_tests::spool::site::expect_first;
use mona_tests::spool::{Dice, Host, Power, Said, Site, Unsynced, runs};
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::time::Duration;

struct Scene {
    program: mona_tests::Program,
    site: Site,
    power: Power,
    dice: Dice,
}

impl Scene {
    /// With a spool whose directory is there and synced, or is to be made by the host.
    fn new(seed: u64, is_made: bool) -> Scene {
        let site = Site::new(None);
        let power = Power::new(&site.disk());
        if is_made {
            DirBuilder::new().mode(0o700).create(site.spool()).unwrap();
            power.sync_all();
        }
        Scene { program: host::program(), site, power, dice: Dice::new(seed) }
    }

    fn host(&self, who: &str, task: Task<'_>) -> Host {
        let (spool, endpoint) = (self.site.spool_text(), self.site.endpoint());
        Host::start(&self.program, &spool, &endpoint, who, task, |command| self.power.watch(command))
    }

    /// A host whose collector is away, and the power after a while; gives what it had said.
    fn write(&mut self, who: &str, sync: &str, unsynced: Unsynced) -> Said {
        let sync = format!("spool_sync={sync}");
        let task = Task { count: 0, burst: 20, pause_us: 1000, end: "stay", options: &[&sync] };
        let mut host = self.host(who, task);
        if self.dice.below(8) > 0 {
            let least = self.dice.below(1500);
            host.wait_for(|said| said.spooled > least);
        }
        std::thread::sleep(Duration::from_micros(self.dice.below(20_000)));
        let said = host.kill();
        self.power.fail(unsynced, &mut self.dice);
        said
    }
}

fn every_chunk(seed: u64, is_made: bool, unsynced: Unsynced) {
    let times = runs(10, 50);
    let mut in_safety = 0;
    for run in 0..times {
        let mut scene = Scene::new(seed * 1000 + u64::from(run), is_made);
        let said = scene.write("writer", "chunk", unsynced);
        scene.site.open(Script::normal());
        // What was not synced may be found damaged and is counted then; nobody was told that it is spooled.
        scene.site.drain_what_is_whole();
        let arrived = scene.site.tally.numbers("writer");
        let prefix =
            arrived.iter().zip(0..).take_while(|(n, place)| *n == place).map(|(n, _)| *n).collect::<Vec<_>>();
        expect_first(&prefix, said.settled, &said);
        in_safety += said.settled;
    }
    println!(
        "power, {unsynced:?}, directory made before: {is_made}: {times} failures, {in_safety} events in safety"
    );
    assert!(in_safety > 0);
}

#[test]
fn nothing_that_counts_as_spooled_is_lost() {
    every_chunk(1, true, Unsynced::Lost);
}

#[test]
fn nothing_is_lost_among_torn_pages_and_names() {
    every_chunk(2, true, Unsynced::Torn);
}

#[test]
fn the_directory_that_the_library_made_is_there() {
    every_chunk(3, false, Unsynced::Lost);
}

/// Power fails while the host drains what it spooled: acknowledgements may be forgotten, events may not.
#[test]
fn nothing_is_lost_while_a_spool_is_drained() {
    let times = runs(10, 50);
    let mut again = 0;
    for run in 0..times {
        let mut scene = Scene::new(4000 + u64::from(run), true);
        let task =
            Task { count: 2000, burst: 100, pause_us: 1000, end: "stay", options: &["spool_sync=chunk"] };
        let mut host = scene.host("drainer", task);
        host.wait_for(|said| said.settled + said.queued == 2000 && said.spooled > 1000);
        scene.site.open(Step::DelayAck(Duration::from_millis(1)));
        let least = scene.dice.below(1500);
        host.wait_for(|said| said.delivered > least);
        let said = host.kill();
        scene.site.shut();
        scene.power.fail(if run % 2 == 0 { Unsynced::Lost } else { Unsynced::Torn }, &mut scene.dice);
        scene.site.open(Script::normal());
        scene.site.drain_what_is_whole();
        expect_first(&scene.site.tally.numbers("drainer"), said.settled, &said);
        again += scene.site.tally.duplicates();
    }
    println!("power while draining: {times} failures, {again} events arrived again");
}

/// What `none` promises is nothing, and the model keeps nothing: without it the tests above could not fail.
#[test]
fn without_a_sync_all_is_lost_and_nothing_is_in_the_way() {
    let mut lost = 0;
    for run in 0..runs(3, 10) {
        let mut scene = Scene::new(5000 + u64::from(run), true);
        let said = scene.write("writer", "none", Unsynced::Lost);
        scene.site.open(Script::normal());
        scene.site.drain_what_is_whole();
        lost += said.settled - scene.site.tally.unique().min(said.settled);
    }
    assert!(lost > 0, "the model forgets nothing");
}

/// A spool of which any page and name may be missing is drained to its end, and what arrives is whole.
#[test]
fn a_torn_spool_is_drained_to_its_end() {
    let (times, mut arrived, mut written) = (runs(10, 100), 0, 0);
    for run in 0..times {
        let mut scene = Scene::new(6000 + u64::from(run), true);
        let said = scene.write("writer", if run % 2 == 0 { "none" } else { "interval" }, Unsynced::Torn);
        scene.site.open(Script::normal());
        scene.site.drain_what_is_whole();
        written += said.settled;
        arrived += scene.site.tally.numbers("writer").len();
    }
    println!("torn spools: {times}, {arrived} of {written} events arrived");
}

/// The model by itself, with a program that is sure to sync what it is asked to.
#[test]
fn the_model_forgets_what_was_not_synced() {
    let site = Site::new(None);
    let disk = site.disk();
    let power = Power::new(&disk);
    let play = |script: &str| {
        let mut command = std::process::Command::new("sh");
        power.watch(command.arg("-e").arg("-c").arg(script).current_dir(&disk));
        run(&mut command, Duration::from_secs(60)).unwrap().expect_quiet().unwrap();
    };
    let found = |path: &str| std::fs::read_to_string(disk.join(path)).ok();
    // `sync` with names syncs those files and directories.
    play(
        "mkdir a b; echo 1 >a/whole; echo 1 >a/empty; echo 1 >b/nameless; sync a/whole b/nameless a .; echo 2 >>a/whole",
    );
    power.fail(Unsynced::Lost, &mut Dice::new(1));
    assert_eq!((found("a/whole"), found("a/empty")), (Some("1\n".to_owned()), Some(String::new())));
    assert_eq!((found("b/nameless"), disk.join("b").is_dir()), (None, true));
    play("rm a/whole; sync a; mv a/empty a/other");
    power.fail(Unsynced::Lost, &mut Dice::new(1));
    assert_eq!((found("a/whole"), found("a/empty"), found("a/other")), (None, Some(String::new()), None));
}
