//! The C in the documents and in the header's comments: it compiles, as C and as C++, and no call in it fails. So does
//! the C++ in the documents. The pages that list functions, statuses and counters list those of the header, in its order.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test has to fail loudly")]

use mona_tests::{Language, Recipe, interface, run, workspace};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Generous for one program on a loaded machine.
const LIMIT: Duration = Duration::from_secs(240);

/// What stands around statements; the names are those that the documents use without declaring them.
const BEFORE: &str = r#"
#include <mona.h>

#include <stdio.h>

static int example(void)
{
    mona_client *client = mona_client_default();
    mona_context *context = NULL;
    mona_status status = mona_context_new(client, "documents", MONA_NTS, NULL, 0, MONA_NOW, &context);
    double confidence = 0.97;
    int64_t batch = 7;
    const char *answer = "cat";
    size_t answer_len = 3;
    if (mona_current_enter("documents", MONA_NTS, NULL, 0, MONA_NOW, NULL) != MONA_OK || status != MONA_OK) return 1;
    {
"#;
const BEHIND: &str = r"
    }
    mona_current_leave(MONA_INNERMOST);
    mona_context_free(context);
    return mona_client_close(client, 5000) == MONA_OK ? 0 : 1;
}
";

/// Says which call failed, if one did.
const MAIN: &str = r#"
#include <stdio.h>

int main(void)
{
    char why[1024];
    size_t len = 0;
    int result = example();
    mona_last_error(why, sizeof why, &len);
    if (len > 0) puts(why);
    return result;
}
"#;

/// The same for C++.
const BEFORE_CPP: &str = r#"
#include <mona.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;

static int example()
{
    const mona::client client;
    const mona::context run(client, "documents");
    const mona::scope around("documents");
    const double confidence = 0.97;
    {
"#;
const BEHIND_CPP: &str = r"
    }
    return client.close(5s) ? 0 : 1;
}
";

/// A piece of C or C++, and where it begins.
struct Example {
    place: String,
    language: Language,
    code: String,
    /// Whether docs/site/samples.py runs it, with all that its page says to run; here it is compiled.
    is_file: bool,
}

impl Example {
    /// The whole program: what has no `main` is statements.
    fn program(&self) -> String {
        let (own_main, before, behind) = match self.language {
            Language::C => ("int main(void)", BEFORE, BEHIND),
            Language::Cpp => ("int main()", BEFORE_CPP, BEHIND_CPP),
        };
        let whole = self.code.replacen(own_main, "static int example(void)", 1);
        if whole == self.code { format!("{before}{whole}{behind}{MAIN}") } else { whole + MAIN }
    }

    fn check_as(&self, language: Language, suffix: &str) -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let source = folder.path().join("example").with_extension(suffix);
        fs::write(&source, self.program())?;
        // An example need not use everything that is declared around it.
        let recipe = Recipe::new(language).flag("-Wno-unused").source(&source);
        let program = recipe.build()?;
        if self.is_file {
            return Ok(());
        }
        let finished = run(program.command().env("MONA_ENDPOINT", "memory:"), LIMIT)?.expect_ok()?;
        match (finished.stdout + &finished.stderr).as_str() {
            "" => Ok(()),
            said => Err(io::Error::other(said)),
        }
    }

    fn check(&self) -> io::Result<()> {
        if self.language == Language::C {
            self.check_as(Language::C, "c")?;
        }
        self.check_as(Language::Cpp, "cpp")
    }
}

/// What stands between "```c" or "```cpp" and "```".
fn of_markdown(name: &str, text: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut fence: Option<&str> = None;
    let mut is_file = false;
    for (line, number) in text.lines().zip(1..) {
        match (line.trim_start().strip_prefix("```"), fence) {
            (Some(kind), None) => {
                fence = Some(kind);
                let language = match kind {
                    "c" => Language::C,
                    "cpp" => Language::Cpp,
                    _ => continue,
                };
                let place = format!("{name}:{number}");
                found.push(Example { place, language, code: String::new(), is_file });
            }
            (Some(_), Some(_)) => (fence, is_file) = (None, false),
            (None, Some("c" | "cpp")) => found.last_mut().unwrap().code.extend([line, "\n"]),
            (None, _) => is_file = line.starts_with("<!-- file: "),
        }
    }
    assert!(fence.is_none(), "{name}: a fence is left open");
    found
}

/// The indented lines of a comment that stand together and have a statement among them.
fn of_header(name: &str, text: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut is_inside = false;
    for (line, number) in text.lines().zip(1..) {
        let code = line.strip_prefix(" *   ").filter(|code| !code.starts_with(' '));
        if let Some(code) = code {
            if !is_inside {
                let place = format!("{name}:{number}");
                found.push(Example { place, language: Language::C, code: String::new(), is_file: false });
            }
            found.last_mut().unwrap().code.extend([code, "\n"]);
        }
        is_inside = code.is_some();
    }
    found.retain(|example| example.code.lines().any(|line| line.ends_with(';')));
    found
}

/// The documents below `folder`; what begins with a dot and what was built there are none.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !name.starts_with('.') && !["target", "build"].contains(&name.as_ref()) {
                documents(&path, found)?;
            }
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
    Ok(())
}

/// Every document, by its path below the workspace, with its text.
fn all_documents() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    documents(&workspace(), &mut paths).unwrap();
    let named = paths.iter().map(|path| {
        let below = path.strip_prefix(workspace()).unwrap_or(path).display().to_string();
        (below, fs::read_to_string(path).unwrap())
    });
    named.collect()
}

fn check_all(examples: &[Example]) {
    for example in examples {
        if let Err(error) = example.check() {
            panic!("{}: {error}\n{}", example.place, example.code);
        }
    }
}

#[test]
fn the_c_and_cpp_of_every_document_does_what_it_says() {
    let documents = all_documents();
    let examples: Vec<_> = documents.iter().flat_map(|(name, text)| of_markdown(name, text)).collect();
    for known in ["README.md", "docs/performance.md", "docs/languages/cpp.md"] {
        assert!(examples.iter().any(|example| example.place.starts_with(known)), "nothing found in {known}");
    }
    check_all(&examples);
}

#[test]
fn the_first_program_is_among_the_examples() {
    let first: Vec<_> = of_markdown("README.md", &text_of("README.md"));
    for (language, path) in
        [(Language::C, "bindings/c/examples/hello.c"), (Language::Cpp, "bindings/cpp/examples/hello.cpp")]
    {
        let shown = first.iter().find(|example| example.language == language).unwrap();
        assert_eq!(shown.code, text_of(path), "README.md and {path}");
    }
}

/// The links of a document that lead to no file, relative to its folder.
fn dead_links<'a>(folder: &Path, text: &'a str) -> Vec<&'a str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let files = targets.filter_map(|(target, _)| target.split('#').next());
    let dead = |file: &&str| !file.is_empty() && !file.contains("://") && !folder.join(file).exists();
    files.filter(dead).collect()
}

#[test]
fn every_link_leads_to_a_file() {
    for (name, text) in all_documents() {
        let path = workspace().join(&name);
        assert_eq!(dead_links(path.parent().unwrap(), &text), Vec::<&str>::new(), "{name}");
    }
    let text = "[a](README.md) [b](https://example.org/x) [c](README.md#options) [d](#here) [e](REDME.md)";
    assert_eq!(dead_links(&workspace(), text), ["REDME.md"]);
}

#[test]
fn the_c_of_the_header_does_what_it_says() {
    let name = "include/mona.h";
    let examples = of_header(name, &fs::read_to_string(workspace().join(name)).unwrap());
    assert!(examples.len() >= 4, "only {} examples were recognised", examples.len());
    check_all(&examples);
}

#[test]
fn a_wrong_example_would_be_found() {
    let wrong = [
        ("```c\nmona_curent_reset();\n```", "mona_curent_reset"),
        ("- indented\n\n  ```c\n  mona_current_export(\"{'a': 1}\", MONA_NTS, MONA_NOW);\n  ```\n", "JSON"),
        ("```cpp\nrun.send(mona::json(\"{'a': 1}\")).ignore();\n```", "JSON"),
        ("```cpp\nrun.send({{\"a\", 'b'}}).ignore();\n```", "deleted"),
        ("```cpp\n#include <mona.hpp>\n\nint main()\n{\n    return 3;\n}\n```", "exit status: 3"),
        ("```c\n#include <mona.h>\n\nint main(void)\n{\n    return 3;\n}\n```", "exit status: 3"),
    ];
    for (text, expected) in wrong {
        let examples = of_markdown("wrong.md", &format!("```sh\nmake\n```\n\n{text}"));
        let [example] = examples.as_slice() else { panic!("{} examples in {text}", examples.len()) };
        let error = example.check().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

fn text_of(name: &str) -> String {
    fs::read_to_string(workspace().join(name)).unwrap()
}

/// The names in the first cells of the tables of a page: what stands there alone between two backticks.
fn named_in_tables(page: &str) -> Vec<&str> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split_once("` |").map(|(name, _)| name)).collect()
}

/// The counters of `mona_stats`: its members but for the size.
fn counters(header: &str) -> Vec<&str> {
    let (_, rest) = header.split_once("typedef struct mona_stats {").unwrap();
    let (members, _) = rest.split_once('}').unwrap();
    let lines = members.lines().filter_map(|line| line.trim().strip_prefix("uint64_t "));
    lines.map(|line| line.trim_end_matches(';')).collect()
}

#[test]
fn every_counter_is_explained() {
    let (page, header) = (text_of("docs/statistics.md"), text_of("include/mona.h"));
    let (listed, _) = page.split_once("## What to alert on").unwrap();
    let counters = counters(&header);
    assert!(counters.len() >= 21, "only {counters:?} were recognised");
    assert_eq!(named_in_tables(listed), counters);
    let grown = header.replacen("worker_panics;", "worker_panics;\n  uint64_t another;", 1);
    assert_ne!(named_in_tables(listed), self::counters(&grown), "one that is missing would be found");
}

/// Every name that begins with `mona_` and is called in the page.
fn called(page: &str) -> BTreeSet<String> {
    let calls = page.split("mona_").skip(1).filter_map(|rest| {
        let name = rest.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_').next()?;
        rest.get(name.len()..)?.trim_start().starts_with('(').then(|| format!("mona_{name}"))
    });
    calls.collect()
}

#[test]
fn the_contract_has_the_functions_and_statuses_of_the_header() {
    let (page, header) = (text_of("docs/spec/api.md"), text_of("include/mona.h"));
    assert_eq!(called(&page), interface::functions_of_header(&header));
    let statuses: Vec<_> = header
        .lines()
        .filter_map(|line| line.strip_prefix("#define MONA_")?.rsplit_once(' '))
        .filter(|(name, _)| *name == "OK" || name.starts_with("E_"))
        .map(|(name, number)| format!("| {number} | `MONA_{name}` |"))
        .collect();
    assert!(statuses.len() >= 17, "only {statuses:?} were recognised");
    for status in statuses {
        assert!(page.contains(&status), "docs/spec/api.md: no row {status}");
    }
}

/// What `make` may be called with that is listed as phony or called in a page and has no rule with commands or parts:
/// `make` says nothing of it, and does nothing.
fn targets_without_a_rule(makefile: &str, pages: &[(String, String)]) -> BTreeSet<String> {
    let unfolded = makefile.replace("\\\n", " ");
    let (mut listed, mut rules) = (BTreeSet::new(), BTreeSet::new());
    for (line, next) in unfolded.lines().zip(unfolded.lines().skip(1)) {
        if let Some(names) = line.strip_prefix(".PHONY:") {
            listed.extend(names.split_whitespace().map(str::to_owned));
        }
        let rule = line.split_once(':').filter(|(name, _)| !name.contains(['\t', ' ']));
        let rule = rule.filter(|(_, parts)| next.starts_with('\t') || !parts.trim().is_empty());
        rules.extend(rule.map(|(name, _)| name.to_owned()));
    }
    for (_, page) in pages {
        for (call, _) in page.split("`make ").skip(1).filter_map(|rest| rest.split_once('`')) {
            let names = call.split_whitespace().take_while(|word| !word.contains(['=', '.', '/']));
            listed.extend(names.map(str::to_owned));
        }
    }
    listed.difference(&rules).cloned().collect()
}

#[test]
fn every_target_has_a_rule() {
    let (makefile, pages) = (text_of("Makefile"), all_documents());
    assert_eq!(targets_without_a_rule(&makefile, &pages), BTreeSet::new());
    let without = makefile.replacen("\ntest-sanitizers:\n", "\n", 1);
    assert_eq!(targets_without_a_rule(&without, &pages), BTreeSet::from(["test-sanitizers".to_owned()]));
    let pages = [("a page".to_owned(), "`make tea`, `make install PREFIX=/x`".to_owned())];
    assert_eq!(targets_without_a_rule(&makefile, &pages), BTreeSet::from(["tea".to_owned()]));
}
