//! The number of the binary interface, in a file of its own because the build script names the shared
//! object after it.

/// The number of the binary interface that this header describes, as in the shared object's name.
/// A library of the same number can replace this one without compiling programs anew.
pub const MONA_ABI_VERSION: u32 = 0;
