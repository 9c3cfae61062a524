//! Sums ARCs up by class, KAPI and dimension.
//!
//! Takes each ARC once, when nothing more is expected for it. Sub-contexts are grouped by their class
//! within that of their parent, whatever their ids. Bounded: what exceeds the limits is counted.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Number;

use crate::arcs::{Arc, Context};
use crate::kapi::Series;

/// A series takes 32 KiB at most: all of them 128 MiB.
const MAX_SERIES: usize = 4096;
/// More ARC classes than a person reads.
const MAX_GROUPS: usize = 1000;
/// Values of one dimension; more are for a data base and not for a table.
const MAX_VALUES: usize = 100;

/// Characters of a value; longer ones are cut, and one if they begin alike.
const MAX_TEXT: usize = 200;
/// Bytes of the name of a class or KAPI; longer ones are left out.
const MAX_NAME: usize = 1024;

/// What stands for contexts without a class.
pub(crate) const NO_CLASS: &str = "(no class)";

/// All contexts of one class at one place in the nesting.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) count: u64,
    pub(crate) kapis: IndexMap<String, Kapi>,
    pub(crate) subs: IndexMap<String, Group>,
}

#[derive(Debug)]
pub(crate) struct Kapi {
    pub(crate) all: Series,
    /// For each dimension asked for, in that order.
    pub(crate) by: Vec<BTreeMap<Dimension, Series>>,
}

/// The rank of an ARC without the field: behind all others.
const ABSENT: u8 = 3;

/// A value of a dimension, in the order of the table: numbers, texts, then what has none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Dimension {
    rank: u8,
    /// Orders numbers as integers of the same order as their values.
    number: i64,
    pub(crate) text: String,
}

impl Dimension {
    fn of(value: Option<&str>) -> Dimension {
        let Some(value) = value else {
            return Dimension { rank: ABSENT, number: 0, text: "(none)".to_owned() };
        };
        let mut text = match value.as_bytes().first() {
            Some(b'"') => serde_json::from_str(value).unwrap_or_default(),
            Some(b'[') => "(list)".to_owned(),
            Some(b'{') => "(object)".to_owned(),
            // Integers keep all of their digits; of 1.5 and 1.50 one is made.
            _ if !value.contains(['.', 'e', 'E']) => value.to_owned(),
            _ => value.parse::<Number>().map_or_else(|_| value.to_owned(), |number| number.to_string()),
        };
        if let Some((cut, _)) = text.char_indices().nth(MAX_TEXT) {
            text.truncate(cut);
            text.push('…');
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                // The order of totalOrder (IEEE 754) for the bits of a float.
                let bits = number.to_bits().cast_signed();
                let number = bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed();
                Dimension { rank: 0, number, text }
            }
            _ => Dimension { rank: 1, number: 0, text },
        }
    }

    /// Whether the ARC had the field at all.
    pub(crate) fn is_named(&self) -> bool {
        self.rank != ABSENT
    }

    fn other() -> Dimension {
        Dimension { rank: 2, number: 0, text: "(other values)".to_owned() }
    }
}

#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) dimensions: Vec<String>,
    /// By class.
    pub(crate) groups: IndexMap<String, Group>,
    pub(crate) arcs: u64,
    series: usize,
    contexts: usize,
    /// Values and contexts for which there was no room.
    pub(crate) left_out: u64,
}

impl Summary {
    pub(crate) fn new(dimensions: &[String]) -> Summary {
        Summary {
            dimensions: dimensions.to_vec(),
            groups: IndexMap::new(),
            arcs: 0,
            series: 0,
            contexts: 0,
            left_out: 0,
        }
    }

    pub(crate) fn add(&mut self, arc: &Arc) {
        self.arcs += 1;
        let fields = arc.fields();
        let named = |name: &String| fields.get(name.as_str()).copied().or_else(|| below(&arc.main, name));
        let found = self.dimensions.iter().map(named);
        let inherited: Vec<Option<&str>> = found.collect();
        let mut room = Room {
            dimensions: &self.dimensions,
            series: &mut self.series,
            contexts: &mut self.contexts,
            left_out: &mut self.left_out,
        };
        room.context(&mut self.groups, &arc.main, &fields, &inherited);
    }
}

/// The value of a field in the first sub-context that has it.
fn below<'a>(context: &'a Context, name: &str) -> Option<&'a str> {
    context
        .subs
        .values()
        .find_map(|sub| sub.fields.get(name).map(|value| &**value).or_else(|| below(sub, name)))
}

/// What counts as a KAPI: numbers, and booleans as 0 and 1.
fn number(value: &str) -> Option<f64> {
    match value.as_bytes().first()? {
        b't' => Some(1.0),
        b'f' => Some(0.0),
        b'-' | b'0'..=b'9' => value.parse().ok().filter(|value: &f64| value.is_finite()),
        _ => None,
    }
}

/// What is left of the limits while one ARC is added.
struct Room<'a> {
    dimensions: &'a [String],
    series: &'a mut usize,
    contexts: &'a mut usize,
    left_out: &'a mut u64,
}

impl Room<'_> {
    fn context(
        &mut self,
        groups: &mut IndexMap<String, Group>,
        context: &Context,
        fields: &IndexMap<&str, &str>,
        inherited: &[Option<&str>],
    ) {
        let class = context.class.as_deref().unwrap_or(NO_CLASS);
        if !groups.contains_key(class) {
            if *self.contexts >= MAX_GROUPS || class.len() > MAX_NAME {
                *self.left_out += 1;
                return;
            }
            *self.contexts += 1;
        }
        let group = groups.entry(class.to_owned()).or_default();
        group.count += 1;
        let own = self
            .dimensions
            .iter()
            .zip(inherited)
            .map(|(name, above)| fields.get(name.as_str()).copied().or(*above));
        let own: Vec<Option<&str>> = own.collect();
        let values: Vec<Dimension> = own.iter().map(|value| Dimension::of(*value)).collect();
        for (field, value) in fields {
            let is_dimension = self.dimensions.iter().any(|name| name == field);
            let reserved = field.starts_with("MONA_") || is_dimension;
            match number(value) {
                Some(value) if !reserved => self.value(group, field, value, &values),
                _ => {}
            }
        }
        for sub in context.subs.values() {
            self.context(&mut group.subs, sub, &sub.all(), &own);
        }
    }

    fn value(&mut self, group: &mut Group, field: &str, value: f64, values: &[Dimension]) {
        if !group.kapis.contains_key(field) {
            if *self.series >= MAX_SERIES || field.len() > MAX_NAME {
                *self.left_out += 1;
                return;
            }
            *self.series += 1;
        }
        let kapi = group
            .kapis
            .entry(field.to_owned())
            .or_insert_with(|| Kapi { all: Series::new(), by: vec![BTreeMap::new(); values.len()] });
        kapi.all.add(value);
        for (by, dimension) in kapi.by.iter_mut().zip(values) {
            let known = by.contains_key(dimension);
            let dimension =
                if known || by.len() < MAX_VALUES { dimension.clone() } else { Dimension::other() };
            if !by.contains_key(&dimension) {
                if *self.series >= MAX_SERIES {
                    *self.left_out += 1;
                    continue;
                }
                *self.series += 1;
            }
            by.entry(dimension).or_insert_with(Series::new).add(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arcs::Arcs;
    use serde_json::{Value, json};

    fn summary(dimensions: &[&str], records: &[(&str, Value)]) -> Summary {
        let mut arcs = Arcs::default();
        for (context, message) in records {
            arcs.add_json(&json!({"context": context, "message": message}));
        }
        let mut summary = Summary::new(&dimensions.iter().map(ToString::to_string).collect::<Vec<_>>());
        while let Some(arc) = arcs.take_oldest() {
            summary.add(&arc);
        }
        summary
    }

    #[test]
    fn unique_ids_fall_into_one_group() {
        let summary = summary(
            &[],
            &[
                ("a", json!({"MONA_ARC_CLASS": "run"})),
                ("a.4f2c", json!({"MONA_ARC_CLASS": "step", "ms": 2})),
                ("a.99aa", json!({"MONA_ARC_CLASS": "step", "ms": 4})),
                ("b", json!({"MONA_ARC_CLASS": "run", "ok": true, "name": "x", "MONA_X": 1})),
                ("b.0001", json!({"ms": 9})),
            ],
        );
        let run = &summary.groups["run"];
        assert_eq!((summary.arcs, run.count, run.subs["step"].count, run.subs[NO_CLASS].count), (2, 2, 2, 1));
        assert_eq!(run.subs["step"].kapis["ms"].all.mean(), 3.0);
        assert_eq!(run.kapis.keys().collect::<Vec<_>>(), ["ok"]);
    }

    #[test]
    fn a_dimension_holds_for_the_whole_arc() {
        let summary = summary(
            &["label"],
            &[
                ("a", json!({"score": 1})),
                ("a.s", json!({"label": 10, "ms": 5})),
                ("b", json!({"score": 3, "label": 9})),
                ("b.s", json!({"ms": 7})),
                ("c", json!({"score": 5})),
            ],
        );
        let group = &summary.groups[NO_CLASS];
        let texts = |kapi: &Kapi| kapi.by[0].keys().map(|value| value.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&group.kapis["score"]), ["9", "10", "(none)"]);
        assert_eq!(texts(&group.subs[NO_CLASS].kapis["ms"]), ["9", "10"]);
        assert!(!group.kapis.contains_key("label"));
    }

    #[test]
    fn dimensions_sort_as_people_expect() {
        let values =
            [json!("b"), json!(10), json!("9"), json!(-1.5), json!(-20), json!("a"), json!(true), json!([])];
        let mut sorted: Vec<Dimension> =
            values.iter().map(|value| Dimension::of(Some(&value.to_string()))).collect();
        sorted.extend([Dimension::of(None), Dimension::other()]);
        sorted.sort();
        let texts: Vec<&str> = sorted.iter().map(|value| value.text.as_str()).collect();
        assert_eq!(texts, ["-20", "-1.5", "9", "10", "(list)", "a", "b", "true", "(other values)", "(none)"]);
    }

    #[test]
    fn memory_is_bounded() {
        let mut summary = Summary::new(&["id".to_owned()]);
        for n in 0..3000 {
            let mut arcs = Arcs::default();
            arcs.add_json(&json!({"context": "a", "message": {"MONA_ARC_CLASS": format!("c{}", n % 2), "id": n, "x": n}}));
            arcs.add_json(&json!({"context": "a", "message": {format!("k{n}"): 1}}));
            summary.add(&arcs.take_oldest().unwrap());
        }
        let by = &summary.groups["c0"].kapis["x"].by[0];
        assert_eq!((by.len(), by[&Dimension::other()].count()), (MAX_VALUES + 1, 1500 - MAX_VALUES as u64));
        assert_eq!(summary.series, MAX_SERIES);
        assert!(summary.left_out > 0);
    }
}
