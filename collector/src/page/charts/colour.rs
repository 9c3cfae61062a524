//! What the stylesheet knows the parts of a chart by.

use plotters::style::RGBColor;

/// The colours of series, in their order.
pub(crate) const SERIES: [RGBColor; 5] =
    [RGBColor(0, 0, 1), RGBColor(0, 0, 2), RGBColor(0, 0, 3), RGBColor(0, 0, 4), RGBColor(0, 0, 5)];
/// Lines of the grid.
pub(crate) const GRID: RGBColor = RGBColor(0, 0, 7);
/// Axes.
pub(crate) const AXIS: RGBColor = RGBColor(0, 0, 8);
