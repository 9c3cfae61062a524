//! Runs the benchmarks: `bench [PART...]`, all of them or those named. With BENCH=quick, fewer and shorter rounds;
//! with BASE=FILE, an older release build of the shared object is measured beside this one.
//!
//! Prints a line for each figure, then the tables, and keeps them below `docs/benchmarks` when everything ran and
//! the run was not quick. Figures never make it fail; a part that cannot run does, after all others ran.

use mona_tests::bench::callgrind::{self, On};
use mona_tests::bench::goals::GOALS;
use mona_tests::bench::parts::{PARTS, Part};
use mona_tests::bench::peers::Peers;
use mona_tests::bench::{Figure, Figures, Setting, collector, links, machine, report, sizes};
use mona_tests::workspace;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The parts that are not programs of their own.
const INSTRUCTIONS: &str = "instructions";
const SIZES: &str = "sizes";
const LINKS: &str = "links";
const COLLECTOR: &str = "collector";

/// The calls whose instructions are counted.
const OURS: [&str; 5] = ["typed", "json", "context", "cpp_typed", "cpp_context"];
const PEERS: [&str; 3] = ["ignored_any", "value", "spdlog"];

fn take(figure: Figure, figures: &mut Figures) {
    println!("{figure}");
    figures.add(figure);
}

fn count_instructions(setting: &Setting, figures: &mut Figures) -> io::Result<()> {
    if let Some(why) = callgrind::lacks() {
        for what in OURS.iter().chain(&PEERS) {
            figures.miss(&format!("{what}.instructions"), why);
        }
        println!("instructions: {why}");
        return Ok(());
    }
    let counter = callgrind::Counter::build()?;
    for what in OURS {
        let name = format!("{what}.instructions");
        let ours = counter.figure(&name, what, On::Ours)?;
        if let Some(base) = &setting.base {
            let base = counter.figure(&format!("base.{name}"), what, On::Base(base))?;
            take(Figure::once(&format!("to_base.{name}"), ours.value / base.value, "x"), figures);
            take(base, figures);
        }
        take(ours, figures);
    }
    let Some(peers) = &setting.peers else { return Ok(()) };
    for what in PEERS {
        if what != "spdlog" || peers.has_spdlog() {
            take(counter.figure(&format!("{what}.instructions"), what, On::Peers(peers))?, figures);
        }
    }
    Ok(())
}

fn measure_sizes(figures: &mut Figures) -> io::Result<()> {
    for figure in sizes::measure()? {
        take(figure, figures);
    }
    Ok(())
}

/// What is the same for all parts; `named` are the parts that were asked for, none means all.
fn setting(named: &[String]) -> io::Result<Setting> {
    let has_peers =
        named.is_empty() || PARTS.iter().any(|part| is_named(named, part.name) && part.has_peers());
    let peers = if has_peers { Some(Peers::build()?) } else { None };
    if let Some(why) = peers.as_ref().and_then(|peers| peers.without_spdlog.as_ref()) {
        let why = why.lines().next().unwrap_or("");
        println!("no peer: spdlog is left out, it could not be built here: {why}");
    }
    Ok(Setting { is_quick: env::var("BENCH").is_ok_and(|how| how == "quick"), peers, base: base()? })
}

/// The base to compare with, as a path that is good in any folder.
fn base() -> io::Result<Option<PathBuf>> {
    match env::var_os("BASE") {
        Some(path) if !path.is_empty() => {
            let path = Path::new(&path);
            let found = path.canonicalize().map_err(|error| {
                io::Error::other(format!("BASE: {}: {error}, a libmona.so is expected", path.display()))
            })?;
            Ok(Some(found))
        }
        _ => Ok(None),
    }
}

fn is_named(named: &[String], part: &str) -> bool {
    named.is_empty() || named.iter().any(|name| name == part)
}

/// Runs the parts; gives the number of those that could not run.
fn run_all(named: &[String]) -> io::Result<u8> {
    let mut machine = machine::describe();
    let setting = setting(named)?;
    if let Some(base) = &setting.base {
        let name = base.file_name().unwrap_or_default().to_string_lossy();
        machine.push(("base", format!("{name}, {} bytes", base.metadata()?.len())));
    }
    let mut figures = Figures::default();
    if setting.base.is_none() {
        for goal in GOALS.iter().filter(|goal| goal.figure.starts_with("to_base.")) {
            figures.miss(goal.figure, "no BASE to compare with");
        }
    }
    let mut broken = 0;
    let mut part = |name: &str, measure: &mut dyn FnMut(&mut Figures) -> io::Result<()>| {
        if !is_named(named, name) {
            return;
        }
        eprintln!("-- {name}");
        if let Err(error) = measure(&mut figures) {
            eprintln!("bench: {name}: {error}");
            broken += 1;
        }
    };
    for program in PARTS {
        part(program.name, &mut |figures| program.measure(&setting, figures));
    }
    part(LINKS, &mut |figures| links::measure(setting.is_quick, figures));
    part(COLLECTOR, &mut |figures| collector::measure(setting.is_quick, figures));
    part(INSTRUCTIONS, &mut |figures| count_instructions(&setting, figures));
    part(SIZES, &mut measure_sizes);
    println!("\n{}", if named.is_empty() { report::text(&figures) } else { report::text_of_some(&figures) });
    if setting.is_quick || !named.is_empty() {
        println!("not everything was measured in full: no record is kept");
    } else {
        let record = workspace().join("docs/benchmarks").join(machine::record_name());
        fs::write(&record, report::markdown(&figures, &machine::date(), &machine))?;
        println!("kept as {}", record.display());
    }
    Ok(broken)
}

fn main() -> ExitCode {
    let named: Vec<String> = env::args().skip(1).collect();
    let mut known: Vec<_> = PARTS.iter().map(|&Part { name, .. }| name).collect();
    known.extend([LINKS, COLLECTOR, INSTRUCTIONS, SIZES]);
    if let Some(unknown) = named.iter().find(|name| !known.contains(&name.as_str())) {
        eprintln!(
            "bench: {unknown}: no such part, of {} some are expected, or none for all",
            known.join(", ")
        );
        return ExitCode::from(2);
    }
    match run_all(&named) {
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
