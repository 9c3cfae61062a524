//! From the command line of an export to its last row.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgGroup, Args};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mona_collector::store::{Class, Reader, Shape, Value, default_path};

use super::lines::{Csv, Ndjson};
use super::parquet::Parquet;
use super::target::{Out, Target, shows};

/// Classes that a sentence names.
const MAX_NAMED: usize = 8;
/// Rows between two looks at the progress bar.
const BETWEEN: u64 = 1_000;

/// Write what a store has into a file for other programs: a row for each context, with its fields as columns
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("form").required(true).args(["parquet", "csv", "ndjson"])))]
pub(crate) struct Export {
    /// As Parquet
    #[arg(long)]
    parquet: bool,

    /// As CSV, with names in the first line
    #[arg(long)]
    csv: bool,

    /// As one JSON object per line
    #[arg(long)]
    ndjson: bool,

    /// Contexts of this class [default: the only one; with --ndjson all]
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,

    /// The store [default: store.sqlite in $XDG_STATE_HOME/mona or ~/.local/state/mona]
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,

    /// The file, which is there when all of it is written; "-" is standard output [default: -]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What is written, class by class.
enum Writer {
    /// Nothing yet: the first class says what the columns are.
    Waiting(Out),
    Csv(Csv),
    Ndjson(Ndjson),
    Parquet(Parquet),
}

/// Writes it; the error is a sentence.
pub(crate) fn run(export: &Export) -> Result<(), String> {
    let path = match &export.store {
        Some(path) => path.clone(),
        None => default_path().map_err(|error| format!("--store {error}"))?,
    };
    if !path.is_file() {
        return Err(format!(
            "--store {}: found no file, expected a store that mona-collector wrote",
            path.display()
        ));
    }
    let reader = Reader::open_file(&path).map_err(|error| format!("--store {error}"))?;
    // An export takes as long as it takes.
    let reader = reader.patience(Duration::MAX);
    let output = export.output();
    if export.parquet && shows(output) {
        return Err("--parquet: found a terminal, expected --output with a file, or a pipe".to_owned());
    }
    let classes = export.classes(&reader)?;
    let place = output.map_or_else(|| "standard output".to_owned(), |path| path.display().to_string());
    let named = |error: std::io::Error| format!("--output {place}: {error}");
    let (target, out) = Target::open(output).map_err(named)?;
    match export.write(&reader, &classes, out) {
        Err(_) if target.is_gone() => Ok(()),
        Err(sentence) => Err(format!("--output {place}: {sentence}")),
        Ok(()) => target.finish().map_err(named),
    }
}

impl Export {
    /// The file; none for standard output.
    fn output(&self) -> Option<&Path> {
        self.output.as_deref().filter(|path| path.as_os_str() != "-")
    }

    fn classes(&self, reader: &Reader) -> Result<Vec<Class>, String> {
        let mut classes = reader.classes().map_err(|error| format!("--store {error}"))?;
        classes.retain(|class| class.contexts > 0);
        let named: Vec<&str> = classes.iter().take(MAX_NAMED).map(|class| class.name.as_str()).collect();
        let more = if classes.len() > MAX_NAMED { ", …" } else { "" };
        let named = format!("{}{more}", named.join(", "));
        if let Some(wanted) = &self.class {
            classes.retain(|class| class.name == *wanted);
            if classes.is_empty() {
                return Err(format!("--class {wanted}: found no such class, expected one of {named}"));
            }
        }
        if classes.len() > 1 && !self.ndjson {
            return Err(format!(
                "found {} classes, expected --class with one of {named}, or --ndjson, which takes all",
                classes.len()
            ));
        }
        if classes.is_empty() && !self.ndjson {
            return Err("found no ARCs in the store, expected some".to_owned());
        }
        Ok(classes)
    }

    fn write(&self, reader: &Reader, classes: &[Class], out: Out) -> Result<(), String> {
        let bar = self.bar(classes.iter().map(|class| class.contexts).sum());
        let mut writer = match self.ndjson {
            true => Writer::Ndjson(Ndjson::new(out)),
            false => Writer::Waiting(out),
        };
        let mut rows = 0;
        for class in classes {
            let written = reader.whole(
                &class.name,
                |shape| writer.begin(self, &class.name, shape),
                |writer, values| {
                    rows += 1;
                    if rows % BETWEEN == 0 {
                        bar.set_position(rows);
                    }
                    writer.row(values)
                },
            );
            writer = written.map_err(|error| error.to_string())?;
        }
        bar.finish_and_clear();
        writer.end()
    }

    /// On a terminal a bar with rate and time left, where it does not stand among what is written.
    fn bar(&self, rows: u64) -> ProgressBar {
        if shows(self.output()) {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(Some(rows), ProgressDrawTarget::stderr());
        let style = "{wide_bar} {human_pos} of {human_len} rows, {per_sec}, {eta} left";
        match ProgressStyle::with_template(style) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }
}

impl Writer {
    fn begin(self, export: &Export, class: &str, shape: &Shape) -> Result<Writer, String> {
        match self {
            Writer::Waiting(out) if export.parquet => Parquet::new(out, shape).map(Writer::Parquet),
            Writer::Waiting(out) => Csv::new(out, shape).map(Writer::Csv),
            Writer::Ndjson(mut lines) => {
                lines.class(class, shape);
                Ok(Writer::Ndjson(lines))
            }
            other => Ok(other),
        }
    }

    fn row(&mut self, values: &[Value]) -> Result<(), String> {
        match self {
            Writer::Waiting(_) => Ok(()),
            Writer::Csv(csv) => csv.row(values),
            Writer::Ndjson(lines) => lines.row(values),
            Writer::Parquet(parquet) => parquet.row(values),
        }
    }

    fn end(self) -> Result<(), String> {
        match self {
            Writer::Waiting(_) => Ok(()),
            Writer::Csv(csv) => csv.end(),
            Writer::Ndjson(lines) => lines.end(),
            Writer::Parquet(parquet) => parquet.end(),
        }
    }
}
