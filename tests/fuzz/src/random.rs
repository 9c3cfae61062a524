//! Random choices that a seed and a number repeat.
//!
//! Every input has a generator of its own, made from the seed of the run and the input's number, so that any
//! one of them can be made again without those before it.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

/// The choices of one input.
pub(crate) struct Random(Xoshiro256PlusPlus);

impl Random {
    /// The choices of input `number` in the run of `seed`.
    pub(crate) fn new(seed: u64, number: u64) -> Random {
        // An odd constant spreads the numbers over all seeds; the generator mixes them further.
        Random(Xoshiro256PlusPlus::seed_from_u64(seed ^ number.wrapping_mul(0xd134_2543_de82_ef95)))
    }

    /// 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.bits()) * end as u128) >> 64) as usize
    }

    /// A number from `first` to `last`.
    pub(crate) fn between(&mut self, first: usize, last: usize) -> usize {
        first + self.below(last - first + 1)
    }

    /// True once in `times`.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of `from`.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// A length up to `most`, mostly a short one.
    pub(crate) fn length(&mut self, most: usize) -> usize {
        let bound = most >> self.below((usize::BITS - most.leading_zeros()) as usize + 1);
        self.between(0, bound)
    }
}
