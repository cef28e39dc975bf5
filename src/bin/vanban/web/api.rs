//! The JSON API: the same answers as the pages, for programs.
//!
//! Errors are problem details (RFC 9457); the OpenAPI 3.1 description is served beside it.

use super::page::{self, Frame};
use super::{App, Common, Page, Trouble};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jiff::civil::Date;
use maud::html;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vanban::document::DocumentId;
use vanban::error::Error;
use vanban::graph::validity::{self, Question};
use vanban::graph::{Lineage, NodeIndex, Relations, trace};
use vanban::index::{self, Sort};

/// Most hits one answer may have.
const MOST_HITS: usize = 100;
/// How far into a result anyone may go.
const DEEPEST: usize = 10_000;
/// Longest query, in characters.
const LONGEST_QUERY: usize = 400;
/// Most documents a lineage may have.
const MOST_NODES: usize = 1000;
/// Farthest neighbours of a lineage.
const FARTHEST: usize = 6;

/// An error as problem details.
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
}

/// Problem details with a status and one sentence.
pub(crate) fn problem(status: StatusCode, detail: impl Into<String>) -> Problem {
    Problem { status, detail: detail.into() }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
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
        problem(StatusCode::BAD_REQUEST, rejection.body_text())
    }
}

type Answer<T> = Result<Json<T>, Problem>;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/openapi.json", get(|| async { Json(description()) }))
        .route("/search", get(search))
        .route("/complete", get(complete))
        .route("/documents", get(documents))
        .route("/documents/{id}", get(document))
        .route("/status", get(status))
        .route("/lineage", get(lineage))
        .route("/report", get(report))
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "no such resource; see /api/v1/openapi.json") })
        .method_not_allowed_fallback(|| async { problem(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here") })
}

fn date(text: Option<&String>) -> Result<Date, Problem> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(crate::today()),
        Some(text) => text.parse().map_err(|_| problem(StatusCode::BAD_REQUEST, "`at` must be a date, YYYY-MM-DD")),
    }
}

#[derive(Deserialize)]
struct SearchAsked {
    #[serde(default)]
    q: String,
    sort: Option<String>,
    limit: Option<usize>,
    offset: Option<usize>,
    at: Option<String>,
}

async fn search(State(app): State<App>, asked: Result<Query<SearchAsked>, QueryRejection>) -> Answer<index::Results> {
    let Query(asked) = asked?;
    let sort = match asked.sort.as_deref() {
        None | Some("relevance") => Sort::Relevance,
        Some("date") => Sort::Date,
        Some(_) => return Err(problem(StatusCode::BAD_REQUEST, "`sort` is relevance or date")),
    };
    let query = index::Query {
        at: Some(date(asked.at.as_ref())?),
        sort,
        limit: asked.limit.unwrap_or(10).min(MOST_HITS),
        offset: asked.offset.unwrap_or(0).min(DEEPEST),
        ..index::Query::new(asked.q.chars().take(LONGEST_QUERY).collect::<String>())
    };
    Ok(Json(app.current()?.index.search(&query)?))
}

#[derive(Deserialize)]
struct CompleteAsked {
    q: String,
    limit: Option<usize>,
}

#[derive(Serialize)]
struct Completed {
    text: String,
    id: String,
}

async fn complete(
    State(app): State<App>,
    asked: Result<Query<CompleteAsked>, QueryRejection>,
) -> Answer<Vec<Completed>> {
    let Query(asked) = asked?;
    let typed: String = asked.q.chars().take(LONGEST_QUERY).collect();
    let found = app.current()?.index.complete(&typed, asked.limit.unwrap_or(8).min(50));
    Ok(Json(found.into_iter().map(|one| Completed { text: one.text, id: one.id }).collect()))
}

#[derive(Deserialize)]
struct PageAsked {
    limit: Option<usize>,
    offset: Option<usize>,
}

async fn documents(State(app): State<App>, asked: Result<Query<PageAsked>, QueryRejection>) -> Answer<Value> {
    let Query(asked) = asked?;
    let open = app.current()?;
    let cards = open.index.cards();
    let offset = asked.offset.unwrap_or(0).min(cards.len());
    let limit = asked.limit.unwrap_or(50).min(1000).min(cards.len() - offset);
    Ok(Json(json!({ "total": cards.len(), "documents": &cards[offset..offset + limit] })))
}

async fn document(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let found = app.current()?.generation.document(&DocumentId(id))?;
    let Some(document) = found else { return Err(problem(StatusCode::NOT_FOUND, "no document has this id")) };
    serde_json::to_value(document.record())
        .map(Json)
        .map_err(|_| problem(StatusCode::INTERNAL_SERVER_ERROR, "the record could not be written"))
}

#[derive(Deserialize)]
struct StatusAsked {
    document: String,
    locator: Option<String>,
    at: Option<String>,
}

/// The one document meant by an id or number.
fn node(graph: &dyn Lineage, word: &str) -> Result<NodeIndex, Problem> {
    match graph.find(word).as_slice() {
        [] => Err(problem(StatusCode::NOT_FOUND, "no document has this id or number")),
        [only] => Ok(*only),
        several => {
            let ids: Vec<String> = several.iter().take(8).map(|n| graph.node(*n).id.clone()).collect();
            Err(problem(StatusCode::CONFLICT, format!("several documents fit; ask by id: {}", ids.join(", "))))
        }
    }
}

async fn status(State(app): State<App>, asked: Result<Query<StatusAsked>, QueryRejection>) -> Answer<validity::Answer> {
    let Query(asked) = asked?;
    let open = app.current()?;
    let at = date(asked.at.as_ref())?;
    let n = node(&open.graph, &asked.document)?;
    let locator = asked.locator.as_deref().filter(|locator| !locator.is_empty());
    Ok(Json(validity::status(&open.graph, n, &Question { locator, at, regime: None })))
}

#[derive(Deserialize)]
struct LineageAsked {
    document: String,
    depth: Option<usize>,
    at: Option<String>,
}

async fn lineage(
    State(app): State<App>,
    asked: Result<Query<LineageAsked>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked?;
    let open = app.current()?;
    let at = date(asked.at.as_ref())?;
    let n = node(&open.graph, &asked.document)?;
    let depth = asked.depth.unwrap_or(2).min(FARTHEST);
    let mut body = Vec::new();
    trace::trace(&open.graph, n, &trace::Reach { depth, relations: Relations::ALL, at, limit: MOST_NODES })
        .graph
        .write_json(&mut body)
        .map_err(|_| problem(StatusCode::INTERNAL_SERVER_ERROR, "the lineage could not be written"))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

async fn report(State(app): State<App>) -> Answer<vanban::store::Report> {
    Ok(Json(app.current()?.generation.report()?))
}

/// The OpenAPI 3.1 description.
fn description() -> Value {
    let text = |name: &str, required: bool, what: &str| json!({ "name": name, "in": "query", "required": required, "description": what, "schema": { "type": "string", "maxLength": 400 } });
    let number = |name: &str, most: usize, what: &str| {
        json!({ "name": name, "in": "query", "required": false, "description": what,
            "schema": { "type": "integer", "minimum": 0, "maximum": most } })
    };
    let at = json!({ "name": "at", "in": "query", "required": false, "description": "the day asked about; today in Vietnam where none is given",
        "schema": { "type": "string", "format": "date" } });
    let error = |what: &str| json!({ "description": what, "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } });
    let operation = |summary: &str, parameters: Value, schema: Value, others: &[(&str, &str)]| {
        let mut responses = json!({
            "200": { "description": "the answer", "content": { "application/json": { "schema": schema } } },
            "304": { "description": "unchanged since the generation named by If-None-Match" },
            "400": error("a parameter is not as it must be"),
        });
        for (code, what) in others {
            responses[*code] = error(what);
        }
        json!({ "get": { "summary": summary, "parameters": parameters, "responses": responses } })
    };
    let object = json!({ "type": "object" });
    let missing = ("404", "no such document");
    let several = ("409", "several documents fit the number; ask by id");
    json!({
        "openapi": "3.1.0",
        "info": { "title": "vanban", "version": env!("CARGO_PKG_VERSION"),
            "description": "Restored, linked and searchable Vietnamese directives. Read only." },
        "servers": [{ "url": "/api/v1" }],
        "paths": {
            "/search": operation("Search documents and articles",
                json!([text("q", false, "the query, in the query language of the search box"),
                    { "name": "sort", "in": "query", "required": false, "schema": { "enum": ["relevance", "date"] } },
                    number("limit", MOST_HITS, "hits at most"), number("offset", DEEPEST, "hits to leave out before them"), at.clone()]),
                json!({ "type": "object", "required": ["hits", "total", "facets", "notes"],
                    "properties": { "hits": { "type": "array", "items": object }, "total": { "type": "integer" } } }), &[]),
            "/complete": operation("Complete a number or a title",
                json!([text("q", true, "what is typed so far"), number("limit", 50, "completions at most")]),
                json!({ "type": "array", "items": { "type": "object", "required": ["text", "id"] } }), &[]),
            "/documents": operation("List the documents held, by id",
                json!([number("limit", 1000, "documents at most"), number("offset", 100_000_000, "documents to leave out before them")]),
                json!({ "type": "object", "required": ["total", "documents"] }), &[]),
            "/documents/{id}": operation("The record of one document",
                json!([{ "name": "id", "in": "path", "required": true, "description": "the document's id, `/` as %2F",
                    "schema": { "type": "string", "minLength": 1 } }]),
                json!({ "type": "object", "required": ["id", "restored", "outline", "citations"] }), &[missing]),
            "/status": operation("In force on a day or not, and why",
                json!([text("document", true, "id or number"), text("locator", false, "a place, such as `khoản 2 Điều 5`"), at.clone()]),
                json!({ "type": "object", "required": ["status", "known_text", "why"] }), &[missing, several]),
            "/lineage": operation("Who replaces, amends, implements, cites whom",
                json!([text("document", true, "id or number"), number("depth", FARTHEST, "how far to go"), at]),
                json!({ "type": "object", "required": ["docs", "edges"] }), &[missing, several]),
            "/report": operation("The last night's report", json!([]), object, &[]),
        },
        "components": { "schemas": { "Problem": {
            "type": "object", "required": ["title", "status"],
            "properties": { "type": { "type": "string" }, "title": { "type": "string" },
                "status": { "type": "integer" }, "detail": { "type": "string" } } } } },
    })
}

/// A page for people about the API.
pub(super) async fn page(State(app): State<App>, Query(common): Query<Common>) -> Result<Page, Trouble> {
    let lang = common.lang();
    let description = description();
    let paths = description["paths"].as_object().cloned().unwrap_or_default();
    let body = html! {
        h1 { "API" }
        p.lead { (lang.pick("Mọi câu trả lời của trang này cũng có ở dạng JSON, chỉ đọc.", "Every answer of these pages is also there as JSON, read only.")) " "
            a href="/api/v1/openapi.json" { "OpenAPI 3.1" } }
        div.scroll { table {
            thead { tr { th { "GET" } th { (lang.pick("Việc", "What")) } th { (lang.pick("Tham số", "Parameters")) } } }
            tbody { @for (path, item) in &paths {
                @let get = &item["get"];
                tr {
                    td { code { "/api/v1" (path) } }
                    td { (get["summary"].as_str().unwrap_or_default()) }
                    td { @for parameter in get["parameters"].as_array().into_iter().flatten() {
                        code { (parameter["name"].as_str().unwrap_or_default()) } " " } }
                }
            } }
        } }
    };
    let generation = app.current()?.generation.number();
    let frame = Frame { lang, title: "API", here: "/api", section: "api", generation, narrow: true };
    Ok(Page(page::frame(&frame, body)))
}
