//! `std::cell` for the sources: a cell that loom watches.

pub use real::cell::{Cell, OnceCell, Ref, RefCell, RefMut};

/// A cell that ends the run when two threads come to it and neither came after the other.
#[derive(Debug, Default)]
pub struct UnsafeCell<T>(loom::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    /// A cell with a value.
    pub fn new(value: T) -> UnsafeCell<T> {
        UnsafeCell(loom::cell::UnsafeCell::new(value))
    }

    /// Where the value is. Each call counts as a write at this moment: no file of the sources lets two threads in at
    /// once.
    pub fn get(&self) -> *mut T {
        self.0.with_mut(|value| value)
    }

    /// A look at the value, for the models: others may look as well.
    pub(crate) fn read(&self) -> T
    where
        T: Copy,
    {
        // SAFETY: loom has just seen that whoever wrote it is done.
        self.0.with(|value| unsafe { *value })
    }
}
