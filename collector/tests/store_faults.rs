//! The store at its worst: names that are SQLite's own, files that are none, and what is taken back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::store::{
    Condition, Failure, Filter, Reader, Retention, Sort, Store, Test, Value as Cell,
};
use serde_json::{Value, json};

fn add(store: &Store, context: &str, message: Value) {
    let record =
        json!({"user_id": "u", "context": context, "message": message, "export_timestamp": 1_800_000_000});
    assert_eq!(store.add_json(&record.to_string()).unwrap().records, 1, "{record}");
}

/// A chunk that the store refuses comes again and again, and with it all that stands behind it.
#[test]
fn every_name_is_taken() {
    let store = Store::temporary().unwrap();
    let names = [
        "",
        "rowid",
        "ROWID",
        "oid",
        "_rowid_",
        "_id",
        "_more",
        "sqlite_master",
        "sqlite_stat1",
        "sqlite_x",
        "mona_meta",
        "mona_events",
        "json_each",
        "JSON_TREE",
        "jsonb_each",
        "pragma_page_count",
        "pragma_page_size",
        "dbstat",
        "main",
        "temp",
        "select",
        "a\"b",
        "a'b",
        "a`b",
        "[a]",
        "a\0b",
        "a.b",
        "a b",
        "*",
        "?1",
        ":a",
        "\u{202e}",
        "A",
        "a",
        "Ä",
        "ä",
    ];
    let fields: serde_json::Map<String, Value> =
        names.iter().zip(0..).map(|(name, n)| ((*name).to_owned(), json!(n))).collect();
    for (n, name) in names.iter().enumerate() {
        let mut message = fields.clone();
        message.insert("MONA_ARC_CLASS".to_owned(), json!(name));
        add(&store, &format!("c{n}"), Value::Object(message));
    }
    let reader = Reader::open(&store).unwrap();
    // What is asked by the page's views of delivery, of fields without a column, and of one ARC.
    reader.health().unwrap();
    for class in reader.classes().unwrap() {
        for (name, n) in names.iter().zip(0..) {
            let test = Test::Is(Cell::Int(n));
            let filter = Filter {
                conditions: vec![Condition { field: (*name).to_owned(), test }],
                ..Filter::default()
            };
            let found = reader.arcs(&class.name, &filter, &Sort::default(), 0, 10).unwrap();
            assert_eq!(found.rows.len() as u64, class.contexts, "{name:?} in {:?}", class.name);
        }
        let rows = reader.arcs(&class.name, &Filter::default(), &Sort::default(), 0, 1).unwrap().rows;
        assert_eq!(reader.arc(rows[0].id).unwrap().unwrap().contexts[0].fields.len(), names.len());
        assert_eq!(reader.events(rows[0].id, 0, 10).unwrap().len(), 1);
    }
    let db = rusqlite::Connection::open(store.path()).unwrap();
    let events: usize = db.query_row("SELECT count(*) FROM mona_events", [], |row| row.get(0)).unwrap();
    assert_eq!(events, names.len());
}

/// An export would have the field twice, and readers take the last one.
#[test]
fn a_field_that_was_null_is_there_once() {
    let store = Store::temporary().unwrap();
    add(&store, "a", json!({"MONA_ARC_CLASS": "k", "x": null, "y": 1}));
    add(&store, "a", json!({"x": 5, "y": null}));
    let reader = Reader::open(&store).unwrap();
    let id = reader.find("a").unwrap().unwrap();
    let fields = &reader.arc(id).unwrap().unwrap().contexts[0].fields;
    assert_eq!(fields, &[("x".to_owned(), Cell::Int(5))]);
    let begin =
        |shape: &mona_collector::store::Shape| Ok(shape.columns.iter().any(|column| column.name == "_more"));
    assert!(!reader.whole("k", begin, |_, _| Ok(())).unwrap());
}

/// A class without room for another column has it in `_more`, and the one that the row moves to has a column.
#[test]
fn a_field_that_moves_with_its_row_is_there_once() {
    let store = Store::temporary().unwrap();
    let many: serde_json::Map<String, Value> = (0..600).map(|n| (format!("f{n}"), json!(n))).collect();
    add(&store, "full", Value::Object(many));
    add(&store, "k", json!({"MONA_ARC_CLASS": "k", "late": 1}));
    add(&store, "a", json!({"late": 2, "list": [1]}));
    add(&store, "a", json!({"MONA_ARC_CLASS": "k"}));
    add(&store, "a", json!({"late": 3}));
    let reader = Reader::open(&store).unwrap();
    let fields = &reader.arc(reader.find("a").unwrap().unwrap()).unwrap().unwrap().contexts[0].fields;
    let list = Cell::Text("[1]".to_owned());
    assert_eq!(fields, &[("late".to_owned(), Cell::Int(3)), ("list".to_owned(), list)]);
}

#[test]
fn a_store_has_one_writer_whatever_it_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("a.sqlite"), folder.path().join("link"));
    let store = Store::open(&file, Retention::default()).unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let refused = Store::open(&link, Retention::default()).unwrap_err();
    assert_eq!(refused.kind, Failure::Taken, "{refused}");
    drop(store);
}

/// A chunk that was refused comes again, and is counted once.
#[test]
fn what_is_taken_back_is_not_counted() {
    let store = Store::temporary().unwrap();
    add(&store, "a", json!({"MONA_ARC_CLASS": "k", "x": 1}));
    let health = |name: &str| {
        let health = Reader::open(&store).unwrap().health().unwrap();
        let counters: std::collections::HashMap<String, u64> = health.counters.into_iter().collect();
        (
            counters.get(name).copied().unwrap_or_default(),
            health.tags.iter().map(|(_, count)| count).sum::<u64>(),
        )
    };
    // As a full disk does: nothing of this table can be written any more.
    let db = rusqlite::Connection::open(store.path()).unwrap();
    db.execute_batch(
        "CREATE TRIGGER full BEFORE INSERT ON mona_records BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    .unwrap();
    let record = json!({"context": "b", "message": {"MONA_ARC_CLASS": "k", "y": 2}, "export_timestamp": 1_800_000_000});
    for _ in 0..3 {
        assert!(store.add_json(&record.to_string()).is_err());
        store.refuse("full");
    }
    db.execute_batch("DROP TRIGGER full").unwrap();
    store.settle().unwrap();
    assert_eq!([health("records"), health("refused")], [(1, 1), (3, 1)]);
    assert_eq!(store.add_json(&record.to_string()).unwrap().records, 1);
    assert_eq!(health("records"), (2, 2));
    let fields = Reader::open(&store).unwrap().fields("k").unwrap();
    assert_eq!(
        fields.iter().map(|field| (field.name.as_str(), field.counts.integers)).collect::<Vec<_>>(),
        [("x", 1), ("y", 1)]
    );
}

#[test]
fn a_file_that_is_no_store_is_left_alone_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let refused = || {
        let refused = Store::open(&path, Retention::default()).unwrap_err().to_string();
        assert!(refused.starts_with(&path.display().to_string()), "{refused}");
        refused
    };
    std::fs::write(&path, "a letter to somebody ".repeat(100)).unwrap();
    assert!(refused().contains("found no store"));
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("a letter"));
    std::fs::remove_file(&path).unwrap();
    let store = Store::open(&path, Retention::default()).unwrap();
    for n in 0..500 {
        add(&store, &format!("a{n}"), json!({"MONA_ARC_CLASS": "k", "text": "x".repeat(200)}));
    }
    drop(store);
    let whole = std::fs::read(&path).unwrap();
    for length in [50, 3_000, whole.len() / 2] {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert!(refused().contains("damaged"), "{length}");
    }
}

#[test]
fn the_main_context_is_first_among_thousands() {
    let store = Store::temporary().unwrap();
    // The class of the stages is there before that of the run.
    add(&store, "other.s", json!({"MONA_ARC_CLASS": "stage"}));
    let text = "x".repeat(4_000);
    for n in 0..1_200 {
        let fields: serde_json::Map<String, Value> = (0..20)
            .map(|field| (format!("f{field}"), json!(text)))
            .chain([("MONA_ARC_CLASS".to_owned(), json!("stage"))])
            .collect();
        add(&store, &format!("a.s{n}"), Value::Object(fields));
    }
    add(&store, "a", json!({"MONA_ARC_CLASS": "run", "x": 1}));
    let reader = Reader::open(&store).unwrap();
    let tree = reader.arc(reader.find("a").unwrap().unwrap()).unwrap().unwrap();
    assert_eq!((tree.contexts.len(), tree.all, tree.cut), (1_000, 1_201, true));
    assert_eq!((tree.contexts[0].context.as_str(), tree.contexts[0].class.as_deref()), ("a", Some("run")));
    // 20 fields of 4 kB each: not all of a thousand are read at once, each of them is.
    let read = tree.contexts.iter().filter(|context| context.fields.len() == 20).count();
    assert!((700..900).contains(&read), "{read}");
    let bare =
        tree.contexts.iter().find(|context| context.parent.is_some() && context.fields.is_empty()).unwrap();
    assert_eq!(reader.context(bare.id).unwrap().unwrap().fields.len(), 20);
}

/// Names with dots of their own, as OpenTelemetry has them, are no objects.
#[test]
fn a_name_with_a_dot_stays_beside_what_is_before_it() {
    let store = Store::temporary().unwrap();
    add(&store, "a", json!({"MONA_ARC_CLASS": "k", "http.status": 200, "http": "GET"}));
    add(&store, "a", json!({"http": "PUT"}));
    add(&store, "b", json!({"MONA_ARC_CLASS": "o", "size": {"w": 1, "h": 2}}));
    add(&store, "b", json!({"size": 3}));
    let reader = Reader::open(&store).unwrap();
    let fields = |context: &str| {
        reader.arc(reader.find(context).unwrap().unwrap()).unwrap().unwrap().contexts.remove(0).fields
    };
    let text = Cell::Text("PUT".to_owned());
    assert_eq!(fields("a"), [("http.status".to_owned(), Cell::Int(200)), ("http".to_owned(), text)]);
    assert_eq!(fields("b"), [("size".to_owned(), Cell::Int(3))]);
}
