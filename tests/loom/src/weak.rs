//! Stores that become visible late.
//!
//! A processor may keep a plain store to itself while the loads behind it are done already: that is what a sequentially
//! consistent store is for. Loom lets loads be stale but never a store be late, and would miss it where the other side
//! reads by an exchange. So each model runs twice, once with all weaker stores of a thread late: such a store lands
//! right before the next step of its thread that is no load, or a load from the same place.

use real::cell::{Cell, RefCell};
use real::collections::HashMap;

use loom::thread::ThreadId;

struct Store {
    place: usize,
    land: Box<dyn FnOnce()>,
}

real::thread_local! {
    // Loom runs all threads of a model on this one.
    static IS_LATE: Cell<bool> = const { Cell::new(false) };
    static WAITING: RefCell<HashMap<ThreadId, Store>> = RefCell::new(HashMap::new());
}

/// Whether weaker stores are late from now on. Forgets those of a run before.
pub(crate) fn set_late(is_late: bool) {
    IS_LATE.set(is_late);
    WAITING.take();
}

/// Does a weak store to `place`, now or later.
pub(crate) fn store(place: usize, store: impl FnOnce() + 'static) {
    land();
    if IS_LATE.get() {
        let store = Store { place, land: Box::new(store) };
        WAITING.with_borrow_mut(|waiting| waiting.insert(loom::thread::current().id(), store));
    } else {
        store();
    }
}

/// Does the store of this thread that waits. Whatever is no load begins with this.
pub(crate) fn land() {
    land_if(|_| true);
}

/// Does the store of this thread that waits, if it is to `place`: a thread sees its own stores.
pub(crate) fn land_at(place: usize) {
    land_if(|store| store.place == place);
}

fn land_if(is_due: impl FnOnce(&Store) -> bool) {
    if !IS_LATE.get() {
        return;
    }
    let thread = loom::thread::current().id();
    let store = WAITING.with_borrow_mut(|waiting| {
        waiting.get(&thread).is_some_and(is_due).then(|| waiting.remove(&thread)).flatten()
    });
    if let Some(store) = store {
        (store.land)();
    }
}
