//! Questions to a store: read-only, bounded in rows and in time.
//!
//! A [`Reader`] has a connection of its own and is meant for one thread at a time; readers never hold the
//! writer up. A field is named as it was exported; `detect.label` with a class `detect` of sub-contexts
//! means the field `label` of the ARC's first sub-context of that class. Every question ends with
//! [`crate::store::Failure::Late`] once it takes longer than the reader's time.

pub(crate) mod arc;
pub(crate) mod arcs;
pub(crate) mod classes;
pub(crate) mod fields;
pub(crate) mod filter;
pub(crate) mod frame;
pub(crate) mod health;
pub(crate) mod open;
pub(crate) mod series;
pub(crate) mod sums;
