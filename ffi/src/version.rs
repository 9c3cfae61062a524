//! Which libmona this is.

use std::ffi::{CStr, c_char};

use crate::abi::MONA_ABI_VERSION;
use crate::guard::guard_reading;

const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => c"",
};

/// Gives the version of the library that is loaded, such as "0.1.0".
///
/// MONA_VERSION_MAJOR, MONA_VERSION_MINOR and MONA_VERSION_PATCH are those of the header.
///
/// @return A static text that ends in NUL. Never NULL, nobody frees it.
///
/// Threads: any.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn mona_version() -> *const c_char {
    guard_reading("mona_version", VERSION.as_ptr(), || Ok(VERSION.as_ptr()))
}

/// Gives the number of the binary interface of the library that is loaded.
///
/// A program or binding that loads libmona by itself compares it with the MONA_ABI_VERSION it was made
/// for, and uses nothing else of the library when they differ.
///
/// @return The number in the name of the shared object.
///
/// Threads: any.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn mona_abi_version() -> u32 {
    guard_reading("mona_abi_version", MONA_ABI_VERSION, || Ok(MONA_ABI_VERSION))
}
