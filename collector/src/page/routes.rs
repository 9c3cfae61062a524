//! From a path to the view that answers, and from a view to an answer.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION, SET_COOKIE};
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
        // Who leaves while waiting is out of the queue.
        let _turn = shared.views.acquire().await.map_err(|_| Trouble::failed("the collector ends"))?;
        let made = Arc::clone(&shared);
        let rendered = tokio::task::spawn_blocking(move || render(make, &ask, &made)).await;
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
        html(self.status, layout::page(&Ask::default(), &view).into_string())
    }
}
