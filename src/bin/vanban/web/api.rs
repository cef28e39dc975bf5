//! The JSON API: the same answers as the pages, for programs.
//!
//! Errors are problem details (RFC 9457) whose `type` never changes; the OpenAPI 3.1
//! description is served beside the answers. A parameter that is not as described is
//! refused, never bent to fit.

use super::page::{self, Frame};
use super::{App, Common, Page, Trouble, aside, openapi};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jiff::civil::Date;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vanban::citation::Relation;
use vanban::document::DocumentId;
use vanban::error::Error;
use vanban::graph::place::Place;
use vanban::graph::validity::{self, Question};
use vanban::graph::{Lineage, NodeIndex, Relations, consolidated, trace};
use vanban::index::{self, Completion, Sort};

/// Most hits one answer may have.
pub(super) const MOST_HITS: usize = 100;
/// How far into a result anyone may go.
pub(super) const DEEPEST: usize = 10_000;
/// Longest query or name, in characters.
pub(super) const LONGEST_TEXT: usize = 400;
/// Most completions one answer may have.
pub(super) const MOST_COMPLETIONS: usize = 50;
/// Most documents one list may have.
pub(super) const MOST_LISTED: usize = 1000;
/// How far into the list of documents anyone may go.
pub(super) const LONGEST_LIST: usize = 100_000_000;
/// Farthest neighbours of a lineage.
pub(super) const FARTHEST: usize = 6;
/// Most documents of a lineage.
pub(super) const MOST_NODES: usize = 1000;

/// An error as problem details.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
}

/// Problem details with a status and one sentence.
pub(crate) fn problem(status: StatusCode, detail: impl Into<String>) -> Problem {
    Problem { status, detail: detail.into() }
}

/// Every kind of problem: status, the stable last part of its `type`, title.
pub(super) const PROBLEMS: [(u16, &str, &str); 13] = [
    (400, "bad-parameter", "A parameter is not as it must be"),
    (401, "token-needed", "A token is needed"),
    (403, "not-allowed", "Not allowed"),
    (404, "not-found", "There is no such thing"),
    (405, "method-not-allowed", "The method is not allowed here"),
    (409, "several-fit", "Several documents fit"),
    (413, "too-large", "The request is too large"),
    (414, "address-too-long", "The address is too long"),
    (421, "wrong-host", "Another host is meant"),
    (429, "too-often", "Too many requests from one address"),
    (500, "unreadable", "The store cannot be read"),
    (503, "too-busy", "Too many requests at a time"),
    (504, "too-slow", "The answer took too long"),
];

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let code = self.status.as_u16();
        let known = PROBLEMS.iter().find(|(status, _, _)| *status == code);
        let (name, title) = known.map_or(("other", "Something is wrong"), |(_, name, title)| (*name, *title));
        let body = json!({ "type": format!("/api#{name}"), "title": title, "status": code, "detail": self.detail });
        (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        tracing::error!(%error, "request failed");
        problem(StatusCode::INTERNAL_SERVER_ERROR, "the store cannot be read; run `vanban check`")
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Problem {
        bad(rejection.body_text())
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Problem {
        bad(rejection.body_text())
    }
}

fn bad(why: impl Into<String>) -> Problem {
    problem(StatusCode::BAD_REQUEST, why)
}

type Answer<T> = Result<Json<T>, Problem>;
type Asked<T> = Result<Query<T>, QueryRejection>;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/openapi.json", get(|| async { Json(openapi::description()) }))
        .route("/search", get(search))
        .route("/complete", get(complete))
        .route("/documents", get(documents))
        .route("/documents/{id}", get(document))
        .route("/documents/{id}/amended", get(amended))
        .route("/status", get(status))
        .route("/lineage", get(lineage))
        .route("/report", get(report))
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "no such resource; see /api/v1/openapi.json") })
        .method_not_allowed_fallback(|| async {
            let mut response = problem(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here").into_response();
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
            response
        })
}

/// A date as `YYYY-MM-DD` and nothing else; today in Vietnam where none is given.
fn date(text: Option<&String>) -> Result<Date, Problem> {
    let Some(text) = text else { return Ok(crate::today()) };
    let shape = |text: &str| {
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        text.len() == 10 && text.split('-').map(str::len).eq([4, 2, 2]) && text.split('-').all(digits)
    };
    let date = text.parse().ok().filter(|_| shape(text));
    date.ok_or_else(|| bad("`at` must be a date, YYYY-MM-DD"))
}

fn bounded(name: &str, given: Option<usize>, usual: usize, least: usize, most: usize) -> Result<usize, Problem> {
    let value = given.unwrap_or(usual);
    if (least..=most).contains(&value) {
        Ok(value)
    } else {
        Err(bad(format!("`{name}` must be from {least} to {most}")))
    }
}

fn short(name: &str, text: &str, least: usize) -> Result<(), Problem> {
    let length = text.chars().count();
    if (least..=LONGEST_TEXT).contains(&length) {
        Ok(())
    } else {
        Err(bad(format!("`{name}` must have from {least} to {LONGEST_TEXT} characters")))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchAsked {
    #[serde(default)]
    q: String,
    sort: Option<Sorted>,
    limit: Option<usize>,
    offset: Option<usize>,
    at: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Sorted {
    Relevance,
    Date,
}

async fn search(State(app): State<App>, asked: Asked<SearchAsked>) -> Answer<index::Results> {
    let Query(asked) = asked?;
    short("q", &asked.q, 0)?;
    let query = index::Query {
        at: Some(date(asked.at.as_ref())?),
        sort: match asked.sort {
            Some(Sorted::Date) => Sort::Date,
            _ => Sort::Relevance,
        },
        limit: bounded("limit", asked.limit, 10, 0, MOST_HITS)?,
        offset: bounded("offset", asked.offset, 0, 0, DEEPEST)?,
        ..index::Query::new(asked.q)
    };
    aside(move || Ok(Json(app.current().index.search(&query)?))).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CompleteAsked {
    q: String,
    limit: Option<usize>,
}

async fn complete(State(app): State<App>, asked: Asked<CompleteAsked>) -> Answer<Vec<Completion>> {
    let Query(asked) = asked?;
    short("q", &asked.q, 0)?;
    let limit = bounded("limit", asked.limit, 8, 0, MOST_COMPLETIONS)?;
    aside(move || Ok(Json(app.current().index.complete(&asked.q, limit)))).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageAsked {
    limit: Option<usize>,
    offset: Option<usize>,
}

#[derive(Serialize)]
struct Listed {
    total: usize,
    documents: Vec<index::Card>,
}

async fn documents(State(app): State<App>, asked: Asked<PageAsked>) -> Answer<Listed> {
    let Query(asked) = asked?;
    let limit = bounded("limit", asked.limit, 50, 0, MOST_LISTED)?;
    let offset = bounded("offset", asked.offset, 0, 0, LONGEST_LIST)?;
    let open = app.current();
    let cards = open.index.cards();
    let documents = cards.iter().skip(offset).take(limit).cloned().collect();
    Ok(Json(Listed { total: cards.len(), documents }))
}

fn no_document() -> Problem {
    problem(StatusCode::NOT_FOUND, "no document has this id or number")
}

fn no_place() -> Problem {
    problem(StatusCode::NOT_FOUND, "the document has no such place; one is named as in `khoản 2 Điều 5`")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn document(
    State(app): State<App>,
    id: Result<Path<String>, PathRejection>,
    asked: Asked<Nothing>,
) -> Answer<vanban::document::Record> {
    let (Path(id), Query(_)) = (id?, asked?);
    aside(move || {
        let found = app.current().generation.document(&DocumentId(id))?.ok_or_else(no_document)?;
        Ok(Json(found.record()))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AmendedAsked {
    locator: Option<String>,
    at: Option<String>,
}

async fn amended(
    State(app): State<App>,
    id: Result<Path<String>, PathRejection>,
    asked: Asked<AmendedAsked>,
) -> Answer<consolidated::View> {
    let (Path(id), Query(asked)) = (id?, asked?);
    let at = date(asked.at.as_ref())?;
    let place = match &asked.locator {
        None => None,
        Some(words) => {
            short("locator", words, 1)?;
            Some(Place::parse(words).ok_or_else(no_place)?)
        }
    };
    aside(move || {
        let open = app.current();
        let fetch = |id: &str| open.generation.document(&DocumentId(id.to_owned())).ok().flatten();
        let document = fetch(&id).ok_or_else(no_document)?;
        let node = open.node_of(&id).ok_or_else(no_document)?;
        let view = consolidated::view(&open.graph, node, &document, at, place.as_ref(), &fetch);
        view.map(Json).ok_or_else(no_place)
    })
    .await
}

/// The one document meant by an id or number.
fn node(graph: &dyn Lineage, word: &str) -> Result<NodeIndex, Problem> {
    match graph.find(word).as_slice() {
        [] => Err(no_document()),
        [only] => Ok(*only),
        several => {
            let ids: Vec<String> = several.iter().take(8).map(|n| graph.node(*n).id.clone()).collect();
            Err(problem(StatusCode::CONFLICT, format!("several documents fit; ask by id: {}", ids.join(", "))))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusAsked {
    document: String,
    locator: Option<String>,
    at: Option<String>,
}

async fn status(State(app): State<App>, asked: Asked<StatusAsked>) -> Answer<validity::Answer> {
    let Query(asked) = asked?;
    short("document", &asked.document, 1)?;
    let at = date(asked.at.as_ref())?;
    if let Some(locator) = &asked.locator {
        short("locator", locator, 1)?;
    }
    aside(move || {
        let open = app.current();
        let n = node(&open.graph, &asked.document)?;
        Ok(Json(validity::status(&open.graph, n, &Question { locator: asked.locator.as_deref(), at, regime: None })))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineageAsked {
    document: String,
    depth: Option<usize>,
    relation: Option<Relation>,
    at: Option<String>,
}

async fn lineage(State(app): State<App>, asked: Asked<LineageAsked>) -> Result<Response, Problem> {
    let Query(asked) = asked?;
    short("document", &asked.document, 1)?;
    let at = date(asked.at.as_ref())?;
    let depth = bounded("depth", asked.depth, 2, 0, FARTHEST)?;
    let relations = asked.relation.map_or(Relations::ALL, |relation| Relations::of(&[relation]));
    aside(move || {
        let open = app.current();
        let n = node(&open.graph, &asked.document)?;
        let mut body = Vec::new();
        trace::trace(&open.graph, n, &trace::Reach { depth, relations, at, limit: MOST_NODES })
            .graph
            .write_json(&mut body)
            .map_err(|cause| Error::io("lineage", cause))?;
        Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
    })
    .await
}

async fn report(State(app): State<App>, asked: Asked<Nothing>) -> Answer<vanban::store::Report> {
    let Query(_) = asked?;
    aside(move || Ok(Json(app.current().generation.report()?))).await
}

/// A sentence with what stands between backticks set as code.
pub(super) fn in_code(text: &str) -> Markup {
    html! { @for (n, part) in text.split('`').enumerate() { @if n % 2 == 1 { code { (part) } } @else { (part) } } }
}

/// A page for people about the API.
pub(super) async fn page(State(app): State<App>, Query(common): Query<Common>) -> Result<Page, Trouble> {
    let lang = common.lang();
    let description = openapi::description();
    let no_paths = serde_json::Map::new();
    let paths = description["paths"].as_object().unwrap_or(&no_paths);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let body = html! {
        h1 { (lang.pick("Giao diện lập trình", "API")) }
        p.lead { (lang.pick("Mọi câu trả lời của trang này cũng có ở dạng JSON, chỉ đọc. Mô tả đầy đủ: ", "Every answer of these pages is also there as JSON, read only. In full: "))
            a href="/api/v1/openapi.json" { "OpenAPI 3.1" } "." }
        pre.example tabindex="0" { code { "curl 'http://127.0.0.1:8080/api/v1/search?q=dan+van&limit=3'" } }
        @for (path, item) in paths {
            @let get = &item["get"];
            section.endpoint {
                h2 { code { "GET /api/v1" (path) } }
                p lang="en" { (in_code(&text(&get["summary"]))) "." }
                @if let Some(parameters) = get["parameters"].as_array().filter(|all| !all.is_empty()) {
                    dl.fields { @for parameter in parameters {
                        div { dt { code { (text(&parameter["name"])) }
                                @if parameter["required"] == true { " " small { (lang.pick("bắt buộc", "required")) } } }
                            dd lang="en" { (in_code(&text(&parameter["description"]))) } }
                    } }
                }
            }
        }
        h2 { (lang.pick("Lỗi", "Errors")) }
        p { (lang.pick("Theo RFC 9457; ", "After RFC 9457; ")) code { "type" } (lang.pick(" không bao giờ đổi.", " never changes.")) }
        table.plain { tbody { @for (status, name, title) in PROBLEMS {
            tr id=(name) { td.n { (status) } td { code { "/api#" (name) } } td lang="en" { (title) } }
        } } }
    };
    let generation = app.current().generation.number();
    Ok(Page(page::frame(&Frame { lang, title: "API", here: "/api", section: "api", generation, narrow: true }, body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_one_spelling() {
        assert!(date(Some(&"2024-02-29".to_owned())).is_ok());
        for wrong in ["", "2023-02-29", "20240229", "2024-02-29T00:00", "+002024-02-29"] {
            assert!(date(Some(&wrong.to_owned())).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_stands_between_backticks_is_code() {
        assert_eq!(in_code("a `<b>` c").into_string(), "a <code>&lt;b&gt;</code> c");
        assert_eq!(in_code("plain").into_string(), "plain");
    }

    #[test]
    fn bounds_are_said() {
        assert_eq!(bounded("limit", None, 10, 0, 100).unwrap(), 10);
        assert_eq!(bounded("limit", Some(101), 10, 0, 100).unwrap_err().detail, "`limit` must be from 0 to 100");
    }
}
