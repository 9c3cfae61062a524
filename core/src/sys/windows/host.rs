//! The names of the machine and of the program.

use std::ffi::CStr;

use windows_sys::Win32::NetworkManagement::IpHelper::if_nametoindex;
use windows_sys::Win32::System::SystemInformation::{ComputerNameDnsHostname, GetComputerNameExW};

/// Longest name of a machine; longer ones are not valid.
pub(crate) const MOST_BYTES: usize = 255;

/// What the machine calls itself; `None` where that is nothing, or no ASCII.
pub(crate) fn name() -> Option<String> {
    let mut text = [0u16; MOST_BYTES + 1];
    let mut len = u32::try_from(text.len()).ok()?;
    // SAFETY: pointer and length are those of a live array.
    let answer = unsafe { GetComputerNameExW(ComputerNameDnsHostname, text.as_mut_ptr(), &raw mut len) };
    let name = String::from_utf16(text.get(..usize::try_from(len).ok()?)?).ok()?;
    Some(name).filter(|name| answer != 0 && !name.is_empty() && name.is_ascii())
}

/// The number of a network interface.
pub(crate) fn interface(name: &CStr) -> Option<u32> {
    // SAFETY: the pointer is to a text with an end.
    let number = unsafe { if_nametoindex(name.as_ptr().cast()) };
    (number != 0).then_some(number)
}

/// The name of the program's file, where the system tells it.
#[cfg(feature = "http")]
pub(crate) fn program() -> Option<String> {
    let path = std::env::current_exe().ok()?;
    let name = path.file_name()?.to_string_lossy().into_owned();
    Some(name).filter(|name| !name.is_empty())
}
