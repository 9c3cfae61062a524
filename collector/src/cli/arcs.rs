//! Merges records into ARCs.
//!
//! An ARC is everything exported under one main context id. Its fields and those of its sub-contexts
//! merge as they arrive, later ones win. [`open::Arcs`] keeps those for which more may come, values as they
//! lie in their records and names as numbers; an [`arc::Arc`] that is given out is read with its
//! [`names::Names`].

pub(crate) mod arc;
pub(crate) mod fields;
pub(crate) mod names;
pub(crate) mod open;
mod shared;
