//! Options that contradict each other whatever the endpoints are: one warning that names them all.

use crate::config::in_force::{InForce, Source};

/// What counts only where `endpoint` is not set.
pub(super) const BESIDE_ENDPOINT: [&str; 3] = ["host", "port", "use_ssl"];

/// Says which options were given although another one takes their place.
pub(super) fn find(in_force: &[InForce], warnings: &mut Vec<String>) {
    let named = |option: &InForce| format!("\"{}\" ({})", option.row.name, option.source.text());
    let endpoint = in_force.iter().find(|option| option.row.name == "endpoint" && !option.value.is_empty());
    let Some(endpoint) = endpoint.filter(|endpoint| endpoint.source != Source::Default) else { return };
    let beside: Vec<String> = in_force
        .iter()
        .filter(|option| BESIDE_ENDPOINT.contains(&option.row.name) && option.source != Source::Default)
        .map(named)
        .collect();
    if !beside.is_empty() {
        warnings.push(format!(
            "options {} and {}: both say where records go, \"endpoint\" counts; one of them is expected",
            named(endpoint),
            beside.join(", ")
        ));
    }
}
