//! Forms that choose what a view is about; they send their choice as an address, like a link.

use maud::{Markup, html};

use super::fields::Offered;
use crate::page::ask::Ask;
use crate::page::text::{CELL, plain};

/// A choice in a form.
pub(crate) struct Choice<'a> {
    /// What the address calls it.
    pub(crate) name: &'a str,
    pub(crate) label: &'a str,
    pub(crate) chosen: Option<&'a str>,
    /// What stands for no choice, if one may choose nothing.
    pub(crate) none: Option<&'a str>,
    pub(crate) offered: Vec<&'a str>,
}

impl<'a> Choice<'a> {
    /// Among the KAPIs; ids are none.
    pub(crate) fn kapi(fields: &'a [Offered], chosen: Option<&'a str>) -> Choice<'a> {
        let offered =
            fields.iter().filter(|field| field.is_measured()).map(|field| field.name.as_str()).collect();
        Choice { name: "kapi", label: "KAPI", chosen, none: None, offered }
    }

    fn html(&self) -> Markup {
        let missing = self.chosen.filter(|chosen| !self.offered.contains(chosen));
        html! {
            label {
                (self.label)
                select name=(self.name) {
                    @if let Some(none) = self.none { option value="" { (none) } }
                    @for name in missing.iter().chain(&self.offered) {
                        option value=(name) selected[self.chosen == Some(name)] { (plain(name, CELL)) }
                    }
                }
            }
        }
    }
}

/// A form with these choices; what else is in the address stays.
pub(crate) fn form(ask: &Ask, choices: &[Choice<'_>]) -> Markup {
    let own = |name: &str| name == "page" || choices.iter().any(|choice| choice.name == name);
    html! {
        form.filter method="get" action=(ask.path) {
            @for (name, value) in ask.pairs().iter().filter(|(name, _)| !own(name)) {
                input type="hidden" name=(name) value=(value);
            }
            @for choice in choices { (choice.html()) }
            button { "Show" }
        }
    }
}
