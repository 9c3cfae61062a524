//! The floors of a crate: which folder of its sources may import from which, and that no files run in circles.
//!
//! The test `layers` reads core, ffi and collector with it. [`tree`] parses the files and knows which module and
//! which name stands where, [`resolve`] follows a path to the file that defines what it names, [`rules`] says
//! in sentences what is against the order of [`floors`]. It promises to judge every `use` line and every path
//! with more than one part outside `#[cfg(test)]`, also inside macros; it does not see methods, whose call
//! names no file.

mod attributes;
pub mod floors;
mod read;
mod resolve;
mod rules;
mod tree;

pub use floors::{Floor, Floors};
pub use rules::{check_circles, check_files, check_floors};
