//! Which descriptors notify's loop has, so that a forked child can close them, and whether they still are what they
//! were.
//!
//! notify does not tell, and close-on-exec does not help a child that goes on without exec. Its loop is found in
//! /proc: an epoll that waits for an inotify and an eventfd under the tokens that notify gives them. A fresh loop
//! is one of those that follow nothing yet; when there is exactly one, that is it. A host with such a loop of its
//! own at that moment, or a process without a readable /proc, gives none, and the caller does without.

use std::fs;
use std::os::fd::RawFd;
use std::sync::{Mutex, MutexGuard};

use crate::sys::fork::{ClosedInChild, ForkLocal};
use crate::sys::identity::Identity;
use crate::sys::kept::{LAST_STANDARD, Placeholders};
use crate::sys::sync::lock;

/// notify's token of the inotify, then the one of its waker, as the kernel prints them.
const TOKENS: [&str; 2] = ["0", "1"];

/// The loops that were found and not ended. One of them follows nothing either while its directory does not exist.
static LOOPS: ForkLocal<Mutex<Vec<Descriptors>>> = ForkLocal::new();

/// The descriptors of one loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Descriptors {
    epoll: RawFd,
    inotify: RawFd,
    eventfd: RawFd,
}

/// The same, with a mark on each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marked {
    descriptors: Descriptors,
    identities: [Option<Identity>; 3],
}

/// A time in which no other thread of ours makes or ends a loop: two fresh ones could not be told apart.
pub(super) struct Search {
    loops: MutexGuard<'static, Vec<Descriptors>>,
    /// notify takes the lowest numbers, and so do the looks into /proc.
    _placeholders: Placeholders,
}

impl Search {
    /// To be called before a loop is made or ended.
    pub(super) fn begin() -> Search {
        Search { loops: lock(LOOPS.get(Mutex::default)), _placeholders: Placeholders::hold() }
    }

    /// The descriptors of the loop that was made since, if there is but one that it can be. The caller makes sure
    /// that it still runs after this call: then it was among those that were looked at.
    pub(super) fn only_one(&self) -> Option<Descriptors> {
        let mut found = every_descriptor()?
            .filter_map(Descriptors::of_epoll)
            .filter(|found| !self.loops.contains(found) && found.follow_nothing());
        let only = found.next()?;
        let is_usable = only.numbers().iter().all(|number| *number > LAST_STANDARD);
        (found.next().is_none() && is_usable).then_some(only)
    }

    /// Marks what was found as ours.
    pub(super) fn take(&mut self, found: Descriptors) -> Marked {
        // Of a loop that was lost, whose numbers these may have been.
        self.loops.retain(Descriptors::are_intact);
        self.loops.push(found);
        Marked { descriptors: found, identities: found.numbers().map(Identity::with_mark) }
    }

    pub(super) fn give_back(&mut self, ended: &Marked) {
        self.loops.retain(|taken| *taken != ended.descriptors);
    }
}

impl Marked {
    /// What a child closes of it.
    pub(super) fn inherited(&self) -> [ClosedInChild; 3] {
        let [epoll, inotify, eventfd] = self.descriptors.numbers();
        let [of_epoll, of_inotify, of_eventfd] = self.identities;
        [(epoll, of_epoll), (inotify, of_inotify), (eventfd, of_eventfd)]
            .map(|(number, identity)| ClosedInChild::new(number, identity))
    }

    /// Whether the numbers still mean something of ours: a host may close what is not its own, and use a number
    /// again. Costs a few system calls.
    pub(super) fn are_ours(&self) -> bool {
        let pairs = self.descriptors.numbers().into_iter().zip(self.identities);
        pairs.into_iter().all(|(number, identity)| identity.is_none_or(|identity| identity.is_still(number)))
    }

    /// The same, and that they are this loop: another one of ours has the same mark.
    pub(super) fn are_intact(&self) -> bool {
        let _placeholders = Placeholders::hold();
        self.are_ours() && self.descriptors.are_intact()
    }

    #[cfg(test)]
    pub(super) fn numbers(&self) -> [RawFd; 3] {
        self.descriptors.numbers()
    }
}

impl Descriptors {
    fn numbers(&self) -> [RawFd; 3] {
        [self.epoll, self.inotify, self.eventfd]
    }

    fn are_intact(&self) -> bool {
        Descriptors::of_epoll(self.epoll) == Some(*self)
    }

    fn of_epoll(epoll: RawFd) -> Option<Descriptors> {
        if !is(epoll, "anon_inode:[eventpoll]") {
            return None;
        }
        let about = about(epoll)?;
        // `tfd: <number> events: <hex> data: <hex> ...`, one line for each that is waited for.
        let mut waited_for = about.lines().filter_map(|line| {
            let mut words = line.strip_prefix("tfd:")?.split_whitespace();
            Some((words.next()?.parse::<RawFd>().ok()?, words.nth(3)?))
        });
        let pair = [waited_for.next()?, waited_for.next()?];
        let of_token = |wanted: &str| pair.iter().find(|(_, token)| *token == wanted).map(|(fd, _)| *fd);
        let [inotify, eventfd] = TOKENS.map(of_token);
        let (inotify, eventfd) = (inotify?, eventfd?);
        let is_loop = waited_for.next().is_none() && is(inotify, "anon_inode:inotify");
        (is_loop && is(eventfd, "anon_inode:[eventfd]")).then_some(Descriptors { epoll, inotify, eventfd })
    }

    fn follow_nothing(&self) -> bool {
        about(self.inotify).is_some_and(|about| !about.lines().any(|line| line.starts_with("inotify wd:")))
    }
}

fn every_descriptor() -> Option<impl Iterator<Item = RawFd>> {
    let listed = fs::read_dir("/proc/self/fd").ok()?;
    Some(listed.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()))
}

fn is(descriptor: RawFd, kind: &str) -> bool {
    fs::read_link(format!("/proc/self/fd/{descriptor}")).is_ok_and(|link| link.as_os_str() == kind)
}

fn about(descriptor: RawFd) -> Option<String> {
    fs::read_to_string(format!("/proc/self/fdinfo/{descriptor}")).ok()
}
