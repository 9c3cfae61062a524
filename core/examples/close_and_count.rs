//! The end of a program: what was accepted is delivered or counted, and the counters say which.
//! `cargo run -p mona --example close_and_count`.

use std::error::Error;
use std::time::Duration;

use mona::error::Status;
use mona::{Client, Options, Timestamp};

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let mut options = Options::new();
    // Encodes and discards: for dry runs.
    options.set("endpoint", "null:")?;
    let client = Client::new(Some(&options))?;
    let run = client.context(Some("batch-job"), None, Timestamp::Now)?;
    for step in 0..1000 {
        run.export_json(format!("{{\"step\": {step}}}").as_bytes(), Timestamp::Now)?;
    }

    // Comes back as soon as everything is delivered, at the latest after the time-out.
    match client.close(Duration::from_secs(5)) {
        Ok(()) => {}
        Err(error) if error.status() == Status::Timeout => eprintln!("{error}"),
        Err(error) => return Err(error.into()),
    }

    let stats = client.stats();
    let lost = stats.dropped_queue_full
        + stats.dropped_too_big
        + stats.dropped_rejected
        + stats.dropped_spool
        + stats.dropped_closed;
    println!("{} accepted: {} delivered, {lost} lost", stats.accepted, stats.delivered);
    if stats.accepted != stats.delivered + lost + stats.queued_events + stats.spooled_events {
        return Err("the counters do not add up".into());
    }
    // A closed client answers, and sends nothing any more.
    match run.export_json(b"{\"step\": 1000}", Timestamp::Now) {
        Err(error) if error.status() == Status::Closed => Ok(()),
        other => Err(format!("an export after the close: {other:?}, an error is expected").into()),
    }
}
