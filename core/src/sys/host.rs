//! The names of the machine, of its network interfaces and of the program.

use std::ffi::CStr;

/// Longest name of a machine; longer ones are not valid.
pub(crate) const MOST_BYTES: usize = 255;

/// What the machine calls itself; `None` where that is nothing, or no ASCII.
pub(crate) fn name() -> Option<String> {
    let mut bytes = [0u8; MOST_BYTES + 1];
    // SAFETY: pointer and length are those of a live array.
    let answer = unsafe { libc::gethostname(bytes.as_mut_ptr().cast(), bytes.len()) };
    let length = bytes.iter().position(|byte| *byte == 0).unwrap_or(MOST_BYTES);
    let name = bytes.get(..length).and_then(|name| std::str::from_utf8(name).ok());
    name.filter(|name| answer == 0 && !name.is_empty() && name.is_ascii()).map(str::to_owned)
}

/// The number of a network interface.
pub(crate) fn interface(name: &CStr) -> Option<u32> {
    // SAFETY: the pointer is to a text with an end.
    let number = unsafe { libc::if_nametoindex(name.as_ptr()) };
    (number != 0).then_some(number)
}

/// The name of the program's file, where the system tells it.
#[cfg(feature = "http")]
pub(crate) fn program() -> Option<String> {
    let path = std::env::current_exe().ok()?;
    let name = path.file_name()?.to_string_lossy().into_owned();
    Some(name).filter(|name| !name.is_empty())
}
