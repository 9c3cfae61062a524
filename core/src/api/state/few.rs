//! A list of hardly ever more than one item, whose first one needs no memory of its own.

/// A stack of items, innermost last.
#[derive(Debug, Clone)]
pub(super) struct Few<T> {
    first: Option<T>,
    /// Nothing where there is no first one.
    more: Vec<T>,
}

impl<T> Default for Few<T> {
    fn default() -> Few<T> {
        Few { first: None, more: Vec::new() }
    }
}

impl<T> Few<T> {
    pub(super) fn push(&mut self, item: T) {
        match self.first {
            None => self.first = Some(item),
            Some(_) => self.more.push(item),
        }
    }

    pub(super) fn first(&self) -> Option<&T> {
        self.first.as_ref()
    }

    pub(super) fn last(&self) -> Option<&T> {
        self.more.last().or(self.first.as_ref())
    }

    pub(super) fn get(&self, index: usize) -> Option<&T> {
        match index.checked_sub(1) {
            Some(index) => self.more.get(index),
            None => self.first.as_ref(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.more.len() + usize::from(self.first.is_some())
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.first.iter().chain(&self.more)
    }

    /// Keeps the first `len` items.
    pub(super) fn truncate(&mut self, len: usize) {
        match len.checked_sub(1) {
            Some(more) => self.more.truncate(more),
            None => *self = Few::default(),
        }
    }

    /// Takes out the item at `index`; nothing where there is none.
    pub(super) fn remove(&mut self, index: usize) {
        match index.checked_sub(1) {
            Some(index) if index < self.more.len() => drop(self.more.remove(index)),
            Some(_) => {}
            None if self.more.is_empty() => self.first = None,
            None => self.first = Some(self.more.remove(0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_a_vector() {
        let mut few = Few::default();
        let all = |few: &Few<u8>| few.iter().copied().collect::<Vec<_>>();
        few.remove(0);
        few.truncate(0);
        for item in 0..5 {
            assert_eq!(few.len(), item);
            few.push(item as u8);
            assert_eq!((few.first(), few.last()), (Some(&0), Some(&(item as u8))));
        }
        few.remove(5);
        few.remove(0);
        few.remove(1);
        assert_eq!(all(&few), [1, 3, 4]);
        assert_eq!([0, 1, 2, 3].map(|index| few.get(index)), [Some(&1), Some(&3), Some(&4), None]);
        few.truncate(7);
        few.truncate(2);
        assert_eq!(all(&few), [1, 3]);
        few.remove(1);
        few.remove(0);
        assert_eq!((all(&few), few.first(), few.last()), (vec![], None, None));
        few.push(9);
        few.push(8);
        few.truncate(0);
        assert_eq!(few.len(), 0);
    }
}
