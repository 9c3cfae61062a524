//! The options in force as one JSON text for operators, and the only place that decides how a value may
//! be shown.

use serde_json::{Map, Value as Json, json};

use crate::config::in_force::InForce;
use crate::config::row::Row;
use crate::config::secret::HIDDEN;
use crate::config::value::OptionValue;

/// A value as it may be shown: of its own JSON type, a secret hidden unless it is empty.
pub(super) fn shown(row: &Row, value: &OptionValue) -> Json {
    match value {
        secret if row.secret => Json::from(if secret.is_empty() { "" } else { HIDDEN }),
        open => open.to_json(row.kind),
    }
}

/// Every option in the order given, with its value, its source and whether it is live.
pub(super) fn json(in_force: &[InForce]) -> String {
    let options: Map<String, Json> = in_force
        .iter()
        .map(|option| {
            let about = json!({
                "value": shown(option.row, &option.value),
                "source": option.source.text(),
                "live": option.row.live,
            });
            (option.row.name.to_owned(), about)
        })
        .collect();
    Json::Object(options).to_string()
}
