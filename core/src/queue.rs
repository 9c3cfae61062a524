//! Where encoded events wait: a buffer per thread, then a bounded queue of sealed segments.
//!
//! [`Intake::append`] is the hot path: it writes into the calling thread's own buffer and touches
//! nothing shared unless the buffer is full or its allowance is used up. The sender collects buffers
//! that became old, takes chunks from the queue and settles them. Everything accepted is held,
//! delivered or counted as dropped.

mod append;
mod budget;
mod collect;
mod evict;
mod idle;
mod intake;
mod last_flush;
mod local;
mod pool;
mod segment;
mod segments;
mod spool_side;
mod spooled;
mod thread_buffer;

pub(crate) use append::Appended;
pub(crate) use budget::Charge;
pub(crate) use intake::{Intake, Limits};
#[cfg(test)]
pub(crate) use segments::Ledger;
pub(crate) use segments::Taken;
pub(crate) use thread_buffer::Entry;
#[cfg(test)]
pub(crate) use thread_buffer::Written;

#[cfg(test)]
mod tests;
