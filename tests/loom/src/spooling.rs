//! What the core's sender and the thread that keeps its spool hand to each other.

#[path = "../../../core/src/delivery/spooling/turns.rs"]
pub(crate) mod turns;
