//! Notifications that fail in every way, and what a watch makes of them.

use super::*;
use std::path::Path;

/// notify that cannot start: the polls have to do.
#[cfg(not(target_os = "linux"))]
pub(super) const NONE: notices::Start = ();

#[cfg(target_os = "linux")]
pub(super) use on_linux::NONE;

#[cfg(target_os = "linux")]
mod on_linux {
    use super::*;
    use crate::config::watch::notices::{BUSY_EVENTS, Handler, Notices, START, Start};
    use crate::sys::fork;
    use notify::event::{Event, EventKind};
    use notify::{Config, Error, EventHandler, RecommendedWatcher, RecursiveMode, Watcher};

    pub(in super::super) const NONE: Start = |_| Err(Error::generic("no instance left"));

    /// Works until it is asked for something.
    struct Panicking(#[expect(dead_code, reason = "runs until this is dropped")] RecommendedWatcher);

    impl Watcher for Panicking {
        fn new<F: EventHandler>(handler: F, config: Config) -> notify::Result<Self> {
            Ok(Panicking(RecommendedWatcher::new(handler, config)?))
        }

        fn watch(&mut self, _: &Path, _: RecursiveMode) -> notify::Result<()> {
            panic!("provoked, in the call of notify")
        }

        fn unwatch(&mut self, _: &Path) -> notify::Result<()> {
            panic!("provoked, in the call of notify")
        }

        fn kind() -> notify::WatcherKind {
            RecommendedWatcher::kind()
        }
    }

    /// notify whose thread ends at the first event in the directory.
    fn dying(mut handler: Handler) -> notify::Result<Box<dyn Watcher>> {
        let dying = move |event: notify::Result<Event>| match event {
            Ok(Event { kind: EventKind::Access(_), .. }) => handler.handle_event(event),
            _ => handler.handle_event(Err(Error::generic("a read that failed"))),
        };
        Ok(Box::new(RecommendedWatcher::new(dying, Config::default())?))
    }

    const BROKEN: [(&str, Start); 5] = [
        ("an error", NONE),
        ("a panic", |_| panic!("provoked, in the start of notify")),
        ("no loop at all", |_| Ok(Box::new(notify::NullWatcher))),
        ("a panic later", |handler| Ok(Box::new(Panicking::new(handler, Config::default())?))),
        ("a thread that ends", dying),
    ];

    #[test]
    #[ignore = "slow: make test-slow"]
    fn the_polls_alone_are_in_time_where_notify_fails() {
        thread::scope(|scope| {
            for (what, start) in BROKEN {
                scope.spawn(move || two_changes_are_noticed(what, start));
            }
        });
    }

    fn two_changes_are_noticed(what: &str, start: Start) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mona.json");
        fs::write(&path, text("before")).unwrap();
        let watch = Watch::new(path.clone(), Snapshot::take(&path));
        let running = Running::start(Watch { start, ..watch });
        fs::write(folder.path().join("new"), text("a")).unwrap();
        fs::rename(folder.path().join("new"), &path).unwrap();
        running.wait_for_user(what, "a");
        // The directory changes, too: whatever is left of notify is asked once more.
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join("mona.json"), text("b")).unwrap();
        symlink(elsewhere.path().join("mona.json"), folder.path().join("link")).unwrap();
        fs::rename(folder.path().join("link"), &path).unwrap();
        running.wait_for_user(what, "b");
    }

    /// Whether a number is open in a child that was forked just now.
    fn is_open_in_child(numbers: [i32; 3]) -> bool {
        // SAFETY: the child only probes descriptors and leaves by _exit.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let is_open = numbers.iter().any(|number| {
                // SAFETY: asks for flags of a number; no memory is touched.
                unsafe { libc::fcntl(*number, libc::F_GETFD) != -1 }
            });
            // SAFETY: ends the child without running the harness's exit handlers.
            unsafe { libc::_exit(i32::from(is_open)) };
        }
        let mut status = 0;
        // SAFETY: waits for the child made above; `status` is a live int.
        unsafe { libc::waitpid(child, &raw mut status, 0) };
        status != 0
    }

    #[test]
    fn a_child_has_none_of_the_descriptors() {
        fork::install();
        let folder = tempfile::tempdir().unwrap();
        let inbox = Arc::<Inbox>::default();
        let mut loops: Vec<Notices> = (0..3).map(|_| Notices::new(START, &inbox)).collect();
        for notices in &mut loops {
            let numbers = notices.descriptors().unwrap();
            assert!(!is_open_in_child(numbers));
            notices.follow(&folder.path().join("mona.json"));
            assert!(!is_open_in_child(numbers));
        }
        let mut all: Vec<i32> = loops.iter().flat_map(|notices| notices.descriptors().unwrap()).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 9, "each loop has three of its own");
    }

    #[test]
    fn a_loop_that_has_ended_leaves_nothing_to_close_in_a_child() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mona.json");
        let inbox = Arc::<Inbox>::default();
        let mut notices = Notices::new(dying, &inbox);
        notices.follow(&path);
        assert!(!notices.is_disowned());
        fs::write(&path, "{}").unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while !notices.is_disowned() || notices.descriptors().is_some() {
            assert!(Instant::now() < deadline);
            notices.leave_dead_and_busy();
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    #[ignore = "slow: make test-slow"]
    fn a_busy_directory_is_left_to_the_polls() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mona.json");
        let inbox = Arc::<Inbox>::default();
        let mut notices = Notices::new(START, &inbox);
        notices.follow(&path);
        notices.leave_dead_and_busy();
        assert!(notices.descriptors().is_some());
        let deadline = Instant::now() + Duration::from_secs(60);
        while notices.events() <= BUSY_EVENTS {
            assert!(Instant::now() < deadline);
            (0..100).for_each(|_| fs::write(&path, "{}").unwrap());
        }
        notices.leave_dead_and_busy();
        assert!(notices.descriptors().is_none());
    }
}
