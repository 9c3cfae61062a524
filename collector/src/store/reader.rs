//! Questions to a store: read-only, bounded in rows and in time.
//!
//! A [`Reader`] has a connection of its own and is meant for one thread at a time; readers never hold the
//! writer up. A field is named as it was exported. `detect.label`, with a class `detect` of sub-contexts,
//! is a field of these: as a dimension that of the ARC's first one, as a KAPI those of all. A field that
//! the class does not have is looked for in the other contexts of the ARC. Every question ends with
//! [`crate::store::Failure::Late`] once it takes longer than the reader's time.

pub(crate) mod arc;
pub(crate) mod arcs;
pub(crate) mod classes;
mod codes;
mod condition;
mod evenly;
pub(crate) mod fields;
pub(crate) mod filter;
mod fold;
pub(crate) mod frame;
pub(crate) mod health;
pub(crate) mod open;
mod resolve;
pub(crate) mod run;
mod scan;
pub(crate) mod series;
pub(crate) mod sums;
mod walk;
pub(crate) mod whole;
