//! Looks at the store again and again, so that the page knows how fast events arrive and when there is something new.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::shared::Shared;
use super::trouble::Trouble;

/// How often is looked while a live view is open: with the view's own time this is well below a second from an event to
/// the eye.
const STEP: Duration = Duration::from_millis(250);
/// How often while none is, so that the rate is known when one is opened.
const IDLE_STEP: Duration = Duration::from_secs(1);

/// Looks again and again, for as long as the page is served.
pub(crate) async fn follow(shared: Arc<Shared>) {
    loop {
        let looking = Arc::clone(&shared);
        // A store that cannot be read shows in the views.
        let _ = tokio::task::spawn_blocking(move || look(&looking)).await;
        let step = if shared.is_watched() { STEP } else { IDLE_STEP };
        tokio::select! {
            () = tokio::time::sleep(step) => {}
            // Whoever has just opened one does not wait for the end of a long step.
            () = shared.opened.notified() => {}
        }
    }
}

fn look(shared: &Shared) -> Result<(), Trouble> {
    let health = shared.ask(|reader| Ok(reader.health()?))?;
    let counted =
        |name: &str| health.counters.iter().find(|(given, _)| given == name).map_or(0, |(_, count)| *count);
    shared.pulse.note(Instant::now(), counted("records"));
    // Any counter that moved is something to see.
    let run = shared.delivery.counters();
    let counters =
        health.counters.iter().map(|(_, count)| *count).chain(run.into_iter().map(|(_, count)| count));
    let sum = counters.fold(0_u64, |sum, count| sum.rotate_left(7) ^ count);
    shared.pulse.set_version(sum);
    Ok(())
}
