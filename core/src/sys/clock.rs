//! The two clocks of the library: wall-clock time for events, in whole seconds or as `time_precision` asks for it, and
//! monotonic time for waits.
//!
//! Every export reads the wall clock once, so it takes the coarse one (a read of shared memory that
//! the kernel updates at each tick, about 6 ns) where the system has it. Nothing waits on it.

/// Whole seconds since the Unix epoch.
#[inline(always)]
#[cfg(target_os = "linux")]
pub(crate) fn unix_seconds() -> i64 {
    let mut time = std::mem::MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: the pointer is to room for a timespec.
    let answer = unsafe { libc::clock_gettime(libc::CLOCK_REALTIME_COARSE, time.as_mut_ptr()) };
    if answer != 0 {
        return precise_unix_seconds();
    }
    // SAFETY: a call that succeeds has filled it in.
    unsafe { time.assume_init() }.tv_sec
}

/// Whole seconds since the Unix epoch.
#[cfg(not(target_os = "linux"))]
pub(crate) fn unix_seconds() -> i64 {
    precise_unix_seconds()
}

/// How precise the time of a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    Seconds,
    Milliseconds,
    Nanoseconds,
}

const MILLISECOND: i64 = 1_000_000;

/// Nanoseconds since the Unix epoch, cut to the precision.
pub(crate) fn unix_nanoseconds(precision: Precision) -> i64 {
    match precision {
        Precision::Seconds => unix_seconds().saturating_mul(1_000_000_000),
        Precision::Milliseconds => {
            let now = if is_coarse_enough() { read(COARSE) } else { fine() };
            now - now.rem_euclid(MILLISECOND)
        }
        Precision::Nanoseconds => fine(),
    }
}

fn fine() -> i64 {
    read(libc::CLOCK_REALTIME)
}

#[cfg(target_os = "linux")]
const COARSE: libc::clockid_t = libc::CLOCK_REALTIME_COARSE;
#[cfg(not(target_os = "linux"))]
const COARSE: libc::clockid_t = libc::CLOCK_REALTIME;

/// Whether the coarse clock has steps of a millisecond at most: that is a tick of the kernel, which is 1, 3.3, 4 or 10 ms.
fn is_coarse_enough() -> bool {
    use std::sync::atomic::{AtomicU8, Ordering};
    const NO: u8 = 1;
    const YES: u8 = 2;
    static ANSWER: AtomicU8 = AtomicU8::new(0);
    match ANSWER.load(Ordering::Relaxed) {
        0 => {
            let mut step = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            // SAFETY: the pointer is to a timespec.
            let answer = unsafe { libc::clock_getres(COARSE, &raw mut step) };
            let is_enough = answer == 0 && nanoseconds(&step) <= MILLISECOND;
            ANSWER.store(if is_enough { YES } else { NO }, Ordering::Relaxed);
            is_enough
        }
        answer => answer == YES,
    }
}

fn read(clock: libc::clockid_t) -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec.
    match unsafe { libc::clock_gettime(clock, &raw mut time) } {
        0 => nanoseconds(&time),
        _ => precise_unix_seconds().saturating_mul(1_000_000_000),
    }
}

#[allow(clippy::useless_conversion, reason = "a long has 32 bits on some systems")]
fn nanoseconds(time: &libc::timespec) -> i64 {
    let (seconds, rest) = (i64::from(time.tv_sec), i64::from(time.tv_nsec));
    // Enough up to the year 2262.
    seconds.saturating_mul(1_000_000_000).saturating_add(rest)
}

#[cold]
fn precise_unix_seconds() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |elapsed| i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_precision_is_of_the_same_clock() {
        let before = precise_unix_seconds() * 1_000_000_000;
        for precision in [Precision::Seconds, Precision::Milliseconds, Precision::Nanoseconds] {
            let now = unix_nanoseconds(precision);
            assert!((0..60_000_000_000).contains(&(now - before + 1_000_000_000)), "{precision:?}");
        }
        assert_eq!(unix_nanoseconds(Precision::Milliseconds) % MILLISECOND, 0);
        let is_cut = |_| unix_nanoseconds(Precision::Nanoseconds) % MILLISECOND == 0;
        assert!(!(0..10).all(is_cut), "the fine clock is finer than that");
    }

    #[test]
    fn coarse_and_precise_agree_to_a_second() {
        let coarse = unix_seconds();
        let precise = precise_unix_seconds();
        assert!((precise - coarse).abs() <= 1, "{coarse} against {precise}");
    }
}
