//! A KAPI over time: mean, half, nineteen of twenty, and how many.

use maud::{Markup, html};

use crate::page::analysis::fields::{fields, find};
use crate::page::analysis::pick::{Choice, form};
use crate::page::analysis::say::{Scale, difference};
use crate::page::ask::{Ask, Link};
use crate::page::charts::bars::counts;
use crate::page::charts::figure::figure;
use crate::page::charts::line::lines;
use crate::page::filter::filter;
use crate::page::number;
use crate::page::shared::Shared;
use crate::page::table::{Cell, Column, Table};
use crate::page::text::{CELL, shown};
use crate::page::trouble::Trouble;
use crate::page::view::{Tab, View};
use crate::page::words::{ARC, KAPI, what_is};
use crate::stats::{Difference, Moments, welch};
use crate::store::{Bucket, Reader};

/// Stretches of time: a dot every 16 pixels of a wide page.
const BUCKETS: usize = 60;
/// The last part of the time that is compared with what came before it: a fifth.
const LATEST: usize = 5;

pub(crate) fn view(ask: &Ask, shared: &Shared) -> Result<View, Trouble> {
    let class = ask.need("class")?;
    shared.ask(|reader| make(ask, reader, class))
}

fn make(ask: &Ask, reader: &Reader, class: &str) -> Result<View, Trouble> {
    let offered = fields(reader, class)?;
    let first = offered.iter().find(|field| field.is_kapi).map(|field| field.name.as_str());
    let Some(name) = ask.get("kapi").or(first) else {
        return Ok(View::of_class(class, Tab::Kapis, "KAPIs").html(html! {
            (what_is(&[&KAPI]))
            div.empty { "No field of this class is a number, or true or false. Export one, such as a confidence or a duration." }
        }));
    };
    let kapi = find(&offered, name);
    let scale = Scale::of(kapi.is_share());
    let filter = filter(ask)?;
    let buckets = reader.series(class, name, &filter, BUCKETS)?;
    let until = end(&buckets);
    let view = View::of_class(class, Tab::Kapis, format!("{name} over time")).html(html! {
        (what_is(&[&KAPI, &ARC]))
        (form(ask, &[Choice::kapi(&offered, Some(name))]))
    });
    if buckets.iter().all(|bucket| bucket.count == 0) {
        return Ok(view.html(html! { div.empty { "No ARC has a value of this field in this time." } }));
    }
    Ok(view
        .html(html! { (sentences(name, scale, &buckets, until)) (links(ask, class, name)) })
        .html(charts(name, scale, &buckets, until)?)
        .table(table(name, &buckets)))
}

/// Where the last stretch ends; all have the same length.
fn end(buckets: &[Bucket]) -> f64 {
    match buckets {
        [first, second, ..] => first.from + (second.from - first.from) * buckets.len() as f64,
        [only] => only.from + 1.0,
        [] => 0.0,
    }
}

fn sentences(name: &str, scale: Scale, buckets: &[Bucket], until: f64) -> Markup {
    let all = together(buckets);
    let part = buckets.len().div_ceil(LATEST);
    let (before, latest) = buckets.split_at(buckets.len().saturating_sub(part));
    let compared = difference_of(latest, before);
    let since = latest.first().map_or(until, |bucket| bucket.from);
    html! {
        p {
            strong { (shown(name, CELL)) } " is " (scale.value(all.mean)) " on average, over "
            (number::count(all.count)) " ARCs."
            @if let Some(compared) = compared {
                " Since " (number::moment(since)) " it is "
                @if compared.p < 0.05 { (difference(scale, &compared, "before")) "." }
                @else { "not clearly different from before (95 %: " (scale.signed(compared.low)) " to " (scale.signed(compared.high)) ")." }
            }
        }
        p.quiet {
            "p50: half of the ARCs have this value or less. p95: nineteen of twenty have this value or less. Both are \
             values that occurred (nearest rank)."
        }
    }
}

/// Means and their spread from stretch to stretch: what is known of the values here.
fn together(buckets: &[Bucket]) -> Moments {
    buckets.iter().fold(Moments::default(), |sum, bucket| sum.merge(&of(bucket)))
}

fn of(bucket: &Bucket) -> Moments {
    Moments { count: bucket.count, mean: bucket.mean, squares: 0.0 }
}

/// Compares stretches of the latest part with those before it, each as one value: more careful than comparing ARCs,
/// as neighbouring ARCs are alike.
fn difference_of(latest: &[Bucket], before: &[Bucket]) -> Option<Difference> {
    let means = |part: &[Bucket]| {
        Moments::of(
            &part.iter().filter(|bucket| bucket.count > 0).map(|bucket| bucket.mean).collect::<Vec<_>>(),
        )
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

fn charts(name: &str, scale: Scale, buckets: &[Bucket], until: f64) -> Result<Markup, Trouble> {
    let line = |value: fn(&Bucket) -> f64| -> Vec<(f64, f64)> {
        let there = |bucket: &Bucket| if bucket.count > 0 { value(bucket) } else { f64::NAN };
        buckets.iter().map(|bucket| (bucket.from, there(bucket))).collect()
    };
    let from = buckets.first().map_or(until, |bucket| bucket.from);
    let mut series = vec![line(|bucket| bucket.mean)];
    let mut legend = vec!["mean"];
    // Half of true and false is one of the two: nothing to draw.
    if scale == Scale::Number {
        series.extend([line(|bucket| bucket.p50), line(|bucket| bucket.p95)]);
        legend.extend(["p50: half are at or below", "p95: nineteen of twenty are at or below"]);
    }
    let svg = lines(&series, from, until)?;
    let described = format!(
        "{} over {} stretches of time, from {} to {} UTC; the table below has the figures.",
        legend.join(", "),
        buckets.len(),
        number::time(from),
        number::time(until),
    );
    let how_many: Vec<(f64, u64)> = buckets.iter().map(|bucket| (bucket.from, bucket.count)).collect();
    let bars = counts(&how_many, until)?;
    Ok(html! {
        (figure("kapi", &format!("{name} over time"), &described, &svg, &legend))
        (figure("count", &format!("ARCs with {name} over time"), "How many ARCs there were in each stretch of time.", &bars, &["ARCs"]))
    })
}

fn table(name: &str, buckets: &[Bucket]) -> Table {
    let columns = ["ARCs", "mean", "p50", "p95", "least", "most"].map(Column::numbers);
    let columns = [Column::numbers("from")].into_iter().chain(columns).collect();
    let mut table = Table::new("over-time", format!("{name} over time"), columns);
    for bucket in buckets {
        let value = |value: f64| if bucket.count > 0 { Cell::value(value) } else { Cell::none().right() };
        table.row(vec![
            Cell::time(bucket.from),
            Cell::count(bucket.count),
            value(bucket.mean),
            value(bucket.p50),
            value(bucket.p95),
            value(bucket.least),
            value(bucket.most),
        ]);
    }
    table
}
