//! The way that the calling thread has chosen, for the fuzzer.

use std::cell::Cell;

use super::block::{BLOCK, Run};
use super::words;

type FirstStop = fn(&[u8; BLOCK]) -> Option<usize>;

/// One way through strings.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    first_stop: FirstStop,
    run: fn(&[u8]) -> Run,
}

const WORDS: Way = Way { name: "words", first_stop: words::first_stop, run: words::run };

thread_local! {
    static CHOSEN: Cell<Way> = const { Cell::new(WORDS) };
}

/// Every way of this machine.
fn ways() -> Vec<Way> {
    #[allow(unused_mut)]
    let mut ways = vec![WORDS];
    #[cfg(not(feature = "portable"))]
    #[cfg(target_arch = "aarch64")]
    ways.push(Way { name: "neon", first_stop: super::neon::first_stop, run: super::neon::run });
    #[cfg(not(feature = "portable"))]
    #[cfg(target_arch = "x86_64")]
    {
        use super::x86;
        ways.push(Way { name: "sse2", first_stop: x86::first_stop, run: x86::narrow_run });
        if x86::wide_run().is_some() {
            ways.push(Way { name: "avx2", first_stop: x86::first_stop, run: x86::run });
        }
    }
    ways
}

/// The names of the ways, the portable one first.
pub(crate) fn names() -> Vec<&'static str> {
    ways().iter().map(|way| way.name).collect()
}

/// Makes the calling thread take the way called `name`. False where there is none.
pub(crate) fn choose(name: &str) -> bool {
    ways().iter().find(|way| way.name == name).map(|way| CHOSEN.set(*way)).is_some()
}

pub(super) fn first_stop(block: &[u8; BLOCK]) -> Option<usize> {
    (CHOSEN.get().first_stop)(block)
}

pub(super) fn run(bytes: &[u8]) -> Run {
    (CHOSEN.get().run)(bytes)
}
