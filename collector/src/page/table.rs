//! Tables: one model that is shown as HTML and given out as CSV.

use maud::{Markup, PreEscaped, html};

use super::ask::{Ask, Link};
use super::number;
use super::text::{CELL, cut, shown};
use super::trouble::Trouble;
use crate::store::Value;

/// What a cell shows of JSON: two lines or three.
const CODE: usize = 240;

/// One value in a table.
pub(crate) struct Cell {
    html: Markup,
    csv: String,
    /// To the right, so that digits stand below each other.
    numeric: bool,
    /// A text of somebody else's, which a spreadsheet must not take for a formula.
    foreign: bool,
}

impl Cell {
    fn new(html: Markup, csv: String) -> Cell {
        Cell { html, csv, numeric: false, foreign: false }
    }

    /// Nothing is known.
    pub(crate) fn none() -> Cell {
        Cell::new(html! { span.none aria-label="none" { "–" } }, String::new())
    }

    /// A text; cut on the page.
    pub(crate) fn text(text: &str) -> Cell {
        Cell { foreign: true, ..Cell::new(shown(text, CELL), text.to_owned()) }
    }

    /// A text that leads somewhere.
    pub(crate) fn link(text: &str, link: &Link) -> Cell {
        let html = html! { a href=(link.href()) { (shown(text, CELL)) } };
        Cell { foreign: true, ..Cell::new(html, text.to_owned()) }
    }

    /// A number of things.
    pub(crate) fn count(number: u64) -> Cell {
        Cell { numeric: true, ..Cell::new(html! { (number::count(number)) }, number.to_string()) }
    }

    /// A value, to four digits on the page and exact in CSV.
    pub(crate) fn value(number: f64) -> Cell {
        match number.is_finite() {
            true => {
                Cell { numeric: true, ..Cell::new(html! { (number::value(number)) }, number.to_string()) }
            }
            false => Cell { numeric: true, ..Cell::none() },
        }
    }

    /// A number that is there or is not.
    pub(crate) fn maybe(number: Option<f64>) -> Cell {
        Cell::value(number.unwrap_or(f64::NAN))
    }

    /// A number that the page shows as this text.
    pub(crate) fn number(text: impl Into<String>, number: impl ToString) -> Cell {
        Cell { numeric: true, ..Cell::new(html! { (text.into()) }, number.to_string()) }
    }

    /// A time in Unix seconds.
    pub(crate) fn time(seconds: f64) -> Cell {
        Cell { numeric: true, ..Cell::new(number::moment(seconds), number::stamp(seconds)) }
    }

    /// Some JSON; cut on the page.
    pub(crate) fn code(text: &str) -> Cell {
        let html = html! { code { (shown(text, CODE)) } };
        Cell { foreign: true, ..Cell::new(html, text.to_owned()) }
    }

    /// Some JSON with a link to the whole, where it is cut here or was before.
    pub(crate) fn whole(text: &str, is_cut: bool, link: &Link) -> Cell {
        let is_cut = is_cut || cut(text, CODE).1;
        let html = html! {
            code { (shown(text, CODE)) }
            @if is_cut { " " a href=(link.href()) { "The whole" } }
        };
        Cell { foreign: true, ..Cell::new(html, text.to_owned()) }
    }

    /// A text that somebody should look at.
    pub(crate) fn bad(text: &str) -> Cell {
        let html = html! { span.worse { (shown(text, CELL)) } };
        Cell { foreign: true, ..Cell::new(html, text.to_owned()) }
    }

    /// A value of a field.
    pub(crate) fn of(value: &Value) -> Cell {
        match value {
            Value::Null => Cell::none(),
            // Digits of an id stay as they are.
            Value::Int(number) => Cell::number(number.to_string(), number),
            Value::Real(number) => Cell::value(*number),
            Value::Bool(_) | Value::Text(_) => Cell::text(&value.to_string()),
        }
    }

    /// Something of our own, and what CSV has for it.
    pub(crate) fn html(html: Markup, csv: impl Into<String>) -> Cell {
        Cell::new(html, csv.into())
    }

    /// To the right.
    pub(crate) fn right(self) -> Cell {
        Cell { numeric: true, ..self }
    }
}

/// The heading of a column.
pub(crate) struct Column {
    name: String,
    /// What the address calls it, where rows can be sorted by it.
    sort: Option<String>,
    numeric: bool,
}

impl Column {
    /// A column of texts.
    pub(crate) fn new(name: impl Into<String>) -> Column {
        Column { name: name.into(), sort: None, numeric: false }
    }

    /// A column of numbers.
    pub(crate) fn numbers(name: impl Into<String>) -> Column {
        Column { numeric: true, ..Column::new(name) }
    }

    /// Whose heading sorts the rows: `sort` in the address, with a `-` before it from large to small.
    pub(crate) fn sorted(self, key: impl Into<String>) -> Column {
        Column { sort: Some(key.into()), ..self }
    }
}

/// Which part of a longer table this is.
pub(crate) struct Paging {
    /// Rows in all, where that is known.
    pub(crate) total: Option<u64>,
    /// Whether rows follow.
    pub(crate) more: bool,
}

/// Rows below headings.
pub(crate) struct Table {
    /// What the address of its CSV calls it.
    pub(crate) name: &'static str,
    caption: String,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    paging: Option<Paging>,
    /// What to do where there are no rows.
    empty: Markup,
}

impl Table {
    /// A table without rows yet.
    pub(crate) fn new(name: &'static str, caption: impl Into<String>, columns: Vec<Column>) -> Table {
        let empty = html! { "Nothing here yet." };
        Table { name, caption: caption.into(), columns, rows: Vec::new(), paging: None, empty }
    }

    /// What is shown instead of no rows: a sentence that says what to do next.
    pub(crate) fn or_else(mut self, empty: Markup) -> Table {
        self.empty = empty;
        self
    }

    /// It is a part of a longer one.
    pub(crate) fn paged(mut self, paging: Paging) -> Table {
        self.paging = Some(paging);
        self
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// As HTML, with links to sort, to turn pages and to the same as CSV.
    pub(crate) fn html(&self, ask: &Ask) -> Markup {
        let id = format!("table-{}", self.name);
        // All rows, or as many as a spreadsheet opens, whichever page this is.
        let csv = ask.link().without("page").set("table", self.name).csv();
        html! {
            div.table {
                div.caption {
                    h2 id=(id) { (shown(&self.caption, CELL)) }
                    @if !self.rows.is_empty() { a.csv href=(csv.href()) download { "CSV" } }
                }
                @if self.rows.is_empty() {
                    div.empty { (self.empty) }
                } @else {
                    div.scroll tabindex="0" role="region" aria-labelledby=(id) {
                        table {
                            thead { tr { @for column in &self.columns { (column.html(ask)) } } }
                            tbody { @for row in &self.rows { tr { (cells(row)) } } }
                        }
                    }
                }
                @if let Some(paging) = &self.paging { (paging.html(ask, self.rows.len(), &id)) }
            }
        }
    }

    /// As CSV, with headings.
    pub(crate) fn csv(&self) -> Result<Vec<u8>, Trouble> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let failed = |error: csv::Error| Trouble::failed(format!("the table as CSV: {error}"));
        writer.write_record(self.columns.iter().map(|column| harmless(&column.name))).map_err(failed)?;
        for row in &self.rows {
            let cells =
                row.iter().map(|cell| if cell.foreign { harmless(&cell.csv) } else { cell.csv.clone() });
            writer.write_record(cells).map_err(failed)?;
        }
        writer.into_inner().map_err(|error| Trouble::failed(format!("the table as CSV: {error}")))
    }
}

/// What a spreadsheet begins to calculate at, also in the wide forms of East Asian scripts; some pass by a line end.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A text that a spreadsheet would calculate gets the apostrophe that says it is text. Numbers stay.
fn harmless(text: &str) -> String {
    let is_formula = text.starts_with(FORMULA) && text.parse::<f64>().is_err();
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

fn cells(row: &[Cell]) -> Markup {
    let mut out = String::new();
    for (at, cell) in row.iter().enumerate() {
        let class = cell.numeric.then_some("number");
        let cell = match at {
            0 => html! { th scope="row" class=[class] { (cell.html) } },
            _ => html! { td class=[class] { (cell.html) } },
        };
        out.push_str(&cell.into_string());
    }
    PreEscaped(out)
}

impl Column {
    fn html(&self, ask: &Ask) -> Markup {
        let class = self.numeric.then_some("number");
        if self.name.is_empty() && self.sort.is_none() {
            return html! { td {} };
        }
        let Some(key) = &self.sort else {
            return html! { th scope="col" class=[class] { (shown(&self.name, CELL)) } };
        };
        let given = ask.get("sort").unwrap_or_default();
        let (by, down) = given.strip_prefix('-').map_or((given, false), |by| (by, true));
        let order = (by == key).then_some(if down { "descending" } else { "ascending" });
        let next =
            if by == key && !down || by != key && self.numeric { format!("-{key}") } else { key.clone() };
        let link = ask.link().without("page").set("sort", next);
        html! {
            th scope="col" class=[class] aria-sort=[order] {
                a href=(link.href()) {
                    (shown(&self.name, CELL))
                    @if let Some(order) = order { span.order aria-hidden="true" { (if order == "ascending" { "\u{a0}▲" } else { "\u{a0}▼" }) } }
                }
            }
        }
    }
}

impl Paging {
    fn html(&self, ask: &Ask, rows: usize, id: &str) -> Markup {
        let page = ask.page();
        let first = page.saturating_mul(ask.rows());
        // To the table: what is above it is known by then.
        let turn = |page: usize| format!("{}#{id}", ask.link().set("page", page + 1).href());
        html! {
            @if page > 0 || self.more || self.total.is_some() {
                nav.pages aria-label="Pages of the table" {
                    @if page > 0 { a rel="prev" href=(turn(page - 1)) { "← Previous" } }
                    span {
                        @if rows == 0 { "No rows" } @else {
                            "Rows " (number::count(first as u64 + 1)) " to " (number::count((first + rows) as u64))
                        }
                        @if let Some(total) = self.total { " of " (number::count(total)) }
                    }
                    @if self.more { a rel="next" href=(turn(page + 1)) { "Next →" } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_calculate_is_text() {
        let mut table = Table::new("x", "X", vec![Column::new("=a"), Column::numbers("n")]);
        table.row(vec![Cell::text("=1+1"), Cell::value(-0.5)]);
        table.row(vec![Cell::text("-2"), Cell::count(1234)]);
        table.row(vec![Cell::text("＝1+1"), Cell::text("\n=1")]);
        table.row(vec![Cell::text("a \"b\", c\nd"), Cell::none()]);
        let csv = String::from_utf8(table.csv().unwrap()).unwrap();
        assert_eq!(csv, "'=a,n\n'=1+1,-0.5\n-2,1234\n'＝1+1,\"'\n=1\"\n\"a \"\"b\"\", c\nd\",\n");
    }

    #[test]
    fn headings_sort() {
        let ask = Ask::new("/arcs", Some("sort=-n&page=4")).unwrap();
        let html = Column::numbers("n").sorted("n").html(&ask).into_string();
        assert!(
            html.contains("href=\"/arcs?sort=n\"") && html.contains("aria-sort=\"descending\""),
            "{html}"
        );
        let html = Column::new("m").sorted("m").html(&ask).into_string();
        assert!(html.contains("href=\"/arcs?sort=m\"") && !html.contains("aria-sort"), "{html}");
    }
}
