//! One document to read: restored text, scan beside it, header fields, status with its proof.

use super::page::{self, Frame, Lang, badge, day, encode, link, relation_words};
use super::reading::{self, CitationLink};
use super::{App, Common, Open, Page, Trouble};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use vanban::citation::{Citation, Target};
use vanban::document::{Document, DocumentId};
use vanban::graph::validity::{self, Answer};
use vanban::graph::{Lineage, NodeIndex, Relations, relation_name};

/// Parameters of a document page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    lang: Option<String>,
    at: Option<String>,
    view: Option<String>,
    format: Option<String>,
}

impl Asked {
    fn common(&self) -> Common {
        Common { lang: self.lang.clone(), at: self.at.clone() }
    }
}

/// The document called `id` and its node in the graph.
pub(super) fn find(open: &Open, id: &str) -> Result<(Document, Option<NodeIndex>), Trouble> {
    let document = open.generation.document(&DocumentId(id.to_owned()))?.ok_or(Trouble::NotFound)?;
    let node = open.node_of(id);
    Ok((document, node))
}

/// Where each citation leads.
fn links(open: &Open, document: &Document, node: Option<NodeIndex>, lang: Lang) -> Vec<CitationLink> {
    let edges = node.map(|node| open.graph.outgoing(node, Relations::ALL)).unwrap_or_default();
    let held = |citation: &Citation| -> Option<String> {
        let number = citation.likely.as_ref().or(citation.number.as_ref());
        edges.iter().find_map(|edge| {
            let target = open.graph.node(edge.to);
            let fits = match number {
                Some(number) => target.number.as_ref() == Some(number),
                None => citation.name.is_some() && target.title == citation.name,
            };
            (fits && target.held == Some(true)).then(|| target.id.clone())
        })
    };
    document
        .citations
        .iter()
        .map(|citation| {
            if citation.target == Target::SelfDocument {
                let place = citation.locators.first().and_then(|locator| self_anchor(document, locator));
                return CitationLink {
                    span: citation.span,
                    href: Some(format!("#{}", encode(place.as_deref().unwrap_or("main")))),
                    title: lang.pick("trong văn bản này", "in this document").to_owned(),
                };
            }
            let relation = relation_words(lang, relation_name(citation.relation));
            let name = citation.number.as_ref().or(citation.name.as_ref()).cloned().unwrap_or_default();
            match held(citation) {
                Some(id) => CitationLink {
                    span: citation.span,
                    href: Some(link(lang, &format!("/doc/{}", encode(&id)))),
                    title: format!("{relation} {name}"),
                },
                None => CitationLink {
                    span: citation.span,
                    href: None,
                    title: format!("{relation} {name} — {}", lang.pick("không có trong kho", "not held")),
                },
            }
        })
        .collect()
}

/// The anchor of a place of this document named in words.
fn self_anchor(document: &Document, locator: &str) -> Option<String> {
    let article = locator.split("Điều ").nth(1)?.split(' ').next()?;
    let wanted = format!("dieu:{article}");
    document
        .outline
        .nodes
        .iter()
        .find(|node| node.path == wanted || node.path.ends_with(&format!("/{wanted}")))
        .map(|node| node.path.clone())
}

/// A document of the graph by name, linked where it is held.
pub(super) fn node_link(open: &Open, lang: Lang, id: &str) -> Markup {
    let Some(n) = open.node_of(id) else { return html! { (id) } };
    let node = open.graph.node(n);
    let name = match (&node.kind, &node.number, &node.title) {
        (Some(kind), Some(number), _) => format!("{kind} {number}"),
        (None, Some(number), _) => number.clone(),
        (_, None, Some(title)) => title.clone(),
        _ => node.id.clone(),
    };
    html! {
        @if node.held == Some(true) {
            a href=(link(lang, &format!("/doc/{}", encode(&node.id)))) { (name) }
        } @else {
            span.cite.missing title=(lang.pick("không có trong kho", "not held")) { (name) }
        }
        @if let Some(date) = node.date { " (" (day(date)) ")" }
    }
}

/// Status on a day with the sentence that proves it.
pub(super) fn status_box(open: &Open, lang: Lang, answer: &Answer, at: Date) -> Markup {
    let tone = match answer.status.name() {
        "in_force" => "good",
        "expired" | "void" => "bad",
        _ => "",
    };
    html! {
        div.notice.(tone) {
            p {
                (badge(lang, answer.status.name())) " "
                (lang.pick("ngày ", "on ")) (day(at))
                @if let Some(until) = answer.until { ", " (lang.pick("đến ", "until ")) (day(until)) }
                @if let Some(by) = &answer.by { " — " (lang.pick("do ", "by ")) (node_link(open, lang, by)) }
                @if let Some(current) = answer.current.as_ref().filter(|current| answer.by.as_ref() != Some(current)) {
                    "; " (lang.pick("hiện hành: ", "now: ")) (node_link(open, lang, current))
                }
            }
            @if !answer.amended_by.is_empty() {
                p { (lang.pick("Được sửa đổi bởi: ", "Amended by: "))
                    @for (n, id) in answer.amended_by.iter().enumerate() { @if n > 0 { ", " } (node_link(open, lang, id)) } }
            }
            @if let Some(warning) = &answer.warning { p.small { (warning) } }
            @if let Some(error) = &answer.error { p.small { strong { (lang.pick("Mâu thuẫn: ", "Contradiction: ")) } (error) } }
            @let proof: Vec<Markup> = answer.why.iter().filter(|reason| !reason.sentence.is_empty()).map(|reason| html! {
                blockquote lang="vi" { "“" (reason.sentence) "” " small { "— " (node_link(open, lang, &reason.from)) } }
            }).collect();
            @for sentence in proof.iter().take(2) { (sentence) }
            @if proof.len() > 2 {
                details {
                    summary { (lang.pick("Các câu làm chứng khác", "More proving sentences")) " (" (proof.len() - 2) ")" }
                    @for sentence in &proof[2..] { (sentence) }
                }
            }
            @if let Some(rule) = &answer.rule { p.small { (rule) } }
        }
    }
}

fn date_form(lang: Lang, action: &str, view: &str, at: Date) -> Markup {
    html! {
        form action=(action) method="get" {
            label for="at" { (lang.pick("Hiệu lực ngày", "In force on")) }
            input #at type="date" name="at" value=(at.to_string());
            @if !view.is_empty() { input type="hidden" name="view" value=(view); }
            @if lang == Lang::En { input type="hidden" name="lang" value="en"; }
            button.quiet { (lang.pick("Xem", "Show")) }
        }
    }
}

fn outline(lang: Lang, document: &Document) -> Markup {
    let shown = document.outline.nodes.iter().filter(|node| {
        !matches!(node.level.name(), "khoan" | "diem" | "tiet" | "muc_so2") || document.outline.nodes.len() < 25
    });
    html! {
        @if !document.outline.nodes.is_empty() {
            h2 { (lang.pick("Bố cục", "Outline")) }
            ul.outline lang="vi" { @for node in shown {
                @let depth = node.path.matches('/').count().min(3);
                li.{ "d" (depth) } {
                    a href={ "#" (encode(&node.path)) } {
                        (page::place_words(node.path.rsplit('/').next().unwrap_or(&node.path)))
                        @if let Some(heading) = &node.heading { ". " (heading.chars().take(70).collect::<String>()) }
                    }
                }
            } }
        }
    }
}

fn fields(open: &Open, lang: Lang, document: &Document) -> Markup {
    let header = &document.header;
    let row = |vi: &'static str, en: &'static str, value: Option<String>| {
        html! { @if let Some(value) = value { dt { (lang.pick(vi, en)) } dd { (value) } } }
    };
    html! {
        dl.fields {
            (row("Số, ký hiệu", "Number", header.number.clone()))
            (row("Loại văn bản", "Type", header.kind.clone()))
            (row("Cơ quan ban hành", "Issuer", header.issuer_printed.clone().or(header.issuer.clone())))
            (row("Nơi ban hành", "Place", header.place.clone()))
            (row("Ngày ban hành", "Date", header.date.map(day)))
            (row("Ngày có hiệu lực", "In force from", header.effective.map(day)))
            (row("Người ký", "Signed by", match (&header.signer_role, &header.signer) {
                (Some(role), Some(signer)) => Some(format!("{role} {signer}")),
                (None, signer) => signer.clone(),
                (role, None) => role.clone(),
            }))
            @if !header.recipients.is_empty() {
                dt { (lang.pick("Nơi nhận", "Recipients")) } dd { (header.recipients.join("; ")) }
            }
            dt { (lang.pick("Tệp", "File")) } dd { (document.id) " · " (document.encoding) }
            @if let Some(node) = open.node_of(&document.id.0) {
                @let sources = &open.graph.node(node).sources;
                @if sources.len() > 1 { dt { (lang.pick("Các bản", "Copies")) } dd { (sources.join(", ")) } }
            }
        }
    }
}

fn legend(lang: Lang) -> Markup {
    html! {
        p.legend {
            span { span.u1 { (lang.pick("hơi ngờ", "slight doubt")) } " 90–98 %" }
            span { span.u2 { (lang.pick("ngờ", "doubt")) } " 70–90 %" }
            span { span.u3 { (lang.pick("rất ngờ", "grave doubt")) } " < 70 %" }
            span { (lang.pick("Rê chuột lên chữ gạch chân để xem bản quét và cách đọc khác.", "Hover an underlined syllable for the scan and the runner-up.")) }
        }
    }
}

pub(super) async fn read(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Page, Trouble> {
    let open = app.current()?;
    let lang = asked.common().lang();
    let at = asked.common().day().ok_or(Trouble::BadRequest("`at` must be a date, YYYY-MM-DD"))?;
    let (document, node) = find(&open, &id)?;
    let links = links(&open, &document, node, lang);
    let view = asked.view.as_deref().unwrap_or("");
    let own = format!("/doc/{}", encode(&id));
    let tab = |name: &str, label: &str| {
        let address = if name.is_empty() { own.clone() } else { format!("{own}?view={name}") };
        html! { a href=(link(lang, &address)) aria-current=[(view == name).then_some("page")] { (label) } }
    };
    let name = page::name(&document);
    let body = html! {
        div.columns {
            aside.side aria-label=(lang.pick("Bố cục", "Outline")) { (outline(lang, &document)) }
            div {
                p.meta {
                    @if let Some(issuer) = document.header.issuer_printed.as_ref().or(document.header.issuer.as_ref()) { span { (issuer) } }
                    @if let Some(date) = document.header.date { span { (day(date)) } }
                }
                h1 { (name) }
                @if let Some(title) = document.header.title.as_ref().filter(|_| document.header.number.is_some()) { p.lead lang="vi" { (title) } }
                @if let Some(node) = node { (status_box(&open, lang, &validity::status_at(&open.graph, node, at), at)) }
                div.toolbar {
                    (date_form(lang, &own, view, at))
                    a href=(link(lang, &format!("/lineage/{}", encode(&id)))) { (lang.pick("Lược đồ", "Lineage")) }
                    a href=(link(lang, &format!("/chain/{}", encode(&id)))) { (lang.pick("Các đời văn bản", "Versions")) }
                    span { (lang.pick("Tải về:", "Download:")) " "
                        @for (n, format) in ["txt", "json", "akn"].iter().enumerate() {
                            @if n > 0 { " · " } a href={ "/download/" (encode(&id)) "?format=" (format) } { (format) }
                        } }
                }
                nav.tabs aria-label=(lang.pick("Cách xem", "Views")) {
                    (tab("", lang.pick("Văn bản", "Text")))
                    (tab("scan", lang.pick("So với bản quét", "Beside the scan")))
                    (tab("facts", lang.pick("Thông tin", "Fields")))
                    (tab("citations", lang.pick("Dẫn chiếu", "Citations")))
                }
                @match view {
                    "scan" => { (legend(lang)) (reading::side_by_side(lang, &document, &links)) }
                    "facts" => { (fields(&open, lang, &document)) (defects(lang, &document)) }
                    "citations" => (citations(lang, &document, &links)),
                    _ => { (legend(lang)) (reading::paper(lang, &document, &links)) }
                }
            }
        }
    };
    let here = format!("{own}?at={at}{}{view}", if view.is_empty() { "" } else { "&view=" });
    let frame =
        Frame { lang, title: &name, here: &here, section: "", generation: open.generation.number(), narrow: false };
    Ok(Page(page::frame(&frame, body)))
}

fn citations(lang: Lang, document: &Document, links: &[CitationLink]) -> Markup {
    html! {
        div.scroll { table {
            thead { tr {
                th { (lang.pick("Quan hệ", "Relation")) } th { (lang.pick("Văn bản", "Document")) }
                th { (lang.pick("Vị trí", "Place")) } th { (lang.pick("Câu", "Sentence")) }
            } }
            tbody { @for (citation, to) in document.citations.iter().zip(links) {
                tr {
                    td { (relation_words(lang, relation_name(citation.relation))) }
                    td lang="vi" {
                        @let text = citation.span.of(&document.restored.text).replace('\n', " ");
                        @match &to.href { Some(href) => a href=(href) { (text) }, None => span.cite.missing { (text) } }
                        @if let Some(likely) = &citation.likely { br; small { (lang.pick("có lẽ là ", "probably ")) (likely) } }
                    }
                    td { (citation.path.as_deref().map(page::place_words).unwrap_or_default()) }
                    td lang="vi" { small { (citation.sentence.of(&document.restored.text).replace('\n', " ").chars().take(260).collect::<String>()) } }
                }
            } }
        } }
    }
}

fn defects(lang: Lang, document: &Document) -> Markup {
    html! {
        @if !document.defects.is_empty() {
            h2 { (lang.pick("Điều ghi nhận khi đọc", "Noted while reading")) }
            ul { @for defect in document.defects.iter().take(200) {
                li { a href={ "#L" (defect.line) } { (lang.pick("dòng ", "line ")) (defect.line) } ": " (defect.note) }
            } }
        }
    }
}

pub(super) async fn download(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let open = app.current()?;
    let (document, _) = find(&open, &id)?;
    let (kind, body) = match asked.format.as_deref() {
        None | Some("txt") => ("text/plain; charset=utf-8", document.restored.text.clone()),
        Some("json") => match serde_json::to_string_pretty(&document.record()) {
            Ok(json) => ("application/json", json),
            Err(_) => return Err(Trouble::BadRequest("the record could not be written")),
        },
        Some("akn") => ("application/akn+xml", vanban::document::akn::write(&document)),
        Some(_) => return Err(Trouble::BadRequest("`format` is txt, json or akn")),
    };
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}

/// A number in any spelling: the document itself where one is held, else a search for it.
pub(super) async fn by_number(State(app): State<App>, Path(number): Path<String>) -> Result<Redirect, Trouble> {
    let open = app.current()?;
    let held: Vec<String> = open
        .graph
        .find(&number)
        .into_iter()
        .map(|n| open.graph.node(n))
        .filter(|node| node.held == Some(true))
        .map(|node| node.id.clone())
        .collect();
    match held.as_slice() {
        [only] => Ok(Redirect::to(&format!("/doc/{}", encode(only)))),
        _ => Ok(Redirect::to(&format!("/search?q={}", encode(&number)))),
    }
}
