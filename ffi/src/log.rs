//! Log lines: pushed to a callback, or pulled.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use mona_core::log::{self, Callback};

use crate::guard::guard;
use crate::handle::OutParam;
use crate::status::mona_status;
use crate::text::Output;

/// Log level: fine detail for the developers of libmona.
pub const MONA_LOG_DEBUG: i32 = 10;
/// Log level: normal events in the life of a client.
pub const MONA_LOG_INFO: i32 = 20;
/// Log level: something a person may want to mend.
pub const MONA_LOG_WARNING: i32 = 30;
/// Log level: a call was refused or something was lost.
pub const MONA_LOG_ERROR: i32 = 40;

/// A function of the program that gets the log lines.
///
/// It may run on any thread, threads of libmona included, and on several at once. It must return: no
/// exception, no longjmp. Inside it, export, flush and close answer MONA_E_BUSY. Once the program ends, by
/// exit() or by returning from main(), it is not called any more; calls that run then have a second to end.
///
/// An interpreter or a garbage collector may be gone before that, and then a call of its code is a crash that
/// nothing here can prevent: such languages take mona_log_take() instead, or take the function away in their own
/// exit handlers (atexit in Python).
///
/// @param level      One of the MONA_LOG_ numbers.
/// @param line       The line in UTF-8, ended by NUL, without a line break; valid until it returns.
/// @param len        Bytes in `line`, without the NUL.
/// @param user_data  As given to mona_log_set_callback().
pub type mona_log_fn =
    Option<unsafe extern "C" fn(level: i32, line: *const c_char, len: usize, user_data: *mut c_void)>;

/// The program's function with what it wants to be given.
struct Listener {
    function: unsafe extern "C" fn(i32, *const c_char, usize, *mut c_void),
    user_data: *mut c_void,
}

// SAFETY: the header says that the function runs on any thread; the pointer is only passed on to it.
unsafe impl Send for Listener {}
// SAFETY: as above, and on several threads at once.
unsafe impl Sync for Listener {}

impl Listener {
    fn tell(&self, level: i32, line: &str) {
        let mut ended = Vec::with_capacity(line.len() + 1);
        ended.extend_from_slice(line.as_bytes());
        ended.push(0);
        stay_if_ended(|| {
            // SAFETY: the same function, of which unwinding is not ruled out: interpreters that have ended end the
            // threads that come to them.
            let function: Unwinding = unsafe { std::mem::transmute(self.function) };
            // SAFETY: the header asks for a function that stays valid while it is set.
            unsafe { function(level, ended.as_ptr().cast(), line.len(), self.user_data) };
        });
    }
}

type Unwinding = unsafe extern "C-unwind" fn(i32, *const c_char, usize, *mut c_void);

/// Runs `body`, which calls code of the program that may end this thread (`pthread_exit`), as interpreters do that have
/// ended. That unwinds the thread's frames, and those of Rust that contain panics would end the process: so the thread
/// stays where it is, for ever.
// A frame of its own: when it is left the C library calls what is registered.
#[cfg(target_os = "linux")]
#[inline(never)]
fn stay_if_ended(body: impl FnOnce()) {
    /// What the C library keeps of a function to call: four words at most.
    type Registration = [usize; 4];

    unsafe extern "C" {
        fn _pthread_cleanup_push(
            registration: *mut Registration,
            function: extern "C" fn(*mut c_void),
            argument: *mut c_void,
        );
        fn _pthread_cleanup_pop(registration: *mut Registration, is_called: i32);
    }

    let mut registration: Registration = [0; 4];
    // SAFETY: it lives until it is taken back below; nothing between them passes here but the end of the thread.
    unsafe { _pthread_cleanup_push(&raw mut registration, stay, std::ptr::null_mut()) };
    body();
    // SAFETY: registered above.
    unsafe { _pthread_cleanup_pop(&raw mut registration, 0) };
}

#[cfg(not(target_os = "linux"))]
fn stay_if_ended(body: impl FnOnce()) {
    body();
}

/// Never returns; whoever waits for the call that ended the thread is told that it is over.
#[cfg(target_os = "linux")]
extern "C" fn stay(_: *mut c_void) {
    log::abandon_call();
    loop {
        std::thread::park();
    }
}

/// Sets the function that gets every log line of every client, or takes it away.
///
/// Returns when no call of the function before is running any more: its code and `user_data` may go away then.
/// A call that does not end is waited for a second at most, so hold no lock that the function takes. A forked
/// child starts without a function. Once the program ends none is called; a program that ends while the very first
/// call runs may destroy static variables which that call made before it has returned.
///
/// @param fn_or_null  The function; NULL: none any more.
/// @param user_data   Passed on to the function as it is; may be NULL.
/// @return MONA_OK; MONA_E_BUSY: called from inside the function.
///
/// Threads: any.   Since 0.1.
///
/// cbindgen:prefix=MONA_SHOULD_USE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_log_set_callback(
    fn_or_null: mona_log_fn,
    user_data: *mut c_void,
) -> mona_status {
    guard("mona_log_set_callback", || {
        log::set_callback(fn_or_null.map(|function| -> Callback {
            let listener = Listener { function, user_data };
            Arc::new(move |level, line: &str| listener.tell(level, line))
        }))
    })
}

/// Sets the least important line that is logged, for all clients of the process and those made later.
///
/// It holds from this call on, before the option log_level of each client: until a client's config file changes
/// that option, and not for a client made later with a log_level of mona_options_set().
///
/// @param level  From 0, everything, to 50, nothing: a line is logged when its MONA_LOG_ number is at least this.
/// @return MONA_OK; MONA_E_ARGUMENT: no level.
///
/// Threads: any.   Since 0.1.
///
/// cbindgen:prefix=MONA_SHOULD_USE
#[unsafe(no_mangle)]
pub extern "C" fn mona_log_set_level(level: i32) -> mona_status {
    guard("mona_log_set_level", || log::set_level(level))
}

/// Takes the oldest waiting log line. The last 256 lines wait, also those that a callback got.
///
/// For languages that cannot take callbacks from foreign threads. A line is taken only when it fits:
/// after MONA_E_TRUNCATED, or when only the length was asked for, it still waits.
///
/// @param level  Gets one of the MONA_LOG_ numbers. Not NULL.
/// @param buf    Where the line goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
/// @param cap    Bytes in `buf`.
/// @param len    Gets the whole length in bytes, without the NUL. Not NULL.
/// @return MONA_OK; MONA_E_NOT_FOUND: none is waiting; MONA_E_TRUNCATED; MONA_E_ARGUMENT.
///
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_log_take(
    level: *mut i32,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> mona_status {
    guard("mona_log_take", || {
        // SAFETY: the header asks for a writable place.
        let level = unsafe { OutParam::new(level, "level") }?;
        // SAFETY: the header asks for `cap` writable bytes and a place for the length.
        let output = unsafe { Output::new(buf, cap, len) }?;
        log::take_with(|of_line, line| {
            level.put(of_line);
            (output.holds(line), output.write(line))
        })?
    })
}
