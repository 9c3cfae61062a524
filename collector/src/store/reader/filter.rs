//! Which ARCs a question is about.

use crate::store::value::Value;

/// Conditions that all have to hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// ARCs that began at this time or later, in Unix seconds.
    pub from: Option<f64>,
    /// ARCs that began before this time.
    pub until: Option<f64>,
    /// Conditions on fields.
    pub conditions: Vec<Condition>,
}

/// One condition on one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The field's name, or that of a column of ours (`_context`, `_user`, `_events`, `_last`).
    pub field: String,
    /// What holds for its value.
    pub test: Test,
}

/// What holds for a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// It is this one.
    Is(Value),
    /// It is another one, or there is none.
    IsNot(Value),
    /// It is a text with this in it, whatever the case of its ASCII letters.
    Contains(String),
    /// Not of the field: this is in the context id, the user id or any field of the ARC itself, whatever
    /// the case of its ASCII letters.
    Anywhere(String),
    /// It is a smaller number.
    Below(f64),
    /// It is this number or a larger one.
    AtLeast(f64),
    /// There is none, or it is null.
    Missing,
    /// There is one.
    Present,
}
