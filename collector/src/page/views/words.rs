//! The field's words, all of them.

use maud::html;

use crate::page::ask::Ask;
use crate::page::shared::Shared;
use crate::page::trouble::Trouble;
use crate::page::view::{Area, View};
use crate::page::words::ALL;

pub(crate) fn view(_: &Ask, _: &Shared) -> Result<View, Trouble> {
    Ok(View::new(Area::Words, "Words").html(html! {
        dl.words {
            @for word in ALL {
                dt id=(word.id) { (word.name) }
                dd { (word.meaning) }
            }
        }
    }))
}
