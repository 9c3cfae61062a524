//! A KAPI by one or two dimensions: each group against all others, and how sure the difference is.

use maud::{Markup, html};

use crate::page::analysis::fields::{Offered, find, looked_at};
use crate::page::analysis::pick::{Choice, form};
use crate::page::analysis::propose::proposed;
use crate::page::analysis::say::{Scale, deviations, difference, of_stages, p_cell};
use crate::page::ask::{Ask, Link};
use crate::page::charts::figure::figure;
use crate::page::charts::intervals::{Interval, intervals};
use crate::page::filter::{condition_on, filter};
use crate::page::number;
use crate::page::shared::Shared;
use crate::page::table::{Cell, Column, Table};
use crate::page::text::{CELL, shown};
use crate::page::trouble::Trouble;
use crate::page::view::{Tab, View};
use crate::page::words::{DIMENSION, KAPI, what_is};
use crate::stats::{Contrast, Moments, SMALL_GROUP, contrast, mean_interval, share_interval};
use crate::store::{Group, Reader, Value};

/// Groups in the chart: what fits on a screen.
const DRAWN: usize = 24;
/// Sentences above it.
const TOLD: usize = 5;
/// Adjusted p-values up to this one count as a difference.
const SURE: f64 = 0.05;

/// A group with what is known of it.
struct Row {
    values: Vec<Value>,
    moments: Moments,
    least: f64,
    most: f64,
    contrast: Contrast,
}

impl Row {
    fn stands_out(&self) -> bool {
        self.contrast.difference.is_some() && self.contrast.adjusted <= SURE
    }

    fn name(&self, dimensions: &[&str]) -> String {
        let pairs = dimensions
            .iter()
            .zip(&self.values)
            .map(|(dimension, value)| format!("{dimension} = {}", text(value)));
        pairs.collect::<Vec<_>>().join(", ")
    }
}

pub(crate) fn view(ask: &Ask, shared: &Shared) -> Result<View, Trouble> {
    let class = ask.need("class")?;
    shared.ask(|reader| make(ask, reader, class))
}

fn make(ask: &Ask, reader: &Reader, class: &str) -> Result<View, Trouble> {
    let offered = looked_at(reader, class)?;
    let first_kapi = offered.iter().find(|field| field.is_measured()).map(|field| field.name.as_str());
    let kapi = ask.get("kapi").or(first_kapi);
    let split = |kapi| proposed(&offered, kapi).map(|field| field.name.as_str());
    let (Some(name), Some(dimension)) = (kapi, ask.get("by").or_else(|| split(kapi?))) else {
        return Ok(View::of_class(class, Tab::By, "By dimension").html(html! {
            (what_is(&[&KAPI, &DIMENSION]))
            div.empty { "This takes a field that is a number, or true or false, and another one to split it by. Export both in the same ARC." }
        }));
    };
    let second = ask.get("and").filter(|second| *second != dimension);
    let dimensions: Vec<&str> = [dimension].into_iter().chain(second).collect();
    let kapi = find(&offered, name);
    let scale = Scale::of(kapi.is_share());
    let found = reader.by(class, name, &dimensions, &filter(ask)?)?;
    let rows = rows(&found.groups, scale);
    let title = format!("{name} by {}", dimensions.join(" and "));
    let view = View::of_class(class, Tab::By, title).html(html! {
        (what_is(&[&KAPI, &DIMENSION]))
        (choices(ask, &offered, name, &dimensions))
    });
    if rows.is_empty() {
        return Ok(view.html(html! { div.empty { "No ARC has a value of this KAPI in this time." } }));
    }
    let all = moments(&found.all);
    Ok(view
        .html(html! {
            (told(name, scale, &dimensions, &rows, &all))
            @if found.others > 0 {
                p.notice { "There are more groups than are shown; " (number::count(found.others)) " ARCs are in the others, and in no comparison." }
            }
            (of_stages(&kapi))
            (chart(name, scale, &dimensions, &rows, &all)?)
            (how())
        })
        .table(table(class, name, scale, &dimensions, &rows)))
}

fn moments(group: &Group) -> Moments {
    let squares = group.variance * group.count.saturating_sub(1) as f64;
    Moments { count: group.count, mean: group.mean, squares }
}

fn rows(groups: &[Group], scale: Scale) -> Vec<Row> {
    let all: Vec<Moments> = groups.iter().map(moments).collect();
    let contrasts = contrast(&all, scale == Scale::Share);
    let parts = groups.iter().zip(all).zip(contrasts);
    parts
        .map(|((group, moments), contrast)| Row {
            values: group.values.clone(),
            moments,
            least: group.least,
            most: group.most,
            contrast,
        })
        .collect()
}

fn text(value: &Value) -> String {
    if *value == Value::Null { "(none)".to_owned() } else { value.to_string() }
}

fn choices(ask: &Ask, offered: &[Offered], kapi: &str, dimensions: &[&str]) -> Markup {
    // Texts first: numbers make more groups than anybody reads, and ids one for each ARC.
    let texts = offered.iter().filter(|field| field.is_dimension());
    let others = offered.iter().filter(|field| !field.is_dimension() && !field.look.is_id);
    let names: Vec<&str> = texts.chain(others).map(|field| field.name.as_str()).collect();
    let by = Choice {
        name: "by",
        label: "by",
        chosen: dimensions.first().copied(),
        none: None,
        offered: names.clone(),
    };
    let and = Choice {
        name: "and",
        label: "and by",
        chosen: dimensions.get(1).copied(),
        none: Some("nothing else"),
        offered: names,
    };
    form(ask, &[Choice::kapi(offered, Some(kapi)), by, and])
}

/// The groups that stand out most, in sentences.
fn told(name: &str, scale: Scale, dimensions: &[&str], rows: &[Row], all: &Moments) -> Markup {
    let mut apart: Vec<(&Row, f64)> = rows
        .iter()
        .filter(|row| row.stands_out())
        .filter_map(|row| Some((row, row.contrast.difference?.effect.abs())))
        .collect();
    apart.sort_by(|a, b| b.1.total_cmp(&a.1));
    html! {
        p {
            strong { (shown(name, CELL)) } " is " (scale.value(all.mean)) " on average, over " (number::arcs(all.count))
            " in " (number::count(rows.len() as u64)) (if rows.len() == 1 { " group." } else { " groups." })
            @if rows.len() == 1 { " All have the same value, so there is nothing to compare: choose another field to split by." }
            @else if apart.is_empty() { " No group differs from the others beyond what chance explains." }
        }
        @if !apart.is_empty() {
            ul {
                @for (row, _) in apart.iter().take(TOLD) {
                    @if let Some(by) = &row.contrast.difference {
                        li {
                            (shown(name, CELL)) " in " strong { (shown(&row.name(dimensions), CELL)) } " is "
                            (difference(scale, by, "elsewhere")) ", " (number::count(row.moments.count)) " ARCs; a "
                            (deviations(by.effect)) " effect."
                            @if row.contrast.small { " Few ARCs on one side: take it as a hint." }
                        }
                    }
                }
            }
            @if apart.len() > TOLD { p.quiet { "And " (apart.len() - TOLD) " more groups that differ; the table has all." } }
        }
    }
}

fn chart(
    name: &str,
    scale: Scale,
    dimensions: &[&str],
    rows: &[Row],
    all: &Moments,
) -> Result<Markup, Trouble> {
    let drawn: Vec<Interval> = rows
        .iter()
        .take(DRAWN)
        .map(|row| {
            let interval: fn(&Moments) -> Option<(f64, f64)> =
                if scale == Scale::Share { share_interval } else { mean_interval };
            let (low, high) = interval(&row.moments).unwrap_or((f64::NAN, f64::NAN));
            Interval {
                name: row.values.iter().map(text).collect::<Vec<_>>().join(", "),
                at: row.moments.mean,
                low,
                high,
                stands_out: row.stands_out(),
            }
        })
        .collect();
    let svg = intervals(&drawn, all.mean, &|value| scale.value(value))?;
    let title = format!("Mean of {name} by {}", dimensions.join(" and "));
    let described = format!(
        "The mean of each of {} groups with its 95 % interval, the largest group first; a line where the mean of all is. \
         The table below has the figures.",
        drawn.len()
    );
    Ok(figure("by", &title, &described, &svg, &["like the others", "differs beyond chance"]))
}

fn how() -> Markup {
    html! {
        details.words {
            summary { "How the difference is computed" }
            p {
                "Each group is compared with all other ARCs together by Welch's t-test; true and false are compared as shares, by the test of two \
                 proportions or, where few are expected, by Fisher's exact test. The interval has the true \
                 difference in 95 of 100 cases. p says how often chance alone makes a difference this large; it is \
                 adjusted for the number of groups (Benjamini and Hochberg), so that of those called different about one \
                 in twenty is not. The effect is in standard deviations: below 0.2 very small, below 0.5 small, below 0.8 \
                 medium. Groups of fewer than " (SMALL_GROUP) " ARCs are called small: one odd value can make the difference."
            }
        }
    }
}

fn table(class: &str, name: &str, scale: Scale, dimensions: &[&str], rows: &[Row]) -> Table {
    let figures =
        ["ARCs", "mean", "deviation", "least", "most", "difference", "95 % from", "95 % to", "effect", "p"];
    let names = dimensions.iter().map(|dimension| Column::new(*dimension));
    let columns = names.chain(figures.map(Column::numbers)).chain([Column::new("remark")]).collect();
    let mut table = Table::new("by", format!("{name} by {}", dimensions.join(" and ")), columns);
    for row in rows {
        let mut link = Link::to("/arcs").with("class", class);
        for (dimension, value) in dimensions.iter().zip(&row.values) {
            link = condition_on(link, dimension, value);
        }
        let named = |value: &Value| Cell::link(&text(value), &link);
        let mut cells: Vec<Cell> = row.values.iter().map(named).collect();
        let by = row.contrast.difference;
        let signed = |value: Option<f64>| {
            value.map_or_else(|| Cell::none().right(), |value| Cell::number(scale.signed(value), value))
        };
        cells.extend([
            Cell::count(row.moments.count),
            Cell::number(scale.value(row.moments.mean), row.moments.mean),
            Cell::maybe(row.moments.deviation()),
            Cell::value(row.least),
            Cell::value(row.most),
            signed(by.map(|by| by.by)),
            signed(by.map(|by| by.low)),
            signed(by.map(|by| by.high)),
            Cell::maybe(by.map(|by| by.effect)),
            by.map_or_else(|| Cell::none().right(), |_| p_cell(row.contrast.adjusted)),
            remark(row),
        ]);
        table.row(cells);
    }
    table
}

fn remark(row: &Row) -> Cell {
    // A group that is nearly all has a small rest.
    let few = row.contrast.rest.count > 0 && row.contrast.small;
    let text = match (row.stands_out(), few, row.moments.count < SMALL_GROUP) {
        (true, true, true) => "differs, small group",
        (true, true, false) => "differs, few others",
        (true, false, _) => "differs",
        (false, _, true) => "small group",
        (false, true, false) => "few others",
        (false, false, false) => "",
    };
    Cell::html(html! { (text) }, text)
}
