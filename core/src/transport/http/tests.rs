//! The transport against small servers in this process.

mod check;
mod client;
mod exchange;
mod mona;
mod proxy;
mod records;
mod server;

use std::sync::Arc;
use std::time::Duration;

use crate::config::{Options, Settings, resolve};
use crate::diag::log::{Log, Print};
use crate::encode::Output;
use crate::encode::{ArcClass, RecordPrefix, Shape, msgpack, record};
use crate::net::{Abort, Deadline, TransportError};
use crate::transport::{Chunk, Delivered, Endpoint, Sent, Transport};

/// Settings with these options, `retry` aside quick enough for tests, and these environment variables.
pub(super) fn settings(options: &[(&str, &str)], environment: &[(&str, &str)]) -> Arc<Settings> {
    let mut set = Options::new();
    options.iter().for_each(|(name, value)| set.set(name, value).unwrap());
    let resolved = resolve(&set, |name| {
        let found = environment.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.into())
    });
    assert_eq!(resolved.warnings, [""; 0]);
    resolved.settings
}

/// The transport that a client with these settings uses.
pub(super) fn open(settings: &Arc<Settings>, abort: &Arc<Abort>) -> Box<dyn Transport> {
    let endpoints = Endpoint::list_from_settings(settings).unwrap();
    let delivered = Arc::new(Delivered::new(1, 1));
    let log = Arc::new(Log::new(30, false, Print::Off));
    crate::transport::open(&endpoints[0], settings, Arc::clone(abort), delivered, &log, "an-instance")
}

pub(super) fn transport(options: &[(&str, &str)]) -> Box<dyn Transport> {
    open(&settings(options, &[]), &Arc::default())
}

/// Far enough that no test meets it.
pub(super) fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(60))
}

/// Connects if need be and sends, as the sender does.
pub(super) fn send(transport: &mut dyn Transport, chunk: &Chunk) -> Result<Sent, TransportError> {
    transport.connect(soon())?;
    transport.send(chunk, soon())
}

fn chunk_of(entries: impl IntoIterator<Item = Vec<u8>>) -> Chunk {
    let entries: Vec<_> = entries.into_iter().collect();
    Chunk::new(0, entries.concat(), 0, entries.len())
}

fn entry(head: &RecordPrefix, text: &str) -> Vec<u8> {
    let mut entry = Vec::new();
    Output::to(&mut entry, |out| record::begin(out, head, 1_700_000_000));
    msgpack::map_header(&mut entry, 1);
    msgpack::text(&mut entry, "m");
    msgpack::text(&mut entry, text);
    Output::to(&mut entry, |out| record::finish(out, 1_700_000_000));
    entry
}

/// A chunk of plain records with these texts.
pub(super) fn chunk(texts: &[&str]) -> Chunk {
    let head = RecordPrefix::new("u-1", "c", Shape::default());
    chunk_of(texts.iter().map(|text| entry(&head, text)))
}

/// A chunk of messages in these contexts, each with the class "A".
pub(super) fn classed_chunk(ids: &[&str]) -> Chunk {
    let class = ArcClass::from("A");
    chunk_of(
        ids.iter().map(|id| entry(&RecordPrefix::with_class("u-1", id, Shape::default(), Some(&class)), "x")),
    )
}
