//! Plays one conformance scenario: `scenario <shared object> <scenario id> threads|stacks`.
//!
//! Prints one JSON object, the report of `scenario::play`, and nothing else.

use mona_tests::native;
use mona_tests::scenario::{self, Through};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [object, id, through] = arguments.as_slice() else {
        eprintln!("arguments: {}, the shared object, a scenario id and a way are expected", arguments.len());
        return ExitCode::from(2);
    };
    let through = match through.as_str() {
        "threads" => Through::Threads,
        "stacks" => Through::Stacks,
        other => {
            eprintln!("way: {other:?}, threads or stacks is expected");
            return ExitCode::from(2);
        }
    };
    let all = scenario::all();
    let Some(scenario) = all.iter().find(|scenario| &scenario.id == id) else {
        eprintln!("scenario: {id:?}, an id of scenarios.json is expected");
        return ExitCode::from(2);
    };
    native::load(object.as_ref());
    println!("{}", scenario::play(scenario, through));
    ExitCode::SUCCESS
}
