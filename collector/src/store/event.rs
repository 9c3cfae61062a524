//! Raw events as those who read get them.

use serde_json::value::RawValue;

use super::names::start;

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

/// What arrived after a place in the stream.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Live {
    /// The events with the context each came from, the oldest first; at most 200.
    pub events: Vec<LiveEvent>,
    /// How many more there were in between.
    pub skipped: u64,
    /// The place behind the last one.
    pub cursor: u64,
}

/// One event of the stream.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LiveEvent {
    /// The full id of its context.
    pub context: String,
    /// Its class, if that is known.
    pub class: Option<String>,
    /// What it says, cut at 4 KiB.
    pub event: Event,
}

impl Event {
    /// One of a list of raw events: `[time, tag, message]`.
    pub(crate) fn read(context: i64, raw: &str, most: usize) -> Event {
        let read = serde_json::from_str::<(f64, String, &RawValue)>(raw);
        let (time, tag, message) = match &read {
            Ok((time, tag, message)) => (*time, tag.clone(), message.get()),
            Err(_) => (0.0, String::new(), raw),
        };
        let message_cut = start(message, most).to_owned();
        Event { context, time, tag, cut: message_cut.len() < message.len(), message: message_cut }
    }
}
