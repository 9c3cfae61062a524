//! Every kind of change, by notifications alone and by polls alone.

use super::*;
use crate::config::file::{ConfigFile, Snapshot};
use crate::sys::thread::contained;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

mod broken;

// What the contract promises for a change to be noticed.
const IN_TIME: Duration = Duration::from_secs(3);
const NEVER: Duration = Duration::from_secs(3600);

type Seen = Arc<Mutex<Vec<Result<ConfigFile, String>>>>;

struct Running {
    inbox: Arc<Inbox>,
    seen: Seen,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn start(mut watch: Watch) -> Running {
        let inbox = Arc::<Inbox>::default();
        let seen = Seen::default();
        let (news, told) = (Arc::clone(&inbox), Arc::clone(&seen));
        let thread = thread::spawn(move || watch.run(&news, |content| told.lock().unwrap().push(content)));
        Running { inbox, seen, thread: Some(thread) }
    }

    fn wait_for(&self, what: &str, good: impl Fn(&Result<ConfigFile, String>) -> bool) {
        let deadline = Instant::now() + IN_TIME;
        while !self.seen.lock().unwrap().last().is_some_and(&good) {
            assert!(Instant::now() < deadline, "not noticed: {what}; told: {:?}", self.seen);
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn wait_for_user(&self, what: &str, user: &str) {
        self.wait_for(what, |content| {
            content.as_ref().is_ok_and(|file| file.get("user_id").is_some_and(|id| id == user))
        });
    }

    fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.inbox.stop();
        let ended = self.thread.take().unwrap().join();
        assert!(ended.is_ok() || thread::panicking());
    }
}

fn text(user: &str) -> String {
    format!("{{\"user_id\": \"{user}\"}}")
}

/// Runs a scenario with notifications alone and with polls alone, on a file that has changed once.
fn each_way(scenario: impl Fn(&Path, &Path, &Running)) {
    let alone = [(NEVER, notices::START), (Duration::from_millis(30), broken::NONE)];
    for (poll, start) in alone.into_iter().skip(usize::from(!cfg!(target_os = "linux"))) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mona.json");
        fs::write(&path, text("before")).unwrap();
        let watch = Watch::new(path.clone(), Snapshot::take(&path));
        let running = Running::start(Watch { poll, start, ..watch });
        fs::write(&path, text("start")).unwrap();
        running.wait_for_user("a first change", "start");
        scenario(folder.path(), &path, &running);
    }
}

#[test]
fn a_rewrite_in_place_is_noticed() {
    each_way(|_, path, running| {
        for user in ["a", "b", "c"] {
            fs::write(path, text(user)).unwrap();
            running.wait_for_user("a rewrite", user);
        }
    });
}

#[test]
fn a_rename_over_the_file_is_noticed() {
    each_way(|folder, path, running| {
        for user in ["a", "b"] {
            fs::write(folder.join("new"), text(user)).unwrap();
            fs::rename(folder.join("new"), path).unwrap();
            running.wait_for_user("a rename", user);
        }
    });
}

#[test]
fn deleting_and_creating_are_noticed() {
    each_way(|_, path, running| {
        fs::remove_file(path).unwrap();
        running.wait_for("the end of the file", |content| {
            content.as_ref().is_err_and(|sentence| sentence.contains("no such file"))
        });
        fs::write(path, text("again")).unwrap();
        running.wait_for_user("its return", "again");
    });
}

#[test]
fn an_invalid_file_is_told_as_a_sentence() {
    each_way(|_, path, running| {
        fs::write(path, "{\"disable_all\": tr").unwrap();
        running.wait_for("invalid JSON", |content| {
            content.as_ref().is_err_and(|sentence| sentence.contains("invalid JSON"))
        });
        fs::write(path, text("good")).unwrap();
        running.wait_for_user("its repair", "good");
    });
}

#[test]
fn a_swapped_directory_symlink_is_noticed() {
    each_way(|folder, path, running| {
        let version = |name: &str| {
            fs::create_dir(folder.join(name)).unwrap();
            fs::write(folder.join(name).join("mona.json"), text(name)).unwrap();
            symlink(name, folder.join("..new")).unwrap();
            fs::rename(folder.join("..new"), folder.join("..data")).unwrap();
        };
        version("..1");
        fs::remove_file(path).unwrap();
        symlink("..data/mona.json", path).unwrap();
        running.wait_for_user("a file that becomes a symlink", "..1");
        version("..2");
        running.wait_for_user("a swap", "..2");
        version("..3");
        running.wait_for_user("another swap", "..3");
    });
}

#[test]
fn a_rewrite_of_a_symlink_s_target_elsewhere_is_noticed() {
    let elsewhere = tempfile::tempdir().unwrap();
    each_way(|_, path, running| {
        let target = elsewhere.path().join("real.json");
        fs::write(&target, text("linked")).unwrap();
        fs::remove_file(path).unwrap();
        symlink(&target, path).unwrap();
        running.wait_for_user("a file that becomes a symlink", "linked");
        fs::write(&target, text("rewritten")).unwrap();
        running.wait_for_user("a rewrite of the target", "rewritten");
    });
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_directory_that_is_made_anew_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("etc/mona.json");
    let running = Running::start(Watch::new(path.clone(), Snapshot::take(&path)));
    for user in ["a", "b"] {
        fs::create_dir(folder.path().join("etc")).unwrap();
        fs::write(&path, text(user)).unwrap();
        running.wait_for_user("a new directory", user);
        fs::remove_dir_all(folder.path().join("etc")).unwrap();
        running.wait_for("its end", Result::is_err);
    }
}

#[test]
fn a_change_before_the_first_look_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mona.json");
    let seen = Snapshot::take(&path);
    fs::write(&path, text("early")).unwrap();
    let running = Running::start(Watch { poll: NEVER, start: broken::NONE, ..Watch::new(path, seen) });
    running.wait_for_user("a change before the start", "early");
}

#[test]
fn the_same_identity_with_other_content_is_noticed_by_a_poll() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mona.json");
    fs::write(&path, text("a")).unwrap();
    let old = Snapshot::take(&path).content;
    fs::write(&path, text("b")).unwrap();
    let seen = Snapshot { content: old, ..Snapshot::take(&path) };
    let running = Running::start(Watch { start: broken::NONE, ..Watch::new(path, seen) });
    running.wait_for_user("other content", "b");
}

#[test]
fn nothing_is_told_without_a_change_and_a_bad_state_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mona.json");
    let watch = Watch::new(path.clone(), Snapshot::take(&path));
    let running = Running::start(Watch { poll: Duration::from_millis(5), ..watch });
    thread::sleep(Duration::from_millis(100));
    assert_eq!(running.count(), 0, "a file that was missing and still is");
    fs::write(folder.path().join("new"), "[]").unwrap();
    fs::rename(folder.path().join("new"), &path).unwrap();
    running.wait_for("an invalid file", Result::is_err);
    thread::sleep(Duration::from_millis(100));
    assert_eq!(running.count(), 1);
}

#[test]
fn other_files_of_the_directory_do_not_count() {
    each_way(|folder, path, running| {
        let before = running.count();
        for number in 0..50 {
            fs::write(folder.join(format!("other-{number}")), "x").unwrap();
        }
        fs::write(path, text("mine")).unwrap();
        running.wait_for_user("the file among others", "mine");
        // Caught between truncation and text it is told twice.
        assert!((1..=2).contains(&(running.count() - before)));
    });
}

#[test]
fn a_stop_ends_the_watch_at_once() {
    let took = || {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mona.json");
        let mut running = Running::start(Watch::new(path.clone(), Snapshot::take(&path)));
        fs::write(&path, text("running")).unwrap();
        running.wait_for_user("a sign of life", "running");
        let thread = running.thread.take().unwrap();
        let asked = Instant::now();
        running.inbox.stop();
        thread.join().unwrap();
        running.thread = Some(thread::spawn(|| ()));
        asked.elapsed()
    };
    // Far below the poll; 50 ms on a quiet machine. A busy one may hold it up, and not each time.
    assert!((0..6).any(|_| took() < Duration::from_secs(1)));
}

#[test]
fn a_stop_before_the_start_is_honoured() {
    let inbox = Arc::<Inbox>::default();
    inbox.stop();
    let path = PathBuf::from("/nonexistent/mona.json");
    Watch::new(path.clone(), Snapshot::take(&path)).run(&inbox, |_| panic!("told of a change"));
}

#[test]
fn a_panic_of_whoever_listens_costs_no_later_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mona.json");
    fs::write(&path, text("before")).unwrap();
    let inbox = Arc::<Inbox>::default();
    let seen = Seen::default();
    let (news, told) = (Arc::clone(&inbox), Arc::clone(&seen));
    let mut watch = Watch::new(path.clone(), Snapshot::take(&path));
    let thread = thread::spawn(move || {
        let is_done = contained(
            &mut watch,
            |watch| {
                watch.run(&news, |content| {
                    told.lock().unwrap().push(content.clone());
                    assert!(content.unwrap().get("user_id").unwrap() != "bad", "planted");
                });
            },
            |_| (),
        );
        assert!(is_done);
    });
    let running = Running { inbox, seen, thread: Some(thread) };
    fs::write(&path, text("bad")).unwrap();
    running.wait_for_user("the change that panics", "bad");
    fs::write(&path, text("good")).unwrap();
    running.wait_for_user("the change after it", "good");
}
