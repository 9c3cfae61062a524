//! What arrives now.

use maud::html;

use crate::page::ask::Ask;
use crate::page::shared::Shared;
use crate::page::trouble::Trouble;
use crate::page::view::{Area, View};
use crate::page::words::{ARC, CLASS, EVENT, what_is};

pub(crate) fn view(_: &Ask, shared: &Shared) -> Result<View, Trouble> {
    let endpoint = shared.endpoints.first().map_or("tcp://127.0.0.1:24224", String::as_str);
    Ok(View::new(Area::Live, "Live").live().html(html! {
        (what_is(&[&ARC, &CLASS, &EVENT]))
        div.empty {
            p { "Nothing has arrived yet. Start a program that exports with libmona, with" }
            pre { "MONA_ENDPOINT=" (endpoint) }
        }
    }))
}
