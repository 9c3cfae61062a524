//! One view each. A view asks the store, and gives headings, text and tables; it knows nothing of HTTP.

pub(crate) mod arc;
pub(crate) mod arcs;
pub(crate) mod by;
pub(crate) mod changes;
pub(crate) mod classes;
pub(crate) mod field;
pub(crate) mod fields;
pub(crate) mod health;
pub(crate) mod kapis;
pub(crate) mod live;
mod stages;
mod tiles;
pub(crate) mod trouble;
pub(crate) mod value;
pub(crate) mod words;
