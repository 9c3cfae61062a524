//! What the values of a KAPI are drawn along: time, or the order of ARCs where time does not tell them apart.

use maud::{Markup, html};

use crate::page::charts::bars::counts;
use crate::page::charts::line::{lines, lines_along};
use crate::page::number;
use crate::page::table::Cell;
use crate::page::trouble::Trouble;
use crate::stats::{Stretch, stretches};
use crate::store::{Filter, Sample};

/// Stretches: a dot every 16 pixels of a wide page.
const STRETCHES: usize = 60;
/// Fewer ARCs a stretch tell nothing when they are drawn in their order.
const FEWEST: usize = 5;

/// The axis.
pub(crate) struct Along {
    from: f64,
    until: f64,
    count: usize,
    is_order: bool,
    /// ARCs that each number read stands for.
    each: f64,
}

impl Along {
    /// For these values: the times of the filter, or from the first to the last.
    pub(crate) fn of(sample: &Sample, filter: &Filter) -> Along {
        let read = sample.numbers.len();
        let each = sample.all as f64 / read.max(1) as f64;
        let first = sample.times.iter().copied().fold(f64::INFINITY, f64::min);
        let last = sample.times.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let is_whole = sample.times.iter().all(|time| time.fract() == 0.0);
        if is_whole && last - first < STRETCHES as f64 {
            let count = (read / FEWEST).clamp(1, STRETCHES);
            return Along { from: 0.0, until: read as f64, count, is_order: true, each };
        }
        let from = filter.from.unwrap_or(first);
        // The last moment is inside.
        let until = filter.until.unwrap_or(last + 1e-3).max(from + 1e-3);
        Along { from, until, count: STRETCHES, is_order: false, each }
    }

    pub(crate) fn stretches(&self, sample: &Sample) -> Vec<Stretch> {
        if !self.is_order {
            return stretches(&sample.numbers, &sample.times, self.from, self.until, self.count);
        }
        let places: Vec<f64> = (0..sample.numbers.len()).map(|place| place as f64).collect();
        stretches(&sample.numbers, &places, self.from, self.until, self.count)
    }

    /// Whether it is the order of ARCs.
    pub(crate) fn is_order(&self) -> bool {
        self.is_order
    }

    /// How many ARCs so many numbers read stand for.
    pub(crate) fn scaled(&self, count: u64) -> u64 {
        (count as f64 * self.each).round() as u64
    }

    pub(crate) fn lines(&self, series: &[Vec<(f64, f64)>]) -> Result<String, Trouble> {
        match self.is_order {
            false => lines(series, self.from, self.until),
            true => lines_along(series, self.from..self.until, &number::value),
        }
    }

    /// How many there were over time; along their order that would be the same everywhere.
    pub(crate) fn counts(&self, stretches: &[Stretch]) -> Result<Option<String>, Trouble> {
        if self.is_order {
            return Ok(None);
        }
        let bars: Vec<(f64, u64)> =
            stretches.iter().map(|stretch| (stretch.from, self.scaled(stretch.moments.count))).collect();
        counts(&bars, self.until).map(Some)
    }

    /// From where to where, for those who do not see the chart.
    pub(crate) fn said(&self) -> String {
        match self.is_order {
            false => format!("from {} to {} UTC", number::time(self.from), number::time(self.until)),
            true => "of ARCs in the order they arrived".to_owned(),
        }
    }

    /// The heading of the column that says where a stretch begins.
    pub(crate) fn heading(&self) -> &'static str {
        if self.is_order { "from ARC" } else { "from" }
    }

    /// Which ARC is the first at or behind a place; people count from 1.
    fn first(&self, at: f64) -> u64 {
        self.scaled(at.ceil() as u64) + 1
    }

    /// Where a stretch begins, in a sentence.
    pub(crate) fn moment(&self, at: f64) -> Markup {
        match self.is_order {
            false => number::moment(at),
            true => html! { "ARC " (number::count(self.first(at))) },
        }
    }

    /// The same in a table.
    pub(crate) fn cell(&self, at: f64) -> Cell {
        match self.is_order {
            false => Cell::time(at),
            true => Cell::count(self.first(at)),
        }
    }
}
