//! How delivery goes: what came, what came twice, what was refused and why.

use maud::html;

use super::tiles::{Tile, tiles};
use crate::page::ask::Ask;
use crate::page::number;
use crate::page::shared::Shared;
use crate::page::table::{Cell, Column, Table};
use crate::page::trouble::Trouble;
use crate::page::view::{Area, View};
use crate::page::words::{CHUNK, EVENT, what_is};

/// What counters mean; one that is not among them is shown by its name.
const MEANINGS: [(&str, &str, &str); 16] = [
    ("connections", "Connections", "Accepted from clients."),
    ("open", "Open connections", "Clients that are connected now."),
    ("bytes", "Bytes", "Read from clients, as they were sent."),
    ("chunks", "Chunks", "Taken and acknowledged."),
    (
        "duplicates",
        "Duplicate chunks",
        "Came again, as their acknowledgement was lost; their events are counted twice.",
    ),
    ("duplicate_records", "Duplicate events", "In these chunks."),
    ("records", "Events", "Taken, with those that came twice."),
    ("refused", "Refused", "Chunks, and requests over HTTP, that were not taken; above is why."),
    ("unwritten", "Not written", "Events that could not be written to the file of --out."),
    (
        "faults",
        "Closed for a fault",
        "Connections that the collector closed: what they sent could not be read.",
    ),
    (
        "strangers",
        "Without a context",
        "Events that no libmona sent: they have no context or no message. They are in no ARC.",
    ),
    ("unreadable", "Unreadable", "Events that could not be read."),
    ("untimely", "Without a time", "Events whose time is none; they have the time of their arrival."),
    (
        "invalid_timestamps",
        "Invalid timestamps",
        "Exports whose time was out of range, often milliseconds instead of seconds. They have the time of the call.",
    ),
    ("left_out", "Values left out", "There was no room in a row; they are in the raw events."),
    ("arcs_removed", "ARCs removed", "To keep to the limits of size and age."),
];
/// Those that should stay at nothing.
const TROUBLES: [&str; 7] =
    ["refused", "faults", "strangers", "unreadable", "untimely", "invalid_timestamps", "left_out"];
/// Tags that clients of Mona send under.
const KNOWN_TAG: &str = "mona.client.message";
/// The path of OTLP.
const OTLP_TAG: &str = "v1/logs";

pub(crate) fn view(_: &Ask, shared: &Shared) -> Result<View, Trouble> {
    let health = shared.ask(|reader| Ok(reader.health()?))?;
    let count = |name: &str| health.counters.iter().find(|(given, _)| given == name).map(|(_, count)| *count);
    let run = shared.delivery.counters();
    let mut seen = Vec::new();
    for name in ["connections", "chunks", "records", "duplicates", "refused", "invalid_timestamps"] {
        let title = MEANINGS.iter().find(|(given, _, _)| *given == name).map_or(name, |(_, title, _)| title);
        let run = run.iter().find(|(given, _)| *given == name).map(|(_, count)| *count);
        let value = run.or(count(name)).unwrap_or(0);
        seen.push(Tile::new(title, number::count(value)).bad(TROUBLES.contains(&name) && value > 0));
    }
    seen.push(Tile::new("Size of the store", number::bytes(health.bytes)));
    let mut counters = Table::new(
        "counters",
        "Counters",
        vec![
            Column::new("What"),
            Column::numbers("Count"),
            Column::new("Since the start of"),
            Column::new("Meaning"),
        ],
    )
    .or_else(html! { p { "Nothing is counted yet: no client has connected." } });
    let of_run = run.iter().map(|(name, value)| (*name, *value, "this run"));
    let of_store = health.counters.iter().map(|(name, value)| (name.as_str(), *value, "the store"));
    for (name, value, since) in of_run.chain(of_store) {
        let known = MEANINGS.iter().find(|(given, _, _)| *given == name);
        let (title, meaning) = known.map_or((name, ""), |(_, title, meaning)| (title, meaning));
        counters.row(vec![Cell::text(title), Cell::count(value), Cell::text(since), Cell::text(meaning)]);
    }
    let mut refusals = Table::new("refusals", "Last refusals", vec![Column::new("Time"), Column::new("Why")])
        .or_else(html! { p { "Nothing was refused since the start." } });
    for (time, sentence) in health.refusals.iter().rev() {
        refusals.row(vec![Cell::time(*time), Cell::text(sentence)]);
    }
    let mut tags =
        Table::new("tags", "Tags", vec![Column::new("Tag"), Column::numbers("Events"), Column::new("Known")])
            .or_else(html! { p { "No events, no tags." } });
    for (tag, events) in health.tags.iter().filter(|(_, events)| *events > 0) {
        let known = if tag == KNOWN_TAG || tag == OTLP_TAG {
            "the tag of libmona"
        } else {
            "another: chosen by the client, or of another program"
        };
        tags.row(vec![Cell::text(tag), Cell::count(*events), Cell::text(known)]);
    }
    let mut clients = Table::new("clients", "Clients of this run", clients_columns())
        .or_else(html! { p { "No client has sent anything since the start." } });
    for (address, client) in shared.clients.all() {
        let hostname = client.hostname.as_deref().map_or_else(Cell::none, Cell::text);
        clients.row(vec![
            Cell::text(&address),
            hostname,
            Cell::count(client.chunks),
            Cell::count(client.events),
            Cell::number(number::bytes(client.bytes), client.bytes),
            Cell::count(client.refused),
            Cell::time(client.last),
        ]);
    }
    Ok(View::new(Area::Health, "Delivery")
        .live()
        .html(html! { (tiles(&seen)) (what_is(&[&CHUNK, &EVENT])) })
        .table(refusals)
        .table(clients)
        .table(counters)
        .table(tags))
}

fn clients_columns() -> Vec<Column> {
    vec![
        Column::new("Address"),
        // Only the handshake with a shared key tells it.
        Column::new("Calls itself"),
        Column::numbers("Chunks"),
        Column::numbers("Events"),
        Column::numbers("Bytes"),
        Column::numbers("Refused"),
        Column::numbers("Last seen"),
    ]
}
