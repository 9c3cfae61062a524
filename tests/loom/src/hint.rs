//! `std::hint` for the sources.

pub use real::hint::black_box;

/// Lets others go on: what is waited for comes from them.
pub fn spin_loop() {
    crate::thread::yield_now();
}
