//! A moment to the nanosecond, and how it stands in front of an entry.
//!
//! The published Forward protocol calls it EventTime: an extension of type 0 with seconds and nanoseconds since the
//! Unix epoch, of 32 bits each.

use crate::encode::msgpack::{self, Head};

/// Nanoseconds of a second.
pub(crate) const SECOND: i64 = 1_000_000_000;

/// Nanoseconds of a millisecond.
pub(crate) const MILLISECOND: u32 = 1_000_000;

/// A moment since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) seconds: i64,
    /// Below a thousand million.
    pub(crate) nanoseconds: u32,
    /// It was said in whole seconds.
    pub(crate) is_whole: bool,
}

impl Moment {
    /// One without a fraction.
    pub(crate) fn whole(seconds: i64) -> Moment {
        Moment { seconds, nanoseconds: 0, is_whole: true }
    }

    /// The one at this many nanoseconds.
    pub(crate) fn at(nanoseconds: i64) -> Moment {
        let rest = nanoseconds.rem_euclid(SECOND);
        Moment {
            seconds: nanoseconds.div_euclid(SECOND),
            // Below a second, which has 30 bits.
            nanoseconds: rest as u32,
            is_whole: false,
        }
    }

    /// Seconds and nanoseconds of an EventTime; none before 1970 and after 2106.
    pub(crate) fn as_event_time(self) -> Option<[u8; 8]> {
        let seconds = u32::try_from(self.seconds).ok()?;
        Some((u64::from(seconds) << 32 | u64::from(self.nanoseconds)).to_be_bytes())
    }

    /// All of it in nanoseconds; none beyond the years 1678 to 2262.
    pub(crate) fn in_nanoseconds(self) -> Option<i64> {
        self.seconds.checked_mul(SECOND)?.checked_add(self.nanoseconds.into())
    }

    /// The time at the start of some bytes, and what follows it.
    pub(crate) fn read(bytes: &[u8]) -> Option<(Moment, &[u8])> {
        if let Some(rest) = bytes.strip_prefix(&msgpack::EVENT_TIME) {
            let ([a, b, c, d, e, f, g, h], rest) = rest.split_first_chunk::<8>()?;
            let seconds = i64::from(u32::from_be_bytes([*a, *b, *c, *d]));
            let nanoseconds = u32::from_be_bytes([*e, *f, *g, *h]);
            return Some((Moment { seconds, nanoseconds, is_whole: false }, rest));
        }
        match msgpack::read(bytes)? {
            (Head::Int(seconds), rest) => Some((Moment::whole(seconds), rest)),
            (Head::Uint(seconds), rest) => Some((Moment::whole(i64::try_from(seconds).ok()?), rest)),
            _ => None,
        }
    }

    /// When an event happened whose record says `export_timestamp`, and which was exported now: a time that its sender
    /// gave has no fraction.
    pub(crate) fn of_event(self, export_timestamp: i64) -> Moment {
        if export_timestamp == self.seconds { self } else { Moment::whole(export_timestamp) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_time_reads_back_as_it_was() {
        for nanoseconds in [0, 1, 999_999_999, SECOND, 1_700_000_000 * SECOND + 250, (1 << 32) * SECOND - 1] {
            let moment = Moment::at(nanoseconds);
            assert_eq!(moment.in_nanoseconds(), Some(nanoseconds));
            let mut bytes = msgpack::EVENT_TIME.to_vec();
            bytes.extend(moment.as_event_time().unwrap());
            bytes.push(7);
            assert_eq!(Moment::read(&bytes), Some((moment, &[7][..])));
            assert_eq!(Moment::read(&bytes[..9]), None);
        }
        for nanoseconds in [-1, -SECOND, (1 << 32) * SECOND] {
            assert_eq!(Moment::at(nanoseconds).as_event_time(), None);
            assert_eq!(Moment::at(nanoseconds).in_nanoseconds(), Some(nanoseconds));
        }
        assert_eq!(Moment::whole(i64::MAX).in_nanoseconds(), None);
    }

    #[test]
    fn whole_seconds_are_a_time_too_and_nothing_else_is() {
        assert_eq!(Moment::read(&[5, 1]), Some((Moment::whole(5), &[1][..])));
        assert_eq!(Moment::read(&[0xff]), Some((Moment::whole(-1), &[][..])));
        for other in [&[][..], &[0xc0], &[0xa1, b'x'], &[0xd7, 1, 0, 0, 0, 0, 0, 0, 0, 0]] {
            assert_eq!(Moment::read(other), None);
        }
    }

    #[test]
    fn a_given_time_has_no_fraction() {
        let now = Moment::at(7 * SECOND + 5);
        assert_eq!(now.of_event(7), now);
        assert_eq!(now.of_event(6), Moment::whole(6));
    }
}
