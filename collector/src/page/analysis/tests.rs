//! The views of figures on a store with a drift in it.

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::page::ask::Ask;
use crate::page::layout;
use crate::page::settings::PageSettings;
use crate::page::shared::Shared;
use crate::page::views::{by, changes, field, kapis};
use crate::store::Store;

const ARCS: u32 = 600;

/// Even numbers from 0 to 1, the same in every run.
fn noise(n: u32) -> f64 {
    let mixed = (n ^ n >> 16).wrapping_mul(0x7feb_352d);
    let mixed = (mixed ^ mixed >> 15).wrapping_mul(0x846c_a68b);
    f64::from((mixed ^ mixed >> 16) >> 8) / f64::from(1 << 24)
}

/// Runs that all begin in the same second, as those of the demo do. Half-way confidence falls, and the share of what is
/// right; in Italy it is low all the time. Each run has a stage.
fn shared() -> Shared {
    let mut lines = String::new();
    for n in 0..ARCS {
        let country = ["DE", "FR", "IT"][(noise(n + 5000) * 3.0) as usize];
        let drift = if n < ARCS / 2 { 0.0 } else { 0.2 };
        let confidence = 0.95 - drift - noise(n) * 0.1 - if country == "IT" { 0.1 } else { 0.0 };
        let right = noise(n + 900) < 0.95 - drift;
        let message = format!(
            r#"{{"MONA_ARC_CLASS":"<b>reader","model":"m1","confidence":{confidence},"steady":{},"right":{right},"country":"{country}","run":{n},"step":{},"odd\u202e":1e300}}"#,
            noise(n + 70_000),
            n * 3
        );
        let stage = format!(r#"{{"MONA_ARC_CLASS":"find","ms":{}}}"#, noise(n + 40_000));
        for (context, message) in [(format!("a{n}"), message), (format!("a{n}.s{n}"), stage)] {
            let _ = writeln!(
                lines,
                r#"{{"user_id":"u","context":"{context}","message":{message},"export_timestamp":1795956876}}"#
            );
        }
    }
    let store = Store::temporary().unwrap();
    assert_eq!(store.import(lines.as_bytes(), |_| {}).unwrap().records, u64::from(ARCS) * 2);
    Shared::new(SocketAddr::from(([127, 0, 0, 1], 1)), Arc::clone(&store), PageSettings::default())
}

/// The page, and its words alone.
fn page(shared: &Shared, path: &str, query: &str) -> (String, String) {
    let ask = Ask::new(path, Some(query)).unwrap();
    let view =
        make(path)(&ask, shared).unwrap_or_else(|trouble| panic!("{path}?{query}: {}", trouble.sentence));
    let html = layout::page(&ask, &view).into_string();
    let mut words = String::new();
    for piece in html.split('<').skip(1) {
        words.push_str(piece.split_once('>').map_or("", |(_, text)| text));
    }
    (html, words.replace("&lt;", "<").replace("&gt;", ">"))
}

fn make(path: &str) -> crate::page::routes::Make {
    match path {
        "/kapis" => kapis::view,
        "/by" => by::view,
        "/field" => field::view,
        _ => changes::view,
    }
}

fn csv(shared: &Shared, path: &str, query: &str, table: &str) -> Vec<Vec<String>> {
    let ask = Ask::new(&format!("{path}.csv"), Some(query)).unwrap();
    let view =
        make(path)(&ask, shared).unwrap_or_else(|trouble| panic!("{path}?{query}: {}", trouble.sentence));
    let text = view.find(Some(table)).unwrap().csv().unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_slice());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// The columns that rows have under a heading.
fn column<'a>(rows: &'a [Vec<String>], heading: &str) -> Vec<&'a str> {
    let at =
        rows[0].iter().position(|name| name == heading).unwrap_or_else(|| panic!("{heading}: {:?}", rows[0]));
    rows[1..].iter().map(|row| row[at].as_str()).collect()
}

#[test]
fn what_changed_is_on_top_without_asking() {
    let shared = shared();
    let (html, words) = page(&shared, "/changes", "");
    assert!(words.contains("something changed, most of all in confidence"), "{words}");
    let fields: Vec<&str> =
        html.split("<h3>").skip(1).map(|rest| rest.split("</h3>").next().unwrap()).collect();
    assert_eq!(fields, ["<bdi>confidence</bdi>", "<bdi>right</bdi>"]);
    assert!(words.contains("confidence is 0.20 lower than before (95 %: 0.1"), "{words}");
    assert!(words.contains("300 ARCs after, 300 before. A large effect"), "{words}");
    assert!(words.contains("they only count on from ARC to ARC: step"), "{words}");
    assert!(words.contains("Left out as ids: run"), "{words}");
    let rows = csv(&shared, "/changes", "", "changes");
    assert_eq!((rows[1][0].as_str(), rows[1][2].as_str()), ("confidence", "all"));
    let steady: Vec<&Vec<String>> =
        rows.iter().filter(|row| row[0] == "steady" || row[0] == "find.ms").collect();
    assert!(steady.len() >= 6 && steady.iter().all(|row| row.last().unwrap().is_empty()), "{steady:?}");
}

#[test]
fn periods_can_be_chosen() {
    let shared = shared();
    let (_, words) = page(&shared, "/changes", "part=tenth");
    assert!(words.contains("This compares the latest tenth of the ARCs with all before."), "{words}");
    assert!(words.contains("60 ARCs"), "{words}");
    let (html, _) = page(&shared, "/changes", "");
    let link = html.split("since=").nth(1).unwrap().split('"').next().unwrap();
    let (_, words) = page(&shared, "/changes", &format!("since={link}"));
    assert!(
        words.contains("You chose the periods.") && words.contains("300 ARCs after, 300 before"),
        "{words}"
    );
    for wrong in ["from=noon", "from=2026-11-29&until=2026-11-28"] {
        assert!(changes::view(&Ask::new("/changes", Some(wrong)).unwrap(), &shared).is_err(), "{wrong}");
    }
    // All began in one second: a period that begins later is empty, and that is no failure.
    page(&shared, "/changes", "from=2030-01-01");
}

#[test]
fn a_group_is_compared_with_the_rest() {
    let shared = shared();
    let (_, words) = page(&shared, "/by", "class=%3Cb%3Ereader&kapi=confidence&by=country");
    assert!(words.contains("confidence in country = IT is 0.10 lower than elsewhere (95 %: 0.0"), "{words}");
    let rows = csv(&shared, "/by", "class=%3Cb%3Ereader&kapi=confidence&by=country", "by");
    assert_eq!(column(&rows, "ARCs").iter().map(|count| count.parse::<u32>().unwrap()).sum::<u32>(), ARCS);
    let italy = column(&rows, "country").iter().position(|name| *name == "IT").unwrap();
    assert_eq!(column(&rows, "remark")[italy], "differs");
    let by: f64 = column(&rows, "difference")[italy].parse().unwrap();
    assert!((-0.12..-0.08).contains(&by), "{by}");
    // Unless one is chosen: not the model, which is the same everywhere, and not the run, which is another each time.
    let (_, words) = page(&shared, "/by", "class=%3Cb%3Ereader");
    assert!(words.contains("confidence by country") && words.contains("ARCs in 3 groups."), "{words}");
    let (html, words) = page(&shared, "/by", "class=%3Cb%3Ereader&by=model");
    assert!(words.contains("ARCs in 1 group. All have the same value"), "{words}");
    assert!(!words.contains("small group") && !html.contains("<option value=\"run\""), "{words}");
    // Both dimensions, and a stage's KAPI by a dimension of the ARC.
    let rows = csv(&shared, "/by", "class=%3Cb%3Ereader&kapi=confidence&by=country&and=right", "by");
    assert_eq!(rows.len(), 7, "{rows:?}");
    let rows = csv(&shared, "/by", "class=%3Cb%3Ereader&kapi=find.ms&by=country", "by");
    assert_eq!(column(&rows, "remark"), ["", "", ""], "{rows:?}");
}

#[test]
fn a_kapi_over_time_and_the_values_of_a_field() {
    let shared = shared();
    let (html, words) = page(&shared, "/kapis", "class=%3Cb%3Ereader&kapi=confidence");
    assert!(words.contains("they are shown in the order they arrived"), "{words}");
    assert!(words.contains("lower than before") && html.contains("<svg"), "{words}");
    let rows = csv(&shared, "/kapis", "class=%3Cb%3Ereader&kapi=confidence", "over-time");
    assert_eq!((rows.len(), column(&rows, "ARCs")[0]), (61, "10"));
    let (_, words) = page(&shared, "/field", "class=%3Cb%3Ereader&field=country");
    assert!(words.contains("Most frequent values of country"), "{words}");
    let rows = csv(&shared, "/field", "class=%3Cb%3Ereader&field=confidence", "histogram");
    assert_eq!(column(&rows, "ARCs").iter().map(|count| count.parse::<u32>().unwrap()).sum::<u32>(), ARCS);
}

#[test]
fn what_came_from_outside_is_harmless() {
    let shared = shared();
    for (path, query) in [
        ("/kapis", "class=%3Cb%3Ereader&kapi=odd%E2%80%AE"),
        ("/by", "class=%3Cb%3Ereader&kapi=odd%E2%80%AE&by=country"),
        ("/field", "class=%3Cb%3Ereader&field=odd%E2%80%AE"),
        ("/changes", "class=%3Cb%3Ereader"),
    ] {
        // The value of an option is what a form sends, and not shown.
        let (html, words) = page(&shared, path, query);
        for (text, what) in [(&html, "<b>"), (&words, "\u{202e}"), (&words, "NaN"), (&words, "inf")] {
            let before = text.split_once(what).map(|(before, _)| before);
            let near = before.map(|before| before.get(before.len().saturating_sub(60)..));
            assert_eq!(near, None, "{path}: {what}");
        }
        assert!(!html.contains("style="), "the policy of the page allows no inline styles: {path}");
    }
    let nothing = Ask::new("/kapis", Some("class=none")).unwrap();
    assert!(kapis::view(&nothing, &shared).is_err());
}

#[test]
fn stages_are_not_called_arcs() {
    let shared = shared();
    for (path, name) in [("/by", "kapi"), ("/kapis", "kapi"), ("/field", "field")] {
        let says = |field: &str| {
            let (_, words) = page(&shared, path, &format!("class=%3Cb%3Ereader&{name}={field}"));
            words.contains("what is called ARCs here are stages")
        };
        assert!(says("find.ms") && !says("confidence"), "{path}");
    }
}
