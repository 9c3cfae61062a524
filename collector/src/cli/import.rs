//! `mona-collector import`: an old file of `--out` into a store.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use mona_collector::store::{Retention, default_path};

use crate::kept::{self, Place};

/// Read at a time.
const BUFFER: usize = 1 << 20;

/// Reads a file that --out wrote into a store.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The file, one JSON object a line; "-" is standard input
    file: PathBuf,

    /// The store; without it store.sqlite in $XDG_STATE_HOME/mona or ~/.local/state/mona
    #[arg(long, value_name = "FILE", value_parser = str::parse::<Place>)]
    store: Option<Place>,

    /// Keep the store below this size: 500MB, 4GiB; the oldest ARCs go [default: 2GiB]
    #[arg(long, value_name = "SIZE", value_parser = kept::size)]
    store_size: Option<u64>,
}

/// Runs to its end; the error is a sentence.
pub(crate) fn run(import: &Import) -> Result<(), String> {
    let named = |error: std::io::Error| format!("{}: {error}", import.file.display());
    let path = match &import.store {
        Some(Place::File(path)) => path.clone(),
        Some(Place::Memory) => return Err("--store memory: found no file, expected one to keep".to_owned()),
        None => default_path().map_err(|error| error.to_string())?,
    };
    let (lines, length): (Box<dyn BufRead>, Option<u64>) = if import.file.as_os_str() == "-" {
        (Box::new(std::io::stdin().lock()), None)
    } else {
        let file = File::open(&import.file).map_err(named)?;
        let length = file.metadata().map_err(named)?.len();
        (Box::new(BufReader::with_capacity(BUFFER, file)), Some(length))
    };
    let retention = Retention { bytes: import.store_size.unwrap_or(Retention::default().bytes), age: None };
    let store =
        kept::at(&Place::File(path.clone()), retention).map_err(|error| format!("--store {error}"))?;
    // Draws on a terminal only.
    let bar = match length {
        Some(length) => ProgressBar::new(length),
        None => ProgressBar::new_spinner(),
    };
    let style = "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style)
        && length.is_some()
    {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    let imported = store.import(lines, |bytes| bar.set_position(bytes)).map_err(|error| error.to_string())?;
    bar.finish_and_clear();
    let done = format!(
        "{} records into {}, {} lines passed by\n",
        imported.records,
        path.display(),
        imported.skipped
    );
    match std::io::stdout().write_all(done.as_bytes()) {
        // What is in the store is there, whether anybody reads of it or not.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("standard output: {error}")),
        _ => Ok(()),
    }
}
