//! How values lie, as bars; and how many there were over time.

use plotters::prelude::*;

use super::colour::SERIES;
use super::mesh::dressed;
use crate::page::number;
use crate::page::trouble::Trouble;
use crate::stats::{Bin, Histogram};

/// As wide as the page, in the units of the drawing.
const SIZE: (u32, u32) = (960, 240);
/// More labels than this run into each other.
const LABELS: usize = 12;

/// A histogram.
pub(crate) fn histogram(histogram: &Histogram) -> Result<String, Trouble> {
    let most = histogram.bins.iter().map(|bin| bin.count).max().unwrap_or(1);
    let mut svg = String::new();
    let drawn = match (histogram.discrete, histogram.bins.first(), histogram.bins.last()) {
        (false, Some(first), Some(last)) => {
            let bars: Vec<(f64, f64, u64)> =
                histogram.bins.iter().map(|bin| (bin.from, bin.to, bin.count)).collect();
            draw(&mut svg, &bars, first.from..last.to, most, &|value| number::value(*value))
        }
        _ => one_each(&mut svg, &histogram.bins, most),
    };
    drawn.map_err(|error| Trouble::failed(format!("the chart: {error}")))?;
    Ok(svg)
}

/// Counts over time, in Unix seconds; each bar ends where the next one begins.
pub(crate) fn counts(counts: &[(f64, u64)], until: f64) -> Result<String, Trouble> {
    let ends = counts.iter().skip(1).map(|(from, _)| *from).chain([until]);
    let bars: Vec<(f64, f64, u64)> =
        counts.iter().zip(ends).map(|((from, count), end)| (*from, end, *count)).collect();
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(1);
    let (from, to) = (counts.first().map_or(0.0, |(from, _)| *from), until);
    let is_long = to - from > 86_400.0;
    let label = |time: &f64| {
        let text = number::time(*time);
        text.get(if is_long { 5..16 } else { 11..19 }).unwrap_or(&text).to_owned()
    };
    let mut svg = String::new();
    draw(&mut svg, &bars, from..to.max(from + 1e-3), most, &label)
        .map_err(|error| Trouble::failed(format!("the chart: {error}")))?;
    Ok(svg)
}

fn draw(
    svg: &mut String,
    bars: &[(f64, f64, u64)],
    range: std::ops::Range<f64>,
    most: u64,
    label: &dyn Fn(&f64) -> String,
) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    let mut builder = ChartBuilder::on(&root);
    // A range that is too wide for a float cannot be drawn; its halves can.
    let scale = if (range.end - range.start).is_finite() { 1.0 } else { 0.25 };
    let mut chart = builder
        .margin(8)
        .x_label_area_size(28)
        .y_label_area_size(64)
        .build_cartesian_2d(range.start * scale..range.end * scale, 0.0..most.max(1) as f64 * 1.06)?;
    dressed(chart.configure_mesh())
        .disable_x_mesh()
        .x_labels(LABELS / 2)
        .y_labels(5)
        .x_label_formatter(&|value| label(&(value / scale)))
        .y_label_formatter(&|value| number::value(*value))
        .draw()?;
    let bar = |(from, to, count): &(f64, f64, u64)| {
        let gap = (to * scale - from * scale) * 0.06;
        let corners = [(from * scale + gap, 0.0), (to * scale - gap, *count as f64)];
        Rectangle::new(corners, colour().filled())
    };
    chart.draw_series(bars.iter().filter(|(_, _, count)| *count > 0).map(bar))?;
    root.present()?;
    drop(chart);
    Ok(())
}

/// A bar for each value, side by side whatever lies between them.
fn one_each(svg: &mut String, bins: &[Bin], most: u64) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    let mut builder = ChartBuilder::on(&root);
    // A single one has room for two: of one segment plotters makes none.
    let last = bins.len().saturating_sub(1).max(1);
    let mut chart = builder
        .margin(8)
        .x_label_area_size(28)
        .y_label_area_size(64)
        .build_cartesian_2d((0..last).into_segmented(), 0.0..most.max(1) as f64 * 1.06)?;
    let label = |at: &SegmentValue<usize>| match at {
        SegmentValue::CenterOf(at) => bins.get(*at).map_or_else(String::new, |bin| number::value(bin.from)),
        _ => String::new(),
    };
    dressed(chart.configure_mesh())
        .disable_x_mesh()
        .x_labels(bins.len().min(LABELS))
        .y_labels(5)
        .x_label_formatter(&label)
        .y_label_formatter(&|value| number::value(*value))
        .draw()?;
    let bar = |(at, bin): (usize, &Bin)| {
        let corners = [(SegmentValue::Exact(at), 0.0), (SegmentValue::Exact(at + 1), bin.count as f64)];
        let mut bar = Rectangle::new(corners, colour().filled());
        bar.set_margin(0, 0, 6, 6);
        bar
    };
    chart.draw_series(bins.iter().enumerate().map(bar))?;
    root.present()?;
    drop(chart);
    Ok(())
}

fn colour() -> RGBColor {
    let [first, ..] = SERIES;
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{histogram as bins, sorted};

    #[test]
    fn every_bar_is_drawn() {
        let svg = histogram(&bins(&sorted([1.0, 1.0, 2.0, 7.0])).unwrap()).unwrap();
        assert_eq!(svg.matches("fill=\"#000001\"").count(), 3, "{svg}");
        let svg = histogram(&bins(&sorted((0..1000).map(|n| f64::from(n % 97)))).unwrap()).unwrap();
        assert!(svg.matches("fill=\"#000001\"").count() > 5, "{svg}");
        assert!(!svg.contains("style="), "the policy of the page allows no inline styles");
        let svg = histogram(&bins(&sorted([7.0])).unwrap()).unwrap();
        assert!(svg.matches("fill=\"#000001\"").count() == 1 && !svg.contains("width=\"-"), "{svg}");
        let svg = counts(&[(0.0, 5), (1.0, 0), (2.0, 7)], 3.0).unwrap();
        assert_eq!(svg.matches("fill=\"#000001\"").count(), 2, "{svg}");
    }

    #[test]
    fn extremes_are_drawn() {
        for values in
            [vec![3.0], (0..99).map(|n| f64::from(n) * 1e306 - 5e307).collect(), vec![f64::MAX, -f64::MAX]]
        {
            histogram(&bins(&sorted(values)).unwrap()).unwrap();
        }
        let wide: Vec<f64> = (0..99)
            .map(|n| if n % 2 == 0 { f64::MAX / f64::from(n + 1) } else { -f64::MAX / f64::from(n) })
            .collect();
        histogram(&bins(&sorted(wide)).unwrap()).unwrap();
        counts(&[], 0.0).unwrap();
    }
}
