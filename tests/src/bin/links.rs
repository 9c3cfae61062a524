//! Measures sending to servers that refuse and over connections that break: `links [--quick]`. Built for release;
//! the benchmark runner does so and reads the lines it prints.

use std::env;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use mona_tests::bench::links::served::SERVERS;
use mona_tests::bench::links::{lasting, refused};

fn measure(is_quick: bool) -> io::Result<()> {
    let (rounds, time) = if is_quick { (1, 10) } else { (5, 60) };
    for (like, http) in SERVERS {
        for figure in refused::measure(like, http, rounds)? {
            println!("{figure}");
        }
    }
    for figure in lasting::measure(Duration::from_secs(time))? {
        println!("{figure}");
    }
    Ok(())
}

fn main() -> ExitCode {
    match measure(env::args().any(|argument| argument == "--quick")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("links: {error}");
            ExitCode::FAILURE
        }
    }
}
