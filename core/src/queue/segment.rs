//! A run of encoded entries from one thread, in the order of its calls.

use super::budget::Charge;
use crate::encode::Buffer;
use crate::encode::msgpack::{AppendSlice as _, value_len};

#[derive(Debug)]
pub(crate) struct Segment {
    bytes: Buffer,
    start: usize,
    events: usize,
    sequence: u64,
}

impl Segment {
    pub(crate) fn new(bytes: Buffer, events: usize, sequence: u64) -> Segment {
        Segment { bytes, start: 0, events, sequence }
    }

    /// The place of this segment in the order of the queue.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The entries, one after the other.
    pub(crate) fn entries(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    pub(crate) fn charge(&self) -> Charge {
        Charge { events: self.events, bytes: self.bytes.len().saturating_sub(self.start) }
    }

    /// The buffer and where the entries begin in it.
    pub(crate) fn into_buffer(self) -> (Buffer, usize) {
        (self.bytes, self.start)
    }

    /// Moves past the oldest entries until `enough` says so of what was passed, or none is left.
    pub(crate) fn drop_until(&mut self, enough: impl Fn(Charge) -> bool) -> Charge {
        self.pass_while(|passed, _| !enough(passed))
    }

    /// Splits off as many of the oldest entries as fit `most`, at least one, into `buffer`.
    pub(crate) fn split_front(&mut self, most: Charge, mut buffer: Buffer) -> Segment {
        let from = self.start;
        let passed = self.pass_while(|passed, next| passed.events == 0 || most.covers(passed + next));
        buffer.append_slice(self.bytes.get(from..from + passed.bytes).unwrap_or_default());
        Segment::new(buffer, passed.events, self.sequence)
    }

    /// Moves past entries while `go_on` agrees, which sees what was passed and what the next one is.
    fn pass_while(&mut self, go_on: impl Fn(Charge, Charge) -> bool) -> Charge {
        let mut passed = Charge::default();
        while self.events > 0 {
            let length = value_len(self.entries()).unwrap_or(self.entries().len());
            let next = Charge { events: 1, bytes: length };
            if !go_on(passed, next) {
                break;
            }
            passed += next;
            self.start += length;
            self.events -= 1;
        }
        passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three entries of one, three and two bytes: 1, "ab", "c".
    fn segment() -> Segment {
        Segment::new(vec![1, 0xa2, b'a', b'b', 0xa1, b'c'].into(), 3, 9)
    }

    #[test]
    fn the_oldest_entries_go_first_and_are_counted() {
        let mut segment = segment();
        let passed = segment.drop_until(|passed| passed.bytes >= 2);
        assert_eq!(passed, Charge { events: 2, bytes: 4 });
        assert_eq!(segment.entries(), [0xa1, b'c']);
        assert_eq!(segment.charge(), Charge { events: 1, bytes: 2 });
        assert_eq!(segment.drop_until(|_| false), Charge { events: 1, bytes: 2 });
        assert_eq!(segment.charge(), Charge::default());
        assert_eq!(segment.drop_until(|_| false), Charge::default());
    }

    #[test]
    fn a_split_never_goes_over_what_fits_but_always_advances() {
        let mut rest = segment();
        let front = rest.split_front(Charge { events: 9, bytes: 5 }, Buffer::default());
        assert_eq!(front.entries(), [1, 0xa2, b'a', b'b']);
        assert_eq!(front.charge(), Charge { events: 2, bytes: 4 });
        assert_eq!(front.sequence(), 9);
        let front = rest.split_front(Charge { events: 9, bytes: 1 }, Buffer::default());
        assert_eq!(front.entries(), [0xa1, b'c']);
        assert_eq!(rest.charge(), Charge::default());
    }
}
