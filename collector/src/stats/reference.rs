//! Every figure against those of SciPy, NumPy and statsmodels on three data sets: `collector/tests/statistics`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::rank::mann_whitney;
use super::shares::{share_change, shares};
use super::{Moments, contrast, quantile, sorted};

const REFERENCE: &str = include_str!("../../tests/statistics/reference.json");
const PENGUINS: &str = include_str!("../../tests/statistics/penguins.csv");
const RANDHIE: &str = include_str!("../../tests/statistics/randhie.csv");
const DIGITS: &str = include_str!("../../../bindings/c/examples/data/digits.csv");

/// Column by column; digits as `reference.py` makes them.
fn columns(data: &str) -> BTreeMap<String, Vec<String>> {
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut add = |name: &str, value: String| columns.entry(name.to_owned()).or_default().push(value);
    if data == "digits" {
        for line in DIGITS.lines() {
            let cells: Vec<u32> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
            add("label", cells[64].to_string());
            add("pixel", cells[36].to_string());
            add("ink", (f64::from(cells[..64].iter().sum::<u32>()) / 64.0).to_string());
        }
        return columns;
    }
    let mut lines = if data == "penguins" { PENGUINS } else { RANDHIE }.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    for line in lines {
        names.iter().zip(line.split(',')).for_each(|(name, cell)| add(name, cell.to_owned()));
    }
    columns
}

/// What is no number, "NA" among it, is none.
fn numbers(column: &[String]) -> Vec<f64> {
    column.iter().map(|cell| cell.parse().unwrap_or(f64::NAN)).collect()
}

fn reference(part: &str) -> Vec<Value> {
    serde_json::from_str::<Value>(REFERENCE).unwrap()[part].as_array().unwrap().clone()
}

fn text(case: &Value, name: &str) -> String {
    case[name].as_str().unwrap().to_owned()
}

/// Equal to nine digits, or to six where a probability is below 1e-12 and its logarithm is what counts.
fn same(found: f64, case: &Value, name: &str) {
    let expected = case[name].as_f64().unwrap();
    let tolerance = if expected.abs() < 1e-12 { 1e-6 } else { 1e-9 };
    // SciPy's p-value underflowed to 0.
    let near = expected == 0.0 && found < 1e-300;
    assert!(
        near || (found - expected).abs() <= tolerance * expected.abs(),
        "{name}: {found}, not {expected}: {case}"
    );
}

#[test]
fn groups_are_compared_as_scipy_does() {
    let mut groups_seen = 0;
    for case in reference("by") {
        let columns = columns(&text(&case, "data"));
        let values = numbers(&columns[&text(&case, "kapi")]);
        let names = &columns[&text(&case, "dimension")];
        let mut groups: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (name, value) in names.iter().zip(&values).filter(|(_, value)| value.is_finite()) {
            groups.entry(name).or_default().push(*value);
        }
        let expected = case["groups"].as_array().unwrap();
        assert_eq!(groups.len(), expected.len());
        let moments: Vec<Moments> = groups.values().map(|values| Moments::of(values)).collect();
        let contrasts = contrast(&moments, false);
        for (at, (expected, (name, values))) in expected.iter().zip(&groups).enumerate() {
            groups_seen += 1;
            assert_eq!(text(expected, "name"), *name);
            let order = sorted(values.iter().copied());
            same(moments[at].count as f64, expected, "count");
            same(moments[at].mean, expected, "mean");
            same(moments[at].variance().unwrap(), expected, "variance");
            for (share, name) in [(0.05, "p05"), (0.5, "p50"), (0.95, "p95")] {
                same(quantile(&order, share).unwrap(), expected, name);
            }
            let (contrast, expected) = (&contrasts[at], &expected["against"]);
            let difference = contrast.difference.unwrap();
            same(difference.t, expected, "t");
            same(difference.freedom, expected, "freedom");
            same(difference.p, expected, "p");
            same(difference.low, expected, "low");
            same(difference.high, expected, "high");
            same(difference.effect, expected, "effect");
            same(contrast.adjusted, expected, "adjusted");
            let others =
                groups.iter().filter(|(other, _)| *other != name).flat_map(|(_, values)| values.clone());
            let test = mann_whitney(&order, &sorted(others)).unwrap();
            same(test.u, expected, "u");
            same(test.p, expected, "u_p");
        }
    }
    assert_eq!(groups_seen, 35);
}

#[test]
fn few_values_are_compared_exactly() {
    for case in reference("exact") {
        let column = numbers(&columns(&text(&case, "data"))[&text(&case, "kapi")]);
        let mut once: Vec<f64> = Vec::new();
        for value in column.into_iter().filter(|value| value.is_finite()) {
            if !once.contains(&value) {
                once.push(value);
            }
        }
        let part = |name: &str| {
            let bound = |at: usize| case[name][at].as_u64().unwrap() as usize;
            sorted(once[bound(0)..bound(1)].iter().copied())
        };
        let test = mann_whitney(&part("first"), &part("second")).unwrap();
        assert!(test.exact);
        same(test.u, &case, "u");
        same(test.p, &case, "p");
    }
}

#[test]
fn shares_are_compared_as_scipy_does() {
    for case in reference("shares") {
        let row = |at: usize| -> Vec<u64> {
            case["counts"][at].as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).collect()
        };
        let (a, b) = (row(0), row(1));
        let test = shares(&a, &b).unwrap();
        same(test.statistic, &case, "statistic");
        same(test.freedom as f64, &case, "freedom");
        same(test.p, &case, "p");
        same(test.effect, &case, "effect");
        let (all_a, all_b) = (a.iter().sum(), b.iter().sum());
        for ((a, b), expected) in a.iter().zip(&b).zip(case["changes"].as_array().unwrap()) {
            let change = share_change((*b, all_b), (*a, all_a)).unwrap();
            same(change.low, expected, "low");
            same(change.high, expected, "high");
            same(change.p, expected, "p");
        }
    }
}
