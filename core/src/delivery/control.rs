//! What other threads tell the sender: commands through a channel.
//!
//! A client's life cycle gives them and wakes the sender, which takes them at every look and does not sleep while one
//! waits. Nothing of an export comes here. A forked child makes a channel of its own and leaves the one it
//! inherited alone.

use std::convert::Infallible;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

/// What the sender is to do.
#[derive(Debug)]
pub(crate) enum Command {
    /// Somebody waits for delivery: the next attempt is made now instead of when a backoff is over.
    Flush,
    /// Deliver everything and end, at the latest at `deadline`.
    Drain {
        deadline: Instant,
        /// Dropped, and never used, when the sender has ended.
        ended: Sender<Infallible>,
    },
    /// End now.
    Stop,
}

/// The commands for one sender, for the sender to take.
pub(crate) type Commands = Receiver<Command>;

/// Gives commands to the sender.
#[derive(Debug)]
pub(crate) struct Control {
    // Unbounded, so that giving a command never waits: there are at most one `Drain`, one `Stop` and a `Flush` for
    // each thread that flushes.
    commands: Sender<Command>,
}

impl Control {
    /// A control and what the sender takes from it.
    pub(crate) fn new() -> (Control, Commands) {
        let (commands, taken) = unbounded();
        (Control { commands }, taken)
    }

    /// Ends the sender's pauses of its own choice. Any command that still waits does that as well, so that
    /// flushes in a loop do not pile up in front of a sender that is connecting.
    pub(crate) fn flush(&self) {
        if self.commands.is_empty() {
            self.give(Command::Flush);
        }
    }

    /// Asks the sender to deliver everything and end. What is given is disconnected once it has ended, also
    /// where it ended before.
    pub(crate) fn drain(&self, deadline: Instant) -> Receiver<Infallible> {
        let (ended, end) = bounded(0);
        self.give(Command::Drain { deadline, ended });
        end
    }

    /// Asks the sender to end now.
    pub(crate) fn stop(&self) {
        self.give(Command::Stop);
    }

    fn give(&self, command: Command) {
        // A sender that has ended has nothing to do; the command and what it carries are dropped.
        let _ = self.commands.send(command);
    }
}

/// Where the sender stands in its life. It goes down this list and never up.
#[derive(Debug, Default)]
pub(super) enum Phase {
    /// Events come and are delivered.
    #[default]
    Serving,
    /// No more events come: once everything is delivered, the sender ends.
    Draining {
        deadline: Instant,
        /// Kept until the end of the sender, which its drop announces.
        _ended: Sender<Infallible>,
    },
    /// The sender ends whatever is left.
    Stopped,
}

impl Phase {
    /// Does what a command asks for.
    pub(super) fn obey(&mut self, command: Command) {
        match command {
            Command::Stop => *self = Phase::Stopped,
            Command::Drain { deadline, ended } if matches!(self, Phase::Serving) => {
                *self = Phase::Draining { deadline, _ended: ended };
            }
            Command::Flush | Command::Drain { .. } => {}
        }
    }

    /// Until when everything is to be delivered, while that is asked for.
    pub(super) fn drain_deadline(&self) -> Option<Instant> {
        match self {
            Phase::Draining { deadline, .. } => Some(*deadline),
            Phase::Serving | Phase::Stopped => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::RecvTimeoutError;
    use std::time::Duration;

    #[test]
    fn flushes_do_not_pile_up_and_nothing_else_is_left_out() {
        let (control, commands) = Control::new();
        (0..1000).for_each(|_| control.flush());
        let end = control.drain(Instant::now());
        control.flush();
        control.stop();
        let mut phase = Phase::default();
        let names: Vec<_> = commands
            .try_iter()
            .map(|command| {
                let name = match command {
                    Command::Flush => "flush",
                    Command::Drain { .. } => "drain",
                    Command::Stop => "stop",
                };
                phase.obey(command);
                (name, phase.drain_deadline().is_some())
            })
            .collect();
        assert_eq!(names, [("flush", false), ("drain", true), ("stop", false)]);
        assert!(matches!(phase, Phase::Stopped));
        phase.obey(Command::Flush);
        assert!(matches!(phase, Phase::Stopped));
        assert_eq!(end.recv(), Err(crossbeam_channel::RecvError));
    }

    #[test]
    fn the_end_is_seen_whether_the_sender_took_the_command_or_not() {
        let soon = || Instant::now() + Duration::from_millis(20);
        let far = || Instant::now() + Duration::from_secs(60);
        let (control, commands) = Control::new();
        let end = control.drain(far());
        assert_eq!(end.recv_deadline(soon()), Err(RecvTimeoutError::Timeout));
        let taken = commands.recv();
        assert_eq!(end.recv_deadline(soon()), Err(RecvTimeoutError::Timeout));
        drop(taken);
        assert_eq!(end.recv_deadline(far()), Err(RecvTimeoutError::Disconnected));
        let waiting = control.drain(far());
        drop(commands);
        assert_eq!(waiting.recv_deadline(far()), Err(RecvTimeoutError::Disconnected));
        let late = control.drain(far());
        assert_eq!(late.recv_deadline(far()), Err(RecvTimeoutError::Disconnected));
    }
}
