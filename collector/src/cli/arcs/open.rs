//! The ARCs for which more may come.
//!
//! Their number and size are bounded: the oldest are given out early, and what still arrives for them counts
//! as a new ARC.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;
use mona_collector::View;

use super::arc::{Arc, Context};
use super::fields::{Field, Fields, Merger};
use super::names::{Name, Names};
use super::shared::Texts;
use crate::parts::Parts;

/// At about 1 KiB each a hundred MiB.
const MAX_ARCS: usize = 100_000;
/// All of them together, as they are in memory.
const MAX_BYTES: usize = 128 << 20;
/// What a context takes beside its id and fields: places in lists, and the heads of allocations.
const CONTEXT: usize = 200;
/// Contexts nest a few levels; deeper segments become one.
const MAX_SEGMENTS: usize = 64;
/// What may be replaced and still there in a context: little where there are many, and where there are few
/// enough that fields are seldom gone over.
const FEW: usize = 1000;
const SLACK: usize = 4 << 10;
const TIGHT_SLACK: usize = 64;

#[derive(Debug)]
pub(crate) struct Arcs {
    /// The oldest first.
    list: VecDeque<Arc>,
    /// The number of the first of them; they are numbered as they come, and begin anew behind the largest.
    first: u32,
    /// Their numbers by id.
    by_id: HashTable<u32>,
    keys: RandomState,
    /// Where the last record went.
    last: usize,
    bytes: usize,
    limit: usize,
    pub(crate) names: Names,
    pub(crate) merger: Merger,
    texts: Texts,
    scratch: Vec<u8>,
    /// Records without a text `context` or an object `message`.
    pub(crate) strangers: u64,
}

impl Default for Arcs {
    fn default() -> Arcs {
        Arcs {
            list: VecDeque::new(),
            first: 0,
            by_id: HashTable::new(),
            keys: RandomState::new(),
            last: 0,
            bytes: 0,
            limit: MAX_BYTES,
            names: Names::default(),
            merger: Merger::default(),
            texts: Texts::default(),
            scratch: Vec::new(),
            strangers: 0,
        }
    }
}

impl Arcs {
    /// Holds no more than so many bytes from here on.
    #[cfg(feature = "store")]
    pub(crate) fn keep_within(&mut self, bytes: usize) {
        self.limit = self.limit.min(bytes);
    }

    /// Merges one record. Then [`Arcs::take_excess`] gives the ARCs that have to go to make room.
    pub(crate) fn add(&mut self, parts: &Parts<'_>) {
        let (Some(context), Some(message)) = (&parts.context, parts.message) else {
            self.strangers += 1;
            return;
        };
        let (id, segments) = match context.split_once('.') {
            None => (&**context, None),
            Some((id, segments)) => (id, Some(segments)),
        };
        let slack = if self.list.len() < FEW { SLACK } else { TIGHT_SLACK };
        let at = self.find(id);
        let Some(arc) = self.list.get_mut(at) else { return };
        let before = arc.bytes;
        self.scratch.clear();
        if parts.user_id.write_json(&mut self.scratch).is_ok()
            && !self.scratch.is_empty()
            && arc.user_id.as_deref().map(str::as_bytes) != Some(&self.scratch)
        {
            let user_id = self.texts.share(&String::from_utf8_lossy(&self.scratch));
            replace(&mut arc.user_id, user_id, &mut arc.bytes);
        }
        let mut place = &mut arc.main;
        for segment in segments.into_iter().flat_map(|segments| segments.splitn(MAX_SEGMENTS - 1, '.')) {
            let subs = place.subs.get_or_insert_default();
            let index = subs.get_index_of(segment).unwrap_or_else(|| {
                arc.bytes += CONTEXT + segment.len();
                subs.insert_full(segment.into(), Context::default()).0
            });
            let Some((_, sub)) = subs.get_index_mut(index) else { return };
            place = sub;
        }
        if let Some(class) = &parts.class {
            set_class(place, class, &mut self.texts, &mut arc.bytes);
        }
        let (names, merger, texts) = (&mut self.names, &mut self.merger, &mut self.texts);
        let (bytes, globals) = (&mut arc.bytes, &mut arc.globals);
        let fields_before = place.fields.bytes();
        let mut last = None;
        // Its record was walked over when it was taken.
        let _ = message.each(|name, value| {
            let name = names.name(last, &name);
            last = Some(name);
            if name == Name::CLASS
                && let Some(class) = value.as_text()
            {
                set_class(place, &class, texts, bytes);
            } else if name == Name::GLOBALS && value.is_object() {
                let fields = globals.get_or_insert_default();
                *bytes = bytes.saturating_sub(fields.bytes());
                add_all(fields, value, slack, names, merger);
                *bytes += fields.bytes();
            } else {
                place.fields.add(Field { name, value }, slack, merger);
            }
        });
        arc.bytes = (arc.bytes + place.fields.bytes()).saturating_sub(fields_before);
        self.bytes = (self.bytes + arc.bytes).saturating_sub(before);
    }

    /// Where the ARC with this id is; it begins if there is none.
    fn find(&mut self, id: &str) -> usize {
        if self.list.get(self.last).is_some_and(|arc| &*arc.id == id) {
            return self.last;
        }
        let hash = self.keys.hash_one(id);
        let place = |number: u32| number.wrapping_sub(self.first) as usize;
        let is_it = |number: &u32| self.list.get(place(*number)).is_some_and(|arc| &*arc.id == id);
        self.last = match self.by_id.find(hash, is_it) {
            Some(number) => place(*number),
            None => {
                let (keys, list, first) = (&self.keys, &self.list, self.first);
                let of = |number: &u32| {
                    let arc = list.get(number.wrapping_sub(first) as usize);
                    keys.hash_one(arc.map_or("", |arc| &*arc.id))
                };
                // There are fewer than 2^32.
                let number = first.wrapping_add(list.len() as u32);
                self.by_id.insert_unique(hash, number, of);
                let bytes = CONTEXT + id.len();
                self.bytes += bytes;
                self.list.push_back(Arc { id: id.into(), bytes, ..Arc::default() });
                self.list.len() - 1
            }
        };
        self.last
    }

    /// The class of a context that something came for.
    pub(crate) fn class_of(&mut self, context: &str) -> Option<&str> {
        let (id, segments) = context.split_once('.').map_or((context, None), |(id, rest)| (id, Some(rest)));
        let at = self.find(id);
        let mut place = &self.list.get(at)?.main;
        for segment in segments.into_iter().flat_map(|segments| segments.splitn(MAX_SEGMENTS - 1, '.')) {
            place = place.subs.as_ref()?.get(segment)?;
        }
        place.class.as_deref()
    }

    /// An ARC that has to go to make room.
    pub(crate) fn take_excess(&mut self) -> Option<Arc> {
        // Names stay while any ARC may have them: where they take half of the room all ARCs go, and then they.
        let is_full = self.list.len() > MAX_ARCS
            || self.bytes + self.names.bytes() > self.limit
            || self.names.bytes() > self.limit / 2;
        if !is_full {
            return None;
        }
        let oldest = self.take_oldest();
        if oldest.is_none() {
            self.names = Names::default();
            self.merger = Merger::default();
        }
        oldest
    }

    /// Gives out the oldest ARC.
    pub(crate) fn take_oldest(&mut self) -> Option<Arc> {
        let arc = self.list.pop_front()?;
        let number = self.first;
        if let Ok(entry) = self.by_id.find_entry(self.keys.hash_one(&*arc.id), |known| *known == number) {
            entry.remove();
        }
        self.first = self.first.wrapping_add(1);
        self.last = self.last.wrapping_sub(1);
        self.bytes = self.bytes.saturating_sub(arc.bytes);
        Some(arc)
    }
}

fn add_all(fields: &mut Fields, all: View<'_>, slack: usize, names: &mut Names, merger: &mut Merger) {
    let mut last = None;
    let _ = all.each(|name, value| {
        let name = names.name(last, &name);
        last = Some(name);
        fields.add(Field { name, value }, slack, merger);
    });
}

fn set_class(context: &mut Context, class: &str, texts: &mut Texts, bytes: &mut usize) {
    if context.class.as_deref() != Some(class) {
        replace(&mut context.class, texts.share(class), bytes);
    }
}

/// Sets a text that an ARC has once, and what the ARC takes with it.
fn replace(place: &mut Option<std::sync::Arc<str>>, text: std::sync::Arc<str>, bytes: &mut usize) {
    *bytes += text.len();
    *bytes = bytes.saturating_sub(place.replace(text).map_or(0, |old| old.len()));
}

#[cfg(test)]
impl Arcs {
    /// Merges a record that a test wrote down; gives the ARCs that have to go.
    pub(crate) fn add_json(&mut self, record: &serde_json::Value) -> Vec<Arc> {
        let text = record.to_string();
        self.add(&Parts::of_record(View::Json(text.as_bytes())).unwrap_or_else(|error| panic!("{error}")));
        std::iter::from_fn(|| self.take_excess()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    impl Arcs {
        fn text(&mut self, arc: &Arc) -> String {
            let mut out = Vec::new();
            arc.write_json(&self.names, &mut self.merger, &mut out);
            String::from_utf8(out).unwrap()
        }

        /// The oldest one as JSON.
        fn oldest(&mut self) -> String {
            let arc = self.take_oldest().unwrap();
            self.text(&arc)
        }
    }

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
            arcs.oldest(),
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
        assert_eq!((&*other.id, other.main.class.as_deref()), ("b", Some("other")));
        assert!(arcs.take_oldest().is_none());
        assert_eq!(arcs.bytes, 0);
    }

    #[test]
    fn numbers_keep_their_text_and_many_small_fields_their_price() {
        let mut arcs = Arcs::default();
        let huge = r#"{"context":"a","message":{"n":1000000000000000000000000000000,"f":1.50}}"#;
        arcs.add(&Parts::of_record(View::Json(huge.as_bytes())).unwrap());
        assert_eq!(
            arcs.oldest(),
            r#"{"context":"a","fields":{"n":1000000000000000000000000000000,"f":1.50}}"#
        );
        let many: serde_json::Map<String, Value> = (0..1000).map(|n| (n.to_string(), 1.into())).collect();
        arcs.add_json(&record("b", many.clone().into()));
        // A number for the name, one for the length, a digit; the name itself once.
        let (bytes, names) = (arcs.bytes, arcs.names.bytes());
        assert!(bytes > 1000 * 4 && names > 1000 * 64);
        for _ in 0..50 {
            arcs.add_json(&record("b", many.clone().into()));
        }
        assert!(arcs.bytes < 4 * bytes && arcs.names.bytes() == names, "they are there already");
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
        assert_eq!((arcs.strangers, arcs.list.len()), (3, 0));
    }

    #[test]
    fn the_oldest_make_room() {
        let mut arcs = Arcs::default();
        let early: usize =
            (0..MAX_ARCS + 10).map(|n| arcs.add_json(&record(&n.to_string(), json!({"n": n}))).len()).sum();
        assert_eq!((early, arcs.list.len()), (10, MAX_ARCS));
        assert_eq!(&*arcs.take_oldest().unwrap().id, "10");

        let mut arcs = Arcs { limit: 4_000, ..Arcs::default() };
        let text = "x".repeat(850);
        let early: usize =
            (0..8).map(|n| arcs.add_json(&record(&n.to_string(), json!({"n": text}))).len()).sum();
        assert_eq!((early, arcs.bytes <= 4_000), (5, true));
    }

    #[test]
    fn names_make_room_too() {
        let mut arcs = Arcs { limit: 100_000, ..Arcs::default() };
        let mut given = 0;
        for n in 0..2_000 {
            given += arcs.add_json(&record(&(n / 2).to_string(), json!({format!("name {n}"): n}))).len();
            assert!(arcs.bytes + arcs.names.bytes() < 101_000);
        }
        let all = given + arcs.list.len();
        assert!(given > 500 && (1_000..1_010).contains(&all), "{given} of {all}");
        assert!(arcs.oldest().contains(r#""name "#), "what is open keeps its names");
    }

    #[test]
    fn a_context_of_dots_only_does_not_nest_for_ever() {
        let mut arcs = Arcs::default();
        arcs.add_json(&record(&".".repeat(1_000_000), json!({"n": 1})));
        assert!(arcs.oldest().len() < 2_000_000);
    }
}
