//! Questions over more ARCs than are read at once: the same answers, and none that is older than the store.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mona_collector::store::{Filter, Reader, Retention, Sort, Store, Value};

/// More than two blocks of 32,768.
const ARCS: u64 = 70_000;
const START: u64 = 1_795_000_000;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Ten ARCs a second; each has a stage.
fn import(store: &Store, from: u64, until: u64) {
    let mut lines = String::new();
    for n in from..until {
        let time = START as f64 + n as f64 / 10.0;
        for (context, message) in [
            (format!("{n}"), format!(r#"{{"MONA_ARC_CLASS":"run","n":{n},"place":"p{}"}}"#, n % 7)),
            (
                format!("{n}.s"),
                format!(r#"{{"MONA_ARC_CLASS":"run/step","label":"l{}","ms":{}}}"#, n % 3, n % 11),
            ),
        ] {
            let _ = writeln!(
                lines,
                r#"{{"user_id":"u","context":"{context}","message":{message},"export_timestamp":{time}}}"#
            );
        }
    }
    assert_eq!(store.import(lines.as_bytes(), |_| {}).unwrap().records, 2 * (until - from));
}

fn add(store: &Store, context: &str, message: &str) {
    let record =
        format!(r#"{{"user_id":"u","context":"{context}","message":{message},"export_timestamp":{START}}}"#);
    store.add_json(&record).unwrap();
}

/// Counts and means of a KAPI by a dimension.
fn by(reader: &Reader, kapi: &str, dimensions: &[&str]) -> BTreeMap<String, (u64, f64)> {
    let groups = reader.by("run", kapi, dimensions, &Filter::default()).unwrap();
    assert_eq!(groups.others, 0);
    let name = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>().join(" ");
    groups.groups.iter().map(|group| (name(&group.values), (group.count, group.mean))).collect()
}

/// The same, worked out here.
fn expected(kapi: impl Fn(u64) -> u64, name: impl Fn(u64) -> String) -> BTreeMap<String, (u64, f64)> {
    let mut sums: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for n in 0..ARCS {
        let (count, sum) = sums.entry(name(n)).or_default();
        *count += 1;
        *sum += kapi(n);
    }
    sums.into_iter().map(|(name, (count, sum))| (name, (count, sum as f64 / count as f64))).collect()
}

fn same(one: &BTreeMap<String, (u64, f64)>, other: &BTreeMap<String, (u64, f64)>) {
    assert!(one.keys().eq(other.keys()), "{one:?} {other:?}");
    for (name, (count, mean)) in one {
        let (expected, of) = other[name];
        assert!(*count == expected && (mean - of).abs() < 1e-6, "{name}: {count} {mean}, {expected} {of}");
    }
}

#[test]
fn many_blocks_make_one_answer_that_is_never_old() {
    let store: Arc<Store> = Store::temporary().unwrap();
    import(&store, 0, ARCS);
    let reader = Reader::open(&store).unwrap().patience(Duration::from_secs(60));
    let alone = Reader::open_file(store.path()).unwrap().patience(Duration::from_secs(60));
    let all = Filter::default();
    // Worked out, remembered, and by one that remembers nothing.
    for reader in [&reader, &reader, &alone] {
        same(&by(reader, "n", &["place"]), &expected(|n| n, |n| format!("p{}", n % 7)));
        same(&by(reader, "n", &["step.label"]), &expected(|n| n, |n| format!("l{}", n % 3)));
        let two = expected(|n| n % 11, |n| format!("l{} p{}", n % 3, n % 7));
        same(&by(reader, "step.ms", &["step.label", "place"]), &two);
        let top = reader.top("run", "place", &all, 2).unwrap();
        assert_eq!((top.values, top.distinct), (vec![(text("p0"), 10_000), (text("p1"), 10_000)], 7));
        assert_eq!((top.present, top.missing), (ARCS, 0));
        let half = START as f64 + 3_500.0;
        assert_eq!(reader.rate("run", START as f64, half, 5).unwrap(), [7_000; 5]);
        let late = Filter { from: Some(half), ..Filter::default() };
        let rows = reader.arcs("run", &late, &Sort::default(), 0, 1).unwrap();
        assert_eq!((rows.matched, &rows.rows[0].context[..]), (Some(35_000), "69999"));
        let values = reader.values("run", "n", &all, ARCS as usize).unwrap();
        assert!(values.numbers.iter().copied().eq((0..ARCS).map(|n| n as f64)));
        for limit in [1_000, 20_000] {
            let values = reader.values("run", "n", &all, limit).unwrap();
            let frame = reader.frame("run", &["n", "step.ms"], &all, limit).unwrap();
            let numbers = frame.columns[0].iter().filter_map(Value::number).collect::<Vec<_>>();
            for (numbers, matched) in [(&values.numbers, values.all), (&numbers, frame.matched)] {
                assert!((limit * 2 / 5..=limit).contains(&numbers.len()), "{} of {limit}", numbers.len());
                assert!(matched == ARCS && numbers.is_sorted());
                let early = numbers.iter().filter(|n| **n < 35_000.0).count() as f64 / numbers.len() as f64;
                assert!((0.4..0.6).contains(&early), "{early}");
            }
            for (n, ms) in numbers.iter().zip(&frame.columns[1]) {
                assert_eq!(ms.number(), Some(n % 11.0));
            }
        }
    }
    // Something new, something about an old ARC, and a field that moves what a name stands for.
    add(&store, "new", r#"{"MONA_ARC_CLASS":"run","n":0,"place":"new"}"#);
    add(&store, "3", r#"{"place":"moved"}"#);
    let places = by(&reader, "n", &["place"]);
    assert_eq!((places["new"].0, places["moved"], places["p3"].0), (1, (1, 3.0), 9_999));
    add(&store, "5.other", r#"{"MONA_ARC_CLASS":"run/other","kind":"k"}"#);
    assert_eq!(by(&reader, "n", &["kind"])["k"].0, 1);
    add(&store, "6", r#"{"kind":"own"}"#);
    let kinds = by(&reader, "n", &["kind"]);
    assert_eq!((kinds["own"].0, kinds.get("k")), (1, None));
    // What another program does is seen too, a second later.
    let other = rusqlite::Connection::open(store.path()).unwrap();
    other.busy_timeout(Duration::from_secs(10)).unwrap();
    other.execute("UPDATE run SET place = 'edited' WHERE _id = 40000 * 1000000", []).unwrap();
    let begun = Instant::now();
    while !by(&reader, "n", &["place"]).contains_key("edited") {
        assert!(begun.elapsed() < Duration::from_secs(120), "an edit is never seen");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_retention_took_is_in_no_answer() {
    let retention = Retention { bytes: 4_000_000, age: None };
    let store = Store::temporary_with(retention).unwrap();
    let reader = Reader::open(&store).unwrap();
    let mut gone = false;
    for round in 0..12 {
        let lines: String = (0..2_000)
            .map(|n| {
                let message =
                    format!(r#"{{"MONA_ARC_CLASS":"run","round":{round},"text":"{}"}}"#, "t".repeat(200));
                format!(r#"{{"context":"{round}-{n}","message":{message},"export_timestamp":{START}}}"#)
                    + "\n"
            })
            .collect();
        store.import(lines.as_bytes(), |_| {}).unwrap();
        let groups = reader.by("run", "round", &["round"], &Filter::default()).unwrap();
        let class = &reader.classes().unwrap()[0];
        assert_eq!(groups.all.count, class.arcs);
        assert_eq!(reader.top("run", "round", &Filter::default(), 99).unwrap().present, class.arcs);
        let times = Filter { from: Some(START as f64), ..Filter::default() };
        let rows = reader.arcs("run", &times, &Sort::default(), 0, 1).unwrap();
        assert_eq!(rows.matched, Some(class.arcs));
        gone |= groups.groups.iter().all(|group| group.values != [Value::Int(0)]);
    }
    assert!(gone, "nothing had to go");
}
