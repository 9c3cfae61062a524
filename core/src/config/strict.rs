//! What there is to say about wrong values, and which of them are a refusal.
//!
//! A wrong value becomes a warning and the next source counts. Of a strict option it makes no client at all, where it
//! would count: not when something better stands before it, nor a host or port beside an endpoint.

use crate::config::contradictions;
use crate::config::in_force::InForce;
use crate::config::row::Row;
use crate::diag::error::{Error, Status};

/// What there is to say about the values of all sources.
#[derive(Default)]
pub(super) struct Said {
    /// Log lines of level warning.
    pub warnings: Vec<String>,
    /// Wrong values of strict options that nothing better stands before.
    refusals: Vec<(&'static Row, String)>,
}

impl Said {
    /// A wrong value, which would have counted.
    pub(super) fn wrong(&mut self, row: &'static Row, sentence: String) {
        if row.strict { self.refusals.push((row, sentence)) } else { self.warnings.push(sentence) }
    }
}

/// The first wrong value of a strict option that matters; the others are warnings.
pub(super) fn refusal(in_force: &[InForce], said: &mut Said) -> Option<Error> {
    let has_endpoint =
        in_force.iter().any(|option| option.row.name == "endpoint" && !option.value.is_empty());
    let refusals = std::mem::take(&mut said.refusals);
    // Nothing is sent to host and port where there is an endpoint.
    let matters = |row: &Row| !(has_endpoint && contradictions::BESIDE_ENDPOINT.contains(&row.name));
    let (mut fatal, harmless): (Vec<_>, Vec<_>) = refusals.into_iter().partition(|(row, _)| matters(row));
    let first = (!fatal.is_empty()).then(|| fatal.remove(0).1);
    said.warnings.extend(fatal.into_iter().chain(harmless).map(|(_, sentence)| sentence));
    first.map(|sentence| Error::new(Status::Argument, sentence))
}
