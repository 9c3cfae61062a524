//! The sender thread: collects what threads wrote, sends it in chunks and settles what became of them.
//!
//! One thread per client and process, started with the first export. It sleeps on its sockets, for a
//! millisecond while threads fill their buffers and for longer when they do not; callers wake it only when
//! half the queue is taken, when it is idle or when somebody waits for delivery. A failure never loses a chunk:
//! the connection is closed, and after a backoff the same bytes go out again under the same id, at the next
//! endpoint if need be. Only what a collector refuses is given up, event by event.
//!
//! From top to bottom: `sender` is the loop, `fail` and `deliver` are its steps, `running` is what they work on; the
//! files below keep one thing each.

mod answers;
mod backoff;
mod control;
mod deliver;
mod fail;
mod failover;
mod in_flight;
mod owed;
mod pack;
mod quarantine;
mod refusals;
mod refuse;
mod running;
mod sender;
mod silence;
mod spooling;
#[cfg(test)]
mod tests;
mod upstream;

pub(crate) use control::{Commands, Control};
pub(crate) use failover::Opener;
pub(crate) use running::Sender;
pub(crate) use spooling::{Depot, Keeper, SPOOL_TIME};
