//! What arrives now: how fast, what was refused last, and the events themselves.

use std::time::Duration;

use maud::{Markup, html};

use super::tiles::{Tile, tiles};
use crate::page::ask::{Ask, Link};
use crate::page::charts::spark::spark;
use crate::page::number;
use crate::page::shared::Shared;
use crate::page::table::{Cell, Column, Table};
use crate::page::text::{CELL, LINE, plain, shown};
use crate::page::trouble::Trouble;
use crate::page::view::{Area, View};
use crate::page::words::{ARC, CLASS, EVENT, what_is};
use crate::store::{Health, LiveEvent};

/// What fits a screen or two.
const EVENTS: usize = 50;

pub(crate) fn view(_: &Ask, shared: &Shared) -> Result<View, Trouble> {
    let (health, stream) = shared.ask(|reader| Ok((reader.health()?, reader.since(0)?)))?;
    let mut table = Table::new(
        "events",
        "Latest events",
        vec![Column::new("Time"), Column::new("ARC class"), Column::new("Context"), Column::new("Event")],
    )
    .or_else(nothing_yet(shared));
    for event in stream.events.iter().rev().take(EVENTS) {
        table.row(row(event));
    }
    Ok(View::new(Area::Live, "Live")
        .live()
        .html(html! { (now(shared, &health)) (what_is(&[&ARC, &CLASS, &EVENT])) })
        .table(table))
}

fn now(shared: &Shared, health: &Health) -> Markup {
    let count =
        |name: &str| health.counters.iter().find(|(given, _)| given == name).map_or(0, |(_, count)| *count);
    let rate = shared.pulse.rate(Duration::from_secs(10));
    let rates = shared.pulse.rates();
    let refused = match health.refusals.last() {
        None => Tile::new("Last refusal", "none").note("nothing was refused since the start"),
        Some((time, sentence)) => {
            Tile::markup("Last refusal", number::moment(*time)).note(plain(sentence, CELL)).bad(true)
        }
    };
    html! {
        (tiles(&[
            Tile::markup("Events a second", html! { (number::value(rate)) " " (spark(&rates, "events a second")) })
                .note("over 10 seconds; the line is the last 5 minutes"),
            Tile::new("Events", number::count(count("records"))).note("in the store since it was made"),
            refused,
        ]))
        @if let Some((_, sentence)) = health.refusals.last() {
            p.notice.bad { strong { "Refused: " } (shown(sentence, LINE)) " " a href="/health" { "All refusals" } }
        }
    }
}

/// What to do while there is nothing.
pub(crate) fn nothing_yet(shared: &Shared) -> Markup {
    html! {
        p { "Nothing has arrived yet. Start a program that exports with libmona, with this in its environment:" }
        @for endpoint in &shared.endpoints {
            pre tabindex="0" { "MONA_ENDPOINT=" (shown(&endpoint_of(endpoint), LINE)) }
        }
        p { "If it runs and nothing comes, " code { "mona-doctor" } " says why. To see the page with events in it: "
            code { "make view" } " starts the demo with a page of its own." }
    }
}

fn endpoint_of(address: &str) -> String {
    if address.contains("://") { address.to_owned() } else { format!("tcp://{address}") }
}

fn row(live: &LiveEvent) -> Vec<Cell> {
    let class = match &live.class {
        Some(class) => Cell::link(class, &Link::to("/arcs").with("class", class)),
        None => Cell::none(),
    };
    let context = Cell::link(&live.context, &Link::to("/arc").with("id", live.event.context));
    let mut event = live.event.message.clone();
    if live.event.cut {
        event.push('…');
    }
    vec![Cell::time(live.event.time), class, context, Cell::code(&event)]
}
