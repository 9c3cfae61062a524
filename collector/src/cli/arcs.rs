//! Merges records into ARCs.
//!
//! An ARC is everything exported under one main context id. Its fields and those of its sub-contexts
//! merge as they arrive, later ones win. The number and size of the ARCs kept is bounded: the oldest
//! are given out early, and what still arrives for them counts as a new ARC.

use std::collections::{HashMap, VecDeque};

use indexmap::IndexMap;
use mona_collector::{Floats, View};

use crate::parts::{Parts, quoted};

/// At about 1 KiB each a hundred MiB.
const MAX_ARCS: usize = 100_000;
/// All of them together, as they are in memory.
const MAX_BYTES: usize = 128 << 20;
/// What a field takes beside its name and value, and what a context takes: places in lists, and the heads
/// of allocations.
const FIELD: usize = 120;
const CONTEXT: usize = 400;
/// Contexts nest a few levels; deeper segments become one.
const MAX_SEGMENTS: usize = 64;

/// Fields by their name, in the order they came; their values are JSON text.
pub(crate) type Texts = IndexMap<String, Box<str>>;

/// A context with the fields exported in it.
#[derive(Debug, Default)]
pub(crate) struct Context {
    pub(crate) class: Option<String>,
    pub(crate) fields: Texts,
    /// By the segment of their id.
    pub(crate) subs: IndexMap<String, Context>,
}

/// One run of an algorithm.
#[derive(Debug, Default)]
pub(crate) struct Arc {
    pub(crate) id: String,
    /// As JSON.
    pub(crate) user_id: Option<String>,
    pub(crate) globals: Texts,
    pub(crate) main: Context,
    bytes: usize,
}

impl Context {
    /// Its fields.
    pub(crate) fn all(&self) -> IndexMap<&str, &str> {
        self.fields.iter().map(|(name, value)| (name.as_str(), &**value)).collect()
    }
}

impl Arc {
    /// All its own fields: globals lie beneath the fields of the main context.
    pub(crate) fn fields(&self) -> IndexMap<&str, &str> {
        let all = self.globals.iter().chain(&self.main.fields);
        all.map(|(name, value)| (name.as_str(), &**value)).collect()
    }

    /// The merged ARC as JSON.
    pub(crate) fn json(&self) -> String {
        let mut out = format!("{{\"context\":{}", quoted(&self.id));
        if let Some(user_id) = &self.user_id {
            out.push_str(",\"user_id\":");
            out.push_str(user_id);
        }
        describe(&mut out, true, &self.main, self.fields());
        out.push('}');
        out
    }
}

fn describe(out: &mut String, mut more: bool, context: &Context, fields: IndexMap<&str, &str>) {
    let mut name = |out: &mut String, name: &str| {
        out.push_str(if std::mem::replace(&mut more, true) { "," } else { "" });
        out.push_str(&quoted(name));
        out.push(':');
    };
    if let Some(class) = &context.class {
        name(out, "arc_class");
        out.push_str(&quoted(class));
    }
    name(out, "fields");
    object(out, fields, |out, value| out.push_str(value));
    if !context.subs.is_empty() {
        name(out, "sub_contexts");
        object(out, &context.subs, |out, sub| {
            out.push('{');
            describe(out, false, sub, sub.all());
            out.push('}');
        });
    }
}

fn object<N: AsRef<str>, V>(
    out: &mut String,
    fields: impl IntoIterator<Item = (N, V)>,
    write: impl Fn(&mut String, V),
) {
    out.push('{');
    for (at, (name, value)) in fields.into_iter().enumerate() {
        out.push_str(if at > 0 { "," } else { "" });
        out.push_str(&quoted(name.as_ref()));
        out.push(':');
        write(out, value);
    }
    out.push('}');
}

/// The ARCs that are not given out yet.
#[derive(Debug)]
pub(crate) struct Arcs {
    open: HashMap<String, Arc>,
    order: VecDeque<String>,
    bytes: usize,
    limit: usize,
    /// The value that is being kept.
    scratch: Vec<u8>,
    /// Records without a text `context` or an object `message`.
    pub(crate) strangers: u64,
}

impl Default for Arcs {
    fn default() -> Arcs {
        Arcs {
            open: HashMap::new(),
            order: VecDeque::new(),
            bytes: 0,
            limit: MAX_BYTES,
            scratch: Vec::new(),
            strangers: 0,
        }
    }
}

impl Arcs {
    /// Merges one record; gives the ARCs that have to go to make room.
    pub(crate) fn add(&mut self, parts: Parts<'_>) -> Vec<Arc> {
        let (Some(context), Some(message)) = (parts.context, parts.message) else {
            self.strangers += 1;
            return Vec::new();
        };
        let mut segments = context.splitn(MAX_SEGMENTS, '.');
        let id = segments.next().unwrap_or_default();
        if !self.open.contains_key(id) {
            self.order.push_back(id.to_owned());
            self.open.insert(id.to_owned(), Arc { id: id.to_owned(), ..Arc::default() });
        }
        let Some(arc) = self.open.get_mut(id) else { return Vec::new() };
        let before = arc.bytes;
        arc.bytes = arc.bytes.max(CONTEXT + 3 * id.len());
        self.scratch.clear();
        if parts.user_id.write_json(&mut self.scratch).is_ok()
            && !self.scratch.is_empty()
            && arc.user_id.as_deref().map(str::as_bytes) != Some(&self.scratch)
        {
            let user_id = String::from_utf8_lossy(&self.scratch).into_owned();
            replace(&mut arc.user_id, user_id, &mut arc.bytes);
        }
        let mut at = &mut arc.main;
        for segment in segments {
            if !at.subs.contains_key(segment) {
                arc.bytes += CONTEXT + segment.len();
            }
            at = at.subs.entry(segment.to_owned()).or_default();
        }
        if let Some(class) = parts.class {
            replace(&mut at.class, class.into_owned(), &mut arc.bytes);
        }
        for (field, value) in message {
            let globals = if field == "MONA_GLOBALS" { value.fields().unwrap_or_default() } else { None };
            let class = if field == "MONA_ARC_CLASS" { value.as_text() } else { None };
            match (class, globals) {
                (Some(class), _) => replace(&mut at.class, class.into_owned(), &mut arc.bytes),
                (_, Some(globals)) => {
                    for (name, value) in globals {
                        arc.bytes += insert(&mut arc.globals, &name, value, &mut self.scratch);
                    }
                }
                _ => arc.bytes += insert(&mut at.fields, &field, value, &mut self.scratch),
            }
        }
        self.bytes = (self.bytes + arc.bytes).saturating_sub(before);
        let mut out = Vec::new();
        while self.open.len() > MAX_ARCS || self.bytes > self.limit {
            let Some(oldest) = self.take_oldest() else { break };
            out.push(oldest);
        }
        out
    }

    /// Merges a record that a test wrote down.
    #[cfg(test)]
    pub(crate) fn add_json(&mut self, record: &serde_json::Value) -> Vec<Arc> {
        let text = record.to_string();
        self.add(Parts::of_record(View::Json(text.as_bytes())).unwrap_or_else(|error| panic!("{error}")))
    }

    /// Gives out the oldest ARC.
    pub(crate) fn take_oldest(&mut self) -> Option<Arc> {
        let arc = self.open.remove(&self.order.pop_front()?)?;
        self.bytes = self.bytes.saturating_sub(arc.bytes);
        Some(arc)
    }
}

/// Sets a text that an ARC has once, and what the ARC takes with it.
fn replace(place: &mut Option<String>, text: String, bytes: &mut usize) {
    *bytes += text.len();
    *bytes = bytes.saturating_sub(place.replace(text).map_or(0, |old| old.len()));
}

/// Sets a field; gives how much more memory that takes.
fn insert(fields: &mut Texts, name: &str, value: View<'_>, scratch: &mut Vec<u8>) -> usize {
    scratch.clear();
    // Its record was written by now, or is counted among those that could not be.
    let written = value.write_json(Floats::Null, scratch);
    let value = written.ok().and_then(|()| std::str::from_utf8(scratch).ok()).unwrap_or("null");
    match fields.get_mut(name) {
        Some(old) => {
            let more = value.len().saturating_sub(old.len());
            *old = value.into();
            more
        }
        None => {
            fields.insert(name.to_owned(), value.into());
            FIELD + name.len() + value.len()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn record(context: &str, message: Value) -> Value {
        json!({"user_id": "u", "context": context, "message": message, "export_timestamp": 1})
    }

    #[test]
    fn messages_merge_and_sub_contexts_nest() {
        let mut arcs = Arcs::default();
        for (context, message) in [
            ("a", json!({"MONA_ARC_CLASS": "digits"})),
            ("a", json!({"MONA_GLOBALS": {"model": 1, "label": "global"}})),
            ("b", json!({"x": 1})),
            ("a", json!({"label": 3, "score": 0.5})),
            ("a.one", json!({"MONA_ARC_CLASS": "stage"})),
            ("a.one.deep", json!({"n": 2})),
            ("a.one", json!({"n": 1})),
            ("a", json!({"score": 0.75})),
        ] {
            assert!(arcs.add_json(&record(context, message)).is_empty());
        }
        // Over the REST API every message carries the class of its context.
        let with_class = json!({"context": "b", "message": {"x": 2}, "arc_class": "other"});
        assert!(arcs.add_json(&with_class).is_empty());
        assert_eq!(
            arcs.take_oldest().unwrap().json(),
            json!({
                "context": "a", "user_id": "u", "arc_class": "digits",
                "fields": {"model": 1, "label": 3, "score": 0.75},
                "sub_contexts": {
                    "one": {"arc_class": "stage", "fields": {"n": 1}, "sub_contexts": {"deep": {"fields": {"n": 2}}}}
                }
            })
            .to_string()
        );
        let other = arcs.take_oldest().unwrap();
        assert_eq!((other.id.as_str(), other.main.class.as_deref()), ("b", Some("other")));
        assert!(arcs.take_oldest().is_none());
        assert_eq!(arcs.bytes, 0);
    }

    #[test]
    fn numbers_keep_their_text_and_many_small_fields_their_price() {
        let mut arcs = Arcs::default();
        let huge = r#"{"context":"a","message":{"n":1000000000000000000000000000000,"f":1.50}}"#;
        arcs.add(Parts::of_record(View::Json(huge.as_bytes())).unwrap());
        assert_eq!(
            arcs.take_oldest().unwrap().json(),
            r#"{"context":"a","fields":{"n":1000000000000000000000000000000,"f":1.50}}"#
        );
        let many: serde_json::Map<String, Value> = (0..1000).map(|n| (n.to_string(), 1.into())).collect();
        arcs.add_json(&record("b", many.clone().into()));
        let bytes = arcs.bytes;
        assert!(bytes > 1000 * FIELD);
        arcs.add_json(&record("b", many.into()));
        assert_eq!(arcs.bytes, bytes, "they are there already");
    }

    #[test]
    fn user_ids_and_classes_have_their_price() {
        let mut arcs = Arcs::default();
        let mut size = |user_id: usize, class: usize| {
            let message = json!({"MONA_ARC_CLASS": "k".repeat(class)});
            let record = json!({"user_id": "u".repeat(user_id), "context": "a", "message": message});
            assert!(arcs.add_json(&record).is_empty());
            arcs.bytes
        };
        let small = size(1, 1);
        assert_eq!(size(1000, 1), small + 999);
        assert_eq!(size(1000, 2000), small + 999 + 1999);
        assert_eq!(size(1, 1), small, "what was replaced takes nothing");
    }

    #[test]
    fn records_of_others_are_counted_only() {
        let mut arcs = Arcs::default();
        for stranger in [json!({"log": "x"}), json!(1), json!({"context": "a", "message": "text"})] {
            assert!(arcs.add_json(&stranger).is_empty());
        }
        assert_eq!((arcs.strangers, arcs.open.len()), (3, 0));
    }

    #[test]
    fn the_oldest_make_room() {
        let mut arcs = Arcs::default();
        let early: usize =
            (0..MAX_ARCS + 10).map(|n| arcs.add_json(&record(&n.to_string(), json!({"n": n}))).len()).sum();
        assert_eq!((early, arcs.open.len()), (10, MAX_ARCS));
        assert_eq!(arcs.take_oldest().unwrap().id, "10");

        let mut arcs = Arcs { limit: 4_000, ..Arcs::default() };
        let text = "x".repeat(500);
        let early: usize =
            (0..8).map(|n| arcs.add_json(&record(&n.to_string(), json!({"n": text}))).len()).sum();
        assert_eq!((early, arcs.bytes <= 4_000), (5, true));
    }

    #[test]
    fn a_context_of_dots_only_does_not_nest_for_ever() {
        let mut arcs = Arcs::default();
        arcs.add_json(&record(&".".repeat(1_000_000), json!({"n": 1})));
        assert!(arcs.take_oldest().unwrap().json().len() < 2_000_000);
    }
}
