//! The times of a record, in nanoseconds since the Unix epoch as OTLP counts them.

use crate::encode::msgpack::{self, Head};

const NANOSECONDS: u64 = 1_000_000_000;

/// The time of an entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) seconds: i64,
    pub(super) nanoseconds: u32,
}

impl Moment {
    /// The time at the start of an entry `[time, record]`, and the record with what follows it.
    #[inline(always)]
    pub(super) fn of_entry(entries: &[u8]) -> Option<(Moment, &[u8])> {
        match entries {
            // As this library writes it: whole seconds, or EventTime of Forward.
            [0x92, 0xce, a, b, c, d, record @ ..] => {
                let seconds = u32::from_be_bytes([*a, *b, *c, *d]).into();
                Some((Moment { seconds, nanoseconds: 0 }, record))
            }
            [0x92, 0xd7, 0, a, b, c, d, e, f, g, h, record @ ..] => {
                let seconds = u32::from_be_bytes([*a, *b, *c, *d]).into();
                let nanoseconds = u32::from_be_bytes([*e, *f, *g, *h]);
                Some((Moment { seconds, nanoseconds }, record))
            }
            _ => Moment::of_another_age(entries),
        }
    }

    #[cold]
    fn of_another_age(entries: &[u8]) -> Option<(Moment, &[u8])> {
        let (Head::Array(2), rest) = msgpack::read(entries)? else { return None };
        let (seconds, record) = match msgpack::read(rest)? {
            (Head::Int(time), record) => (time, record),
            (Head::Uint(time), record) => (i64::try_from(time).ok()?, record),
            _ => return None,
        };
        Some((Moment { seconds, nanoseconds: 0 }, record))
    }

    /// In nanoseconds; `None` for what 64 bits without a sign cannot hold, before 1970 and after 2554, and for 0, which is
    /// a time that is not known.
    #[inline(always)]
    pub(super) fn unix_nano(self) -> Option<u64> {
        let seconds = u64::try_from(self.seconds).ok()?;
        let nanoseconds = seconds.checked_mul(NANOSECONDS)?.checked_add(self.nanoseconds.into())?;
        (nanoseconds != 0).then_some(nanoseconds)
    }

    /// Whether OTLP can say it: it has 32 bits without a sign, and is no time that is not known.
    #[inline(always)]
    pub(super) fn is_usual(self) -> bool {
        u32::try_from(self.seconds).is_ok_and(|seconds| seconds > 0)
    }

    /// When something happened that was sent with a `stamp` of whole seconds, at this moment: the stamp, with the
    /// fraction where it is that of now.
    #[inline(always)]
    pub(super) fn stamped(self, stamp: i64) -> Moment {
        if stamp == self.seconds { self } else { Moment { seconds: stamp, nanoseconds: 0 } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_entrys_time() {
        let of = |bytes: &[u8]| Moment::of_entry(bytes).map(|(moment, rest)| (moment, rest.len()));
        let at = |seconds, nanoseconds| Some((Moment { seconds, nanoseconds }, 1));
        assert_eq!(of(&[0x92, 0xce, 0, 1, 0, 0, 9]), at(65_536, 0));
        assert_eq!(of(&[0x92, 0xd7, 0, 0, 0, 0, 5, 0, 0, 0, 7, 9]), at(5, 7));
        assert_eq!(of(&[0x92, 5, 9]), at(5, 0));
        assert_eq!(of(&[0x92, 0xff, 9]), at(-1, 0));
        for wrong in
            [&[0x93, 5, 9][..], &[0x92, 0xc0, 9], &[0x92], &[0x92, 0xd7, 1, 0, 0, 0, 5, 0, 0, 0, 7, 9]]
        {
            assert_eq!(of(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_stamp_of_now_has_its_fraction() {
        let now = Moment { seconds: 5, nanoseconds: 7 };
        assert_eq!(now.stamped(5).unix_nano(), Some(5_000_000_007));
        assert_eq!(now.stamped(4).unix_nano(), Some(4_000_000_000));
        assert_eq!(now.stamped(-4).unix_nano(), None);
        assert_eq!(now.stamped(18_446_744_073).unix_nano(), Some(18_446_744_073_000_000_000));
        assert_eq!(now.stamped(18_446_744_074).unix_nano(), None);
    }
}
