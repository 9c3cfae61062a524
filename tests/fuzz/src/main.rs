//! Compares the JSON encoder of libmona with serde_json over millions of texts.
//!
//! Each text runs through every way of the encoder that this machine has; see `model` for what is compared,
//! `sweep` and `case` for the texts, `pages` and `fence` for what finds reads and writes out of bounds. The
//! first failure ends the run, with the seed, the number of the case, and the smallest text that fails.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly, and a fault of its own is one of its failures"
)]

mod case;
mod check;
mod crash;
mod damage;
mod document;
mod family;
mod fence;
mod model;
mod numbers;
mod packed;
mod pages;
mod pieces;
mod random;
mod rules;
mod scan;
mod shrink;
mod sweep;
mod typed;

use case::Case;
use check::{Bench, Failure};
use model::{CLASSES, Class};
use std::io;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use sweep::Sweep;

const USAGE: &str = "usage: mona-fuzz [--inputs N] [--seed S] [--threads N] [--short] [--case NUMBER] [--text HEX]

  --inputs N     random texts, besides the systematic ones (default 10000000)
  --seed S       of the random texts (default: another one each time; it is printed)
  --threads N    (default: one for each processor)
  --short        half of the random texts with a fixed seed, half with another one; ends with a count of the parts
  --case NUMBER  only this random text of the seed, after those that its thread had before it
  --text HEX     only this text";

// serde_json recurses on nested texts; the deepest that are made need a good part of this.
const STACK: usize = 512 << 20;
// How many cases a thread takes at a time; with the first of them it forgets the ones before.
const BLOCK: u64 = 512;
/// The fixed seed of the short run.
const FIXED: u64 = 20_240_607;

struct Wish {
    inputs: u64,
    seed: Option<u64>,
    threads: usize,
    short: bool,
    only: Option<u64>,
    text: Option<Vec<u8>>,
}

/// One part of a run.
struct Part<'a> {
    name: &'static str,
    seed: u64,
    first: u64,
    count: u64,
    make: &'a (dyn Fn(u64) -> Case + Sync),
}

/// How many cases were in each class.
type Counts = [u64; CLASSES.len()];

fn main() -> ExitCode {
    let wish = match wish() {
        Ok(wish) => wish,
        Err(what) => {
            eprintln!("{what}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&wish) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("mona-fuzz: {error}");
            ExitCode::FAILURE
        }
    }
}

fn wish() -> Result<Wish, String> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut wish = Wish { inputs: 10_000_000, seed: None, threads, short: false, only: None, text: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--short" {
            wish.short = true;
            continue;
        }
        let value = words.next().ok_or_else(|| format!("{word}: nothing follows, a value is expected"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{word}: {value:?}, a number is expected"));
        match word.as_str() {
            "--inputs" => wish.inputs = number()?,
            "--seed" => wish.seed = Some(number()?),
            "--threads" => wish.threads = number()?.clamp(1, 1024) as usize,
            "--case" => wish.only = Some(number()?),
            "--text" => wish.text = Some(from_hex(&value).ok_or("--text: pairs of hex digits are expected")?),
            _ => return Err(format!("{word}: no such option")),
        }
    }
    Ok(wish)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| Some(c.to_digit(16)? as u8)).collect();
    let digits = digits?;
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

fn run(wish: &Wish) -> io::Result<bool> {
    crash::install();
    // A panic of the encoder is reported with its case; where it was is part of that.
    std::panic::set_hook(Box::new(|panic| eprintln!("fuzz: {panic}")));
    println!("ways through strings: {}", mona::fuzz::ways().join(", "));
    let corpus = case::corpus();
    let fresh = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_nanos() as u64 >> 10);
    let seed = wish.seed.unwrap_or(fresh);
    let corpus = &corpus;
    let random = |seed: u64| move |number: u64| case::random_case(seed, number, corpus);
    if let Some(text) = &wish.text {
        let make = |_: u64| case::plain_case(text);
        return part(wish, &Part { name: "text", seed, first: 0, count: 1, make: &make });
    }
    if let Some(number) = wish.only {
        let make = |number: u64| case::random_case(seed, number, corpus);
        let first = number / BLOCK * BLOCK;
        return part(wish, &Part { name: "random texts", seed, first, count: number + 1, make: &make });
    }
    let sweep = Sweep::new(corpus);
    let systematic = |number: u64| sweep.case(seed, number);
    let fixed = random(FIXED);
    let free = random(seed);
    let (half, rest) =
        if wish.short { (wish.inputs / 2, wish.inputs - wish.inputs / 2) } else { (0, wish.inputs) };
    let parts = [
        Part { name: "systematic texts", seed, first: 0, count: sweep.len() as u64, make: &systematic },
        Part { name: "random texts of a fixed seed", seed: FIXED, first: 0, count: half, make: &fixed },
        Part { name: "random texts", seed, first: 0, count: rest, make: &free },
    ];
    let (mut passed, mut failed) = (0, 0);
    for each in parts.iter().filter(|part| part.count > 0) {
        if part(wish, each)? { passed += 1 } else { failed += 1 }
    }
    println!("\n{passed} passed, {failed} failed");
    Ok(failed == 0)
}

/// Runs the cases of a part on all threads, and reports them.
fn part(wish: &Wish, part: &Part<'_>) -> io::Result<bool> {
    let begun = Instant::now();
    let next = AtomicU64::new(part.first);
    let stop = AtomicBool::new(false);
    let counts = Mutex::new([0; CLASSES.len()]);
    let threads = wish.threads.min(part.count.div_ceil(BLOCK) as usize);
    std::thread::scope(|scope| {
        let workers: io::Result<Vec<_>> = (0..threads)
            .map(|_| {
                std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || {
                    let mut bench = Bench::new()?;
                    let mut own: Counts = [0; CLASSES.len()];
                    while !stop.load(Ordering::Relaxed) {
                        let first = next.fetch_add(BLOCK, Ordering::Relaxed);
                        if first >= part.count {
                            break;
                        }
                        bench.refresh();
                        for number in first..(first + BLOCK).min(part.count) {
                            let case = (part.make)(number);
                            crash::note(part.name, part.seed, number, last_text(&case));
                            match bench.run(&case) {
                                Ok(class) => own[index_of(class)] += 1,
                                Err(failure) => {
                                    if !stop.swap(true, Ordering::Relaxed) {
                                        let small = shrink::shrink(&mut bench, &case, || {
                                            let before = (first..number).map(part.make);
                                            before
                                                .filter(|case| case.inputs.len() == 1)
                                                .flat_map(|case| case.inputs)
                                                .collect()
                                        });
                                        report(&mut bench, part, number, &case, &failure, &small);
                                    }
                                    break;
                                }
                            }
                        }
                    }
                    let mut all = counts.lock().expect("no thread panics with it");
                    all.iter_mut().zip(own).for_each(|(all, own)| *all += own);
                    io::Result::Ok(())
                })
            })
            .collect();
        workers?.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err(io::Error::other("a thread of the fuzzer panicked")))
        })
    })?;
    let counts = counts.into_inner().expect("no thread panics with it");
    let total: u64 = counts.iter().sum();
    let seconds = begun.elapsed().as_secs_f64();
    let passed = !stop.into_inner();
    println!(
        "\n{}: {}, seed {}: {total} of {} texts in {seconds:.1} s, {:.0} a second",
        if passed { "ok" } else { "FAILED" },
        part.name,
        part.seed,
        part.count,
        total as f64 / seconds
    );
    for ((_, name), count) in CLASSES.iter().zip(counts).filter(|(_, count)| *count > 0) {
        println!("{count:>12}  {name}");
    }
    Ok(passed)
}

fn index_of(class: Class) -> usize {
    CLASSES.iter().position(|(known, _)| *known == class).unwrap_or_default()
}

/// The text that is counted; those before it in its case only lead to it.
fn last_text(case: &Case) -> &[u8] {
    case.inputs.last().map_or(&[], |input| &input.text)
}

fn report(bench: &mut Bench, part: &Part<'_>, number: u64, case: &Case, failure: &Failure, small: &Case) {
    bench.refresh();
    let alone = bench.run(small).err();
    println!("\nfuzz: case {number} of the {}, seed {}", part.name, part.seed);
    println!("  way     {}", failure.way);
    println!("  found   {}", failure.what);
    match &alone {
        Some(failure) => println!("  smallest, on {}: {}", failure.way, failure.what),
        None => println!("  it passes with nothing before it but its block"),
    }
    println!("  {:?}, room {:?}", small.place, small.room);
    for input in &small.inputs {
        println!("  text    {}", input.text.escape_ascii());
        let hex: String = input.text.iter().map(|byte| format!("{byte:02x}")).collect();
        println!("          {:?}, {:?}, --text {hex}", input.entry, input.limits);
    }
    println!(
        "  again   mona-fuzz --seed {} --case {number}   ({} bytes as generated)",
        part.seed,
        last_text(case).len()
    );
}
