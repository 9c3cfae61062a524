//! Tells a browser that there is something new to see, as server-sent events.
//!
//! Only that, and not what: the browser then takes the view again, so that a view looks the same whether it was opened
//! now or has been open for an hour.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::shared::Shared;
use super::trouble::Trouble;

/// Answers `/events`.
pub(crate) async fn events(State(shared): State<Arc<Shared>>) -> Response {
    let Ok(place) = shared.live_place() else {
        return Trouble::failed("too many live views are open: close some").into_response();
    };
    let mut versions = shared.pulse.versions();
    // At once for the first time: what arrived since the view was made may have been missed.
    versions.mark_changed();
    let stream = stream::unfold((shared, place, versions), |(shared, place, mut versions)| async move {
        // The page ends, and nothing more will come.
        versions.changed().await.ok()?;
        let event = Event::default().data(versions.borrow_and_update().to_string());
        Some((Ok::<_, Infallible>(event), (shared, place, versions)))
    });
    Sse::new(stream).keep_alive(KeepAlive::default()).into_response()
}
