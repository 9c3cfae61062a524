//! The two clocks of the library: whole wall-clock seconds for event times, monotonic time for waits.
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

#[cold]
fn precise_unix_seconds() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |elapsed| i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coarse_and_precise_agree_to_a_second() {
        let coarse = unix_seconds();
        let precise = precise_unix_seconds();
        assert!((precise - coarse).abs() <= 1, "{coarse} against {precise}");
    }
}
