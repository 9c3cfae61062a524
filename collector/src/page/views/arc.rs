//! One ARC: its stages as a tree with their fields and times, and the events it was made of.

use maud::{Markup, html};

use super::arcs::state;
use super::stages::stages;
use super::tiles::{Tile, tiles};
use crate::page::ask::{Ask, Link};
use crate::page::number;
use crate::page::shared::Shared;
use crate::page::table::{Cell, Column, Paging, Table};
use crate::page::text::{CELL, plain, shown};
use crate::page::trouble::Trouble;
use crate::page::view::{Area, View};
use crate::page::words::{ARC, CONTEXT, EVENT, what_is};
use crate::store::{Context, Event, Tree};

/// Events on one page; each may be some lines.
const EVENTS: u64 = 50;

pub(crate) fn view(ask: &Ask, shared: &Shared) -> Result<View, Trouble> {
    let missing = || Trouble::missing("the store has no such ARC: it may have made room for younger ones");
    shared.ask(|reader| {
        let id = match (ask.get("context"), ask.get("id")) {
            (Some(context), _) => reader.find(context)?.ok_or_else(missing)?,
            (None, Some(id)) => id.parse().map_err(|_| Trouble::wrong("id: expected a number"))?,
            (None, None) => {
                return Err(Trouble::wrong("the address names no ARC: follow a link of the page"));
            }
        };
        let tree = reader.arc(id)?.ok_or_else(missing)?;
        let main = tree.contexts.first().ok_or_else(missing)?;
        let limit = if ask.csv { 1_000 } else { EVENTS };
        let skip = (ask.page() as u64).saturating_mul(limit);
        let events = reader.events(main.id, skip, limit)?;
        Ok(whole(ask, &tree, main, &events, skip))
    })
}

fn whole(ask: &Ask, tree: &Tree, main: &Context, events: &[Event], skip: u64) -> View {
    let class = main.class.as_deref().unwrap_or("(no class)");
    let view = View::new(Area::Classes, &main.context)
        .below("ARC classes", Link::to("/classes"))
        .below(class, Link::to("/arcs").with("class", class));
    let mut table = Table::new(
        "events",
        "Raw events",
        vec![
            Column::numbers("No."),
            Column::new("Time"),
            Column::new("Context"),
            Column::new("Tag"),
            Column::new("Event"),
        ],
    );
    for (at, event) in events.iter().enumerate() {
        let number = skip + at as u64;
        let context = tree.contexts.iter().find(|context| context.id == event.context);
        let link = Link::to("/value").with("arc", main.id).with("event", number);
        table.row(vec![
            Cell::count(number + 1),
            Cell::time(event.time),
            Cell::text(context.map_or("", |context| context.context.as_str())),
            Cell::text(&event.tag),
            Cell::whole(&event.message, event.cut, &link),
        ]);
    }
    let more = events.len() as u64 == EVENTS;
    view.html(html! {
        (facts(tree, main, class))
        (what_is(&[&ARC, &CONTEXT, &EVENT]))
    })
    .html(html! { h2 { "Stages" } (stages(ask, tree)) })
    .table(table.paged(Paging { total: None, more }))
}

fn facts(tree: &Tree, main: &Context, class: &str) -> Markup {
    let link = Link::to("/arcs").with("class", class);
    let events: u64 = tree.contexts.iter().map(|context| context.events).sum();
    tiles(&[
        Tile::markup("Class", html! { a href=(link.href()) { (shown(class, CELL)) } }),
        Tile::markup("First event", number::moment(main.first)),
        Tile::markup("Last event", number::moment(main.last))
            .note(format!("after {}", number::duration(main.last - main.first))),
        Tile::new("State", state(main.open)).note(if main.open {
            "something arrived lately"
        } else {
            "nothing arrived lately"
        }),
        Tile::new("Events", number::count(events)),
        Tile::new("Contexts", number::count(tree.all)),
        Tile::new("User", plain(main.user.as_deref().unwrap_or("–"), 40)),
    ])
}
