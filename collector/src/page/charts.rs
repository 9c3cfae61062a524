//! Charts as SVG, drawn here and themed by the stylesheet.
//!
//! A chart says in words what it shows, and a table beside it has the numbers. It is drawn in colours that stand for
//! themselves (`#000001` is the first series): the stylesheet gives the real ones, in light and in dark.

pub(crate) mod bars;
pub(crate) mod colour;
pub(crate) mod figure;
pub(crate) mod intervals;
pub(crate) mod line;
mod mesh;
pub(crate) mod spark;
