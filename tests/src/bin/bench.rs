//! Runs the benchmarks: `bench [instructions]`. With BENCH=quick, fewer and shorter rounds.
//!
//! Prints a line for each figure, then the table of targets, and writes BENCHMARKS.md unless the run was
//! quick. Figures never make it fail; a part that cannot run does, after all others ran.

use mona_tests::bench::{Figures, callgrind, machine, parts, report, sizes};
use mona_tests::workspace;
use std::io;
use std::process::ExitCode;

/// The calls whose instructions are counted; the first two are libmona's.
const COUNTED: [&str; 5] = ["typed", "json", "ignored_any", "value", "spdlog"];

/// The programs by their topics, with their own sources.
const PROGRAMS: [(&str, &[&str]); 5] = [
    ("calls", &["calls.c", "apart.c", "timing.c"]),
    ("other states and two threads", &["states.c"]),
    ("memory", &["memory.c"]),
    ("system calls and allocations", &["quiet.c"]),
    ("idle", &["idle.c"]),
];

fn count_instructions(peers: Option<&parts::Peers>, figures: &mut Figures) -> io::Result<()> {
    if let Some(why) = callgrind::lacks() {
        for what in COUNTED {
            figures.miss(&format!("{what}.instructions"), why);
        }
        println!("instructions: {why}");
        return Ok(());
    }
    let counter = callgrind::Counter::build()?;
    for what in COUNTED {
        let is_there = match what {
            "typed" | "json" => true,
            "spdlog" => peers.is_some_and(parts::Peers::has_spdlog),
            _ => peers.is_some(),
        };
        if is_there {
            let figure = counter.figure(what, peers)?;
            println!("{figure}");
            figures.add(figure);
        }
    }
    Ok(())
}

fn measure_sizes(figures: &mut Figures) -> io::Result<()> {
    for figure in sizes::measure()? {
        println!("{figure}");
        figures.add(figure);
    }
    Ok(())
}

/// Runs everything; gives the number of parts that could not run.
fn run_all(is_quick: bool) -> io::Result<u8> {
    let machine = machine::describe();
    let mut figures = Figures::default();
    let mut broken = 0;
    let mut take = |topic: &str, part: &mut dyn FnMut(&mut Figures) -> io::Result<()>| {
        eprintln!("-- {topic}");
        if let Err(error) = part(&mut figures) {
            eprintln!("bench: {topic}: {error}");
            broken += 1;
        }
    };
    let peers = parts::Peers::build()?;
    if let Some(why) = &peers.without_spdlog {
        println!(
            "no peer: spdlog is left out, it could not be built here: {}",
            why.lines().next().unwrap_or("")
        );
    }
    for (topic, sources) in PROGRAMS {
        take(topic, &mut |figures| parts::measure(sources, &peers, is_quick, figures));
    }
    if workspace().join("tests/bench/e2e").is_dir() {
        take("end to end", &mut |figures| parts::measure_end_to_end(is_quick, figures));
    }
    take("instructions", &mut |figures| count_instructions(Some(&peers), figures));
    take("sizes", &mut measure_sizes);
    println!("\n{}", report::text(&figures));
    if is_quick {
        println!("a quick look: BENCHMARKS.md is left as it was");
    } else {
        std::fs::write(
            workspace().join("BENCHMARKS.md"),
            report::markdown(&figures, &machine::date(), &machine),
        )?;
    }
    Ok(broken)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_quick = std::env::var("BENCH").is_ok_and(|how| how == "quick");
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => run_all(is_quick),
        ["instructions"] => count_instructions(None, &mut Figures::default()).map(|()| 0),
        _ => {
            eprintln!("arguments: {arguments:?}, none or \"instructions\" is expected");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(0) => ExitCode::SUCCESS,
        Ok(broken) => {
            eprintln!("bench: {broken} of the parts could not run");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
