//! Notifications that fail in every way, and what a watch makes of them.

use super::*;
use std::path::Path;

/// No notifications: the polls have to do.
#[cfg(not(target_os = "linux"))]
pub(super) const NONE: notices::Start = ();

#[cfg(target_os = "linux")]
pub(super) use on_linux::NONE;

#[cfg(target_os = "linux")]
mod on_linux {
    use super::*;
    use crate::config::watch::notices::{Notices, START, Start};
    use inotify::Inotify;
    use std::io::{self, Read as _, Write as _};
    use std::os::fd::{AsRawFd as _, OwnedFd};
    use std::os::unix::net::UnixStream;

    pub(in super::super) const NONE: Start = || Err(io::ErrorKind::QuotaExceeded.into());

    /// What can neither be asked for a directory nor be read.
    fn deaf() -> io::Result<Inotify> {
        Ok(Inotify::from(OwnedFd::from(fs::File::create("/dev/full")?)))
    }

    const BROKEN: [(&str, Start); 2] = [("an error", NONE), ("no inotify", deaf)];

    #[test]
    #[ignore = "slow: make test-slow"]
    fn the_polls_alone_are_in_time_where_inotify_fails() {
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
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join("mona.json"), text("b")).unwrap();
        symlink(elsewhere.path().join("mona.json"), folder.path().join("link")).unwrap();
        fs::rename(folder.path().join("link"), &path).unwrap();
        running.wait_for_user(what, "b");
    }

    /// Whether a number is open in a child that was forked just now.
    fn is_open_in_child(number: i32) -> bool {
        // SAFETY: the child only probes a descriptor and leaves by _exit.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: asks for flags of a number; no memory is touched.
            let is_open = unsafe { libc::fcntl(number, libc::F_GETFD) != -1 };
            // SAFETY: ends the child without running the harness's exit handlers.
            unsafe { libc::_exit(i32::from(is_open)) };
        }
        let mut status = 0;
        // SAFETY: waits for the child made above; `status` is a live int.
        unsafe { libc::waitpid(child, &raw mut status, 0) };
        status != 0
    }

    #[test]
    fn a_child_has_not_the_descriptor() {
        let folder = tempfile::tempdir().unwrap();
        let mut notices = Notices::new(START);
        notices.follow(&folder.path().join("mona.json"));
        assert!(!is_open_in_child(notices.descriptor().unwrap()));
    }

    /// Waits for a notification of this change.
    fn is_noticed(notices: &mut Notices, path: &Path, words: &str) -> bool {
        notices.take();
        fs::write(path, words).unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        while !notices.take() {
            if Instant::now() > deadline {
                return false;
            }
            thread::sleep(Duration::from_millis(1));
        }
        true
    }

    #[test]
    fn one_that_the_host_took_is_replaced_and_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mona.json");
        let mut notices = Notices::new(START);
        notices.follow(&path);
        assert!(is_noticed(&mut notices, &path, "a"));
        let number = notices.descriptor().unwrap();
        let (mut ours, mut peer) = UnixStream::pair().unwrap();
        peer.write_all(b"mine").unwrap();
        // SAFETY: replaces a number that this test owns.
        unsafe { libc::dup2(ours.as_raw_fd(), number) };
        assert!(!notices.take() && notices.descriptor().is_none());
        notices.follow(&path);
        assert_ne!(notices.descriptor().unwrap(), number);
        assert!(is_noticed(&mut notices, &path, "b"));
        let mut seen = [0; 4];
        ours.read_exact(&mut seen).unwrap();
        // SAFETY: closes what this test put there.
        assert_eq!(unsafe { libc::close(number) }, 0, "nobody closed it");
    }

    #[test]
    fn an_inotify_of_the_host_is_told_from_ours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mona.json");
        let mut notices = Notices::new(START);
        notices.follow(&path);
        let number = notices.descriptor().unwrap();
        let theirs = Inotify::init().unwrap();
        // SAFETY: replaces a number that this test owns.
        unsafe { libc::dup2(theirs.as_raw_fd(), number) };
        assert!(notices.descriptor().is_none());
        drop(notices);
        // SAFETY: closes what this test put there.
        assert_eq!(unsafe { libc::close(number) }, 0, "nobody closed it");
    }

    #[test]
    fn a_read_of_a_busy_directory_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mona.json");
        let mut notices = Notices::new(START);
        notices.follow(&path);
        (0..20_000).for_each(|number| fs::write(&path, [number as u8]).unwrap());
        assert!(notices.take());
        assert!(is_noticed(&mut notices, &path, "more"));
    }
}
