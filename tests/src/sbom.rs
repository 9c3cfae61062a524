//! The bills of materials of the shared object and of the local collector, as CycloneDX JSON: which crates are in it, with
//! which features, from where and under which licence.
//!
//! Made of what `cargo tree`, `cargo metadata` and `Cargo.lock` say of each as it is built for Linux, so that it is the same
//! on every machine: no moment, no path, nothing that is random. The committed files are what is installed.

#![allow(clippy::indexing_slicing, reason = "a test has to fail loudly")]

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::process::Command;

use serde_json::{Value, json};

use crate::library::workspace;
use crate::program::expect_success;

/// What there is a bill of.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// The committed file, below the root of the workspace.
    pub file: &'static str,
    /// The licences of the same crates.
    pub licences: &'static str,
    /// The crate that becomes it; nobody gets it from the registry.
    face: &'static str,
    name: &'static str,
    kind: &'static str,
}

/// The shared object, and the program.
pub const PRODUCTS: [Product; 2] = [
    Product {
        file: "libmona.cdx.json",
        licences: "THIRD-PARTY.txt",
        face: "mona-ffi",
        name: "libmona",
        kind: "library",
    },
    Product {
        file: "mona-collector.cdx.json",
        licences: "THIRD-PARTY-collector.txt",
        face: "mona-collector",
        name: "mona-collector",
        kind: "application",
    },
];

/// The system that they are described for.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// A crate by name and version.
type Id = (String, String);

/// Makes it anew.
///
/// # Errors
///
/// When cargo fails, or says something that cannot be read.
pub fn made(product: &Product) -> io::Result<String> {
    let tree = Tree::read(product.face)?;
    let metadata = cargo(&["metadata", "--format-version", "1", "--filter-platform", PLATFORM])?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages: BTreeMap<Id, &Value> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|package| ((text(&package["name"]), text(&package["version"])), package))
        .collect();
    let checksums = checksums(&std::fs::read_to_string(workspace().join("Cargo.lock"))?);
    let package =
        |id: &Id| packages.get(id).ok_or_else(|| io::Error::other(format!("{id:?}: unknown to cargo")));
    let mut components = Vec::new();
    for (id, features) in tree.features.iter().filter(|(id, _)| **id != tree.root) {
        components.push(component(id, package(id)?, features, checksums.get(id)));
    }
    components.push(json!({
        "type": "library",
        "bom-ref": "rust-std",
        "name": "std",
        "description": "The Rust standard library, of the compiler that built it",
        "licenses": [{"expression": "MIT OR Apache-2.0"}],
        "externalReferences": [{"type": "vcs", "url": "https://github.com/rust-lang/rust"}],
    }));
    let mut library = component(&tree.root, package(&tree.root)?, &tree.features[&tree.root], None);
    library["name"] = product.name.into();
    library["type"] = product.kind.into();
    let dependencies: Vec<Value> = tree
        .edges
        .iter()
        .map(|(id, on)| {
            let mut on: Vec<String> = on.iter().map(reference).collect();
            if *id == tree.root {
                on.push("rust-std".to_owned());
            }
            json!({"ref": reference(id), "dependsOn": on})
        })
        .collect();
    let bill = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": library},
        "components": components,
        "dependencies": dependencies,
    });
    Ok(serde_json::to_string_pretty(&bill)? + "\n")
}

fn component(id: &Id, package: &Value, features: &str, checksum: Option<&String>) -> Value {
    let (name, version) = id;
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(id),
        "name": name,
        "version": version,
        "description": text(&package["description"]).split_whitespace().collect::<Vec<_>>().join(" "),
        "licenses": [{"expression": text(&package["license"]).replace('/', " OR ")}],
        "purl": reference(id),
    });
    if let Some(checksum) = checksum {
        component["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
    }
    if let Some(repository) = package["repository"].as_str() {
        component["externalReferences"] = json!([{"type": "vcs", "url": repository}]);
    }
    if !features.is_empty() {
        component["properties"] = json!([{"name": "cargo:features", "value": features}]);
    }
    component
}

/// What `cargo tree` says: the crates inside the library with their features, and who needs whom.
struct Tree {
    root: Id,
    features: BTreeMap<Id, String>,
    edges: BTreeMap<Id, BTreeSet<Id>>,
}

impl Tree {
    fn read(face: &str) -> io::Result<Tree> {
        let said = cargo(&[
            "tree",
            "-p",
            face,
            "-e",
            "normal",
            "--target",
            PLATFORM,
            "--prefix",
            "depth",
            "--no-dedupe",
            "-f",
            "|{p}|{f}",
        ])?;
        let mut tree = Tree { root: Id::default(), features: BTreeMap::new(), edges: BTreeMap::new() };
        let mut way: Vec<Id> = Vec::new();
        // What a macro needs runs when the library is built, and is not in it.
        let mut macro_depth = usize::MAX;
        for line in said.lines() {
            let unread = || io::Error::other(format!("{line}: no line of cargo tree"));
            let mut parts = line.splitn(3, '|');
            let (Some(depth), Some(crate_), Some(features)) = (parts.next(), parts.next(), parts.next())
            else {
                return Err(unread());
            };
            let depth: usize = depth.parse().map_err(|_| unread())?;
            if depth > macro_depth {
                continue;
            }
            macro_depth = usize::MAX;
            if crate_.contains("(proc-macro)") {
                macro_depth = depth;
                continue;
            }
            let mut words = crate_.split(' ');
            let (Some(name), Some(version)) = (words.next(), words.next()) else { return Err(unread()) };
            let id = (name.to_owned(), version.trim_start_matches('v').to_owned());
            way.truncate(depth);
            match way.last() {
                Some(above) => {
                    tree.edges.entry(above.clone()).or_default().insert(id.clone());
                }
                None => tree.root = id.clone(),
            }
            tree.edges.entry(id.clone()).or_default();
            tree.features.insert(id.clone(), features.to_owned());
            way.push(id);
        }
        Ok(tree)
    }
}

fn cargo(arguments: &[&str]) -> io::Result<String> {
    let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    expect_success(command.current_dir(workspace()).args(["--quiet", "--locked"]).args(arguments))
}

/// The checksums of the crates of the registry.
fn checksums(lock: &str) -> BTreeMap<Id, String> {
    let value = |block: &str, name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
        line.map(|line| line.trim_matches('"').to_owned())
    };
    let blocks = lock.split("[[package]]");
    let found = blocks.filter_map(|block| {
        Some(((value(block, "name")?, value(block, "version")?), value(block, "checksum")?))
    });
    found.collect()
}

fn reference((name, version): &Id) -> String {
    if let Some(product) = PRODUCTS.iter().find(|product| product.face == name) {
        return format!("pkg:generic/{}@{version}", product.name);
    }
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
