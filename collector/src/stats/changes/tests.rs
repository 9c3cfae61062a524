use super::found::{Change, Changes, Segment, What};
use super::*;
use crate::stats::frame::{Categories, Column, Frame, Numbers};

/// Even numbers from 0 to 1, the same in every run.
fn noise(n: u32) -> f64 {
    let mixed = (n ^ n >> 16).wrapping_mul(0x7feb_352d);
    let mixed = (mixed ^ mixed >> 15).wrapping_mul(0x846c_a68b);
    f64::from((mixed ^ mixed >> 16) >> 8) / f64::from(1 << 24)
}

fn numbers(name: &str, value: impl Fn(u32) -> f64) -> Column {
    let values = (0..2000).map(value).collect();
    Column { name: name.to_owned(), numbers: Some(Numbers(values)), categories: None }
}

fn texts(name: &str, value: impl Fn(u32) -> Option<&'static str>) -> Column {
    let values: Vec<Option<&str>> = (0..2000).map(value).collect();
    Column { name: name.to_owned(), numbers: None, categories: Some(Categories::of(&values)) }
}

fn country(n: u32) -> Option<&'static str> {
    Some(["DE", "FR", "IT", "ES"][n as usize % 4])
}

fn compare(columns: Vec<Column>) -> Changes {
    let frame = Frame { times: (0..2000).map(f64::from).collect(), columns };
    changes(&frame, 0.0..1000.0, 1000.0..f64::INFINITY)
}

#[test]
fn what_moved_most_stands_on_top() {
    let found = compare(vec![
        numbers("steady", |n| noise(n + 5000)),
        numbers("moved", |n| noise(n) - if n < 1000 { 0.0 } else { 0.4 }),
        numbers("run", f64::from),
        texts("country", country),
        texts("kind", |n| Some(if noise(n + 9) < if n < 1000 { 0.5 } else { 0.6 } { "a" } else { "b" })),
    ]);
    assert_eq!((found.before, found.after), (1000, 1000));
    assert_eq!(found.counters, ["run"]);
    let first = &found.ranked[0];
    assert_eq!((first.field.as_str(), first.what, &first.segment), ("moved", What::Values, &None));
    assert!(first.found() && first.effect < -0.5 && (first.to - first.from + 0.4).abs() < 0.05, "{first:?}");
    let (low, high) = first.interval.unwrap();
    assert!(low < -0.38 && high > -0.42 && low < high);
    let kind = found.ranked.iter().find(|change| change.field == "kind").unwrap();
    assert_eq!(kind.what, What::Shares);
    assert!(kind.found() && (kind.effect.abs() - 0.1).abs() < 0.05, "{kind:?}");
    assert!(
        found
            .ranked
            .iter()
            .filter(|change| ["steady", "country"].contains(&change.field.as_str()))
            .all(|change| !change.found())
    );
    // The countries moved as everything did.
    let segments = found.ranked.iter().filter(|change| change.field == "moved" && change.segment.is_some());
    assert!(
        segments.clone().count() >= 4 && segments.clone().all(|change| change.as_the_rest && change.found())
    );
}

#[test]
fn a_segment_that_moved_alone_says_so() {
    let found = compare(vec![
        texts("country", country),
        numbers("confidence", |n| noise(n) - if n >= 1000 && country(n) == Some("IT") { 0.5 } else { 0.0 }),
    ]);
    let own: Vec<&Change> =
        found.ranked.iter().filter(|change| change.found() && !change.as_the_rest).collect();
    let italy = own.iter().find(|change| change.segment.is_some()).unwrap();
    assert_eq!(italy.segment, Some(Segment { dimension: "country".to_owned(), value: "IT".to_owned() }));
    assert_eq!((italy.before, italy.after), (250, 250));
    assert!(italy.effect < -0.6, "{italy:?}");
    let others = found
        .ranked
        .iter()
        .filter(|change| change.segment.as_ref().is_some_and(|segment| segment.value != "IT"));
    assert_eq!(others.filter(|change| change.found()).count(), 0);
}

#[test]
fn a_field_that_goes_missing_is_a_change() {
    let found = compare(vec![
        numbers("score", |n| if n >= 1000 && n % 2 == 0 { f64::NAN } else { noise(n) }),
        texts("label", |n| if n < 1000 { Some("x") } else { None }),
    ]);
    let presence: Vec<(&str, f64, f64)> = found
        .ranked
        .iter()
        .filter(|change| change.what == What::Presence && change.found())
        .map(|change| (change.field.as_str(), change.from, change.to))
        .collect();
    assert_eq!(presence, [("label", 1.0, 0.0), ("score", 1.0, 0.5)]);
}

#[test]
fn of_many_tests_on_noise_hardly_any_is_found() {
    let names: Vec<String> = (0..40).map(|n| format!("n{n}")).collect();
    let mut columns: Vec<Column> = names
        .iter()
        .zip(0_u32..)
        .map(|(name, at)| numbers(name, move |n| noise(n.wrapping_mul(97).wrapping_add(at * 65_537))))
        .collect();
    columns.push(texts("country", country));
    let found = compare(columns);
    assert!(found.ranked.len() > 160, "{}", found.ranked.len());
    let wrong = found.ranked.iter().filter(|change| change.found()).count();
    assert!(wrong <= 2, "{wrong} of {}", found.ranked.len());
}

#[test]
fn extremes_have_no_wrong_answer() {
    let nothing = changes(&Frame::default(), 0.0..1.0, 1.0..2.0);
    assert_eq!((nothing.before, nothing.ranked.len()), (0, 0));
    let found = compare(vec![
        numbers("constant", |_| 7.0),
        numbers("absent", |_| f64::NAN),
        numbers("huge", |n| if n % 2 == 0 { 1e300 } else { -1e300 }),
        numbers("step", |n| if n < 1000 { 0.0 } else { 4.0 }),
        texts("one", |_| Some("x")),
    ]);
    assert_eq!(found.ranked[0].field, "step");
    assert_eq!((found.ranked[0].effect, found.ranked[0].interval), (1.0, Some((4.0, 4.0))));
    for change in &found.ranked {
        assert!((0.0..=1.0).contains(&change.p) && (-1.0..=1.0).contains(&change.effect), "{change:?}");
        assert!(change.field == "step" || !change.found(), "{change:?}");
    }
}
