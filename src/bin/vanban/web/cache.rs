//! Pages already made, and the tags by which browsers keep them.
//!
//! A page depends on the generation, the day and its address alone, so it is kept by these
//! until the room is needed for others.

use super::{App, api};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex};

/// Answers larger than this are made anew: a few of them would push out all others.
const LARGEST: usize = 1 << 20;
/// What an entry takes beside its address and body.
const OVERHEAD: u64 = 1024;

/// What a page depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// By its fingerprint.
    generation: u128,
    day: Date,
    gzip: bool,
    address: Box<str>,
}

/// A whole answer with status 200.
#[derive(Debug)]
struct Kept {
    headers: HeaderMap,
    body: Bytes,
}

impl Kept {
    fn answer(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// Pages already made. When the younger half is full it becomes the older, and what was
/// not asked for since it became so is forgotten.
#[derive(Debug)]
pub(super) struct Pages {
    half: u64,
    halves: Mutex<Halves>,
}

#[derive(Debug, Default)]
struct Halves {
    young: FxHashMap<Key, Arc<Kept>>,
    old: FxHashMap<Key, Arc<Kept>>,
    /// What the younger half takes.
    bytes: u64,
}

impl Pages {
    /// Room for pages of `bytes` together.
    pub(super) fn new(bytes: u64) -> Pages {
        Pages { half: bytes / 2, halves: Mutex::default() }
    }

    fn get(&self, key: &Key) -> Option<Arc<Kept>> {
        let mut halves = self.halves.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(kept) = halves.young.get(key) {
            return Some(Arc::clone(kept));
        }
        let (key, kept) = halves.old.remove_entry(key)?;
        self.put(&mut halves, key, Arc::clone(&kept));
        Some(kept)
    }

    fn keep(&self, key: Key, kept: Arc<Kept>) {
        let mut halves = self.halves.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        self.put(&mut halves, key, kept);
    }

    fn put(&self, halves: &mut Halves, key: Key, kept: Arc<Kept>) {
        let weight = OVERHEAD + (key.address.len() + kept.body.len()) as u64;
        if weight > self.half {
            return;
        }
        if halves.bytes + weight > self.half {
            halves.old = std::mem::take(&mut halves.young);
            halves.bytes = 0;
        }
        halves.bytes += weight;
        halves.young.insert(key, kept);
    }
}

/// Answers 304 where the browser has the page of this generation and day, else from the pages kept, else anew.
pub(super) async fn kept(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return next.run(request).await;
    }
    let generation = app.current().generation.fingerprint();
    let day = crate::today();
    let tag = format!("W/\"{}-{generation:032x}-{day}\"", env!("CARGO_PKG_VERSION"));
    let given = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if given.is_some_and(|given| given.split(',').any(|one| one.trim() == tag)) {
        return tagged(StatusCode::NOT_MODIFIED.into_response(), &tag);
    }
    if request.method() == Method::HEAD {
        return tagged(next.run(request).await, &tag);
    }
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let gzip = accepted.is_some_and(|accepted| accepted.contains("gzip"));
    let address = request.uri().path_and_query().map_or("/", |address| address.as_str()).into();
    let key = Key { generation, day, gzip, address };
    if let Some(kept) = app.pages().get(&key) {
        return kept.answer();
    }
    // The key tells two encodings apart and no more.
    let encoding = HeaderValue::from_static(if gzip { "gzip" } else { "identity" });
    request.headers_mut().insert(header::ACCEPT_ENCODING, encoding);
    let response = tagged(next.run(request).await, &tag);
    if response.status() != StatusCode::OK {
        return response;
    }
    let (head, body) = response.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return api::problem(StatusCode::INTERNAL_SERVER_ERROR, "the answer was cut off").into_response();
    };
    let kept = Arc::new(Kept { headers: head.headers, body });
    let answer = kept.answer();
    // A generation published meanwhile may have made it.
    if kept.body.len() <= LARGEST && app.current().generation.fingerprint() == key.generation {
        app.pages().keep(key, kept);
    }
    answer
}

fn tagged(mut response: Response, tag: &str) -> Response {
    let status = response.status();
    if (status.is_success() || status == StatusCode::NOT_MODIFIED)
        && let Ok(value) = HeaderValue::from_str(tag)
    {
        let headers = response.headers_mut();
        headers.insert(header::ETAG, value);
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
        headers.entry(header::VARY).or_insert(HeaderValue::from_static("accept-encoding"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> Key {
        Key { generation: 1, day: Date::constant(2026, 1, 1), gzip: false, address: address.into() }
    }

    fn page(n_bytes: usize) -> Arc<Kept> {
        Arc::new(Kept { headers: HeaderMap::new(), body: Bytes::from(vec![b'x'; n_bytes]) })
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_is_forgotten() {
        let pages = Pages::new(40_000);
        pages.keep(key("/loved"), page(1000));
        for n in 0..100 {
            assert!(pages.get(&key("/loved")).is_some(), "after {n}");
            pages.keep(key(&format!("/{n}")), page(1000));
        }
        assert!(pages.get(&key("/0")).is_none());
        let halves = pages.halves.lock().unwrap();
        assert!(halves.young.len() + halves.old.len() <= 20, "the bound holds");
    }

    #[test]
    fn without_room_nothing_is_kept() {
        let pages = Pages::new(0);
        pages.keep(key("/"), page(10));
        assert!(pages.get(&key("/")).is_none());
    }
}
