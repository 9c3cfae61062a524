//! How axes and grid look, in every chart.

use plotters::chart::MeshStyle;
use plotters::coord::ranged1d::Ranged;
use plotters::prelude::DrawingBackend;
use plotters::style::colors::TRANSPARENT;

use super::colour::{AXIS, GRID};

/// What plotters estimates the width of labels by; the stylesheet has the real font.
pub(crate) const FONT: (&str, u32) = ("sans-serif", 12);

/// The same mesh in our colours and font, without fine lines.
pub(crate) fn dressed<'a, 'b, X: Ranged, Y: Ranged, DB: DrawingBackend>(
    mut mesh: MeshStyle<'a, 'b, X, Y, DB>,
) -> MeshStyle<'a, 'b, X, Y, DB> {
    mesh.light_line_style(TRANSPARENT).bold_line_style(GRID).axis_style(AXIS).label_style(FONT);
    mesh
}
