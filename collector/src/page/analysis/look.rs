//! A look at the youngest ARCs: which fields are ids, and which are worth splitting by.

use std::collections::HashSet;

use super::fields::Offered;
use super::sample::MAX_FIELDS;
use crate::ids::{Numbers, is_id};
use crate::page::trouble::Trouble;
use crate::store::{Filter, Reader, Sort, Value};

/// ARCs that are looked at: enough to tell a label from an id, and read in some milliseconds.
const ROWS: u64 = 500;
/// Groups of a dimension that the page proposes by itself: what a chart shows and a person reads.
const MAX_GROUPS: usize = 30;

/// What is known of a field by its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Look {
    /// ARCs with a value.
    pub(crate) present: usize,
    /// Different values among them.
    pub(crate) distinct: usize,
    /// Numbers that only name things.
    pub(crate) is_id: bool,
}

/// Looks at these fields of the youngest ARCs, at the first ones where there are many.
pub(crate) fn look(reader: &Reader, class: &str, fields: &mut [Offered]) -> Result<(), Trouble> {
    let fields = fields.iter_mut().take(MAX_FIELDS).collect::<Vec<_>>();
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    if names.is_empty() {
        return Ok(());
    }
    let found = reader.arcs_of(class, Some(&names), &Filter::default(), &Sort::default(), 0, ROWS)?;
    for (at, field) in fields.into_iter().enumerate() {
        let values: Vec<&Value> = found.rows.iter().filter_map(|row| row.values.get(at)).collect();
        field.look = of(&field.name, &values);
    }
    Ok(())
}

/// What these values say of their field.
pub(crate) fn of(name: &str, values: &[&Value]) -> Look {
    let there: Vec<&Value> = values.iter().copied().filter(|value| **value != Value::Null).collect();
    let distinct = there.iter().collect::<HashSet<_>>().len();
    let numbers: Option<Vec<f64>> = there
        .iter()
        .map(|value| match value {
            Value::Int(_) | Value::Real(_) => value.number(),
            _ => None,
        })
        .collect();
    let is_id = numbers.is_some_and(|numbers| {
        let all = Numbers {
            count: numbers.len() as u64,
            whole: numbers.iter().all(|number| number.fract() == 0.0),
            distinct: distinct == numbers.len(),
            least: numbers.iter().copied().fold(f64::INFINITY, f64::min),
            most: numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        };
        is_id(name, &all)
    });
    Look { present: there.len(), distinct, is_id }
}

/// The dimension that a view shows before one is chosen: a text, or true and false, with a few values, of the ARC itself
/// before one of a stage; then a number with a few; then whatever has the fewest.
pub(crate) fn proposed<'a>(fields: &'a [Offered], kapi: &str) -> Option<&'a Offered> {
    let others = || fields.iter().filter(|field| field.name != kapi && !field.look.is_id);
    let splits = |field: &&Offered| {
        let Look { present, distinct, .. } = field.look;
        (2..=MAX_GROUPS).contains(&distinct) && distinct < present
    };
    let texts = || others().filter(|field| field.is_dimension());
    let several = |field: &&Offered| field.look.distinct > 1;
    let fewest = texts().filter(several).min_by_key(|field| field.look.distinct);
    // A share is the answer more often than the question.
    let first = texts().filter(splits).min_by_key(|field| field.is_share());
    first.or_else(|| others().find(splits)).or(fewest).or_else(|| texts().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, is_kapi: bool, values: &[Value]) -> Offered {
        let look = of(name, &values.iter().collect::<Vec<_>>());
        let kind = if is_kapi { "INTEGER" } else { "TEXT" };
        Offered { name: name.to_owned(), kind: kind.to_owned(), is_kapi, is_inner: false, look }
    }

    fn texts(many: usize) -> Vec<Value> {
        (0..90).map(|n| Value::Text(format!("{}", n % many))).collect()
    }

    fn numbers(many: i64) -> Vec<Value> {
        (0..90).map(|n| Value::Int(n % many)).collect()
    }

    #[test]
    fn a_dimension_with_a_few_values_is_proposed() {
        let model = field("model", false, &texts(1));
        let request = field("request", false, &texts(90));
        let label = field("label", false, &texts(10));
        let stage = field("stage", true, &numbers(3));
        let user = field("user_id", true, &numbers(3));
        let all = [model.clone(), request.clone(), user.clone(), stage.clone(), label];
        let name = |fields: &[Offered]| proposed(fields, "confidence").map(|field| field.name.clone());
        assert_eq!(name(&all).as_deref(), Some("label"));
        assert_eq!(name(&all[..4]).as_deref(), Some("stage"), "a number with a few values is one too");
        assert_eq!(name(&all[..3]).as_deref(), Some("request"), "no id of numbers is proposed");
        assert_eq!(name(&all[..1]).as_deref(), Some("model"));
        assert_eq!(name(&[user]), None);
        assert_eq!(proposed(&all, "label").map(|field| field.name.as_str()), Some("stage"));
    }

    #[test]
    fn ids_are_numbers_that_name_things() {
        let ids = |name: &str, values: &[Value]| of(name, &values.iter().collect::<Vec<_>>()).is_id;
        assert!(ids("user_id", &numbers(3)) && ids("run", &numbers(90)));
        assert!(!ids("user_id", &texts(3)) && !ids("stage", &numbers(3)) && !ids("id", &[]));
        assert!(!ids("valid", &[Value::Bool(true), Value::Bool(false)]));
    }
}
