//! `std::sync::atomic` for the sources, on atomics of loom's.
//!
//! Those belong to one run, cannot be made at compile time, and count as written by the thread that makes them. So each
//! run begins with a row of them, all zero, and an atomic of the sources takes the next one on first use and counts from
//! the value it was made with. Statics and `const fn`s work, and begin each run as they were written.

use real::fmt;
use real::marker::PhantomData;
use real::sync::atomic::AtomicU64 as Plain;

pub use real::sync::atomic::{Ordering, compiler_fence};

use crate::run::{self, Word};
use crate::weak;

/// What an atomic holds, as a number.
trait Value: Copy {
    fn to_word(self) -> u64;
    fn of_word(word: u64) -> Self;
}

macro_rules! values {
    ($($type:ty)+) => {
        $(impl Value for $type {
            fn to_word(self) -> u64 {
                self as u64
            }

            fn of_word(word: u64) -> $type {
                word as $type
            }
        })+
    };
}

values!(u8 u64 usize i32);

impl Value for bool {
    fn to_word(self) -> u64 {
        u64::from(self)
    }

    fn of_word(word: u64) -> bool {
        word != 0
    }
}

impl<T> Value for *mut T {
    fn to_word(self) -> u64 {
        self.expose_provenance() as u64
    }

    fn of_word(word: u64) -> *mut T {
        real::ptr::with_exposed_provenance_mut(word as usize)
    }
}

/// The run and the place in its row: no run has the number 0, and no row so many.
const PLACES: u64 = 1 << 16;

/// An atomic that began with `first`.
struct Counted<V> {
    first: V,
    taken: Plain,
}

impl<V: Value> Counted<V> {
    const fn new(first: V) -> Counted<V> {
        Counted { first, taken: Plain::new(0) }
    }

    fn word(&self) -> Word {
        let run = run::number();
        let mut taken = self.taken.load(Ordering::Relaxed);
        if taken / PLACES != run {
            taken = run * PLACES + run::take_place();
            self.taken.store(taken, Ordering::Relaxed);
        }
        run::word(taken % PLACES)
    }

    fn place(&self) -> usize {
        real::ptr::from_ref(self).addr()
    }

    fn away(&self, value: V) -> u64 {
        value.to_word().wrapping_sub(self.first.to_word())
    }

    fn back(&self, away: u64) -> V {
        V::of_word(away.wrapping_add(self.first.to_word()))
    }

    fn load(&self, order: Ordering) -> V {
        weak::land_at(self.place());
        self.back(self.word().load(order))
    }

    /// By an exchange: between a plain store and the exchanges of others loom knows no order, and a lock whose holder
    /// opens it while another one tries would seem to stay taken.
    fn store(&self, value: V, order: Ordering) {
        let (word, away) = (self.word(), self.away(value));
        let store = move || {
            word.swap(away, order);
        };
        if order == Ordering::SeqCst {
            weak::land();
            store();
        } else {
            weak::store(self.place(), store);
        }
    }

    fn swap(&self, value: V, order: Ordering) -> V {
        weak::land();
        self.back(self.word().swap(self.away(value), order))
    }

    fn compare_exchange(&self, old: V, new: V, success: Ordering, failure: Ordering) -> Result<V, V> {
        weak::land();
        let exchanged = self.word().compare_exchange(self.away(old), self.away(new), success, failure);
        exchanged.map(|away| self.back(away)).map_err(|away| self.back(away))
    }

    fn add(&self, number: u64, order: Ordering) -> V {
        weak::land();
        self.back(self.word().fetch_add(number, order))
    }

    /// One step, whatever is computed.
    fn change(&self, order: (Ordering, Ordering), mut change: impl FnMut(V) -> Option<V>) -> Result<V, V> {
        weak::land();
        let changed = |away| change(self.back(away)).map(|value| self.away(value));
        let updated = self.word().fetch_update(order.0, order.1, changed);
        updated.map(|away| self.back(away)).map_err(|away| self.back(away))
    }
}

macro_rules! atomic {
    ($name:ident $(<$parameter:ident>)?, $value:ty) => {
        /// As the standard library's.
        pub struct $name $(<$parameter>)? {
            counted: Counted<$value>,
            $(_pointer: PhantomData<*mut $parameter>,)?
        }

        // SAFETY: whoever follows a pointer that is kept here says why that is sound; a number has no owner.
        unsafe impl $(<$parameter>)? Sync for $name $(<$parameter>)? {}
        // SAFETY: as above.
        unsafe impl $(<$parameter>)? Send for $name $(<$parameter>)? {}

        #[allow(missing_docs)]
        impl $(<$parameter>)? $name $(<$parameter>)? {
            pub const fn new(value: $value) -> Self {
                $name { counted: Counted::new(value), $(_pointer: PhantomData::<*mut $parameter>)? }
            }

            pub fn load(&self, order: Ordering) -> $value {
                self.counted.load(order)
            }

            pub fn store(&self, value: $value, order: Ordering) {
                self.counted.store(value, order);
            }

            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                self.counted.swap(value, order)
            }

            pub fn compare_exchange(
                &self,
                old: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.counted.compare_exchange(old, new, success, failure)
            }

            pub fn compare_exchange_weak(
                &self,
                old: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.compare_exchange(old, new, success, failure)
            }

            pub fn get_mut(&mut self) -> &mut $value {
                let value = self.load(Ordering::Relaxed);
                self.counted = Counted::new(value);
                &mut self.counted.first
            }
        }

        impl $(<$parameter>)? fmt::Debug for $name $(<$parameter>)? {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(stringify!($name))
            }
        }
    };
}

atomic!(AtomicBool, bool);
atomic!(AtomicI32, i32);
atomic!(AtomicPtr<T>, *mut T);
atomic!(AtomicU8, u8);
atomic!(AtomicU64, u64);
atomic!(AtomicUsize, usize);

impl Default for AtomicBool {
    fn default() -> AtomicBool {
        AtomicBool::new(false)
    }
}

macro_rules! counter {
    ($name:ident, $value:ty) => {
        #[allow(missing_docs)]
        impl $name {
            pub fn fetch_add(&self, value: $value, order: Ordering) -> $value {
                self.counted.add(value.to_word(), order)
            }

            pub fn fetch_sub(&self, value: $value, order: Ordering) -> $value {
                self.counted.add(value.to_word().wrapping_neg(), order)
            }

            pub fn fetch_or(&self, value: $value, order: Ordering) -> $value {
                let or = |known| Some(known | value);
                self.counted.change((order, Ordering::Relaxed), or).unwrap_or_else(|known| known)
            }

            pub fn fetch_update(
                &self,
                success: Ordering,
                failure: Ordering,
                change: impl FnMut($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                self.counted.change((success, failure), change)
            }
        }

        impl Default for $name {
            fn default() -> $name {
                $name::new(0)
            }
        }
    };
}

counter!(AtomicU8, u8);
counter!(AtomicI32, i32);
counter!(AtomicU64, u64);
counter!(AtomicUsize, usize);
