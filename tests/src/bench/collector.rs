//! What `mona-collector` costs: taking events, keeping them, and showing a view of them.
//!
//! The release program is fed by hand, in chunks that are packed before. Its processor time and memory are what
//! the system says of the process. Views are asked for as a browser does, on a store made of a file of records;
//! `BENCH_ARCS=1000000` makes it a large one.

mod duckdb;
mod feed;
mod process;
mod views;

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use super::figure::{Figure, Figures};
use super::parts::cargo_build;
use crate::library::{target_folder, workspace};
use feed::{Kind, Workload};
use process::Collector;

/// ARCs of the store whose views are timed: it takes some ten seconds to make.
const ARCS: u64 = 100_000;
const QUICK_ARCS: u64 = 20_000;
/// Events of one workload.
const EVENTS: u64 = 600_000;
const QUICK_EVENTS: u64 = 100_000;

/// What the events are.
const WORKLOADS: [Workload; 3] = [
    Workload { name: "one_arc", arcs: 1, kind: Kind::Flat },
    Workload { name: "many_arcs", arcs: 100_000, kind: Kind::Flat },
    Workload { name: "nested", arcs: 1_000, kind: Kind::Nested },
];

/// Builds and measures the program, shows a line for each figure, and adds them.
///
/// # Errors
///
/// When it cannot be built or run; the figures it had by then are kept.
pub fn measure(is_quick: bool, figures: &mut Figures) -> io::Result<()> {
    let target = target_folder(&workspace());
    cargo_build("release", &["-p", "mona-collector"], &target)?;
    let program = target.join("release/mona-collector");
    let mut take = |figure: Figure| {
        println!("{figure}");
        figures.add(figure);
    };
    let folder = tempfile::tempdir()?;
    for workload in &WORKLOADS {
        let events = if is_quick { QUICK_EVENTS } else { EVENTS };
        for way in ["out", "store"] {
            intake(&program, folder.path(), way, workload, events, &mut take)?;
        }
    }
    let asked = env::var("BENCH_ARCS").ok().and_then(|arcs| arcs.parse().ok());
    let arcs = asked.unwrap_or(if is_quick { QUICK_ARCS } else { ARCS });
    let [records, store] = ["records.ndjson", "views.sqlite"].map(|name| folder.path().join(name));
    feed::write_records(&records, arcs)?;
    process::import(&program, &records, &store)?;
    let by = views::measure(&program, &store, if is_quick { 5 } else { 20 }, &mut take)?;
    match duckdb::by_dimension(&records)? {
        Ok(seconds) => {
            take(Figure::once("collector.duckdb.by.ms", seconds * 1e3, "ms"));
            take(Figure::once("collector.by_to_duckdb.ratio", by / (seconds * 1e3), "x"));
        }
        Err(why) => {
            for name in ["collector.duckdb.by.ms", "collector.by_to_duckdb.ratio"] {
                println!("missing name={name} why={why}");
                figures.miss(name, &why);
            }
        }
    }
    Ok(())
}

/// Processor time an event, and memory, of one workload.
fn intake(
    program: &Path,
    folder: &Path,
    way: &str,
    workload: &Workload,
    events: u64,
    take: &mut impl FnMut(Figure),
) -> io::Result<()> {
    let file: PathBuf = folder.join(format!("{way}-{}", workload.name));
    let collector = Collector::start(program, &[&format!("--{way}"), &file.to_string_lossy()])?;
    let chunks = feed::chunks(workload);
    let mut stream = collector.connect()?;
    // The first round makes what is made once: columns, names, room.
    feed::send(&mut stream, &chunks, workload.arcs.min(events))?;
    let before = collector.cpu()?;
    let sent = feed::send(&mut stream, &chunks, events)?;
    let cpu = collector.cpu()? - before;
    let (resident, most) = collector.memory()?;
    let name = format!("collector.{way}.{}", workload.name);
    take(Figure::once(&format!("{name}.cpu.ns"), cpu.as_secs_f64() * 1e9 / sent as f64, "ns"));
    take(Figure::once(&format!("{name}.resident.mb"), resident as f64 / 1e6, "MB"));
    take(Figure::once(&format!("{name}.most_resident.mb"), most as f64 / 1e6, "MB"));
    drop(stream);
    collector.end()?;
    for file in process::files_of(&file) {
        let _ = std::fs::remove_file(file);
    }
    Ok(())
}
