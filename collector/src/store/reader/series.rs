//! A KAPI over time, and how its values lie.

use super::filter::Filter;
use super::open::Reader;
use crate::store::error::StoreError;

/// What is known of a KAPI in one stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bucket {
    /// Where it begins, in Unix seconds.
    pub from: f64,
    /// How many values there are.
    pub count: u64,
    /// Their mean; 0 without values, like the others.
    pub mean: f64,
    /// Half of them are below.
    pub p50: f64,
    /// One of twenty is above.
    pub p95: f64,
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub most: f64,
}

/// How the values of a KAPI lie, in bins of equal width.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// The smallest value.
    pub least: f64,
    /// The largest value.
    pub most: f64,
    /// How many values are in each bin.
    pub counts: Vec<u64>,
    /// How many values there are.
    pub all: u64,
}

impl Reader {
    /// A KAPI over time in `buckets` stretches of equal length (1,000 at most), by when ARCs began.
    pub fn series(
        &self,
        _class: &str,
        _kapi: &str,
        _filter: &Filter,
        _buckets: usize,
    ) -> Result<Vec<Bucket>, StoreError> {
        Ok(Vec::new())
    }

    /// How many ARCs of a class began in each of `buckets` stretches of equal length.
    pub fn rate(
        &self,
        _class: &str,
        _from: f64,
        _until: f64,
        _buckets: usize,
    ) -> Result<Vec<u64>, StoreError> {
        Ok(Vec::new())
    }

    /// How the values of a KAPI lie, in `bins` bins (1,000 at most).
    pub fn histogram(
        &self,
        _class: &str,
        _kapi: &str,
        _filter: &Filter,
        _bins: usize,
    ) -> Result<Histogram, StoreError> {
        Ok(Histogram::default())
    }
}
