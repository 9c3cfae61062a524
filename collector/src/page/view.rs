//! What a view gives: a title, its place in the page, and parts below each other.

use maud::Markup;

use super::ask::Link;
use super::table::Table;

/// Which link of the header a view belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    Live,
    Classes,
    Changes,
    Health,
    Words,
}

/// A view of one ARC class is one of these, which lead to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    Arcs,
    Fields,
    Kapis,
    By,
    Changes,
}

/// Something below the heading.
pub(crate) enum Part {
    Html(Markup),
    /// Shown with a link to itself as CSV.
    Table(Table),
}

/// A view.
pub(crate) struct View {
    pub(crate) title: String,
    pub(crate) area: Area,
    /// The ARC class it is about, and which of its views this is.
    pub(crate) class: Option<(String, Option<Tab>)>,
    /// Where it lies: links to what is above it. The view itself is added.
    pub(crate) crumbs: Vec<(String, Link)>,
    /// Kept up to date in the browser as events arrive.
    pub(crate) live: bool,
    pub(crate) parts: Vec<Part>,
    /// Instead of all that: one text as it is.
    pub(crate) whole: Option<String>,
}

impl View {
    /// An empty view.
    pub(crate) fn new(area: Area, title: impl Into<String>) -> View {
        let title = title.into();
        View { title, area, class: None, crumbs: Vec::new(), live: false, parts: Vec::new(), whole: None }
    }

    /// A text as it is, without a page around it.
    pub(crate) fn whole(text: String) -> View {
        View { whole: Some(text), ..View::new(Area::Classes, "") }
    }

    /// An empty view of an ARC class: below the list of classes, with links to its other views.
    pub(crate) fn of_class(class: &str, tab: Tab, title: impl Into<String>) -> View {
        let area = if tab == Tab::Changes { Area::Changes } else { Area::Classes };
        let mut view = View::new(area, title).below("ARC classes", Link::to("/classes"));
        if tab != Tab::Arcs {
            view = view.below(class, Link::to("/arcs").with("class", class));
        }
        view.class = Some((class.to_owned(), Some(tab)));
        view
    }

    /// Lies below this one.
    pub(crate) fn below(mut self, title: impl Into<String>, link: Link) -> View {
        self.crumbs.push((title.into(), link));
        self
    }

    /// Is kept up to date in the browser.
    pub(crate) fn live(mut self) -> View {
        self.live = true;
        self
    }

    /// Adds some HTML.
    pub(crate) fn html(mut self, markup: Markup) -> View {
        self.parts.push(Part::Html(markup));
        self
    }

    /// Adds a table.
    pub(crate) fn table(mut self, table: Table) -> View {
        self.parts.push(Part::Table(table));
        self
    }

    /// The table of this name, or the first one.
    pub(crate) fn find(&self, name: Option<&str>) -> Option<&Table> {
        let mut tables = self.parts.iter().filter_map(|part| match part {
            Part::Table(table) => Some(table),
            Part::Html(_) => None,
        });
        tables.find(|table| name.is_none_or(|name| table.name == name))
    }
}
