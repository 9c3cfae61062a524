//! The inventory of a class: each field with its type, what is missing, and what does not fit.

use std::time::{Duration, Instant};

use maud::html;

use crate::page::ask::{Ask, Link};
use crate::page::number;
use crate::page::shared::Shared;
use crate::page::table::{Cell, Column, Paging, Table};
use crate::page::text::CELL;
use crate::page::text::plain;
use crate::page::trouble::Trouble;
use crate::page::view::{Tab, View};
use crate::page::words::{DIMENSION, KAPI, what_is};
use crate::store::{Counts, Field, Filter, Top};

/// Counting different values reads all rows of a class; beyond this the rest is left to the view of one field.
const COUNTING: Duration = Duration::from_millis(250);

pub(crate) fn view(ask: &Ask, shared: &Shared) -> Result<View, Trouble> {
    let class = ask.need("class")?;
    let mut fields = shared.ask(|reader| Ok(reader.fields(class)?))?;
    let search = ask.get("q").unwrap_or_default().to_lowercase();
    fields.retain(|field| field.name.to_lowercase().contains(&search));
    if ask.get("only") == Some("conflicts") {
        fields.retain(|field| field.conflicts);
    }
    let total = fields.len() as u64;
    let conflicts = fields.iter().filter(|field| field.conflicts).count() as u64;
    let skip = ask.page().saturating_mul(ask.rows());
    let page: Vec<Field> = fields.into_iter().skip(skip).take(ask.rows()).collect();
    let mut table = Table::new("fields", "Fields", columns()).or_else(html! {
        p { "No field like this. " a href=(Link::to("/fields").with("class", class).href()) { "All fields" } }
    });
    let begun = Instant::now();
    for field in &page {
        let (all, name) = (Filter::default(), field.name.as_str());
        let top = match begun.elapsed() < COUNTING {
            // Hardly any of them is there twice, and to count them all takes longest.
            true if field.kind == "REAL" => {
                Some(shared.ask(|reader| Ok(reader.presence(class, name, &all)?))?)
            }
            true => Some(shared.ask(|reader| Ok(reader.top(class, name, &all, 1)?))?),
            false => None,
        };
        table.row(row(class, field, top.as_ref()));
    }
    let conflicting = ask.link().without("page").set("only", "conflicts");
    let more = total > (skip + page.len()) as u64;
    let view = View::of_class(class, Tab::Fields, format!("Fields of {class}")).html(html! {
        (what_is(&[&KAPI, &DIMENSION]))
        form.filter method="get" action="/fields" role="search" aria-label="Search fields" {
            input type="hidden" name="class" value=(class);
            label { "Name contains" input type="search" name="q" value=[ask.get("q")] size="24"; }
            button type="submit" { "Search" }
        }
        @if conflicts > 0 {
            p.notice.bad { (number::count(conflicts)) (if conflicts == 1 { " field has" } else { " fields have" })
                " values of several types. They are kept as they came; charts take the numbers among them. "
                a href=(conflicting.href()) { "Show only these" } }
        }
    });
    Ok(view.table(table.paged(Paging { total: Some(total), more })))
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("Field"),
        Column::new("Type"),
        Column::new("Conflicts"),
        Column::numbers("Values"),
        Column::numbers("Null"),
        Column::numbers("Without it"),
        Column::numbers("Different"),
        Column::new("Most frequent"),
        Column::numbers("First"),
        Column::numbers("Last"),
        Column::new("Column in SQL"),
    ]
}

fn row(class: &str, field: &Field, top: Option<&Top>) -> Vec<Cell> {
    let counts = &field.counts;
    let time = |time: Option<f64>| time.map_or_else(Cell::none, Cell::time);
    let link = Link::to("/field").with("class", class).with("field", &field.name);
    let whole = |top: &Top| top.present + top.missing;
    // A value that is there once is not frequent.
    let first = top.and_then(|top| top.values.first()).filter(|(_, count)| *count > 1);
    vec![
        Cell::link(&field.name, &link),
        Cell::text(type_name(&field.kind)),
        if field.conflicts { Cell::bad(&conflict(counts)) } else { Cell::none() },
        Cell::count(counts.booleans + counts.integers + counts.reals + counts.texts + counts.lists),
        Cell::count(counts.nulls),
        top.map_or_else(Cell::none, |top| Cell::number(number::share(top.missing, whole(top)), top.missing)),
        top.filter(|top| top.distinct > 0).map_or_else(Cell::none, |top| Cell::count(top.distinct)),
        first.map_or_else(Cell::none, |(value, _)| Cell::text(&plain(&value.to_string(), CELL))),
        time(field.first),
        time(field.last),
        field.column.as_deref().map_or_else(|| Cell::text("in _more"), Cell::text),
    ]
}

/// A type as a person says it.
fn type_name(kind: &str) -> &'static str {
    match kind {
        "INTEGER" => "integer",
        "REAL" => "number",
        "TEXT" => "text",
        "BOOLEAN" => "true or false",
        _ => "nothing yet",
    }
}

/// How many of each type there are.
fn conflict(counts: &Counts) -> String {
    let kinds = [
        (counts.booleans, "true or false"),
        (counts.integers, "integer"),
        (counts.reals, "number"),
        (counts.texts, "text"),
        (counts.lists, "list"),
    ];
    let texts = kinds.iter().filter(|(count, _)| *count > 0);
    texts.map(|(count, name)| format!("{} {name}", number::count(*count))).collect::<Vec<_>>().join(", ")
}
