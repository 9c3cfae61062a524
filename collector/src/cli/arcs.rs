//! Merges records into ARCs.
//!
//! An ARC is everything exported under one main context id. Its fields and those of its sub-contexts
//! merge as they arrive, later ones win. The number and size of the ARCs kept is bounded: the oldest
//! are given out early, and what still arrives for them counts as a new ARC.

use std::collections::{HashMap, VecDeque};

use indexmap::IndexMap;
use serde_json::{Map, Value};

/// At about 1 KiB each a hundred MiB.
const MAX_ARCS: usize = 100_000;
/// All of them together, as they came over the wire; in memory they take a few times that.
const MAX_BYTES: usize = 64 << 20;
/// Contexts nest a few levels; deeper segments become one.
const MAX_SEGMENTS: usize = 64;

/// A context with the fields exported in it.
#[derive(Debug, Default)]
pub(crate) struct Context {
    pub(crate) class: Option<String>,
    pub(crate) fields: Map<String, Value>,
    /// By the segment of their id.
    pub(crate) subs: IndexMap<String, Context>,
}

/// One run of an algorithm.
#[derive(Debug, Default)]
pub(crate) struct Arc {
    pub(crate) id: String,
    pub(crate) user_id: Option<Value>,
    pub(crate) globals: Map<String, Value>,
    pub(crate) main: Context,
    bytes: usize,
}

impl Arc {
    /// The merged ARC as JSON; globals lie beneath the fields of the main context.
    pub(crate) fn json(&self) -> Value {
        let mut fields = self.globals.clone();
        fields.extend(self.main.fields.clone());
        let mut out = Map::new();
        out.insert("context".into(), self.id.clone().into());
        out.extend(self.user_id.clone().map(|id| ("user_id".to_owned(), id)));
        describe(&mut out, &self.main, fields);
        Value::Object(out)
    }
}

fn describe(out: &mut Map<String, Value>, context: &Context, fields: Map<String, Value>) {
    out.extend(context.class.clone().map(|class| ("arc_class".to_owned(), class.into())));
    out.insert("fields".into(), Value::Object(fields));
    if !context.subs.is_empty() {
        let subs = context.subs.iter().map(|(segment, sub)| {
            let mut described = Map::new();
            describe(&mut described, sub, sub.fields.clone());
            (segment.clone(), Value::Object(described))
        });
        out.insert("sub_contexts".into(), Value::Object(subs.collect()));
    }
}

/// The ARCs that are not given out yet.
#[derive(Debug, Default)]
pub(crate) struct Arcs {
    open: HashMap<String, Arc>,
    order: VecDeque<String>,
    bytes: usize,
    /// Records without a text `context` or an object `message`.
    pub(crate) strangers: u64,
}

impl Arcs {
    /// Merges one record of `size` bytes; gives the ARCs that have to go to make room.
    pub(crate) fn add(&mut self, record: Value, size: usize) -> Vec<Arc> {
        let Value::Object(mut record) = record else {
            self.strangers += 1;
            return Vec::new();
        };
        let user_id = record.shift_remove("user_id");
        let class = record.shift_remove("arc_class");
        let (Some(Value::String(context)), Some(Value::Object(message))) =
            (record.shift_remove("context"), record.shift_remove("message"))
        else {
            self.strangers += 1;
            return Vec::new();
        };
        let mut segments = context.splitn(MAX_SEGMENTS, '.');
        let id = segments.next().unwrap_or_default();
        if !self.open.contains_key(id) {
            self.order.push_back(id.to_owned());
        }
        let arc =
            self.open.entry(id.to_owned()).or_insert_with(|| Arc { id: id.to_owned(), ..Arc::default() });
        arc.bytes += size;
        self.bytes += size;
        arc.user_id = user_id.or(arc.user_id.take());
        let mut at = &mut arc.main;
        for segment in segments {
            at = at.subs.entry(segment.to_owned()).or_default();
        }
        if let Some(Value::String(class)) = class {
            at.class = Some(class);
        }
        for (field, value) in message {
            match (field.as_str(), value) {
                ("MONA_ARC_CLASS", Value::String(class)) => at.class = Some(class),
                ("MONA_GLOBALS", Value::Object(globals)) => arc.globals.extend(globals),
                (_, value) => drop(at.fields.insert(field, value)),
            }
        }
        let mut out = Vec::new();
        while self.open.len() > MAX_ARCS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.take_oldest() else { break };
            out.push(oldest);
        }
        out
    }

    /// Gives out the oldest ARC.
    pub(crate) fn take_oldest(&mut self) -> Option<Arc> {
        let arc = self.open.remove(&self.order.pop_front()?)?;
        self.bytes = self.bytes.saturating_sub(arc.bytes);
        Some(arc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
            assert!(arcs.add(record(context, message), 10).is_empty());
        }
        // Over the REST API every message carries the class of its context.
        let with_class = json!({"context": "b", "message": {"x": 2}, "arc_class": "other"});
        assert!(arcs.add(with_class, 10).is_empty());
        assert_eq!(
            arcs.take_oldest().unwrap().json().to_string(),
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
    fn records_of_others_are_counted_only() {
        let mut arcs = Arcs::default();
        for stranger in [json!({"log": "x"}), json!(1), json!({"context": "a", "message": "text"})] {
            assert!(arcs.add(stranger, 10).is_empty());
        }
        assert_eq!((arcs.strangers, arcs.open.len()), (3, 0));
    }

    #[test]
    fn the_oldest_make_room() {
        let mut arcs = Arcs::default();
        let early: usize =
            (0..MAX_ARCS + 10).map(|n| arcs.add(record(&n.to_string(), json!({"n": n})), 10).len()).sum();
        assert_eq!((early, arcs.open.len()), (10, MAX_ARCS));
        assert_eq!(arcs.take_oldest().unwrap().id, "10");

        let mut arcs = Arcs::default();
        let large = MAX_BYTES / 4 + 1;
        let early: usize =
            (0..8).map(|n| arcs.add(record(&n.to_string(), json!({"n": n})), large).len()).sum();
        assert_eq!((early, arcs.bytes <= MAX_BYTES), (5, true));
    }

    #[test]
    fn a_context_of_dots_only_does_not_nest_for_ever() {
        let mut arcs = Arcs::default();
        arcs.add(record(&".".repeat(1_000_000), json!({"n": 1})), 1_000_000);
        assert!(arcs.take_oldest().unwrap().json().to_string().len() < 2_000_000);
    }
}
