//! docs/doctor.md says what the tool says: every hint, and a report that has the members of a real one.

use std::collections::BTreeSet;
use std::fs;

use mona_collector::{Service, Tls, TlsSettings};
use mona_tests::reach::{HOSTS, Trust};
use mona_tests::workspace;
use serde_json::Value;

use super::peers::serve;
use super::tool::json;

fn page() -> String {
    fs::read_to_string(workspace().join("docs/doctor.md")).unwrap()
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

#[test]
fn every_hint_is_on_the_page() {
    let source = fs::read_to_string(workspace().join("bindings/c/tools/hints.c")).unwrap();
    let table = source.split("} hints[] = {").nth(1).unwrap().split("\n};").next().unwrap();
    let page = page();
    let rows = page.split("| step | found | endpoint | try | options |\n").nth(1).unwrap();
    let rows: Vec<&str> = rows.lines().skip(1).take_while(|line| line.starts_with("| ")).collect();
    let hints = literals(table);
    assert!(hints.len() > 150 && hints.len().is_multiple_of(4), "{hints:?}");
    assert_eq!(rows.len(), hints.len() / 4);
    // The first one that fits counts, so that their order is what they say, too.
    for (hint, row) in hints.chunks(4).zip(rows) {
        let [step, found, options, advice] = hint else { unreachable!() };
        let step = if step.is_empty() { "any".to_owned() } else { format!("`{step}`") };
        let found = if found.is_empty() { String::new() } else { format!("`{found}` ") };
        assert!(row.starts_with(&format!("| {step} | {found}| ")), "{row}");
        assert!(row.ends_with(&format!(" | {advice} | {options} |")), "{row}");
    }
}

/// The words of the report, and those of `place.c` for a path.
#[test]
fn every_word_for_what_was_met_is_on_the_page_and_hints_know_no_other() {
    let text = |path: &str| fs::read_to_string(workspace().join(path)).unwrap();
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
    let table = text("bindings/c/tools/hints.c");
    let table = table.split("} hints[] = {").nth(1).unwrap().split("\n};").next().unwrap();
    for hint in literals(table).chunks(4) {
        let word = &hint[1];
        let is_of_path = of_paths.contains(&format!("return \"{word}\";"));
        assert!(word.is_empty() || findings.contains(word) || is_of_path, "{word}");
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
