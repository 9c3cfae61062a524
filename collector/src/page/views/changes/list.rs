//! All comparisons as a table.

use maud::html;

use super::cards::Scales;
use crate::page::analysis::say::{Scale, p_cell};
use crate::page::ask::Ask;
use crate::page::table::{Cell, Column, Paging, Table};
use crate::stats::{Change, Changes, What};

/// All that can be paged through and that the CSV has; more than anybody reads of a class with many fields and segments.
const ROWS: usize = 2_000;

pub(crate) fn table(ask: &Ask, found: &Changes, scales: Scales<'_>) -> Table {
    let texts = ["field", "compared", "segment"].map(Column::new);
    let figures =
        ["ARCs before", "ARCs after", "before", "after", "difference", "95 % from", "95 % to", "effect", "p"]
            .map(Column::numbers);
    let columns = texts.into_iter().chain(figures).chain([Column::new("remark")]).collect();
    let mut table = Table::new("changes", "All comparisons", columns);
    let total = found.ranked.len().min(ROWS);
    let skip = ask.page().saturating_mul(ask.rows());
    for change in found.ranked.iter().take(ROWS).skip(skip).take(ask.rows()) {
        let scale = if change.what == What::Values { scales(&change.field) } else { Scale::Share };
        table.row(row(change, scale));
    }
    let more = total > skip.saturating_add(ask.rows());
    table.paged(Paging { total: Some(total as u64).filter(|_| more || skip > 0), more })
}

fn row(change: &Change, scale: Scale) -> Vec<Cell> {
    let what = match change.what {
        What::Values => "values",
        What::Shares => "shares",
        What::Presence => "ARCs that have it",
    };
    let segment = match (&change.segment, &change.value) {
        (Some(segment), _) => Cell::text(&format!("{} = {}", segment.dimension, segment.value)),
        (None, Some(value)) => Cell::text(&format!("all; most in {value}")),
        (None, None) => Cell::html(html! { "all" }, "all"),
    };
    let signed = |value: Option<f64>| {
        value.map_or_else(|| Cell::none().right(), |value| Cell::number(scale.signed(value), value))
    };
    let by = change.to - change.from;
    let remark = match (change.found(), change.as_the_rest) {
        (true, false) => "changed",
        (true, true) => "as the rest",
        (false, _) => "",
    };
    vec![
        Cell::text(&change.field),
        Cell::html(html! { (what) }, what),
        segment,
        Cell::count(change.before),
        Cell::count(change.after),
        Cell::number(scale.value(change.from), change.from),
        Cell::number(scale.value(change.to), change.to),
        signed(Some(by)),
        signed(change.interval.map(|(low, _)| low)),
        signed(change.interval.map(|(_, high)| high)),
        Cell::number(format!("{:+.2}", change.effect), change.effect),
        p_cell(change.adjusted),
        Cell::html(html! { (remark) }, remark),
    ]
}
