//! Sums ARCs up by class, KAPI and dimension.
//!
//! Takes each ARC once, when nothing more is expected for it. Sub-contexts are grouped by their class
//! within that of their parent, whatever their ids. Bounded: what exceeds the limits is counted.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use mona_collector::View;

use crate::arcs::arc::{Arc, Context};
use crate::arcs::fields::{Field, Merger};
use crate::arcs::names::Names;
use crate::dimension::{Dimension, Wanted};
use crate::kapi::Series;

/// A series takes 32 KiB at most: all of them 128 MiB.
const MAX_SERIES: usize = 4096;
/// More ARC classes than a person reads.
const MAX_GROUPS: usize = 1000;
/// Values of one dimension; more are for a data base and not for a table.
const MAX_VALUES: usize = 100;

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

    pub(crate) fn add(&mut self, arc: &Arc, names: &Names, merger: &mut Merger) {
        self.arcs += 1;
        let fields = arc.merged(merger);
        let wanted: Vec<Wanted<'_>> = self.dimensions.iter().map(|name| Wanted::new(name)).collect();
        let found = wanted.iter().map(|wanted| {
            wanted.among(fields.iter().copied(), names).or_else(|| wanted.below(&arc.main, names))
        });
        let inherited: Vec<Option<View<'_>>> = found.collect();
        let mut room = Room {
            names,
            merger,
            series: &mut self.series,
            contexts: &mut self.contexts,
            left_out: &mut self.left_out,
        };
        room.context(&mut self.groups, &arc.main, &fields, &inherited, &wanted);
    }
}

/// What is left of the limits while one ARC is added.
struct Room<'a> {
    names: &'a Names,
    merger: &'a mut Merger,
    series: &'a mut usize,
    contexts: &'a mut usize,
    left_out: &'a mut u64,
}

impl Room<'_> {
    fn context(
        &mut self,
        groups: &mut IndexMap<String, Group>,
        context: &Context,
        fields: &[Field<'_>],
        inherited: &[Option<View<'_>>],
        wanted: &[Wanted<'_>],
    ) {
        let class = context.class.as_deref().unwrap_or(NO_CLASS);
        let index = match groups.get_index_of(class) {
            Some(index) => index,
            None if *self.contexts >= MAX_GROUPS || class.len() > MAX_NAME => {
                *self.left_out += 1;
                return;
            }
            None => {
                *self.contexts += 1;
                groups.insert_full(class.to_owned(), Group::default()).0
            }
        };
        let Some((_, group)) = groups.get_index_mut(index) else { return };
        group.count += 1;
        let names = self.names;
        let own = wanted
            .iter()
            .zip(inherited)
            .map(|(wanted, above)| wanted.among(fields.iter().copied(), names).or(*above));
        let own: Vec<Option<View<'_>>> = own.collect();
        let values: Vec<Dimension> = own.iter().map(|value| Dimension::of(*value)).collect();
        for Field { name, value } in fields {
            let Some(value) = value.number() else { continue };
            let field = names.text(*name);
            let is_dimension = wanted.iter().any(|wanted| wanted.is(field));
            if !is_dimension && !field.starts_with("MONA_") {
                self.value(group, field, value, &values);
            }
        }
        for (_, sub) in context.subs() {
            let fields = sub.merged(self.merger);
            let above = context.class.as_deref().unwrap_or_default();
            let class = sub.class.as_deref().unwrap_or_default();
            let inside: Vec<Wanted<'_>> = wanted.iter().map(|wanted| wanted.inside(class, above)).collect();
            self.context(&mut group.subs, sub, &fields, &own, &inside);
        }
    }

    fn value(&mut self, group: &mut Group, field: &str, value: f64, values: &[Dimension]) {
        let index = match group.kapis.get_index_of(field) {
            Some(index) => index,
            None if *self.series >= MAX_SERIES || field.len() > MAX_NAME => {
                *self.left_out += 1;
                return;
            }
            None => {
                *self.series += 1;
                let kapi = Kapi { all: Series::new(), by: vec![BTreeMap::new(); values.len()] };
                group.kapis.insert_full(field.to_owned(), kapi).0
            }
        };
        let Some((_, kapi)) = group.kapis.get_index_mut(index) else { return };
        kapi.all.add(value);
        for (by, dimension) in kapi.by.iter_mut().zip(values) {
            if let Some(series) = by.get_mut(dimension) {
                series.add(value);
                continue;
            }
            let dimension = if by.len() < MAX_VALUES { dimension.clone() } else { Dimension::other() };
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
    use crate::arcs::open::Arcs;
    use serde_json::{Value, json};

    fn summary(dimensions: &[&str], records: &[(&str, Value)]) -> Summary {
        let mut arcs = Arcs::default();
        for (context, message) in records {
            arcs.add_json(&json!({"context": context, "message": message}));
        }
        let mut summary = Summary::new(&dimensions.iter().map(ToString::to_string).collect::<Vec<_>>());
        while let Some(arc) = arcs.take_oldest() {
            summary.add(&arc, &arcs.names, &mut arcs.merger);
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
    fn a_dimension_of_a_sub_context_is_named_by_its_class() {
        let records = [
            ("a", json!({"MONA_ARC_CLASS": "run", "score": 1, "label": "of the run"})),
            ("a.1", json!({"MONA_ARC_CLASS": "run/detect", "label": "cat", "ms": 1})),
            ("a.2", json!({"MONA_ARC_CLASS": "run/detect", "label": "dog", "ms": 2})),
            ("a.3", json!({"MONA_ARC_CLASS": "other", "label": "no", "ms": 3})),
            ("b", json!({"MONA_ARC_CLASS": "run", "score": 2})),
            ("b.4", json!({"MONA_ARC_CLASS": "run/detect", "label": "bird", "ms": 4})),
            ("b.4", json!({"label": "dog"})),
            ("b.4.5", json!({"MONA_ARC_CLASS": "run/detect/crop", "side": 9, "ms": 5})),
        ];
        for name in ["detect.label", "run/detect.label"] {
            let summary = summary(&[name, "detect.crop.side"], &records);
            let run = &summary.groups["run"];
            let shown = |kapi: &Kapi, at: usize| {
                let by =
                    kapi.by[at].iter().map(|(value, series)| format!("{}:{}", value.text, series.mean()));
                by.collect::<Vec<_>>().join(" ")
            };
            let (detect, other) = (&run.subs["run/detect"], &run.subs["other"]);
            // That of the first sub-context that has it holds for the whole ARC, a sub-context's own for itself.
            assert_eq!(shown(&run.kapis["score"], 0), "cat:1 dog:2");
            assert_eq!(shown(&detect.kapis["ms"], 0), "cat:1 dog:3");
            assert_eq!(shown(&other.kapis["ms"], 0), "cat:3");
            assert_eq!(shown(&detect.subs["run/detect/crop"].kapis["ms"], 0), "dog:5");
            assert_eq!(shown(&run.kapis["score"], 1), "9:2 (none):1");
            assert!(!detect.subs["run/detect/crop"].kapis.contains_key("side"));
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut summary = Summary::new(&["id".to_owned()]);
        for n in 0..3000 {
            let mut arcs = Arcs::default();
            arcs.add_json(&json!({"context": "a", "message": {"MONA_ARC_CLASS": format!("c{}", n % 2), "id": n, "x": n}}));
            arcs.add_json(&json!({"context": "a", "message": {format!("k{n}"): 1}}));
            let arc = arcs.take_oldest().unwrap();
            summary.add(&arc, &arcs.names, &mut arcs.merger);
        }
        let by = &summary.groups["c0"].kapis["x"].by[0];
        assert_eq!((by.len(), by[&Dimension::other()].count()), (MAX_VALUES + 1, 1500 - MAX_VALUES as u64));
        assert_eq!(summary.series, MAX_SERIES);
        assert!(summary.left_out > 0);
    }
}
