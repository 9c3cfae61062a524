//! Measures sending to servers that refuse and over connections that break: `links [--quick] [refused|lasting]`.
//! Built for release; the benchmark runner does so and reads the lines it prints.

use std::env;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use mona_tests::bench::links::served::SERVERS;
use mona_tests::bench::links::{lasting, refused};

fn measure(is_quick: bool, part: Option<&str>) -> io::Result<()> {
    let (rounds, time) = if is_quick { (1, 10) } else { (7, 60) };
    if part != Some("lasting") {
        for (like, http) in SERVERS {
            for figure in refused::measure(like, http, rounds)? {
                println!("{figure}");
            }
        }
    }
    if part != Some("refused") {
        for figure in lasting::measure(Duration::from_secs(time))? {
            println!("{figure}");
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    let (flags, parts): (Vec<_>, Vec<_>) =
        env::args().skip(1).partition(|argument| argument.starts_with("--"));
    match measure(flags.iter().any(|flag| flag == "--quick"), parts.first().map(String::as_str)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("links: {error}");
            ExitCode::FAILURE
        }
    }
}
