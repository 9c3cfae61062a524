//! How the processor computes with floats on this thread: a host may have changed it.
//!
//! Another rounding, denormals that count as zero, faults instead of NaN: all of it is for the host's own numbers. What
//! depends on it here asks first, or runs in the mode that a process begins with. Nothing of the host's is changed.

/// Whether results are rounded to the nearest float.
#[inline(always)]
pub(crate) fn rounds_to_nearest() -> bool {
    control::read() & control::ROUNDING == 0
}

/// Runs `work` in the mode that a process begins with.
pub(crate) fn in_default<R>(work: impl FnOnce() -> R) -> R {
    let before = control::read();
    if before & control::MODE == control::DEFAULT {
        return work();
    }
    control::write(control::DEFAULT);
    let _back = Back(before);
    apart(work)
}

/// Sets this thread, one of our own, to the mode that a process begins with: it has that of the thread that started it.
pub(crate) fn set_default() {
    control::write(control::DEFAULT);
}

/// Puts a mode back, also after a panic.
struct Back(control::Word);

impl Drop for Back {
    fn drop(&mut self) {
        control::write(self.0);
    }
}

/// A call, so that no calculation is moved out of the time between two changes of the mode.
#[inline(never)]
fn apart<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[cfg(target_arch = "x86_64")]
mod control {
    use std::arch::asm;

    pub(super) type Word = u32;
    /// Nearest, denormals as they are, no faults.
    pub(super) const DEFAULT: Word = 0x1f80;
    /// All but the flags that tell what happened so far.
    pub(super) const MODE: Word = 0xffc0;
    pub(super) const ROUNDING: Word = 0x6000;

    #[inline(always)]
    pub(super) fn read() -> Word {
        let word;
        // SAFETY: copies MXCSR by way of the four bytes below the stack, as a push would; nothing else is changed.
        unsafe {
            asm!("stmxcsr [rsp - 4]", "mov {0:e}, [rsp - 4]", out(reg) word, options(preserves_flags));
        }
        word
    }

    pub(super) fn write(word: Word) {
        // SAFETY: the word is the default or was read before, so that no reserved bit is set; until it is put back,
        // arithmetic is as Rust expects it, or as the host had it.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const word, options(nostack, preserves_flags)) };
    }
}

#[cfg(target_arch = "aarch64")]
mod control {
    use std::arch::asm;

    pub(super) type Word = u64;
    /// Nearest, denormals as they are, no faults.
    pub(super) const DEFAULT: Word = 0;
    /// Rounding, flushing to zero, NaN, faults.
    pub(super) const MODE: Word = 0x07c8_9f07;
    pub(super) const ROUNDING: Word = 0x00c0_0000;

    #[inline(always)]
    pub(super) fn read() -> Word {
        let word;
        // SAFETY: copies FPCR, and changes nothing else.
        unsafe { asm!("mrs {}, fpcr", out(reg) word, options(nomem, nostack, preserves_flags)) };
        word
    }

    pub(super) fn write(word: Word) {
        // SAFETY: the word is the default or was read before, so that no reserved bit is set; until it is put back,
        // arithmetic is as Rust expects it, or as the host had it.
        unsafe { asm!("msr fpcr, {}", in(reg) word, options(nostack, preserves_flags)) };
    }
}

/// Processors whose mode is not known here are taken to be in it.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod control {
    pub(super) type Word = u32;
    pub(super) const DEFAULT: Word = 0;
    pub(super) const MODE: Word = 0;
    pub(super) const ROUNDING: Word = 0;

    #[inline(always)]
    pub(super) fn read() -> Word {
        0
    }

    pub(super) fn write(_: Word) {}
}

/// Modes that a host may be in, for tests: runs `work` in each of them.
#[cfg(all(test, target_arch = "x86_64"))]
pub(crate) fn in_each_mode(mut work: impl FnMut(&str)) {
    let modes = [
        ("nearest", 0x1f80),
        ("downward", 0x3f80),
        ("upward", 0x5f80),
        ("toward zero", 0x7f80),
        ("denormals are zero", 0x9fc0),
        ("upward, denormals are zero", 0xdfc0),
        ("faults instead of NaN and infinities", 0x1900),
    ];
    for (name, word) in modes {
        let before = control::read();
        let _back = Back(before);
        control::write(word);
        apart(|| work(name));
        assert_eq!(control::read() & control::MODE, word & control::MODE, "{name}");
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use std::hint::black_box;

    fn sums() -> (f64, f64, f64) {
        let (one, small) = (black_box(1.0_f64), black_box(1e-30_f64));
        (one + small, one - small, black_box(f64::MIN_POSITIVE) / black_box(8.0))
    }

    #[test]
    fn work_is_done_in_the_default_mode_and_the_mode_put_back() {
        let expected = sums();
        in_each_mode(|name| {
            assert_eq!(in_default(sums), expected, "{name}");
            assert_eq!(rounds_to_nearest(), !name.contains("ward"), "{name}");
            let panicked = std::panic::catch_unwind(|| in_default(|| panic!("on purpose")));
            assert!(panicked.is_err());
            let own = std::thread::spawn(|| {
                set_default();
                sums()
            });
            assert_eq!(own.join().unwrap(), expected, "{name}");
        });
        assert_eq!(sums(), expected);
        assert_eq!(f64::MIN_POSITIVE / 8.0, expected.2);
    }
}
