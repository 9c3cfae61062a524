//! Children of every kind, which find nothing of the parent's and close what they inherited.

use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;

use super::*;
use crate::sys::identity::Identity;

#[test]
fn a_value_is_made_once() {
    let cell = ForkLocal::new();
    assert!(cell.existing().is_none());
    assert_eq!(*cell.get(|| 7), 7);
    assert_eq!(*cell.get(|| 8), 7);
}

type Fork = fn() -> libc::pid_t;

const FORKS: [Fork; 2] = [by_fork, by_clone];

fn by_fork() -> libc::pid_t {
    // SAFETY: the child only reads memory, probes descriptors and leaves by _exit.
    unsafe { libc::fork() }
}

/// Runs no handler.
#[cfg(target_os = "linux")]
fn by_clone() -> libc::pid_t {
    // SAFETY: as in `by_fork`; without a stack of its own the child goes on with a copy of this one.
    let child = unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) };
    child as libc::pid_t
}

#[cfg(not(target_os = "linux"))]
fn by_clone() -> libc::pid_t {
    by_fork()
}

/// Whether `check` holds in a child.
fn in_a_child(fork: Fork, check: impl FnOnce() -> bool) -> bool {
    let child = fork();
    if child == 0 {
        let holds = check();
        // SAFETY: ends the child without running the harness's exit handlers.
        unsafe { libc::_exit(i32::from(!holds)) };
    }
    let mut status = 0;
    // SAFETY: waits for the child made above; `status` is a live int.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    status == 0
}

fn is_open(number: i32) -> bool {
    // SAFETY: asks for flags of a number; no memory is touched.
    unsafe { libc::fcntl(number, libc::F_GETFD) != -1 }
}

/// Set in the process that runs one test and has no other threads.
const ALONE: &str = "MONA_TEST_ALONE";

/// Runs the test `name` in a process of its own: a child that allocates must not be made while another thread does,
/// as no handler of the C library opens the allocator's locks for it.
fn alone(name: &str, test: impl FnOnce()) {
    if std::env::var_os(ALONE).is_some() {
        return test();
    }
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--test-threads", "1"]).env(ALONE, "1");
    let finished = command.output().unwrap();
    let told = String::from_utf8_lossy(&finished.stdout);
    assert!(finished.status.success() && told.contains("1 passed"), "{told}");
}

#[test]
fn a_child_makes_its_own_value_and_closes_listed_descriptors() {
    alone("sys::fork::tests::a_child_makes_its_own_value_and_closes_listed_descriptors", || {
        let cell = ForkLocal::new();
        cell.get(|| 1);
        for fork in FORKS {
            let (left, right) = UnixStream::pair().unwrap();
            let number = left.as_raw_fd();
            let listed = ClosedInChild::new(number, Identity::of(number));
            assert!(in_a_child(fork, || {
                let is_fresh = cell.existing().is_none() && *cell.get(|| 2) == 2;
                is_fresh && !is_open(number)
            }));
            assert_eq!(*cell.get(|| 3), 1);
            drop((listed, left, right));
        }
    });
}

#[test]
fn a_child_leaves_a_number_that_the_host_uses() {
    install();
    for fork in FORKS {
        let (left, right) = UnixStream::pair().unwrap();
        // Listed for what stands at another number.
        let listed = ClosedInChild::new(left.as_raw_fd(), Identity::of(right.as_raw_fd()));
        assert!(in_a_child(fork, || settled() != 0 && is_open(left.as_raw_fd())));
        drop((listed, left, right));
    }
}

#[test]
fn generations_never_come_twice() {
    let before = settled();
    for fork in FORKS {
        assert!(in_a_child(fork, || {
            let child = settled();
            let is_new = in_a_child(by_clone, || settled() > child && settled() > before);
            child > before && is_new
        }));
    }
    assert_eq!(settled(), before);
}
