//! The contexts of an ARC as a tree.

use std::collections::{HashMap, HashSet};

use maud::{Markup, PreEscaped, html};

use crate::page::ask::{Ask, Link};
use crate::page::filter::condition_on;
use crate::page::number;
use crate::page::text::{CELL, LINE, cut, plain, shown};
use crate::store::{Context, Tree, Value};

/// Stages on one page.
const STAGES: usize = 50;
/// Fields of one stage; more are behind a link.
const FIELDS: usize = 100;
/// Fields of all stages of a page.
const ALL_FIELDS: usize = 500;
/// What is shown of a value before the link to the whole.
const VALUE: usize = 300;
/// The store keeps 4 KiB of a text in its tables; a text of nearly that was cut.
const STORED: usize = 4_000;
/// Deeper stages are shown on this level: contexts nest a few levels.
const MAX_DEPTH: usize = 32;

/// The stages of the address, the main context first.
pub(crate) fn stages(ask: &Ask, tree: &Tree) -> Markup {
    let skip = ask.place("stage");
    let part: Vec<&Context> = tree.contexts.iter().skip(skip).take(STAGES).collect();
    let mut below: HashMap<Option<i64>, Vec<&Context>> = HashMap::new();
    let ids: HashSet<i64> = part.iter().map(|context| context.id).collect();
    for context in &part {
        // Whose parent is not among them is shown at the top rather than not at all.
        let parent = context.parent.filter(|parent| ids.contains(parent));
        below.entry(parent).or_default().push(context);
    }
    let mut left = ALL_FIELDS;
    let known = tree.contexts.len();
    let turn = |skip: usize| ask.link().set("stage", skip + 1).href();
    html! {
        @if part.is_empty() { p.quiet { "There are no more stages." } }
        (level(&below, None, "", 0, &mut left))
        @if skip > 0 || known > STAGES {
            nav.pages aria-label="Pages of stages" {
                @if skip > 0 { a rel="prev" href=(turn(skip.saturating_sub(STAGES))) { "← Previous stages" } }
                span { "Stages " (number::count(skip as u64 + 1)) " to " (number::count((skip + part.len()) as u64))
                    " of " (number::count(tree.all)) }
                @if skip + STAGES < known { a rel="next" href=(turn(skip + STAGES)) { "Next stages →" } }
            }
        }
        @if tree.cut { p.quiet { "All fields of all stages are too much for one page: some stages are shown without theirs." } }
        @if tree.all > known as u64 { p.quiet { "The others are not shown as stages; their events are below." } }
    }
}

fn level(
    below: &HashMap<Option<i64>, Vec<&Context>>,
    parent: Option<i64>,
    above: &str,
    depth: usize,
    left: &mut usize,
) -> Markup {
    let Some(contexts) = below.get(&parent).filter(|_| depth < MAX_DEPTH) else {
        return PreEscaped(String::new());
    };
    let mut items = String::new();
    for context in contexts {
        let inner = level(below, Some(context.id), &context.context, depth + 1, left);
        items.push_str(
            &html! { li.stage id={ "context-" (context.id) } { (stage(context, above, left)) (inner) } }
                .into_string(),
        );
    }
    match depth {
        0 => html! { ul.tree { (PreEscaped(items)) } },
        _ => html! { ul { (PreEscaped(items)) } },
    }
}

fn stage(context: &Context, above: &str, left: &mut usize) -> Markup {
    let own = context
        .context
        .strip_prefix(above)
        .map_or(context.context.as_str(), |rest| rest.trim_start_matches('.'));
    let class = context.class.as_deref();
    let shown_fields = context.fields.len().min(FIELDS).min(*left);
    *left -= shown_fields;
    let more = context.fields.len() - shown_fields;
    html! {
        h3 {
            @if let Some(class) = class {
                a href=(Link::to("/arcs").with("class", class).href()) { (shown(class, CELL)) }
            } @else { span.quiet { "no class" } }
            code { (shown(own, CELL)) }
        }
        p.quiet {
            (number::moment(context.first)) " to " (number::moment(context.last)) " · "
            (number::count(context.events)) (if context.events == 1 { " event" } else { " events" })
        }
        @if context.fields.is_empty() { p.quiet { "No fields of its own." } } @else {
            div.scroll tabindex="0" role="region" aria-label={ "Fields of " (plain(class.unwrap_or(own), 60)) " " (plain(own, 60)) } {
                table {
                    thead { tr { th scope="col" { "Field" } th scope="col" { "Value" } th scope="col" { "Type" } } }
                    tbody {
                        @for (name, value) in context.fields.iter().take(shown_fields) { (field(context, name, value)) }
                    }
                }
            }
            @if more > 0 {
                p { a href=(Link::to("/value").with("context", context.id).href()) {
                    "All " (number::count(context.fields.len() as u64)) " fields as JSON" } }
            }
        }
    }
}

fn field(context: &Context, name: &str, value: &Value) -> Markup {
    let text = value.to_string();
    let is_cut = cut(&text, VALUE).1;
    html! {
        tr {
            th scope="row" { (shown(name, CELL)) }
            td {
                @match value {
                    Value::Null => span.none { "null" },
                    Value::Text(_) if kind(value) == "text" && text.len() < LINE && context.class.is_some() => {
                        @let link = Link::to("/arcs").with("class", context.class.as_deref().unwrap_or_default());
                        a.plain href=(condition_on(link, name, value).href()) title="ARCs with the same value" { (shown(&text, VALUE)) }
                    },
                    _ => (shown(&text, VALUE)),
                }
                @if text.len() > STORED {
                    " " a href="#part-2" { "The whole is in the raw events" }
                } @else if is_cut {
                    " " a href=(Link::to("/value").with("context", context.id).with("field", name).href()) {
                        "The whole, " (number::bytes(text.len() as u64)) }
                }
            }
            td.quiet { (kind(value)) }
        }
    }
}

/// What a value is.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Int(_) => "integer",
        Value::Real(_) => "number",
        // A list is kept as its JSON.
        Value::Text(text) if text.starts_with('[') && text.ends_with(']') => "list",
        Value::Text(_) => "text",
    }
}
