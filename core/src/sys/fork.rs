//! What survives a `fork()`: nothing that another thread may hold.
//!
//! One child handler counts up the generation and closes inherited descriptors; it takes no lock and allocates nothing.
//! State that lives behind locks sits in a [`ForkLocal`] cell: its first use in a child finds an older generation, leaves
//! behind what was inherited and starts afresh. A child that runs no handler (`clone` by hand, `_Fork`, the `fork` of a
//! second C library) reads 0 as its generation, as the kernel wipes that page for it: there the first use does what the
//! handler does.

#[cfg(unix)]
mod closed_in_child;
#[cfg_attr(windows, path = "windows/generation.rs")]
mod generation;
#[cfg(unix)]
mod list;
mod local;

#[cfg(unix)]
pub(crate) use closed_in_child::ClosedInChild;
pub(crate) use generation::{generation, install, settled};
pub(crate) use local::ForkLocal;

#[cfg(test)]
mod tests;
