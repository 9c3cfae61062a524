//! On which processors and in which class a thread of ours runs: as the process, not as the thread that started it.
//!
//! A host pins a thread, or makes it a real-time one, for its own work. What such a thread starts inherits both, and the
//! sender would stand in its way, or on its processor. Linux only; what the system refuses stays as it is.

use std::mem::MaybeUninit;

/// Sets the calling thread back to what the main thread has: its processors, its class and its niceness. A real-time
/// class is never taken.
pub(crate) fn as_the_process() {
    // SAFETY: asks for a number, which is that of the main thread too.
    let process = unsafe { libc::getpid() };
    if let Some(own) = processors(process)
        && processors(0).is_some_and(|here| !is_same(&here, &own))
    {
        // SAFETY: the set is live and of the size that is told.
        unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const own) };
    }
    let (own, here) = (class(process), class(0));
    let wanted = if is_real_time(own) { libc::SCHED_OTHER } else { own };
    if here != wanted {
        set_class(wanted);
    }
    let (own, here) = (niceness(process), niceness(0));
    if here != own {
        // SAFETY: changes a number of this thread.
        unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, own) };
    }
}

fn processors(thread: libc::pid_t) -> Option<libc::cpu_set_t> {
    let mut set = MaybeUninit::<libc::cpu_set_t>::zeroed();
    // SAFETY: the set is live and of the size that is told.
    let found = unsafe { libc::sched_getaffinity(thread, size_of::<libc::cpu_set_t>(), set.as_mut_ptr()) };
    // SAFETY: all bytes were set to 0, which is an empty set.
    (found == 0).then(|| unsafe { set.assume_init() })
}

fn is_same(a: &libc::cpu_set_t, b: &libc::cpu_set_t) -> bool {
    // SAFETY: both sets are live.
    unsafe { libc::CPU_EQUAL(a, b) }
}

/// That of the system's default where it is not told.
fn class(thread: libc::pid_t) -> i32 {
    /// May be set in what the system tells of a class.
    const RESET_ON_FORK: i32 = 0x4000_0000;
    // By number: musl's function refuses, as it would have to answer for a process.
    // SAFETY: asks for a number.
    let told = unsafe { libc::syscall(libc::SYS_sched_getscheduler, thread) };
    if told < 0 { libc::SCHED_OTHER } else { told as i32 & !RESET_ON_FORK }
}

/// Puts the calling thread into a class that is not real-time; whether the system did so.
fn set_class(class: i32) -> bool {
    /// All that the kernel knows of as parameter; the C libraries' structures are larger.
    static PRIORITY: i32 = 0;
    // SAFETY: the parameter is live.
    unsafe { libc::syscall(libc::SYS_sched_setscheduler, 0, class, &raw const PRIORITY) == 0 }
}

fn is_real_time(class: i32) -> bool {
    !matches!(class, libc::SCHED_OTHER | libc::SCHED_BATCH | libc::SCHED_IDLE)
}

/// Of a thread, as Linux keeps it for each.
fn niceness(thread: libc::pid_t) -> i32 {
    // SAFETY: asks for a number. An error is -1, which would be a niceness: one that the host would have to be root for.
    unsafe { libc::getpriority(libc::PRIO_PROCESS, thread as libc::id_t) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pinned(to: usize) -> libc::cpu_set_t {
        // SAFETY: all bytes are 0, which is an empty set.
        let mut set: libc::cpu_set_t = unsafe { MaybeUninit::zeroed().assume_init() };
        // SAFETY: the set is live.
        unsafe { libc::CPU_SET(to, &mut set) };
        set
    }

    #[test]
    fn a_thread_of_a_pinned_batch_thread_is_neither() {
        let process = processors(std::process::id() as libc::pid_t).unwrap();
        // SAFETY: the set is live.
        let Some(first) = (0..1024).find(|cpu| unsafe { libc::CPU_ISSET(*cpu, &process) }) else { return };
        let started_by_pinned = std::thread::spawn(move || {
            let one = pinned(first);
            // SAFETY: the set is live and of the size that is told.
            let set = unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const one) };
            assert_eq!(set, 0);
            assert!(set_class(libc::SCHED_BATCH));
            let look = || (processors(0).unwrap(), class(0));
            let inherited = std::thread::spawn(look).join().unwrap();
            assert!(is_same(&inherited.0, &one) && inherited.1 == libc::SCHED_BATCH);
            crate::sys::thread::spawn("mona-test", move || {
                let (set, class) = look();
                assert!(is_same(&set, &process));
                assert_eq!(class, libc::SCHED_OTHER);
            })
            .unwrap()
            .join()
        });
        started_by_pinned.join().unwrap().unwrap();
    }
}
