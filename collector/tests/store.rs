//! The store: what is written and what is read back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::store::{Reader, Store};
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
