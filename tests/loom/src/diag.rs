//! The core's error value.

#[path = "../../../core/src/diag/error.rs"]
pub mod error;
