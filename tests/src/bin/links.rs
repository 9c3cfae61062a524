//! Measures sending to servers that refuse and over connections that break: `links [--quick] [refused|lasting]`.
//! Built for release; the benchmark runner does so and reads the lines it prints.

use std::env;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use mona_tests::bench::Figure;
use mona_tests::bench::links::served::SERVERS;
use mona_tests::bench::links::{lasting, refused};

fn measure(is_quick: bool, part: Option<&str>) -> io::Result<()> {
    let (rounds, time) = if is_quick { (1, 10) } else { (7, 60) };
    let mut figures = Vec::new();
    if part != Some("lasting") {
        for (like, http) in SERVERS {
            show(refused::measure(like, http, rounds)?, &mut figures);
        }
    }
    if part != Some("refused") {
        show(lasting::measure(Duration::from_secs(time))?, &mut figures);
    }
    let ratios = |start: &'static str, end: &'static str| {
        figures.iter().filter(move |figure| figure.name.starts_with(start) && figure.name.ends_with(end))
    };
    let by_value = |a: &&Figure, b: &&Figure| a.value.total_cmp(&b.value);
    for (name, worst) in [
        ("refused.worst.tcp.ratio", ratios("refused.", ".tcp.ratio").max_by(by_value)),
        ("refused.worst.http.ratio", ratios("refused.", ".http.ratio").max_by(by_value)),
        ("links.worst.broken_to_whole.ratio", ratios("links.", ".broken_to_whole.ratio").min_by(by_value)),
    ] {
        if let Some(worst) = worst {
            println!("{}", Figure { name: name.to_owned(), ..worst.clone() });
        }
    }
    Ok(())
}

fn show(found: Vec<Figure>, figures: &mut Vec<Figure>) {
    found.iter().for_each(|figure| println!("{figure}"));
    figures.extend(found);
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
