//! Groups below each other: where the mean of each lies, and how sure that is.

use plotters::prelude::*;

use super::colour::{AXIS, SERIES};
use super::mesh::{FONT, dressed};
use crate::page::text::plain;
use crate::page::trouble::Trouble;

const WIDTH: u32 = 960;
/// Of one group.
const ROW: u32 = 26;
/// Axis and margins.
const AROUND: u32 = 52;
/// Letters of a name; more would leave no room for the figures.
const NAME: usize = 24;

/// One group. Without an interval only the point is drawn.
pub(crate) struct Interval {
    pub(crate) name: String,
    pub(crate) at: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Apart from the others beyond chance: drawn in another colour.
    pub(crate) stands_out: bool,
}

/// The groups from top to bottom, and a line where all of them together are.
pub(crate) fn intervals(
    groups: &[Interval],
    all: f64,
    label: &dyn Fn(f64) -> String,
) -> Result<String, Trouble> {
    let values = groups.iter().flat_map(|group| [group.low, group.at, group.high]).chain([all]);
    let (least, most) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(value), most.max(value)));
    let (least, most) = if least <= most { (least, most) } else { (0.0, 1.0) };
    let room = if most > least { (most / 2.0 - least / 2.0) * 0.08 } else { most.abs().max(1.0) * 0.1 };
    let mut svg = String::new();
    let range = (least - room).max(-f64::MAX / 4.0)..(most + room).min(f64::MAX / 4.0);
    draw(&mut svg, groups, all, range, label)
        .map_err(|error| Trouble::failed(format!("the chart: {error}")))?;
    Ok(svg)
}

fn draw(
    svg: &mut String,
    groups: &[Interval],
    all: f64,
    range: std::ops::Range<f64>,
    label: &dyn Fn(f64) -> String,
) -> Result<(), Box<dyn std::error::Error>> {
    let rows = groups.len().max(1);
    let height = AROUND + ROW * rows as u32;
    let root = SVGBackend::with_string(svg, (WIDTH, height)).into_drawing_area();
    let mut builder = ChartBuilder::on(&root);
    let top = rows as f64;
    let mut chart = builder
        .margin(8)
        .x_label_area_size(28)
        .y_label_area_size(8 * NAME as u32)
        .build_cartesian_2d(range, 0.0..top)?;
    dressed(chart.configure_mesh())
        .disable_y_mesh()
        .disable_y_axis()
        .x_labels(6)
        .x_label_formatter(&|value| label(*value))
        .draw()?;
    let [plain_colour, other_colour, ..] = SERIES;
    chart.draw_series([PathElement::new([(all, 0.0), (all, top)], AXIS.stroke_width(1))])?;
    for (at, group) in groups.iter().enumerate() {
        let middle = top - at as f64 - 0.5;
        let colour = if group.stands_out { other_colour } else { plain_colour };
        if group.low.is_finite() && group.high.is_finite() && group.low < group.high {
            chart.draw_series([PathElement::new(
                [(group.low, middle), (group.high, middle)],
                colour.stroke_width(3),
            )])?;
        }
        chart.draw_series([Circle::new((group.at, middle), 5, colour.filled())])?;
        // Names stand in the room left of the axis, which plotters gives to numbers only.
        let style = TextStyle::from(FONT.into_font()).pos(plotters::style::text_anchor::Pos::new(
            plotters::style::text_anchor::HPos::Right,
            plotters::style::text_anchor::VPos::Center,
        ));
        let (_, y) = chart.backend_coord(&(group.at, middle));
        root.draw(&Text::new(plain(&group.name, NAME), (8 * NAME as i32, y), style))?;
    }
    root.present()?;
    drop(chart);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_and_every_group_is_there() {
        let group = |name: &str, at: f64, stands_out| Interval {
            name: name.to_owned(),
            at,
            low: at - 0.1,
            high: at + 0.1,
            stands_out,
        };
        let groups =
            [group("<script>", 0.5, false), group("b\u{202e}", 0.9, true), group("", f64::MAX, false)];
        let svg = intervals(&groups, 0.7, &|value| value.to_string()).unwrap();
        assert!(svg.contains("&lt;script&gt;") && !svg.contains("<script>"), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 3, "{svg}");
        assert!(!svg.contains('\u{202e}') && !svg.contains("style="), "{svg}");
        intervals(&[], f64::NAN, &|value| value.to_string()).unwrap();
    }
}
