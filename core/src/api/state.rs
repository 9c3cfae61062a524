//! Where a thread or a task is, and what moves it: one piece of code for the calling thread's own context and for
//! stacks, its values.
//!
//! [`State`] is a path of segments and the scopes that protect parts of it, and does nothing by itself. A [`Session`]
//! moves one, on behalf of a client, and sends the records that a move calls for.

mod batch;
mod few;
mod moves;
mod path;
mod places;

pub use batch::BatchReport;
pub use moves::Entered;
pub(super) use moves::{Session, left, open_inside};
pub(super) use places::{State, inert_of_values};
