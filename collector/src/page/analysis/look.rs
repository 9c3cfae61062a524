//! What the values of a field say of it: whether it is an id, and how many there are.

use std::collections::HashSet;

use crate::ids::{Numbers, is_id};
use crate::store::Value;

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

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(many: usize) -> Vec<Value> {
        (0..90).map(|n| Value::Text(format!("{}", n % many))).collect()
    }

    fn numbers(many: i64) -> Vec<Value> {
        (0..90).map(|n| Value::Int(n % many)).collect()
    }

    #[test]
    fn ids_are_numbers_that_name_things() {
        let ids = |name: &str, values: &[Value]| of(name, &values.iter().collect::<Vec<_>>()).is_id;
        assert!(ids("user_id", &numbers(3)) && ids("run", &numbers(90)));
        assert!(!ids("user_id", &texts(3)) && !ids("stage", &numbers(3)) && !ids("id", &[]));
        assert!(!ids("valid", &[Value::Bool(true), Value::Bool(false)]));
    }
}
