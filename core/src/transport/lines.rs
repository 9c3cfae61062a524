//! Records as JSON lines on their way to a file, a pipe or a terminal.
//!
//! A chunk that failed half-way goes on where it stopped instead of repeating lines. A pipe gets as many whole lines as
//! it takes at once, so that they stay whole whoever else writes to it.

use std::io;
use std::time::{Duration, Instant};

use super::memory::entries;
use super::{Chunk, TAG};
use crate::encode::moment::{MILLISECOND, Moment};
use crate::encode::to_json;
use crate::net::{Abort, Cause, Deadline, TransportError};
use crate::sys::descriptor::RawFd;
use crate::sys::output::{Kind, MOST_AT_ONCE, Output};
use crate::sys::poll::wait_writable;
use crate::sys::turn::{self, Turn};

/// How long a wait goes without a look whether it is to end: a close has 250 ms for it.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// Pause where the system says that there is room and then gives none, or another thread is in the middle of a line.
const NAP: Duration = Duration::from_millis(5);

/// Pause before another attempt at what nobody reads: trying costs one system call, and no reader is to wait long.
const PAUSE: Duration = Duration::from_millis(250);

/// The lines of the chunk being written and how far they got.
#[derive(Debug, Default)]
pub(super) struct Lines {
    claim: Option<u64>,
    text: Vec<u8>,
    written: usize,
    /// Where a line was cut.
    cut: Option<Place>,
}

/// Where writing stopped: a line goes on only behind its own part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    identity: (u64, u64),
    /// Bytes in a regular file; `None` where the rest of a line has nobody to go to.
    len: Option<u64>,
}

impl Place {
    fn of(output: &Output) -> Place {
        let len = if output.kind == Kind::File { output.len } else { 0 };
        Place { identity: output.identity, len: Some(len) }
    }

    fn without_rest(self) -> Place {
        Place { len: None, ..self }
    }
}

impl Lines {
    /// Writes what is still missing of `chunk`. An error when nothing more was taken for as long as the deadline is
    /// away now, or once `abort` has fired. With a `turn`, others wait while a line is unfinished.
    pub(super) fn write(
        &mut self,
        chunk: &Chunk,
        output: &Output,
        turn: Option<&Turn>,
        deadline: Deadline,
        abort: &Abort,
    ) -> io::Result<()> {
        let descriptor = output.descriptor();
        self.load(chunk, output);
        let written = self.write_rest(output, turn, deadline, abort);
        if let Some(turn) = turn.filter(|_| !self.is_cut()) {
            turn.give();
        }
        match &written {
            // A chunk may be as large as 2 MiB and its text larger; an idle endpoint keeps none of it.
            Ok(()) => *self = Lines::default(),
            Err(error) => {
                let place = Place::of(&Output::of(descriptor).unwrap_or(*output));
                let is_unread = error.kind() == io::ErrorKind::BrokenPipe;
                self.cut = Some(if is_unread { place.without_rest() } else { place });
            }
        }
        written
    }

    /// Whether it stopped in the middle of a line.
    pub(super) fn is_cut(&self) -> bool {
        self.text.get(..self.written).and_then(<[u8]>::last).is_some_and(|byte| *byte != b'\n')
    }

    /// What was written is gone with the pipe that was written to.
    pub(super) fn forget_place(&mut self) {
        self.cut = None;
    }

    fn load(&mut self, chunk: &Chunk, output: &Output) {
        let goes_on = self.cut == Some(Place::of(output));
        let has_part = self.is_cut() && self.cut.is_some_and(|cut| cut.identity == output.identity);
        if self.claim != Some(chunk.claim()) {
            self.text.clear();
            append_lines(&mut self.text, chunk.body());
            self.written = 0;
            self.claim = Some(chunk.claim());
        } else if !self.is_cut() || !goes_on {
            self.restart_line();
        } else {
            return;
        }
        if has_part {
            self.text.insert(self.written, b'\n');
        }
    }

    /// Ends a line before the next one that somebody left unfinished, perhaps while we waited for our turn.
    fn end_what_was_left(&mut self, descriptor: RawFd) {
        let is_between = !self.is_cut() && self.written < self.text.len();
        if is_between && turn::take_cut(descriptor) && self.text.get(self.written) != Some(&b'\n') {
            self.text.insert(self.written, b'\n');
        }
    }

    fn write_rest(
        &mut self,
        output: &Output,
        turn: Option<&Turn>,
        deadline: Deadline,
        abort: &Abort,
    ) -> io::Result<()> {
        let patience = deadline.left();
        let most = if output.kind == Kind::File { usize::MAX } else { MOST_AT_ONCE };
        let (mut since, mut refusals) = (Instant::now(), 0_u32);
        while self.written < self.text.len() {
            if abort.has_fired() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let is_my_turn = turn.is_none_or(Turn::take);
            if is_my_turn && turn.is_some() {
                self.end_what_was_left(output.descriptor());
            }
            let Some(piece) = self.piece(most) else { break };
            let written =
                if is_my_turn { output.write_now(piece) } else { Err(io::ErrorKind::WouldBlock.into()) };
            match written {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.written += count;
                    (since, refusals) = (Instant::now(), 0);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let left = patience.saturating_sub(since.elapsed());
                    if left.is_zero() {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    wait_writable(output.descriptor(), left.min(LONGEST_WAIT));
                    // The host may have put something else there meanwhile.
                    let now = Output::of(output.descriptor())?;
                    if now.identity != output.identity {
                        return Err(io::Error::other("another file has taken its place"));
                    }
                    if refusals > 0 || !is_my_turn {
                        std::thread::sleep(NAP);
                    }
                    refusals += 1;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if let Some(turn) = turn.filter(|_| !self.is_cut()) {
                turn.give();
            }
        }
        Ok(())
    }

    /// What to write next: whole lines of at most `most` bytes together, or a part of a longer one.
    fn piece(&self, most: usize) -> Option<&[u8]> {
        let rest = self.text.get(self.written..).filter(|rest| !rest.is_empty())?;
        let Some(start) = rest.get(..most) else { return Some(rest) };
        let lines = start.iter().rposition(|byte| *byte == b'\n').and_then(|end| start.get(..=end));
        Some(lines.unwrap_or(start))
    }

    /// Goes back to the start of a line that was cut.
    fn restart_line(&mut self) {
        let done = self.text.get(..self.written).unwrap_or_default();
        self.written = done.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    }
}

/// The error that writing to `what` ended with. Where only the reader is missing the endpoint stays as it is and is
/// tried again soon.
pub(super) fn failed(kind: &'static str, what: &str, error: &io::Error) -> TransportError {
    let sentence = match error.kind() {
        io::ErrorKind::TimedOut => "nothing was read for io_timeout_ms, a reader that goes on is expected",
        io::ErrorKind::BrokenPipe => "nobody reads it any more, a reader is expected",
        _ => return TransportError::new(kind, format!("{what}: {error}")),
    };
    unread(kind, what, sentence)
}

/// The error that nobody reads what would be written to `what`.
pub(super) fn unread(kind: &'static str, what: &str, sentence: &str) -> TransportError {
    TransportError::new(kind, format!("{what}: {sentence}")).because(Cause::Busy { retry_after: Some(PAUSE) })
}

/// Appends a line for each entry of a body.
pub(crate) fn append_lines(text: &mut Vec<u8>, body: &[u8]) {
    entries(body).for_each(|entry| line(text, entry));
}

/// Appends `{"tag": ..., "time": ..., "record": {...}}` and a line feed.
fn line(text: &mut Vec<u8>, entry: &[u8]) {
    let start = text.len();
    if append_line(text, entry).is_none() {
        // Only an entry that this library did not write can be unreadable.
        text.truncate(start);
    }
}

fn append_line(text: &mut Vec<u8>, entry: &[u8]) -> Option<()> {
    let (_, time) = entry.split_first()?;
    text.extend_from_slice(b"{\"tag\":\"");
    text.extend_from_slice(TAG.as_bytes());
    text.extend_from_slice(b"\",\"time\":");
    let rest = append_time(text, time)?;
    text.extend_from_slice(b",\"record\":");
    to_json::append(text, rest)?;
    text.extend_from_slice(b"}\n");
    Some(())
}

/// Appends a time as decimal seconds, of milliseconds or nanoseconds where it has a fraction, and gives what follows it.
fn append_time<'e>(text: &mut Vec<u8>, time: &'e [u8]) -> Option<&'e [u8]> {
    match Moment::read(time) {
        Some((Moment { seconds, nanoseconds, is_whole: false }, rest)) => {
            let fraction = match (nanoseconds / MILLISECOND, nanoseconds % MILLISECOND) {
                (milliseconds, 0) => format!("{seconds}.{milliseconds:03}"),
                _ => format!("{seconds}.{nanoseconds:09}"),
            };
            text.extend_from_slice(fraction.as_bytes());
            Some(rest)
        }
        _ => time.get(to_json::append(text, time)?..),
    }
}

#[cfg(test)]
mod tests;
