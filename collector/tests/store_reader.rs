//! Questions to the store, and their answers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::sync::Arc;
use std::time::Duration;

use mona_collector::store::{Condition, Failure, Filter, Group, Incoming, Reader, Sort, Store, Test, Value};
use mona_collector::{Time, View};
use serde_json::json;

/// When the first ARC begins.
const START: i64 = 1_800_000_000;

fn take(store: &Store, records: &[serde_json::Value]) {
    let texts: Vec<String> = records.iter().map(ToString::to_string).collect();
    let time = Time { seconds: 1, nanoseconds: 0 };
    let records = texts.iter().map(|text| Incoming::of_record("tag", time, View::Json(text.as_bytes())));
    assert_eq!(store.take(records).unwrap().records as usize, texts.len());
}

/// 100 ARCs, one a second: score 0 to 99, country by turns, two sub-contexts `detect`, one `rank`.
fn sample() -> Arc<Store> {
    let store = Store::temporary().unwrap();
    for n in 0..100 {
        let record = |context: &str, message: serde_json::Value| json!({"user_id": "u", "context": context, "message": message, "export_timestamp": START + n});
        let (main, one, two, rank) =
            (format!("a{n}"), format!("a{n}.one"), format!("a{n}.two"), format!("a{n}.rank"));
        let mut message =
            json!({"score": n, "country": (["DE", "FR", "IL"][n as usize % 3]), "ok": n % 2 == 0});
        if n % 10 == 9 {
            message["note"] = format!("100% of {n}_{n}").into();
        }
        take(
            &store,
            &[
                record(&main, json!({"MONA_ARC_CLASS": "run"})),
                record(&main, message),
                record(&one, json!({"MONA_ARC_CLASS": "detect", "label": format!("l{}", n % 4), "ms": n})),
                record(&two, json!({"MONA_ARC_CLASS": "detect", "label": "second", "ms": 1000})),
                record(&rank, json!({"MONA_ARC_CLASS": "rank", "place": n / 50})),
            ],
        );
    }
    // Another class with the same sub-contexts.
    let other = |context: &str, message: serde_json::Value| json!({"context": context, "message": message, "export_timestamp": START});
    take(
        &store,
        &[
            other("x", json!({"MONA_ARC_CLASS": "other"})),
            other("x.d", json!({"MONA_ARC_CLASS": "detect", "ms": 5_000_000})),
        ],
    );
    store
}

fn filter(field: &str, test: Test) -> Filter {
    Filter { conditions: vec![Condition { field: field.to_owned(), test }], ..Filter::default() }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[test]
fn rows_are_filtered_sorted_and_paged() {
    let store = sample();
    let reader = Reader::open(&store).unwrap();
    let scores = |filter: &Filter, sort: &Sort, skip, limit| {
        let rows = reader.arcs("run", filter, sort, skip, limit).unwrap();
        let at = rows.fields.iter().position(|field| field == "score").unwrap();
        let scores: Vec<Value> = rows.rows.iter().map(|row| row.values[at].clone()).collect();
        (scores, rows.matched)
    };
    let ints = |numbers: &[i64]| numbers.iter().map(|number| Value::Int(*number)).collect::<Vec<_>>();
    let all = Filter::default();
    assert_eq!(scores(&all, &Sort::default(), 0, 2), (ints(&[99, 98]), Some(100)));
    let oldest = Sort { by: None, ascending: true };
    assert_eq!(scores(&all, &oldest, 3, 2).0, ints(&[3, 4]));
    let by = |field: &str, ascending| Sort { by: Some(field.to_owned()), ascending };
    assert_eq!(scores(&all, &by("country", false), 0, 2).0, ints(&[98, 95]));
    assert_eq!(scores(&all, &by("note", true), 0, 1).0, ints(&[19]), "those without come last");
    assert_eq!(scores(&all, &by("detect.ms", true), 0, 2).0, ints(&[0, 1]));

    for (field, test, expected, matched) in [
        ("score", Test::Is(text("7")), vec![7], 1),
        ("country", Test::Is(text("FR")), vec![97, 94], 33),
        ("country", Test::IsNot(text("FR")), vec![99, 98], 67),
        ("ok", Test::Is(text("true")), vec![98, 96], 50),
        ("note", Test::Contains("0% of 3".into()), vec![39], 1),
        ("note", Test::Contains("9_99".into()), vec![99], 1),
        ("", Test::Anywhere("0% OF 3".into()), vec![39], 1),
        ("", Test::Anywhere("a5".into()), vec![59, 58], 11),
        ("", Test::Anywhere("' OR 1".into()), vec![], 0),
        ("note", Test::Missing, vec![98, 97], 90),
        ("note", Test::Present, vec![99, 89], 10),
        ("score", Test::Below(2.0), vec![1, 0], 2),
        ("score", Test::AtLeast(98.5), vec![99], 1),
        ("detect.label", Test::Is(text("l3")), vec![99, 95], 25),
        ("place", Test::Is(Value::Int(1)), vec![99, 98], 50),
        ("_context", Test::Is(text("a5")), vec![5], 1),
        ("_events", Test::Is(Value::Int(3)), vec![], 0),
    ] {
        let (found, count) = scores(&filter(field, test.clone()), &Sort::default(), 0, 2);
        assert_eq!((found, count), (ints(&expected), Some(matched)), "{field} {test:?}");
    }
    let range =
        Filter { from: Some(START as f64 + 10.0), until: Some(START as f64 + 13.0), conditions: Vec::new() };
    assert_eq!(scores(&range, &Sort::default(), 0, 10), (ints(&[12, 11, 10]), Some(3)));
    let row = reader.arcs("detect", &all, &oldest, 0, 1).unwrap().rows[0].clone();
    assert_eq!((row.context.as_str(), row.main, row.events, row.open), ("a0.one", 1_000_000, 1, true));

    let unknown =
        reader.arcs("run", &filter("no; DROP TABLE run", Test::Present), &oldest, 0, 1).unwrap_err();
    assert_eq!(unknown.kind, Failure::Unknown);
    assert_eq!(reader.arcs("nothing", &all, &oldest, 0, 1).unwrap_err().kind, Failure::Unknown);
}

#[test]
fn an_arc_is_a_tree_with_its_events() {
    let store = sample();
    let reader = Reader::open(&store).unwrap();
    let id = reader.find("a7").unwrap().unwrap();
    let sub = reader.find("a7.two").unwrap().unwrap();
    assert_eq!((id, sub, reader.find("a7.three").unwrap()), (8_000_000, 8_000_002, None));
    let tree = reader.arc(sub).unwrap().unwrap();
    let shown: Vec<(&str, Option<&str>, Option<i64>, i64)> = tree
        .contexts
        .iter()
        .map(|context| (context.context.as_str(), context.class.as_deref(), context.parent, context.position))
        .collect();
    let main = Some(id);
    assert_eq!(
        shown,
        [
            ("a7", Some("run"), None, 0),
            ("a7.one", Some("detect"), main, 1),
            ("a7.two", Some("detect"), main, 2),
            ("a7.rank", Some("rank"), main, 3)
        ]
    );
    assert_eq!((tree.all, tree.contexts[1].fields[1].clone()), (4, ("ms".to_owned(), Value::Int(7))));
    let events = reader.events(id, 1, 2).unwrap();
    let message: serde_json::Value = serde_json::from_str(&events[0].message).unwrap();
    assert_eq!(message, json!({"score": 7, "country": "FR", "ok": false}));
    assert_eq!(
        (events[1].context, events[0].time, events[0].tag.as_str()),
        (id + 1, START as f64 + 7.0, "tag")
    );
    assert!(reader.arc(999_000_000).unwrap().is_none());
}

#[test]
fn sub_contexts_are_dimensions_and_kapis_alike() {
    let store = sample();
    let reader = Reader::open(&store).unwrap();
    let by = |class: &str, kapi: &str, dimensions: &[&str]| {
        let groups = reader.by(class, kapi, dimensions, &Filter::default()).unwrap();
        let shown =
            groups.groups.iter().map(|Group { values, count, mean, .. }| (values.clone(), *count, *mean));
        shown.collect::<Vec<_>>()
    };
    assert_eq!(
        by("run", "score", &["country"]),
        [(vec![text("DE")], 34, 49.5), (vec![text("FR")], 33, 49.0), (vec![text("IL")], 33, 50.0)]
    );
    // The first sub-context of an ARC is the dimension.
    assert_eq!(
        by("run", "score", &["detect.label"]),
        [
            (vec![text("l0")], 25, 48.0),
            (vec![text("l1")], 25, 49.0),
            (vec![text("l2")], 25, 50.0),
            (vec![text("l3")], 25, 51.0)
        ]
    );
    // All of them are KAPIs, of this class's ARCs; what is above holds for them.
    let ms = by("run", "detect.ms", &["country", "place"]);
    assert_eq!(ms[0], (vec![text("DE"), Value::Int(0)], 34, (24.0 + 1000.0) / 2.0));
    assert_eq!(ms.iter().map(|(_, count, _)| count).sum::<u64>(), 200);
    assert_eq!(by("detect", "ms", &["country"]).iter().map(|(_, count, _)| count).sum::<u64>(), 201);
    let one = reader.by("run", "score", &[], &filter("ok", Test::Is(Value::Bool(true)))).unwrap();
    assert_eq!(
        (one.groups.len(), one.all.count, one.all.mean, one.all.least, one.all.most),
        (1, 50, 49.0, 0.0, 98.0)
    );
    assert!((one.all.variance - 850.0).abs() < 1e-9, "{}", one.all.variance);

    let top = reader.top("run", "detect.label", &Filter::default(), 2).unwrap();
    assert_eq!(
        (top.values, top.distinct, top.present, top.missing),
        (vec![(text("second"), 100), (text("l0"), 25)], 5, 200, 0)
    );
    let frame = reader
        .frame("run", &["score", "detect.label", "place"], &filter("score", Test::Below(2.0)), 10)
        .unwrap();
    assert_eq!(
        frame.columns,
        [
            vec![Value::Int(0), Value::Int(1)],
            vec![text("l0"), text("l1")],
            vec![Value::Int(0), Value::Int(0)]
        ]
    );
    assert_eq!((frame.ids, frame.matched), (vec![1_000_000, 2_000_000], 2));
    let sampled = reader.frame("run", &["score"], &Filter::default(), 30).unwrap();
    let read = sampled.columns[0].len();
    assert!((10..=30).contains(&read) && sampled.matched == 100, "{read} of {}", sampled.matched);
}

#[test]
fn a_kapi_over_time_and_how_it_lies() {
    let store = sample();
    let reader = Reader::open(&store).unwrap();
    let range =
        Filter { from: Some(START as f64), until: Some(START as f64 + 100.0), conditions: Vec::new() };
    let series = reader.series("run", "score", &range, 5).unwrap();
    let shown: Vec<(f64, u64, f64, f64, f64, f64)> = series
        .iter()
        .map(|bucket| {
            (bucket.from - START as f64, bucket.count, bucket.mean, bucket.p95, bucket.least, bucket.most)
        })
        .collect();
    assert_eq!(shown[0], (0.0, 20, 9.5, 18.0, 0.0, 19.0));
    assert_eq!(shown[4], (80.0, 20, 89.5, 98.0, 80.0, 99.0));
    assert_eq!(
        reader
            .series("run", "score", &Filter::default(), 3)
            .unwrap()
            .iter()
            .map(|bucket| bucket.count)
            .sum::<u64>(),
        100
    );
    assert_eq!(reader.rate("run", START as f64, START as f64 + 100.0, 4).unwrap(), [25; 4]);
    let histogram = reader.histogram("run", "score", &Filter::default(), 10).unwrap();
    assert_eq!(
        (histogram.counts, histogram.least, histogram.most, histogram.all),
        (vec![10; 10], 0.0, 99.0, 100)
    );
    assert!(reader.series("run", "country", &Filter::default(), 3).unwrap().is_empty());
    let values = reader.values("run", "detect.ms", &Filter::default(), 50).unwrap();
    let read = values.numbers.len();
    assert!((25..=50).contains(&read) && values.all == 200, "{read} of {}", values.all);
}

#[test]
fn who_watches_sees_the_youngest() {
    let store = sample();
    let reader = Reader::open(&store).unwrap();
    let live = reader.since(0).unwrap();
    assert_eq!((live.cursor, live.events.len(), live.skipped), (502, 200, 302));
    let last = live.events.last().unwrap();
    assert_eq!(
        (last.context.as_str(), last.class.as_deref(), last.event.message.as_str()),
        ("x.d", Some("detect"), r#"{"MONA_ARC_CLASS":"detect","ms":5000000}"#)
    );
    take(&store, &[json!({"context": "y", "message": {"n": 1}})]);
    let more = reader.since(live.cursor).unwrap();
    assert_eq!(
        (more.cursor, more.events.len(), more.skipped, more.events[0].class.clone()),
        (503, 1, 0, None)
    );
    store.refuse("a sentence");
    store.count("duplicates", 2);
    take(&store, &[json!({"context": "z", "message": {"n": 1}, "export_timestamp": "soon"})]);
    let health = reader.health().unwrap();
    let counter =
        |name: &str| health.counters.iter().find(|(counter, _)| counter == name).map(|(_, value)| *value);
    assert_eq!(
        ["records", "duplicates", "refused", "invalid_timestamps"].map(counter),
        [Some(504), Some(2), Some(1), Some(1)]
    );
    assert_eq!((health.tags, health.refusals[0].1.as_str()), (vec![("tag".to_owned(), 504)], "a sentence"));
    assert!(health.bytes > 0);
}

#[test]
fn a_question_that_takes_too_long_is_given_up() {
    let store = Store::temporary().unwrap();
    let records: Vec<serde_json::Value> =
        (0..20_000).map(|n| json!({"context": format!("c{n}"), "message": {"n": n}})).collect();
    take(&store, &records);
    let reader = Reader::open(&store).unwrap().patience(Duration::ZERO);
    let late = reader.by("(no class)", "n", &["_context"], &Filter::default()).unwrap_err();
    assert_eq!(late.kind, Failure::Late);
    let reader = reader.patience(Duration::from_secs(60));
    let groups = reader.by("(no class)", "n", &["_context"], &Filter::default()).unwrap();
    assert_eq!((groups.groups.len(), groups.others, groups.all.count), (1_000, 19_000, 20_000));
}
