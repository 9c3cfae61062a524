//! The environment of the process: what of it may be believed, and the one variable that is looked at while the
//! program runs.
//!
//! In a set-user-ID program the environment belongs to whoever started it, who may have fewer rights than the program:
//! there nothing is read but [`DISABLE_ALL`], which can only switch the library off.

use std::ffi::OsString;

/// The variable that switches the library off.
pub(crate) const DISABLE_ALL: &str = "MONA_DISABLE_ALL";

/// What the names of the library's variables begin with.
const PREFIX: &[u8] = b"MONA_";

/// Whether the environment comes from somebody with other rights than this program.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn is_foreign() -> bool {
    // SAFETY: the call takes a number and answers one.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

/// Nobody's: Windows starts no program with other rights than those of who starts it.
#[cfg(windows)]
pub(crate) fn is_foreign() -> bool {
    false
}

/// Whether the environment comes from somebody with other rights than this program.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
pub(crate) fn is_foreign() -> bool {
    // SAFETY: the call takes nothing and answers a number.
    unsafe { libc::issetugid() != 0 }
}

/// The text of a variable that is set and may be believed, for all of the library.
pub fn variable(name: &str) -> Option<OsString> {
    if name != DISABLE_ALL && is_foreign() { None } else { std::env::var_os(name) }
}

/// The names of the variables that begin with `MONA_` and may be believed.
pub(crate) fn our_names() -> Vec<String> {
    if is_foreign() {
        return Vec::new();
    }
    let names = std::env::vars_os().map(|(name, _)| name);
    names
        .filter(|name| name.as_encoded_bytes().starts_with(PREFIX))
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

/// Shows the present text of [`DISABLE_ALL`], `None` where it is not set, to `see`.
///
/// It is looked for in the list itself, and the whole list only where that has changed since this thread's last look:
/// contexts are opened in inner loops, and an environment may have hundreds of variables. As with `getenv`, which does
/// the same, the host must not change the environment on another thread at that moment.
#[cfg(target_os = "linux")]
pub(crate) fn see_disable_all<R>(see: impl FnOnce(Option<&[u8]>) -> R) -> R {
    list::see(see)
}

/// Shows the present text of [`DISABLE_ALL`], `None` where it is not set, to `see`.
#[cfg(not(target_os = "linux"))]
pub(crate) fn see_disable_all<R>(see: impl FnOnce(Option<&[u8]>) -> R) -> R {
    let text = std::env::var_os(DISABLE_ALL);
    see(text.as_deref().map(std::ffi::OsStr::as_encoded_bytes))
}

#[cfg(target_os = "linux")]
mod list {
    use std::cell::Cell;
    use std::ffi::{CStr, c_char};
    use std::ptr;

    use super::DISABLE_ALL;

    unsafe extern "C" {
        /// The list of variables: entries of the form `NAME=value`, then a null pointer.
        static environ: *const *const c_char;
    }

    /// What the last look found.
    #[derive(Clone, Copy)]
    struct Seen {
        list: *const *const c_char,
        /// The entry of the variable, or the last one of a list without it.
        at: usize,
        entry: *const c_char,
        is_set: bool,
    }

    thread_local! {
        static SEEN: Cell<Seen> =
            const { Cell::new(Seen { list: ptr::null(), at: 0, entry: ptr::null(), is_set: false }) };
    }

    #[inline]
    pub(super) fn see<R>(see: impl FnOnce(Option<&[u8]>) -> R) -> R {
        // SAFETY: the C library defines it, and changes it with one store.
        let list = unsafe { environ };
        let seen = SEEN.try_with(Cell::get).ok().filter(|seen| !list.is_null() && is_as_before(seen, list));
        match seen {
            Some(seen) if !seen.is_set => see(None),
            Some(seen) => see(text(seen.entry)),
            None => see(look(list)),
        }
    }

    /// Whether a list that was looked at still has the same entry there: variables are added behind the last one, those
    /// behind one that is removed move up, and one that is set anew is another entry at the same place.
    fn is_as_before(seen: &Seen, list: *const *const c_char) -> bool {
        if seen.list != list {
            return false;
        }
        entry(list, seen.at) == seen.entry && (seen.is_set || entry(list, seen.at + 1).is_null())
    }

    /// An entry of a list that has as many, the null pointer at its end included.
    fn entry(list: *const *const c_char, at: usize) -> *const c_char {
        // SAFETY: callers pass no null pointer that they find, and what had so many entries when it was looked at has them
        // still.
        unsafe { *list.wrapping_add(at) }
    }

    #[cold]
    fn look(list: *const *const c_char) -> Option<&'static [u8]> {
        let mut seen = Seen { list, at: 0, entry: ptr::null(), is_set: false };
        for at in 0..usize::MAX {
            let entry = if list.is_null() { ptr::null() } else { entry(list, at) };
            if entry.is_null() {
                break;
            }
            let text = text(entry);
            seen = Seen { at, entry, is_set: text.is_some(), ..seen };
            if text.is_some() {
                break;
            }
        }
        if !seen.entry.is_null() {
            let _ = SEEN.try_with(|cell| cell.set(seen));
        }
        if seen.is_set { text(seen.entry) } else { None }
    }

    /// The value of an entry that is the variable's.
    fn text(entry: *const c_char) -> Option<&'static [u8]> {
        // SAFETY: entries are texts that end with NUL and outlive the look.
        let entry = unsafe { CStr::from_ptr(entry) };
        entry.to_bytes().strip_prefix(DISABLE_ALL.as_bytes())?.strip_prefix(b"=")
    }
}
