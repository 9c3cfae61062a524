//! The summary on one screen: a line of what was received, and means, those for the values of a dimension side by side.

use std::collections::BTreeSet;

use crate::counters::Counters;
use crate::dimension::Dimension;
use crate::kapi::Series;
use crate::line::Line;
use crate::table::{MIN_COLUMN, Scale, Table, count, heading};

/// As many columns of numbers as fit beside names in 80 characters.
const MOST_VALUES: usize = 5;

/// With fewer values the spread of a mean is not known well enough to judge a difference.
const MANY: u64 = 30;
/// Standard errors between two means; that many come by chance once in 370 times.
const SURE: f64 = 3.0;

/// What arrived, in a sentence.
pub(crate) fn received(counters: &Counters) -> String {
    let mut text = format!(
        "Received {} in {}, {} bytes",
        several(counters.records, "record"),
        several(counters.chunks, "chunk"),
        count(counters.bytes)
    );
    for (number, what) in [
        (counters.duplicates, "duplicate chunks"),
        (counters.faults, "connections closed for a fault"),
        (counters.refused, "refused"),
        (counters.unwritten, "records not written"),
        (counters.strangers, "records without a context"),
    ] {
        if number > 0 {
            text.push_str(&format!("; {} {what}", count(number)));
        }
    }
    text + "\n"
}

fn several(number: u64, what: &str) -> String {
    format!("{} {what}{}", count(number), if number == 1 { "" } else { "s" })
}

/// A table for each dimension, or one of all means where there is none.
pub(crate) fn kapis(lines: &[Line<'_>], dimensions: &[String]) -> Vec<Table> {
    if dimensions.is_empty() {
        return vec![rows(lines, Table::new("KAPIs", &["count", "mean"]), |line| {
            vec![count(line.kapi.all.count()), text(scale(&line.kapi.all), &line.kapi.all)]
        })];
    }
    dimensions.iter().enumerate().map(|(at, name)| beside(lines, at, name)).collect()
}

fn scale(all: &Series) -> Scale {
    Scale::of(&[all.mean()])
}

/// The mean, no wider than a column.
fn text(scale: Scale, series: &Series) -> String {
    let text = scale.text(series.mean());
    if text.len() <= MIN_COLUMN { text } else { Scale::Exponent.text(series.mean()) }
}

/// The values of one dimension as columns; of two, also how far the second is from the first.
fn beside(lines: &[Line<'_>], dimension: usize, name: &str) -> Table {
    let values = |line: &Line<'_>| line.kapi.by.get(dimension).cloned().unwrap_or_default();
    let named: BTreeSet<Dimension> =
        lines.iter().flat_map(|line| values(line).into_keys()).filter(Dimension::is_named).collect();
    let lines: Vec<&Line<'_>> =
        lines.iter().filter(|line| values(line).keys().any(Dimension::is_named)).collect();
    let columns: Vec<&Dimension> = named.iter().take(MOST_VALUES).collect();
    let mut headings: Vec<String> = columns.iter().map(|value| heading(&value.text)).collect();
    let is_pair = named.len() == 2;
    if is_pair {
        headings.push("change".to_owned());
    }
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let title = match named.len().saturating_sub(MOST_VALUES) {
        0 => format!("Means by {name}"),
        more => format!("Means by {name} ({more} more)"),
    };
    if lines.is_empty() {
        let mut table = Table::new(&title, &[]);
        table.row(1, "no ARC has this field", Vec::new());
        return table;
    }
    rows(lines, Table::new(&title, &headings), |line| {
        let by = values(line);
        let series: Vec<Option<&Series>> = columns.iter().map(|value| by.get(value)).collect();
        let scale = scale(&line.kapi.all);
        let mean = |of: &Option<&Series>| of.map_or_else(|| "-".to_owned(), |of| text(scale, of));
        let mut cells: Vec<String> = series.iter().map(mean).collect();
        if let (true, [Some(before), Some(after)]) = (is_pair, series.as_slice()) {
            cells.push(change(before, after));
        }
        cells
    })
}

/// The difference in percent of the first: none of nothing, and none that may be chance.
fn change(before: &Series, after: &Series) -> String {
    let difference = after.mean() - before.mean();
    let percent = difference / before.mean().abs() * 100.0;
    let error = (before.mean_variance() + after.mean_variance()).sqrt();
    let is_many = before.count().min(after.count()) >= MANY;
    if !percent.is_finite() || (is_many && difference.abs() < SURE * error) {
        return "-".to_owned();
    }
    format!("{percent:+.1} %")
}

/// A row of `cells` for each line, below the name of its class.
fn rows<'a, L: std::borrow::Borrow<Line<'a>>>(
    lines: impl IntoIterator<Item = L>,
    mut table: Table,
    cells: impl Fn(&Line<'a>) -> Vec<String>,
) -> Table {
    let mut class = None;
    for line in lines {
        let line = line.borrow();
        if class.replace(line.class) != Some(line.class) {
            table.row(1, line.class, Vec::new());
        }
        table.row(2, &line.name, cells(line));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arcs::open::Arcs;
    use crate::report;
    use crate::summary::Summary;
    use serde_json::{Value, json};

    fn summed(dimensions: &[&str], messages: &[Value]) -> String {
        let mut arcs = Arcs::default();
        for (n, message) in messages.iter().enumerate() {
            arcs.add_json(&json!({"context": n.to_string(), "message": message}));
        }
        let dimensions: Vec<String> = dimensions.iter().map(ToString::to_string).collect();
        let mut summary = Summary::new(&dimensions);
        while let Some(arc) = arcs.take_oldest() {
            summary.add(&arc, &arcs.names, &mut arcs.merger);
        }
        let counters = Counters { records: 1234, chunks: 1, bytes: 56_789, ..Counters::default() };
        report::text(&counters, &summary, true)
    }

    #[test]
    fn two_values_are_compared() {
        let text = summed(
            &["noise", "country"],
            &[
                json!({"MONA_ARC_CLASS": "digits", "noise": 0, "score": 0.75, "correct": true, "zero": 0}),
                json!({"MONA_ARC_CLASS": "digits", "noise": 4, "score": 0.5, "correct": true, "zero": 1}),
                json!({"MONA_ARC_CLASS": "digits", "noise": 4, "score": 0.25, "correct": false}),
                json!({"MONA_ARC_CLASS": "other", "x": 1}),
            ],
        );
        let expected = "\
Received 1,234 records in 1 chunk, 56,789 bytes

ARC classes                  count
  digits                         3
  other                          1

Means by noise                   0          4     change
  digits
    score                   0.7500     0.3750    -50.0 %
    correct                 1.0000     0.5000    -50.0 %
    zero                    0.0000     1.0000          -

Means by country
  no ARC has this field
";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_may_be_chance_is_no_change() {
        let messages: Vec<Value> = (0..400)
            .map(|n| {
                let (later, wave) = (n >= 200, f64::from(n % 7));
                let outlier = if n == 300 { 1e4 } else { 1.0 };
                json!({"MONA_ARC_CLASS": "c", "later": later, "same": wave, "worse": wave + f64::from(later) * 3.0, "slow": outlier})
            })
            .collect();
        let text = summed(&["later"], &messages);
        let change = |name: &str| {
            let line = text.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
            line.split_whitespace().skip(3).collect::<String>()
        };
        assert_eq!((change("same"), change("slow")), ("-".to_owned(), "-".to_owned()), "{text}");
        assert!(change("worse").starts_with("+10"), "{text}");
    }

    #[test]
    fn many_values_stay_within_a_screen() {
        let messages: Vec<Value> = (0..90)
            .map(|n| json!({"MONA_ARC_CLASS": "c", "k": format!("a value\u{1b}[31m of {n}"), "score": 1e9}))
            .collect();
        let text = summed(&["k"], &messages);
        assert!(
            text.contains("Means by k (85 more)") && text.contains('…') && !text.contains('\u{1b}'),
            "{text}"
        );
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn without_a_dimension_all_means_are_shown() {
        let text = summed(&[], &[json!({"MONA_ARC_CLASS": "c", "score": 0.5})]);
        assert!(text.ends_with("    score            1     0.5000\n"), "{text}");
        assert!(summed(&[], &[]).ends_with("No ARCs: no record carried a context and a message.\n"));
    }
}
