//! The examples do what they say: each ends with an error otherwise.
#![allow(clippy::unwrap_used)] // A step that fails fails the test.

#[path = "../examples/close_and_count.rs"]
mod close_and_count;
#[path = "../examples/first_export.rs"]
mod first_export;
#[path = "../examples/sub_contexts.rs"]
mod sub_contexts;

#[test]
fn first_export() {
    first_export::main().unwrap();
}

#[test]
fn sub_contexts() {
    sub_contexts::main().unwrap();
}

#[test]
fn close_and_count() {
    close_and_count::main().unwrap();
}
