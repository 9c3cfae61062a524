//! The KAPIs of a summary as rows of a table.

use mona_collector::ids::is_id;

use crate::dimension::below;
use crate::summary::{Group, Kapi, Summary};

/// A KAPI with the class of its ARC and its own name, `stage.field` in a sub-context.
pub(crate) struct Line<'a> {
    pub(crate) class: &'a str,
    pub(crate) name: String,
    pub(crate) kapi: &'a Kapi,
}

impl Line<'_> {
    /// Whether its numbers name things, so that their mean says nothing.
    pub(crate) fn is_id(&self) -> bool {
        let field = self.name.rsplit('.').next().unwrap_or_default();
        is_id(field, &self.kapi.all.numbers())
    }
}

/// All of a summary, a class after the other, sub-contexts after what they are in.
pub(crate) fn kapis(summary: &Summary) -> Vec<Line<'_>> {
    fn add<'a>(lines: &mut Vec<Line<'a>>, class: &'a str, prefix: &str, above: &str, group: &'a Group) {
        let named = group.kapis.iter().map(|(field, kapi)| (format!("{prefix}{field}"), kapi));
        lines.extend(named.map(|(name, kapi)| Line { class, name, kapi }));
        for (sub, group) in &group.subs {
            add(lines, class, &format!("{prefix}{}.", below(sub, above)), sub, group);
        }
    }
    let mut lines = Vec::new();
    for (class, group) in &summary.groups {
        add(&mut lines, class, "", class, group);
    }
    lines
}
