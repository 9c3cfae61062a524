//! The vectors in tests/conformance/arcs, played into the store: what records come to as ARCs. The assembler in
//! scale/assembler plays the same.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::collections::BTreeMap;
use std::path::Path;

use mona_collector::store::{Reader, Store, Value as Cell};
use rusqlite::Connection;
use serde_json::{Value, json};

/// All vectors with the names of their files.
fn vectors() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance/arcs");
    let mut vectors = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let list: Vec<Value> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        vectors.extend(list.into_iter().map(|vector| (format!("{name}: {}", vector["name"]), vector)));
    }
    assert!(vectors.len() > 30);
    vectors
}

/// The names of fields whose values are those of globals.
fn globals(db: &Connection, class: Option<&str>, id: i64) -> Vec<String> {
    let class = class.unwrap_or("(no class)");
    let table: String =
        db.query_row("SELECT tab FROM mona_classes WHERE name = ?1", [class], |row| row.get(0)).unwrap();
    let names: Option<String> = db
        .query_row(&format!("SELECT _globals FROM \"{table}\" WHERE _id = ?1"), [id], |row| row.get(0))
        .unwrap();
    names.map(|names| serde_json::from_str(&names).unwrap()).unwrap_or_default()
}

fn shown(store: &Store, reader: &Reader, main: &str) -> Value {
    let db = Connection::open(store.path()).unwrap();
    let id = reader.find(main).unwrap().unwrap_or_else(|| panic!("no ARC {main}"));
    let tree = reader.arc(id).unwrap().unwrap();
    let contexts = tree.contexts.iter().map(|context| {
        let fields: BTreeMap<&str, Value> =
            context.fields.iter().map(|(name, value)| (name.as_str(), cell(value))).collect();
        // A name may stay in the list when its value is gone.
        let mut globals = globals(&db, context.class.as_deref(), context.id);
        globals.retain(|name| fields.contains_key(name.as_str()));
        globals.sort();
        json!({
            "context": context.context,
            "arc_class": context.class.as_deref().unwrap_or_default(),
            "position": context.position,
            "parent": context.parent.map_or(-1, |parent| parent - id),
            "started": context.first,
            "ended": context.last,
            "events": context.events,
            "globals": globals,
            "fields": fields,
        })
    });
    json!({"user_id": tree.contexts[0].user, "contexts": contexts.collect::<Vec<_>>()})
}

fn cell(value: &Cell) -> Value {
    match value {
        Cell::Null => Value::Null,
        Cell::Bool(yes) => (*yes).into(),
        Cell::Int(number) => (*number).into(),
        Cell::Real(number) => (*number).into(),
        Cell::Text(text) => text.as_str().into(),
    }
}

/// Lists and what is left of objects are JSON text in a table; times are reals.
fn as_in_a_table(mut arc: Value) -> Value {
    for context in arc["contexts"].as_array_mut().unwrap() {
        for (_, field) in context["fields"].as_object_mut().unwrap() {
            if field.is_array() || field.is_object() {
                *field = field.to_string().into();
            }
        }
        for time in ["started", "ended"] {
            context[time] = context[time].as_f64().into();
        }
    }
    arc
}

#[test]
fn the_store_makes_these_arcs_of_these_records() {
    let mut wrong = Vec::new();
    for (name, vector) in vectors() {
        let store = Store::temporary().unwrap();
        let records = vector["records"].as_array().unwrap();
        for record in records {
            assert_eq!(store.add_json(&record.to_string()).unwrap().records, 1, "{name}");
        }
        let reader = Reader::open(&store).unwrap();
        let expected = vector.get("local").unwrap_or(&vector["arcs"]).as_array().unwrap();
        let arcs: u64 = reader.classes().unwrap().iter().map(|class| class.arcs).sum();
        assert_eq!(arcs, expected.len() as u64, "{name}");
        for arc in expected {
            let found = shown(&store, &reader, arc["contexts"][0]["context"].as_str().unwrap());
            let expected = as_in_a_table(arc.clone());
            if found != expected {
                wrong.push(format!("{name}\n expected {expected}\n found    {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
