//! Where a walk over nested values stands.
//!
//! [`super::msgpack`] steps over values with it, [`super::forward::text`] writes them.

/// What is known of each array and map that is open; the first levels take no allocation.
#[derive(Default)]
pub(crate) struct Levels<T> {
    near: [T; NEAR],
    far: Vec<T>,
    depth: usize,
}

/// A record, its message, and a few levels in it.
const NEAR: usize = 8;

impl<T: Copy> Levels<T> {
    #[inline]
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    #[inline]
    pub(crate) fn push(&mut self, level: T) {
        match self.near.get_mut(self.depth) {
            Some(place) => *place = level,
            None => self.far.push(level),
        }
        self.depth += 1;
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<T> {
        self.depth = self.depth.checked_sub(1)?;
        match self.near.get(self.depth) {
            Some(level) => Some(*level),
            None => self.far.pop(),
        }
    }
}
