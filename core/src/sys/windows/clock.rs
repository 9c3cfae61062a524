//! Wall-clock time for events: Windows' precise clock, which is read from shared memory.

/// How precise the time of a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    Seconds,
    Milliseconds,
    Nanoseconds,
}

const SECOND: i64 = 1_000_000_000;
const MILLISECOND: i64 = 1_000_000;

/// Whole seconds since the Unix epoch.
pub(crate) fn unix_seconds() -> i64 {
    now() / SECOND
}

/// Nanoseconds since the Unix epoch, cut to the precision.
pub(crate) fn unix_nanoseconds(precision: Precision) -> i64 {
    let now = now();
    match precision {
        Precision::Seconds => now - now.rem_euclid(SECOND),
        Precision::Milliseconds => now - now.rem_euclid(MILLISECOND),
        Precision::Nanoseconds => now,
    }
}

/// Nanoseconds since the Unix epoch, in steps of 100.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |elapsed| i64::try_from(elapsed.as_nanos()).unwrap_or(i64::MAX))
}
