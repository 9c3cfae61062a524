//! `std::thread` for the sources and the models.

use real::time::Duration;

/// Lets others go on.
pub fn yield_now() {
    weak::land();
    loom::thread::yield_now();
}

use crate::{storage, weak};

/// Lets others go on; how long makes no difference to the order of steps.
pub fn sleep(_: Duration) {
    yield_now();
}

/// Starts a thread of the model.
pub fn spawn(body: impl FnOnce() + 'static) -> JoinHandle {
    weak::land();
    JoinHandle(loom::thread::spawn(move || {
        body();
        storage::end();
        weak::land();
    }))
}

/// A thread of the model.
#[derive(Debug)]
pub struct JoinHandle(loom::thread::JoinHandle<()>);

impl JoinHandle {
    /// Waits for its end.
    pub fn join(self) {
        weak::land();
        self.0.join().expect("a thread of the model ends");
    }
}
