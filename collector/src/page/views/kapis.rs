//! A KAPI over time: mean, half, nineteen of twenty, and how many.

use maud::{Markup, html};

use crate::page::analysis::along::Along;
use crate::page::analysis::fields::{find, looked_at};
use crate::page::analysis::pick::{Choice, form};
use crate::page::analysis::say::{Scale, difference, of_stages};
use crate::page::ask::{Ask, Link};
use crate::page::charts::figure::figure;
use crate::page::filter::filter;
use crate::page::number;
use crate::page::shared::Shared;
use crate::page::table::{Cell, Column, Table};
use crate::page::text::{CELL, shown};
use crate::page::trouble::Trouble;
use crate::page::view::{Tab, View};
use crate::page::words::{ARC, KAPI, what_is};
use crate::stats::{Difference, Moments, Stretch, welch};
use crate::store::Reader;

/// Numbers read at most; of more ARCs a part is read, and said so.
const NUMBERS: usize = 400_000;
/// The last part of the stretches that is compared with what came before it: a fifth.
const LATEST: usize = 5;
/// p-values up to this one count as a difference.
const SURE: f64 = 0.05;

pub(crate) fn view(ask: &Ask, shared: &Shared) -> Result<View, Trouble> {
    let class = ask.need("class")?;
    shared.ask(|reader| make(ask, reader, class))
}

fn make(ask: &Ask, reader: &Reader, class: &str) -> Result<View, Trouble> {
    let offered = looked_at(reader, class)?;
    let first = offered.iter().find(|field| field.is_measured()).map(|field| field.name.as_str());
    let Some(name) = ask.get("kapi").or(first) else {
        return Ok(View::of_class(class, Tab::Kapis, "KAPIs").html(html! {
            (what_is(&[&KAPI]))
            div.empty { "No field of this class is a number, or true or false. Export one, such as a confidence or a duration." }
        }));
    };
    let scale = Scale::of(find(&offered, name).is_share());
    let filter = filter(ask)?;
    let sample = reader.values(class, name, &filter, NUMBERS)?;
    let view = View::of_class(class, Tab::Kapis, format!("{name} over time")).html(html! {
        (what_is(&[&KAPI, &ARC]))
        (form(ask, &[Choice::kapi(&offered, Some(name))]))
    });
    if sample.numbers.is_empty() {
        return Ok(view.html(html! { div.empty { "No ARC has a value of this field in this time." } }));
    }
    let read = sample.numbers.len() as u64;
    let along = Along::of(&sample, &filter);
    let stretches = along.stretches(&sample);
    Ok(view
        .html(html! {
            (sentences(name, scale, &stretches, &along, sample.all))
            (links(ask, class, name))
            @if read < sample.all {
                p.notice { "Computed from a sample of " (number::count(read)) " of " (number::count(sample.all)) " ARCs; counts are scaled up." }
            }
            @if along.is_order() {
                p.notice {
                    "These ARCs began within a minute, and their times are whole seconds. So they are shown in the order they arrived."
                }
            }
            (of_stages(&find(&offered, name)))
        })
        .html(charts(name, scale, &stretches, &along)?)
        .table(table(name, &stretches, &along)))
}

fn sentences(name: &str, scale: Scale, stretches: &[Stretch], along: &Along, count: u64) -> Markup {
    let all = stretches.iter().fold(Moments::default(), |sum, stretch| sum.merge(&stretch.moments));
    let part = stretches.len().div_ceil(LATEST);
    let (before, latest) = stretches.split_at(stretches.len().saturating_sub(part));
    let compared = difference_of(latest, before);
    let since = latest.first().map_or(0.0, |stretch| stretch.from);
    html! {
        p {
            strong { (shown(name, CELL)) } " is " (scale.value(all.mean)) " on average, over " (number::arcs(count)) "."
            @if let Some(compared) = compared {
                " Since " (along.moment(since)) " it is "
                @if compared.p <= SURE { (difference(scale, &compared, "before")) "." }
                @else { "not clearly different from before (95 %: " (scale.signed(compared.low)) " to " (scale.signed(compared.high)) ")." }
            }
        }
        p.quiet {
            "p50: half of the ARCs have this value or less. p95: nineteen of twenty have this value or less. Both are \
             values that occurred (nearest rank)."
        }
    }
}

/// Compares the means of the latest stretches with those before, each as one value: more careful than comparing ARCs,
/// as neighbouring ARCs are alike.
fn difference_of(latest: &[Stretch], before: &[Stretch]) -> Option<Difference> {
    let means = |part: &[Stretch]| {
        let there = part.iter().filter(|stretch| stretch.moments.count > 0);
        Moments::of(&there.map(|stretch| stretch.moments.mean).collect::<Vec<_>>())
    };
    welch(&means(latest), &means(before))
}

fn links(ask: &Ask, class: &str, name: &str) -> Markup {
    let to = |path: &str| Link::to(path).with("class", class).with("kapi", name);
    html! {
        p {
            a href=(to("/by").href()) { "By dimension" } " · "
            a href=(Link::to("/field").with("class", class).with("field", name).href()) { "How its values lie" } " · "
            a href=(Link::to("/changes").with("class", class).href()) { "What changed" }
            @if ask.has("from") || ask.has("until") {
                " · " a href=(ask.link().without("from").without("until").href()) { "All of the time" }
            }
        }
    }
}

fn charts(name: &str, scale: Scale, stretches: &[Stretch], along: &Along) -> Result<Markup, Trouble> {
    let line = |value: fn(&Stretch) -> f64| -> Vec<(f64, f64)> {
        let there = |stretch: &Stretch| if stretch.moments.count > 0 { value(stretch) } else { f64::NAN };
        stretches.iter().map(|stretch| (stretch.from, there(stretch))).collect()
    };
    let mut series = vec![line(|stretch| stretch.moments.mean)];
    let mut legend = vec!["mean"];
    // Half of true and false is one of the two: nothing to draw.
    if scale == Scale::Number {
        series.extend([line(|stretch| stretch.p50), line(|stretch| stretch.p95)]);
        legend.extend(["p50: half are at or below", "p95: nineteen of twenty are at or below"]);
    }
    let described = format!(
        "{} in {} stretches {}; the table below has the figures.",
        legend.join(", "),
        stretches.len(),
        along.said(),
    );
    let over = figure("kapi", &format!("{name} over time"), &described, &along.lines(&series)?, &legend);
    let counts = match along.counts(stretches)? {
        None => html! {},
        Some(svg) => {
            let described = "How many ARCs there were in each stretch of time.";
            figure("count", &format!("ARCs with {name} over time"), described, &svg, &["ARCs"])
        }
    };
    Ok(html! { (over) (counts) })
}

fn table(name: &str, stretches: &[Stretch], along: &Along) -> Table {
    let columns = ["ARCs", "mean", "p50", "p95", "least", "most"].map(Column::numbers);
    let columns = [Column::numbers(along.heading())].into_iter().chain(columns).collect();
    let mut table = Table::new("over-time", format!("{name} over time"), columns);
    for stretch in stretches {
        let is_there = stretch.moments.count > 0;
        let value = |value: f64| if is_there { Cell::value(value) } else { Cell::none().right() };
        table.row(vec![
            along.cell(stretch.from),
            Cell::count(along.scaled(stretch.moments.count)),
            value(stretch.moments.mean),
            value(stretch.p50),
            value(stretch.p95),
            value(stretch.least),
            value(stretch.most),
        ]);
    }
    table
}
