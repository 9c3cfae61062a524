//! Figures in plain words.

use maud::{Markup, html};

use super::fields::Offered;
use crate::page::number;
use crate::page::table::Cell;
use crate::stats::Difference;

/// How values of a KAPI are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    Number,
    /// Of 0 and 1: percent.
    Share,
}

impl Scale {
    /// For a field that is true or false, and for others.
    pub(crate) fn of(is_share: bool) -> Scale {
        if is_share { Scale::Share } else { Scale::Number }
    }

    /// A value.
    pub(crate) fn value(self, value: f64) -> String {
        match self {
            Scale::Number => number::value(value),
            Scale::Share => format!("{:.1} %", value * 100.0),
        }
    }

    /// The size of a difference, without its sign.
    pub(crate) fn size(self, difference: f64) -> String {
        match self {
            Scale::Number => short(difference.abs()),
            Scale::Share => format!("{:.1} points", difference.abs() * 100.0),
        }
    }

    /// A difference with its sign.
    pub(crate) fn signed(self, difference: f64) -> String {
        let sign = if difference < 0.0 { "−" } else { "+" };
        format!("{sign}{}", self.size(difference))
    }

    /// An interval of a difference, from the bound that is nearer to nothing: `0.06 to 0.10`.
    pub(crate) fn interval(self, by: f64, low: f64, high: f64) -> String {
        let unit = if self == Scale::Share { " points" } else { "" };
        let text = |bound: f64| match self {
            Scale::Number => short(bound.abs()),
            Scale::Share => format!("{:.1}", bound.abs() * 100.0),
        };
        let (near, far) = if by < 0.0 { (high, low) } else { (low, high) };
        // A bound on the other side of nothing has its sign.
        let crosses = near != 0.0 && (near < 0.0) != (by < 0.0);
        format!("{}{} to {}{unit}", if crosses { "−" } else { "" }, text(near), text(far))
    }
}

/// Two digits that count: a difference is never known to more.
fn short(size: f64) -> String {
    let places = if size > 0.0 { 1 - size.log10().floor() as i32 } else { 0 };
    match usize::try_from(places) {
        Ok(places) if places <= 6 => format!("{size:.places$}"),
        _ => number::value(size),
    }
}

/// How one group differs from the rest: `0.08 lower than elsewhere (95 %: 0.06 to 0.10)`.
pub(crate) fn difference(scale: Scale, difference: &Difference, than: &str) -> String {
    let Difference { by, low, high, .. } = *difference;
    let interval = scale.interval(by, low, high);
    if by == 0.0 && low == 0.0 && high == 0.0 {
        return format!("the same as {than}");
    }
    let direction = if by < 0.0 { "lower" } else { "higher" };
    format!("{} {direction} than {than} (95 %: {interval})", scale.size(by))
}

/// A probability: `0.03`, `below 0.001`.
pub(crate) fn p(p: f64) -> String {
    match p {
        p if p < 0.001 => "below 0.001".to_owned(),
        p => format!("{p:.3}"),
    }
}

/// The same in a table; as CSV with all its digits.
pub(crate) fn p_cell(probability: f64) -> Cell {
    Cell::number(p(probability), format!("{probability:e}"))
}

/// What is counted where the field is one of stages.
pub(crate) fn of_stages(field: &Offered) -> Markup {
    html! {
        @if field.is_inner {
            p.notice {
                "This is a field of stages: each stage counts, also where an ARC has several, and what is called ARCs here are \
                 stages. They are taken as independent; where the stages of one ARC are alike, differences look surer than they are."
            }
        }
    }
}

/// How large Cliff's delta or a difference of shares is, after Romano and others (2006).
pub(crate) fn size(effect: f64) -> &'static str {
    match effect.abs() {
        0.0..0.147 => "very small",
        0.147..0.33 => "small",
        0.33..0.474 => "medium",
        _ => "large",
    }
}

/// How large Cohen's d is, by his own marks.
pub(crate) fn deviations(effect: f64) -> &'static str {
    match effect.abs() {
        0.0..0.2 => "very small",
        0.2..0.5 => "small",
        0.5..0.8 => "medium",
        _ => "large",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        let lower = Difference {
            by: -0.0812,
            low: -0.101,
            high: -0.0634,
            p: 0.0,
            effect: -1.0,
            t: -9.0,
            freedom: 90.0,
        };
        assert_eq!(
            difference(Scale::Number, &lower, "elsewhere"),
            "0.081 lower than elsewhere (95 %: 0.063 to 0.10)"
        );
        let unsure = Difference { by: 0.02, low: -0.01, high: 0.05, ..lower };
        assert_eq!(
            difference(Scale::Share, &unsure, "before"),
            "2.0 points higher than before (95 %: −1.0 to 5.0 points)"
        );
        let same = Difference { by: 0.0, low: 0.0, high: 0.0, ..lower };
        assert_eq!(difference(Scale::Number, &same, "before"), "the same as before");
        assert_eq!([0.0312, 1e-9].map(p), ["0.031", "below 0.001"]);
        assert_eq!([1234.6, 12.34, 1.26, 0.0126, 0.0].map(short), ["1,235", "12", "1.3", "0.013", "0"]);
        assert_eq!(
            (Scale::Share.value(0.9312), Scale::Number.signed(-0.5)),
            ("93.1 %".to_owned(), "−0.50".to_owned())
        );
    }
}
