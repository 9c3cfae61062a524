//! The ARCs of a class: filtered by any field, sorted by any column.

use maud::{Markup, html};

use crate::page::analysis::fields::fields;
use crate::page::ask::{Ask, Link};
use crate::page::filter::{filter, form};
use crate::page::number;
use crate::page::shared::Shared;
use crate::page::table::{Cell, Column, Paging, Table};
use crate::page::text::{CELL, plain};
use crate::page::trouble::Trouble;
use crate::page::view::{Tab, View};
use crate::page::words::{ARC, DIMENSION, KAPI, what_is};
use crate::store::{Row, Rows, Sort};

/// Fields that are shown unless others are chosen: what fits a screen.
const SHOWN: usize = 8;
/// Fields that can be shown at once.
const MAX_SHOWN: usize = 64;
/// Fields that can be ticked; others are typed.
const OFFERED: usize = 200;
/// Rows that the store gives at once.
const STORE_ROWS: u64 = 1_000;
/// Bytes of the values of one CSV; in a browser they take some times as much.
const CSV_BYTES: usize = 64 << 20;

pub(crate) fn view(ask: &Ask, shared: &Shared) -> Result<View, Trouble> {
    let class = ask.need("class")?;
    let filter = filter(ask)?;
    let given = ask.get("sort").unwrap_or("-_first");
    let (by, down) = given.strip_prefix('-').map_or((given, false), |by| (by, true));
    let sort = Sort { by: Some(by.to_owned()).filter(|by| by != "_first"), ascending: !down };
    let (skip, limit) = ((ask.page().saturating_mul(ask.rows())) as u64, ask.rows() as u64);
    let named: Vec<&str> = ask.all("col").filter(|name| !name.is_empty()).take(MAX_SHOWN).collect();
    let fields = Some(named.as_slice()).filter(|named| !named.is_empty());
    let rows = shared.ask(|reader| {
        let ask = |skip, limit| reader.arcs_of(class, fields, &filter, &sort, skip, limit);
        let mut rows = ask(skip, limit.min(STORE_ROWS))?;
        // The store gives so many at once, and a CSV has more.
        let mut full = rows.rows.len() as u64 == STORE_ROWS;
        let mut bytes = rows.bytes();
        while full && !rows.cut && bytes <= CSV_BYTES && (rows.rows.len() as u64) < limit {
            let mut more = ask(skip + rows.rows.len() as u64, STORE_ROWS)?;
            full = more.rows.len() as u64 == STORE_ROWS;
            bytes += more.bytes();
            rows.cut = more.cut;
            rows.rows.append(&mut more.rows);
        }
        if rows.cut || bytes > CSV_BYTES {
            return Err(Trouble::wrong(format!(
                "this table has more than {} of values: choose fewer columns or a filter; mona-collector export \
                 writes all",
                number::bytes(CSV_BYTES as u64)
            )));
        }
        Ok(rows)
    })?;
    let fields = chosen(ask, &rows);
    let more = match rows.matched {
        Some(matched) => matched > skip + rows.rows.len() as u64,
        None => rows.rows.len() as u64 == limit,
    };
    let is_filtered = filter.from.is_some() || filter.until.is_some() || !filter.conditions.is_empty();
    let empty = match is_filtered {
        true => html! {
            p { "No ARC of this class passes the filter. "
                a href=(Link::to("/arcs").with("class", class).href()) { "All ARCs of the class" } }
        },
        false => html! { p { "This class has no ARCs any more. " a href="/classes" { "All classes" } } },
    };
    let mut table = Table::new("arcs", "ARCs", columns(&rows, &fields)).or_else(empty);
    for row in &rows.rows {
        table.row(cells(row, &fields));
    }
    let offered = offered(shared, class)?;
    let view = View::of_class(class, Tab::Arcs, class).html(html! {
        (what_is(&[&ARC, &KAPI, &DIMENSION]))
        (form(ask, &offered))
        (choice(ask, &rows, &fields, &offered))
    });
    Ok(view.table(table.paged(Paging { total: rows.matched, more })))
}

/// The places of the fields that are shown: those that were chosen, or the first ones.
fn chosen(ask: &Ask, rows: &Rows) -> Vec<usize> {
    let all = ask.csv || ask.get("col").is_some();
    (0..rows.fields.len()).take(if all { rows.fields.len() } else { SHOWN }).collect()
}

fn columns(rows: &Rows, fields: &[usize]) -> Vec<Column> {
    let mut columns = vec![
        Column::new("Context").sorted("_context"),
        Column::numbers("First event").sorted("_first"),
        Column::new("State"),
        Column::numbers("Events").sorted("_events"),
    ];
    for at in fields {
        let numeric =
            rows.rows.iter().filter_map(|row| row.values.get(*at)).any(|value| value.number().is_some());
        let name = rows.fields.get(*at).map(String::as_str).unwrap_or_default();
        let column = if numeric { Column::numbers(name) } else { Column::new(name) };
        columns.push(column.sorted(name));
    }
    columns
}

fn cells(row: &Row, fields: &[usize]) -> Vec<Cell> {
    let mut cells = vec![
        Cell::link(&row.context, &Link::to("/arc").with("id", row.id)),
        Cell::time(row.first),
        Cell::text(state(row.open)),
        Cell::count(row.events),
    ];
    cells.extend(fields.iter().map(|at| row.values.get(*at).map_or_else(Cell::none, Cell::of)));
    cells
}

/// Whether something still arrives.
pub(crate) fn state(open: bool) -> &'static str {
    if open { "open" } else { "quiet" }
}

/// The fields that can be chosen, those of sub-contexts too.
fn offered(shared: &Shared, class: &str) -> Result<Vec<String>, Trouble> {
    let fields = shared.ask(|reader| fields(reader, class))?;
    Ok(fields.into_iter().map(|field| field.name).collect())
}

/// Boxes to choose columns by.
fn choice(ask: &Ask, rows: &Rows, shown: &[usize], offered: &[String]) -> Markup {
    let others = ask.pairs().iter().filter(|(name, _)| !matches!(name.as_str(), "col" | "page" | "table"));
    let chosen: Vec<&str> = shown.iter().filter_map(|at| rows.fields.get(*at).map(String::as_str)).collect();
    html! {
        @if offered.len() > 1 {
            details.columns {
                summary { "Columns: " (number::count(chosen.len() as u64)) " of " (number::count(offered.len() as u64)) }
                form.filter method="get" action="/arcs" aria-label="Columns" {
                    @for (name, value) in others { input type="hidden" name=(name) value=(value); }
                    @for field in offered.iter().take(OFFERED) {
                        label.box {
                            input type="checkbox" name="col" value=(field) checked[chosen.contains(&field.as_str())];
                            span { (plain(field, CELL)) }
                        }
                    }
                    @if offered.len() > OFFERED {
                        label { "Another field" input type="text" name="col" list="fields" autocomplete="off" size="16"; }
                    }
                    button type="submit" { "Show these" }
                }
            }
        }
    }
}
