//! One ARC, and how it is written.

use std::sync::Arc as Shared;

use mona_collector::{Floats, View};

use super::fields::{Field, Fields, Merger};
use super::names::Names;
use super::subs::Subs;
use crate::parts::push_quoted;

/// A context with the fields exported in it.
#[derive(Debug, Default)]
pub(crate) struct Context {
    pub(crate) class: Option<Shared<str>>,
    pub(crate) fields: Fields,
    /// Most contexts have none.
    pub(crate) subs: Option<Box<Subs<Context>>>,
}

/// One run of an algorithm.
#[derive(Debug, Default)]
pub(crate) struct Arc {
    pub(crate) id: Box<str>,
    /// As JSON.
    pub(crate) user_id: Option<Shared<str>>,
    pub(crate) globals: Option<Box<Fields>>,
    pub(crate) main: Context,
    /// What it takes in memory.
    pub(super) bytes: usize,
}

impl Context {
    /// Its sub-contexts with the segments of their ids, in the order in which they came.
    pub(crate) fn subs(&self) -> impl Iterator<Item = (&str, &Context)> {
        self.subs.iter().flat_map(|subs| subs.iter())
    }

    /// The fields with the last value of each.
    pub(crate) fn merged(&self, merger: &mut Merger) -> Vec<Field<'_>> {
        merger.fields(self.fields.all())
    }
}

impl Arc {
    /// All its own fields: globals lie beneath the fields of the main context.
    pub(crate) fn merged(&self, merger: &mut Merger) -> Vec<Field<'_>> {
        let globals = self.globals.iter().flat_map(|globals| globals.all());
        merger.fields(globals.chain(self.main.fields.all()))
    }

    /// Appends the merged ARC as JSON.
    pub(crate) fn write_json(&self, names: &Names, merger: &mut Merger, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"context\":");
        push_quoted(&self.id, out);
        if let Some(user_id) = &self.user_id {
            out.extend_from_slice(b",\"user_id\":");
            out.extend_from_slice(user_id.as_bytes());
        }
        let fields = self.merged(merger);
        out.push(b',');
        describe(&self.main, &fields, names, merger, out);
        out.push(b'}');
    }
}

fn describe(context: &Context, fields: &[Field<'_>], names: &Names, merger: &mut Merger, out: &mut Vec<u8>) {
    if let Some(class) = &context.class {
        out.extend_from_slice(b"\"arc_class\":");
        push_quoted(class, out);
        out.push(b',');
    }
    out.extend_from_slice(b"\"fields\":{");
    for (at, Field { name, value }) in fields.iter().enumerate() {
        separate(at, names.text(*name), out);
        write_value(*value, out);
    }
    out.push(b'}');
    if context.subs.is_some() {
        out.extend_from_slice(b",\"sub_contexts\":{");
        for (at, (segment, sub)) in context.subs().enumerate() {
            separate(at, segment, out);
            out.push(b'{');
            describe(sub, &sub.merged(merger), names, merger, out);
            out.push(b'}');
        }
        out.push(b'}');
    }
}

/// Begins the field with this name, the first one without a comma.
fn separate(at: usize, name: &str, out: &mut Vec<u8>) {
    if at > 0 {
        out.push(b',');
    }
    push_quoted(name, out);
    out.push(b':');
}

/// Appends a value as JSON.
pub(crate) fn write_value(value: View<'_>, out: &mut Vec<u8>) {
    let from = out.len();
    // Its record was written by now, or is counted among those that could not be.
    if value.write_json(Floats::Null, out).is_err() {
        out.truncate(from);
        out.extend_from_slice(b"null");
    }
}
