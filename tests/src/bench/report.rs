//! The table of targets and figures: as text for a terminal, and as BENCHMARKS.md.

use std::fmt::Write;

use super::figure::{Figure, Figures};
use super::goals::{GOALS, Goal, Verdict};

const HEADS: [&str; 7] = ["#", "quantity", "must", "aim", "figure", "of must", "verdict"];

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

fn row(goal: &Goal, figures: &Figures) -> [String; 7] {
    let figure = goal.figure(figures).map_or_else(|| figures.why_missing(goal.figure).to_owned(), shown);
    [
        goal.number.to_owned(),
        goal.quantity.to_owned(),
        goal.bound(goal.must),
        goal.aim.map_or_else(String::new, |aim| goal.bound(aim)),
        figure,
        goal.share_of_must(figures).map_or_else(String::new, |share| format!("{}×", number(share))),
        goal.verdict(figures).word().to_owned(),
    ]
}

fn rows(figures: &Figures) -> Vec<[String; 7]> {
    GOALS.iter().map(|goal| row(goal, figures)).collect()
}

/// The table as text, with columns of equal width, and a count of verdicts.
pub fn text(figures: &Figures) -> String {
    let mut all = vec![HEADS.map(str::to_owned)];
    all.extend(rows(figures));
    let mut widths = [0; 7];
    for row in &all {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in &all {
        let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    let _ = writeln!(text, "\n{}", count(figures));
    text
}

fn count(figures: &Figures) -> String {
    let of = |verdict| GOALS.iter().filter(|goal| goal.verdict(figures) == verdict).count();
    format!(
        "{} met aim, {} met must, {} missed, {} unknown",
        of(Verdict::Aim),
        of(Verdict::Must),
        of(Verdict::Missed),
        of(Verdict::Unknown)
    )
}

/// The whole of BENCHMARKS.md.
pub fn markdown(figures: &Figures, date: &str, machine: &[(&str, String)]) -> String {
    let mut text = format!(
        "# Benchmarks\n\nWritten by `make bench` on {date}; [tests/bench](tests/bench/README.md) says what is \
         measured and how.\nA figure is a median, with the quartiles of its rounds behind it.\n\n"
    );
    for (name, value) in machine {
        let _ = writeln!(text, "- {name}: {value}");
    }
    let _ = writeln!(text, "\n## Targets\n\n| {} |\n|{}", HEADS.join(" | "), "---|".repeat(HEADS.len()));
    for row in rows(figures) {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    let _ = writeln!(
        text,
        "\n{}.\n\n## All figures\n\n| figure | median | low | high | unit | rounds |\n|---|---|---|---|---|---|",
        count(figures)
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
        figures.read("bench name=typed.instructions value=600 low=600 high=600 unit=instructions rounds=1");
        figures.miss("json.instructions", "valgrind is not installed");
        let text = text(&figures);
        let line = |quantity: &str| {
            let line = text.lines().find(|line| line.contains(quantity)).unwrap();
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert!(line("of a typed call").ends_with("≤ 750 ≤ 550 600 0.800× met must"), "{text}");
        assert!(line("of a JSON call").ends_with("valgrind is not installed unknown"), "{text}");
        assert!(text.ends_with(&format!("0 met aim, 1 met must, 0 missed, {} unknown\n", GOALS.len() - 1)));
        let page = markdown(&figures, "today", &[("processor", "one".to_owned())]);
        assert!(page.contains("| typed.instructions | 600 |"), "{page}");
    }
}
