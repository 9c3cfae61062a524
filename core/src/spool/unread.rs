//! What cannot be read just now, as a sector that the disk gives up: it stays where it is, what is behind it goes on, and
//! it is tried again after pauses that grow.

use std::io;
use std::time::{Duration, Instant};

use super::cursor::Cursor;
use super::format::SEGMENT_HEADER;

/// How long younger records wait for what cannot be read: a shortage is over by then, and a disk that is broken must not
/// keep everything from being sent.
const PATIENCE: Duration = Duration::from_secs(10);

/// After so long without an error the next one is waited for once more.
const FORGOTTEN: Duration = Duration::from_secs(60);

/// The first pause, behind one attempt at the next look, and the longest: a disk may take seconds to say that it does not
/// read, and the thread that asks it has to write.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// Since when the next record cannot be read.
#[derive(Debug)]
pub(super) struct Stuck {
    since: Instant,
    last: Instant,
}

impl Stuck {
    /// It could not be read once more.
    pub(super) fn again(before: Option<Stuck>, now: Instant) -> Stuck {
        let is_recent = |before: &Stuck| now.saturating_duration_since(before.last) < FORGOTTEN;
        Stuck { since: before.filter(is_recent).map_or(now, |before| before.since), last: now }
    }

    /// Whether younger ones have waited long enough.
    pub(super) fn is_over(&self) -> bool {
        self.last.saturating_duration_since(self.since) >= PATIENCE
    }

    #[cfg(test)]
    pub(super) fn began_before(&mut self) {
        self.since = self.since.checked_sub(PATIENCE).unwrap_or(self.since);
    }
}

/// When there is another attempt: at the next look, then after pauses that double.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pause {
    wait: Option<Duration>,
    until: Option<Instant>,
}

impl Pause {
    pub(super) fn begin(&mut self, now: Instant) {
        let wait = match self.wait {
            None => Duration::ZERO,
            Some(last) => (last * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE),
        };
        (self.wait, self.until) = (Some(wait), now.checked_add(wait));
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| until <= now)
    }

    #[cfg(test)]
    pub(super) fn is_over_now(&mut self) {
        self.until = None;
    }
}

/// Where reading left a segment before its end, and what it has not come to there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left {
    pub(super) at: u32,
    pub(super) records: u32,
    pub(super) events: u32,
    pub(super) body: u32,
    /// It is to be read, as far as anybody knows.
    pub(super) is_due: bool,
    pub(super) pause: Pause,
}

impl Left {
    /// A segment of which nothing was read.
    pub(super) fn all_of(records: u32, events: u32, body: u32) -> Left {
        Left { at: SEGMENT_HEADER, records, events, body, is_due: true, pause: Pause::default() }
    }

    /// The same with what a cursor in it has not come to, if there is one.
    pub(super) fn behind(self, cursor: Option<&Cursor>) -> Left {
        let Some(cursor) = cursor else { return self };
        let Cursor { records, events, body, .. } = *cursor;
        Left { at: cursor.scan.at(), records, events, body, ..self }
    }

    /// It cannot be read: later.
    pub(super) fn put_off(mut self) -> Left {
        self.is_due = false;
        self.pause.begin(Instant::now());
        self
    }
}

/// Segments that a dead process left and that could not be read, for the time being.
#[derive(Debug, Default)]
pub(super) struct Deferred {
    /// Numbers and lengths, the oldest first.
    segments: Vec<(u32, u32)>,
    /// Written by a later version: whether they are damaged is for that to say.
    foreign: Vec<(u32, u32)>,
    pub(super) pause: Pause,
    /// Why the first of the last round could not be read.
    pub(super) why: Option<io::Error>,
}

impl Deferred {
    pub(super) fn len(&self) -> usize {
        self.segments.len() + self.foreign.len()
    }

    pub(super) fn add(&mut self, segment: (u32, u32), error: io::Error) {
        let to = if is_foreign(&error) { &mut self.foreign } else { &mut self.segments };
        to.insert(to.partition_point(|known| *known < segment), segment);
        self.why.get_or_insert(error);
    }

    /// All of them, to be tried again, unless it is too early.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<(u32, u32)> {
        if !self.pause.is_over(now) {
            return Vec::new();
        }
        self.why = None;
        let mut all = std::mem::take(&mut self.segments);
        all.append(&mut self.foreign);
        all.sort_unstable();
        all
    }

    /// The oldest one that room can be made of.
    pub(super) fn oldest(&self) -> Option<(u32, u32)> {
        self.segments.first().copied()
    }

    pub(super) fn remove(&mut self, segment: (u32, u32)) {
        self.segments.retain(|known| *known != segment);
    }
}

/// Directories of which all is done but what cannot be read.
#[derive(Debug, Default)]
pub(super) struct Resting {
    instances: Vec<(u128, Pause)>,
    /// What was said last of what cannot be read.
    pub(super) text: Option<String>,
}

impl Resting {
    pub(super) fn add(&mut self, uuid: u128, pause: Pause) {
        self.instances.push((uuid, pause));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    /// Whether it is too early for this one.
    pub(super) fn has(&self, uuid: u128, now: Instant) -> bool {
        self.instances.iter().any(|(known, pause)| *known == uuid && !pause.is_over(now))
    }

    /// The pause it had, if any.
    pub(super) fn take(&mut self, uuid: u128) -> Pause {
        let at = self.instances.iter().position(|(known, _)| *known == uuid);
        at.map(|at| self.instances.swap_remove(at).1).unwrap_or_default()
    }

    /// Forgets those that are not there any more.
    pub(super) fn keep(&mut self, is_there: impl Fn(u128) -> bool) {
        self.instances.retain(|(uuid, _)| is_there(*uuid));
    }

    #[cfg(test)]
    pub(super) fn pauses_are_over(&mut self) {
        self.instances.iter_mut().for_each(|(_, pause)| pause.is_over_now());
    }
}

/// Whether a later version wrote it.
fn is_foreign(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_an_attempt_at_the_next_look_and_then_after_pauses_that_double() {
        let start = Instant::now();
        let mut pause = Pause::default();
        assert!(pause.is_over(start));
        let waits = [0, 10, 20, 40, 80, 160, 320, 600, 600].map(Duration::from_secs);
        for wait in waits {
            pause.begin(start);
            assert!(pause.is_over(start + wait));
            assert!(wait.is_zero() || !pause.is_over(start + wait - Duration::from_millis(1)));
        }
    }

    #[test]
    fn patience_is_with_errors_that_come_one_after_the_other() {
        let start = Instant::now();
        let again = |before, seconds| Stuck::again(before, start + Duration::from_secs(seconds));
        let stuck = again(Some(again(None, 0)), 9);
        assert!(!stuck.is_over());
        let stuck = again(Some(stuck), 10);
        assert!(stuck.is_over());
        assert!(!again(Some(stuck), 80).is_over());
    }
}
