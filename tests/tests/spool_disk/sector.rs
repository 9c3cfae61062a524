//! A sector that cannot be read (`tests/c/spool/sector.c`): all that lies elsewhere is delivered, and the rest when it can
//! be read again.

use mona_collector::Script;
use mona_tests::Program;
use mona_tests::program::Link;
use mona_tests::spool::host::{self, Task};
use mona_tests::spool::site::expect_first;
use mona_tests::spool::{Host, Site};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A payload in the first segment of whoever has one, behind what is sent from memory.
const WHERE: (&str, &str) = ("/0000000000000001.seg", "100000");

struct Disk {
    shim: Program,
    mark: PathBuf,
}

impl Disk {
    fn with_bad_sector(site: &Site) -> Disk {
        let recipe = Program::c("tests/c/spool/sector.c").link(Link::Nothing);
        let shim = recipe.flag("-fPIC").flag("-shared").build().unwrap();
        let mark = site.folder().join("bad");
        fs::write(&mark, "").unwrap();
        Disk { shim, mark }
    }

    fn load(&self, command: &mut Command) {
        command.env("LD_PRELOAD", self.shim.path()).env("SECTOR_WHILE", &self.mark);
        command.env("SECTOR_FILE", WHERE.0).env("SECTOR_AT", WHERE.1);
    }

    fn is_well_again(&self) {
        fs::remove_file(&self.mark).unwrap();
    }
}

/// The numbers that are missing below the last one.
fn missing(numbers: &[u64]) -> Vec<u64> {
    let last = numbers.last().copied().unwrap_or_default();
    (0..last).filter(|number| numbers.binary_search(number).is_err()).collect()
}

#[test]
fn a_bad_sector_where_everything_goes_to_the_disk_first() {
    let mut site = Site::new(None);
    let (disk, program) = (Disk::with_bad_sector(&site), host::program());
    let options = ["spool_sync=chunk", "spool_bytes=4194304", "log_level=20"];
    let task = Task { count: 0, burst: 10, pause_us: 20_000, end: "stay", options: &options };
    let (spool, endpoint) = (site.spool_text(), site.endpoint());
    let mut host = Host::start(&program, &spool, &endpoint, "writer", task, |command| disk.load(command));
    // More than a segment.
    let before = host.wait_for(|said| said.spooled > 2500);
    site.open(Script::normal());
    // Without what lies behind the sector no more than a few chunks would come.
    let said = host.wait_for(|said| said.delivered > before.spooled + 3000);
    let missed = missing(&site.tally.numbers("writer"));
    println!("{} delivered beside the sector, {} wait: {said:?}", said.delivered, missed.len());
    assert!(!missed.is_empty() && *missed.last().unwrap() < before.spooled, "{missed:?}");
    assert_eq!((said.dropped, said.lost), (0, 0), "{said:?}");
    disk.is_well_again();
    host.wait_for(|_| {
        let numbers = site.tally.numbers("writer");
        missed.iter().all(|number| numbers.binary_search(number).is_ok())
    });
    let said = host.kill();
    site.shut();
    site.open(Script::normal());
    site.drain();
    expect_first(&site.tally.numbers("writer"), said.settled, &said);
}

#[test]
fn a_bad_sector_in_what_an_ended_process_left() {
    let mut site = Site::new(None);
    let (disk, program) = (Disk::with_bad_sector(&site), host::program());
    let (spool, endpoint) = (site.spool_text(), site.endpoint());
    let options = ["spool_bytes=4194304"];
    let start =
        |who: &str, task| Host::start(&program, &spool, &endpoint, who, task, |command| disk.load(command));
    let task = Task { count: 10_000, burst: 100, pause_us: 1000, end: "stay", options: &options };
    let mut host = start("writer", task);
    host.wait_for(|said| said.spooled > 9000);
    let left = host.kill();
    site.open(Script::normal());
    let mut host = start("adopter", Task { count: 1, ..task });
    let said = host.wait_for(|said| said.adopted > 0 && said.spooled == 0 && said.delivered > said.adopted);
    let missed = missing(&site.tally.numbers("writer"));
    println!("{said:?} of {left:?} beside the sector, {} wait", missed.len());
    assert!(said.adopted > 0 && !missed.is_empty() && (missed.len() as u64) < left.spooled / 2, "{missed:?}");
    assert_eq!(missed.iter().copied().zip(0..).find(|(number, place)| number != place), None, "the first");
    host.kill();
    site.drain();
    expect_first(&site.tally.numbers("writer"), left.settled, &left);
}
