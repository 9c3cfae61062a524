//! The summary as a person reads it.
//!
//! Four parts: what was received, ARC classes, KAPIs, and the KAPIs again per value of each dimension
//! asked for. Parts without content say so, and every limit that was reached is named.

use indexmap::IndexMap;

use crate::brief;
use crate::counters::Counters;
use crate::dimension::{Dimension, below};
use crate::kapi::{SAMPLE, Series};
use crate::line::{Line, kapis};
use crate::summary::{Group, Summary};
use crate::table::{Scale, Table, count, name};

const COLUMNS: [&str; 4] = ["count", "mean", "p50", "p95"];

/// The whole summary, or one that fits a screen, with a line feed at its end.
pub(crate) fn text(counters: &Counters, summary: &Summary, is_brief: bool) -> String {
    let mut tables = if is_brief { Vec::new() } else { vec![received(counters)] };
    let mut notes = Vec::new();
    if counters.records == 0 {
        notes.push("No records arrived.".to_owned());
    } else if summary.arcs == 0 {
        notes.push("No ARCs: no record carried a context and a message.".to_owned());
    } else {
        tables.push(classes(summary));
        let (ids, all): (Vec<_>, Vec<_>) = kapis(summary).into_iter().partition(Line::is_id);
        if all.is_empty() {
            notes.push("No KAPIs: no field was a number or a boolean.".to_owned());
        } else if is_brief {
            tables.extend(brief::kapis(&all, &summary.dimensions));
        } else {
            tables.push(overall(&all));
            tables.extend(summary.dimensions.iter().enumerate().map(|(at, name)| by(&all, at, name)));
        }
        notes.extend(not_shown(&ids));
        notes.extend(limits(counters, summary, &all));
    }
    let width = tables.iter().map(Table::width).max().unwrap_or(0);
    let mut parts: Vec<String> = is_brief.then(|| brief::received(counters)).into_iter().collect();
    parts.extend(tables.iter().map(|table| table.text(width)));
    if !notes.is_empty() {
        parts.push(notes.iter().map(|note| format!("{note}\n")).collect());
    }
    parts.join("\n")
}

fn received(counters: &Counters) -> Table {
    let mut table = Table::new("Received", &[]);
    let mut line = |level, name, value| table.row(level, name, vec![count(value)]);
    line(1, "connections", counters.connections);
    if counters.faults > 0 {
        line(2, "closed for a fault", counters.faults);
    }
    line(1, "bytes", counters.bytes);
    line(1, "chunks", counters.chunks);
    line(2, "duplicates by chunk id", counters.duplicates);
    if counters.refused > 0 {
        line(2, "refused", counters.refused);
    }
    line(1, "records", counters.records);
    if counters.duplicates > 0 {
        line(2, "in duplicate chunks", counters.duplicate_records);
    }
    if counters.unwritten > 0 {
        line(2, "not written", counters.unwritten);
    }
    if counters.strangers > 0 {
        line(2, "without a context", counters.strangers);
    }
    table
}

fn classes(summary: &Summary) -> Table {
    let mut table = Table::new("ARC classes", &["count"]);
    fn add(table: &mut Table, groups: &IndexMap<String, Group>, above: &str, level: usize) {
        for (class, group) in groups {
            table.row(level, below(class, above), vec![count(group.count)]);
            add(table, &group.subs, class, level + 1);
        }
    }
    add(&mut table, &summary.groups, "", 1);
    table
}

fn overall(lines: &[Line<'_>]) -> Table {
    let mut table = Table::new("KAPIs", &COLUMNS);
    let mut class = None;
    for line in lines {
        if class.replace(line.class) != Some(line.class) {
            table.row(1, line.class, Vec::new());
        }
        table.row(2, &line.name, cells(&line.kapi.all, &line.kapi.all));
    }
    table
}

fn by(lines: &[Line<'_>], dimension: usize, name: &str) -> Table {
    let mut table = Table::new(&format!("KAPIs by {name}"), &COLUMNS);
    let mut class = None;
    // Classes that never name the dimension have nothing to compare.
    let names_it =
        |line: &Line<'_>| line.kapi.by.get(dimension).is_some_and(|by| by.keys().any(Dimension::is_named));
    let classes: Vec<&str> = lines.iter().filter(|line| names_it(line)).map(|line| line.class).collect();
    for line in lines.iter().filter(|line| classes.contains(&line.class)) {
        if class.replace(line.class) != Some(line.class) {
            table.row(1, line.class, Vec::new());
        }
        table.row(2, &line.name, Vec::new());
        for (value, series) in line.kapi.by.get(dimension).into_iter().flatten() {
            table.row(3, &value.text, cells(series, &line.kapi.all));
        }
    }
    if classes.is_empty() {
        table.row(1, "no ARC has this field", Vec::new());
    }
    table
}

/// The cells of a series, written as `all` of its KAPI is, so that rows below each other compare.
fn cells(series: &Series, all: &Series) -> Vec<String> {
    let [p50, p95] = all.quantiles([0.5, 0.95]);
    let scale = Scale::of(&[all.mean(), p50, p95]);
    let single = if all.whole() { scale.whole() } else { scale };
    let [p50, p95] = series.quantiles([0.5, 0.95]);
    vec![count(series.count()), scale.text(series.mean()), single.text(p50), single.text(p95)]
}

/// More names than this fill the screen and help nobody.
const MAX_NAMED: usize = 5;

/// A sentence about the fields that are ids.
fn not_shown(ids: &[Line<'_>]) -> Option<String> {
    let named: Vec<String> = ids.iter().take(MAX_NAMED).map(|line| name(&line.name, 0)).collect();
    let more = match ids.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named = format!("{}{more}", named.join(", "));
    match ids.len() {
        0 => None,
        1 => Some(format!("{named} is not shown: its numbers are ids.")),
        _ => Some(format!("{named} are not shown: their numbers are ids.")),
    }
}

fn limits(counters: &Counters, summary: &Summary, lines: &[Line<'_>]) -> Vec<String> {
    let mut notes = Vec::new();
    let every = lines.iter().flat_map(|line| {
        std::iter::once(&line.kapi.all).chain(line.kapi.by.iter().flat_map(|by| by.values()))
    });
    if every.clone().any(Series::sampled) {
        notes.push(format!(
            "p50 and p95 of more than {} values are those of a random sample.",
            count(SAMPLE as u64)
        ));
    }
    if counters.early > 0 {
        let early = count(counters.early);
        notes.push(format!(
            "{early} ARCs were summed up early to bound memory; what came later counts as new ARCs."
        ));
    }
    if counters.gone > 0 {
        let gone = count(counters.gone);
        notes.push(format!(
            "{gone} ARCs are not in these figures: the store let go of them, for its size or their age."
        ));
    }
    if counters.unfinished {
        let first = count(summary.arcs);
        notes.push(format!(
            "These are the figures of the first {first} ARCs: to sum all up takes longer than a program may take to end. The page has them."
        ));
    }
    if summary.left_out > 0 {
        let left_out = count(summary.left_out);
        notes.push(format!(
            "{left_out} values or contexts are not shown: too many different classes, KAPIs or values."
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arcs::open::Arcs;
    use serde_json::json;

    #[test]
    fn the_whole_summary() {
        let mut arcs = Arcs::default();
        let mut summary = Summary::new(&["label".to_owned()]);
        for (n, label) in [(1, "b"), (2, "a"), (3, "a")] {
            let id = format!("{n}");
            arcs.add_json(&json!({"context": id, "message": {"MONA_ARC_CLASS": "digits"}}));
            let message = json!({"score": 0.25 * f64::from(n), "label": label, "correct": n > 1});
            arcs.add_json(&json!({"context": id, "message": message}));
            arcs.add_json(
                &json!({"context": format!("{id}.{n}x"), "message": {"MONA_ARC_CLASS": "digits/ink"}}),
            );
            arcs.add_json(&json!({"context": format!("{id}.{n}x"), "message": {"us": 1000 * n}}));
        }
        while let Some(arc) = arcs.take_oldest() {
            summary.add(&arc, &arcs.names, &mut arcs.merger);
        }
        let counters =
            Counters { records: 12, chunks: 1, connections: 1, bytes: 1234, ..Counters::default() };
        let expected = "\
Received
  connections                       1
  bytes                         1,234
  chunks                            1
    duplicates by chunk id          0
  records                          12

ARC classes                     count
  digits                            3
    ink                             3

KAPIs                           count       mean        p50        p95
  digits
    score                           3     0.5000     0.5000     0.7500
    correct                         3     0.6667          1          1
    ink.us                          3    2,000.0      2,000      3,000

KAPIs by label                  count       mean        p50        p95
  digits
    score
      a                             2     0.6250     0.5000     0.7500
      b                             1     0.2500     0.2500     0.2500
    correct
      a                             2     1.0000          1          1
      b                             1     0.0000          0          0
    ink.us
      a                             2    2,500.0      2,000      3,000
      b                             1    1,000.0      1,000      1,000
";
        assert_eq!(text(&counters, &summary, false), expected);
    }

    #[test]
    fn classes_without_the_dimension_are_left_out_of_its_table() {
        let mut arcs = Arcs::default();
        let mut summary = Summary::new(&["label".to_owned(), "country".to_owned()]);
        arcs.add_json(&json!({"context": "1", "message": {"MONA_ARC_CLASS": "training"}}));
        arcs.add_json(&json!({"context": "1", "message": {"seconds": 2}}));
        arcs.add_json(&json!({"context": "2", "message": {"MONA_ARC_CLASS": "digits"}}));
        arcs.add_json(&json!({"context": "2", "message": {"score": 1, "label": "a"}}));
        while let Some(arc) = arcs.take_oldest() {
            summary.add(&arc, &arcs.names, &mut arcs.merger);
        }
        let text = text(&Counters { records: 4, ..Counters::default() }, &summary, false);
        let (_, by_label) = text.split_once("KAPIs by label").unwrap();
        let (by_label, by_country) = by_label.split_once("KAPIs by country").unwrap();
        assert!(by_label.contains("digits") && !by_label.contains("training"), "{text}");
        assert!(by_country.contains("no ARC has this field"), "{text}");
    }

    #[test]
    fn ids_are_not_averaged() {
        let mut arcs = Arcs::default();
        let mut summary = Summary::new(&[]);
        for n in 0..30 {
            let message =
                json!({"MONA_ARC_CLASS": "digits", "sample": 100 + n, "user_id": 7, "score": n % 3});
            arcs.add_json(&json!({"context": n.to_string(), "message": message}));
        }
        while let Some(arc) = arcs.take_oldest() {
            summary.add(&arc, &arcs.names, &mut arcs.merger);
        }
        let text = text(&Counters { records: 30, ..Counters::default() }, &summary, false);
        assert!(text.ends_with("\n\nsample, user_id are not shown: their numbers are ids.\n"), "{text}");
        assert!(text.contains("\n    score  ") && !text.contains("\n    sample"), "{text}");
    }

    #[test]
    fn empty_is_said() {
        let summary = Summary::new(&[]);
        assert!(text(&Counters::default(), &summary, false).ends_with("\n\nNo records arrived.\n"));
        let strangers = Counters { records: 2, strangers: 2, ..Counters::default() };
        let text = text(&strangers, &summary, false);
        assert!(text.ends_with("No ARCs: no record carried a context and a message.\n"), "{text}");
        assert!(text.contains("without a context"));
    }
}
