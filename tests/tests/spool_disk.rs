//! A disk that is full, limited, read-only, not the user's, or does not read a sector: the host goes on, and the spool is
//! back with the space.
//!
//! The two that fill up take the spool's own pause of half a minute each, side by side with those that wait for a sector.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::Script;
use mona_tests::Program;
use mona_tests::spool::Site;
use mona_tests::spool::host::SMALL;
use mona_tests::spool::site::expect_first;
use std::fs::{self, DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::NamedTempFile;

#[path = "spool_disk/sector.rs"]
mod sector;

/// The bounds are in the program; this ends a hang.
const LIMIT: Duration = Duration::from_secs(240);
/// What the program ends with where nobody may mount.
const NO_MOUNT: i32 = 77;

fn command(program: &Program, site: &Site, trouble: &str) -> Command {
    let mut command = program.command();
    command.arg(trouble).arg(site.disk()).args(SMALL).arg("log_level=20");
    if is_filled(trouble) {
        // Neither disk nor memory has room: the oldest go.
        command.arg("queue_circular=true");
    }
    command.arg(format!("spool_dir={}", site.spool_text())).arg(format!("endpoint={}", site.endpoint()));
    command
}

/// Whether the disk takes something at first.
fn is_filled(trouble: &str) -> bool {
    trouble == "full" || trouble == "limit"
}

/// Runs the program; the collector comes when it says `back`. What it printed, or none where it could not mount.
fn play(site: &mut Site, trouble: &str) -> Option<String> {
    let program = Program::c("tests/c/spool/disk.c").build().unwrap();
    let (out, err) = (NamedTempFile::new().unwrap(), NamedTempFile::new().unwrap());
    let open = |file: &NamedTempFile| Stdio::from(OpenOptions::new().append(true).open(file.path()).unwrap());
    let mut command = command(&program, site, trouble);
    let mut child = command.stdin(Stdio::null()).stdout(open(&out)).stderr(open(&err)).spawn().unwrap();
    let read = |file: &NamedTempFile| fs::read_to_string(file.path()).unwrap();
    let end = Instant::now() + LIMIT;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if read(&out).contains("\nback\n") && !site.is_open() {
            site.open(Script::normal());
        }
        if Instant::now() > end {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{trouble}: it does not end\n{}{}", read(&out), read(&err));
        }
        sleep(Duration::from_millis(5));
    };
    let (said, errors) = (read(&out), read(&err));
    if status.code() == Some(NO_MOUNT) {
        println!("skipped: {trouble}, {}", said.trim());
        return None;
    }
    assert!(status.success() && errors.is_empty(), "{trouble}: {status}\n{said}{errors}");
    Some(said)
}

/// The lines of the log that speak of the spool.
fn about_spool(said: &str) -> Vec<&str> {
    said.lines().filter(|line| line.starts_with("log ") && line.contains(" spool_dir: ")).collect()
}

fn number(said: &str, name: &str) -> u64 {
    let mut words = said.split_whitespace();
    words.find_map(|word| word.strip_prefix(name)?.strip_prefix('=')).unwrap().parse().unwrap()
}

fn goes_off_and_comes_back(trouble: &str) {
    let mut site = Site::new(None);
    let Some(said) = play(&mut site, trouble) else { return };
    site.tally.check();
    // Every event that was not dropped, and no other.
    assert_eq!(site.tally.unique(), number(&said, "delivered"), "{said}");
    let lines = about_spool(&said);
    println!("{trouble}:\n{}", said.trim());
    assert_eq!(lines.len(), 2, "one line when it goes off and one when it is back: {lines:?}");
}

#[test]
fn a_full_disk() {
    goes_off_and_comes_back("full");
}

#[test]
fn a_limit_of_file_sizes() {
    goes_off_and_comes_back("limit");
}

/// The client goes on without its spool and says why in one line.
fn does_without(site: &mut Site, trouble: &str, words: &[&str]) {
    site.open(Script::normal());
    let Some(said) = play(site, trouble) else { return };
    site.tally.check();
    expect_first(&site.tally.numbers("host"), 1000, &said);
    let lines = about_spool(&said);
    println!("{trouble}: {lines:?}");
    assert_eq!(lines.len(), 1, "{said}");
    assert!(words.iter().all(|word| lines[0].contains(word)), "{lines:?}: {words:?} are expected");
}

#[test]
fn a_read_only_disk() {
    let mut site = Site::new(None);
    let spool = site.spool_text();
    does_without(&mut site, "readonly", &[&spool]);
}

#[test]
fn a_directory_that_others_may_write_to() {
    for mode in [0o720, 0o702, 0o1777] {
        let mut site = Site::new(None);
        DirBuilder::new().mode(0o700).create(site.spool()).unwrap();
        fs::set_permissions(site.spool(), fs::Permissions::from_mode(mode)).unwrap();
        let spool = site.spool_text();
        does_without(&mut site, "as-it-is", &[&spool, "writ"]);
        assert_eq!(site.instances().len(), 0);
    }
}

#[test]
fn a_directory_of_somebody_else() {
    let mut site = Site::new(None);
    DirBuilder::new().mode(0o700).create(site.spool()).unwrap();
    if std::os::unix::fs::chown(site.spool(), Some(1234), None).is_err() {
        println!("skipped: only root can give a directory away");
        return;
    }
    let spool = site.spool_text();
    does_without(&mut site, "as-it-is", &[&spool, "belongs to another user"]);
    assert_eq!(site.instances().len(), 0);
}

#[test]
fn a_link_in_the_place_of_the_directory() {
    let mut site = Site::new(None);
    let elsewhere = tempfile::tempdir().unwrap();
    DirBuilder::new().mode(0o700).create(site.spool()).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), site.spool().join("v1")).unwrap();
    let spool = site.spool_text();
    does_without(&mut site, "as-it-is", &[&spool]);
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0, "something was made behind the link");
}

#[test]
fn a_file_in_the_place_of_the_directory() {
    let mut site = Site::new(None);
    fs::write(site.spool(), "something of the user's").unwrap();
    let spool = site.spool_text();
    does_without(&mut site, "as-it-is", &[&spool]);
    assert_eq!(fs::read_to_string(site.spool()).unwrap(), "something of the user's");
}
