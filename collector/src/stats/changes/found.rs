//! What a comparison of two periods finds.

/// Fewer ARCs in a period are not compared: no test could find anything.
pub(crate) const FEWEST: usize = 5;
/// Adjusted p-values up to it count as found.
pub(crate) const FOUND: f64 = 0.05;

/// What was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// The values of a KAPI; `from` and `to` are means.
    Values,
    /// The shares of a dimension's values; `from` and `to` are those of the value that moved most.
    Shares,
    /// How many ARCs have the field at all; `from` and `to` are shares.
    Presence,
}

/// The ARCs with one value of a dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) dimension: String,
    pub(crate) value: String,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) field: String,
    pub(crate) what: What,
    /// `None`: all ARCs.
    pub(crate) segment: Option<Segment>,
    /// The value of the dimension whose share moved most.
    pub(crate) value: Option<String>,
    /// ARCs compared.
    pub(crate) before: u64,
    pub(crate) after: u64,
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// Where `to - from` lies with 95 % confidence, if it can be told.
    pub(crate) interval: Option<(f64, f64)>,
    /// Signed: above 0 if the values rose.
    pub(crate) effect: f64,
    pub(crate) p: f64,
    /// Adjusted for the number of comparisons.
    pub(crate) adjusted: f64,
    /// A segment that changed as all other ARCs did: nothing of its own.
    pub(crate) as_the_rest: bool,
}

impl Change {
    /// Whether there is a change beyond what chance explains.
    pub(crate) fn found(&self) -> bool {
        self.adjusted <= FOUND
    }
}

/// All comparisons, the most telling first; those of one field together, the whole before its segments.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Changes {
    pub(crate) before: u64,
    pub(crate) after: u64,
    pub(crate) ranked: Vec<Change>,
    /// Columns that only count on, like a number of the run.
    pub(crate) counters: Vec<String>,
    /// How many comparisons there were too few ARCs for.
    pub(crate) too_few: u64,
}

impl Changes {
    pub(super) fn add(&mut self, change: Option<Change>) {
        match change {
            Some(change) => self.ranked.push(change),
            None => self.too_few += 1,
        }
    }

    pub(super) fn add_if_any(&mut self, change: Option<Change>) {
        self.ranked.extend(change);
    }
}
