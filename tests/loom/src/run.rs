//! Runs a model in every order of its steps.

use real::cell::{Cell, RefCell};
use real::rc::Rc;

use crate::{storage, weak};

/// What an atomic of the sources stands on.
pub(crate) type Word = Rc<loom::sync::atomic::AtomicU64>;

/// More than any model has.
const WORDS: usize = 64;

real::thread_local! {
    static NUMBER: Cell<u64> = const { Cell::new(0) };
    static WORDS_OF_RUN: RefCell<Vec<Word>> = const { RefCell::new(Vec::new()) };
    static TAKEN: Cell<u64> = const { Cell::new(0) };
}

/// The number of the run under way.
pub(crate) fn number() -> u64 {
    NUMBER.get()
}

/// A place in the row of words that nobody has.
pub(crate) fn take_place() -> u64 {
    TAKEN.replace(TAKEN.get() + 1)
}

/// The word at a place.
pub(crate) fn word(place: u64) -> Word {
    let place = usize::try_from(place).expect("a small number");
    WORDS_OF_RUN.with_borrow(|words| Rc::clone(words.get(place).expect("a larger row of words is expected")))
}

fn begin(is_late: bool) {
    NUMBER.set(NUMBER.get() + 1);
    TAKEN.set(0);
    // What a run left behind stays where it is: its threads may not have ended.
    real::mem::forget(WORDS_OF_RUN.replace((0..WORDS).map(|_| Rc::default()).collect()));
    storage::forget();
    weak::set_late(is_late);
}

/// Runs `model` in every order in which threads take turns against their will at most `turns` times, with stores that
/// land at once and with late ones. Panics when a run does, or when its threads wait for each other for ever.
pub(crate) fn every_order(turns: usize, model: impl Fn() + Sync + Send + Clone + 'static) {
    for is_late in [false, true] {
        let mut runs = loom::model::Builder::new();
        runs.preemption_bound = Some(turns);
        runs.max_branches = 20_000;
        let model = model.clone();
        let started = real::time::Instant::now();
        let first = number();
        runs.check(move || {
            begin(is_late);
            model();
            storage::end();
            weak::land();
        });
        let kind = if is_late { "late" } else { "prompt" };
        real::println!("{} orders with {kind} stores in {:?}", number() - first, started.elapsed());
    }
}
