//! Fork-local cells.

use crate::cell::UnsafeCell;
use crate::run::every_order;
use crate::sync::Arc;
use crate::sys::fork::{ForkLocal, generation, settled};
use crate::thread::{JoinHandle, spawn};

/// Threads that come first at the same moment agree on which process this is.
pub fn threads_that_settle_at_once_agree() {
    every_order(4, || {
        let thread = spawn(|| assert_eq!(settled(), 1));
        assert!(generation() <= 1);
        assert_eq!(settled(), 1);
        thread.join();
    });
}

/// A value that loom watches: making it is a write.
#[derive(Debug)]
struct Watched(UnsafeCell<u32>);

impl Watched {
    fn new(value: u32) -> Watched {
        Watched(UnsafeCell::new(value))
    }
}

/// Threads that come first at the same moment get the same value, whole.
pub fn a_fork_local_value_is_made_once_and_seen_whole() {
    every_order(4, || {
        let cell = Arc::new(ForkLocal::new());
        let threads = [1, 2].map(|value| {
            let cell = Arc::clone(&cell);
            spawn(move || {
                see(cell.get(|| Watched::new(value)));
            })
        });
        if let Some(value) = cell.existing() {
            see(value);
        }
        threads.into_iter().for_each(JoinHandle::join);
        let value = see(cell.get(|| Watched::new(3)));
        assert!(value == 1 || value == 2, "{value}");
    });
}

fn see(value: &Watched) -> u32 {
    value.0.read()
}
