//! The tables of targets and figures: as text for a terminal, and as a page that is kept.

use std::fmt::Write;

use super::against::AGAINST_BASE;
use super::figure::{Figure, Figures, NOT_MEASURED};
use super::goals::{GOALS, Goal, Verdict};

/// A table: its heads, then its rows.
struct Table {
    title: &'static str,
    heads: &'static [&'static str],
    rows: Vec<Vec<String>>,
    count: String,
}

/// A number with about three digits that count.
fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 || value == 0.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// A figure with its spread, for a reader.
fn shown(figure: &Figure) -> String {
    let unit = match figure.unit.as_str() {
        "x" => "×".to_owned(),
        "per-100k-calls" | "instructions" => String::new(),
        unit => format!(" {unit}"),
    };
    let value = number(figure.value);
    if figure.rounds == 1 {
        return format!("{value}{unit}");
    }
    format!("{value}{unit} ({}..{})", number(figure.low), number(figure.high))
}

/// What a figure is, or why it is missing.
fn cell(name: &str, figures: &Figures) -> String {
    figures.get(name).map_or_else(|| figures.why_missing(name).to_owned(), shown)
}

fn target(goal: &Goal, figures: &Figures) -> Vec<String> {
    vec![
        goal.number.to_owned(),
        goal.quantity.to_owned(),
        goal.bound(goal.must),
        goal.aim.map_or_else(String::new, |aim| goal.bound(aim)),
        cell(goal.figure, figures),
        goal.share_of_must(figures).map_or_else(String::new, |share| format!("{}×", number(share))),
        goal.verdict(figures).word().to_owned(),
    ]
}

/// The figure of a comparison has the name of what is compared behind its first word.
fn comparison(goal: &Goal, figures: &Figures) -> Vec<String> {
    let (_, compared) = goal.figure.split_once('.').unwrap_or(("", goal.figure));
    vec![
        goal.number.to_owned(),
        goal.quantity.to_owned(),
        cell(compared, figures),
        cell(&format!("base.{compared}"), figures),
        goal.bound(goal.must),
        cell(goal.figure, figures),
        goal.verdict(figures).word().to_owned(),
    ]
}

/// The table of targets and, after a run with a base, that of comparisons.
fn tables(figures: &Figures) -> Vec<Table> {
    let mut tables = vec![Table {
        title: "Targets",
        heads: &["#", "quantity", "must", "aim", "figure", "of must", "verdict"],
        rows: GOALS.iter().map(|goal| target(goal, figures)).collect(),
        count: count(GOALS, figures),
    }];
    if AGAINST_BASE.iter().any(|goal| goal.figure(figures).is_some()) {
        tables.push(Table {
            title: "Against the base",
            heads: &["#", "quantity", "this", "base", "must", "this to base", "verdict"],
            rows: AGAINST_BASE.iter().map(|goal| comparison(goal, figures)).collect(),
            count: count(AGAINST_BASE, figures),
        });
    }
    tables
}

/// The tables as text, with columns of equal width, and a count of verdicts below each.
pub fn text(figures: &Figures) -> String {
    written(tables(figures))
}

/// The same without the rows of parts that did not run.
pub fn text_of_some(figures: &Figures) -> String {
    let mut tables = tables(figures);
    for table in &mut tables {
        table.rows.retain(|row| !row.iter().any(|cell| cell == NOT_MEASURED));
    }
    written(tables)
}

fn written(tables: Vec<Table>) -> String {
    let mut text = String::new();
    for table in tables {
        let heads: Vec<_> = table.heads.iter().map(|&head| head.to_owned()).collect();
        let mut widths = vec![0; heads.len()];
        for row in std::iter::once(&heads).chain(&table.rows) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let _ = writeln!(text, "{}\n", table.title);
        for row in std::iter::once(&heads).chain(&table.rows) {
            let cells: Vec<_> =
                row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            let _ = writeln!(text, "{}", cells.join("  ").trim_end());
        }
        let _ = writeln!(text, "\n{}\n", table.count);
    }
    text
}

fn count(goals: &[Goal], figures: &Figures) -> String {
    let of = |verdict| goals.iter().filter(|goal| goal.verdict(figures) == verdict).count();
    format!(
        "{} met aim, {} met must, {} missed, {} unknown",
        of(Verdict::Aim),
        of(Verdict::Must),
        of(Verdict::Missed),
        of(Verdict::Unknown)
    )
}

/// A whole page.
pub fn markdown(figures: &Figures, date: &str, machine: &[(&str, String)]) -> String {
    let mut text = format!(
        "# Benchmarks of {date}\n\nWritten by `make bench`; [tests/bench](../../tests/bench/README.md) says what is \
         measured and how.\nA figure is a median, with the quartiles of its rounds behind it.\n\n"
    );
    for (name, value) in machine {
        let _ = writeln!(text, "- {name}: {value}");
    }
    for Table { title, heads, rows, count } in tables(figures) {
        let _ = writeln!(text, "\n## {title}\n\n| {} |\n|{}", heads.join(" | "), "---|".repeat(heads.len()));
        for row in rows {
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
        let _ = writeln!(text, "\n{count}.");
    }
    let _ = writeln!(
        text,
        "\n## All figures\n\n| figure | median | low | high | unit | rounds |\n|---|---|---|---|---|---|"
    );
    for figure in figures.all() {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            figure.name,
            number(figure.value),
            number(figure.low),
            number(figure.high),
            figure.unit,
            figure.rounds
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_shows_figure_share_and_verdict() {
        let mut figures = Figures::default();
        figures.read("bench name=typed.instructions value=624 low=624 high=624 unit=instructions rounds=1");
        figures.miss("json.instructions", "valgrind is not installed");
        let text = text(&figures);
        let line = |quantity: &str| {
            let line = text.lines().find(|line| line.contains(quantity)).unwrap();
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert!(line("of a typed call").ends_with("≤ 780 ≤ 700 624 0.800× met aim"), "{text}");
        assert!(line("of a JSON call").ends_with("valgrind is not installed unknown"), "{text}");
        assert!(
            text.ends_with(&format!("1 met aim, 0 met must, 0 missed, {} unknown\n\n", GOALS.len() - 1)),
            "{text}"
        );
        let some = text_of_some(&figures);
        assert!(some.contains("of a typed call") && !some.contains("spdlog"), "{some}");
        let page = markdown(&figures, "today", &[("processor", "one".to_owned())]);
        assert!(page.contains("| typed.instructions | 624 |"), "{page}");
    }

    #[test]
    fn a_run_with_a_base_has_a_table_of_comparisons() {
        let mut figures = Figures::default();
        figures.read(
            "bench name=typed.call.ns value=30 low=29 high=31 unit=ns rounds=7\n\
             bench name=base.typed.call.ns value=25 low=24 high=26 unit=ns rounds=7\n",
        );
        assert!(!text(&figures).contains("Against the base"), "without a ratio nothing was compared");
        figures.read("bench name=to_base.typed.call.ns value=1.2 low=1.1 high=1.3 unit=x rounds=7");
        let page = markdown(&figures, "today", &[]);
        let row = "| 3 | typed call | 30.0 ns (29.0..31.0) | 25.0 ns (24.0..26.0) | ≤ 1.1 | 1.20× (1.10..1.30) | MISSED |";
        assert!(page.contains(row), "{page}");
        assert!(page.contains("0 met aim, 0 met must, 1 missed"), "{page}");
    }
}
