//! The catalogue of the interface, for the generators of language packages: `bindings/interface.json`.
//!
//! Made of `include/mona.h`, which is generated itself, of the core's tables of options and statuses, and of the
//! committed layouts. [`header`] reads the C, [`tables`] the Rust. An item is a line of the file, so that a change of the
//! interface is a change of its line. The committed file is what the packages are generated from.

mod header;
mod tables;

use std::collections::BTreeMap;
use std::{fs, io};

use serde_json::{Map, Value, json};

use crate::library::workspace;
use header::{Item, Member, Shape};
use tables::Choice;

/// The committed file, below the root of the workspace.
pub const FILE: &str = "bindings/interface.json";

/// What names a kind of items by how they begin.
const STATUS: &str = "MONA_E_";
const KIND: &str = "MONA_FIELD_";
const STATISTICS: &str = "mona_stats";

/// What the header says in macros that Rust has no constant for, with the type it has there.
const OF_THE_HEADER: [(&str, &str); 4] = [
    ("MONA_VERSION_MAJOR", "int"),
    ("MONA_VERSION_MINOR", "int"),
    ("MONA_VERSION_PATCH", "int"),
    ("MONA_NTS", "size_t"),
];

/// Makes it anew.
///
/// # Errors
///
/// When a file cannot be read, or holds what is not understood.
pub fn made() -> io::Result<String> {
    let text = |name: &str| fs::read_to_string(workspace().join(name));
    let items = header::items(&text("include/mona.h")?).map_err(io::Error::other)?;
    let mut types: BTreeMap<String, String> = tables::constants(&workspace().join("ffi/src"))?;
    types.extend(OF_THE_HEADER.map(|(name, of)| (name.to_owned(), of.to_owned())));
    let sentences = tables::sentences(&text("core/src/diag/error.rs")?)?;
    let options = tables::options(&text("core/src/config/table.rs")?)?;
    let layouts = layouts(&text("tests/abi/layout.txt")?);

    let mut sections: Vec<(&str, Vec<Value>)> = vec![
        ("statuses", statuses(&items, &sentences)?),
        ("kinds", kinds(&items)?),
        ("constants", constants(&items, &types)?),
        ("options", options.iter().map(option).collect()),
        ("statistics", statistics(&items)),
        ("functions", functions(&items)),
        ("structs", structs(&items, &layouts)),
    ];
    let mut file = format!("{{\n\"version\": {},\n", json!(env!("CARGO_PKG_VERSION")));
    let last = sections.pop();
    for (name, values) in &sections {
        file.push_str(&section(name, values));
        file.push_str(",\n");
    }
    file.extend(last.map(|(name, values)| section(name, &values)));
    file.push_str("\n}\n");
    Ok(file)
}

fn section(name: &str, values: &[Value]) -> String {
    let lines: Vec<String> = values.iter().map(Value::to_string).collect();
    format!("\"{name}\": [\n{}\n]", lines.join(",\n"))
}

/// The constants of the header with these names, with their values.
fn numbers<'a>(items: &'a [Item], begins: &'a str) -> impl Iterator<Item = (&'a Item, &'a str)> {
    items.iter().filter_map(move |item| match &item.shape {
        Shape::Constant(value) if item.name.starts_with(begins) => Some((item, value.as_str())),
        _ => None,
    })
}

fn whole(name: &str, value: &str) -> io::Result<Value> {
    value
        .parse::<i64>()
        .map(Value::from)
        .map_err(|error| io::Error::other(format!("{name} {value}: {error}")))
}

fn statuses(items: &[Item], sentences: &[(i64, String)]) -> io::Result<Vec<Value>> {
    let numbered = numbers(items, "MONA_OK").chain(numbers(items, STATUS));
    let listed = numbered.map(|(item, value)| {
        let number = whole(&item.name, value)?;
        let text = sentences.iter().find(|(of, _)| number == *of).map(|(_, text)| text);
        let text = text.ok_or_else(|| io::Error::other(format!("{}: no sentence in the core", item.name)))?;
        let name = item.name.trim_start_matches(STATUS).trim_start_matches("MONA_");
        Ok(json!({"name": name, "value": number, "text": text, "doc": item.doc.text, "symbol": item.name}))
    });
    listed.collect()
}

fn kinds(items: &[Item]) -> io::Result<Vec<Value>> {
    let listed = numbers(items, KIND).map(|(item, value)| {
        let name = item.name.trim_start_matches(KIND);
        let value = whole(&item.name, value)?;
        Ok(json!({"name": name, "value": value, "doc": item.doc.text, "symbol": item.name}))
    });
    listed.collect()
}

fn constants(items: &[Item], types: &BTreeMap<String, String>) -> io::Result<Vec<Value>> {
    let others = numbers(items, "MONA_").filter(|(item, _)| {
        item.name != "MONA_OK" && !item.name.starts_with(STATUS) && !item.name.starts_with(KIND)
    });
    let listed = others.filter_map(|(item, value)| {
        let of = types.get(&item.name)?;
        let value = match value {
            // The largest length: every bit is set, however wide it is.
            "((size_t)-1)" => Ok(json!(-1)),
            _ if of == "double" => value.parse::<f64>().map(Value::from).map_err(io::Error::other),
            _ => whole(&item.name, value),
        };
        Some(value.map(|value| json!({"name": item.name, "value": value, "type": of, "doc": item.doc.text})))
    });
    listed.collect()
}

fn option(option: &tables::OptionRow) -> Value {
    let mut row = Map::new();
    row.insert("name".to_owned(), json!(option.name));
    row.insert("default".to_owned(), json!(option.default));
    row.insert("kind".to_owned(), json!(option.kind));
    row.insert("doc".to_owned(), json!(option.doc));
    row.insert("environment".to_owned(), json!(option.environment));
    if let Some(also) = &option.also {
        row.insert("also".to_owned(), json!(also));
    }
    match &option.choice {
        Choice::Any => {}
        Choice::Between(least, most) => {
            row.insert("min".to_owned(), json!(least));
            row.insert("max".to_owned(), json!(most));
        }
        Choice::Of(words) => drop(row.insert("choices".to_owned(), json!(words))),
    }
    if let Some(unit) = &option.unit {
        row.insert("unit".to_owned(), json!(unit));
    }
    for mark in &option.marks {
        row.insert(mark.clone(), json!(true));
    }
    Value::Object(row)
}

/// The counters: the members of `mona_stats` but for its size.
fn statistics(items: &[Item]) -> Vec<Value> {
    let members = items.iter().find_map(|item| match &item.shape {
        Shape::Struct(members) if item.name == STATISTICS => Some(members.as_slice()),
        _ => None,
    });
    let counters = members.unwrap_or_default().iter().filter(|member| member.name != "size");
    counters.map(|member| json!({"name": member.name, "doc": member.doc})).collect()
}

fn functions(items: &[Item]) -> Vec<Value> {
    let found = items.iter().filter_map(|item| match &item.shape {
        Shape::Function { returns, parameters } => {
            let listed: Vec<Value> = parameters
                .iter()
                .map(|(name, of)| {
                    let doc = item.doc.parameters.get(name).map_or("", String::as_str);
                    json!({"name": name, "type": of, "doc": doc})
                })
                .collect();
            Some(json!({
                "name": item.name,
                "returns": returns,
                "parameters": listed,
                "doc": item.doc.text,
                "returns_doc": item.doc.returns,
            }))
        }
        _ => None,
    });
    found.collect()
}

/// Sizes and offsets on 64-bit systems, by "type" and "type.member".
type Layouts = BTreeMap<String, (u64, u64)>;

fn layouts(text: &str) -> Layouts {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let read = |line: &str| {
        let mut words = line.split(' ');
        let name = words.next()?.to_owned();
        Some((name, (words.next()?.parse().ok()?, words.next()?.parse().ok()?)))
    };
    lines.filter_map(read).collect()
}

fn structs(items: &[Item], layouts: &Layouts) -> Vec<Value> {
    let found = items.iter().filter_map(|item| {
        let name = &item.name;
        let of = |kind: &str, members: &[Member]| {
            let (size, alignment) = layouts.get(name).copied().unwrap_or_default();
            let listed: Vec<Value> = members
                .iter()
                .map(|member| {
                    let place = layouts.get(&format!("{name}.{}", member.name)).copied();
                    let (offset, size) = place.unwrap_or_default();
                    json!({
                        "name": member.name, "type": member.of, "offset": offset, "size": size, "doc": member.doc
                    })
                })
                .collect();
            json!({
                "name": name, "kind": kind, "size": size, "alignment": alignment, "members": listed,
                "doc": item.doc.text
            })
        };
        match &item.shape {
            Shape::Struct(members) => Some(of("struct", members)),
            Shape::Union(members) => Some(of("union", members)),
            Shape::Handle => Some(json!({"name": name, "kind": "handle", "doc": item.doc.text})),
            _ => None,
        }
    });
    found.collect()
}
