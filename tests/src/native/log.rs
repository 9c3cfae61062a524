//! The log of the library, pulled line by line.

use super::interface;
use super::raw::Status;
use super::text_out;
use std::cell::Cell;

/// The oldest waiting line with its level.
pub fn take() -> Result<(i32, String), Status> {
    let level = Cell::new(0);
    // SAFETY: a place for the level, a buffer with its capacity and a place for the length.
    let line =
        text_out(|buffer, cap, len| unsafe { (interface().log_take)(level.as_ptr(), buffer, cap, len) })?;
    Ok((level.get(), line))
}

/// Every waiting line, oldest first.
pub fn take_all() -> Vec<(i32, String)> {
    std::iter::from_fn(|| take().ok()).collect()
}
