//! The committed bills of materials are those of the library and the collector, and such that tools of others can read.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_tests::sbom::{self, PRODUCTS, Product};
use mona_tests::workspace;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

fn committed(product: &Product) -> String {
    std::fs::read_to_string(workspace().join(product.file)).unwrap_or_default()
}

#[test]
fn the_committed_bills_are_what_is_built() {
    for product in &PRODUCTS {
        let made = sbom::made(product).unwrap();
        if std::env::var_os("MONA_WRITE_SBOM").is_some() {
            std::fs::write(workspace().join(product.file), &made).unwrap();
        }
        assert!(
            made == committed(product),
            "{}: differs from Cargo.lock, a run of \"make sbom\" is expected",
            product.file
        );
    }
}

/// The other list of what is inside was made in another way.
#[test]
fn they_name_the_crates_that_the_licences_are_of() {
    for product in &PRODUCTS {
        let bill: Value = serde_json::from_str(&committed(product)).unwrap();
        let of_bill: BTreeSet<(String, String)> = bill["components"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|component| component["hashes"].is_array())
            .map(|component| {
                let text = |name: &str| component[name].as_str().unwrap().to_owned();
                assert!(
                    component["licenses"][0]["expression"]
                        .as_str()
                        .is_some_and(|licence| !licence.is_empty())
                );
                (text("name"), text("version"))
            })
            .collect();
        let licences = std::fs::read_to_string(workspace().join(product.licences)).unwrap();
        let list = licences.split("\n\n").nth(1).unwrap();
        let of_licences: BTreeSet<(String, String)> = list
            .lines()
            .map(|line| {
                let (name, rest) = line.trim().split_once(' ').unwrap();
                (name.to_owned(), rest.split_once(',').unwrap().0.to_owned())
            })
            .collect();
        assert_eq!(of_bill, of_licences);
    }
}

/// By the schema of CycloneDX, which a package of PyPI brings along.
#[test]
fn they_are_valid() {
    let check = "import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
sys.exit(str(error) if error else 0)";
    let venv = Command::new("sh")
        .current_dir(workspace())
        .args(["tests/venv.sh", "cyclonedx", "cyclonedx-python-lib[json-validation]==11.12.0"])
        .output()
        .unwrap();
    if !venv.status.success() {
        println!("skipped: the schema of CycloneDX (python3, and PyPI)");
        return;
    }
    let python = format!("{}/python3", String::from_utf8(venv.stdout).unwrap().trim());
    for product in &PRODUCTS {
        let bill = std::fs::File::open(workspace().join(product.file)).unwrap();
        let checked = Command::new(&python).args(["-c", check]).stdin(bill).output().unwrap();
        assert!(checked.status.success(), "{}: {}", product.file, String::from_utf8_lossy(&checked.stderr));
    }
}
