//! How long views of the page take.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Instant;

use super::process::Collector;
use crate::bench::figure::Figure;

/// The views, by the names of their figures; the store has `run` with stages `run/detect`.
const VIEWS: [(&str, &str); 14] = [
    ("live", "/"),
    ("classes", "/classes"),
    ("arcs", "/arcs?class=run"),
    ("arcs_sorted", "/arcs?class=run&sort=-confidence"),
    ("arcs_filtered", "/arcs?class=run&f=country&op=is&v=c3"),
    ("fields", "/fields?class=run"),
    ("field", "/field?class=run&field=country"),
    ("field_numbers", "/field?class=run&field=confidence"),
    ("kapi", "/kapis?class=run&kapi=confidence"),
    ("kapi_of_stages", "/kapis?class=run&kapi=run%2Fdetect.ms"),
    (BY, "/by?class=run&kapi=confidence&by=country"),
    ("by_stage", "/by?class=run&kapi=confidence&by=run%2Fdetect.label"),
    ("by_two", "/by?class=run&kapi=confidence&by=country&and=label"),
    ("changes", "/changes?class=run"),
];
const BY: &str = "by";

/// Asks for each so many times; gives how long the KAPI by a dimension took the first time, in ms.
pub(super) fn measure(
    program: &Path,
    store: &Path,
    times: usize,
    take: &mut impl FnMut(Figure),
) -> io::Result<f64> {
    let began = Instant::now();
    let options = ["--page", "127.0.0.1:0", "--store", &store.to_string_lossy(), "--store-size", "16GiB"];
    let collector = Collector::start(program, &options)?;
    let (mut by, mut worst) = (0.0, 0.0_f64);
    take(Figure::once("collector.view.start.ms", began.elapsed().as_secs_f64() * 1e3, "ms"));
    for (name, path) in VIEWS {
        let mut took = Vec::with_capacity(times);
        for _ in 0..times {
            let began = Instant::now();
            get(collector.page(), path)?;
            took.push(began.elapsed().as_secs_f64() * 1e3);
        }
        let first = took.first().copied().unwrap_or_default();
        if name == BY {
            by = first;
        }
        took.sort_by(f64::total_cmp);
        let at = |share: f64| took.get((took.len() as f64 * share) as usize).copied().unwrap_or_default();
        worst = worst.max(at(0.95));
        let rounds = u32::try_from(times).unwrap_or(u32::MAX);
        let name = format!("collector.view.{name}");
        let unit = "ms".to_owned();
        take(Figure {
            name: format!("{name}.ms"),
            value: at(0.5),
            low: at(0.25),
            high: at(0.75),
            unit,
            rounds,
        });
        take(Figure::once(&format!("{name}.p95.ms"), at(0.95), "ms"));
        take(Figure::once(&format!("{name}.first.ms"), first, "ms"));
    }
    take(Figure::once("collector.view.worst.p95.ms", worst, "ms"));
    let (_, most) = collector.memory()?;
    take(Figure::once("collector.view.most_resident.mb", most as f64 / 1e6, "MB"));
    collector.end()?;
    Ok(by)
}

/// One request, as a new browser makes it.
fn get(address: &str, path: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    match answer.starts_with(b"HTTP/1.1 200 ") {
        true => Ok(()),
        false => {
            let head = String::from_utf8_lossy(answer.get(..200.min(answer.len())).unwrap_or_default());
            Err(io::Error::other(format!("{path}: {head}")))
        }
    }
}
