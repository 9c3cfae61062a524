//! One ARC: all its contexts and its raw events.

use super::open::Reader;
use crate::store::error::StoreError;
use crate::store::value::Value;

/// One ARC as a tree, its contexts in the order of their first event.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tree {
    /// The main context first; at most 1,000.
    pub contexts: Vec<Context>,
    /// How many there are.
    pub all: u64,
}

/// One context of an ARC.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Context {
    /// Its number in the store.
    pub id: i64,
    /// Its full id.
    pub context: String,
    /// Its class, if it has one.
    pub class: Option<String>,
    /// The number of the context that it is a sub-context of.
    pub parent: Option<i64>,
    /// Its place in the ARC, in the order of first events; 0 is the main context.
    pub position: i64,
    /// The user id of its events.
    pub user: Option<String>,
    /// When its first event was, in Unix seconds.
    pub first: f64,
    /// When its last event was; of the main context that of the whole ARC.
    pub last: f64,
    /// How many events it had.
    pub events: u64,
    /// Whether something arrived lately.
    pub open: bool,
    /// Its merged fields.
    pub fields: Vec<(String, Value)>,
}

/// One event as it arrived.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Event {
    /// The number of its context.
    pub context: i64,
    /// Its time, in Unix seconds.
    pub time: f64,
    /// The tag it came under.
    pub tag: String,
    /// Its message as JSON, cut at 64 KiB.
    pub message: String,
    /// Whether something was cut off.
    pub cut: bool,
}

impl Reader {
    /// The number of the context with this full id.
    pub fn find(&self, _context: &str) -> Result<Option<i64>, StoreError> {
        Ok(None)
    }

    /// The ARC that this context belongs to.
    pub fn arc(&self, _context: i64) -> Result<Option<Tree>, StoreError> {
        Ok(None)
    }

    /// The raw events of an ARC in the order they arrived, `skip` left out, at most `limit` (1,000 at most).
    pub fn events(&self, _main: i64, _skip: u64, _limit: u64) -> Result<Vec<Event>, StoreError> {
        Ok(Vec::new())
    }
}
