//! A client as people see it: its options, and what its spool is at the moment.

use serde_json::json;

use super::inner::Inner;

impl Inner {
    /// The options in force as a JSON object, with the spool as one more member where there is one.
    pub(crate) fn describe(&self) -> String {
        let mut text = self.live.describe();
        if let Some(spool) = self.spool_state() {
            // The end of the object, which has members.
            text.pop();
            text.push_str(&format!(",\"spool\":{spool}}}"));
        }
        text
    }

    fn spool_state(&self) -> Option<serde_json::Value> {
        // To look is no reason to begin anything in a forked child.
        let runtime = self.runtime.existing()?;
        let now = runtime.depot.as_ref()?.appearance();
        let ledger = runtime.intake.ledger();
        let state = json!({
            "is_on": now.trouble.is_none(),
            "error": now.trouble.or(now.unread),
            "events": ledger.spooled_events,
            "bytes": ledger.spooled_bytes,
            "segments": now.held.segments,
            "file_bytes": now.held.file_bytes,
            "adopted_instances": now.held.adopted_instances,
        });
        Some(json!({ "value": state, "source": "state", "live": true }))
    }
}
