//! An even random sample of what comes.

/// Keeps each of what comes with the same chance, one that falls so that there is room for all.
///
/// By chance and not in equal distances: runs that go round ten countries would be seen of five of them only.
#[derive(Debug)]
pub(super) struct Evenly<T> {
    pub(super) kept: Vec<T>,
    /// Of so many one is kept; a power of two.
    pub(super) step: u64,
    pub(super) seen: usize,
    limit: usize,
    chance: Chance,
}

/// Numbers as good as random (xorshift).
#[derive(Debug)]
pub(super) struct Chance(u64);

impl<T> Evenly<T> {
    /// Room for so many. Parts of one sample have seeds of their own; the same one gives the same again.
    pub(super) fn new(limit: usize, seed: i64) -> Evenly<T> {
        Evenly { kept: Vec::new(), step: 1, seen: 0, limit: limit.max(1), chance: Chance::new(seed) }
    }

    /// Whether the next one is kept.
    pub(super) fn wants(&mut self) -> bool {
        self.seen += 1;
        self.step == 1 || self.chance.is_one_of(self.step)
    }

    pub(super) fn keep(&mut self, one: T) {
        self.kept.push(one);
        if self.kept.len() > self.limit {
            self.thin();
        }
    }

    /// What comes was drawn already: one of `step`, a power of two, out of so many.
    pub(super) fn drawn(&mut self, step: u64, of: usize) {
        self.step *= step;
        self.seen = of;
    }

    /// Half of them go.
    pub(super) fn thin(&mut self) {
        self.step *= 2;
        let chance = &mut self.chance;
        self.kept.retain(|_| chance.is_one_of(2));
    }

    /// Takes what another one kept of what came behind.
    pub(super) fn merge(&mut self, behind: &Evenly<T>)
    where
        T: Clone,
    {
        self.seen += behind.seen;
        while self.step < behind.step {
            self.thin();
        }
        for one in &behind.kept {
            let share = self.step / behind.step;
            if share == 1 || self.chance.is_one_of(share) {
                self.keep(one.clone());
            }
        }
    }
}

impl Chance {
    /// The same seed gives the same numbers.
    pub(super) fn new(seed: i64) -> Chance {
        // Any start but zero will do.
        Chance((seed.cast_unsigned() << 1 | 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// True once in so many, a power of two (the high bits are the good ones).
    pub(super) fn is_one_of(&mut self, many: u64) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 20 & (many - 1) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_round_is_seen_of_all_its_values() {
        let mut sample = Evenly::new(1_000, 0);
        for n in 0..100_000_u32 {
            if sample.wants() {
                sample.keep(n);
            }
        }
        assert_eq!(sample.seen, 100_000);
        assert!((400..=1_000).contains(&sample.kept.len()), "{}", sample.kept.len());
        for value in 0..8 {
            let share =
                sample.kept.iter().filter(|n| **n % 8 == value).count() as f64 / sample.kept.len() as f64;
            assert!((0.07..0.18).contains(&share), "{value}: {share}");
        }
        // As many of the first half as of the second.
        let early = sample.kept.iter().filter(|n| **n < 50_000).count() as f64 / sample.kept.len() as f64;
        assert!((0.4..0.6).contains(&early), "{early}");
    }

    #[test]
    fn parts_are_as_even_as_the_whole() {
        let mut whole = Evenly::new(1_000, -1);
        for part in 0..10_u32 {
            // The first half of them keep twice as much.
            let mut sample = Evenly::new(if part < 5 { 400 } else { 200 }, i64::from(part));
            for n in 0..10_000 {
                if sample.wants() {
                    sample.keep(part * 10_000 + n);
                }
            }
            whole.merge(&sample);
        }
        assert_eq!(whole.seen, 100_000);
        assert!((400..=1_000).contains(&whole.kept.len()), "{}", whole.kept.len());
        assert!(whole.kept.is_sorted());
        for part in 0..10 {
            let share = whole.kept.iter().filter(|n| **n / 10_000 == part).count() as f64;
            assert!((0.05..0.17).contains(&(share / whole.kept.len() as f64)), "{part}: {share}");
        }
    }
}
