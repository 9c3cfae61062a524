//! The Big Red Button: environment, call, and a config file that changes in every way a file can.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_tests::ledger::client;
use mona_tests::native::{Client, log};
use mona_tests::{Program, run};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// The rule is 3 s; the rest is for what a look takes.
const EFFECTIVE: Duration = Duration::from_millis(3500);
/// Between two questions whether there was an effect.
const STEP: Duration = Duration::from_millis(10);
/// Longer than two looks at the file: a change that had an effect would show.
const NO_EFFECT: Duration = Duration::from_secs(5);

const KILL: &str = r#"{"disable_all": true}"#;
const LIVE: &str = r#"{"disable_all": false}"#;

/// Waits until this is so, and says how long that took. What our own sleeps last too long, the watch gets as well: a
/// loaded machine has no other effect.
fn in_time(what: &str, mut is_so: impl FnMut() -> bool) {
    let (start, mut late) = (Instant::now(), Duration::ZERO);
    while !is_so() {
        assert!(start.elapsed() < EFFECTIVE + late, "{what}: no effect after {:?}", start.elapsed());
        let asleep = Instant::now();
        std::thread::sleep(STEP);
        late += asleep.elapsed().saturating_sub(STEP);
    }
    println!("{what}: {} ms, {} ms of them late", start.elapsed().as_millis(), late.as_millis());
}

/// A client that watches a file.
struct Watching {
    client: Client,
}

impl Watching {
    fn start(config: &Path) -> Watching {
        Watching { client: client("memory:", &[("config_file", config.to_str().unwrap())]) }
    }

    /// Whether an export is taken just now, in a context of its own: one that was made while the client
    /// was disabled is inert for its whole life.
    fn exports(&self) -> bool {
        let before = self.client.stats();
        let context = self.client.context(None, Some("m")).unwrap();
        assert_eq!(context.export(r#"{"a": 1}"#, 0.0), Ok(()));
        let after = self.client.stats();
        let sent = after.accepted - before.accepted;
        assert_eq!(sent + after.skipped_disabled - before.skipped_disabled, 1);
        sent == 1
    }

    /// Waits until exports are taken, or not.
    fn becomes(&self, exporting: bool, what: &str) {
        in_time(what, || self.exports() == exporting);
    }

    fn stays(&self, exporting: bool, what: &str) {
        let start = Instant::now();
        while start.elapsed() < NO_EFFECT {
            assert_eq!(self.exports(), exporting, "{what}: an effect after {:?}", start.elapsed());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn end(self) {
        assert_eq!(self.client.close(60_000), Ok(()));
        let stats = self.client.stats();
        assert!(stats.balanced());
        assert_eq!(stats.delivered, stats.accepted);
    }
}

#[test]
fn rewriting() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    fs::write(&config, LIVE).unwrap();
    let watching = Watching::start(&config);
    assert!(watching.exports());
    for _ in 0..2 {
        fs::write(&config, KILL).unwrap();
        watching.becomes(false, "rewrite, kill");
        fs::write(&config, LIVE).unwrap();
        watching.becomes(true, "rewrite, live");
    }
    fs::write(&config, KILL).unwrap();
    watching.becomes(false, "rewrite, kill");
    fs::write(&config, "{}").unwrap();
    watching.becomes(true, "rewrite without the option");
    assert!(watching.client.stats().config_reloads >= 6);
    watching.end();
}

#[test]
fn renaming_over() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    let fresh = folder.path().join("fresh.json");
    fs::write(&config, LIVE).unwrap();
    let watching = Watching::start(&config);
    for (text, exporting) in [(KILL, false), (LIVE, true), (KILL, false)] {
        fs::write(&fresh, text).unwrap();
        fs::rename(&fresh, &config).unwrap();
        watching.becomes(exporting, "rename over");
    }
    watching.end();
}

/// Kubernetes mounts `config.json -> ..data/config.json` with `..data -> ..2024_x`, and swaps `..data`.
#[test]
fn swapping_a_symlink() {
    let folder = tempfile::tempdir().unwrap();
    let of = |name: &str| folder.path().join(name);
    for (name, text) in [("..one", LIVE), ("..two", KILL), ("..three", LIVE)] {
        fs::create_dir(of(name)).unwrap();
        fs::write(of(name).join("config.json"), text).unwrap();
    }
    symlink("..one", of("..data")).unwrap();
    symlink("..data/config.json", of("config.json")).unwrap();
    let watching = Watching::start(&of("config.json"));
    assert!(watching.exports());
    for (name, exporting) in [("..two", false), ("..three", true)] {
        symlink(name, of("..fresh")).unwrap();
        fs::rename(of("..fresh"), of("..data")).unwrap();
        watching.becomes(exporting, "symlink swap");
    }
    watching.end();
}

#[test]
fn deleting_and_creating() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    let watching = Watching::start(&config);
    assert!(watching.exports(), "no file means defaults");
    fs::write(&config, KILL).unwrap();
    watching.becomes(false, "created, kill");
    fs::remove_file(&config).unwrap();
    watching.stays(false, "deleted: a kill stays a kill");
    fs::write(&config, LIVE).unwrap();
    watching.becomes(true, "created again, live");
    watching.end();
}

#[test]
fn invalid_text_keeps_the_last_good_state() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    fs::write(&config, KILL).unwrap();
    let watching = Watching::start(&config);
    assert!(!watching.exports());
    fs::write(&config, r#"{"disable_all": fal"#).unwrap();
    watching.stays(false, "truncated");
    fs::write(&config, "").unwrap();
    watching.stays(false, "emptied");
    fs::write(&config, LIVE).unwrap();
    watching.becomes(true, "valid again");
    fs::write(&config, "[]").unwrap();
    watching.stays(true, "not an object");
    watching.end();
}

#[test]
fn any_of_the_three_disables() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    fs::write(&config, LIVE).unwrap();
    let watching = Watching::start(&config);
    assert_eq!(watching.client.set_disabled(true), Ok(()));
    assert!(!watching.exports());
    let reloads = watching.client.stats().config_reloads;
    fs::write(&config, KILL).unwrap();
    in_time("a kill behind a kill", || watching.client.stats().config_reloads > reloads);
    assert_eq!(watching.client.set_disabled(false), Ok(()));
    assert!(!watching.exports(), "the file still says so");
    fs::write(&config, LIVE).unwrap();
    watching.becomes(true, "none says so any more");
    watching.end();

    let by_option = client("memory:", &[("disable_all", "true"), ("config_file", config.to_str().unwrap())]);
    assert_eq!(by_option.set_disabled(false), Ok(()));
    let context = by_option.context(None, None).unwrap();
    assert_eq!(context.id().as_deref(), Ok(""));
    assert_eq!(context.export("not even JSON", 0.0), Ok(()), "nothing is checked while disabled");
    assert_eq!(by_option.set_globals(Some("[]")), Ok(()));
    assert_eq!(by_option.stats().accepted, 0);
}

/// The lines with this word since the last call, with their levels.
fn lines_of(kept: &mut Vec<(i32, String)>, word: &str) -> Vec<(i32, String)> {
    kept.extend(log::take_all());
    let (about, rest) = kept.drain(..).partition(|(_, line)| line.contains(word));
    *kept = rest;
    about
}

/// Writes a config file so that nobody sees a part of it.
fn put(config: &Path, text: &str) {
    let fresh = config.with_extension("fresh");
    fs::write(&fresh, text).unwrap();
    fs::rename(&fresh, config).unwrap();
}

#[test]
#[ignore = "a process of its own: the log of a process has the lines of all tests"]
fn what_is_said_about_the_button() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    let mut kept = Vec::new();
    // A disabled start is one line of level info, whoever pressed it.
    fs::write(&config, KILL).unwrap();
    let path = config.to_str().unwrap();
    for (option, who) in
        [("true", "by the option disable_all and the config file"), ("false", "by the config file")]
    {
        let client =
            client("memory:", &[("disable_all", option), ("config_file", path), ("log_level", "20")]);
        let said = lines_of(&mut kept, "the client is ");
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].0 == 20 && said[0].1.contains("disabled") && said[0].1.ends_with(who), "{said:?}");
        drop(client);
    }
    // A change while running is one warning, each way.
    put(&config, LIVE);
    let watching = Watching { client: client("memory:", &[("config_file", path), ("log_level", "20")]) };
    assert_eq!(lines_of(&mut kept, "the client is "), []);
    for (text, exporting, word) in [(KILL, false, "disabled"), (LIVE, true, "enabled again")] {
        put(&config, text);
        watching.becomes(exporting, word);
        let said = lines_of(&mut kept, "the client is ");
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].0 == 30 && said[0].1.contains(word) && said[0].1.contains("by the config file"),
            "{said:?}"
        );
    }
    // So it is with a call.
    assert_eq!(watching.client.set_disabled(true), Ok(()));
    let said = lines_of(&mut kept, "the client is ");
    assert!(said.len() == 1 && said[0].0 == 30 && said[0].1.contains("by a call"), "{said:?}");
    assert_eq!(watching.client.set_disabled(true), Ok(()));
    assert_eq!(lines_of(&mut kept, "the client is "), []);
    assert!(kept.iter().all(|(level, _)| *level < 30), "{kept:?}");
    watching.end();
}

#[test]
fn the_log_tells_of_the_button_once() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "what_is_said_about_the_button"]);
    let finished = run(&mut command, Duration::from_secs(240)).unwrap().expect_ok().unwrap();
    assert!(finished.stdout.contains("1 passed"), "{}", finished.stdout);
}

#[test]
fn the_environment_while_running() {
    let program = Program::c("tests/c/life_cycle/button_while_running.c").build().unwrap();
    let finished = run(program.command().env("MONA_ENDPOINT", "memory:"), Duration::from_secs(120)).unwrap();
    let finished = finished.expect_ok().unwrap();
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""));
}

#[test]
fn environment_values() {
    let program = Program::c("tests/c/life_cycle/button.c").build().unwrap();
    let disabling = ["1", "true", "True", "TRUE", "yes", "on", "y", "2", "anything", " "];
    let not = ["", "0", "false", "False", "FALSE", "no", "No", "off", "OFF"];
    for (values, expected) in [(&disabling[..], "disabled\n"), (&not[..], "sent\n")] {
        for value in values {
            let mut command = program.command();
            command.env("MONA_ENDPOINT", "memory:").env("MONA_DISABLE_ALL", value);
            let finished = run(&mut command, Duration::from_secs(120)).unwrap().expect_ok().unwrap();
            assert_eq!(finished.stdout, expected, "MONA_DISABLE_ALL={value:?}");
            assert_eq!(finished.stderr, "");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn threads_and_descriptors_of_the_watch() {
    let program = Program::c("tests/c/life_cycle/config_watch.c").build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    for way in ["kept", "taken"] {
        fs::write(&config, "{}").unwrap();
        let mut command = program.command();
        command.arg(way).arg(&config);
        command.env("MONA_ENDPOINT", "memory:").env("MONA_CLIENT_CONFIG_FILE", &config);
        let finished = run(&mut command, Duration::from_secs(120)).unwrap().expect_ok().unwrap();
        assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""), "{way}");
    }
}
