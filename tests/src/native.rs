//! libmona through its C interface, for tests written in Rust.
//!
//! The shared object is loaded by name and every call goes through the exported functions, so that a
//! test sees what a C program sees. Owns the conversion of text and statuses and nothing else: a
//! status is handed on as the number it is. Handles are freed when their wrapper is dropped.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

mod client;
pub mod current;
pub mod log;
mod raw;
pub mod stack;

pub use client::{Client, Context};
pub use raw::{Interface, Stats, Status};
pub use stack::Stack;

use std::ffi::CStr;
use std::path::Path;
use std::sync::OnceLock;

/// The status numbers the tests name.
#[allow(missing_docs, reason = "the numbers are those of the header, which documents them")]
pub mod status {
    use super::Status;
    pub const OK: Status = 0;
    pub const ARGUMENT: Status = 1;
    pub const UTF8: Status = 2;
    pub const JSON: Status = 3;
    pub const NO_CONTEXT: Status = 4;
    pub const PROTECTED: Status = 5;
    pub const NOT_FOUND: Status = 6;
    pub const LIMIT: Status = 7;
    pub const DROPPED: Status = 8;
    pub const TIMEOUT: Status = 9;
    pub const CLOSED: Status = 10;
    pub const IO: Status = 11;
    pub const TRUNCATED: Status = 12;
    pub const EXISTS: Status = 13;
    pub const BUSY: Status = 14;
}

static LOADED: OnceLock<Interface> = OnceLock::new();

/// Loads the shared object once for this process; later calls keep the first one.
///
/// # Panics
/// When the object cannot be loaded or lacks a function of the interface.
pub fn load(path: &Path) -> &'static Interface {
    LOADED.get_or_init(|| Interface::load(path).unwrap_or_else(|error| panic!("{error}")))
}

/// Loads the release build of the library, which is made on first use.
///
/// # Panics
/// When it cannot be built or loaded.
pub fn load_release() -> &'static Interface {
    load(&crate::library().unwrap_or_else(|error| panic!("{error}")).shared)
}

fn interface() -> &'static Interface {
    LOADED.get().expect("native::load comes first")
}

/// The detail of this thread's last failing call.
pub fn last_error() -> String {
    // SAFETY: the closure's arguments are a buffer, its capacity and a place for the length.
    text_out(|buffer, cap, len| unsafe { (interface().last_error)(buffer, cap, len) })
        .unwrap_or_else(|status| format!("no detail, status {status}"))
}

/// The sentence for a status.
pub fn status_text(status: Status) -> String {
    // SAFETY: takes any number.
    let text = unsafe { (interface().status_text)(status) };
    // SAFETY: a static string that ends in NUL.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// What the instances in a spool hold, as JSON.
pub fn spool_list(dir: &str) -> Result<String, Status> {
    let (dir, dir_len) = text_in(Some(dir));
    // SAFETY: readable text and a buffer with its capacity.
    text_out(|buffer, cap, len| unsafe { (interface().spool_list)(dir, dir_len, buffer, cap, len) })
}

/// Optional text as the interface takes it: a null pointer for none.
fn text_in(text: Option<&str>) -> (raw::Text, usize) {
    text.map_or((std::ptr::null(), 0), |text| (text.as_ptr().cast(), text.len()))
}

/// Calls an output function, with a larger buffer when the first one does not do.
fn text_out(call: impl Fn(raw::Buffer, usize, *mut usize) -> Status) -> Result<String, Status> {
    let mut buffer = vec![0_u8; 4096];
    loop {
        let mut len = 0;
        match call(buffer.as_mut_ptr().cast(), buffer.len(), &mut len) {
            status::OK => {
                buffer.truncate(len);
                return Ok(String::from_utf8(buffer).expect("text from libmona is UTF-8"));
            }
            status::TRUNCATED if len >= buffer.len() => buffer = vec![0_u8; len + 1],
            failed => return Err(failed),
        }
    }
}

fn checked(status: Status) -> Result<(), Status> {
    if status == status::OK { Ok(()) } else { Err(status) }
}
