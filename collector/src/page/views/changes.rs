//! What changed: two periods compared, every KAPI in every segment, the most telling first.

use std::ops::Range;

use maud::{Markup, html};

use crate::page::analysis::fields::{Offered, fields, find};
use crate::page::analysis::sample::{MAX_FIELDS, Sampled, sample};
use crate::page::analysis::say::Scale;
use crate::page::ask::{Ask, Link};
use crate::page::filter;
use crate::page::number;
use crate::page::shared::Shared;
use crate::page::text::{plain, shown};
use crate::page::trouble::Trouble;
use crate::page::view::{Area, Tab, View};
use crate::page::views::tiles::{Tile, tiles};
use crate::page::words::{ARC, DIMENSION, KAPI, what_is};
use crate::stats::{Changes, Frame, changes, strongest_cut};
use crate::store::{Class, Filter, Reader};

pub(crate) mod cards;
mod list;

/// How the periods came to be.
enum Why {
    /// The address says so.
    Asked,
    /// Here this field changed most.
    Found(String),
    /// The latest part of the ARCs.
    Latest(&'static str),
}

/// Two periods.
struct Periods {
    before: Range<f64>,
    after: Range<f64>,
    why: Why,
}

/// Parts of the ARCs that a link compares with all before them.
const PARTS: [(&str, &str, f64); 3] = [
    ("half", "the latest half", 0.5),
    ("quarter", "the latest quarter", 0.75),
    ("tenth", "the latest tenth", 0.9),
];

pub(crate) fn view(ask: &Ask, shared: &Shared) -> Result<View, Trouble> {
    shared.ask(|reader| {
        let classes = reader.classes()?;
        let largest = classes.iter().filter(|class| class.arcs > 0).max_by_key(|class| class.arcs);
        match ask.get("class").or(largest.map(|class| class.name.as_str())) {
            Some(class) => make(ask, reader, &classes, class),
            None => Ok(View::new(Area::Changes, "What changed").html(html! {
                (what_is(&[&ARC, &KAPI]))
                div.empty { "Nothing has arrived yet, so nothing has changed. " a href="/" { "The live view says how to begin." } }
            })),
        }
    })
}

fn make(ask: &Ask, reader: &Reader, classes: &[Class], class: &str) -> Result<View, Trouble> {
    let offered = fields(reader, class)?;
    let asked = asked(ask)?;
    // Its times are those of the later period.
    let Filter { conditions, .. } = filter::filter(ask)?;
    let filter = match &asked {
        Some(periods) => Filter {
            from: Some(periods.before.start.min(periods.after.start)).filter(|time| time.is_finite()),
            until: Some(periods.before.end.max(periods.after.end)).filter(|time| time.is_finite()),
            conditions,
        },
        None => Filter { conditions, ..Filter::default() },
    };
    let Sampled { frame, all } = sample(reader, class, &offered, &filter)?;
    let periods = asked.or_else(|| chosen(ask, &frame));
    let view = View::of_class(class, Tab::Changes, format!("What changed in {class}"))
        .html(html! { (what_is(&[&ARC, &KAPI, &DIMENSION])) (others(classes, class)) });
    let Some(periods) = periods else {
        return Ok(view
            .html(html! { div.empty { "There are too few ARCs to compare yet; twenty are a beginning." } }));
    };
    let found = changes(&frame, periods.before.clone(), periods.after.clone());
    let scale = |field: &str| Scale::of(find(&offered, field).is_share());
    Ok(view
        .html(html! {
            (compared(&periods, &found, &frame, all))
            (choices(ask, class, &periods, &frame))
            (cards::cards(class, &found, &scale))
            (left_out(&found, &offered))
            (cards::how())
        })
        .table(list::table(&found, &scale)))
}

/// Periods in the address: `cut` alone, or where one or both begin and end.
fn asked(ask: &Ask) -> Result<Option<Periods>, Trouble> {
    let time = |name: &str| {
        let wrong = |text: &str| {
            let text = plain(text, 40);
            Trouble::wrong(format!("{name}: found \"{text}\", expected a time such as 2026-11-29 12:00"))
        };
        ask.get(name).map(|text| number::parse_time(text).ok_or_else(|| wrong(text))).transpose()
    };
    let [cut, from, until] = [time("cut")?, time("from")?, time("until")?];
    let [base_from, base_until] = [time("base_from")?, time("base_until")?];
    let Some(begins) = from.or(cut) else { return Ok(None) };
    let before = base_from.unwrap_or(f64::NEG_INFINITY)..base_until.unwrap_or(begins);
    let after = begins..until.unwrap_or(f64::INFINITY);
    if before.start >= before.end || after.start >= after.end {
        return Err(Trouble::wrong("one of the periods ends before it begins: exchange its times"));
    }
    Ok(Some(Periods { before, after, why: Why::Asked }))
}

/// The periods where the address names none: around the moment of the strongest change, or the latest part.
fn chosen(ask: &Ask, frame: &Frame) -> Option<Periods> {
    let at = |cut: f64, why: Why| Periods { before: f64::NEG_INFINITY..cut, after: cut..f64::INFINITY, why };
    let part = |name: &str| PARTS.iter().find(|(part, _, _)| *part == name);
    let asked = ask.get("part").and_then(part);
    if asked.is_none()
        && let Some(cut) = strongest_cut(frame)
    {
        return Some(at(cut.time, Why::Found(cut.field)));
    }
    let (_, words, share) = asked.or_else(|| part("half"))?;
    // Fewer ARCs have no parts.
    if frame.times.len() < 20 {
        return None;
    }
    Some(at(moment(frame, *share)?, Why::Latest(words)))
}

/// When so large a share of the ARCs had begun.
fn moment(frame: &Frame, share: f64) -> Option<f64> {
    let at = (frame.times.len() as f64 * share) as usize;
    frame.times.get(at).copied()
}

fn others(classes: &[Class], class: &str) -> Markup {
    let others: Vec<&Class> =
        classes.iter().filter(|other| other.arcs > 0 && other.name != class).take(20).collect();
    html! {
        @if !others.is_empty() {
            p.quiet {
                "In other ARC classes: "
                @for (at, other) in others.iter().enumerate() {
                    @if at > 0 { ", " }
                    a href=(Link::to("/changes").with("class", &other.name).href()) { (shown(&other.name, 60)) }
                }
                "."
            }
        }
    }
}

/// What is compared with what.
fn compared(periods: &Periods, found: &Changes, frame: &Frame, all: u64) -> Markup {
    let begins = |period: &Range<f64>| {
        frame.times.iter().copied().find(|time| period.contains(time)).map(number::moment)
    };
    let ends = |period: &Range<f64>| {
        frame.times.iter().rev().copied().find(|time| period.contains(time)).map(number::moment)
    };
    let period = |period: &Range<f64>, count: u64| {
        html! {
            (number::count(count)) " ARCs"
            @if let (Some(first), Some(last)) = (begins(period), ends(period)) { small { " from " (first) " to " (last) } }
        }
    };
    let read = frame.times.len() as u64;
    html! {
        p {
            @match &periods.why {
                Why::Asked => "You chose the periods.",
                Why::Latest(words) => { "No moment stands out, so this compares " (words) " of the ARCs with all before." }
                Why::Found(field) => {
                    "At " (number::moment(periods.after.start)) " something changed, most of all in "
                    strong { (shown(field, 60)) } ". This compares the ARCs since then with all before."
                }
            }
        }
        (tiles(&[
            Tile::markup("Before", period(&periods.before, found.before)),
            Tile::markup("After", period(&periods.after, found.after)),
        ]))
        @if read < all {
            p.notice { "Computed from " (number::count(read)) " of " (number::count(all)) " ARCs, taken in equal distances." }
        }
    }
}

/// Links to other periods, and a form for any.
fn choices(ask: &Ask, class: &str, periods: &Periods, frame: &Frame) -> Markup {
    let to = Link::to("/changes").with("class", class);
    let input = |name: &str, label: &str, time: f64| {
        let given = ask.get(name).map(str::to_owned);
        let value = given.or_else(|| time.is_finite().then(|| number::time(time))).unwrap_or_default();
        html! { label { (label) input type="text" name=(name) value=(value) placeholder="2026-11-29 12:05" inputmode="numeric" size="23"; } }
    };
    let first = frame.times.first().copied().unwrap_or(f64::NAN);
    html! {
        ul.chips aria-label="Other periods" {
            li { a href=(to.href()) { "around the strongest change" } }
            @for (part, words, _) in PARTS { li { a href=(to.clone().with("part", part).href()) { (words) } } }
        }
        details.words {
            summary { "Choose the periods" }
            form.filter method="get" action="/changes" {
                input type="hidden" name="class" value=(class);
                (input("base_from", "Before: from (UTC)", if periods.before.start.is_finite() { periods.before.start } else { first }))
                (input("base_until", "Before: until", periods.before.end))
                (input("from", "After: from", periods.after.start))
                (input("until", "After: until", periods.after.end))
                button { "Compare" }
            }
        }
    }
}

fn left_out(found: &Changes, offered: &[Offered]) -> Markup {
    let more = offered.len().saturating_sub(MAX_FIELDS);
    html! {
        @if !found.counters.is_empty() {
            p.quiet {
                "Left out, because they only count on from ARC to ARC: "
                (shown(&found.counters.join(", "), 300)) "."
            }
        }
        @if more > 0 { p.quiet { (number::count(more as u64)) " more fields are not compared: the first " (MAX_FIELDS) " are." } }
        @if found.too_few > 0 { p.quiet { (number::count(found.too_few)) " comparisons have too few ARCs on one side." } }
    }
}
