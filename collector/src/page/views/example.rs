//! An example of a view: a chart with a table beside it.

use maud::html;

use crate::page::ask::Ask;
use crate::page::charts::figure::figure;
use crate::page::charts::line::lines;
use crate::page::number;
use crate::page::shared::Shared;
use crate::page::table::{Cell, Column, Table};
use crate::page::trouble::Trouble;
use crate::page::view::{Tab, View};
use crate::page::words::{DIMENSION, KAPI, what_is};

pub(crate) fn view(ask: &Ask, _: &Shared) -> Result<View, Trouble> {
    let class = ask.get("class").unwrap_or("digit-classifier");
    let to = number::now();
    let from = to - 3_600.0;
    let points: Vec<(f64, f64)> =
        (0..60).map(f64::from).map(|n| (from + n * 60.0, (n / 9.0).sin())).collect();
    let mut table = Table::new(
        "confidence",
        "confidence, minute by minute",
        vec![Column::numbers("from"), Column::numbers("mean")],
    );
    for (time, mean) in &points {
        table.row(vec![Cell::time(*time), Cell::value(*mean)]);
    }
    let svg = lines(std::slice::from_ref(&points), from, to)?;
    let chart =
        figure("kapi", "confidence over time", "The mean of each minute of the last hour.", &svg, &["mean"]);
    Ok(View::of_class(class, Tab::Kapis, "confidence")
        .html(html! { (what_is(&[&KAPI, &DIMENSION])) (chart) })
        .table(table))
}
