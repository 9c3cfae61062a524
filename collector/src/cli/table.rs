//! Numbers and names as text, and columns that line up.

use unicode_width::UnicodeWidthStr;

use crate::plain::push;

/// Names longer than this are cut; four columns of numbers then still fit 100 characters.
const MAX_NAME: usize = 46;
/// A letter may have marks without width, a few of them.
const MAX_LETTERS: usize = 4 * MAX_NAME;
const GAP: &str = "  ";
/// No column of numbers is narrower, so that tables below each other look alike.
pub(crate) const MIN_COLUMN: usize = 9;

/// Rows of one name and some numbers, under a title.
pub(crate) struct Table {
    rows: Vec<(String, Vec<String>)>,
}

impl Table {
    /// A table with these headings.
    pub(crate) fn new(title: &str, columns: &[&str]) -> Table {
        let columns = columns.iter().map(ToString::to_string).collect();
        Table { rows: vec![(name(title, 0), columns)] }
    }

    /// A row whose name is indented by `level` steps of two.
    pub(crate) fn row(&mut self, level: usize, title: &str, cells: Vec<String>) {
        self.rows.push((name(title, level), cells));
    }

    /// Names to the left, numbers to the right, no blanks at the ends of lines. `narrowest` is the
    /// least width of the first column.
    pub(crate) fn text(&self, narrowest: usize) -> String {
        let first = self.width().max(narrowest);
        let columns = self.rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
        let width = |at: usize| {
            let cells = self.rows.iter().filter_map(|(_, cells)| cells.get(at));
            cells.map(|cell| cell.width()).max().unwrap_or(0).max(MIN_COLUMN)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for (title, cells) in &self.rows {
            let mut line = padded(title, first);
            for (cell, width) in cells.iter().zip(&widths) {
                line.push_str(GAP);
                line.push_str(&" ".repeat(width.saturating_sub(cell.width())));
                line.push_str(cell);
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// The width its names need, in columns of a terminal.
    pub(crate) fn width(&self) -> usize {
        self.rows.iter().map(|(title, _)| title.width()).max().unwrap_or(0)
    }
}

/// Text from the network may hold anything, control sequences for the terminal too.
pub(crate) fn name(title: &str, level: usize) -> String {
    cut(" ".repeat(2 * level), title, MAX_NAME)
}

/// The same for the heading of a column, which is no wider than its numbers.
pub(crate) fn heading(title: &str) -> String {
    cut(String::new(), title, MIN_COLUMN)
}

fn cut(mut shown: String, title: &str, most: usize) -> String {
    // Text of a hostile length is not walked to its end, nor marks without width piled up.
    for letter in title.chars().take(MAX_LETTERS) {
        push(&mut shown, letter);
        if shown.width() > most {
            break;
        }
    }
    if shown.width() <= most && title.chars().nth(MAX_LETTERS).is_none() {
        return shown;
    }
    while shown.width() >= most {
        shown.pop();
    }
    shown.push('…');
    shown
}

/// The text and blanks, as wide as a column is.
fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// `1234567` as `1,234,567`.
pub(crate) fn count(value: u64) -> String {
    grouped(&value.to_string())
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How numbers of one kind are written, so that they can be compared at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    Decimals(usize),
    Exponent,
}

impl Scale {
    /// About four significant digits for the largest of these numbers.
    pub(crate) fn of(values: &[f64]) -> Scale {
        match values.iter().fold(0.0f64, |largest, value| largest.max(value.abs())) {
            1e12.. => Scale::Exponent,
            1e3.. => Scale::Decimals(1),
            1e2.. => Scale::Decimals(2),
            1e1.. => Scale::Decimals(3),
            0.0 | 1e-2.. => Scale::Decimals(4),
            1e-4.. => Scale::Decimals(6),
            _ => Scale::Exponent,
        }
    }

    /// The same for numbers that are all whole.
    pub(crate) fn whole(self) -> Scale {
        match self {
            Scale::Decimals(_) => Scale::Decimals(0),
            Scale::Exponent => Scale::Exponent,
        }
    }

    pub(crate) fn text(self, value: f64) -> String {
        match self {
            Scale::Decimals(decimals) if value.abs() < 1e15 => fixed(value, decimals),
            _ => format!("{value:.3e}"),
        }
    }
}

fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (before, after) = match text.split_once('.') {
        Some((before, after)) => (before, format!(".{after}")),
        None => (text.as_str(), String::new()),
    };
    // What rounds to nothing has no sign.
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let sign = if value < 0.0 && !is_zero { "-" } else { "" };
    format!("{sign}{}{after}", grouped(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_about_four_digits() {
        let text = |value| Scale::of(&[value]).text(value);
        for (value, expected) in [
            (0.931_24, "0.9312"),
            (1.0, "1.0000"),
            (152.333, "152.33"),
            (-12_345.678, "-12,345.7"),
            (0.0, "0.0000"),
            (0.000_012_345, "1.234e-5"),
            (0.001_234, "0.001234"),
            (-2.5e14, "-2.500e14"),
        ] {
            assert_eq!(text(value), expected);
        }
        let common = Scale::of(&[0.5, 25.0]);
        assert_eq!(
            [0.5, 25.0, -0.000_1, 1e300].map(|value| common.text(value)),
            ["0.500", "25.000", "0.000", "1.000e300"]
        );
        assert_eq!(common.whole().text(-1_234_567.0), "-1,234,567");
        assert_eq!(Scale::of(&[1e13]).whole().text(1e13), "1.000e13");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(100), "100");
    }

    #[test]
    fn wide_letters_take_two_columns_and_hidden_ones_are_shown() {
        let mut table = Table::new("KAPI", &["count"]);
        for title in ["日本語", "हिन्दी", "e\u{301}", "a\u{202e}b", &"語".repeat(100), &"\u{301}".repeat(1000)]
        {
            table.row(1, title, vec!["1".into()]);
        }
        let text = table.text(0);
        let widths: Vec<usize> = text.lines().map(UnicodeWidthStr::width).collect();
        assert_eq!(widths, [widths[0]; 7], "{text}");
        assert!(text.contains(r"a\u{202e}b") && !text.contains('\u{202e}'));
        assert!(text.lines().all(|line| line.chars().count() < 6 * MAX_NAME));
    }

    #[test]
    fn columns_line_up_without_blanks_at_the_end() {
        let mut table = Table::new("KAPI", &["count", "mean"]);
        table.row(0, "größer", Vec::new());
        table.row(1, "score\u{1b}[31m", vec!["12".into(), "0.5000".into()]);
        table.row(1, &"x".repeat(1_000), vec!["1,234,567,890".into(), "1".into()]);
        let text = table.text(0);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "größer");
        assert!(lines[2].starts_with("  score\\u{1b}[31m   "));
        assert!(lines[3].contains("xx…"));
        assert!(text.lines().all(|line| line == line.trim_end() && line.chars().count() <= 74));
        let ends: Vec<usize> = [0, 2, 3].map(|at: usize| lines[at].chars().count()).into();
        assert_eq!(ends[0], ends[1]);
        assert_eq!(ends[1], ends[2]);
    }
}
