//! What the library has to say, to the host's log and nowhere else.
//!
//! A client has a `Log` with its level; lines go to the process-wide sink: the host's callback, the
//! lines that wait to be taken, and standard output or error when `print_logs` is on. Warnings, errors and news that may repeat
//! carry a kind, and each kind speaks once a minute with a count of what was held back.

mod callback;
mod client_log;
mod level;
mod print;
mod sink;
mod waiting;

pub(crate) use crate::sys::call::inside_callback;
pub use callback::{Callback, abandon_call};
pub(crate) use client_log::Log;
pub use client_log::set_level;
pub use level::{DEBUG, ERROR, INFO, WARNING};
pub(crate) use print::Print;
pub use sink::{set_callback, take_with};

#[cfg(test)]
mod tests;
