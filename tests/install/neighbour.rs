//! A second Rust static library, with the whole standard library in it, for a program that also has libmona.a.
//! It allocates, starts a thread and catches a panic of its own: what goes wrong when two runtimes get mixed up.

/// Returns 7, when a panic raised on another thread unwound as far as it was meant to.
#[unsafe(no_mangle)]
pub extern "C" fn neighbour_seven() -> i32 {
    std::panic::set_hook(Box::new(|_| {}));
    let caught = std::thread::spawn(|| {
        std::panic::catch_unwind(|| -> i32 { panic!("{}", vec!["on purpose"].concat()) })
    })
    .join();
    match caught {
        Ok(Err(panic)) if panic.downcast_ref::<String>().is_some_and(|text| text == "on purpose") => 7,
        _ => 0,
    }
}
