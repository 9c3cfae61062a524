//! The C interface of libmona: conversion only, no logic.
//!
//! One file per noun, two for stacks. Every exported function converts its arguments, calls the core and converts the
//! outcome back, inside one of the guards of [`guard`]. The comments of public items are C
//! documentation: the test `header` of `tests/` writes them into `include/mona.h`, which is also where
//! the rules are that all functions share.

// What C must uphold is said in the header, in the words of a C reader.
#![allow(clippy::missing_safety_doc)]
// The names are those of the C interface.
#![allow(non_camel_case_types)]

mod batch;
mod guard;
mod handle;
mod panics;
mod text;

pub mod abi;
pub mod client;
pub mod context;
pub mod current;
pub mod field;
pub mod last_error;
pub mod log;
pub mod moved;
pub mod options;
pub mod sentence;
pub mod spool;
pub mod stack;
pub mod stack_export;
pub mod stats;
pub mod status;
pub mod version;
