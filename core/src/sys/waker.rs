//! Wakes the sender thread out of its wait on sockets.
//!
//! A wake-up costs the caller several microseconds, so it is written only while the sender really
//! sleeps. The sender announces its sleep first and looks for work once more after that, so a wake-up
//! cannot be missed.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use crate::sys::descriptor::RawFd;
use crate::sys::wake_pair::WakePair;

/// Nobody waits.
const AWAKE: u8 = 0;
/// Who sleeps knows that something waits, and sleeps until it can do something about that.
const TOLD: u8 = 1;
/// Who sleeps is to hear of everything.
const ASLEEP: u8 = 2;

/// A pair of connected sockets and a word that says whether anybody waits on them. Where the process has
/// no descriptor left there are none, and the sender's own time-outs have to do.
#[derive(Debug, Default)]
pub(crate) struct Waker {
    sleep: AtomicU8,
    /// It sleeps for so long that the next event must end it.
    idle: AtomicBool,
    pair: WakePair,
}

impl Waker {
    /// One with its sockets.
    pub(crate) fn new() -> Waker {
        let waker = Waker::default();
        waker.renew();
        waker
    }

    /// Makes the sockets where there are none, or the host took them away. To be called by whoever sleeps, before the
    /// sleep is announced.
    pub(crate) fn renew(&self) {
        self.pair.renew();
    }

    /// Ends the sender's sleep, if it sleeps.
    pub(crate) fn wake(&self) {
        if self.sleep.swap(AWAKE, Ordering::SeqCst) != AWAKE {
            self.pair.ring();
        }
    }

    /// Ends the sender's sleep, if it is a long one.
    pub(crate) fn wake_idle(&self) {
        if self.idle.load(Ordering::SeqCst) {
            self.wake();
        }
    }

    /// Ends the sender's sleep, if it sleeps and does not know that something waits.
    pub(crate) fn wake_untold(&self) {
        if self.sleep.compare_exchange(ASLEEP, AWAKE, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            self.pair.ring();
        }
    }

    /// Announces of the sleep of the caller that something waits that it can do nothing about: more of the same is no
    /// news.
    pub(crate) fn announce_told(&self) {
        // Who woke it meanwhile stays heard.
        let _ = self.sleep.compare_exchange(ASLEEP, TOLD, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// Announces that the sleep of the caller will be a long one.
    pub(crate) fn announce_idle(&self) {
        self.idle.store(true, Ordering::SeqCst);
    }

    /// Takes that back.
    pub(crate) fn end_idle(&self) {
        self.idle.store(false, Ordering::SeqCst);
    }

    /// Announces that the caller is about to wait on [`Waker::descriptor`].
    pub(crate) fn announce_sleep(&self) {
        self.sleep.store(ASLEEP, Ordering::SeqCst);
    }

    /// Takes the announcements back and forgets wake-ups that came.
    pub(crate) fn awake(&self) {
        self.sleep.store(AWAKE, Ordering::SeqCst);
        self.end_idle();
        self.pair.forget();
    }

    /// What becomes readable when somebody wakes.
    pub(crate) fn descriptor(&self) -> Option<RawFd> {
        self.pair.descriptor()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::poll::is_readable_within;
    use std::time::Duration;

    #[test]
    fn only_a_sleeper_is_woken_and_none_is_missed() {
        let waker = Waker::new();
        let descriptor = waker.descriptor().unwrap();
        waker.wake();
        waker.announce_sleep();
        waker.wake();
        assert!(is_readable_within(descriptor, Duration::from_secs(60)));
        waker.awake();
        assert!(!is_readable_within(descriptor, Duration::from_millis(30)));
    }

    #[test]
    fn who_knows_is_not_told_again_and_woken_all_the_same() {
        let waker = Waker::new();
        let is_woken = || is_readable_within(waker.descriptor().unwrap(), Duration::from_millis(30));
        waker.announce_sleep();
        waker.announce_told();
        waker.wake_untold();
        assert!(!is_woken());
        waker.wake();
        assert!(is_woken());
        waker.awake();
        waker.announce_sleep();
        waker.wake_untold();
        assert!(is_woken(), "it is to be told once more");
    }
}
