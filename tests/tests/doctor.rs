//! The screens of mona-doctor: what a person sees when all is well, when something is not, and when they look again; what
//! programs read of it; and that its page says the same.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

#[path = "doctor/arguments.rs"]
mod arguments;
#[path = "doctor/hints.rs"]
mod hints;
#[path = "doctor/met.rs"]
mod met;
#[path = "doctor/page.rs"]
mod page;
#[path = "doctor/peers.rs"]
mod peers;
#[path = "doctor/screen.rs"]
mod screen;
#[path = "doctor/tool.rs"]
mod tool;
#[path = "doctor/watch.rs"]
mod watch;
