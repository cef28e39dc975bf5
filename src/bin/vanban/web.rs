//! The web pages and the JSON API over one store: server-rendered, without scripts.
//!
//! A request passes the guard, then the pages already made, then waits for one of a few
//! places where pages are made, each on a thread of its own that may wait for the disk.

mod amended;
pub(crate) mod api;
mod archive;
mod cache;
mod chain;
mod chart;
pub(crate) mod connections;
mod document;
pub(crate) mod guard;
mod lineage;
mod openapi;
mod page;
mod rate;
mod reading;
mod review;
mod search;
mod status;
mod trouble;
mod words;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::civil::Date;
use maud::Markup;
use page::Lang;
use serde::Deserialize;
use std::path::Path;
use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;
use tokio::sync::Semaphore;
use vanban::error::Error;
use vanban::graph::{Lineage, NodeIndex, file::GraphFile};
use vanban::index::{self, Index};
use vanban::store::{Generation, Store};

use trouble::Trouble;

/// The store and what is open of it.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

struct Inner {
    store: Store,
    open: RwLock<Arc<Open>>,
    pages: cache::Pages,
    places: Semaphore,
    queue: Semaphore,
}

/// How much the server does at a time and keeps in memory.
pub(crate) struct Limits {
    /// Pages made at the same time.
    pub(crate) concurrency: usize,
    /// Bytes of pages already made.
    pub(crate) cache: u64,
}

/// Requests that may wait for their page to be made.
const LONGEST_QUEUE: usize = 512;

/// One generation, with its index and graph.
pub(crate) struct Open {
    pub(crate) generation: Arc<Generation>,
    pub(crate) index: Index,
    pub(crate) graph: GraphFile,
    /// Cards of the newest documents, the newest first.
    recent: Vec<u32>,
    /// How damaged and how sure the documents are; counted when first asked for.
    quality: OnceLock<archive::Quality>,
}

/// Documents on the first page.
const RECENT: usize = 8;

impl App {
    pub(crate) fn open(store: &Path, limits: &Limits) -> Result<App, Error> {
        let store = Store::open(store)?;
        let open = Open::new(store.current()?)?;
        Ok(App(Arc::new(Inner {
            store,
            open: RwLock::new(Arc::new(open)),
            pages: cache::Pages::new(limits.cache),
            places: Semaphore::new(limits.concurrency),
            queue: Semaphore::new(LONGEST_QUEUE),
        })))
    }

    /// Number of documents.
    pub(crate) fn len(&self) -> u64 {
        self.current().generation.len()
    }

    /// The generation shown.
    pub(crate) fn current(&self) -> Arc<Open> {
        Arc::clone(&self.0.open.read().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    fn pages(&self) -> &cache::Pages {
        &self.0.pages
    }

    /// Shows each new generation once it is open; until then the one before answers.
    pub(crate) async fn follow(self) {
        loop {
            tokio::time::sleep(Duration::from_millis(250)).await;
            let app = self.clone();
            let followed = tokio::task::spawn_blocking(move || app.refresh()).await;
            if let Ok(Err(error)) = followed {
                tracing::warn!(%error, "the new generation cannot be read; the one before is shown");
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
        }
    }

    fn refresh(&self) -> Result<(), Error> {
        let generation = self.0.store.current()?;
        if generation.fingerprint() == self.current().generation.fingerprint() {
            return Ok(());
        }
        let open = Arc::new(Open::new(generation)?);
        *self.0.open.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = open;
        Ok(())
    }
}

impl Open {
    fn new(generation: Arc<Generation>) -> Result<Open, Error> {
        let graph = GraphFile::open(&generation.graph_path())?;
        let index = Index::open(&generation.index_path(), crate::search::every_status(&graph))?;
        let cards = index.cards();
        let mut recent: Vec<u32> = (0..cards.len() as u32).filter(|n| cards[*n as usize].date.is_some()).collect();
        recent.sort_by_key(|n| (std::cmp::Reverse(cards[*n as usize].date), *n));
        recent.truncate(RECENT);
        // The first queries of the day would pay for what is looked up once.
        index.search(&index::Query { at: Some(crate::today()), ..index::Query::new("quyet dinh") })?;
        Ok(Open { generation, index, graph, recent, quality: OnceLock::new() })
    }

    /// The graph's node of a held document.
    fn node_of(&self, id: &str) -> Option<NodeIndex> {
        self.graph.find(id).into_iter().next()
    }
}

/// What every page takes.
#[derive(Clone, Debug, Default, Deserialize)]
struct Common {
    lang: Option<String>,
    at: Option<String>,
}

impl Common {
    fn lang(&self) -> Lang {
        Lang::of(self.lang.as_deref())
    }

    /// The day asked for, today where none is given.
    fn day(&self) -> Result<Date, Trouble> {
        match self.at.as_deref().map(str::trim).filter(|at| !at.is_empty()) {
            None => Ok(crate::today()),
            Some(at) => at.parse().map_err(|_| {
                Trouble::BadRequest("Ngày phải có dạng NĂM-THÁNG-NGÀY.", "`at` must be a date, YYYY-MM-DD.")
            }),
        }
    }
}

/// A finished page.
struct Page(Markup);

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], self.0.into_string()).into_response()
    }
}

/// Does what may take long, or wait for the disk, on a thread of its own.
async fn aside<T: Send + 'static, E: From<Error> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(join) => match join.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Error::message("server", "is stopping").into()),
        },
    }
}

/// Answers nobody waits longer for.
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// Bytes of a request's body.
pub(crate) const LARGEST_BODY: usize = 64 * 1024;

/// The whole site.
///
/// Routes that write, or whose answers depend on more than generation, day and address, belong
/// beside `pages`, where nothing is kept.
pub(crate) fn router(app: App, guard: guard::Guard) -> Router {
    let pages = Router::new()
        .route("/", get(search::home))
        .route("/search", get(search::results))
        .route("/search.csv", get(search::csv))
        .route("/doc/{*id}", get(document::read))
        .route("/download/{*id}", get(document::download))
        .route("/number/{*number}", get(document::by_number))
        .route("/lineage/{*id}", get(lineage::show))
        .route("/lineage-file/{*id}", get(lineage::download))
        .route("/chain/{*id}", get(chain::show))
        .route("/archive", get(archive::show))
        .route("/api", get(api::page))
        .nest("/api/v1", api::router())
        .route("/style.css", get(|| async { asset("text/css; charset=utf-8", include_str!("web/style.css")) }))
        .route("/icon.svg", get(|| async { asset("image/svg+xml", ICON) }))
        .fallback(|| async { Trouble::NotFound })
        .layer(middleware::from_fn(trouble::told))
        .layer(tower_http::compression::CompressionLayer::new())
        .layer(middleware::from_fn_with_state(app.clone(), in_turn))
        .layer(middleware::from_fn_with_state(app.clone(), cache::kept));
    Router::new()
        .merge(pages)
        .merge(review::router().layer(middleware::from_fn(trouble::told)))
        .layer(axum::extract::DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .with_state(app)
}

const ICON: &str = include_str!("web/icon.svg");

fn asset(kind: &'static str, body: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=3600")], body).into_response()
}

/// Waits for a place where pages are made; too long a queue is refused at once.
async fn in_turn(State(app): State<App>, request: Request, next: Next) -> Response {
    let Ok(_waiting) = app.0.queue.try_acquire() else {
        let mut response =
            api::problem(StatusCode::SERVICE_UNAVAILABLE, "too many requests at a time; try again").into_response();
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        return response;
    };
    let made = async {
        let _place = app.0.places.acquire().await;
        next.run(request).await
    };
    match tokio::time::timeout(TIME_LIMIT, made).await {
        Ok(response) => response,
        Err(_) => api::problem(StatusCode::GATEWAY_TIMEOUT, "the answer took too long").into_response(),
    }
}
