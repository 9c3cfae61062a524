//! The changes that were found, a card for each field, in words.

use maud::{Markup, html};

use crate::page::analysis::say::{Scale, p, size};
use crate::page::ask::Link;
use crate::page::number;
use crate::page::text::{CELL, shown};
use crate::stats::{Change, Changes, What};

/// Cards shown; the table below has all.
const CARDS: usize = 12;
/// Segments named on one card.
const SEGMENTS: usize = 4;

/// How the values of a field are written.
pub(crate) type Scales<'a> = &'a dyn Fn(&str) -> Scale;

pub(crate) fn cards(class: &str, found: &Changes, scales: Scales<'_>) -> Markup {
    let fields: Vec<&[Change]> = found
        .ranked
        .chunk_by(|a, b| a.field == b.field)
        .filter(|changes| changes.iter().any(tells))
        .collect();
    let compared = number::count(found.ranked.len() as u64);
    html! {
        @if fields.is_empty() {
            p.notice { "Nothing changed beyond what chance explains, in " (compared) " comparisons." }
        } @else {
            h2 { (fields.len()) @if fields.len() == 1 { " field changed" } @else { " fields changed" } }
            p.quiet { "The most telling first, of " (compared) " comparisons." }
            ol.changes { @for changes in fields.iter().take(CARDS) { (card(class, changes, scales)) } }
            @if fields.len() > CARDS { p { "And " (fields.len() - CARDS) " more in the table below." } }
        }
    }
}

/// Found, and not only because everything changed.
fn tells(change: &Change) -> bool {
    change.found() && !change.as_the_rest
}

fn card(class: &str, changes: &[Change], scales: Scales<'_>) -> Markup {
    let Some(first) = changes.first() else { return html! {} };
    let scale = scales(&first.field);
    let whole = changes.iter().filter(|change| change.segment.is_none() && tells(change));
    let own: Vec<&Change> =
        changes.iter().filter(|change| change.segment.is_some() && tells(change)).collect();
    let alike = changes.iter().filter(|change| change.found() && change.as_the_rest).count();
    let over_time = Link::to("/kapis").with("class", class).with("kapi", &first.field);
    let field = Link::to("/field").with("class", class).with("field", &first.field);
    let is_kapi = changes.iter().any(|change| change.what == What::Values);
    html! {
        li.change {
            h3 { (shown(&first.field, CELL)) }
            @for change in whole { p { (sentence(change, scale)) (bar(change)) } }
            @if !own.is_empty() {
                p { "In these segments it changed otherwise than in the rest:" }
                ul {
                    @for change in own.iter().take(SEGMENTS) { li { (in_segment(change, scale)) } }
                    @if own.len() > SEGMENTS { li { "and in " (own.len() - SEGMENTS) " more segments" } }
                }
            }
            @if alike > 0 { p.quiet { "In " (alike) " segments it changed as in the rest." } }
            p.quiet {
                @if is_kapi { a href=(over_time.href()) { "Over time" } " · " a href=(Link::to("/by").with("class", class).with("kapi", &first.field).href()) { "By dimension" } " · " }
                a href=(field.href()) { "How its values lie" }
            }
        }
    }
}

/// One change: `confidence is 0.26 lower than before (95 %: 0.24 to 0.28): 0.97, now 0.71; 449 ARCs after, 449 before.`
fn sentence(change: &Change, scale: Scale) -> Markup {
    let scale = if change.what == What::Values { scale } else { Scale::Share };
    html! {
        @match change.what {
            What::Values => { strong { (shown(&change.field, CELL)) } " is " }
            What::Shares => {
                "the share of " strong { (shown(&change.field, CELL)) " = " (shown(change.value.as_deref().unwrap_or_default(), CELL)) } " is "
            }
            What::Presence => { "the share of ARCs with " strong { (shown(&change.field, CELL)) } " is " }
        }
        (moved(change, scale)) " A " (size(change.effect)) " effect" (pairs(change)) ", p " (p(change.adjusted)) "."
    }
}

/// The same of one segment, shorter.
fn in_segment(change: &Change, scale: Scale) -> Markup {
    html! {
        @if let Some(segment) = &change.segment {
            strong { (shown(&segment.dimension, CELL)) " = " (shown(&segment.value, CELL)) } ": "
        }
        (moved(change, scale)) " A " (size(change.effect)) " effect."
    }
}

/// `0.26 lower than before (95 %: 0.24 to 0.28): 0.97, now 0.71; 449 ARCs after, 449 before.`
fn moved(change: &Change, scale: Scale) -> Markup {
    let by = change.to - change.from;
    let interval =
        change.interval.filter(|(low, high)| low < high).map(|(low, high)| scale.interval(by, low, high));
    html! {
        strong { (scale.size(by)) @if by < 0.0 { " lower" } @else { " higher" } } " than before"
        @if let Some(interval) = &interval { " (95 %: " (interval) ")" }
        ": " (scale.value(change.from)) ", now " (scale.value(change.to)) "; "
        (number::count(change.after)) " ARCs after, " (number::count(change.before)) " before."
    }
}

/// What the effect of a KAPI means.
fn pairs(change: &Change) -> String {
    let more = (change.effect.abs() + 1.0) / 2.0 * 100.0;
    let direction = if change.effect < 0.0 { "lower" } else { "higher" };
    match change.what {
        What::Values => format!(
            " (of an ARC after and one before, the later is {direction} in {more:.0} of 100 pairs, ties counted half)"
        ),
        What::Shares | What::Presence => String::new(),
    }
}

/// The effect as a bar from the middle: to the left what fell, to the right what rose.
fn bar(change: &Change) -> Markup {
    let width = change.effect.abs() * 50.0;
    let left = if change.effect < 0.0 { 50.0 - width } else { 50.0 };
    html! {
        svg.effect viewBox="0 0 100 6" preserveAspectRatio="none" role="img"
            aria-label={ "effect " (number::value(change.effect)) " of −1 to 1" } {
            rect.ground x="0" y="2" width="100" height="2" {}
            rect.bar x=(format!("{left:.1}")) y="0" width=(format!("{width:.1}")) height="6" {}
            rect.middle x="49.8" y="0" width="0.4" height="6" {}
        }
    }
}

pub(crate) fn how() -> Markup {
    html! {
        details.words {
            summary { "How changes are found and ranked" }
            p {
                "Every KAPI is compared between the two periods, in all ARCs and in the ARCs with each value of each dimension, \
                 by the Mann-Whitney test: it takes any distribution. The shares of a dimension's values are compared by \
                 a chi-square test, and so is how many ARCs have a field at all. What the mean differs by, with its interval, is Welch's; of true and false it is that of two shares."
            }
            p {
                "p is adjusted for the number of comparisons (Benjamini and Hochberg): of the changes listed about one in twenty is \
                 chance. They are ranked by effect, from 0 (the periods are alike) to 1 (they have nothing in common): below 0.147 very small, below \
                 0.33 small, below 0.474 medium. A segment that changed as the rest did is not listed on its own."
            }
            p {
                "Where the page chose the moment it looked for the one at which something changed most, so p is too small then; that \
                 it is no chance was tested before (a CUSUM test of ranks, p below 0.001 for all fields together). \
                 ARCs are taken as independent of each other: a stream in which neighbours are alike makes changes of chance look sure."
            }
        }
    }
}
