//! What a store has in files for other programs, read back by these programs.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::program::{Program, lines};
use mona_collector::store::{Retention, Store};
use serde_json::{Value, json};

/// The readers, as they are on PyPI.
const READERS: [&str; 3] = ["pandas==3.1.1", "pyarrow==26.0.1", "duckdb==2.0.1"];

struct Kept {
    folder: tempfile::TempDir,
    store: PathBuf,
}

impl Kept {
    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn export(&self, arguments: &[&str]) -> (bool, String, String) {
        let mut all = vec!["export", "--store", self.store.to_str().unwrap()];
        all.extend(arguments);
        let (output, stdout, stderr) = Program::start(&all).end();
        (output.status.success(), stdout, stderr)
    }
}

/// Three runs with a stage each, and values of all kinds.
fn kept() -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store.sqlite");
    let open = Store::open(&store, Retention::default()).unwrap();
    let add = |context: &str, message: &str| {
        let record = format!(
            r#"{{"user_id":"u","context":"{context}","message":{message},"export_timestamp":1800000000}}"#
        );
        open.add_json(&record).unwrap();
    };
    let messages = [
        r#"{"MONA_ARC_CLASS":"digits","n":9007199254740993,"score":0.25,"ok":true,"label":"a,\"b\"\n\u202e","list":[1,2],"odd":1}"#,
        r#"{"MONA_ARC_CLASS":"digits","n":-1,"score":1,"ok":false,"label":"é","huge":18446744073709551615,"odd":"x"}"#,
        r#"{"MONA_ARC_CLASS":"digits","score":1e300,"label":""}"#,
    ];
    for (n, message) in messages.iter().enumerate() {
        add(&format!("run{n}"), message);
        add(&format!("run{n}.stage"), &format!(r#"{{"MONA_ARC_CLASS":"digits/ink","ms":{n}}}"#));
    }
    drop(open);
    Kept { folder, store }
}

#[test]
fn lines_have_every_class() {
    let kept = kept();
    let out = kept.path("all.ndjson");
    let (success, stdout, stderr) = kept.export(&["--ndjson", "--output", &out]);
    assert!(success && stdout.is_empty() && stderr.is_empty(), "{stdout}{stderr}");
    let rows = lines(Path::new(&out));
    assert_eq!(rows.len(), 6);
    let first = rows.iter().find(|row| row["_context"] == "run0").unwrap();
    for (name, value) in [
        ("_class", json!("digits")),
        ("n", json!(9_007_199_254_740_993_i64)),
        ("score", json!(0.25)),
        ("ok", json!(true)),
        ("label", json!("a,\"b\"\n\u{202e}")),
        ("list", json!("[1,2]")),
        ("odd", json!("1")),
        ("_user", json!("u")),
    ] {
        assert_eq!(first[name], value, "{name}");
    }
    assert!(first.get("huge").is_none(), "what is null is left out");
    assert_eq!(rows.iter().filter(|row| row["_class"] == "digits/ink").count(), 3);
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.contains(r"\u202e") && !text.contains('\u{202e}'));
    assert_eq!(
        std::fs::read_dir(kept.folder.path())
            .unwrap()
            .filter(|entry| { entry.as_ref().unwrap().file_name().to_str().unwrap().contains("part") })
            .count(),
        0
    );

    let (success, stdout, _) = kept.export(&["--ndjson", "--class", "digits/ink"]);
    assert!(success);
    let values: Vec<Value> =
        stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["ms"].clone()).collect();
    assert_eq!(values, [json!(0), json!(1), json!(2)]);
}

#[test]
fn csv_has_names_and_quotes() {
    let kept = kept();
    let (success, stdout, stderr) = kept.export(&["--csv", "--class", "digits"]);
    assert!(success, "{stderr}");
    let (names, rows) = stdout.split_once('\n').unwrap();
    assert!(names.starts_with("_id,_context,_main,_parent,_position,_user,_first,_last,_events,"), "{names}");
    assert!(names.contains(",n,score,ok,label,list,odd,huge"), "{names}");
    assert!(rows.contains(",9007199254740993,0.25,true,\"a,\"\"b\"\"\n\u{202e}\",\"[1,2]\",1,"), "{rows}");
    assert!(rows.contains(",1e+300,"), "{rows}");
}

#[test]
fn what_cannot_be_exported_is_said() {
    let kept = kept();
    let missing = kept.path("none.sqlite");
    for (arguments, expected) in [
        (
            vec!["export", "--csv", "--store", &missing],
            "found no file, expected a store that mona-collector wrote",
        ),
        (vec!["export", "--store", kept.store.to_str().unwrap()], "--parquet|--csv|--ndjson"),
        (vec!["export", "--csv", "--parquet"], "cannot be used with"),
        (
            vec!["export", "--csv", "--store", kept.store.to_str().unwrap()],
            "found 2 classes, expected --class with one of digits, digits/ink, or --ndjson, which takes all",
        ),
        (
            vec!["export", "--csv", "--store", kept.store.to_str().unwrap(), "--class", "x"],
            "--class x: found no such class, expected one of digits, digits/ink",
        ),
        (
            vec!["export", "--ndjson", "--store", kept.store.to_str().unwrap(), "-o", "/nowhere/x"],
            "--output /nowhere/x: No such file",
        ),
    ] {
        let (output, stdout, stderr) = Program::start(&arguments).end();
        assert!(!output.status.success() && stdout.is_empty(), "{arguments:?}");
        assert!(stderr.contains(expected), "{stderr}");
    }
    let other = kept.path("other.sqlite");
    std::fs::write(&other, "no data base").unwrap();
    let (output, _, stderr) = Program::start(&["export", "--csv", "--store", &other]).end();
    assert!(
        !output.status.success() && stderr.contains("--store") && !stderr.contains("panicked"),
        "{stderr}"
    );
}

/// Nobody reads what is said at the end of an import, or nobody can: no panic either way.
#[test]
#[cfg(target_os = "linux")]
fn an_import_ends_well_though_nobody_listens() {
    let kept = kept();
    let (lines, store) = (kept.path("lines"), kept.path("other.sqlite"));
    std::fs::write(&lines, "{}\n").unwrap();
    let import = |end: std::process::Stdio| {
        let mut import = Command::new(env!("CARGO_BIN_EXE_mona-collector"));
        import.args(["import", &lines, "--store", &store]).stdout(end).output().unwrap()
    };
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let unheard = import(writer.into());
    assert!(unheard.status.success(), "{unheard:?}");
    let full = import(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap().into());
    let sentence = String::from_utf8(full.stderr).unwrap();
    assert!(full.status.code() == Some(1) && sentence.contains("standard output: No space"), "{sentence}");
}

/// A device stays one, and so does a link.
#[test]
fn only_files_get_the_name() {
    let kept = kept();
    let (success, stdout, stderr) = kept.export(&["--ndjson", "-o", "-"]);
    assert!(success && stdout.lines().count() > 1, "{stderr}");
    let (pipe, link, file) = (kept.path("pipe"), kept.path("link"), kept.path("file"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe).unwrap()
    });
    let (success, _, stderr) = kept.export(&["--ndjson", "-o", &pipe]);
    assert!(success, "{stderr}");
    // Ends a reader for whom nobody came.
    drop(std::fs::OpenOptions::new().read(true).write(true).open(&pipe));
    assert_eq!(reader.join().unwrap(), stdout);
    std::fs::write(&file, "before").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let (success, _, stderr) = kept.export(&["--ndjson", "-o", &link]);
    assert!(success && std::fs::symlink_metadata(&link).unwrap().is_symlink(), "{stderr}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), stdout);
}

#[test]
fn what_is_not_finished_leaves_nothing_behind() {
    let kept = kept();
    let taken = kept.path("taken");
    std::fs::create_dir(&taken).unwrap();
    let (success, _, stderr) = kept.export(&["--ndjson", "--output", &taken]);
    assert!(!success && stderr.contains(&format!("--output {taken}: Is a directory")), "{stderr}");
    let mut left: Vec<String> = std::fs::read_dir(kept.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("store.sqlite"))
        .collect();
    left.sort();
    assert_eq!(left, ["taken"]);
}

/// pandas, pyarrow and DuckDB read what was written, with its types and values.
#[test]
fn other_programs_read_parquet() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let venv = Command::new("sh")
        .current_dir(workspace)
        .args(["tests/venv.sh", "columns"])
        .args(READERS)
        .output()
        .unwrap();
    if !venv.status.success() {
        println!("skipped: pandas, pyarrow and duckdb (python3, and PyPI)");
        return;
    }
    let kept = kept();
    let [parquet, csv, ndjson] = ["k.parquet", "k.csv", "k.ndjson"].map(|name| kept.path(name));
    for (form, path) in [("--parquet", &parquet), ("--csv", &csv), ("--ndjson", &ndjson)] {
        let (success, _, stderr) = kept.export(&[form, "--class", "digits", "-o", path]);
        assert!(success, "{stderr}");
    }
    let python = format!("{}/python3", String::from_utf8(venv.stdout).unwrap().trim());
    let read = Command::new(python).args(["-c", READ, &parquet, &csv, &ndjson]).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
}

const READ: &str = r#"
import sys
import duckdb, pandas, pyarrow.parquet
parquet, csv, ndjson = sys.argv[1:]

table = pyarrow.parquet.read_table(parquet)
types = {field.name: str(field.type) for field in table.schema}
assert types["n"] == "int64" and types["score"] == "double" and types["ok"] == "bool", types
assert types["label"] == types["list"] == types["odd"] == types["huge"] == "string", types
assert types["_first"] == "timestamp[us, tz=UTC]" and types["_id"] == "int64", types
rows = {row["_context"]: row for row in table.to_pylist()}
assert rows["run0"]["n"] == 9007199254740993 and rows["run1"]["n"] == -1 and rows["run2"]["n"] is None
assert [rows[f"run{n}"]["score"] for n in range(3)] == [0.25, 1.0, 1e300]
assert [rows[f"run{n}"]["ok"] for n in range(3)] == [True, False, None]
assert [rows[f"run{n}"]["label"] for n in range(3)] == ['a,"b"\n\u202e', "é", ""]
assert rows["run0"]["list"] == "[1,2]" and rows["run1"]["huge"] == "18446744073709551615"
assert [rows[f"run{n}"]["odd"] for n in range(3)] == ["1", "x", None]
assert rows["run0"]["_first"].timestamp() > 1500000000

frame = pandas.read_parquet(parquet)
assert len(frame) == 3 and frame["score"].dtype == "float64"
assert frame.groupby("label")["score"].mean()["é"] == 1.0

for file in (f"read_parquet('{parquet}')", f"read_json('{ndjson}')", f"read_csv('{csv}')"):
    found = duckdb.sql(f"select count(*), max(n), sum(score), count(ok) from {file}").fetchall()[0]
    assert found == (3, 9007199254740993, 1e300, 2), (file, found)
table = pandas.read_csv(csv)
assert table["score"].tolist() == [0.25, 1.0, 1e300] and table["label"][0] == 'a,"b"\n\u202e'
"#;
