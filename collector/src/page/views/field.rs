//! One field: how its values lie, and which are the most frequent.

use maud::{Markup, html};

use crate::page::analysis::fields::{Offered, fields, find};
use crate::page::analysis::say::{Scale, of_stages};
use crate::page::ask::{Ask, Link};
use crate::page::charts::bars;
use crate::page::charts::figure::figure;
use crate::page::filter::{condition_on, filter};
use crate::page::number;
use crate::page::shared::Shared;
use crate::page::table::{Cell, Column, Table};
use crate::page::trouble::Trouble;
use crate::page::view::{Tab, View};
use crate::page::views::tiles::{Tile, tiles};
use crate::page::words::{DIMENSION, KAPI, what_is};
use crate::stats::{Histogram, Moments, histogram, quantile, sorted};
use crate::store::{Filter, Reader, Sample, Top};

/// Numbers read at most; of more ARCs a random sample is read, and said so. A quantile of so many is right to a tenth of a
/// percent of rank.
const NUMBERS: usize = 200_000;
/// Values shown.
const TOP: usize = 50;

pub(crate) fn view(ask: &Ask, shared: &Shared) -> Result<View, Trouble> {
    let class = ask.need("class")?;
    let name = ask.need("field")?;
    shared.ask(|reader| make(ask, reader, class, name))
}

fn make(ask: &Ask, reader: &Reader, class: &str, name: &str) -> Result<View, Trouble> {
    let field = find(&fields(reader, class)?, name);
    let filter = filter(ask)?;
    let mut view =
        View::of_class(class, Tab::Fields, name).below("Fields", Link::to("/fields").with("class", class));
    if field.is_kapi && field.kind == "REAL" {
        // Hardly any value is there twice: to count them all takes longer than everything else.
        view = view.html(html! { (what_is(&[&KAPI, &DIMENSION])) (links(class, &field)) });
        return numbers(view, reader, class, &field, &filter);
    }
    let top = reader.top(class, name, &filter, TOP)?;
    view = view.html(html! {
        (what_is(&[&KAPI, &DIMENSION]))
        (links(class, &field))
        (known(&field, &top))
    });
    if top.present == 0 {
        return Ok(view.html(html! { div.empty { "No ARC has a value of this field in this time." } }));
    }
    if field.is_kapi {
        view = numbers(view, reader, class, &field, &filter)?;
    }
    Ok(view.table(values(class, name, &top)))
}

fn links(class: &str, field: &Offered) -> Markup {
    let to = |path: &str, name: &str| Link::to(path).with("class", class).with(name, &field.name).href();
    html! {
        p {
            @if field.is_kapi { a href=(to("/kapis", "kapi")) { "Over time" } " · " a href=(to("/by", "kapi")) { "By dimension" } }
            @if field.is_kapi && field.is_dimension() { " · " }
            @if field.is_dimension() { a href=(to("/by", "by")) { "KAPIs by this field" } }
        }
    }
}

fn known(field: &Offered, top: &Top) -> Markup {
    let kind = match field.kind.as_str() {
        "INTEGER" => "whole numbers",
        "REAL" => "numbers",
        "BOOLEAN" => "true or false",
        "TEXT" => "texts",
        _ => "none yet",
    };
    tiles(&[
        Tile::new("Type of the first value", kind),
        Tile::new("ARCs with a value", number::count(top.present)),
        Tile::new("ARCs without", number::count(top.missing))
            .note(number::share(top.missing, top.present + top.missing)),
        Tile::new("Different values", number::count(top.distinct)),
    ])
}

fn numbers(
    view: View,
    reader: &Reader,
    class: &str,
    field: &Offered,
    filter: &Filter,
) -> Result<View, Trouble> {
    let Sample { numbers, all, .. } = reader.values(class, &field.name, filter, NUMBERS)?;
    let order = sorted(numbers);
    let Some(bins) = histogram(&order) else {
        return Ok(view.html(html! { div.empty { "No ARC has a value of this field in this time." } }));
    };
    let scale = Scale::of(field.is_share());
    let moments = Moments::of(&order);
    let read = order.len() as u64;
    let svg = bars::histogram(&bins)?;
    let described = format!(
        "{} bars from {} to {}; the table below has the counts.",
        bins.bins.len(),
        number::value(order.first().copied().unwrap_or_default()),
        number::value(order.last().copied().unwrap_or_default()),
    );
    let title = format!("How the values of {} lie", field.name);
    Ok(view
        .html(html! {
            (summary(scale, &order, &moments, all))
            @if read < all {
                p.notice { "Computed from a random sample of " (number::count(read)) " of " (number::count(all)) " ARCs." }
            }
            (of_stages(field))
            (figure("histogram", &title, &described, &svg, &["ARCs"]))
            (outside(&bins))
        })
        .table(bars_table(&bins)))
}

fn summary(scale: Scale, order: &[f64], moments: &Moments, all: u64) -> Markup {
    let at = |share: f64| quantile(order, share).unwrap_or_default();
    let figures = [
        ("ARCs with a number", number::count(all)),
        ("Mean", scale.value(moments.mean)),
        ("Standard deviation", moments.deviation().map_or("–".to_owned(), number::value)),
        ("Least", number::value(at(0.0))),
        ("p5", number::value(at(0.05))),
        ("p50, half are at or below", number::value(at(0.5))),
        ("p95", number::value(at(0.95))),
        ("Most", number::value(at(1.0))),
    ];
    html! {
        (tiles(&figures.map(|(name, value)| Tile::new(name, value))))
        p {
            "Half of the values lie between " (number::value(at(0.25))) " and " (number::value(at(0.75)))
            ", nineteen of twenty are at or below " (number::value(at(0.95))) "."
        }
    }
}

fn outside(bins: &Histogram) -> Markup {
    html! {
        @if bins.below + bins.above > 0 {
            p.notice {
                (number::count(bins.below)) " values lie below the bars and " (number::count(bins.above))
                " above: bars that reach them would hide everything else."
            }
        }
    }
}

fn bars_table(bins: &Histogram) -> Table {
    let all = bins.bins.iter().map(|bin| bin.count).sum::<u64>() + bins.below + bins.above;
    let columns = ["from", "below", "ARCs", "share"].map(Column::numbers);
    let mut table = Table::new("histogram", "How the values lie", columns.into_iter().collect());
    let mut row = |from: Cell, to: Cell, count: u64| {
        table.row(vec![
            from,
            to,
            Cell::count(count),
            Cell::number(number::share(count, all), count as f64 / all.max(1) as f64),
        ]);
    };
    let end = |value: Option<f64>| Cell::maybe(value);
    if bins.below > 0 {
        row(Cell::none().right(), end(bins.bins.first().map(|bin| bin.from)), bins.below);
    }
    for bin in &bins.bins {
        let to = if bins.discrete { Cell::none().right() } else { Cell::value(bin.to) };
        row(Cell::value(bin.from), to, bin.count);
    }
    if bins.above > 0 {
        row(end(bins.bins.last().map(|bin| bin.to)), Cell::none().right(), bins.above);
    }
    table
}

fn values(class: &str, name: &str, top: &Top) -> Table {
    let columns = vec![Column::new("value"), Column::numbers("ARCs"), Column::numbers("share")];
    let mut table = Table::new("top", format!("Most frequent values of {name}"), columns);
    for (value, count) in &top.values {
        let text = value.to_string();
        let link = condition_on(Link::to("/arcs").with("class", class), name, value);
        table.row(vec![
            Cell::link(&text, &link),
            Cell::count(*count),
            Cell::number(number::share(*count, top.present), *count as f64 / top.present.max(1) as f64),
        ]);
    }
    table
}
