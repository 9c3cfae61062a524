//! docs/doctor.md says what the tool says: every hint, and a report that has the members of a real one.

use std::collections::BTreeSet;
use std::fs;

use mona_collector::{Service, Tls, TlsSettings};
use mona_tests::reach::{HOSTS, Trust};
use mona_tests::workspace;
use serde_json::Value;

use super::peers::serve;
use super::tool::{doctor, json};

fn page() -> String {
    text("docs/doctor.md")
}

/// The texts of a C source, those that stand behind each other as one.
fn literals(source: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = source;
    let mut follows = false;
    while let Some(start) = rest.find('"') {
        follows = follows && rest[..start].trim().is_empty();
        let mut text = String::new();
        let mut letters = rest[start + 1..].char_indices();
        let end = loop {
            match letters.next().unwrap() {
                (_, '\\') => text.push(letters.next().unwrap().1),
                (at, '"') => break start + 1 + at + 1,
                (_, letter) => text.push(letter),
            }
        };
        match found.last_mut().filter(|_| follows) {
            Some(last) => last.push_str(&text),
            None => found.push(text),
        }
        follows = true;
        rest = &rest[end..];
    }
    found
}

fn text(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap()
}

/// A row of the table in `hints.c`: the expression of its kinds, its step, words for what was met, options and advice.
fn hints() -> Vec<(String, [String; 4])> {
    let source = text("bindings/c/tools/hints.c");
    let table = source.split("} hints[] = {").nth(1).unwrap().split("\n};").next().unwrap();
    let rows = table.split("\n    {").skip(1).map(|row| {
        let kinds = row.split(", \"").next().unwrap().to_owned();
        (kinds, literals(row).try_into().unwrap())
    });
    rows.collect()
}

/// How the page calls the endpoints of such an expression. Its names stand for those of the other enum above the table, or
/// for a scheme.
fn endpoints(kinds: &str, source: &str) -> Vec<String> {
    let one = |name: &str| match name {
        "SERVICE" => vec!["`srv+…`".to_owned()],
        "KIND_SERVICE_TCP" => vec!["`srv+tcp://`".to_owned()],
        "KIND_SERVICE_TLS" => vec!["`srv+tls://`".to_owned()],
        "KIND_HTTP" => vec!["`http(s)://`".to_owned()],
        "KIND_OTLP" => vec!["`otlp+http(s)://`".to_owned()],
        "KIND_REST" => vec!["Mona REST API".to_owned()],
        _ => match name.strip_prefix("KIND_") {
            Some(scheme) => vec![format!("`{}://`", scheme.to_lowercase())],
            None => {
                let meaning =
                    source.split(&format!("\n    {name} = ")).nth(1).unwrap_or_else(|| panic!("{name}"));
                endpoints(meaning.split([',', '\n']).next().unwrap(), source)
            }
        },
    };
    kinds.split(" | ").flat_map(one).collect()
}

/// The cells of the page's table of hints.
fn rows(page: &str) -> Vec<Vec<&str>> {
    let rows = page.split("| step | found | endpoint | try | options |\n").nth(1).unwrap();
    let rows = rows.lines().skip(1).take_while(|line| line.starts_with("| "));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

#[test]
fn every_hint_is_on_the_page() {
    let (source, page, hints) = (text("bindings/c/tools/hints.c"), page(), hints());
    let rows = rows(&page);
    assert!(hints.len() > 40, "{hints:?}");
    assert_eq!(rows.len(), hints.len());
    let mut before = BTreeSet::new();
    // The first one that fits counts, so that their order is what they say, too.
    for ((kinds, [step, found, options, advice]), row) in hints.iter().zip(rows) {
        let is_first = before.insert((step, found));
        let endpoint = match kinds.as_str() {
            "ANY" if is_first => "all".to_owned(),
            "ANY" => "all others".to_owned(),
            kinds => endpoints(kinds, &source).join(", "),
        };
        let step = if step.is_empty() { "any".to_owned() } else { format!("`{step}`") };
        let found = found.split_whitespace().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        assert_eq!(row, [step.as_str(), &found, &endpoint, advice, options]);
    }
}

/// Where documents lie is said by the tool, on its page of the manual and on the page of the documents.
#[test]
fn the_place_of_documents_is_the_same_everywhere() {
    let header = text("bindings/c/tools/hints.h");
    let of = |name: &str| {
        let line = header.lines().find_map(|line| line.strip_prefix(&format!("#define {name} \"")));
        line.unwrap_or_else(|| panic!("{name}")).trim_end_matches('"').to_owned()
    };
    let places = [of("HINTS_DOCUMENTS"), of("HINTS_DOCUMENTS_DEBIAN")];
    let help = doctor(0, &[], &["--help"]).out;
    let manual = text("man/parts/mona-doctor.mdoc").replace("\\-", "-");
    for place in &places {
        for (name, said) in [("--help", &help), ("mdoc", &manual), ("doctor.md", &page())] {
            assert_eq!(said.matches(place.as_str()).count(), 1, "{name}: {place}");
        }
        for source in ["hints.c", "wanted.c"] {
            let source = text(&format!("bindings/c/tools/{source}"));
            assert!(!source.contains(place.as_str()), "{place}");
        }
    }
    let install = text("bindings/c/install/install.sh");
    assert!(install.contains(&format!("doc={}\n", places[0].trim_end_matches("/docs"))), "{}", places[0]);
}

/// What `--help` says of the manual would be a page's word for itself.
#[test]
fn the_page_of_the_manual_does_not_refer_to_itself() {
    let manual = text("man/man1/mona-doctor.1").replace("\\-", "-").replace("\\%", "");
    assert!(!manual.contains("mona-doctor(1)"), "{manual}");
    assert_eq!(manual.matches("share/doc/mona/docs").count(), 1);
}

#[test]
fn every_member_of_a_spool_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let spool = folder.path().join("spool").display().to_string();
    let report = json(0, &[("MONA_SPOOL_DIR", &spool)], &["-o", "endpoint=stdout:"]);
    let page = page();
    let row = page.lines().find(|line| line.starts_with("| `spool` | ")).unwrap();
    for name in report["spool"].as_object().unwrap().keys() {
        assert!(row.contains(&format!("`{name}`")), "{name}: {row}");
    }
}

/// The words of the report, and those of `place.c` for a path.
#[test]
fn every_word_for_what_was_met_is_on_the_page_and_hints_know_no_other() {
    let findings = text("core/src/net/finding.rs");
    let findings: Vec<String> = findings
        .lines()
        .filter_map(|line| Some(line.trim().split_once(" => \"")?.1.trim_end_matches("\",").to_owned()))
        .collect();
    assert!(findings.len() > 10, "{findings:?}");
    let page = page();
    for word in &findings {
        assert!(page.contains(&format!("\n| `{word}` | ")), "{word}");
    }
    let of_paths = text("bindings/c/tools/place.c");
    for (_, [_, words, ..]) in hints() {
        for word in words.split_whitespace() {
            let is_of_path = of_paths.contains(&format!("return \"{word}\";"));
            assert!(findings.iter().any(|finding| finding == word) || is_of_path, "{word}");
        }
    }
}

/// The names of members on every level, as `check.certificate.issuer`; those of options are all alike.
fn members(value: &Value, at: &str, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let name = if at == "options" { "NAME" } else { name };
                let path = format!("{at}.{name}").trim_start_matches('.').to_owned();
                names.insert(path.clone());
                members(value, &path, names);
            }
        }
        Value::Array(array) => array.iter().for_each(|value| members(value, at, names)),
        _ => {}
    }
}

#[test]
fn the_report_on_the_page_has_the_members_of_a_real_one() {
    let page = page();
    let example = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let example: Value = serde_json::from_str(example).unwrap();
    let trust = Trust::new();
    let mut settings = TlsSettings::new(trust.authority().server(&HOSTS).unwrap());
    settings.client_ca = Some(trust.authority().pem().to_owned());
    let collector = serve(Service::http().tls(Tls::new(&settings).unwrap()));
    let client = trust.authority().client("classifier").unwrap();
    let (chain, key) = (trust.file("client.pem", &client.chain), trust.file("client.key", &client.key));
    let file = format!("file://{}.records", trust.ca_file());
    let endpoint = format!("https://localhost:{}/tag", collector.addr().unwrap().port());
    let spool = format!("{}.spool", trust.ca_file());
    let variables = [
        ("MONA_CA_FILE", trust.ca_file()),
        ("MONA_CLIENT_CERT_FILE", &chain),
        ("MONA_CLIENT_KEY_FILE", &key),
        ("MONA_SPOOL_DIR", &spool),
        ("MONA_LISA", "1"),
        ("https_proxy", "http://proxy.example:3128"),
    ];
    let with = |name: &'static str, value| [variables.to_vec(), vec![(name, value)]].concat();
    let real = json(0, &with("MONA_ENDPOINT", &endpoint), &[]);
    let mut names = BTreeSet::new();
    members(&real, "", &mut names);
    // Only a step of a file has this, and only a log that has lines their members.
    members(&json(0, &with("MONA_ENDPOINT", &file), &[]), "", &mut names);
    let mut shown = BTreeSet::new();
    members(&example, "", &mut shown);
    shown.retain(|name| !name.starts_with("log."));
    names.retain(|name| !name.starts_with("log.") && name != "check.free_bytes");
    assert_eq!(shown, names);
}
