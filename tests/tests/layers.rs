//! The sources stand on floors: imports go down only, no files run in circles, modules are named alike.
//!
//! The three crates are read as they are; that the reading finds what is wrong is shown on small trees with one
//! wrong thing planted in each.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::fs;
use std::path::Path;

use mona_tests::layers::{Floor, Floors, check_circles, check_files, check_floors, floors};
use mona_tests::workspace;
use tempfile::TempDir;

#[test]
fn the_core_stands_on_its_floors() {
    stands("core/src", &floors::CORE);
}

#[test]
fn the_interface_stands_on_its_floors() {
    stands("ffi/src", &floors::FFI);
}

#[test]
fn the_collector_stands_on_its_floors() {
    stands("collector/src", &floors::COLLECTOR);
}

#[test]
fn files_of_the_tests_are_short_and_modules_named_by_themselves() {
    nothing_found(check_files(&workspace(), "tests/src").unwrap());
}

fn stands(folder: &str, floors: &Floors) {
    let mut found = check_floors(&workspace(), folder, floors).unwrap();
    found.append(&mut check_files(&workspace(), folder).unwrap());
    nothing_found(found);
}

#[test]
fn no_files_of_the_core_run_in_circles() {
    nothing_found(check_circles(&workspace(), "core/src", &floors::CORE));
}

#[test]
fn no_files_of_the_interface_run_in_circles() {
    nothing_found(check_circles(&workspace(), "ffi/src", &floors::FFI));
}

#[test]
fn no_files_of_the_collector_run_in_circles() {
    nothing_found(check_circles(&workspace(), "collector/src", &floors::COLLECTOR));
}

fn nothing_found(found: Vec<String>) {
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// A house of two floors, and two names on the lower one.
const SMALL: Floors = Floors {
    roots: &["lib.rs"],
    free: &["lib.rs"],
    floors: &[
        Floor { names: &["attic"], reason: "looks down" },
        Floor { names: &["left", "right"], reason: "side by side" },
        Floor { names: &["cellar"], reason: "carries all" },
    ],
};

/// Its files: each floor with a module file and, below it, a file; everything imports downwards.
const GOOD: [(&str, &str); 8] = [
    ("lib.rs", "mod attic;\nmod cellar;\nmod left;\nmod right;\npub use attic::roof::Roof;\n"),
    ("attic.rs", "pub mod roof;\n"),
    ("attic/roof.rs", "use crate::left::Left;\npub struct Roof(Left, crate::right::Right);\n"),
    ("left.rs", "mod deep;\npub use deep::Left;\n"),
    ("left/deep.rs", "use crate::cellar::{coal::{self, Coal}};\npub struct Left(Coal, coal::Coal);\n"),
    ("right.rs", "pub struct Right;\n"),
    ("cellar.rs", "pub mod coal;\n"),
    ("cellar/coal.rs", "use std::fmt;\npub struct Coal;\nimpl fmt::Debug for Coal {}\n"),
];

/// The small house with some files other than above.
fn planted(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in GOOD.iter().chain(files) {
        let path = folder.path().join("src").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn found(files: &[(&str, &str)]) -> Vec<String> {
    let folder = planted(files);
    let mut found = check_floors(folder.path(), "src", &SMALL).unwrap();
    found.append(&mut check_circles(folder.path(), "src", &SMALL));
    found
}

fn only(files: &[(&str, &str)]) -> String {
    let mut found = found(files);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

#[test]
fn a_good_tree_passes() {
    nothing_found(found(&[]));
    nothing_found(check_files(planted(&[]).path(), "src").unwrap());
}

#[test]
fn an_import_from_above_is_found() {
    assert_eq!(
        only(&[("cellar/coal.rs", "pub struct Coal;\n\nuse crate::attic::roof::Roof;\n")]),
        "src/cellar/coal.rs:3: imports crate::attic::roof::Roof from src/attic.rs, but cellar (carries all) \
         is below attic and imports only from other crates: move what both need there, or hand it down as an argument"
    );
    assert!(
        only(&[("right.rs", "use crate::attic::roof;\npub struct Right;\n")])
            .contains("right (side by side) is below attic and imports only from cellar:")
    );
}

#[test]
fn an_import_from_above_is_found_however_it_is_written() {
    for text in [
        "use crate::{attic::{roof::{Roof as Other}}};",
        "use super::super::attic::roof::Roof;",
        "use crate::attic::roof::*;",
        "use crate::attic as up; fn f() { up::roof::new() }",
        "pub(crate) use crate::attic::roof::Roof;",
        "fn f() { crate::attic::roof::new() }",
        "fn f(roof: &super::super::attic::roof::Roof) {}",
        "fn f() -> Vec<Option<crate::attic::roof::Roof>> {}",
        "fn f() { use crate::attic::roof::Roof; }",
        "mod inner { use crate::attic::roof::Roof; }",
        "mod inner { fn f() { super::super::super::attic::roof::new() } }",
        "fn f() { println!(\"{}\", crate::attic::roof::new()) }",
        "macro_rules! new { () => { $crate::attic::roof::new() } }",
        "impl crate::attic::roof::Roofed for Coal {}",
        // By the name that the root gives it.
        "use crate::Roof;",
        "#[cfg(not(test))] use crate::attic::roof::Roof;",
        "#[cfg(any(test, feature = \"x\"))] use crate::attic::roof::Roof;",
    ] {
        let found = found(&[("cellar/coal.rs", &format!("{text}\npub struct Coal;\n"))]);
        assert!(
            found.iter().any(|found| found.contains("coal.rs:1: imports") && found.contains("attic")),
            "{text}: {found:#?}"
        );
    }
}

#[test]
fn what_only_tests_import_is_free() {
    for text in [
        "#[cfg(test)] mod tests { use crate::attic::roof::Roof; }",
        "#[cfg(test)] use crate::attic::roof::Roof;",
        "#[cfg(all(test, unix))] fn f() { crate::attic::roof::new() }",
        "#[test] fn f() { crate::attic::roof::new() }",
        "impl Coal { #[cfg(test)] fn f() { crate::attic::roof::new() } }",
        "/// See [`crate::attic::roof`].\npub(in crate::attic) struct Other;",
    ] {
        nothing_found(found(&[("cellar/coal.rs", &format!("{text}\npub struct Coal;\n"))]));
    }
    nothing_found(found(&[
        ("cellar/coal.rs", "#[cfg(test)]\nmod tests;\npub struct Coal;\n"),
        ("cellar/coal/tests.rs", "use crate::attic::roof::Roof;\n"),
    ]));
}

#[test]
fn an_import_on_the_same_floor_is_found() {
    assert_eq!(
        only(&[("left/deep.rs", "use crate::right::Right;\npub struct Left(Right);\n")]),
        "src/left/deep.rs:1: imports crate::right::Right from src/right.rs, but left and right are on one floor \
         and know nothing of each other: move what both need to a floor below"
    );
}

#[test]
fn an_import_from_the_root_is_found() {
    let root = format!("{}pub fn log() {{}}\n", GOOD[0].1);
    assert_eq!(
        only(&[("lib.rs", &root), ("right.rs", "use crate::log;\npub struct Right;\n")]),
        "src/right.rs:1: imports crate::log from src/lib.rs, but nothing imports from there: move it to the \
         floor it belongs to"
    );
}

#[test]
fn a_circle_in_one_folder_is_found() {
    assert_eq!(
        only(&[
            ("cellar.rs", "pub mod coal;\nmod fire;\nmod ash;\n"),
            ("cellar/coal.rs", "use super::fire;\npub struct Coal(fire::Fire);\n"),
            ("cellar/fire.rs", "pub struct Fire;\nfn burn() {\n    super::ash::rake()\n}\n"),
            ("cellar/ash.rs", "use crate::cellar::coal::Coal;\npub fn rake() {}\n"),
        ]),
        "src: a circle of 3 files, each needs the others: move what they share to a file below all of them\n  \
         src/cellar/coal.rs:2: imports fire::Fire from src/cellar/fire.rs\n  \
         src/cellar/fire.rs:3: imports super::ash::rake from src/cellar/ash.rs\n  \
         src/cellar/ash.rs:1: imports crate::cellar::coal::Coal from src/cellar/coal.rs"
    );
}

#[test]
fn a_parent_and_its_child_can_be_a_circle() {
    let child = ("right/child.rs", "use super::Right;\npub struct Child(Right);\n");
    for parent in [
        "mod child;\nuse child::Child;\npub struct Right(Child);\n",
        "mod child;\npub struct Right(Box<child::Child>);\n",
        // A name that is handed on and used.
        "mod child;\npub use child::Child;\npub struct Right(Child);\n",
        "mod child;\npub use child::*;\npub struct Right(Child);\n",
    ] {
        let sentence = only(&[("right.rs", parent), child]);
        assert!(sentence.contains("a circle of 2 files"), "{sentence}");
    }
    // Handing a name on is no need of it.
    for parent in [
        "mod child;\npub use child::Child;\npub struct Right;\n",
        "mod child;\npub(crate) use child::*;\npub struct Right;\n",
    ] {
        nothing_found(found(&[("right.rs", parent), child]));
    }
}

#[test]
fn a_macro_from_a_module_around_is_an_import() {
    let parent =
        "macro_rules! make { () => { child::Child } }\nmod child;\npub struct Right;\nfn f() { make!(); }\n";
    let child = ("right/child.rs", "pub struct Child;\nfn f() { make!(); write!(); }\n");
    let sentence = only(&[("right.rs", parent), child]);
    assert!(sentence.contains("src/right/child.rs:2: imports super::make! from src/right.rs"), "{sentence}");
    let root = format!("#[macro_use]\n{}", GOOD[0].1);
    let sentence = only(&[("lib.rs", &root)]);
    assert!(sentence.starts_with("src/lib.rs:2: found `mod attic` with #[macro_use]"), "{sentence}");
}

#[test]
fn children_of_a_facade_are_followed_to_their_files() {
    let facade = "mod one;\nmod two;\npub use one::One;\npub use two::{self, Two as Pair};\n";
    let one = ("right/one.rs", "use super::Pair;\npub struct One(Pair);\n");
    nothing_found(found(&[("right.rs", facade), one, ("right/two.rs", "pub struct Two;\n")]));
    let two = ("right/two.rs", "pub struct Two(crate::right::One);\n");
    let sentence = only(&[("right.rs", facade), one, two]);
    assert!(sentence.contains("circle of 2 files") && !sentence.contains("from src/right.rs"), "{sentence}");
}

#[test]
fn a_file_that_stands_in_elsewhere_is_read_too() {
    let module = "#[cfg_attr(windows, path = \"right/other.rs\")]\nmod own;\npub use own::Right;\n";
    let own = ("right/own.rs", "pub struct Right;\n");
    let files = |other| [("right.rs", module), own, ("right/other.rs", other)];
    nothing_found(found(&files("pub struct Right;\n")));
    let sentence = only(&files("pub struct Right(crate::attic::roof::Roof);\n"));
    assert!(sentence.starts_with("src/right/other.rs:1: imports crate::attic::roof::Roof"), "{sentence}");
}

#[test]
fn files_without_a_place_are_found() {
    assert_eq!(only(&[("left/lost.rs", "")]), "src/left/lost.rs: found no `mod` line that leads to it");
    let root = format!("{}mod shed;\n", GOOD[0].1);
    assert_eq!(
        only(&[("lib.rs", &root), ("shed.rs", "")]),
        "src/shed: is on no floor, expected it in tests/src/layers/floors.rs"
    );
    let floors = [SMALL.floors, &[Floor { names: &["garden"], reason: "is not there" }]].concat();
    let taller = Floors { floors: Box::leak(floors.into_boxed_slice()), ..SMALL };
    assert_eq!(
        check_floors(planted(&[]).path(), "src", &taller).unwrap(),
        ["src/garden: is a floor in tests/src/layers/floors.rs, found no file on it"]
    );
    assert!(only(&[("right.rs", "pub struct {")]).starts_with("src/right.rs: "));
    let moved = "#[path = \"right/other.rs\"]\nmod elsewhere;\npub struct Right;\n";
    assert!(only(&[("right.rs", moved)]).starts_with("src/right.rs:2: found `mod elsewhere` with #[path]"));
}

#[test]
fn a_mod_rs_and_a_long_file_are_found() {
    let folder = planted(&[("attic/beam/mod.rs", ""), ("attic/long.rs", &"\n".repeat(401))]);
    assert_eq!(
        check_files(folder.path(), "src").unwrap(),
        [
            "src/attic/beam/mod.rs: found a mod.rs, expected src/attic/beam.rs",
            "src/attic/long.rs: found 401 lines, expected at most 400: split it by ideas",
        ]
    );
    fs::remove_file(folder.path().join("src/attic/beam/mod.rs")).unwrap();
    fs::write(folder.path().join("src/attic/long.rs"), "\n".repeat(400)).unwrap();
    nothing_found(check_files(folder.path(), "src").unwrap());
    assert!(check_files(Path::new("/nowhere"), "src").is_err());
}
