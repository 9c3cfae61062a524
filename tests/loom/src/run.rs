//! Runs models, each in a process of its own and in every order of its steps.

use real::cell::{Cell, RefCell};
use real::process::{Command, ExitCode};
use real::rc::Rc;
use real::time::Instant;
use real::{env, println};

use crate::{storage, weak};

/// What an atomic of the sources stands on.
pub(crate) type Word = Rc<loom::sync::atomic::AtomicU64>;

/// More than any model has.
const WORDS: usize = 64;

/// A name and what it stands for.
pub(crate) type Model = (&'static str, fn());

/// Before the name of a model that is to be run in this process.
const ALONE: &str = "--alone";

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
        let started = Instant::now();
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

/// Runs the models whose names hold one of the program's arguments, or all, and counts. A process for each: the sources
/// have statics, and a run that loom ends by a panic may end in an abort.
pub(crate) fn all(models: &[Model]) -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [first, name] = arguments.as_slice()
        && first == ALONE
    {
        models.iter().filter(|(known, _)| known == name).for_each(|(_, model)| model());
        return ExitCode::SUCCESS;
    }
    let names: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|name| !name.starts_with('-')).collect();
    let (mut passed, mut failed) = (0, 0);
    for (name, _) in models {
        if !names.is_empty() && !names.iter().any(|part| name.contains(part)) {
            continue;
        }
        let me = env::current_exe().expect("the path of this program");
        let is_passed = Command::new(me).args([ALONE, name]).status().is_ok_and(|status| status.success());
        let (word, count) = if is_passed { ("ok  ", &mut passed) } else { ("FAIL", &mut failed) };
        println!("{word}  {name}");
        *count += 1;
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
