//! Tells a browser that there is something new to see, as server-sent events.
//!
//! Only that, and not what: the browser then takes the view again, so that a view looks the same whether it was opened
//! now or has been open for an hour.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::shared::Shared;
use super::trouble::Trouble;

/// How often is looked whether something arrived: with the view itself well below a second.
const TICK: Duration = Duration::from_millis(200);

/// Answers `/events`.
pub(crate) async fn events(State(shared): State<Arc<Shared>>) -> Response {
    let Ok(place) = shared.live_place() else {
        return Trouble::failed("too many live views are open: close some").into_response();
    };
    let seen = shared.pulse.version();
    let stream = stream::unfold((shared, place, seen, true), |(shared, place, seen, first)| async move {
        let mut version = shared.pulse.version();
        while version == seen && !first {
            tokio::time::sleep(TICK).await;
            version = shared.pulse.version();
        }
        // At once for the first time: what arrived since the view was made may have been missed.
        let event = Event::default().data(version.to_string());
        Some((Ok::<_, Infallible>(event), (shared, place, version, false)))
    });
    Sse::new(stream).keep_alive(KeepAlive::default()).into_response()
}
