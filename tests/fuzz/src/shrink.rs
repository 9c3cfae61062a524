//! Makes a case that fails smaller, as long as it fails.

use crate::case::{Case, Entry, Input, LIMITS};
use crate::check::Bench;

// Enough for any text of a few kilobytes; a larger one stays as large as it is by then.
const MOST_TRIES: usize = 100_000;

struct Shrinker<'b> {
    bench: &'b mut Bench,
    best: Case,
    tries: usize,
}

/// A smaller case that fails as well, made by taking away and by making plain what can be. A single input that
/// fails only after those that the encoder remembers is put behind `history`.
pub(crate) fn shrink(bench: &mut Bench, case: &Case, history: impl FnOnce() -> Vec<Input>) -> Case {
    let mut shrinker = Shrinker { bench, best: case.clone(), tries: 0 };
    if case.inputs.len() == 1 && !shrinker.fails(case) {
        shrinker.best.inputs = history();
        shrinker.best.inputs.extend(case.inputs.iter().cloned());
    }
    shrinker.cut_inputs();
    shrinker.simplify();
    while shrinker.cut_texts() | shrinker.plain_texts() {}
    shrinker.cut_inputs();
    shrinker.best
}

impl Shrinker<'_> {
    fn fails(&mut self, case: &Case) -> bool {
        self.tries += 1;
        self.bench.refresh();
        self.tries < MOST_TRIES && self.bench.run(case).is_err()
    }

    /// Takes `case` if it fails.
    fn take(&mut self, case: Case) -> bool {
        let fails = self.fails(&case);
        if fails {
            self.best = case;
        }
        fails
    }

    fn cut_inputs(&mut self) {
        let mut len = self.best.inputs.len();
        while len > 0 {
            let mut at = 0;
            while at + len <= self.best.inputs.len() {
                let mut fewer = self.best.clone();
                drop(fewer.inputs.drain(at..at + len));
                if fewer.inputs.is_empty() || !self.take(fewer) {
                    at += len.div_ceil(2);
                }
            }
            len /= 2;
        }
    }

    fn simplify(&mut self) {
        self.take(Case { room: None, ..self.best.clone() });
        for index in 0..self.best.inputs.len() {
            let mut simpler = self.best.clone();
            simpler.inputs[index].limits = LIMITS;
            self.take(simpler);
            let mut simpler = self.best.clone();
            simpler.inputs[index].entry = Entry::Object;
            self.take(simpler);
        }
    }

    fn cut_texts(&mut self) -> bool {
        let mut any = false;
        for index in 0..self.best.inputs.len() {
            let mut len = self.best.inputs[index].text.len();
            while len > 0 {
                let mut at = 0;
                while at + len <= self.best.inputs[index].text.len() {
                    let mut smaller = self.best.clone();
                    drop(smaller.inputs[index].text.drain(at..at + len));
                    if self.take(smaller) {
                        any = true;
                    } else {
                        at += len.div_ceil(2);
                    }
                }
                len /= 2;
            }
        }
        any
    }

    fn plain_texts(&mut self) -> bool {
        let mut any = false;
        for index in 0..self.best.inputs.len() {
            for at in 0..self.best.inputs[index].text.len() {
                for plain in [b'a', b'0', b' '] {
                    let mut plainer = self.best.clone();
                    let byte = &mut plainer.inputs[index].text[at];
                    if matches!(std::mem::replace(byte, plain), b'a' | b'0' | b' ') {
                        break;
                    }
                    any |= self.take(plainer);
                }
            }
        }
        any
    }
}
