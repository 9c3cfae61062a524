//! What the macros of the header take and what they refuse, by every compiler and standard that is here: wrong types are
//! errors where C11 or C++11 can say so, everything harmless compiles with every warning being an error.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test has to fail loudly")]

use mona_tests::program::expect_success;
use mona_tests::{Language, workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What users turn on.
const STRICT: [&str; 10] = [
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wpedantic",
    "-pedantic-errors",
    "-Wconversion",
    "-Wsign-conversion",
    "-Wshadow",
    "-Wdouble-promotion",
    "-Wno-unknown-warning-option",
];
/// The newest ones by the names that compilers of some age know too.
const C_STANDARDS: [&str; 4] = ["c99", "c11", "gnu17", "c2x"];
const CPP_STANDARDS: [&str; 6] = ["c++98", "c++11", "c++14", "gnu++17", "c++20", "c++2b"];
/// For other systems, which differ in their types and not in what a standard says.
const C_ELSEWHERE: [&str; 2] = ["c99", "c11"];
const CPP_ELSEWHERE: [&str; 2] = ["c++98", "c++11"];
/// Those without what a refusal needs.
const UNCHECKED: [&str; 2] = ["c99", "c++98"];

/// What the values below are made of; nothing that another header would be needed for.
const BEFORE: &str = r#"
#include <mona.h>
typedef enum { RED, GREEN, BELOW = -1 } colour;
typedef struct { unsigned bits : 3; int few : 4; unsigned flag : 1; } packed;
#ifdef __cplusplus
extern "C" {
#endif
extern int i; extern unsigned u; extern long l; extern unsigned long ul; extern short sh; extern unsigned short us;
extern char c; extern signed char sc; extern unsigned char uc; extern float f; extern double d; extern long double ld;
extern int64_t i64; extern uint64_t u64; extern size_t size; extern colour hue; extern packed parts; extern char text[8];
extern char *letters; extern const char *name; extern const unsigned char *bytes; extern int *ip; extern void *nothing;
extern volatile int v; extern const double half; extern const wchar_t *wide; extern volatile char *port;
int call_int(void); double call_double(void); float call_float(void); unsigned call_unsigned(void);
#ifdef __cplusplus
}
#endif
"#;

/// Taken in both languages by all standards.
const TAKEN: &[&str] = &[
    r#"MONA_I64("a", 1)"#, r#"MONA_I64("a", -1)"#, r#"MONA_I64("a", INT64_MAX)"#, r#"MONA_I64("a", INT64_MIN)"#,
    r#"MONA_I64("a", i)"#, r#"MONA_I64("a", l)"#, r#"MONA_I64("a", i64)"#, r#"MONA_I64("a", sh)"#,
    r#"MONA_I64("a", us)"#, r#"MONA_I64("a", u)"#, r#"MONA_I64("a", uc)"#, r#"MONA_I64("a", sc)"#,
    r#"MONA_I64("a", c)"#, r#"MONA_I64("a", 'x')"#, r#"MONA_I64("a", UINT32_MAX)"#, r#"MONA_I64("a", sizeof(int))"#,
    r#"MONA_I64("a", hue)"#, r#"MONA_I64("a", BELOW)"#, r#"MONA_I64("a", parts.few)"#, r#"MONA_I64("a", v)"#,
    r#"MONA_I64("a", i++)"#, r#"MONA_I64("a", *ip)"#, r#"MONA_I64("a", call_int())"#, r#"MONA_I64("a", i ? 1 : -1)"#,
    r#"MONA_I64("a", i > 3)"#, r#"MONA_I64("a", letters - text)"#, r#"MONA_I64("a", parts.bits)"#,
    r#"MONA_U64("a", 0)"#, r#"MONA_U64("a", 1)"#, r#"MONA_U64("a", UINT64_MAX)"#, r#"MONA_U64("a", INT64_MAX)"#,
    r#"MONA_U64("a", u)"#, r#"MONA_U64("a", ul)"#, r#"MONA_U64("a", u64)"#, r#"MONA_U64("a", uc)"#,
    r#"MONA_U64("a", us)"#, r#"MONA_U64("a", size)"#, r#"MONA_U64("a", sizeof i)"#, r#"MONA_U64("a", 3 * 4)"#,
    r#"MONA_U64("a", GREEN)"#, r#"MONA_U64("a", u++)"#, r#"MONA_U64("a", call_unsigned())"#, r#"MONA_U64("a", 'x')"#,
    r#"MONA_F64("a", 0.97)"#, r#"MONA_F64("a", -1.0)"#, r#"MONA_F64("a", 1e300)"#, r#"MONA_F64("a", d)"#,
    r#"MONA_F64("a", half)"#, r#"MONA_F64("a", call_double())"#, r#"MONA_F64("a", 1)"#, r#"MONA_F64("a", -1)"#,
    r#"MONA_F64("a", i)"#, r#"MONA_F64("a", u)"#, r#"MONA_F64("a", uc)"#, r#"MONA_F64("a", d / 3)"#,
    r#"MONA_F64("a", d += 1)"#, r#"MONA_F64("a", INT32_MIN)"#, r#"MONA_F64("a", parts.few)"#,
    r#"MONA_F32("a", 0.97f)"#, r#"MONA_F32("a", f)"#, r#"MONA_F32("a", f * 2)"#, r#"MONA_F32("a", call_float())"#,
    r#"MONA_F32("a", sh)"#, r#"MONA_F32("a", uc)"#, r#"MONA_F32("a", f++)"#,
    r#"MONA_BOOL("a", 42)"#, r#"MONA_BOOL("a", i > 3)"#, r#"MONA_BOOL("a", !ip)"#, r#"MONA_BOOL("a", ip != NULL)"#,
    r#"MONA_BOOL("a", u64)"#, r#"MONA_BOOL("a", i & 4)"#, r#"MONA_BOOL("a", parts.flag)"#, r#"MONA_BOOL("a", hue)"#,
    r#"MONA_BOOL("a", c)"#, r#"MONA_BOOL("a", i++)"#, r#"MONA_BOOL("a", i64)"#, r#"MONA_BOOL("a", d > 0.5)"#,
    r#"MONA_STR("a", "x")"#, r#"MONA_STR("a", text)"#, r#"MONA_STR("a", letters)"#, r#"MONA_STR("a", name)"#,
    r#"MONA_STR("a", NULL)"#, r#"MONA_STR("a", &text[1])"#, r#"MONA_STR("a", letters++)"#, r#"MONA_STR("a" "b", __FILE__)"#,
    r#"MONA_STR(name, name)"#, r#"MONA_STR(text, "x")"#, r#"MONA_STR(i ? "b" : "c", i ? "d" : NULL)"#,
    r#"MONA_JSON("a", "[1]")"#, r#"MONA_JSON(letters, NULL)"#, r#"MONA_NULL("a")"#, r#"MONA_NULL(text)"#,
];

/// Where the macros look at types, also these.
const TAKEN_WHERE_CHECKED: &[&str] = &[r#"MONA_F64("a", f)"#, r#"MONA_F64("a", 0.5f)"#, r#"MONA_F64("a", call_float())"#];
const TAKEN_BY_C11: &[&str] = &[
    r#"MONA_STR("a", bytes)"#, r#"MONA_STR("a", nothing)"#, r#"MONA_STR("a", u8"x")"#, r#"MONA_STR(u8"a", u8"x")"#,
    r#"MONA_STR(bytes, __func__)"#, r#"MONA_BOOL("a", (_Bool)i)"#, r#"MONA_I64("a", (_Bool)i)"#,
    r#"MONA_U64("a", (_Bool)i)"#, r#"MONA_I64("a", 5ULL)"#,
];
const TAKEN_BY_CPP11: &[&str] = &[
    r#"MONA_STR("a", nullptr)"#, r#"MONA_STR("a", __func__)"#, r#"MONA_BOOL("a", true)"#, r#"MONA_I64("a", i > 3)"#,
    r#"MONA_U64("a", u > 3)"#, r#"MONA_I64("a", [] { return 3; }())"#, r#"MONA_I64("a", 5ULL)"#,
    r#"MONA_U64("a", static_cast<unsigned>(i))"#, r#"MONA_F64("a", static_cast<double>(u64))"#,
];

/// How compilers of C++ say it.
const DELETED: &[&str] = &["deleted"];
const NARROW: &[&str] = &["narrowing", "narrowed"];
const OTHER: &[&str] = &["invalid conversion", "cannot convert", "cannot initialize", "no matching", "no known conversion", "ambiguous"];
/// Only C says it.
const BY_C: &[&str] = &[];

/// What is refused, with what C says and what C++ says.
const REFUSED: &[(&str, &str, &[&str])] = &[
    (r#"MONA_I64("a", 3.7)"#, "MONA_I64 takes", DELETED), (r#"MONA_I64("a", d)"#, "MONA_I64 takes", DELETED),
    (r#"MONA_I64("a", 2.0f)"#, "MONA_I64 takes", DELETED), (r#"MONA_I64("a", f)"#, "MONA_I64 takes", DELETED),
    (r#"MONA_I64("a", ld)"#, "MONA_I64 takes", DELETED), (r#"MONA_I64("a", half)"#, "MONA_I64 takes", DELETED),
    (r#"MONA_I64("a", u64)"#, "MONA_I64 takes", NARROW), (r#"MONA_I64("a", UINT64_MAX)"#, "MONA_I64 takes", NARROW),
    (r#"MONA_I64("a", letters)"#, "MONA_I64 takes", DELETED), (r#"MONA_I64("a", "x")"#, "MONA_I64 takes", DELETED),
    (r#"MONA_I64("a", ip)"#, "MONA_I64 takes", DELETED), (r#"MONA_I64("a", call_double())"#, "MONA_I64 takes", DELETED),
    (r#"MONA_I64("a", call_int)"#, "MONA_I64 takes", DELETED),
    (r#"MONA_U64("n", -1)"#, "MONA_U64 takes", NARROW), (r#"MONA_U64("n", -1L)"#, "MONA_U64 takes", NARROW),
    (r#"MONA_U64("n", INT64_MIN)"#, "MONA_U64 takes", NARROW), (r#"MONA_U64("n", BELOW)"#, "MONA_U64 takes", NARROW),
    (r#"MONA_U64("n", i)"#, "MONA_U64 takes", NARROW), (r#"MONA_U64("n", i64)"#, "MONA_U64 takes", NARROW),
    (r#"MONA_U64("n", sh)"#, "MONA_U64 takes", NARROW), (r#"MONA_U64("n", sc)"#, "MONA_U64 takes", NARROW),
    (r#"MONA_U64("n", 3.7)"#, "MONA_U64 takes", DELETED), (r#"MONA_U64("n", d)"#, "MONA_U64 takes", DELETED),
    (r#"MONA_U64("n", ip)"#, "MONA_U64 takes", DELETED), (r#"MONA_U64("n", ld)"#, "MONA_U64 takes", DELETED),
    (r#"MONA_F64("a", letters)"#, "MONA_F64 takes", DELETED), (r#"MONA_F64("a", "0.5")"#, "MONA_F64 takes", DELETED),
    (r#"MONA_F64("a", ip)"#, "MONA_F64 takes", DELETED), (r#"MONA_F64("a", ld)"#, "MONA_F64 takes", DELETED),
    (r#"MONA_F64("a", 0.5L)"#, "MONA_F64 takes", DELETED), (r#"MONA_F64("a", i64)"#, "MONA_F64 takes", DELETED),
    (r#"MONA_F64("a", u64)"#, "MONA_F64 takes", DELETED), (r#"MONA_F64("a", NULL)"#, "MONA_F64 takes", BY_C),
    (r#"MONA_F32("a", 0.97)"#, "MONA_F32 takes", DELETED), (r#"MONA_F32("a", d)"#, "MONA_F32 takes", DELETED),
    (r#"MONA_F32("a", ld)"#, "MONA_F32 takes", DELETED), (r#"MONA_F32("a", i)"#, "MONA_F32 takes", DELETED),
    (r#"MONA_F32("a", 3)"#, "MONA_F32 takes", DELETED), (r#"MONA_F32("a", u64)"#, "MONA_F32 takes", DELETED),
    (r#"MONA_F32("a", name)"#, "MONA_F32 takes", DELETED),
    (r#"MONA_BOOL("b", 2.5)"#, "MONA_BOOL takes", DELETED), (r#"MONA_BOOL("b", f)"#, "MONA_BOOL takes", DELETED),
    (r#"MONA_BOOL("b", "false")"#, "MONA_BOOL takes", DELETED), (r#"MONA_BOOL("b", ip)"#, "MONA_BOOL takes", DELETED),
    (r#"MONA_BOOL("b", name)"#, "MONA_BOOL takes", DELETED), (r#"MONA_BOOL("b", ld)"#, "MONA_BOOL takes", BY_C),
    (r#"MONA_STR("s", 3)"#, "MONA_STR takes", OTHER), (r#"MONA_STR("s", 'c')"#, "MONA_STR takes", OTHER),
    (r#"MONA_STR("s", 0)"#, "MONA_STR takes", BY_C), (r#"MONA_STR("s", i)"#, "MONA_STR takes", OTHER),
    (r#"MONA_STR("s", d)"#, "MONA_STR takes", OTHER), (r#"MONA_STR("s", ip)"#, "MONA_STR takes", OTHER),
    (r#"MONA_STR("s", wide)"#, "MONA_STR takes", OTHER), (r#"MONA_STR("s", port)"#, "MONA_STR takes", OTHER),
    (r#"MONA_JSON("s", 3)"#, "MONA_JSON takes", OTHER), (r#"MONA_JSON("s", wide)"#, "MONA_JSON takes", OTHER),
    (r#"MONA_I64(3, 3)"#, "key of a field", OTHER), (r#"MONA_U64(ip, 3)"#, "key of a field", OTHER),
    (r#"MONA_NULL('a')"#, "key of a field", OTHER), (r#"MONA_F64(wide, 0.5)"#, "key of a field", OTHER),
    (r#"MONA_F32(d, 0.5f)"#, "key of a field", OTHER), (r#"MONA_STR(NULL, "x")"#, "key of a field", BY_C),
    (r#"MONA_BOOL(hue, 1)"#, "key of a field", OTHER), (r#"MONA_JSON(nothing, "1")"#, "key of a field", OTHER),
];
/// Where the compiler has such numbers.
const REFUSED_128: &[(&str, &str, &[&str])] = &[
    (r#"MONA_I64("a", (__int128)1)"#, "MONA_I64 takes", DELETED),
    (r#"MONA_U64("a", (unsigned __int128)1)"#, "MONA_U64 takes", DELETED),
    (r#"MONA_F64("a", (__int128)1)"#, "MONA_F64 takes", DELETED),
];

/// A compiler of one language, with what makes it one for another system.
struct Compiler {
    language: Language,
    words: Vec<String>,
    has_128: bool,
    says: String,
}

impl Compiler {
    fn command(&self, standard: &str) -> Command {
        let (program, arguments) = self.words.split_first().unwrap();
        let mut command = Command::new(program);
        command.args(arguments).arg(format!("-std={standard}")).arg("-I").arg(workspace().join("include"));
        // Words that are looked for, in one language and at the line of the program.
        command.env("LC_ALL", "C").arg(if self.says.contains("clang") { "-ferror-limit=0" } else { "-ftrack-macro-expansion=0" });
        command
    }

    fn is_c(&self) -> bool {
        self.language == Language::C
    }

    fn name(&self, standard: &str) -> String {
        format!("{} -std={standard}", self.words.join(" "))
    }
}

/// Where zig is, if it was installed for the portable library: a Clang of another age.
fn zig() -> String {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), Into::into);
    std::env::var("ZIG").unwrap_or_else(|_| format!("{} -m ziglang", target.join("venv/zig/bin/python").display()))
}

/// The compilers that are here, each once.
fn compilers() -> Vec<Compiler> {
    let (zig, mut found) = (zig(), Vec::new());
    for language in [Language::C, Language::Cpp] {
        let mut seen = BTreeSet::new();
        let usual = format!("{:?}", language.compiler()).replace('"', "");
        let (gcc, clang, zig_has) = match language {
            Language::C => ("gcc", "clang", format!("{zig} cc")),
            Language::Cpp => ("g++", "clang++", format!("{zig} c++")),
        };
        let ways = [
            (usual.clone(), true),
            (gcc.to_owned(), true),
            (clang.to_owned(), true),
            (zig_has, true),
            // As MSVC reads it, for a system where long has 32 bits; and where char is unsigned, and where pointers have 32.
            // Clang leaves narrowing alone there unless it is asked, MSVC does not.
            (format!("{clang} -fms-compatibility -fms-extensions -Wnarrowing"), true),
            (format!("{clang} --target=x86_64-pc-windows-msvc -ffreestanding -Wnarrowing"), true),
            (format!("{clang} --target=aarch64-linux-gnu -ffreestanding"), true),
            (format!("{clang} --target=i686-linux-gnu -ffreestanding"), false),
        ];
        for (way, has_128) in ways {
            let words: Vec<_> = way.split_whitespace().map(str::to_owned).collect();
            let (program, arguments) = words.split_first().unwrap();
            let said = Command::new(program).args(arguments).arg("--version").output();
            let Some(said) = said.ok().filter(|output| output.status.success()) else {
                eprintln!("types: skipped with {way}, it is not installed");
                continue;
            };
            let says = String::from_utf8_lossy(&said.stdout).into_owned();
            // The first word is the name that it was called by.
            let version = says.split_once(' ').map(|(_, version)| version.to_owned());
            if seen.insert((arguments.to_vec(), version)) {
                found.push(Compiler { language, words, has_128, says });
            }
        }
    }
    found
}

/// A source with one expression on each line, and which line each is on.
fn source<'e>(expressions: impl Iterator<Item = &'e str>) -> (String, BTreeMap<usize, &'e str>) {
    let mut text = BEFORE.to_owned();
    let mut lines = BTreeMap::new();
    for (number, expression) in expressions.enumerate() {
        let line = text.lines().count() + 1;
        text += &format!("mona_field field_{number}(void); mona_field field_{number}(void) {{ return {expression}; }}\n");
        lines.insert(line, expression);
    }
    (text, lines)
}

fn written(folder: &Path, compiler: &Compiler, text: &str) -> std::path::PathBuf {
    let path = folder.join("typed").with_extension(if compiler.is_c() { "c" } else { "cpp" });
    fs::write(&path, text).unwrap();
    path
}

fn standards(compiler: &Compiler) -> &'static [&'static str] {
    match (compiler.is_c(), compiler.words.iter().any(|word| word.starts_with("--target"))) {
        (true, false) => &C_STANDARDS,
        (true, true) => &C_ELSEWHERE,
        (false, false) => &CPP_STANDARDS,
        (false, true) => &CPP_ELSEWHERE,
    }
}

/// Compiles and keeps nothing; zig makes an object whatever it is asked for.
fn compiled(compiler: &Compiler, standard: &str, source: &Path) -> Command {
    let mut command = compiler.command(standard);
    command.arg("-c").arg(source).arg("-o").arg(source.with_extension("o"));
    command
}

#[test]
fn harmless_values_are_taken_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    for compiler in compilers() {
        for standard in standards(&compiler) {
            let is_checked = !UNCHECKED.contains(standard);
            let mut taken = TAKEN.to_vec();
            if is_checked {
                taken.extend(TAKEN_WHERE_CHECKED);
                taken.extend(if compiler.is_c() { TAKEN_BY_C11 } else { TAKEN_BY_CPP11 });
            }
            let path = written(folder.path(), &compiler, &source(taken.into_iter()).0);
            let mut command = compiled(&compiler, standard, &path);
            command.args(STRICT);
            if !is_checked {
                // Integers of 64 bits are no part of it, yet those of the header are; and what Clang's own headers use.
                command.args(["-Wno-long-long", "-Wno-c99-extensions"]);
            }
            expect_success(&mut command).unwrap_or_else(|error| panic!("{}: {error}", compiler.name(standard)));
        }
    }
}

/// The lines of the source that have an error, with what was said of each.
fn errors<'s>(said: &'s str, path: &Path) -> BTreeMap<usize, Vec<&'s str>> {
    let start = format!("{}:", path.display());
    let mut found: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for line in said.lines() {
        let place = line.strip_prefix(&start).filter(|rest| rest.contains("error: ") || rest.contains("note: "));
        if let Some(number) = place.and_then(|rest| rest.split(':').next()?.parse().ok()) {
            found.entry(number).or_default().push(line);
        }
    }
    found.retain(|_, lines| lines.iter().any(|line| line.contains("error: ")));
    found
}

#[test]
fn wrong_types_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ways, mut refusals, mut languages) = (0, 0, BTreeSet::new());
    for compiler in compilers() {
        for standard in standards(&compiler).iter().filter(|standard| !UNCHECKED.contains(standard)) {
            let more = if compiler.has_128 { REFUSED_128 } else { &[] };
            let wrong = REFUSED.iter().chain(more).filter(|(_, _, words)| compiler.is_c() || !words.is_empty());
            let wrong: BTreeMap<_, _> = wrong.map(|(expression, c, cpp)| (*expression, (*c, *cpp))).collect();
            let (text, lines) = source(wrong.keys().copied());
            let path = written(folder.path(), &compiler, &text);
            // Where a warning says it, as GCC does of some, that is one which is on without being asked for.
            let output = compiled(&compiler, standard, &path).arg("-Werror").output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let errors = errors(&said, &path);
            let name = compiler.name(standard);
            for (line, expression) in &lines {
                let (c, cpp) = wrong.get(expression).unwrap();
                let found = errors.get(line).unwrap_or_else(|| panic!("{name} takes {expression}\n{said}"));
                let is_named = |words: &[&str]| found.iter().any(|said| words.iter().any(|word| said.contains(word)));
                let expected: &[&str] = if compiler.is_c() { &[c] } else { cpp };
                assert!(is_named(expected), "{name}: {expected:?} are expected for {expression} in\n{found:#?}");
                refusals += 1;
            }
            let other: Vec<_> = errors.keys().filter(|line| !lines.contains_key(line)).collect();
            assert!(other.is_empty(), "{name}: {other:?} are other lines\n{said}");
            ways += 1;
            languages.insert(compiler.is_c());
        }
    }
    println!("types: {refusals} refusals in {ways} ways");
    assert!(ways >= 9, "only {ways} ways");
    assert_eq!(languages.len(), 2);
}

#[test]
fn the_looks_at_types_can_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let numbers = [r#"MONA_I64("a", d)"#, r#"MONA_U64("a", i)"#, r#"MONA_F64("a", i64)"#, r#"MONA_F32("a", d)"#, r#"MONA_BOOL("a", ip)"#];
    for compiler in compilers() {
        for standard in standards(&compiler) {
            let path = written(folder.path(), &compiler, &source(numbers.into_iter()).0);
            let without = |flag: Option<&str>| {
                let mut command = compiled(&compiler, standard, &path);
                expect_success(command.args(flag))
            };
            without(Some("-DMONA_NO_TYPE_CHECKS")).unwrap();
            assert_eq!(without(None).is_ok(), UNCHECKED.contains(standard), "{}", compiler.name(standard));
        }
    }
}
