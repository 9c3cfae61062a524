//! Between the spool on disk and the rest: what goes there, what comes back, and in which order.
//!
//! One thread, `mona-spool`, keeps the spool: it alone reads and writes files, so no lock is held while the disk is waited
//! for. It takes from the queue what the sender does not, and reads a few records ahead. What it hands over to the sender
//! lies in the [`Depot`], whose lock both hold for a few instructions; the order itself is in `turns.rs`.
//!
//! # Order
//!
//! What is in flight is older than what the spool holds of this process, and that is older than what waits in the queue.
//! The sender takes from the queue only where nothing of it is on disk and nothing is on the way there. When chunks begin
//! to go to the disk, those in flight are written first, from memory, and stay in flight: a later process finds all in the
//! order it came in.
//!
//! # What becomes of an event
//!
//! A chunk that is written counts as spooled and is in no budget, whether it is in memory too or not. A record is settled on
//! disk when every event of it is: delivered, refused or too big, in one piece or in parts.

mod depot;
mod keeper;
mod keeping;
mod settle;
mod spill;
mod syncing;
#[cfg(test)]
mod tests;
mod turns;

pub(crate) use depot::{Depot, SPOOL_TIME};
pub(crate) use keeper::Keeper;
