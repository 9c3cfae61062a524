//! LeakSanitizer in the host's process, where there is one.
//!
//! In a forked child the library's threads are gone, and with their stacks whatever only those pointed to: no leak of the
//! host's, and nobody's to free. What these threads allocate is therefore left out of its reports, and what is reached
//! from there with it.

use std::ffi::{CStr, c_void};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A function of the checker without arguments.
struct Call {
    name: &'static CStr,
    /// NULL while nobody looked; `none` where there is no checker.
    found: AtomicPtr<c_void>,
}

static DISABLE: Call = Call { name: c"__lsan_disable", found: AtomicPtr::new(null_mut()) };
static ENABLE: Call = Call { name: c"__lsan_enable", found: AtomicPtr::new(null_mut()) };

extern "C" fn none() {}

impl Call {
    fn call(&self) {
        let mut found = self.found.load(Ordering::Relaxed);
        if found.is_null() {
            // SAFETY: looks a name up among the objects that are loaded.
            found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, self.name.as_ptr()) };
            if found.is_null() {
                found = none as *const () as *mut c_void;
            }
            self.found.store(found, Ordering::Relaxed);
        }
        // SAFETY: both functions of the checker, and `none`, take and return nothing.
        let call = unsafe { std::mem::transmute::<*mut c_void, extern "C" fn()>(found) };
        call();
    }
}

/// Leaves out what this thread allocates from now on.
pub(crate) fn ignore_this_thread() {
    DISABLE.call();
}

/// Leaves out what `make` allocates for a thread of ours.
pub(crate) fn ignoring<R>(make: impl FnOnce() -> R) -> R {
    struct Enabled;
    impl Drop for Enabled {
        fn drop(&mut self) {
            ENABLE.call();
        }
    }
    DISABLE.call();
    let _enabled = Enabled;
    make()
}
