//! A few numbers that are seen first.

use maud::{Markup, html};

/// One of them.
pub(crate) struct Tile {
    pub(crate) name: &'static str,
    pub(crate) value: Markup,
    /// What it means, or where it comes from; may be empty.
    pub(crate) note: String,
    /// Whether somebody should look.
    pub(crate) bad: bool,
}

impl Tile {
    pub(crate) fn new(name: &'static str, value: impl Into<String>) -> Tile {
        Tile { name, value: html! { (value.into()) }, note: String::new(), bad: false }
    }

    pub(crate) fn markup(name: &'static str, value: Markup) -> Tile {
        Tile { name, value, note: String::new(), bad: false }
    }

    pub(crate) fn note(self, note: impl Into<String>) -> Tile {
        Tile { note: note.into(), ..self }
    }

    pub(crate) fn bad(self, bad: bool) -> Tile {
        Tile { bad, ..self }
    }
}

/// All of them, side by side.
pub(crate) fn tiles(tiles: &[Tile]) -> Markup {
    html! {
        div.tiles {
            @for tile in tiles {
                dl.tile.bad[tile.bad] {
                    dt { (tile.name) }
                    dd { (tile.value) }
                    @if !tile.note.is_empty() { dd.note { (tile.note) } }
                }
            }
        }
    }
}
