//! Filters as they stand in the address: `f`, `op` and `v` again and again, `text`, and `from` and `until`.

use maud::{Markup, html};

use super::ask::{Ask, Link};
use super::number::parse_time;
use super::text::{CELL, plain, shown};
use super::trouble::Trouble;
use crate::store::{Condition, Filter, Test, Value};

/// What a condition says: its name in the address, in a sentence, and whether it takes a value.
const TESTS: [(&str, &str, bool); 7] = [
    ("is", "is", true),
    ("not", "is not", true),
    ("has", "contains", true),
    ("lt", "is below", true),
    ("ge", "is at least", true),
    ("present", "is there", false),
    ("missing", "is missing", false),
];
/// What the address calls a text that may be anywhere in an ARC.
const TEXT: &str = "text";
/// Names of fields that a browser offers; more are typed.
const OFFERED: usize = 300;

/// The filter of the address.
pub(crate) fn filter(ask: &Ask) -> Result<Filter, Trouble> {
    let mut filter = Filter { from: time(ask, "from")?, until: time(ask, "until")?, conditions: Vec::new() };
    for (field, op, value) in triples(ask) {
        let test = match op {
            "is" => Test::Is(typed(value)),
            "not" => Test::IsNot(typed(value)),
            "has" => Test::Contains(value.to_owned()),
            "lt" => Test::Below(number(field, value)?),
            "ge" => Test::AtLeast(number(field, value)?),
            "present" => Test::Present,
            "missing" => Test::Missing,
            other => {
                return Err(Trouble::wrong(format!(
                    "the filter: found \"{other}\", expected is, not, has, lt, ge, present or missing"
                )));
            }
        };
        filter.conditions.push(Condition { field: field.to_owned(), test });
    }
    if let Some(text) = ask.get(TEXT) {
        let test = Test::Anywhere(text.to_owned());
        filter.conditions.push(Condition { field: String::new(), test });
    }
    Ok(filter)
}

/// Adds a condition to a link.
pub(crate) fn with(link: Link, field: &str, op: &str, value: &str) -> Link {
    link.without("page").with("f", field).with("op", op).with("v", value)
}

/// A value as the address has it.
pub(crate) fn condition_on(link: Link, field: &str, value: &Value) -> Link {
    match value {
        Value::Null => with(link, field, "missing", ""),
        // In quotes it is text, whatever it looks like.
        Value::Text(text) if typed(text) != *value => with(link, field, "is", &format!("\"{text}\"")),
        value => with(link, field, "is", &value.to_string()),
    }
}

/// The conditions; those without a field are rows of a form that were left blank.
fn triples(ask: &Ask) -> impl Iterator<Item = (&str, &str, &str)> {
    let ops = ask.all("op").chain(std::iter::repeat("is"));
    let values = ask.all("v").chain(std::iter::repeat(""));
    ask.all("f").zip(ops).zip(values).map(|((f, op), v)| (f, op, v)).filter(|(f, _, _)| !f.is_empty())
}

/// What somebody typed is a number, true or false if it looks like one; in quotes it is text.
fn typed(text: &str) -> Value {
    if let Some(inside) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        return Value::Text(inside.to_owned());
    }
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        text => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(number), _) if number.to_string() == text => Value::Int(number),
            (_, Ok(number)) if number.is_finite() && text.contains(['.', 'e', 'E']) => Value::Real(number),
            _ => Value::Text(text.to_owned()),
        },
    }
}

fn time(ask: &Ask, name: &str) -> Result<Option<f64>, Trouble> {
    let read = |text: &str| {
        parse_time(text).ok_or_else(|| {
            Trouble::wrong(format!(
                "{name}: found \"{}\", expected a time such as 2026-11-29 12:00",
                plain(text, 40)
            ))
        })
    };
    ask.get(name).map(read).transpose()
}

fn number(field: &str, value: &str) -> Result<f64, Trouble> {
    value.trim().parse::<f64>().ok().filter(|number| number.is_finite()).ok_or_else(|| {
        let (field, value) = (plain(field, 40), plain(value, 40));
        Trouble::wrong(format!("the filter of {field}: found \"{value}\", expected a number"))
    })
}

/// The form that adds a condition, and the conditions that hold, each with a link that takes it away.
pub(crate) fn form(ask: &Ask, fields: &[String]) -> Markup {
    let kept = |name: &str| !matches!(name, TEXT | "from" | "until" | "page" | "table");
    html! {
        form.filter method="get" action=(ask.path) role="search" aria-label="Filter" {
            @for (name, value) in ask.pairs().iter().filter(|(name, value)| kept(name) && !(value.is_empty() && name != "v")) {
                input type="hidden" name=(name) value=(value);
            }
            label { "Text anywhere" input type="search" name=(TEXT) value=[ask.get(TEXT)] autocomplete="off" size="16"; }
            label { "Field" input type="text" name="f" list="fields" autocomplete="off" size="16"; }
            datalist id="fields" { @for field in fields.iter().take(OFFERED) { option value=(plain(field, CELL)) {} } }
            label { "What holds" select name="op" { @for (op, says, _) in TESTS { option value=(op) { (says) } } } }
            label { "Value" input type="text" name="v" autocomplete="off" size="16"; }
            label { "From (UTC)" input type="text" name="from" value=[ask.get("from")] placeholder="2026-11-29 12:00" size="16"; }
            label { "Until (UTC)" input type="text" name="until" value=[ask.get("until")] placeholder="2026-11-29 13:00" size="16"; }
            button type="submit" { "Filter" }
        }
        (chips(ask))
    }
}

fn chips(ask: &Ask) -> Markup {
    let bare = || ask.link().without("page").without("f").without("op").without("v");
    let conditions: Vec<_> = triples(ask).collect();
    let others: Vec<_> =
        [TEXT, "from", "until"].into_iter().filter_map(|name| Some((name, ask.get(name)?))).collect();
    html! {
        @if !conditions.is_empty() || !others.is_empty() {
            ul.chips aria-label="Filters that hold" {
                @for (at, (field, op, value)) in conditions.iter().enumerate() {
                    @let others = conditions.iter().enumerate().filter(|(other, _)| *other != at);
                    @let link = others.fold(bare(), |link, (_, (f, op, v))| with(link, f, op, v));
                    @let says = TESTS.iter().find(|(name, _, _)| name == op);
                    li {
                        (shown(field, 60)) " " (says.map_or("is", |(_, says, _)| says)) " "
                        @if says.is_none_or(|(_, _, takes)| *takes) { (shown(value, 60)) " " }
                        a href=(link.href()) aria-label={ "Remove the filter of " (plain(field, 60)) } { "×" }
                    }
                }
                @for (name, value) in others {
                    li {
                        (if name == TEXT { "contains" } else { name }) " " (shown(value, 40)) " "
                        a href=(ask.link().without("page").without(name).href()) aria-label={ "Remove " (name) } { "×" }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(query: &str) -> Ask {
        Ask::new("/arcs", Some(query)).unwrap()
    }

    #[test]
    fn conditions_are_read_from_the_address() {
        let read =
            filter(&ask("f=&op=is&v=&f=label&op=is&v=7&f=name&op=has&v=sev&f=x&op=ge&v=0.5&from=2019-03-18"))
                .unwrap();
        let tests: Vec<_> =
            read.conditions.iter().map(|one| (one.field.as_str(), one.test.clone())).collect();
        let expected = [
            ("label", Test::Is(Value::Int(7))),
            ("name", Test::Contains("sev".to_owned())),
            ("x", Test::AtLeast(0.5)),
        ];
        assert_eq!(
            (tests.as_slice(), read.from, read.until),
            (expected.as_slice(), Some(1_552_867_200.0), None)
        );
        let mut read = filter(&ask("text=Dark+%25")).unwrap();
        assert_eq!(read.conditions.remove(0).test, Test::Anywhere("Dark %".to_owned()));
        for wrong in ["f=a&op=lt&v=x", "f=a&op=like&v=x", "until=noon"] {
            assert!(filter(&ask(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_link_leads_to_the_value_it_stands_for() {
        for value in [
            Value::Null,
            Value::Bool(true),
            Value::Int(-3),
            Value::Real(0.1),
            Value::Text("7".to_owned()),
            Value::Text("true".to_owned()),
            Value::Text("\"a\" & <b>".to_owned()),
            Value::Text("a".to_owned()),
            Value::Text("007".to_owned()),
        ] {
            let href = condition_on(Link::to("/arcs"), "label", &value).href();
            let test = filter(&ask(href.split_once('?').unwrap().1)).unwrap().conditions.remove(0).test;
            let expected = if value == Value::Null { Test::Missing } else { Test::Is(value) };
            assert_eq!(test, expected);
        }
    }

    #[test]
    fn a_filter_can_be_taken_away() {
        let html = form(&ask("class=a&f=x&op=ge&v=1&f=y&op=missing&v="), &["x".to_owned()]).into_string();
        assert!(html.contains("href=\"/arcs?class=a&amp;f=y&amp;op=missing&amp;v=\""), "{html}");
        assert!(html.contains("href=\"/arcs?class=a&amp;f=x&amp;op=ge&amp;v=1\""), "{html}");
    }
}
