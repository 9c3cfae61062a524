//! `mona-collector`: takes what instrumented programs export, writes it down and sums it up.
//!
//! Listens until Ctrl-C, SIGTERM, the end of its terminal or `--exit-when-idle`, then prints a table of ARC classes and
//! KAPIs.
//! A chunk is acknowledged when its records are in the file and in the store.

mod arcs;
mod args;
mod brief;
#[cfg(feature = "store")]
mod closing;
mod counters;
mod dimension;
#[cfg(feature = "export")]
mod export;
mod fresh;
#[cfg(feature = "store")]
mod import;
mod kapi;
#[cfg(feature = "store")]
mod kept;
mod line;
mod log;
mod output;
#[cfg(feature = "page")]
mod page;
mod parts;
mod plain;
mod records;
mod report;
mod seen;
mod services;
mod summary;
mod table;
mod tail;
mod wait;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use mona_collector::{Conducts, Correct, Faults, Server};

use args::Args;
use log::log;
use output::Output;
use services::Endpoint;

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(sentence) => {
            log(&sentence);
            ExitCode::FAILURE
        }
    }
}

/// False if something that was taken could not be written.
fn run(args: &Args) -> Result<bool, String> {
    #[cfg(feature = "store")]
    if let Some(command) = &args.command {
        return match command {
            args::Command::Import(import) => import::run(import),
            #[cfg(feature = "export")]
            args::Command::Export(export) => export::run(export),
        }
        .map(|()| true);
    }
    wait::take_descriptors();
    let signals = wait::Signals::new().map_err(|error| format!("signals: {error}"))?;
    #[cfg(feature = "store")]
    let store = kept::open(args.store.as_ref(), args.retention(), args.shows_page())?;
    let output = Output::new(args)?;
    #[cfg(feature = "store")]
    let output = output.with_store(store.clone());
    let output = Arc::new(output);
    let conducts: Arc<dyn Conducts> = match &args.fault {
        Some(script) => Arc::new(Faults::new(script.clone())),
        None => Arc::new(Correct),
    };
    let mut addresses = Vec::new();
    let mut servers = Vec::new();
    for Endpoint { address, listener, service } in services::listen(args)? {
        let server = Server::start(listener, service, Arc::clone(&conducts), output.clone());
        servers.push(server.map_err(|error| format!("{address}: {error}"))?);
        addresses.push(address);
    }
    for address in &addresses {
        log(&format!("listening on {address}"));
    }
    #[cfg(feature = "page")]
    let page = page::start(args, store, addresses.clone(), &output)?;
    #[cfg(feature = "page")]
    if let Some(shown) = &page {
        log(&format!("page at {}", shown.address));
        addresses.push(shown.address.clone());
    }
    if let Some(path) = &args.port_file {
        wait::write_port_file(path, &addresses, args.has_token())
            .map_err(|error| format!("--port-file {}: {error}", path.display()))?;
    }
    signals.wait(args.exit_when_idle, &output);
    drop(servers);
    #[cfg(feature = "page")]
    drop(page);
    output.finish();
    // A table on the stream of the records would break every reader of them.
    let text = output.report(args.brief);
    let shown = if args.writes_to_stdout() {
        io::stderr().write_all(text.as_bytes())
    } else {
        io::stdout().write_all(text.as_bytes())
    };
    match shown {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            return Err(format!("the summary: {error}"));
        }
        _ => {}
    }
    Ok(!output.has_failed())
}
