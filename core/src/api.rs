//! What the crate offers: clients, contexts as handles, the calling thread's own context and the same as a value, batches,
//! checks, spools as tools see them.
//!
//! Everything here is a thin layer over [`crate::client`]: it knows what a context is and which calls are
//! allowed when; the client below knows only records.

pub(crate) mod check;
mod client;
pub(crate) mod context;
pub mod spool_dir;
pub(crate) mod stack;
mod state;
pub mod thread_context;
