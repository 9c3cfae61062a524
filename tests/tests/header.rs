//! The header: generated from the sources of `ffi/`, committed, complete, and clean in every standard
//! of C and C++.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cbindgen::{Builder, Config};
use mona_tests::program::expect_success;
use mona_tests::{Language, workspace};

/// The sources that have public items, in the order in which the header shows them.
const NOUNS: [&str; 13] = [
    "abi",
    "version",
    "status",
    "sentence",
    "stats",
    "options",
    "client",
    "field",
    "context",
    "current",
    "stack",
    "stack_export",
    "spool",
];

/// What stands before the functions that return something, also on a line of its own.
const USES: [&str; 2] = ["MONA_MUST_USE", "MONA_SHOULD_USE"];
const C_STANDARDS: [&[&str]; 5] = [&["c89"], &["c99"], &["c11"], &["c17"], &["c23", "c2x"]];
/// What strict projects in C++ turn on, and a C header forgets.
const CPP_WARNINGS: [&str; 3] = ["-Wold-style-cast", "-Wuseless-cast", "-Wzero-as-null-pointer-constant"];
const CPP_STANDARDS: [&[&str]; 6] =
    [&["c++98"], &["c++11"], &["c++14"], &["c++17"], &["c++20"], &["c++23", "c++2b"]];

fn header_path() -> PathBuf {
    workspace().join("include/mona.h")
}

/// Every source of `ffi/` but the crate's root, which cbindgen would follow to all others; those not in
/// the list come last, by name.
fn sources() -> io::Result<Vec<PathBuf>> {
    let folder = workspace().join("ffi/src");
    let mut rest = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let listed =
            path.file_stem().is_some_and(|stem| stem == "lib" || NOUNS.iter().any(|noun| stem == *noun));
        if !listed && path.extension().is_some_and(|extension| extension == "rs") {
            rest.push(path);
        }
    }
    rest.sort();
    let mut sources: Vec<_> = NOUNS.iter().map(|noun| folder.join(noun).with_extension("rs")).collect();
    sources.append(&mut rest);
    Ok(sources)
}

fn generated() -> io::Result<String> {
    let mut config = Config::from_file(workspace().join("ffi/cbindgen.toml")).map_err(io::Error::other)?;
    config.after_includes = config.after_includes.map(|text| {
        text.replace("@MAJOR@", env!("CARGO_PKG_VERSION_MAJOR"))
            .replace("@MINOR@", env!("CARGO_PKG_VERSION_MINOR"))
            .replace("@PATCH@", env!("CARGO_PKG_VERSION_PATCH"))
    });
    let fields = fs::read_to_string(workspace().join("ffi/fields.h"))?;
    config.trailer = config.trailer.map(|text| text.replace("@FIELDS@\n", &(fields + "\n")));
    let mut builder = Builder::new().with_config(config);
    for source in sources()? {
        builder = builder.with_src(source);
    }
    let bindings = builder.generate().map_err(io::Error::other)?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).map_err(io::Error::other)
}

/// The first line in which two texts differ, for a person to look at.
fn first_difference(old: &str, new: &str) -> String {
    let mut lines = old.lines().zip(new.lines()).enumerate();
    match lines.find(|(_, (old, new))| old != new) {
        Some((index, (old, new))) => format!("line {}:\n- {old}\n+ {new}", index + 1),
        None => format!("{} and {} lines", old.lines().count(), new.lines().count()),
    }
}

#[test]
fn the_committed_header_is_what_the_sources_say() {
    let new = generated().unwrap();
    if std::env::var_os("MONA_WRITE_HEADER").is_some() {
        fs::create_dir_all(workspace().join("include")).unwrap();
        fs::write(header_path(), &new).unwrap();
    }
    let old = fs::read_to_string(header_path()).unwrap_or_default();
    assert!(
        old == new,
        "include/mona.h differs from the sources; \
         MONA_WRITE_HEADER=1 cargo test -p mona-tests --test header the_committed_header writes it anew\n{}",
        first_difference(&old, &new)
    );
}

/// The lines of the header that declare something, each with the line before it.
fn declarations(header: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut before = "";
    let mut in_comment = false;
    let mut in_body = false;
    for line in header.lines() {
        let starts_comment = line.trim_start().starts_with("/*");
        let ends_comment = line.trim_end().ends_with("*/");
        if starts_comment || in_comment {
            in_comment = !ends_comment;
        } else if line.starts_with('}') {
            in_body = false;
        } else if is_declaration(line, in_body) {
            found.push((before, line));
        }
        // The members of a struct or union are declarations too, those of a function are not.
        if line.starts_with("typedef") && line.ends_with('{') {
            in_body = true;
        }
        if !line.starts_with("template") && !USES.contains(&line) {
            before = line;
        }
    }
    found
}

fn is_declaration(line: &str, in_body: bool) -> bool {
    if in_body {
        return line.ends_with(';');
    }
    let line = USES.iter().find_map(|word| line.strip_prefix(word)?.strip_prefix(' ')).unwrap_or(line);
    let starts = ["typedef ", "inline ", "mona_", "const char *mona_", "void mona_", "uint32_t mona_"];
    let macro_name = line.strip_prefix("#define ");
    macro_name.is_some_and(|name| name.starts_with("MONA_"))
        || starts.iter().any(|start| line.starts_with(start))
        || line.starts_with("struct mona_")
}

/// The declarations without a comment right before them.
fn undocumented(header: &str) -> Vec<&str> {
    // Inner parts of macros end in an underscore, and the guard is no item.
    let is_part = |line: &str| line.split(' ').nth(1).is_some_and(|name| name.ends_with('_'));
    let inner = |line: &str| {
        is_part(line)
            || line.contains("_(")
            || line.contains("MONA_H")
            || line.contains("MUST_USE")
            || line.contains("SHOULD_USE")
    };
    let pairs = declarations(header).into_iter();
    pairs.filter(|(before, line)| !before.trim_end().ends_with("*/") && !inner(line)).map(|p| p.1).collect()
}

#[test]
fn every_public_item_is_documented() {
    let header = fs::read_to_string(header_path()).unwrap();
    let declarations = declarations(&header);
    assert!(declarations.len() > 130, "only {} declarations were recognised", declarations.len());
    for function in mona_tests::interface::functions_of_header(&header) {
        let call = format!("{function}(");
        let seen = declarations.iter().any(|(_, line)| line.contains(&call));
        assert!(seen, "{function} was not recognised as a declaration");
    }
    assert_eq!(undocumented(&header), Vec::<&str>::new());
}

#[test]
fn an_undocumented_item_would_be_found() {
    let header = fs::read_to_string(header_path()).unwrap();
    let items = ["uint64_t delivered;", "#define MONA_E_IO 11", "uint32_t mona_abi_version(void);"];
    for item in items {
        let bare = header.replacen(item, &format!("\n{item}"), 1);
        let found = undocumented(&bare);
        assert!(found.iter().any(|line| line.trim() == item), "{item}: {found:?}");
    }
}

#[test]
fn every_function_says_result_threads_and_since() {
    let header = fs::read_to_string(header_path()).unwrap();
    let mut functions = 0;
    for comment in header.split("/**").skip(1) {
        let (comment, rest) = comment.split_once("*/").unwrap();
        let declaration: String = rest.lines().skip(1).take_while(|line| !line.is_empty()).collect();
        let declaration = USES.iter().fold(&*declaration, |line, word| line.trim_start_matches(word));
        if !declaration.trim_end().ends_with(");") || declaration.starts_with("typedef") {
            continue;
        }
        functions += 1;
        for part in ["Threads:", "Since 0."] {
            assert!(comment.contains(part), "no {part:?} in the comment of {declaration}");
        }
        assert_eq!(comment.contains("@return"), !declaration.starts_with("void"), "{declaration}");
        let list = declaration.split_once('(').unwrap().1.trim_end().trim_end_matches(");");
        for parameter in list.split(',').filter(|parameter| *parameter != "void") {
            let name = parameter.rsplit([' ', '*']).next().unwrap();
            assert!(comment.contains(&format!("@param {name} ")), "no @param {name} for {declaration}");
        }
    }
    assert_eq!(functions, mona_tests::interface::functions_of_header(&header).len());
}

/// A program with every macro of the header that a standard has; the texts that are NULL are for the macros that may
/// get them.
const EVERY_MACRO: &str = r#"
mona_status mona_test_status(const mona_context *context, const char *text);
mona_status mona_test_status(const mona_context *context, const char *text) {
#ifdef MONA_STR
  const mona_field fields[] = {
    MONA_NULL("a"), MONA_BOOL("b", 1), MONA_I64("c", 1), MONA_U64("d", 1), MONA_F64("e", 0.5), MONA_STR(text, text),
    MONA_JSON("f", "1"), MONA_STR("g", NULL), MONA_JSON("h", NULL), MONA_F32("i", 0.5f)
  };
  if (mona_context_export_fields(context, fields, sizeof fields / sizeof fields[0], MONA_NOW) != MONA_OK) return MONA_E_BUSY;
#endif
#ifdef MONA_CURRENT
  if (MONA_CURRENT(MONA_F32("a", 0.5f), MONA_STR("b", text)) != MONA_OK) return MONA_E_BUSY;
#endif
#ifdef MONA_EXPORT
  return MONA_EXPORT(context, MONA_F64("a", 0.5), MONA_STR("b", text), MONA_STR("c", NULL));
#else
  return mona_context_export(context, text, MONA_NTS, MONA_NOW);
#endif
}
"#;

/// The first name of a standard that the compiler knows; newer compilers drop draft names, older ones
/// know only those.
fn known(language: Language, names: &[&str], empty: &Path) -> Option<String> {
    names
        .iter()
        .map(|name| format!("-std={name}"))
        .find(|flag| expect_success(language.compiler().arg(flag).arg("-fsyntax-only").arg(empty)).is_ok())
}

fn compiles_in(language: Language, standards: &[&[&str]], suffix: &str) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let empty = folder.path().join("empty").with_extension(suffix);
    fs::write(&empty, "int mona_test_nothing;\n")?;
    let source = folder.path().join("twice").with_extension(suffix);
    fs::write(&source, format!("#include <mona.h>\n#include <mona.h>\n{EVERY_MACRO}"))?;
    for names in standards {
        let standard = known(language, names, &empty)
            .ok_or_else(|| io::Error::other(format!("the compiler knows none of {names:?}")))?;
        for extra in
            ["-UMONA_WARN_UNUSED", "-DMONA_WARN_UNUSED", "-DMONA_NO_WARN_UNUSED", "-DMONA_NO_TYPE_CHECKS"]
        {
            let mut compile = language.compiler();
            compile.args([&standard, "-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-Wshadow", extra]);
            if language == Language::Cpp {
                compile.args(CPP_WARNINGS);
            }
            compile.arg("-fsyntax-only").arg("-I").arg(workspace().join("include")).arg(&source);
            expect_success(&mut compile)?;
        }
    }
    Ok(())
}

#[test]
fn it_compiles_in_every_standard_of_c() {
    compiles_in(Language::C, &C_STANDARDS, "c").unwrap();
}

#[test]
fn it_compiles_in_every_standard_of_cpp() {
    compiles_in(Language::Cpp, &CPP_STANDARDS, "cpp").unwrap();
}

/// What is left alone in a program of this language and standard, by what the compiler says of it.
fn warned_of(language: Language, standard: &str, flags: &[&str], calls: &[&str]) -> io::Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    let source = folder.path().join(if language == Language::C { "unused.c" } else { "unused.cpp" });
    let statements: Vec<_> = calls.iter().map(|call| format!("  {call};\n")).collect();
    let text = format!(
        "#include <mona.h>\nvoid use(mona_client *client, mona_context *context);\n\
         void use(mona_client *client, mona_context *context) {{\n  (void)client; (void)context;\n{}}}\n",
        statements.concat()
    );
    fs::write(&source, text)?;
    let mut compile = language.compiler();
    compile.arg(format!("-std={standard}")).args(["-Wall", "-Wextra"]).args(flags).env("LC_ALL", "C");
    compile.arg("-I").arg(workspace().join("include"));
    let output = compile.arg("-c").arg(&source).arg("-o").arg(folder.path().join("unused.o")).output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let names =
        calls.iter().map(|call| call.split('(').find(|part| part.starts_with("mona_")).unwrap_or(call));
    Ok(names
        .filter(|name| said.contains(&format!("{name}'")) || said.contains(&format!("{name}(")))
        .map(str::to_owned)
        .collect())
}

#[test]
fn it_warns_where_an_answer_that_matters_is_not_looked_at() {
    let matter = [
        "mona_client_flush(client, 1)",
        "mona_client_close(client, 1)",
        "mona_options_new()",
        "mona_current_enter(\"a\", MONA_NTS, 0, 0, MONA_NOW, 0)",
    ];
    let others = [
        "mona_current_export(\"{}\", MONA_NTS, MONA_NOW)",
        "mona_current_leave(MONA_INNERMOST)",
        "mona_context_export_fields(context, 0, 0, MONA_NOW)",
    ];
    let names = |calls: &[&str]| -> Vec<_> {
        calls.iter().map(|call| call.split('(').next().unwrap_or_default().to_owned()).collect()
    };
    let all = [&matter[..], &others].concat();
    let ignored: Vec<_> = all.iter().map(|call| format!("MONA_IGNORE({call})")).collect();
    let ignored: Vec<_> = ignored.iter().map(String::as_str).collect();
    let c = ["c89", "c99", "c11", "c2x"].map(|standard| (Language::C, standard));
    let cpp = ["c++98", "c++14", "c++17", "c++2b"].map(|standard| (Language::Cpp, standard));
    for (language, standard) in c.into_iter().chain(cpp) {
        let warned = |flags: &[&str], calls: &[&str]| warned_of(language, standard, flags, calls).unwrap();
        assert_eq!(warned(&[], &all), names(&matter), "{standard}");
        assert_eq!(warned(&["-DMONA_WARN_UNUSED"], &all), names(&all), "{standard}");
        assert_eq!(warned(&["-DMONA_NO_WARN_UNUSED"], &all), Vec::<String>::new(), "{standard}");
        assert_eq!(
            warned(&["-DMONA_NO_WARN_UNUSED", "-DMONA_WARN_UNUSED"], &all),
            Vec::<String>::new(),
            "{standard}"
        );
        assert_eq!(warned(&["-DMONA_MUST_USE="], &all), Vec::<String>::new(), "{standard}");
        assert_eq!(warned(&["-DMONA_WARN_UNUSED", "-Werror"], &ignored), Vec::<String>::new(), "{standard}");
    }
}

#[test]
fn it_needs_no_other_headers_and_tells_the_version() {
    let header = fs::read_to_string(header_path()).unwrap();
    let includes: Vec<_> = header.lines().filter(|line| line.starts_with("#include")).collect();
    assert_eq!(includes, ["#include <stddef.h>", "#include <stdint.h>"]);
    let version = ["MAJOR", "MINOR", "PATCH"].map(|part| {
        let start = format!("#define MONA_VERSION_{part} ");
        header.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default()
    });
    assert_eq!(version.join("."), env!("CARGO_PKG_VERSION"));
}
