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

#[cfg(target_os = "linux")]
static IGNORE_OBJECT: Call = Call { name: c"__lsan_ignore_object", found: AtomicPtr::new(null_mut()) };

/// Stands for a function of a checker that is not there.
extern "C" fn none() {}

const NONE: *mut c_void = none as *const () as *mut c_void;

impl Call {
    fn call(&self) {
        // SAFETY: both functions of the checker, and `none`, take and return nothing.
        let call = unsafe { std::mem::transmute::<*mut c_void, extern "C" fn()>(self.find()) };
        call();
    }

    fn find(&self) -> *mut c_void {
        let mut found = self.found.load(Ordering::Relaxed);
        if found.is_null() {
            // SAFETY: looks a name up among the objects that are loaded.
            found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, self.name.as_ptr()) };
            if found.is_null() {
                found = NONE;
            }
            self.found.store(found, Ordering::Relaxed);
        }
        found
    }
}

/// Leaves out what this thread allocates from now on, and what its stack or its own storage alone points to: that of the
/// standard library, from before our part begins, too.
#[cfg(target_os = "linux")]
pub(crate) fn ignore_this_thread() {
    let found = IGNORE_OBJECT.find();
    if found == NONE {
        return;
    }
    // SAFETY: the function of the checker takes an address of any kind.
    let ignore = unsafe { std::mem::transmute::<*mut c_void, extern "C" fn(*const c_void)>(found) };
    DISABLE.call();
    let Some(end) = end_of_stack() else { return };
    let here = 0_usize;
    let first = (&raw const here).expose_provenance();
    for at in (first..end).step_by(size_of::<usize>()) {
        // SAFETY: the stack of this thread is there as far as its end; any bytes are a number.
        let word = unsafe { std::ptr::with_exposed_provenance::<usize>(at).read_volatile() };
        ignore(std::ptr::without_provenance(word));
    }
}

/// Leaves out what this thread allocates from now on.
#[cfg(not(target_os = "linux"))]
pub(crate) fn ignore_this_thread() {
    DISABLE.call();
}

/// Where the stack of this thread ends, which it grows away from. The thread's own storage lies before it.
#[cfg(target_os = "linux")]
fn end_of_stack() -> Option<usize> {
    let mut attributes = std::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: asks for the calling thread.
    let here = unsafe { libc::pthread_self() };
    // SAFETY: fills the attributes of a thread that runs.
    if unsafe { libc::pthread_getattr_np(here, attributes.as_mut_ptr()) } != 0 {
        return None;
    }
    let (mut lowest, mut size) = (null_mut(), 0);
    // SAFETY: filled above; the pointers are to live values.
    let status = unsafe { libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut lowest, &raw mut size) };
    // SAFETY: filled above, and used by nobody afterwards.
    unsafe { libc::pthread_attr_destroy(attributes.as_mut_ptr()) };
    (status == 0).then(|| lowest.addr() + size)
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
