//! Models of what threads of libmona do together: the core's own source files, run by `loom` in every order of steps
//! that matters and with every value that a weakly ordered load may give.
//!
//! Nothing is copied: `sys`, `queue`, `spooling` and `diag` below are the files of `core/src`. They say `std`, and here that name
//! is this crate, which has atomics, locks, cells and threads of loom's where the standard library has real ones. What
//! has no part in how threads meet (the encoder, the socket pair) is replaced by the least that will do.

// The tests inside the core's sources stay out.
#![cfg(not(test))]
// What the models do not call, and what is public in the core.
#![allow(dead_code, unused_imports, unreachable_pub)]
// What loom finds is told by a panic.
#![allow(clippy::expect_used, clippy::panic)]

extern crate self as std;
extern crate std as real;

/// What needs no watching.
pub use real::{
    any, borrow, boxed, cmp, collections, convert, error, ffi, fmt, io, iter, marker, mem, num, ops, option,
    os, path, ptr, rc, result, slice, str, string, time, vec,
};

/// In the place of the standard library's: each thread of a model has its own value.
macro_rules! thread_local {
    ($($(#[$note:meta])* $seen:vis static $name:ident: $type:ty = const { $value:expr };)+) => {
        $($(#[$note])* $seen static $name: $crate::storage::LocalKey<$type> =
            $crate::storage::LocalKey::new(|| $value);)+
    };
}

mod cell;
mod diag;
mod encode;
mod hint;
mod models;
mod queue;
mod run;
mod spooling;
mod storage;
mod sync;
mod sys;
mod thread;
mod weak;

use real::process::ExitCode;

/// Runs the models whose names hold one of the arguments, or all.
fn main() -> ExitCode {
    run::all(models::ALL)
}
