//! The OpenAPI 3.1 description of the JSON API.

use super::api::{DEEPEST, FARTHEST, LONGEST_LIST, LONGEST_TEXT, MOST_COMPLETIONS, MOST_HITS, MOST_LISTED, PROBLEMS};
use serde_json::{Value, json};

/// Every relation of the record format.
const RELATIONS: [&str; 17] = [
    "basis",
    "implements",
    "details",
    "guides",
    "replaces",
    "replaced_by",
    "repeals",
    "ends_effect",
    "amends",
    "amended_by",
    "corrects",
    "suspends",
    "consolidates",
    "attached_to",
    "attaches",
    "replies_to",
    "cites",
];
/// Every status of the record format.
const STATUSES: [&str; 8] =
    ["in_force", "expired", "partly_expired", "suspended", "not_yet", "void", "not_applicable", "unknown"];

fn text(name: &str, required: bool, what: &str) -> Value {
    json!({ "name": name, "in": "query", "required": required, "description": what,
        "schema": { "type": "string", "minLength": usize::from(name != "q"), "maxLength": LONGEST_TEXT } })
}

fn number(name: &str, usual: usize, most: usize, what: &str) -> Value {
    json!({ "name": name, "in": "query", "required": false, "description": what,
        "schema": { "type": "integer", "minimum": 0, "maximum": most, "default": usual } })
}

fn id() -> Value {
    json!({ "name": "id", "in": "path", "required": true, "description": "the document's id, `/` as %2F",
        "schema": { "type": "string", "minLength": 1 } })
}

fn operation(name: &str, summary: &str, parameters: Value, schema: Value, others: &[u16]) -> Value {
    let mut responses = json!({
        "200": { "description": "the answer", "headers": { "ETag": { "schema": { "type": "string" },
                "description": "names the generation and the day" } },
            "content": { "application/json": { "schema": schema } } },
        "304": { "description": "unchanged since the generation named by If-None-Match" },
    });
    for status in [400, 401, 403, 414, 421, 429, 500, 503, 504].iter().chain(others) {
        let title = PROBLEMS.iter().find(|(known, _, _)| known == status).map_or("a problem", |(_, _, title)| title);
        responses[status.to_string()] = json!({ "description": title,
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } });
    }
    json!({ "get": { "operationId": name, "summary": summary, "parameters": parameters, "responses": responses } })
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn named(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// An object with these fields, of which those without a `?` at the end are always there.
fn object(fields: &[(&str, Value)]) -> Value {
    let mut properties = serde_json::Map::new();
    let mut required = Vec::new();
    for (name, schema) in fields {
        match name.strip_suffix('?') {
            Some(name) => properties.insert(name.to_owned(), schema.clone()),
            None => {
                required.push(*name);
                properties.insert((*name).to_owned(), schema.clone())
            }
        };
    }
    json!({ "type": "object", "required": required, "properties": properties })
}

fn schemas() -> Value {
    let string = json!({ "type": "string" });
    let maybe = json!({ "type": ["string", "null"] });
    let date = json!({ "type": ["string", "null"], "format": "date" });
    let whole = json!({ "type": "integer", "minimum": 0 });
    let share = json!({ "type": "number", "minimum": 0, "maximum": 1 });
    let boolean = json!({ "type": "boolean" });
    let span = json!({ "type": "array", "items": whole, "minItems": 2, "maxItems": 2 });
    let relation = json!({ "enum": RELATIONS });
    let status = json!({ "enum": STATUSES });
    let counts = list(json!({ "type": "array", "minItems": 2, "maxItems": 2,
        "prefixItems": [{ "type": ["string", "integer"] }, { "type": "integer" }] }));
    let card = [
        ("id", string.clone()),
        ("number", maybe.clone()),
        ("type", maybe.clone()),
        ("issuer", maybe.clone()),
        ("issuer_printed", maybe.clone()),
        ("date", date.clone()),
        ("title", maybe.clone()),
    ];
    let mut hit = card.to_vec();
    hit.extend([
        ("path", maybe.clone()),
        ("place", maybe.clone()),
        ("status", maybe.clone()),
        ("score", json!({ "type": "number" })),
        ("by_number", boolean.clone()),
        ("snippet", object(&[("text", string.clone()), ("span", named("Bytes")), ("marks", list(named("Bytes")))])),
    ]);
    let edge = object(&[
        ("from", string.clone()),
        ("to", string.clone()),
        ("relation", relation.clone()),
        ("locator", maybe.clone()),
        ("until", date.clone()),
        ("except", list(string.clone())),
        ("except_until", date.clone()),
        ("sentence", string.clone()),
        ("confidence", share.clone()),
        ("since?", date.clone()),
        ("restores?", boolean.clone()),
        ("why?", string.clone()),
        ("source", object(&[("doc", string.clone()), ("span", span.clone())])),
    ]);
    let node = object(&[
        ("id", string.clone()),
        ("number", maybe.clone()),
        ("date", date.clone()),
        ("effective", date.clone()),
        ("term", maybe.clone()),
        ("type?", string.clone()),
        ("issuer?", string.clone()),
        ("title?", string.clone()),
        ("held?", boolean.clone()),
    ]);
    let citation = object(&[
        ("surface", string.clone()),
        ("span", span.clone()),
        ("number", maybe.clone()),
        ("name", maybe.clone()),
        ("type", maybe.clone()),
        ("date", date.clone()),
        ("issuer", maybe.clone()),
        ("term", maybe.clone()),
        ("locators", list(string.clone())),
        ("relation", relation.clone()),
        ("target", string.clone()),
        ("of", maybe.clone()),
        ("likely", maybe.clone()),
        ("path", maybe.clone()),
        ("confidence", share),
    ]);
    let change = object(&[
        ("locator", string.clone()),
        ("path", maybe.clone()),
        ("by", string.clone()),
        ("number", string.clone()),
        ("since", json!({ "type": "string", "format": "date" })),
        ("action", string.clone()),
        ("text", maybe.clone()),
        ("certain", boolean.clone()),
        ("note", maybe.clone()),
    ]);
    let record = object(&[
        ("id", string.clone()),
        ("source_hash", string.clone()),
        ("encoding", string.clone()),
        ("restored", string.clone()),
        ("number", maybe.clone()),
        ("type", maybe.clone()),
        ("issuer", maybe.clone()),
        ("issuer_printed", maybe.clone()),
        ("place", maybe.clone()),
        ("date", date.clone()),
        ("effective", date.clone()),
        ("title", maybe.clone()),
        ("signer", maybe.clone()),
        ("signer_role", maybe.clone()),
        ("recipients", list(string.clone())),
        (
            "outline",
            list(object(&[
                ("path", string.clone()),
                ("level", string.clone()),
                ("label", string.clone()),
                ("heading", maybe.clone()),
                ("span", span.clone()),
            ])),
        ),
        ("citations", list(citation)),
        (
            "amendments",
            list(object(&[
                ("target", maybe.clone()),
                ("locator", string.clone()),
                ("action", string.clone()),
                ("text", string.clone()),
                ("span", span),
            ])),
        ),
        ("defects", list(object(&[("kind", string.clone()), ("line", whole.clone()), ("note", string.clone())]))),
    ]);
    json!({
        "Problem": object(&[("type", string.clone()), ("title", string.clone()), ("status", whole.clone()), ("detail", string.clone())]),
        "Bytes": object(&[("start", whole.clone()), ("end", whole.clone())]),
        "Card": object(&card),
        "Hit": object(&hit),
        "Facets": object(&[("type", counts.clone()), ("issuer", counts.clone()), ("year", counts.clone()), ("status", counts)]),
        "Results": object(&[("hits", list(named("Hit"))), ("total", whole.clone()), ("complete", whole.clone()),
            ("facets", named("Facets")), ("notes", list(string.clone())), ("did_you_mean", maybe.clone())]),
        "Completion": object(&[("text", string.clone()), ("id", string.clone()), ("kind", json!({ "enum": ["number", "title"] }))]),
        "Record": record,
        "View": object(&[("text", string.clone()), ("changes", list(change))]),
        "Status": object(&[("status", status), ("until?", date.clone()), ("by?", string.clone()), ("current?", string.clone()),
            ("amended_by?", list(string.clone())), ("warning?", string.clone()), ("rule?", string.clone()), ("error?", string.clone()),
            ("known_text", boolean), ("why", list(object(&[("from", string.clone()), ("relation", relation),
                ("locator", maybe.clone()), ("sentence", string.clone()), ("note?", string.clone())])))]),
        "Lineage": object(&[("docs", list(node)), ("edges", list(edge))]),
    })
}

/// The whole description.
pub(super) fn description() -> Value {
    let at = json!({ "name": "at", "in": "query", "required": false,
        "description": "the day asked about; today in Vietnam where none is given", "schema": { "type": "string", "format": "date" } });
    let locator = text("locator", false, "a place, such as `khoản 2 Điều 5`");
    let relation = json!({ "name": "relation", "in": "query", "required": false,
        "description": "follow this relation only", "schema": { "enum": RELATIONS } });
    let sort = json!({ "name": "sort", "in": "query", "required": false, "description": "the best or the newest first",
        "schema": { "enum": ["relevance", "date"], "default": "relevance" } });
    let document = text("document", true, "id or number");
    let mut description = json!({
        "openapi": "3.1.0",
        "info": { "title": "vanban", "version": env!("CARGO_PKG_VERSION"), "license": { "name": "MIT", "identifier": "MIT" },
            "description": "Restored, linked and searchable Vietnamese directives. Read only." },
        "servers": [{ "url": "/api/v1" }],
        "security": [{}, { "token": [] }],
        "paths": {
            "/search": operation("search", "Search documents and articles; spans are bytes of UTF-8",
                json!([text("q", false, "the query, in the language of the search box"), sort,
                    number("limit", 10, MOST_HITS, "hits at most"), number("offset", 0, DEEPEST, "hits to leave out before them"), at]),
                named("Results"), &[]),
            "/complete": operation("complete", "Complete a number or a title",
                json!([text("q", true, "what is typed so far"), number("limit", 8, MOST_COMPLETIONS, "completions at most")]),
                list(named("Completion")), &[]),
            "/documents": operation("listDocuments", "List the documents held, by id",
                json!([number("limit", 50, MOST_LISTED, "documents at most"), number("offset", 0, LONGEST_LIST, "documents to leave out before them")]),
                object(&[("total", json!({ "type": "integer" })), ("documents", list(named("Card")))]), &[]),
            "/documents/{id}": operation("readDocument", "The record of one document", json!([id()]), named("Record"), &[404]),
            "/documents/{id}/amended": operation("readAmended", "The text of a document, or of one place of it, as amended on a day",
                json!([id(), locator, at]), named("View"), &[404]),
            "/status": operation("status", "In force on a day or not, and why", json!([document, locator, at]), named("Status"), &[404, 409]),
            "/lineage": operation("lineage", "Who replaces, amends, implements, cites whom",
                json!([document, number("depth", 2, FARTHEST, "how far to go"), relation, at]), named("Lineage"), &[404, 409]),
            "/report": operation("report", "The last night's report", json!([]), json!({ "type": "object" }), &[]),
        },
        "components": { "schemas": schemas(), "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } } },
    });
    // Where the ids and numbers that the others ask for come from.
    let first = |operation: &str, name: &str| json!({ "operationId": operation, "parameters": { name: "$response.body#/documents/0/id" } });
    description["paths"]["/documents"]["get"]["responses"]["200"]["links"] = json!({
        "record": first("readDocument", "id"), "amended": first("readAmended", "id"),
        "status": first("status", "document"), "lineage": first("lineage", "document"),
    });
    description
}
