//! What is around a chart: its name and its description, for those who do not see it.

use maud::{Markup, PreEscaped, html};

use crate::page::text::{CELL, plain};

/// A chart with its legend below it. `svg` is what plotters wrote; `id` is another for each chart of a view.
pub(crate) fn figure(id: &str, title: &str, description: &str, svg: &str, legend: &[&str]) -> Markup {
    // Everything behind the head of the document, whose size the stylesheet gives.
    let inside = svg.find("<svg").and_then(|from| svg.get(from..)).and_then(|svg| svg.split_once('>'));
    let (head, body) = inside.unwrap_or(("<svg viewBox=\"0 0 1 1\"", "</svg>"));
    let view_box =
        head.split("viewBox=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("0 0 1 1");
    let body = body.rsplit_once("</svg>").map_or(body, |(body, _)| body);
    let [title_id, description_id] = [format!("{id}-title"), format!("{id}-desc")];
    html! {
        figure.chart {
            svg viewBox=(view_box) role="img" aria-labelledby=(title_id) aria-describedby=(description_id) {
                title id=(title_id) { (plain(title, CELL)) }
                desc id=(description_id) { (plain(description, 2_000)) }
                (PreEscaped(body))
            }
            @if !legend.is_empty() {
                ul.legend {
                    @for (at, name) in legend.iter().enumerate() { li class={ "series-" (at + 1) } { (plain(name, CELL)) } }
                }
            }
        }
    }
}
