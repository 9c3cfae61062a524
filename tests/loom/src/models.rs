//! What is run: one function for each promise, which panics when an order of steps breaks it.

mod cells;
mod queue;
mod spin;
mod wake;

pub use cells::*;
pub use queue::*;
pub use spin::*;
pub use wake::*;
