//! Options: what a program sets by hand before it makes a client.

use std::ffi::c_char;
use std::sync::{Mutex, PoisonError};

use mona_core::Options;

use crate::guard::{guard, guard_or};
use crate::handle::{Handle, borrow, hand_out, take_back};
use crate::status::mona_status;
use crate::text::text;

/// Options for a new client. What is not set comes from the environment, the configuration file, or is
/// the default.
pub struct mona_options {
    _opaque: [u8; 0],
}

impl Handle for mona_options {
    type Behind = Mutex<Options>;
}

/// Makes an empty set of options.
///
/// @return The options, for mona_options_free(); NULL only if the library itself failed.
///
/// Threads: any.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn mona_options_new() -> *mut mona_options {
    guard_or("mona_options_new", std::ptr::null_mut(), || Ok(hand_out(Mutex::new(Options::new()))))
}

/// Sets one option. OPTIONS.md lists them with their ranges.
///
/// @param options    The options. Not NULL.
/// @param name       The name of the option, such as "endpoint". Not NULL.
/// @param name_len   Bytes in `name`, or MONA_NTS.
/// @param value      Its value as text: "true" or "false", a decimal number, or the text itself;
///                   copied. Not NULL.
/// @param value_len  Bytes in `value`, or MONA_NTS.
/// @return MONA_OK; MONA_E_ARGUMENT: no such option, or a wrong value for it, mona_last_error() says
///         what is expected and the options are as before; MONA_E_UTF8.
///
/// Threads: any, at the same time too. Clients made before are not changed.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_options_set(
    options: *mut mona_options,
    name: *const c_char,
    name_len: usize,
    value: *const c_char,
    value_len: usize,
) -> mona_status {
    guard("mona_options_set", || {
        // SAFETY: the header asks for options that are not freed yet.
        let options = unsafe { borrow(options, "options") }?;
        // SAFETY: the header asks for `name_len` readable bytes.
        let name = unsafe { text(name, name_len, "name") }?;
        // SAFETY: the header asks for `value_len` readable bytes.
        let value = unsafe { text(value, value_len, "value") }?;
        options.lock().unwrap_or_else(PoisonError::into_inner).set(name, value)
    })
}

/// Frees options. Clients made with them go on.
///
/// @param options  The options, used by nobody any more; NULL does nothing.
///
/// Threads: any.   Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_options_free(options: *mut mona_options) {
    guard_or("mona_options_free", (), || {
        // SAFETY: the header asks for options that nobody uses any more.
        drop(unsafe { take_back(options) });
        Ok(())
    })
}
