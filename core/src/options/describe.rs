//! The options in force as one JSON text for operators, and the only place that decides how a value may
//! be shown.

use crate::json::{self, Value as Json};
use crate::options::row::Row;
use crate::options::source::InForce;
use crate::options::value::{HIDDEN, Value};

/// A value as it may be shown: of its own JSON type, a secret hidden unless it is empty.
pub(super) fn shown(row: &Row, value: &Value) -> Json {
    match value {
        secret if row.secret => Json::from(if secret.is_empty() { "" } else { HIDDEN }),
        open => open.to_json(row.kind),
    }
}

/// Every option in the order given, with its value, its source and whether it is live.
pub(super) fn json(in_force: &[InForce]) -> String {
    let options = in_force.iter().map(|option| {
        let about = Json::object([
            ("value", shown(option.row, &option.value)),
            ("source", Json::from(option.source.text())),
            ("live", Json::from(option.row.live)),
        ]);
        (option.row.name, about)
    });
    json::text(&Json::object(options))
}
