//! How old a connection gets.

use std::time::{Duration, Instant};

use crate::sys::id;

/// Age at which a connection is replaced, so that load balancers and moved names take effect.
const MOST_AGE: Duration = Duration::from_secs(300);

/// A fifth either way, so that a fleet does not reconnect at once.
const JITTER: f64 = 0.2;

/// When a connection that is opened now is old.
pub(super) fn old_at() -> Instant {
    Instant::now() + MOST_AGE.mul_f64(1.0 + JITTER * (2.0 * id::random_fraction() - 1.0))
}
