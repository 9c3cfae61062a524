//! The lines that benchmark programs print, read back.

use std::collections::BTreeMap;
use std::fmt;

/// A measured quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Its name, such as `typed.call.ns`.
    pub name: String,
    /// The median of its rounds.
    pub value: f64,
    /// The lower quartile.
    pub low: f64,
    /// The upper quartile.
    pub high: f64,
    /// What it is counted in, `x` for a ratio.
    pub unit: String,
    /// How many rounds it was taken from.
    pub rounds: u32,
}

/// Why a figure is missing that no part of the run spoke of.
pub(super) const NOT_MEASURED: &str = "not measured";

/// All figures of a run, by name, and why others are missing.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    found: BTreeMap<String, Figure>,
    missing: BTreeMap<String, String>,
}

impl Figure {
    /// A quantity that was taken once.
    pub fn once(name: &str, value: f64, unit: &str) -> Figure {
        Figure { name: name.to_owned(), value, low: value, high: value, unit: unit.to_owned(), rounds: 1 }
    }

    /// Reads a line `bench name=… value=… low=… high=… unit=… rounds=…`; others give `None`.
    pub fn read(line: &str) -> Option<Figure> {
        let words = line.strip_prefix("bench ")?;
        let word = |key: &str| {
            words
                .split_whitespace()
                .find_map(|word| word.strip_prefix(key)?.strip_prefix('=').map(str::to_owned))
        };
        let number = |key: &str| word(key)?.parse::<f64>().ok();
        Some(Figure {
            name: word("name")?,
            value: number("value")?,
            low: number("low")?,
            high: number("high")?,
            unit: word("unit")?,
            rounds: word("rounds")?.parse().ok()?,
        })
    }
}

impl fmt::Display for Figure {
    /// Writes the line that [`Figure::read`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figure { name, value, low, high, unit, rounds } = self;
        write!(f, "bench name={name} value={value} low={low} high={high} unit={unit} rounds={rounds}")
    }
}

impl Figures {
    /// Adds what the lines of a program say; lines of other shapes are left alone.
    pub fn read(&mut self, lines: &str) {
        for line in lines.lines() {
            if let Some(figure) = Figure::read(line) {
                self.add(figure);
            } else if let Some((name, why)) =
                line.strip_prefix("missing name=").and_then(|rest| rest.split_once(" why="))
            {
                self.miss(name, why);
            }
        }
    }

    /// Adds a figure; a later one of the same name takes its place.
    pub fn add(&mut self, figure: Figure) {
        self.found.insert(figure.name.clone(), figure);
    }

    /// Notes why there is no such figure.
    pub fn miss(&mut self, name: &str, why: &str) {
        self.missing.insert(name.to_owned(), why.to_owned());
    }

    /// The figure of that name.
    pub fn get(&self, name: &str) -> Option<&Figure> {
        self.found.get(name)
    }

    /// Why there is none of that name.
    pub fn why_missing(&self, name: &str) -> &str {
        self.missing.get(name).map_or(NOT_MEASURED, String::as_str)
    }

    /// All figures, by name.
    pub fn all(&self) -> impl Iterator<Item = &Figure> {
        self.found.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_is_written() {
        let line = "bench name=typed.call.ns value=61.25 low=60.5 high=63 unit=ns rounds=7";
        let figure = Figure::read(line).unwrap();
        assert_eq!(figure.name, "typed.call.ns");
        assert_eq!((figure.value, figure.low, figure.high, figure.rounds), (61.25, 60.5, 63.0, 7));
        assert_eq!(figure.to_string(), line);
        assert_eq!(Figure::read("bench name=x value=1"), None);
        assert_eq!(Figure::read("something else"), None);
    }

    #[test]
    fn figures_know_what_is_missing_and_why() {
        let mut figures = Figures::default();
        figures.read(
            "hello\nmissing name=a.b why=no such peer\nbench name=c value=1 low=1 high=1 unit=x rounds=1",
        );
        assert_eq!(figures.why_missing("a.b"), "no such peer");
        assert_eq!(figures.why_missing("d"), "not measured");
        assert_eq!(figures.get("c").unwrap().value, 1.0);
        assert_eq!(figures.all().count(), 1);
    }
}
