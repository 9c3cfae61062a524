//! Notifications that fail in every way, and what a watch makes of them.

use super::*;
use std::path::Path;

/// notify that cannot start: the polls have to do.
#[cfg(not(target_os = "linux"))]
pub(super) const NONE: notices::Start = notices::START;

#[cfg(target_os = "linux")]
pub(super) use on_linux::NONE;

#[cfg(target_os = "linux")]
mod on_linux {
    use super::*;
    use crate::config::watch::notices::{BUSY_EVENTS, Handler, MOST_LOSSES, Notices, START, Start};
    use crate::sys::fork;
    use notify::event::{Event, EventKind};
    use notify::{Config, Error, EventHandler, RecommendedWatcher, RecursiveMode, Watcher};
    use std::io::{Read as _, Write as _};
    use std::os::fd::{AsRawFd as _, RawFd};
    use std::os::unix::net::UnixStream;

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

    /// With a loop: one that others make in this process at the same moment cannot be told from it, and it is made again.
    fn with_loop(start: Start, inbox: &Arc<Inbox>) -> Notices {
        let mut notices = Notices::new(start, inbox);
        make_loop(&mut notices);
        notices
    }

    fn make_loop(notices: &mut Notices) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while notices.descriptors().is_none() {
            assert!(Instant::now() < deadline);
            thread::sleep(Duration::from_millis(10));
            notices.try_again();
            notices.tend();
        }
    }

    #[test]
    fn a_child_has_none_of_the_descriptors() {
        fork::install();
        let folder = tempfile::tempdir().unwrap();
        let inbox = Arc::<Inbox>::default();
        let mut loops: Vec<Notices> = (0..3).map(|_| with_loop(START, &inbox)).collect();
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
        let mut notices = with_loop(dying, &inbox);
        notices.follow(&path);
        assert!(!notices.is_disowned());
        fs::write(&path, "{}").unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while !notices.is_disowned() || notices.descriptors().is_some() {
            assert!(Instant::now() < deadline);
            notices.tend();
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    #[ignore = "slow: make test-slow"]
    fn a_busy_directory_is_left_to_the_polls() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mona.json");
        let inbox = Arc::<Inbox>::default();
        let mut notices = with_loop(START, &inbox);
        notices.follow(&path);
        notices.tend();
        assert!(notices.descriptors().is_some());
        let deadline = Instant::now() + Duration::from_secs(60);
        while notices.events() <= BUSY_EVENTS {
            assert!(Instant::now() < deadline);
            (0..100).for_each(|_| fs::write(&path, "{}").unwrap());
        }
        notices.tend();
        assert!(notices.descriptors().is_none());
    }

    /// A loop that works, and where a change is to be made for it to be notified.
    fn following(path: &Path) -> (Notices, Arc<Inbox>) {
        let inbox = Arc::<Inbox>::default();
        let mut notices = with_loop(START, &inbox);
        notices.follow(path);
        (notices, inbox)
    }

    /// Waits for a notification of this change.
    fn is_noticed(inbox: &Inbox, path: &Path, words: &str) -> bool {
        while inbox.wait(Instant::now()).is_some() {}
        inbox.begin_look();
        fs::write(path, words).unwrap();
        inbox.wait(Instant::now() + Duration::from_secs(20)).is_some()
    }

    /// Does as a host does that closes what is not its own and gets the numbers again.
    fn take_away(numbers: [RawFd; 3], stranger: RawFd) {
        for number in numbers {
            // SAFETY: replaces a number that this test owns.
            assert_eq!(unsafe { libc::dup2(stranger, number) }, number);
        }
    }

    /// The descriptors of the loop, once there is one and its thread waits for something: what is taken away between two
    /// waits nobody can see.
    fn numbers_at_rest(notices: &mut Notices, path: &Path) -> [RawFd; 3] {
        make_loop(notices);
        notices.follow(path);
        thread::sleep(Duration::from_millis(200));
        notices.descriptors().unwrap()
    }

    /// Sees that nobody closed what stands there, and puts what looks like no loop in its place, for good: a thread that
    /// takes the numbers for its own would close, when it ends, what others had got there by then.
    fn are_still_open(numbers: [RawFd; 3]) {
        let nothing = fs::File::open("/dev/null").unwrap();
        for number in numbers {
            // SAFETY: asks for flags of a number; no memory is touched.
            assert_ne!(unsafe { libc::fcntl(number, libc::F_GETFD) }, -1, "somebody closed it");
            // SAFETY: replaces what this test put there.
            assert_eq!(unsafe { libc::dup2(nothing.as_raw_fd(), number) }, number);
        }
    }

    #[test]
    fn a_loop_that_the_host_took_is_replaced_and_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mona.json");
        let (mut notices, inbox) = following(&path);
        assert!(is_noticed(&inbox, &path, "a"));
        let numbers = numbers_at_rest(&mut notices, &path);
        let (mut ours, mut peer) = UnixStream::pair().unwrap();
        peer.write_all(b"mine").unwrap();
        take_away(numbers, ours.as_raw_fd());
        fs::write(&path, "unseen").unwrap();
        notices.tend();
        assert!(notices.descriptors().is_none());
        notices.tend();
        notices.follow(&path);
        let fresh = numbers_at_rest(&mut notices, &path);
        assert!(fresh.iter().all(|number| !numbers.contains(number)));
        assert!(is_noticed(&inbox, &path, "b"));
        drop(notices);
        let mut seen = [0; 4];
        ours.read_exact(&mut seen).unwrap();
        assert_eq!(&seen, b"mine");
        peer.set_nonblocking(true).unwrap();
        assert!(peer.read(&mut seen).is_err(), "something was written there");
        are_still_open(numbers);
    }

    /// By the next call where that comes before the poll, and by the end.
    #[test]
    fn a_loop_that_the_host_took_is_asked_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mona.json");
        for is_followed in [true, false] {
            let (mut notices, _inbox) = following(&path);
            let numbers = numbers_at_rest(&mut notices, &path);
            let (ours, mut peer) = UnixStream::pair().unwrap();
            take_away(numbers, ours.as_raw_fd());
            if is_followed {
                notices.follow(&folder.path().join("elsewhere/mona.json"));
                assert!(notices.descriptors().is_none());
            }
            drop(notices);
            peer.set_nonblocking(true).unwrap();
            assert!(peer.read(&mut [0]).is_err(), "something was written there");
            are_still_open(numbers);
        }
    }

    #[test]
    fn a_loop_of_the_host_is_told_from_ours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mona.json");
        let (mut notices, _inbox) = following(&path);
        let numbers = numbers_at_rest(&mut notices, &path);
        // SAFETY: makes a descriptor.
        let epoll = unsafe { libc::epoll_create1(0) };
        // SAFETY: makes a descriptor.
        let inotify = unsafe { libc::inotify_init() };
        // SAFETY: makes a descriptor.
        let eventfd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK) };
        let theirs = [epoll, inotify, eventfd];
        for (number, stranger) in numbers.into_iter().zip(theirs) {
            // SAFETY: replaces a number that this test owns.
            assert_eq!(unsafe { libc::dup2(stranger, number) }, number);
        }
        for (number, token) in [(numbers[1], 0), (numbers[2], 1)] {
            let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: token };
            // SAFETY: as notify does it; the pointer is to a live event.
            let status = unsafe { libc::epoll_ctl(numbers[0], libc::EPOLL_CTL_ADD, number, &raw mut event) };
            assert_eq!(status, 0);
        }
        drop(notices);
        let mut counted = [0_u8; 8];
        // SAFETY: reads into a live array.
        assert_eq!(unsafe { libc::read(theirs[2], counted.as_mut_ptr().cast(), 8) }, -1, "it was written to");
        are_still_open(numbers);
        for stranger in theirs {
            // SAFETY: closes what this test made.
            assert_eq!(unsafe { libc::close(stranger) }, 0, "somebody closed it");
        }
    }

    #[test]
    #[ignore = "slow: make test-slow"]
    fn a_host_that_takes_every_loop_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mona.json");
        let (mut notices, _inbox) = following(&path);
        for _ in 0..MOST_LOSSES {
            let numbers = numbers_at_rest(&mut notices, &path);
            let (ours, _peer) = UnixStream::pair().unwrap();
            take_away(numbers, ours.as_raw_fd());
            notices.tend();
            assert!(notices.descriptors().is_none());
            notices.tend();
            notices.follow(&path);
            are_still_open(numbers);
        }
        assert!(notices.descriptors().is_none());
    }
}
