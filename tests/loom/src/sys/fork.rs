//! The core's generation and its cells. No model forks.

#[path = "../../../../core/src/sys/fork/generation.rs"]
mod generation;
#[path = "../../../../core/src/sys/fork/local.rs"]
mod local;

pub(crate) use generation::{generation, settled};
pub(crate) use local::ForkLocal;

/// In the place of the descriptors that a child closes.
mod list {
    pub(super) fn close_all() {}
}
