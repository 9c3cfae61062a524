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

/// Keeps each of what comes with the same chance, one that falls so that there is room for all.
///
/// By chance and not in equal distances: runs that go round ten countries would be seen of five of them only.
#[derive(Debug)]
struct Evenly<T> {
    kept: Vec<T>,
    /// Of so many one is kept; a power of two.
    step: u64,
    seen: usize,
    limit: usize,
    random: u64,
}

impl<T> Evenly<T> {
    fn new(limit: usize) -> Evenly<T> {
        // Any start but zero will do; a fixed one gives the same answer again.
        let random = 0x9e37_79b9_7f4a_7c15;
        Evenly { kept: Vec::new(), step: 1, seen: 0, limit: limit.clamp(1, MAX_ROWS), random }
    }

    /// Whether the next one is kept.
    fn wants(&mut self) -> bool {
        self.seen += 1;
        self.step == 1 || is_one_of(&mut self.random, self.step)
    }

    fn keep(&mut self, one: T) {
        self.kept.push(one);
        if self.kept.len() > self.limit {
            self.thin();
        }
    }

    /// Half of them go.
    fn thin(&mut self) {
        self.step *= 2;
        let random = &mut self.random;
        self.kept.retain(|_| is_one_of(random, 2));
    }
}

/// True once in so many, a power of two (xorshift; its high bits are the good ones).
fn is_one_of(random: &mut u64, many: u64) -> bool {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    *random >> 20 & (many - 1) == 0
}

impl Reader {
    /// The values of fields, of at most `limit` rows (a million): all, or an even random sample of them.
    pub fn frame(
        &self,
        class: &str,
        fields: &[&str],
        filter: &Filter,
        limit: usize,
    ) -> Result<Frame, StoreError> {
        self.ask(|db| {
            let scan = Scan::new(db, resolve::class(db, class)?, fields, filter)?;
            let mut rows = Evenly::new(limit);
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
            let mut numbers = Evenly::new(limit);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_round_is_seen_of_all_its_values() {
        let mut sample = Evenly::new(1_000);
        for n in 0..100_000_u32 {
            if sample.wants() {
                sample.keep(n);
            }
        }
        assert_eq!(sample.seen, 100_000);
        assert!((400..=1_000).contains(&sample.kept.len()), "{}", sample.kept.len());
        for value in 0..8 {
            let share =
                sample.kept.iter().filter(|n| **n % 8 == value).count() as f64 / sample.kept.len() as f64;
            assert!((0.07..0.18).contains(&share), "{value}: {share}");
        }
        // As many of the first half as of the second.
        let early = sample.kept.iter().filter(|n| **n < 50_000).count() as f64 / sample.kept.len() as f64;
        assert!((0.4..0.6).contains(&early), "{early}");
    }
}
