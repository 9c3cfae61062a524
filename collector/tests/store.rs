//! The store: what is written and what is read back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::store::{
    Condition, Counts, Failure, Filter, Reader, Retention, Sort, Store, Test, Value as Cell,
};
use rusqlite::Connection;
use serde_json::{Value, json};

fn record(context: &str, message: Value) -> String {
    json!({"user_id": "u", "context": context, "message": message, "export_timestamp": 1_800_000_000})
        .to_string()
}

/// All rows of a statement, each as a list of JSON.
fn rows(store: &Store, sql: &str) -> Vec<Value> {
    let db = Connection::open(store.path()).unwrap();
    let mut query = db.prepare(sql).unwrap();
    let columns = query.column_count();
    let mut rows = query.query([]).unwrap();
    let mut all = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let cells = (0..columns).map(|at| match row.get_ref(at).unwrap() {
            rusqlite::types::ValueRef::Null => Value::Null,
            rusqlite::types::ValueRef::Integer(number) => number.into(),
            rusqlite::types::ValueRef::Real(number) => number.into(),
            rusqlite::types::ValueRef::Text(text) | rusqlite::types::ValueRef::Blob(text) => {
                String::from_utf8_lossy(text).into()
            }
        });
        all.push(Value::Array(cells.collect()));
    }
    all
}

#[test]
fn messages_merge_and_sub_contexts_are_rows() {
    let store = Store::temporary().unwrap();
    for (context, message) in [
        ("a", json!({"MONA_ARC_CLASS": "digits"})),
        ("a", json!({"MONA_GLOBALS": {"model": 1, "label": 9}})),
        ("b", json!({"x": 1})),
        ("a", json!({"label": 3, "score": 0.5})),
        ("a.one", json!({"MONA_ARC_CLASS": "stage"})),
        ("a.one.deep", json!({"n": 2})),
        ("a.one", json!({"n": 1})),
        ("a", json!({"score": 0.75, "size": {"w": 1, "h": {"d": [1]}}})),
    ] {
        assert_eq!(store.add_json(&record(context, message)).unwrap().records, 1);
    }
    assert_eq!(
        rows(
            &store,
            "SELECT _context, _events, _contexts, model, label, score, \"size.w\", \"size.h.d\" FROM digits"
        ),
        [json!(["a", 4, 3, 1, 3, 0.75, 1, "[1]"])]
    );
    assert_eq!(
        rows(&store, "SELECT _context, _position, _main, _parent, n FROM stage"),
        [json!(["a.one", 1, 1_000_000, 1_000_000, 1])]
    );
    assert_eq!(
        rows(&store, "SELECT _context, _position, _parent, n, x FROM \"(no class)\" ORDER BY _id"),
        [json!(["a.one.deep", 2, 1_000_001, 2, null]), json!(["b", 0, null, null, 1])]
    );
    assert_eq!(rows(&store, "SELECT count(*), min(time) FROM mona_events"), [json!([8, 1_800_000_000])]);
    let classes = Reader::open(&store).unwrap().classes().unwrap();
    let shown: Vec<(&str, u64, u64, u64)> =
        classes.iter().map(|class| (class.name.as_str(), class.arcs, class.contexts, class.events)).collect();
    assert_eq!(shown, [("digits", 1, 1, 4), ("(no class)", 1, 2, 2), ("stage", 0, 1, 2)]);
}

fn add(store: &Store, context: &str, message: Value) {
    assert_eq!(store.add_json(&record(context, message)).unwrap().records, 1);
}

#[test]
fn globals_lie_beneath_the_fields_of_the_main_context() {
    let store = Store::temporary().unwrap();
    add(&store, "a", json!({"MONA_ARC_CLASS": "k", "label": 1}));
    add(&store, "a", json!({"MONA_GLOBALS": {"label": 9, "model": 1}}));
    add(&store, "a.sub", json!({"MONA_GLOBALS": {"label": 9, "model": 2}}));
    assert_eq!(rows(&store, "SELECT label, model, _globals FROM k"), [json!([1, 2, "[\"model\"]"])]);
    add(&store, "a", json!({"model": 3}));
    add(&store, "a", json!({"MONA_GLOBALS": {"model": 4}}));
    assert_eq!(rows(&store, "SELECT label, model, _globals FROM k"), [json!([1, 3, null])]);
}

#[test]
fn a_class_that_comes_late_moves_the_row() {
    let store = Store::temporary().unwrap();
    add(&store, "a", json!({"x": 1, "flag": true, "list": [1, 2]}));
    add(&store, "a.s", json!({"y": 2}));
    add(&store, "a", json!({"MONA_ARC_CLASS": "late"}));
    add(&store, "a", json!({"z": "t"}));
    assert_eq!(
        rows(&store, "SELECT _id, _context, _events, x, flag, z FROM late"),
        [json!([1_000_000, "a", 3, 1, 1, "t"])]
    );
    assert_eq!(rows(&store, "SELECT _context, y FROM \"(no class)\""), [json!(["a.s", 2])]);
    let reader = Reader::open(&store).unwrap();
    let classes = reader.classes().unwrap();
    let shown: Vec<(&str, u64, u64, u64)> =
        classes.iter().map(|class| (class.name.as_str(), class.arcs, class.contexts, class.events)).collect();
    assert_eq!(shown, [("(no class)", 0, 1, 1), ("late", 1, 1, 3)]);
    // What is true stays true, and a list a list.
    add(&store, "b", json!({"MONA_ARC_CLASS": "late", "flag": false, "list": [3]}));
    for field in
        reader.fields("late").unwrap().iter().filter(|field| ["flag", "list"].contains(&field.name.as_str()))
    {
        assert!(!field.conflicts, "{field:?}");
    }
    let row = &reader.arcs("late", &Filter::default(), &Sort::default(), 0, 9).unwrap().rows[1];
    assert!(row.values.contains(&Cell::Bool(true)), "{row:?}");
}

#[test]
fn user_ids_are_those_of_the_latest_record() {
    let store = Store::temporary().unwrap();
    for (user, context) in [(json!("one"), "a"), (json!(7), "a.s"), (json!(null), "a")] {
        let record = json!({"user_id": user, "context": context, "message": {"x": 1}});
        store.add_json(&record.to_string()).unwrap();
    }
    assert_eq!(
        rows(&store, "SELECT _context, _user FROM \"(no class)\""),
        [json!(["a", "7"]), json!(["a.s", "7"])]
    );
}

#[test]
fn names_meet_in_no_column() {
    let store = Store::temporary().unwrap();
    add(
        &store,
        "a",
        json!({"MONA_ARC_CLASS": "mona_meta", "_id": 1, "Label": 2, "label": 3, "\"; DROP TABLE mona_meta; --": 4, "": 5}),
    );
    add(&store, "b", json!({"MONA_ARC_CLASS": "x\"; DELETE FROM mona_classes; --", "a'b": 1}));
    add(&store, "c", json!({"MONA_ARC_CLASS": "SQLITE_x", "select": "from"}));
    assert_eq!(
        rows(
            &store,
            "SELECT \"_id_2\", \"Label\", \"label_2\", \"\"\"; DROP TABLE mona_meta; --\", \"(empty)\" FROM class_mona_meta"
        ),
        [json!([1, 2, 3, 4, 5])]
    );
    assert_eq!(rows(&store, "SELECT \"a'b\" FROM \"x\"\"; DELETE FROM mona_classes; --\""), [json!([1])]);
    assert_eq!(rows(&store, "SELECT \"select\" FROM class_SQLITE_x"), [json!(["from"])]);
    assert_eq!(
        rows(&store, "SELECT name, tab FROM mona_classes WHERE name <> tab"),
        [json!(["mona_meta", "class_mona_meta"]), json!(["SQLITE_x", "class_SQLITE_x"])]
    );
    let reader = Reader::open(&store).unwrap();
    let all = reader.arcs("mona_meta", &Filter::default(), &Sort::default(), 0, 10).unwrap();
    assert_eq!(all.fields, ["_id", "Label", "label", "\"; DROP TABLE mona_meta; --", ""]);
    assert_eq!(all.rows[0].values, [1, 2, 3, 4, 5].map(Cell::Int));
}

#[test]
fn kinds_that_do_not_fit_are_counted_and_kept() {
    let store = Store::temporary().unwrap();
    for (context, message) in [
        (
            "a",
            r#"{"n":null,"mixed":1,"big":18446744073709551615,"deep":{"list":[1,{"x":2}]},"ok":true,"f":1.5}"#,
        ),
        ("b", r#"{"n":9223372036854775807,"mixed":"text","big":1,"deep":3,"ok":"maybe","f":1e400}"#),
        ("c", r#"{"n":-9223372036854775808,"mixed":[1],"big":1.5,"deep":{"list":null},"ok":false,"f":2}"#),
    ] {
        let record = format!(r#"{{"context":"{context}","message":{message}}}"#);
        assert_eq!(store.add_json(&record).unwrap().records, 1);
    }
    assert_eq!(
        rows(&store, "SELECT n, mixed, big, \"deep.list\", deep, ok FROM \"(no class)\" ORDER BY _id"),
        [
            json!([null, 1, "18446744073709551615", "[1,{\"x\":2}]", null, 1]),
            json!([i64::MAX, "text", "1", null, 3, "maybe"]),
            json!([i64::MIN, "[1]", "1.5", null, null, 0]),
        ]
    );
    let fields = Reader::open(&store).unwrap().fields("(no class)").unwrap();
    let shown: Vec<(&str, &str, bool)> =
        fields.iter().map(|field| (field.name.as_str(), field.kind.as_str(), field.conflicts)).collect();
    assert_eq!(
        shown,
        [
            ("mixed", "INTEGER", true),
            ("big", "TEXT", true),
            ("deep.list", "TEXT", false),
            ("ok", "BOOLEAN", true),
            ("f", "REAL", true),
            ("n", "INTEGER", false),
            ("deep", "INTEGER", false),
        ]
    );
    assert_eq!(fields[5].counts, Counts { nulls: 1, integers: 2, ..Counts::default() });
}

#[test]
fn hostile_events_are_bounded() {
    let store = Store::temporary().unwrap();
    let wide: serde_json::Map<String, Value> = (0..10_000).map(|n| (format!("f{n}"), json!(n))).collect();
    add(&store, "wide", Value::Object(wide.clone()));
    add(&store, "wide", json!({"f9999": "again", "f1": "again"}));
    add(
        &store,
        "long",
        json!({"MONA_ARC_CLASS": "k".repeat(1 << 20), "t".repeat(1 << 20): "v".repeat(1 << 20)}),
    );
    add(&store, "long.\0\u{202e}", json!({"MONA_ARC_CLASS": "a\0b\u{202e}", "nul\0": "x\0y"}));
    add(&store, &"x.".repeat(500_000), json!({"n": 1}));
    let deep = format!(r#"{{"context":"deep","message":{}1{}}}"#, r#"{"a":"#.repeat(500), "}".repeat(500));
    assert_eq!(store.add_json(&deep).unwrap().records, 1);
    for stranger in [r#"{"context":1,"message":{}}"#, r#"{"context":"a","message":[1]}"#, "[]", "1"] {
        assert_eq!(store.add_json(stranger).unwrap().strangers, 1, "{stranger}");
    }

    let reader = Reader::open(&store).unwrap();
    let fields = reader.fields("(no class)").unwrap();
    assert_eq!(fields.iter().filter(|field| field.column.is_some()).count(), 500);
    assert_eq!(fields.len(), 2_000);
    let wide_id = reader.find("wide").unwrap().unwrap();
    let tree = reader.arc(wide_id).unwrap().unwrap();
    let value = |name: &str| {
        tree.contexts[0].fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
    };
    assert_eq!((value("f1"), value("f499")), (Some(Cell::Text("again".into())), Some(Cell::Int(499))));
    assert_eq!(value("f1000"), Some(Cell::Int(1000)), "what has no column lies in _more");
    assert_eq!(
        rows(&store, "SELECT _more ->> 'f9999' FROM \"(no class)\" WHERE _context = 'wide'"),
        [json!(["again"])]
    );
    let rows_of = |field: &str| {
        let has = Condition { field: field.to_owned(), test: Test::Present };
        let filter = Filter { conditions: vec![has], ..Filter::default() };
        reader.arcs("(no class)", &filter, &Sort::default(), 0, 10).unwrap().rows.len()
    };
    assert_eq!((rows_of("f1"), rows_of("f600"), rows_of("f1999")), (1, 1, 1));

    for class in reader.classes().unwrap() {
        assert!(class.name.len() <= 256 && class.table.len() <= 130, "{}", class.name.len());
        for field in reader.fields(&class.name).unwrap() {
            assert!(field.name.len() <= 256, "{}", field.name.len());
        }
        for field in reader.fields(&class.name).unwrap().iter().step_by(150) {
            reader.top(&class.name, &field.name, &Filter::default(), 3).unwrap();
        }
    }
    let long = reader.find("long").unwrap().unwrap();
    let tree = reader.arc(long).unwrap().unwrap();
    assert_eq!(tree.contexts.len(), 2);
    let (_, cut) = &tree.contexts[0].fields[0];
    assert!(cut.to_string().len() <= 4096);
    assert_eq!(tree.contexts[1].context, "long.\0\u{202e}");
    assert_eq!(tree.contexts[1].fields, [("nul\0".to_owned(), Cell::Text("x\0y".into()))]);
    let events = reader.events(long, 0, 10).unwrap();
    assert_eq!((events.len(), events[0].cut, events[0].message.len()), (2, true, 64 << 10));
    assert!(reader.since(0).unwrap().events.iter().all(|event| event.event.message.len() <= 4 << 10));
}

#[test]
fn a_store_is_read_again_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    for round in 0..3 {
        let store = Store::open(&path, Retention::default()).unwrap();
        add(&store, "a", json!({"MONA_ARC_CLASS": "k", "x": round, format!("f{round}"): true}));
        add(&store, "a.sub", json!({"n": round}));
        add(&store, &format!("b{round}"), json!({"n": round}));
    }
    let store = Store::open(&path, Retention::default()).unwrap();
    assert_eq!(rows(&store, "SELECT _events, _contexts, x, f0, f1, f2 FROM k"), [json!([3, 2, 2, 1, 1, 1])]);
    assert_eq!(
        rows(&store, "SELECT _id, _context, n, _events FROM \"(no class)\" ORDER BY _id"),
        [
            json!([1_000_001, "a.sub", 2, 3]),
            json!([2_000_000, "b0", 0, 1]),
            json!([3_000_000, "b1", 1, 1]),
            json!([4_000_000, "b2", 2, 1]),
        ]
    );
    let other = Store::open(&path, Retention::default()).unwrap_err();
    assert_eq!(other.kind, Failure::Taken);
    assert!(other.to_string().contains("another mona-collector writes to it"), "{other}");
    drop(store);

    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let newer = Store::open(&path, Retention::default()).unwrap_err();
    assert_eq!(newer.kind, Failure::Newer);
    assert!(newer.to_string().contains("found a store of version 99"), "{newer}");
    assert_eq!(Reader::open_file(&path).unwrap_err().kind, Failure::Newer);

    let foreign = folder.path().join("foreign");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE x (y)").unwrap();
    let refused = Store::open(&foreign, Retention::default()).unwrap_err();
    assert!(refused.to_string().contains("a data base of another program"), "{refused}");
    std::fs::write(
        folder.path().join("text"),
        "not a data base, but longer than a head of one is. ".repeat(20),
    )
    .unwrap();
    let refused = Store::open(&folder.path().join("text"), Retention::default()).unwrap_err();
    assert!(refused.to_string().contains("text"), "{refused}");
}

#[test]
fn the_oldest_arcs_make_room() {
    let retention = Retention { bytes: 2_000_000, age: None };
    let store = Store::temporary_with(retention).unwrap();
    let mut largest = 0;
    for round in 0..60 {
        let text: Vec<String> = (0..400)
            .map(|n| {
                record(
                    &format!("{round}-{n}"),
                    json!({"MONA_ARC_CLASS": "k", "text": "t".repeat(400), "n": n}),
                )
            })
            .collect();
        let time = mona_collector::Time { seconds: 1, nanoseconds: 0 };
        let records = text.iter().map(|text| {
            mona_collector::store::Incoming::of_record("t", time, mona_collector::View::Json(text.as_bytes()))
        });
        store.take(records).unwrap();
        largest = largest.max(std::fs::metadata(store.path()).unwrap().len());
    }
    assert!(largest <= retention.bytes, "{largest}");
    let reader = Reader::open(&store).unwrap();
    let class = &reader.classes().unwrap()[0];
    let left = rows(&store, "SELECT count(*), sum(_events), min(_id), max(_id) FROM k");
    assert_eq!(left[0][0], json!(class.arcs));
    assert_eq!(left[0][1], json!(class.events));
    assert_eq!(left[0][3], json!(24_000_000_000i64), "the youngest is there");
    assert!(class.arcs > 200 && class.arcs < 24_000, "{}", class.arcs);
    let first = left[0][2].as_i64().unwrap();
    assert_eq!(rows(&store, "SELECT min(id) / 1000000000 * 1000000 FROM mona_records"), [json!([first])]);
    let gone = reader.health().unwrap().counters.iter().find(|(name, _)| name == "arcs_removed").unwrap().1;
    assert_eq!(gone + class.arcs, 24_000);
    // What is gone and comes again is new.
    add(&store, "0-0", json!({"MONA_ARC_CLASS": "k", "again": true}));
    assert_eq!(reader.find("0-0").unwrap(), Some(24_001_000_000));
}

#[test]
fn one_endless_arc_loses_its_oldest_events() {
    let store = Store::temporary_with(Retention { bytes: 2_000_000, age: None }).unwrap();
    for n in 0..600 {
        add(&store, "a", json!({"MONA_ARC_CLASS": "k", "text": "t".repeat(10_000), "n": n}));
    }
    assert!(std::fs::metadata(store.path()).unwrap().len() <= 2_000_000);
    assert_eq!(rows(&store, "SELECT _events, n FROM k"), [json!([600, 599])]);
    let last = rows(&store, "SELECT count(*) > 10, max(message ->> 'n') FROM mona_events");
    assert_eq!(last, [json!([1, 599])]);
}
