//! Log lines on standard output or standard error, for the option `print_logs`.
//!
//! Whoever has something to say may be in the host's inner loop: a line that would have to wait is lost here, though
//! not for the callback and `mona_log_take`. What is written is whole: one write that a pipe takes whole or not at all.

use std::io;

use super::level;
use crate::sys::descriptor::{RawFd, STDERR, STDOUT};
use crate::sys::output::{Kind, MOST_AT_ONCE, Output};
use crate::sys::signals::without_signals;
use crate::sys::turn::{self, Turn};

/// Where log lines are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub(crate) enum Print {
    /// Nowhere.
    #[default]
    Off,
    /// To standard output, or to standard error where records go to standard output.
    On,
    /// To standard error.
    Stderr,
}

impl Print {
    pub(super) fn from_number(number: u8) -> Print {
        match number {
            1 => Print::On,
            2 => Print::Stderr,
            _ => Print::Off,
        }
    }

    fn descriptor(self) -> Option<RawFd> {
        match self {
            Print::Off => None,
            Print::On if !turn::is_kept_for_records() => Some(STDOUT),
            Print::On | Print::Stderr => Some(STDERR),
        }
    }
}

/// What stands in for the end of a line that a pipe might cut.
const LEFT_OUT: &str = "...\n";

/// Prints the line, unless it would have to wait.
pub(super) fn print(level: i32, line: &str, print: Print) {
    let Some(descriptor) = print.descriptor() else { return };
    let Ok(output) = Output::of(descriptor) else { return };
    let mut text = format!("mona {}: {line}\n", level::name(level));
    if turn::take_cut(descriptor) {
        text.insert(0, '\n');
    }
    if output.kind != Kind::File && text.len() > MOST_AT_ONCE {
        let most = MOST_AT_ONCE - LEFT_OUT.len();
        text.truncate((0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default());
        text.push_str(LEFT_OUT);
    }
    // Both may be one pipe, where a record may stand unfinished.
    let is_shared = turn::is_kept_for_records()
        && Output::of(STDOUT).is_ok_and(|records| records.identity == output.identity);
    let turn = is_shared.then(Turn::new);
    if turn.as_ref().is_none_or(Turn::take) {
        without_signals(|| write(&output, descriptor, text.as_bytes()));
    }
}

fn write(output: &Output, descriptor: RawFd, text: &[u8]) {
    let mut written = 0;
    while let Some(rest) = text.get(written..).filter(|rest| !rest.is_empty()) {
        match output.write_now(rest) {
            Ok(count) if count > 0 => written += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            _ => break,
        }
    }
    // Only what is no pipe takes a part, when it is full.
    if written > 0 && written < text.len() {
        turn::leave_cut(descriptor);
    }
}
