//! The two clocks of the library: whole wall-clock seconds for event times, monotonic time for waits.
//!
//! Every export reads the wall clock once, so it takes the coarse one (a read of shared memory that
//! the kernel updates at each tick, about 6 ns) where the system has it. Nothing waits on it.

/// Whole seconds since the Unix epoch.
#[inline(always)]
#[cfg(target_os = "linux")]
pub(crate) fn unix_seconds() -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live timespec, which the call fills in.
    let answer = unsafe { libc::clock_gettime(libc::CLOCK_REALTIME_COARSE, &raw mut time) };
    if answer == 0 { time.tv_sec } else { precise_unix_seconds() }
}

/// Whole seconds since the Unix epoch.
#[cfg(not(target_os = "linux"))]
pub(crate) fn unix_seconds() -> i64 {
    precise_unix_seconds()
}

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
