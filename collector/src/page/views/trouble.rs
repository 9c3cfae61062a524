//! Why something cannot be shown.

use maud::html;

use crate::page::text::{LINE, shown};
use crate::page::trouble::Trouble;
use crate::page::view::{Area, View};

pub(crate) fn view(trouble: &Trouble) -> View {
    let title = trouble.status.canonical_reason().unwrap_or("Not shown");
    View::new(Area::Words, title).html(html! {
        p.notice.bad role="alert" { (shown(&trouble.sentence, LINE)) }
        p { a href="/" { "Live view" } ", or the " a href="/classes" { "ARC classes" } "." }
    })
}
