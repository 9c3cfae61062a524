//! `thread_local!` for the sources: loom runs all threads of a model on one thread of the system.

use real::any::Any;
use real::cell::RefCell;
use real::collections::HashMap;
use real::rc::Rc;

use loom::thread::ThreadId;

struct Kept {
    value: Rc<dyn Any>,
    has_destructor: bool,
}

real::thread_local! {
    /// By thread and by the place of the key; `None` once the value was destroyed.
    static KEPT: RefCell<HashMap<(ThreadId, usize), Option<Kept>>> = RefCell::new(HashMap::new());
}

/// A value for each thread of a model.
#[derive(Debug)]
pub struct LocalKey<T: 'static> {
    make: fn() -> T,
}

/// The value was destroyed.
#[derive(Debug)]
pub struct AccessError;

impl<T: 'static> LocalKey<T> {
    /// A key whose values `make` makes.
    pub const fn new(make: fn() -> T) -> LocalKey<T> {
        LocalKey { make }
    }

    /// Shows this thread's value.
    pub fn with<R>(&'static self, see: impl FnOnce(&T) -> R) -> R {
        self.try_with(see).expect("the value is there as long as its thread")
    }

    /// Shows this thread's value, if it was not destroyed.
    pub fn try_with<R>(&'static self, see: impl FnOnce(&T) -> R) -> Result<R, AccessError> {
        let key = (loom::thread::current().id(), real::ptr::from_ref(self).addr());
        let value = KEPT.with_borrow_mut(|kept| {
            let make =
                || Some(Kept { value: Rc::new((self.make)()), has_destructor: real::mem::needs_drop::<T>() });
            kept.entry(key).or_insert_with(make).as_ref().map(|kept| Rc::clone(&kept.value))
        });
        let value = value.ok_or(AccessError)?;
        Ok(see(value.downcast_ref().expect("a key has one type")))
    }
}

/// Destroys what the calling thread has, as the end of a thread does.
pub(crate) fn end() {
    let thread = loom::thread::current().id();
    let next = || {
        KEPT.with_borrow_mut(|kept| {
            let of_thread = |kept: &Option<Kept>| kept.as_ref().is_some_and(|kept| kept.has_destructor);
            kept.iter_mut()
                .find(|(key, kept)| key.0 == thread && of_thread(kept))
                .and_then(|(_, kept)| kept.take())
        })
    };
    while let Some(kept) = next() {
        drop(kept);
    }
    let others = KEPT.take().into_iter().filter(|(key, _)| key.0 != thread).collect();
    KEPT.set(others);
}

/// Forgets what a run left, whose threads may not have ended.
pub(crate) fn forget() {
    real::mem::forget(KEPT.take());
}
