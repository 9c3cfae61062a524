//! ARCs from the store as columns for statistics.

use std::borrow::Cow;

use super::fields::Offered;
use crate::page::trouble::Trouble;
use crate::stats::{Categories, Column, Frame, Numbers};
use crate::store::{Filter, Reader, Value};

/// Values read for one comparison: a third of a second of reading.
const MAX_CELLS: usize = 400_000;
/// Rows are enough at this number: an interval is as wide as a hundredth of the spread then.
const MAX_ROWS: usize = 40_000;
/// Fields that are compared; a class with more has them compared in the order of their first appearance.
pub(crate) const MAX_FIELDS: usize = 60;
/// Whole numbers with so few different ones can be a dimension as well: a code, a stage, a version.
const FEW: usize = 12;

/// The ARCs, and how many of all these are.
pub(crate) struct Sampled {
    pub(crate) frame: Frame,
    /// How many ARCs there are in all.
    pub(crate) all: u64,
}

/// Reads the fields of ARCs in the order of time: all ARCs, or so many in equal distances as can be read at once.
pub(crate) fn sample(
    reader: &Reader,
    class: &str,
    fields: &[Offered],
    filter: &Filter,
) -> Result<Sampled, Trouble> {
    let fields = fields.get(..MAX_FIELDS).unwrap_or(fields);
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let rows = (MAX_CELLS / names.len().max(1)).clamp(1, MAX_ROWS);
    let read = reader.frame(class, &names, filter, rows)?;
    let columns = read.columns.iter().zip(fields).map(|(values, field)| column(field, values)).collect();
    Ok(Sampled { frame: Frame { times: read.times, columns }, all: read.matched })
}

fn column(field: &Offered, values: &[Value]) -> Column {
    let numbers = || Numbers(values.iter().map(|value| value.number().unwrap_or(f64::NAN)).collect());
    let texts = || Categories::of(&values.iter().map(text).collect::<Vec<_>>());
    let numbers = field.is_kapi.then(numbers);
    let is_category = field.is_dimension() || field.kind == "INTEGER" && is_few(values);
    Column { name: field.name.clone(), numbers, categories: is_category.then(texts) }
}

fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::Text(text) => Some(Cow::Borrowed(text)),
        other => Some(Cow::Owned(other.to_string())),
    }
}

fn is_few(values: &[Value]) -> bool {
    let mut seen: Vec<&Value> = Vec::with_capacity(FEW);
    for value in values.iter().filter(|value| **value != Value::Null) {
        if !seen.contains(&value) {
            if seen.len() == FEW {
                return false;
            }
            seen.push(value);
        }
    }
    !seen.is_empty()
}
