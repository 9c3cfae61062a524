//! Which two periods are compared, and how they are said and chosen.
//!
//! A period is a range of places in the order of ARCs: many begin in the same second.

use std::ops::Range;

use maud::{Markup, html};

use crate::page::analysis::sample::Sampled;
use crate::page::ask::Ask;
use crate::page::number;
use crate::page::text::{plain, shown};
use crate::page::trouble::Trouble;
use crate::page::views::tiles::{Tile, tiles};
use crate::stats::{Changes, strongest_cut};

/// Fewer ARCs have no parts that could be compared.
const FEWEST: usize = 20;

/// Parts of the ARCs that a link compares with all before them.
const PARTS: [(&str, &str, f64); 3] = [
    ("half", "the latest half", 0.5),
    ("quarter", "the latest quarter", 0.75),
    ("tenth", "the latest tenth", 0.9),
];

/// What the address says of the periods.
pub(super) struct Asked {
    /// Where each begins and ends, in Unix seconds.
    before: (Option<f64>, Option<f64>),
    after: (Option<f64>, Option<f64>),
    /// The number of the first ARC of the later period.
    since: Option<i64>,
    part: Option<String>,
}

impl Asked {
    pub(super) fn new(ask: &Ask) -> Result<Asked, Trouble> {
        let time = |name: &str| {
            let wrong = |text: &str| {
                let text = plain(text, 40);
                Trouble::wrong(format!("{name}: found \"{text}\", expected a time such as 2026-11-29 12:00"))
            };
            ask.get(name).map(|text| number::parse_time(text).ok_or_else(|| wrong(text))).transpose()
        };
        let (before, after) = ((time("base_from")?, time("base_until")?), (time("from")?, time("until")?));
        let backwards = |(from, until): (Option<f64>, Option<f64>)| {
            from.zip(until).is_some_and(|(from, until)| from >= until)
        };
        if backwards(before) || backwards(after) {
            return Err(Trouble::wrong("one of the periods ends before it begins: exchange its times"));
        }
        let since = ask.get("since").and_then(|id| id.parse().ok());
        Ok(Asked { before, after, since, part: ask.get("part").map(str::to_owned) })
    }

    /// From when and until when ARCs are read: both periods, whichever is the earlier one.
    pub(super) fn span(&self) -> (Option<f64>, Option<f64>) {
        let Some(begins) = self.after.0 else { return (self.before.0, self.after.1) };
        let from = self.before.0.map(|from| from.min(begins));
        (from, self.after.1.map(|until| until.max(self.before.1.unwrap_or(begins))))
    }
}

/// How the periods came to be.
enum Why {
    /// The address says so.
    Asked,
    /// Here this field changed most.
    Found(String),
    /// The latest part of the ARCs.
    Latest(&'static str),
}

/// Two periods, as places of ARCs.
pub(super) struct Periods {
    pub(super) before: Range<f64>,
    pub(super) after: Range<f64>,
    why: Why,
}

impl Periods {
    /// Those of the address; else around the strongest change; else the latest half. `None` with too few ARCs.
    pub(super) fn of(asked: &Asked, sampled: &Sampled) -> Option<Periods> {
        let count = sampled.times.len();
        let at = |cut: f64, why: Why| Periods { before: 0.0..cut, after: cut..count as f64, why };
        if let Some(begins) = asked.after.0 {
            let from = |time: Option<f64>, or: f64| time.map_or(or, |time| sampled.place(time));
            let cut = sampled.place(begins);
            let before = from(asked.before.0, 0.0)..from(asked.before.1, cut);
            return Some(Periods { before, after: cut..from(asked.after.1, count as f64), why: Why::Asked });
        }
        if let Some(since) = asked.since {
            let place = sampled.ids.iter().position(|id| *id >= since)?;
            return Some(at(place as f64, Why::Asked));
        }
        if count < FEWEST {
            return None;
        }
        let part = |name: &str| PARTS.iter().find(|(part, _, _)| *part == name);
        let wanted = asked.part.as_deref().and_then(part);
        if wanted.is_none()
            && let Some(cut) = strongest_cut(&sampled.frame)
        {
            return Some(at(cut.time, Why::Found(cut.field)));
        }
        let (_, words, share) = wanted.or_else(|| part("half"))?;
        Some(at((count as f64 * share).floor(), Why::Latest(words)))
    }

    /// What is compared with what.
    pub(super) fn said(&self, found: &Changes, sampled: &Sampled) -> Markup {
        let period = |period: &Range<f64>, count: u64| {
            let times = inside(period, &sampled.times);
            html! {
                (number::count(count)) " ARCs"
                @if let (Some(first), Some(last)) = (times.first(), times.last()) {
                    small { "began from " (number::moment(*first)) " to " (number::moment(*last)) }
                }
            }
        };
        let read = sampled.times.len() as u64;
        html! {
            p {
                @match &self.why {
                    Why::Asked => "You chose the periods.",
                    Why::Latest(words) => { "This compares " (words) " of the ARCs with all before." }
                    Why::Found(field) => {
                        @if let Some(time) = inside(&self.after, &sampled.times).first() { "At " (number::moment(*time)) " (" (which(&self.after, sampled)) ") something" }
                        @else { "Something" }
                        " changed, most of all in " strong { (shown(field, 60)) }
                        ". This compares the ARCs since then with all before."
                    }
                }
            }
            (tiles(&[
                Tile::markup("Before", period(&self.before, found.before)),
                Tile::markup("After", period(&self.after, found.after)),
            ]))
            @if read < sampled.all {
                p.notice { "Computed from a sample of " (number::count(read)) " of " (number::count(sampled.all)) " ARCs." }
            }
        }
    }

    /// Links to other periods, and a form for any.
    pub(super) fn choices(&self, ask: &Ask, class: &str, sampled: &Sampled) -> Markup {
        let to = ask.link().without("from").without("until").without("base_from").without("base_until");
        let to = to.without("since").without("part").without("page").set("class", class);
        let first = |period: &Range<f64>| inside(period, &sampled.times).first().copied();
        let input = |name: &str, label: &str, time: Option<f64>| {
            let value =
                ask.get(name).map(str::to_owned).or_else(|| time.map(number::time)).unwrap_or_default();
            html! { label { (label) input type="text" name=(name) value=(value) placeholder="2026-11-29 12:05" size="23"; } }
        };
        html! {
            ul.chips aria-label="Other periods" {
                li { a href=(to.href()) { "around the strongest change" } }
                @for (part, words, _) in PARTS { li { a href=(to.clone().with("part", part).href()) { (words) } } }
                @if let Some(id) = inside(&self.after, &sampled.ids).first() {
                    li { a href=(to.clone().with("since", id).href()) { "keep this moment" } }
                }
            }
            details.words {
                summary { "Choose the periods" }
                form.filter method="get" action="/changes" {
                    input type="hidden" name="class" value=(class);
                    (input("base_from", "Before: from (UTC)", first(&self.before)))
                    (input("base_until", "Before: until", first(&self.after)))
                    (input("from", "After: from", first(&self.after)))
                    (input("until", "After: until", None))
                    button type="submit" { "Compare" }
                }
            }
        }
    }
}

/// The first ARC of a period among all.
fn which(period: &Range<f64>, sampled: &Sampled) -> String {
    let each = sampled.all as f64 / sampled.times.len().max(1) as f64;
    let at = (period.start * each).round() as u64 + 1;
    let about = if each > 1.0 { "about " } else { "" };
    format!("{about}ARC {} of {}", number::count(at), number::count(sampled.all))
}

/// Those of a period.
fn inside<'a, T>(period: &Range<f64>, of: &'a [T]) -> &'a [T] {
    of.get(period.start as usize..(period.end as usize).min(of.len())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_may_be_compared_with_a_later_one() {
        let span = |query: &str| Asked::new(&Ask::new("/changes", Some(query)).unwrap()).unwrap().span();
        assert_eq!(span("from=10&until=20&base_from=30&base_until=40"), (Some(10.0), Some(40.0)));
        assert_eq!(span("from=30&until=40&base_from=10&base_until=20"), (Some(10.0), Some(40.0)));
        assert_eq!(span("from=30"), (None, None));
        assert_eq!(span("until=40&base_from=10"), (Some(10.0), Some(40.0)));
    }
}
