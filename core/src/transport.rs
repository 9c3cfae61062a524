//! Ways to a collector, behind one trait.
//!
//! Only the sender thread calls a transport. Every call has a deadline; a failure is a [`TransportError`] with a
//! sentence for the log, after which the sender disconnects, waits and sends the same chunks again.

mod age;
mod chunk;
mod endpoint;
mod entries;
mod file;
mod forward;
#[cfg(feature = "http")]
mod http;
mod interface;
mod lines;
mod memory;
mod null;
mod on_hand;
mod open;
#[cfg_attr(windows, path = "transport/path_words_windows.rs")]
mod path_words;
mod stdout;
mod steps;
mod wrong_option;

pub(crate) use chunk::Chunk;
pub(crate) use endpoint::Endpoint;
pub(crate) use interface::{Asking, Sent, TAG, Transport};
pub(crate) use lines::append_lines;
pub(crate) use memory::Delivered;
pub(crate) use on_hand::{Held, OnHand};
pub(crate) use open::open;
pub(crate) use steps::{Step, Steps};
