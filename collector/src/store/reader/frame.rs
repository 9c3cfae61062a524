//! Columns of values, for statistics.

use super::evenly::Evenly;
use super::filter::Filter;
use super::fold::{Extent, Fold, Question, WHOLE};
use super::open::Reader;
use super::resolve;
use super::scan::Scan;
use super::walk::Walked;
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
    /// The numbers; all of them, or an even random sample.
    pub numbers: Vec<f64>,
    /// When the ARC of each began.
    pub times: Vec<f64>,
    /// How many rows have a number.
    pub all: u64,
}

/// Rows of one answer.
const MAX_ROWS: usize = 1_000_000;
/// Bytes of one answer.
const MAX_BYTES: usize = 96 << 20;

/// Bytes of the rows of one block.
const LEAST_BYTES: usize = 4 << 20;
/// Rows of one block that are kept, at least.
const LEAST: usize = 512;

impl Reader {
    /// The values of fields, of at most `limit` rows (a million): all, or an even random sample of them.
    pub fn frame(
        &self,
        class: &str,
        fields: &[&str],
        filter: &Filter,
        limit: usize,
    ) -> Result<Frame, StoreError> {
        let limit = limit.clamp(1, MAX_ROWS);
        self.fold(|db| {
            let scan = Scan::new(db, resolve::class(db, class)?, fields, filter)?;
            let fields = fields.len();
            let begin = move |extent: Extent, block: i64| match block {
                WHOLE => Rows { fields, bytes: 0, most: MAX_BYTES, kept: Evenly::new(limit, block) },
                _ => Rows {
                    fields,
                    bytes: 0,
                    most: extent.share(MAX_BYTES, LEAST_BYTES),
                    kept: Evenly::new(extent.share(limit, LEAST), block),
                },
            };
            let drawn = (filter == &Filter::default()).then_some(limit);
            Ok(Question { scan, name: format!("frame {limit}"), sampled: true, drawn, first: 0, begin })
        })
    }

    /// The numbers of a field, at most `limit` of them (a million).
    pub fn values(
        &self,
        class: &str,
        field: &str,
        filter: &Filter,
        limit: usize,
    ) -> Result<Sample, StoreError> {
        let limit = limit.clamp(1, MAX_ROWS);
        self.fold(|db| {
            let scan = Scan::of_kapi(db, resolve::class(db, class)?, field, &[], filter)?;
            let begin = move |extent: Extent, block: i64| match block {
                WHOLE => Numbers(Evenly::new(limit, block)),
                _ => Numbers(Evenly::new(extent.share(limit, LEAST), block)),
            };
            Ok(Question {
                scan,
                name: format!("values {limit}"),
                sampled: true,
                drawn: None,
                first: 0,
                begin,
            })
        })
    }
}

/// Rows of a frame.
struct Rows {
    fields: usize,
    bytes: usize,
    /// Bytes for which there is room.
    most: usize,
    kept: Evenly<(i64, f64, Vec<Value>)>,
}

impl Rows {
    /// Half of the rows go while they take more than there is room for.
    fn fit(&mut self) {
        while self.bytes > self.most && !self.kept.kept.is_empty() {
            self.kept.thin();
            self.weigh();
        }
    }

    fn weigh(&mut self) {
        self.bytes = self.kept.kept.iter().map(|(_, _, values)| row_bytes(values)).sum();
    }
}

fn row_bytes(values: &[Value]) -> usize {
    40 + values.iter().map(Value::bytes).sum::<usize>()
}

impl Fold for Rows {
    type Answer = Frame;

    fn row(&mut self, row: &mut Walked<'_, '_>) -> Result<bool, StoreError> {
        if self.kept.wants() {
            let values = (0..self.fields).map(|at| row.value(at)).collect::<Result<Vec<_>, _>>()?;
            self.bytes += row_bytes(&values);
            let before = self.kept.step;
            self.kept.keep((row.id, row.time()?, values));
            if self.kept.step != before {
                self.weigh();
            }
            self.fit();
        }
        Ok(true)
    }

    fn merge(&mut self, behind: &Rows) {
        self.kept.merge(&behind.kept);
        self.weigh();
        self.fit();
    }

    fn drawn(&mut self, step: u64, of: u64) {
        self.kept.drawn(step, usize::try_from(of).unwrap_or(usize::MAX));
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn end(self) -> (Frame, usize) {
        let mut frame = Frame { matched: self.kept.seen as u64, ..Frame::default() };
        frame.columns = (0..self.fields).map(|_| Vec::with_capacity(self.kept.kept.len())).collect();
        for (id, time, values) in self.kept.kept {
            frame.ids.push(id);
            frame.times.push(time);
            for (column, value) in frame.columns.iter_mut().zip(values) {
                column.push(value);
            }
        }
        (frame, self.bytes)
    }
}

/// Numbers with when they began.
struct Numbers(Evenly<(f64, f64)>);

impl Fold for Numbers {
    type Answer = Sample;

    fn row(&mut self, row: &mut Walked<'_, '_>) -> Result<bool, StoreError> {
        if let Some(number) = row.number(0)?
            && self.0.wants()
        {
            self.0.keep((number, row.time()?));
        }
        Ok(true)
    }

    fn merge(&mut self, behind: &Numbers) {
        self.0.merge(&behind.0);
    }

    fn bytes(&self) -> usize {
        self.0.kept.capacity() * size_of::<(f64, f64)>()
    }

    fn end(self) -> (Sample, usize) {
        let bytes = self.bytes();
        let all = self.0.seen as u64;
        let (numbers, times) = self.0.kept.into_iter().unzip();
        (Sample { numbers, times, all }, bytes)
    }
}
