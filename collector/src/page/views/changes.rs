//! What changed: two periods compared, every KAPI in every segment, the most telling first.

use maud::{Markup, html};

use crate::page::analysis::fields::{MAX_FIELDS, Offered, fields, find};
use crate::page::analysis::sample::sample;
use crate::page::analysis::say::Scale;
use crate::page::ask::{Ask, Link};
use crate::page::filter;
use crate::page::number;
use crate::page::shared::Shared;
use crate::page::text::shown;
use crate::page::trouble::Trouble;
use crate::page::view::{Area, Tab, View};
use crate::page::words::{ARC, DIMENSION, KAPI, what_is};
use crate::stats::{Changes, changes};
use crate::store::{Class, Filter, Reader};
use periods::{Asked, Periods};

mod cards;
mod list;
mod periods;

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
    let asked = Asked::new(ask)?;
    // Its times are those of the later period.
    let Filter { conditions, .. } = filter::filter(ask)?;
    let (from, until) = asked.span();
    let sampled = sample(reader, class, &offered, &Filter { from, until, conditions })?;
    let view = View::of_class(class, Tab::Changes, format!("What changed in {class}"))
        .html(html! { (what_is(&[&ARC, &KAPI, &DIMENSION])) (others(classes, class)) });
    let Some(periods) = Periods::of(&asked, &sampled) else {
        return Ok(view
            .html(html! { div.empty { "There are too few ARCs to compare yet; twenty are a beginning." } }));
    };
    let found = changes(&sampled.frame, periods.before.clone(), periods.after.clone());
    let scale = |field: &str| Scale::of(find(&offered, field).is_share());
    Ok(view
        .html(html! {
            (periods.said(&found, &sampled))
            (periods.choices(ask, class, &sampled))
            (cards::cards(class, &found, &scale))
            (left_out(&found, &sampled.name_only, &offered))
            (cards::how())
        })
        .table(list::table(ask, &found, &scale)))
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

fn left_out(found: &Changes, ids: &[String], offered: &[Offered]) -> Markup {
    let more = offered.len().saturating_sub(MAX_FIELDS);
    html! {
        @if !found.counters.is_empty() {
            p.quiet {
                "Left out, because they only count on from ARC to ARC: "
                (shown(&found.counters.join(", "), 300)) "."
            }
        }
        @if !ids.is_empty() { p.quiet { "Left out as ids: " (shown(&ids.join(", "), 300)) "." } }
        @if more > 0 { p.quiet { (number::count(more as u64)) " more fields are not compared: the first " (MAX_FIELDS) " are." } }
        @if found.too_few > 0 { p.quiet { (number::count(found.too_few)) " comparisons have too few ARCs on one side." } }
    }
}
