//! Values over time as lines, each with its own colour.

use std::ops::Range;

use plotters::prelude::*;

use super::colour::SERIES;
use super::mesh::dressed;
use crate::page::number;
use crate::page::trouble::Trouble;

/// As wide as the page, in the units of the drawing.
const SIZE: (u32, u32) = (960, 280);

/// Lines of (Unix seconds, value); a value that is no number breaks its line.
pub(crate) fn lines(series: &[Vec<(f64, f64)>], from: f64, to: f64) -> Result<String, Trouble> {
    let is_long = to - from > 86_400.0;
    lines_along(series, from..to.max(from + 1.0), &|time| {
        let text = number::time(time);
        text.get(if is_long { 5..16 } else { 11..19 }).unwrap_or(&text).to_owned()
    })
}

/// The same along something else than time, which `label` says.
pub(crate) fn lines_along(
    series: &[Vec<(f64, f64)>],
    along: Range<f64>,
    label: &dyn Fn(f64) -> String,
) -> Result<String, Trouble> {
    let values = series.iter().flatten().map(|(_, value)| *value).filter(|value| value.is_finite());
    let (least, most) = values
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(value), most.max(value)));
    let (least, most) = if least <= most { (least, most) } else { (0.0, 1.0) };
    let room = if most > least { (most - least) * 0.06 } else { most.abs().max(1.0) * 0.1 };
    let mut svg = String::new();
    draw(&mut svg, series, along, least - room..most + room, label)
        .map_err(|error| Trouble::failed(format!("the chart: {error}")))?;
    Ok(svg)
}

fn draw(
    svg: &mut String,
    series: &[Vec<(f64, f64)>],
    along: Range<f64>,
    values: Range<f64>,
    label: &dyn Fn(f64) -> String,
) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    let mut builder = ChartBuilder::on(&root);
    let mut chart =
        builder.margin(8).x_label_area_size(28).y_label_area_size(64).build_cartesian_2d(along, values)?;
    dressed(chart.configure_mesh())
        .x_labels(6)
        .y_labels(5)
        .x_label_formatter(&|at| label(*at))
        .y_label_formatter(&|value| number::value(*value))
        .draw()?;
    for (points, colour) in series.iter().zip(SERIES.iter().cycle()) {
        for run in points.split(|(_, value)| !value.is_finite()).filter(|run| !run.is_empty()) {
            chart.draw_series(LineSeries::new(run.iter().copied(), colour.stroke_width(2)))?;
        }
    }
    root.present()?;
    drop(chart);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_breaks_a_line() {
        let svg =
            lines(&[vec![(0.0, 1.0), (10.0, 2.0), (20.0, f64::NAN), (30.0, 1.5), (40.0, 1.0)]], 0.0, 40.0)
                .unwrap();
        assert_eq!(svg.matches("stroke=\"#000001\"").count(), 2, "{svg}");
        assert!(!svg.contains("style="), "the policy of the page allows no inline styles");
        lines(&[], 5.0, 5.0).unwrap();
        lines(&[vec![(0.0, 3.0), (1.0, 3.0)]], 0.0, 1.0).unwrap();
    }
}
