//! The benchmarks: programs in C that print a line for each figure, and the tables made of them.
//!
//! `make bench` runs them all and keeps the tables in `docs/benchmarks`; the test of instruction counts uses
//! [`callgrind`] alone. Nothing here judges by time in a test: figures depend on the machine, and a
//! missed target is a row of the table. What cannot run is an error.

pub mod against;
pub mod callgrind;
pub mod collector;
pub mod figure;
pub mod goals;
pub mod links;
pub mod machine;
pub mod parts;
pub mod peers;
pub mod report;
pub mod sizes;

pub use figure::{Figure, Figures};
pub use parts::Setting;
