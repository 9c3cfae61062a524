//! How far the clock of this machine is from the server's, as far as the `Date` of one answer tells.

use std::time::{Duration, SystemTime};

use crate::transport::Steps;

/// Half of what a `Date` leaves open: it is cut to the second.
const HALF_SECOND: Duration = Duration::from_millis(500);

/// One request, by the clock of this machine.
pub(super) struct Clock {
    began: SystemTime,
    /// Milliseconds that this machine is ahead, and by how many that may be wrong.
    skew: Option<(i64, i64)>,
}

impl Clock {
    pub(super) fn start() -> Clock {
        Clock { began: SystemTime::now(), skew: None }
    }

    /// The answer is there, with this date.
    pub(super) fn stop(&mut self, date: Option<SystemTime>) {
        self.skew = date.and_then(|date| skew(self.began, SystemTime::now(), date));
    }

    /// Notes what was found at the last step.
    pub(super) fn report(&self, steps: &Steps) {
        if let Some((skew, uncertainty)) = self.skew {
            steps.note("skew_ms", skew.into());
            steps.note("skew_uncertainty_ms", uncertainty.into());
        }
    }
}

/// The server made its answer somewhen between the two moments, and in the second that begins with `date`.
fn skew(began: SystemTime, ended: SystemTime, date: SystemTime) -> Option<(i64, i64)> {
    let half = ended.duration_since(began).ok()? / 2;
    let (here, there) = (began + half, date.checked_add(HALF_SECOND)?);
    let milliseconds = |time: Duration| i64::try_from(time.as_millis()).ok();
    let skew = match here.duration_since(there) {
        Ok(ahead) => milliseconds(ahead)?,
        Err(behind) => -milliseconds(behind.duration())?,
    };
    Some((skew, milliseconds(half + HALF_SECOND)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_the_request_is_held_against_the_middle_of_the_second() {
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let at = |milliseconds: i64| {
            let distance = Duration::from_millis(milliseconds.unsigned_abs());
            if milliseconds < 0 { date - distance } else { date + distance }
        };
        assert_eq!(skew(at(400), at(600), date), Some((0, 600)));
        assert_eq!(skew(at(60_500), at(60_500), date), Some((60_000, 500)));
        assert_eq!(skew(at(-3_599_500), at(-3_599_500), date), Some((-3_600_000, 500)));
        // A clock that was set back in between says nothing.
        assert_eq!(skew(at(600), at(400), date), None);
    }
}
