//! What is said when a case ends the whole program: which one it was, and its text.
//!
//! Reading past a guard page is a signal, not a panic. The handler only writes to standard error.

use std::cell::Cell;

thread_local! {
    static NOW: Cell<Now> = const { Cell::new(Now { part: "", seed: 0, number: 0, text: (std::ptr::null(), 0) }) };
}

#[derive(Clone, Copy)]
struct Now {
    part: &'static str,
    seed: u64,
    number: u64,
    text: (*const u8, usize),
}

/// Notes the case that this thread begins. Its text stays where it is until the next one.
pub(crate) fn note(part: &'static str, seed: u64, number: u64, text: &[u8]) {
    NOW.set(Now { part, seed, number, text: (text.as_ptr(), text.len()) });
}

/// From now on a fatal signal tells the case of its thread, and ends the program as it would have.
pub(crate) fn install() {
    for signal in [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGABRT] {
        // SAFETY: all zeros is a valid action, to be filled in.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = tell as extern "C" fn(libc::c_int) as usize;
        // The stack may be what ran out; Rust's threads have another one for signals.
        action.sa_flags = libc::SA_ONSTACK | libc::SA_RESETHAND;
        // SAFETY: the handler only does what may be done in a signal.
        unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
    }
}

extern "C" fn tell(signal: libc::c_int) {
    let now = NOW.get();
    say(b"\nfuzz: signal ");
    say_number(signal.unsigned_abs().into());
    say(b" in the ");
    say(now.part.as_bytes());
    say(b", seed ");
    say_number(now.seed);
    say(b", case ");
    say_number(now.number);
    say(b", text in hex: ");
    if !now.text.0.is_null() {
        // SAFETY: the thread that noted the text is in the middle of its case.
        let text = unsafe { std::slice::from_raw_parts(now.text.0, now.text.1) };
        for byte in text {
            let digits = b"0123456789abcdef";
            say(&[digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
        }
    }
    say(b"\n");
    // SAFETY: the handler has been reset, so this ends the program.
    unsafe { libc::raise(signal) };
}

fn say(bytes: &[u8]) {
    // SAFETY: the bytes are readable; what cannot be written is lost.
    unsafe { libc::write(2, bytes.as_ptr().cast(), bytes.len()) };
}

fn say_number(number: u64) {
    let mut digits = [0; 20];
    let mut left = number;
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    say(&digits[at..]);
}
