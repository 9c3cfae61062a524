//! The binary interface of the built library: symbols, names, needs and layouts, against lists that
//! only ever grow.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mona_tests::interface::{exported_symbols, functions_of_header};
use mona_tests::program::expect_success;
use mona_tests::{Program, library, run, workspace};

/// What the shared object may need at run time: the C library in its parts and the unwinder.
const ALLOWED_NEEDS: [&str; 8] = [
    "libc.so.6",
    "libm.so.6",
    "libdl.so.2",
    "libpthread.so.0",
    "librt.so.1",
    "libutil.so.1",
    "libgcc_s.so.1",
    "ld-linux-x86-64.so.2",
];

/// The entries of a list below `tests/abi`, without comments and blank lines.
fn list(name: &str) -> io::Result<Vec<String>> {
    let text = fs::read_to_string(workspace().join("tests/abi").join(name))?;
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    Ok(lines.map(str::to_owned).collect())
}

fn header() -> io::Result<String> {
    fs::read_to_string(workspace().join("include/mona.h"))
}

fn dynamic_section(shared: &Path) -> io::Result<String> {
    expect_success(Command::new("readelf").args(["--dynamic", "--wide"]).arg(shared))
}

/// The names in square brackets on the lines of a tag, such as `NEEDED`.
fn named(dynamic: &str, tag: &str) -> Vec<String> {
    let tag = format!("({tag})");
    let lines = dynamic.lines().filter(|line| line.contains(&tag));
    lines.filter_map(|line| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned())).collect()
}

#[test]
fn header_object_and_list_name_the_same_functions() {
    let listed = list("symbols.txt").unwrap();
    let unique: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(unique.len(), listed.len(), "symbols.txt has a name twice");
    assert_eq!(functions_of_header(&header().unwrap()), unique, "header and tests/abi/symbols.txt");
    assert_eq!(exported_symbols(&library().unwrap().shared).unwrap(), unique, "object and symbols.txt");
}

#[test]
#[cfg(target_os = "linux")]
fn the_object_has_its_name_and_stays_loaded() {
    let dynamic = dynamic_section(&library().unwrap().shared).unwrap();
    let header = header().unwrap();
    let number = header.lines().find_map(|line| line.strip_prefix("#define MONA_ABI_VERSION "));
    assert_eq!(named(&dynamic, "SONAME"), [format!("libmona.so.{}", number.unwrap())]);
    let flags = dynamic.lines().find(|line| line.contains("(FLAGS_1)")).unwrap();
    assert!(flags.contains("NODELETE"), "{flags}");
}

#[test]
#[cfg(target_os = "linux")]
fn the_object_needs_the_c_library_only() {
    let dynamic = dynamic_section(&library().unwrap().shared).unwrap();
    let needed = named(&dynamic, "NEEDED");
    assert!(needed.iter().any(|name| name == "libc.so.6"), "{needed:?}");
    let others: Vec<_> = needed.iter().filter(|name| !ALLOWED_NEEDS.contains(&name.as_str())).collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(!dynamic.contains("(RPATH)") && !dynamic.contains("(RUNPATH)"), "{dynamic}");
    assert!(!dynamic.contains("STATIC_TLS"), "initial-exec thread-locals cannot be loaded by dlopen");
}

#[test]
#[cfg(target_pointer_width = "64")]
fn layouts_are_as_listed() {
    let program = Program::c("tests/c/interface/layout.c").build().unwrap();
    let finished = run(&mut program.command(), Duration::from_secs(60)).unwrap().expect_ok().unwrap();
    let found: Vec<_> = finished.stdout.lines().map(str::to_owned).collect();
    assert_eq!(found, list("layout.txt").unwrap());
}

/// Every member of a struct or union in the header is one line of `layout.txt`.
#[test]
fn every_member_of_the_header_is_listed() {
    let header = header().unwrap();
    let listed = list("layout.txt").unwrap();
    let mut members = 0;
    for start in ["typedef struct mona_", "typedef union mona_"] {
        for body in header.split(start).skip(1) {
            let Some((name, body)) = body.split_once(" {\n") else { continue };
            let Some((body, _)) = body.split_once(&format!("}} mona_{name};")) else { continue };
            for line in body.lines().filter(|line| line.ends_with(';')) {
                let member = line.trim_end_matches(';').rsplit([' ', '*']).next().unwrap_or_default();
                let entry = format!("mona_{name}.{member} ");
                let seen = listed.iter().any(|line| line.starts_with(&entry));
                assert!(seen, "tests/abi/layout.txt has no line {entry:?}");
                members += 1;
            }
        }
    }
    assert_eq!(members, listed.iter().filter(|line| line.contains('.')).count());
}
