//! What is known of the answers of one endpoint: whether there are any, and how late the first one is.
//!
//! Kept by [`super::upstream`], judged by [`super::silence`].

use std::time::Duration;

/// How long the first ack of a connection may take before another endpoint is tried: longer than a collector that
/// is well needs for anything, handing the events on included, and a tenth of the usual time-out.
const FIRST_ACK: Duration = Duration::from_secs(3);

/// Longest such wait: what takes longer is the business of `ack_timeout_ms`.
const MOST_PATIENCE: Duration = Duration::from_secs(60);

/// What is known of the answers of one endpoint.
#[derive(Debug)]
pub(super) struct Answers {
    /// The connection that is open now was answered on.
    pub(super) is_open: bool,
    /// It was said that it was not.
    pub(super) is_told: bool,
    /// It was left for want of an answer, and gave none since.
    pub(super) is_silent: bool,
    /// How long the first answer may take.
    pub(super) patience: Duration,
    /// Ids of chunks on the open connection that are not waited for any more, and may be acknowledged yet.
    written_off: Vec<Vec<u8>>,
}

impl Answers {
    pub(super) fn new() -> Answers {
        Answers {
            is_open: false,
            is_told: false,
            is_silent: false,
            patience: FIRST_ACK,
            written_off: Vec::new(),
        }
    }

    /// The connection is gone.
    pub(super) fn forget_connection(&mut self) {
        (self.is_open, self.is_told) = (false, false);
        self.written_off.clear();
    }

    /// This chunk is not waited for any more.
    pub(super) fn write_off(&mut self, id: &[u8]) {
        self.written_off.push(id.to_vec());
    }

    /// Whether an ack is that of a chunk that is not waited for any more.
    pub(super) fn came_late(&mut self, id: &[u8]) -> bool {
        let place = self.written_off.iter().position(|late| late == id);
        if let Some(place) = place {
            self.written_off.remove(place);
            self.came(FIRST_ACK);
        }
        place.is_some()
    }

    /// An answer came, this long after it was asked for.
    pub(super) fn came(&mut self, after: Duration) {
        if !self.is_open && after < FIRST_ACK {
            self.patience = FIRST_ACK;
        }
        (self.is_open, self.is_silent) = (true, false);
    }

    /// It is left because none came.
    pub(super) fn give_up(&mut self) {
        self.is_silent = true;
        self.patience = (self.patience * 2).min(MOST_PATIENCE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_grows_with_silence_and_ends_with_a_prompt_answer() {
        let mut answers = Answers::new();
        answers.give_up();
        answers.give_up();
        assert_eq!((answers.is_silent, answers.patience), (true, 4 * FIRST_ACK));
        answers.came(3 * FIRST_ACK);
        assert_eq!((answers.is_silent, answers.patience), (false, 4 * FIRST_ACK), "it is slow");
        answers.came(Duration::ZERO);
        assert_eq!(answers.patience, 4 * FIRST_ACK, "only the first one on a connection tells");
        answers.forget_connection();
        answers.came(Duration::ZERO);
        assert_eq!(answers.patience, FIRST_ACK);
        (0..100).for_each(|_| answers.give_up());
        assert_eq!(answers.patience, MOST_PATIENCE);
    }

    #[test]
    fn what_was_written_off_is_known_once_and_on_its_connection() {
        let mut answers = Answers::new();
        answers.write_off(b"a");
        answers.write_off(b"b");
        assert!(!answers.came_late(b"c") && !answers.is_open);
        assert!(answers.came_late(b"a") && answers.is_open);
        assert!(!answers.came_late(b"a"));
        answers.forget_connection();
        assert!(!answers.came_late(b"b"));
    }
}
