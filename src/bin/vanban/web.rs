//! The web pages and the JSON API over one store: server-rendered, without scripts, read only.

pub(crate) mod api;
mod archive;
mod document;
pub(crate) mod guard;
mod lineage;
mod page;
mod reading;
mod search;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::civil::Date;
use maud::{Markup, html};
use page::{Frame, Lang};
use serde::Deserialize;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use vanban::error::Error;
use vanban::graph::{Lineage, NodeIndex, file::GraphFile};
use vanban::index::Index;
use vanban::store::{Generation, Store};

/// The store and what is open of it.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

struct Inner {
    store: Store,
    open: Mutex<Option<Arc<Open>>>,
}

/// One generation, with its index and graph.
pub(crate) struct Open {
    pub(crate) generation: Arc<Generation>,
    pub(crate) index: Index,
    pub(crate) graph: GraphFile,
}

impl App {
    pub(crate) fn open(store: &Path) -> Result<App, Error> {
        let app = App(Arc::new(Inner { store: Store::open(store)?, open: Mutex::new(None) }));
        app.current()?;
        Ok(app)
    }

    /// What is published now; reopened when the nightly job has published.
    pub(crate) fn current(&self) -> Result<Arc<Open>, Error> {
        let generation = self.0.store.current()?;
        let mut open = self.0.open.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(open) = open.as_ref().filter(|open| open.generation.number() == generation.number()) {
            return Ok(Arc::clone(open));
        }
        let graph = GraphFile::open(&generation.graph_path())?;
        let index = Index::open(&generation.index_path(), crate::search::every_status(&graph))?;
        let fresh = Arc::new(Open { generation, index, graph });
        *open = Some(Arc::clone(&fresh));
        Ok(fresh)
    }
}

impl Open {
    /// The graph's node of a held document.
    fn node_of(&self, id: &str) -> Option<NodeIndex> {
        self.graph.find(id).into_iter().next()
    }
}

/// What every page takes.
#[derive(Debug, Default, Deserialize)]
struct Common {
    lang: Option<String>,
    at: Option<String>,
}

impl Common {
    fn lang(&self) -> Lang {
        if self.lang.as_deref() == Some("en") { Lang::En } else { Lang::Vi }
    }

    /// The day asked for, today where none is given; `None` where it is no date.
    fn day(&self) -> Option<Date> {
        match self.at.as_deref().filter(|at| !at.is_empty()) {
            None => Some(crate::today()),
            Some(at) => at.parse().ok(),
        }
    }
}

/// What goes wrong for a person with a browser.
enum Trouble {
    NotFound,
    BadRequest(&'static str),
    World(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::World(error)
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Trouble::NotFound => (StatusCode::NOT_FOUND, "Không có trang này. · There is no such page.".to_owned()),
            Trouble::BadRequest(why) => (StatusCode::BAD_REQUEST, why.to_owned()),
            Trouble::World(error) => {
                tracing::error!(%error, "request failed");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "Máy chủ không đọc được kho. · The store cannot be read.".to_owned(),
                )
            }
        };
        let frame = Frame { lang: Lang::Vi, title: &text, here: "/", section: "", generation: 0, narrow: true };
        (status, Page(page::frame(&frame, html! { h1 { (text) } p { a href="/" { "Tìm kiếm · Search" } } })))
            .into_response()
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], self.0.into_string()).into_response()
    }
}

/// A finished page.
struct Page(Markup);

/// Answers nobody waits longer for.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// The whole site. More than `concurrency` requests at a time wait; more than four times as many are refused.
pub(crate) fn router(app: App, guard: guard::Guard, concurrency: usize) -> Router {
    let slots = Arc::new(tokio::sync::Semaphore::new(concurrency.max(1)));
    let queue = Arc::new(tokio::sync::Semaphore::new(concurrency.max(1) * 5));
    Router::new()
        .route("/", get(search::home))
        .route("/search", get(search::results))
        .route("/search.csv", get(search::csv))
        .route("/doc/{*id}", get(document::read))
        .route("/download/{*id}", get(document::download))
        .route("/number/{*number}", get(document::by_number))
        .route("/lineage/{*id}", get(lineage::show))
        .route("/chain/{*id}", get(lineage::chain))
        .route("/archive", get(archive::show))
        .route("/api", get(api::page))
        .nest("/api/v1", api::router())
        .route("/style.css", get(|| async { asset("text/css; charset=utf-8", include_str!("web/style.css")) }))
        .route("/icon.svg", get(|| async { asset("image/svg+xml", ICON) }))
        .fallback(|| async { Trouble::NotFound })
        .layer(middleware::from_fn_with_state(app.clone(), unchanged))
        .layer(tower_http::compression::CompressionLayer::new())
        .layer(tower_http::timeout::TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, TIME_LIMIT))
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            let (slots, queue) = (Arc::clone(&slots), Arc::clone(&queue));
            async move {
                let Ok(_waiting) = queue.try_acquire() else {
                    return api::problem(StatusCode::SERVICE_UNAVAILABLE, "too many requests at a time; try again")
                        .into_response();
                };
                match slots.acquire().await {
                    Ok(_slot) => next.run(request).await,
                    Err(_) => api::problem(StatusCode::SERVICE_UNAVAILABLE, "stopping").into_response(),
                }
            }
        }))
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .with_state(app)
}

const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#a3161d"/><path d="M8 9l8 15 8-15" fill="none" stroke="#fff" stroke-width="3.2" stroke-linejoin="round"/></svg>"##;

fn asset(kind: &'static str, body: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=3600")], body).into_response()
}

/// Answers 304 where the browser already has the page of this generation and day, and tags the answer otherwise.
async fn unchanged(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return next.run(request).await;
    }
    let Ok(open) = app.current() else { return next.run(request).await };
    let tag = format!("W/\"{}-{}-{}\"", env!("CARGO_PKG_VERSION"), open.generation.number(), crate::today());
    let given = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let known = given.is_some_and(|given| given.split(',').any(|one| one.trim() == tag));
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { next.run(request).await };
    if (response.status().is_success() || known)
        && let Ok(value) = HeaderValue::from_str(&tag)
    {
        response.headers_mut().insert(header::ETAG, value);
        response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    }
    response
}
