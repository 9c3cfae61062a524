//! What is around every view: header, breadcrumbs, the links between the views of a class, footer.

use maud::{DOCTYPE, Markup, html};

use super::ask::{Ask, Link};
use super::text::{CELL, plain, shown};
use super::view::{Area, Part, Tab, View};

const AREAS: [(Area, &str, &str); 5] = [
    (Area::Live, "Live", "/"),
    (Area::Classes, "ARC classes", "/classes"),
    (Area::Changes, "What changed", "/changes"),
    (Area::Health, "Delivery", "/health"),
    (Area::Words, "Words", "/words"),
];

const TABS: [(Tab, &str, &str); 5] = [
    (Tab::Arcs, "ARCs", "/arcs"),
    (Tab::Kapis, "KAPIs", "/kapis"),
    (Tab::By, "By dimension", "/by"),
    (Tab::Fields, "Fields", "/fields"),
    (Tab::Changes, "What changed", "/changes"),
];

/// A view as a whole page.
pub(crate) fn page(ask: &Ask, view: &View) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (plain(&view.title, CELL)) " · mona-collector" }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/style.css";
                script src="/assets/page.js" defer {}
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                (header(view))
                main id="main" tabindex="-1" {
                    (crumbs(view))
                    h1 { (shown(&view.title, CELL)) }
                    (tabs(view))
                    @for (at, part) in view.parts.iter().enumerate() {
                        div.part id={ "part-" (at) } data-live[view.live] {
                            @match part {
                                Part::Html(markup) => (markup),
                                Part::Table(table) => (table.html(ask)),
                            }
                        }
                    }
                }
                footer { "mona-collector " (env!("CARGO_PKG_VERSION")) " · times are UTC; point at one for yours" }
            }
        }
    }
}

fn header(view: &View) -> Markup {
    html! {
        header.top {
            a.brand href="/" { img src="/assets/icon.svg" alt=""; "mona-collector" }
            nav aria-label="Views" {
                ul {
                    @for (area, name, path) in AREAS {
                        li { a href=(path) aria-current=[(area == view.area).then_some("page")] { (name) } }
                    }
                }
            }
            @if view.live {
                div.status {
                    span id="live-status" role="status" data-state="still" { "As of when it was loaded" }
                    button id="live-pause" type="button" hidden { "Pause" }
                }
            }
        }
    }
}

fn crumbs(view: &View) -> Markup {
    html! {
        @if !view.crumbs.is_empty() {
            nav.crumbs aria-label="Breadcrumbs" {
                ol {
                    @for (title, link) in &view.crumbs { li { a href=(link.href()) { (shown(title, CELL)) } } }
                    li { span aria-current="page" { (shown(&view.title, CELL)) } }
                }
            }
        }
    }
}

fn tabs(view: &View) -> Markup {
    html! {
        @if let Some((class, Some(current))) = &view.class {
            nav.tabs aria-label="Views of this ARC class" {
                ul {
                    @for (tab, name, path) in TABS {
                        @let link = Link::to(path).with("class", class);
                        li { a href=(link.href()) aria-current=[(tab == *current).then_some("page")] { (name) } }
                    }
                }
            }
        }
    }
}
