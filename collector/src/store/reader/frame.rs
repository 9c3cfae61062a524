//! Columns of values, for statistics.

use super::filter::Filter;
use super::open::Reader;
use super::resolve;
use super::scan::Scan;
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

/// Rows of one answer.
const MAX_ROWS: usize = 1_000_000;
/// Bytes of one answer.
const MAX_BYTES: usize = 96 << 20;

/// Keeps every n-th of what comes, with an n that grows so that there is room for all.
#[derive(Debug)]
struct Every<T> {
    kept: Vec<T>,
    step: usize,
    seen: usize,
    limit: usize,
}

impl<T> Every<T> {
    fn new(limit: usize) -> Every<T> {
        Every { kept: Vec::new(), step: 1, seen: 0, limit: limit.clamp(1, MAX_ROWS) }
    }

    /// Whether the next one is kept.
    fn wants(&mut self) -> bool {
        self.seen += 1;
        (self.seen - 1).is_multiple_of(self.step)
    }

    fn keep(&mut self, one: T) {
        self.kept.push(one);
        if self.kept.len() > self.limit {
            self.thin();
        }
    }

    fn thin(&mut self) {
        self.step *= 2;
        let mut at = 0;
        self.kept.retain(|_| {
            at += 1;
            at % 2 == 1
        });
    }
}

impl Reader {
    /// The values of fields, of at most `limit` rows (a million): all, or rows in equal distances.
    pub fn frame(
        &self,
        class: &str,
        fields: &[&str],
        filter: &Filter,
        limit: usize,
    ) -> Result<Frame, StoreError> {
        self.ask(|db| {
            let scan = Scan::new(db, resolve::class(db, class)?, fields, filter)?;
            let mut rows = Every::new(limit);
            let mut bytes = 0;
            scan.walk(|row| {
                if rows.wants() {
                    let values = (0..fields.len()).map(|at| row.value(at)).collect::<Result<Vec<_>, _>>()?;
                    bytes += 40 + values.iter().map(Value::bytes).sum::<usize>();
                    rows.keep((row.id, row.time, values));
                    if bytes > MAX_BYTES {
                        bytes /= 2;
                        rows.thin();
                    }
                }
                Ok(true)
            })?;
            let mut frame = Frame { matched: rows.seen as u64, ..Frame::default() };
            frame.columns = fields.iter().map(|_| Vec::with_capacity(rows.kept.len())).collect();
            for (id, time, values) in rows.kept {
                frame.ids.push(id);
                frame.times.push(time);
                for (column, value) in frame.columns.iter_mut().zip(values) {
                    column.push(value);
                }
            }
            Ok(frame)
        })
    }

    /// The numbers of a field, at most `limit` of them.
    pub fn values(
        &self,
        class: &str,
        field: &str,
        filter: &Filter,
        limit: usize,
    ) -> Result<Sample, StoreError> {
        self.ask(|db| {
            let scan = Scan::of_kapi(db, resolve::class(db, class)?, field, &[], filter)?;
            let mut numbers = Every::new(limit);
            scan.walk(|row| {
                if let Some(number) = row.number(0)?
                    && numbers.wants()
                {
                    numbers.keep((number, row.time));
                }
                Ok(true)
            })?;
            let all = numbers.seen as u64;
            let (numbers, times) = numbers.kept.into_iter().unzip();
            Ok(Sample { numbers, times, all })
        })
    }
}
