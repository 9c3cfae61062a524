//! ARCs from the store as columns for statistics.

use std::borrow::Cow;

use super::fields::{MAX_FIELDS, Offered};
use super::look;
use crate::page::trouble::Trouble;
use crate::stats::{Categories, Column, Frame, Numbers};
use crate::store::{Filter, Reader, Value};

/// Values of one comparison: a tenth of a second of computing.
const MAX_CELLS: usize = 200_000;
/// Rows are enough at this number: the interval of a mean is three hundredths of the spread wide then.
const MAX_ROWS: usize = 20_000;
/// Whole numbers with so few different ones can be a dimension as well: a code, a stage, a version.
const FEW: usize = 12;

/// The ARCs, and how many of all these are.
pub(crate) struct Sampled {
    /// Its times are the places of the ARCs in their order: 0, 1, 2 and so on. Many ARCs begin in the same second, and
    /// seconds are all that some clients tell.
    pub(crate) frame: Frame,
    /// When each began, in Unix seconds.
    pub(crate) times: Vec<f64>,
    /// The number of each in the store.
    pub(crate) ids: Vec<i64>,
    /// How many ARCs there are in all.
    pub(crate) all: u64,
    /// Fields whose numbers only name things; neither compared nor split by.
    pub(crate) name_only: Vec<String>,
}

impl Sampled {
    /// The place of the first ARC at this time or later.
    pub(crate) fn place(&self, time: f64) -> f64 {
        self.times.partition_point(|began| *began < time) as f64
    }
}

/// Reads the fields of ARCs in the order of time: all ARCs, or an even random sample of as many as can be compared at once.
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
    // In the order of time; of the same time, in that of arrival.
    let mut order: Vec<usize> = (0..read.times.len()).collect();
    let time = |row: &usize| read.times.get(*row).copied().unwrap_or_default();
    order.sort_by(|a, b| time(a).total_cmp(&time(b)));
    let places = (0..order.len()).map(|place| place as f64).collect();
    let mut name_only = Vec::new();
    let mut columns = Vec::with_capacity(fields.len());
    for (values, field) in read.columns.iter().zip(fields) {
        let values: Vec<&Value> = order.iter().filter_map(|row| values.get(*row)).collect();
        match look::of(&field.name, &values).is_id {
            true => name_only.push(field.name.clone()),
            false => columns.push(column(field, &values)),
        }
    }
    let frame = Frame { times: places, columns };
    let times = order.iter().map(time).collect();
    let ids = order.iter().filter_map(|row| read.ids.get(*row).copied()).collect();
    Ok(Sampled { frame, times, ids, all: read.matched, name_only })
}

fn column(field: &Offered, values: &[&Value]) -> Column {
    let numbers = || Numbers(values.iter().map(|value| value.number().unwrap_or(f64::NAN)).collect());
    let texts = || Categories::of(&values.iter().map(|value| text(value)).collect::<Vec<_>>());
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

fn is_few(values: &[&Value]) -> bool {
    let mut seen: Vec<&Value> = Vec::with_capacity(FEW);
    for value in values.iter().copied().filter(|value| **value != Value::Null) {
        if !seen.contains(&value) {
            if seen.len() == FEW {
                return false;
            }
            seen.push(value);
        }
    }
    !seen.is_empty()
}
