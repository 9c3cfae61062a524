//! What the tests of libmona share: the release library, built once, and C programs made against it.
//!
//! The integration tests beside this crate call it. It promises that what they run is the library that
//! is shipped (release profile, shared and static), that a program which hangs is ended, and that
//! nothing is left behind: programs live in temporary folders that go with them.

pub mod bench;
pub mod catalogue;
pub mod interface;
pub mod layers;
pub mod ledger;
pub mod library;
pub mod native;
pub mod program;
pub mod reach;
pub mod run;
pub mod said;
pub mod sbom;
pub mod scenario;
pub mod setup;
pub mod spool;
pub mod tap;

pub use library::{Library, SONAME, library, workspace};
pub use program::{Language, Link, Program, Recipe};
pub use run::{Finished, run};
