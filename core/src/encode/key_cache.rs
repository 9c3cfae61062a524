//! The keys of messages that were written before: the events of a thread resemble each other.
//!
//! A message whose keys are known, in the same order, needs one comparison for each of them. That they are text and
//! differ from each other, and what the rules make of them, was found out when they were learned. The encoder asks for
//! known keys by what a message begins with; where its own go another way it goes on as if nothing was known, and
//! teaches what it found instead.

mod cache;
pub(super) mod key;

pub(crate) use cache::{KeyCache, KnownKeys, Left, Slot};
pub use key::{Key, KeyMatch};
