//! All ARC classes, with how many runs each had and when.

use std::time::{Duration, Instant};

use maud::html;

use super::live::nothing_yet;
use crate::page::ask::{Ask, Link};
use crate::page::charts::spark::spark;
use crate::page::number;
use crate::page::shared::Shared;
use crate::page::table::{Cell, Column, Paging, Table};
use crate::page::trouble::Trouble;
use crate::page::view::{Area, View};
use crate::page::words::{ARC, CLASS, CONTEXT, what_is};
use crate::store::Class;

/// The time of a line, and the stretches in it.
const HOUR: f64 = 3_600.0;
const STRETCHES: usize = 60;
/// Lines take a walk over the hour each: beyond this the other classes are shown without.
const DRAWING: Duration = Duration::from_millis(250);

pub(crate) fn view(ask: &Ask, shared: &Shared) -> Result<View, Trouble> {
    let mut classes = shared.ask(|reader| Ok(reader.classes()?))?;
    let search = ask.get("q").unwrap_or_default().to_lowercase();
    classes.retain(|class| class.name.to_lowercase().contains(&search));
    sort(&mut classes, ask.get("sort").unwrap_or("name"));
    let total = classes.len() as u64;
    let skip = ask.page().saturating_mul(ask.rows());
    let page: Vec<Class> = classes.into_iter().skip(skip).take(ask.rows()).collect();
    let mut table = Table::new("classes", "ARC classes", columns()).or_else(match search.is_empty() {
        true => nothing_yet(shared),
        false => html! { p { "No class has this in its name. " a href="/classes" { "All classes" } } },
    });
    let until = number::now();
    let begun = Instant::now();
    for class in &page {
        // A line for each of thousands in a CSV is nothing that anybody reads.
        let rates = match ask.csv || begun.elapsed() > DRAWING {
            true => Vec::new(),
            false => shared.ask(|reader| Ok(reader.rate(&class.name, until - HOUR, until, STRETCHES)?))?,
        };
        table.row(row(class, &rates));
    }
    let more = total > (skip + page.len()) as u64;
    let find = html! {
        (what_is(&[&ARC, &CLASS, &CONTEXT]))
        form.filter method="get" action="/classes" role="search" aria-label="Search classes" {
            label { "Name contains" input type="search" name="q" value=[ask.get("q")] size="24"; }
            button type="submit" { "Search" }
        }
    };
    let view = View::new(Area::Classes, "ARC classes").live().html(find);
    Ok(view.table(table.paged(Paging { total: Some(total).filter(|_| more || skip > 0), more })))
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("Class").sorted("name"),
        Column::numbers("ARCs").sorted("arcs"),
        Column::numbers("Contexts").sorted("contexts"),
        Column::numbers("Events").sorted("events"),
        Column::numbers("Fields").sorted("fields"),
        Column::new("Last hour"),
        Column::numbers("First").sorted("first"),
        Column::numbers("Last").sorted("last"),
    ]
}

fn sort(classes: &mut [Class], by: &str) {
    let (by, down) = by.strip_prefix('-').map_or((by, false), |by| (by, true));
    let time = |time: Option<f64>| time.unwrap_or(f64::NEG_INFINITY);
    classes.sort_by(|a, b| {
        let order = match by {
            "arcs" => a.arcs.cmp(&b.arcs),
            "contexts" => a.contexts.cmp(&b.contexts),
            "events" => a.events.cmp(&b.events),
            "fields" => a.fields.cmp(&b.fields),
            "first" => time(a.first).total_cmp(&time(b.first)),
            "last" => time(a.last).total_cmp(&time(b.last)),
            _ => a.name.cmp(&b.name),
        };
        if down { order.reverse() } else { order }
    });
}

fn row(class: &Class, rates: &[u64]) -> Vec<Cell> {
    let rates: Vec<f64> = rates.iter().map(|count| *count as f64).collect();
    let time = |time: Option<f64>| time.map_or_else(Cell::none, Cell::time);
    let link = Link::to("/arcs").with("class", &class.name);
    vec![
        Cell::link(&class.name, &link),
        Cell::count(class.arcs),
        Cell::count(class.contexts),
        Cell::count(class.events),
        Cell::count(class.fields),
        if rates.is_empty() { Cell::none() } else { Cell::html(spark(&rates, "runs a minute"), "") },
        time(class.first),
        time(class.last),
    ]
}
