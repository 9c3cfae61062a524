//! Conformance scenarios: what they are, how one is played and how its outcome is judged.
//!
//! `play` runs the operations of one scenario through the C interface, in a process of its own because
//! the default client belongs to the process. `judge` compares what was seen with what the scenario
//! expects and says every difference in a line a person can read. `tests/conformance/README.md` has
//! the meaning of the fields.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

mod hand;
mod judge;
mod lines;
mod play;
mod stack_hand;
mod text;

pub use hand::Through;
pub use judge::{Observed, judge, read_json};
pub use lines::{lines, report};
pub use play::play;
pub use text::json_text;

use serde_json::Value;

/// What the recorded client did by itself and libmona does on demand: it took larger events (300 000 bytes in `long`)
/// and deeper ones, and sent NaN as it is.
pub const AS_RECORDED: [(&str, &str); 3] =
    [("MONA_MAX_EVENT_BYTES", "1048576"), ("MONA_MAX_DEPTH", "512"), ("MONA_NONFINITE", "ieee")];

/// One scenario as it stands in the file.
pub struct Scenario {
    /// Its name, unique in the file.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// `c` for those the C interface must pass, `binding` for those that need values of any kind beside.
    pub level: String,
    /// Environment variables before the client is made.
    pub env: Vec<(String, String)>,
    /// First text of the config file; none: there is no such file.
    pub config: Option<String>,
    /// The operations in order.
    pub ops: Vec<Value>,
    /// What each operation gives.
    pub results: Vec<Value>,
    /// The records, in order for each thread.
    pub wire: Vec<Value>,
}

/// Every scenario of the file, of all levels.
pub fn all() -> Vec<Scenario> {
    let file: Value =
        serde_json::from_str(include_str!("../conformance/scenarios.json")).expect("scenarios.json is JSON");
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let word = |value: &Value| value.as_str().map(str::to_owned).expect("a text");
    list(&file["scenarios"])
        .iter()
        .map(|scenario| Scenario {
            id: word(&scenario["id"]),
            title: word(&scenario["title"]),
            level: word(&scenario["level"]),
            env: scenario["env"]
                .as_object()
                .expect("env is an object")
                .iter()
                .map(|(name, value)| (name.clone(), word(value)))
                .collect(),
            config: scenario["config"].as_str().map(str::to_owned),
            ops: list(&scenario["ops"]),
            results: list(&scenario["results"]),
            wire: list(&scenario["wire"]),
        })
        .collect()
}

/// The thread an operation runs on; `main` where the scenario names none.
fn thread_of(op: &Value) -> &str {
    op["thread"].as_str().unwrap_or("main")
}
