//! From a path to the view that answers, and from a view to an answer.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::ask::Ask;
use super::guard::{Verdict, harden};
use super::shared::Shared;
use super::trouble::Trouble;
use super::view::View;
use super::{assets, layout, live, views};

/// Makes a view; may take a moment, and runs on a thread where that is fine.
pub(crate) type Make = fn(&Ask, &Shared) -> Result<View, Trouble>;

/// The views by their path. Each has its tables as CSV at the same path with `.csv` behind it.
const VIEWS: [(&str, Make); 12] = [
    ("/", views::live::view),
    ("/classes", views::classes::view),
    ("/arcs", views::arcs::view),
    ("/arc", views::arc::view),
    ("/value", views::value::view),
    ("/fields", views::fields::view),
    ("/field", views::field::view),
    ("/kapis", views::kapis::view),
    ("/by", views::by::view),
    ("/changes", views::changes::view),
    ("/health", views::health::view),
    ("/words", views::words::view),
];

/// All that is answered.
pub(crate) fn routes(shared: Arc<Shared>) -> Router {
    let mut router = Router::new()
        .route("/events", get(live::events))
        .route("/assets/style.css", get(|| file("text/css; charset=utf-8", assets::STYLE)))
        .route("/assets/page.js", get(|| file("text/javascript; charset=utf-8", assets::SCRIPT)))
        .route("/assets/icon.svg", get(|| file("image/svg+xml", assets::ICON)));
    for (path, make) in VIEWS {
        let answer = move |state: State<Arc<Shared>>, uri: Uri| show(make, state, uri);
        router = router.route(path, get(answer)).route(&format!("{path}.csv"), get(answer));
    }
    router.fallback(nowhere).with_state(Arc::clone(&shared)).layer(from_fn_with_state(shared, guarded))
}

async fn guarded(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let mut response = match shared.guard.judge(request.method(), request.uri(), request.headers()) {
        Verdict::Answer => next.run(request).await,
        Verdict::Welcome { cookie, to } => welcome(&cookie, &to),
        Verdict::Refuse(trouble) => trouble.into_response(),
    };
    harden(response.headers_mut());
    response
}

fn welcome(cookie: &str, to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    for (name, text) in [(SET_COOKIE, cookie), (LOCATION, to)] {
        if let Ok(value) = HeaderValue::from_str(text) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn file(kind: &'static str, text: &'static str) -> Response {
    ([(CONTENT_TYPE, kind)], text).into_response()
}

async fn nowhere(request: Request) -> Response {
    let path: String = request.uri().path().chars().take(80).collect();
    Trouble::missing(format!("there is no view at {path}")).into_response()
}

async fn show(make: Make, State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    let answer = async {
        let ask = Ask::new(uri.path(), uri.query())?;
        // Who leaves while waiting is out of the queue; a view that is begun keeps its turn until it is made, for its
        // thread works on.
        let turn = Arc::clone(&shared.views).acquire_owned().await;
        let turn = turn.map_err(|_| Trouble::failed("the collector ends"))?;
        let made = Arc::clone(&shared);
        let rendered = tokio::task::spawn_blocking(move || {
            let rendered = render(make, &ask, &made);
            drop(turn);
            rendered
        })
        .await;
        rendered.map_err(|_| Trouble::failed("the view broke off: please report what the address was"))?
    };
    answer.await.unwrap_or_else(Trouble::into_response)
}

fn render(make: Make, ask: &Ask, shared: &Shared) -> Result<Response, Trouble> {
    let view = make(ask, shared)?;
    if let Some(text) = view.whole {
        return Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response());
    }
    if !ask.csv {
        return Ok(html(StatusCode::OK, layout::page(ask, &view).into_string()));
    }
    let table = view.find(ask.get("table")).ok_or_else(|| Trouble::missing("this view has no such table"))?;
    let disposition = format!("attachment; filename=\"{}.csv\"", table.name);
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from(table.csv()?)).into_response())
}

/// A page of HTML.
fn html(status: StatusCode, text: String) -> Response {
    (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let view = views::trouble::view(&self);
        let mut response = html(self.status, layout::page(&Ask::default(), &view).into_string());
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::{Condvar, Mutex};
    use std::time::Duration;

    use super::*;
    use crate::page::settings::PageSettings;
    use crate::page::shared::MAX_VIEWS;
    use crate::page::view::Area;
    use crate::store::Store;

    /// How many views are being made, and whether they may end.
    static MADE: (Mutex<(usize, bool)>, Condvar) = (Mutex::new((0, false)), Condvar::new());

    fn slow(_: &Ask, _: &Shared) -> Result<View, Trouble> {
        let mut state = MADE.0.lock().unwrap();
        state.0 += 1;
        let state = MADE.1.wait_while(state, |(_, ends)| !*ends).unwrap();
        drop(state);
        Ok(View::new(Area::Live, "slow"))
    }

    /// Who opens a slow view and leaves, again and again, does not fill the threads of all others.
    #[test]
    fn a_view_that_nobody_waits_for_keeps_its_turn() {
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        let shared = Arc::new(Shared::new(address, Store::temporary().unwrap(), PageSettings::default()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            for _ in 0..3 * MAX_VIEWS {
                let view = show(slow, State(Arc::clone(&shared)), Uri::from_static("/"));
                let _ = tokio::time::timeout(Duration::from_millis(20), view).await;
            }
        });
        let made = MADE.0.lock().unwrap().0;
        assert!((1..=MAX_VIEWS).contains(&made), "{made}");
        assert_eq!(shared.views.available_permits(), MAX_VIEWS - made);
        *MADE.0.lock().unwrap() = (made, true);
        MADE.1.notify_all();
        let last = runtime.block_on(show(slow, State(Arc::clone(&shared)), Uri::from_static("/")));
        assert_eq!(last.status(), StatusCode::OK);
    }
}
