//! One document to read: restored text, scan beside it, header fields, status with its proof.

use super::amended::amended;
use super::page::{self, Frame, Lang, day, encode, link, place_words};
use super::reading::{CitationLink, Reading, degree};
use super::status::{date_form, node_link, status_box};
use super::{App, Common, Open, Page, Trouble, aside, words};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use vanban::citation::{Citation, Target};
use vanban::document::{Document, DocumentId};
use vanban::graph::{Lineage, NodeIndex, Relations, linked, relation_name, validity};

/// Parameters of a document page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    view: Option<String>,
    format: Option<String>,
    #[serde(flatten)]
    common: Common,
}

/// The ways to look at a document: parameter, Vietnamese, English.
const VIEWS: [(&str, &str, &str); 6] = [
    ("", "Văn bản", "Text"),
    ("amended", "Đã sửa đổi", "As amended"),
    ("scan", "So với bản quét", "Beside the scan"),
    ("doubts", "Chỗ ngờ", "Doubts"),
    ("citations", "Dẫn chiếu", "Citations"),
    ("fields", "Thông tin", "Fields"),
];

/// Entries of an outline beyond which only the larger places are listed.
const LONG_OUTLINE: usize = 40;

/// The document called `id` and its node in the graph.
pub(super) fn find(open: &Open, id: &str) -> Result<(Document, Option<NodeIndex>), Trouble> {
    let mut document = open.generation.document(&DocumentId(id.to_owned()))?.ok_or(Trouble::NotFound)?;
    linked::link(&open.graph, &mut document);
    let node = open.node_of(id);
    Ok((document, node))
}

/// Where each citation leads: the document held, at the article named; else a search for what names it.
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
            if !fits || target.held != Some(true) {
                return None;
            }
            let place = citation.locators.first().and_then(|locator| anchor(&target.outline, locator));
            let hash = place.map(|place| format!("#{}", encode(place))).unwrap_or_default();
            Some(link(lang, &format!("/doc/{}", encode(&target.id))) + &hash)
        })
    };
    let own: Vec<String> = document.outline.nodes.iter().map(|node| node.path.clone()).collect();
    document
        .citations
        .iter()
        .map(|citation| {
            let span = citation.span;
            if citation.target == Target::SelfDocument {
                let place = citation.locators.first().and_then(|locator| anchor(&own, locator));
                let href = format!("#{}", encode(place.unwrap_or("main")));
                return CitationLink {
                    span,
                    href,
                    held: true,
                    title: lang.pick("trong văn bản này", "in this document").to_owned(),
                };
            }
            let relation = words::relation(lang, relation_name(citation.relation));
            let number = citation.likely.as_ref().or(citation.number.as_ref());
            let name = number.or(citation.name.as_ref()).cloned().unwrap_or_default();
            match held(citation) {
                Some(href) => CitationLink { span, href, held: true, title: format!("{relation} {name}") },
                None => CitationLink {
                    span,
                    href: link(lang, &format!("/search?q={}", encode(&name))),
                    held: false,
                    title: format!("{relation} {name}: {}", lang.pick("không có trong kho", "not held")),
                },
            }
        })
        .collect()
}

/// The article of `paths` that is named in words.
fn anchor<'p>(paths: &'p [String], locator: &str) -> Option<&'p str> {
    let article = locator.split("Điều ").nth(1)?.split([' ', ',', ';']).next()?;
    let wanted = format!("dieu:{article}");
    let whole = |path: &&String| **path == wanted || path.ends_with(&format!("/{wanted}"));
    paths.iter().find(whole).map(String::as_str)
}

/// `text` is the address of the page that has the places, empty if it is this one.
fn outline(lang: Lang, document: &Document, text: &str) -> Markup {
    let nodes = &document.outline.nodes;
    let small = |name: &str| matches!(name, "khoan" | "diem" | "tiet" | "muc_so2");
    let shown: Vec<_> =
        nodes.iter().filter(|node| nodes.len() < LONG_OUTLINE / 2 || !small(node.level.name())).collect();
    let shallowest = shown.iter().map(|node| node.path.matches('/').count()).min().unwrap_or(0);
    html! {
        @if shown.is_empty() { p.soft { (lang.pick("Văn bản không chia điều, mục.", "No articles or sections.")) } }
        ul.outline lang="vi" { @for node in shown {
            @let depth = (node.path.matches('/').count() - shallowest).min(3);
            li.{ "l" (depth) } {
                a href={ (text) "#" (encode(&node.path)) } {
                    (place_words(node.path.rsplit('/').next().unwrap_or(&node.path)))
                    @if let Some(heading) = &node.heading { ". " (heading.chars().take(80).collect::<String>()) }
                }
            }
        } }
    }
}

fn fields(open: &Open, lang: Lang, document: &Document) -> Markup {
    let header = &document.header;
    let row = |vi: &'static str, en: &'static str, value: Option<String>| {
        html! { @if let Some(value) = value { div { dt { (lang.pick(vi, en)) } dd lang="vi" { (value) } } } }
    };
    html! {
        dl.fields {
            (row("Số, ký hiệu", "Number", header.number.clone()))
            (row("Loại văn bản", "Type", header.kind.clone()))
            (row("Trích yếu", "Subject", header.title.clone()))
            (row("Cơ quan ban hành", "Issuer", header.issuer_printed.clone().or(header.issuer.clone())))
            (row("Nơi ban hành", "Place", header.place.clone()))
            (row("Ngày ban hành", "Date", header.date.map(|date| day(lang, date))))
            (row("Ngày có hiệu lực", "In force from", header.effective.map(|date| day(lang, date))))
            (row("Người ký", "Signed by", header.signer.clone()))
            (row("Chức vụ", "Position", header.signer_role.clone()))
            @if !header.recipients.is_empty() {
                div { dt { (lang.pick("Nơi nhận", "Recipients")) } dd lang="vi" { ul { @for one in &header.recipients { li { (one) } } } } }
            }
            (row("Tệp", "File", Some(document.id.0.clone())))
            (row("Bảng mã", "Encoding", Some(document.encoding.clone())))
            @if let Some(node) = open.node_of(&document.id.0) {
                (row("Các bản", "Copies", Some(open.graph.node(node).sources.join(", ")).filter(|copies| copies.contains(", "))))
            }
        }
    }
}

fn legend(lang: Lang, document: &Document) -> Markup {
    let of = |wanted: &str| document.restored.edits.iter().filter(|edit| degree(edit) == Some(wanted)).count();
    html! {
        @if document.restored.edits.iter().any(|edit| degree(edit).is_some()) {
            p.legend {
                span { span.doubt.d1 { (lang.pick("hơi ngờ", "slight doubt")) } " 90–98 % (" (of("d1")) ")" }
                span { span.doubt.d2 { (lang.pick("ngờ", "doubt")) } " 70–90 % (" (of("d2")) ")" }
                span { span.doubt.d3 { (lang.pick("rất ngờ", "grave doubt")) } " < 70 % (" (of("d3")) ")" }
                span.soft { (lang.pick("Rê chuột hoặc bấm vào chữ để xem bản quét và cách đọc khác.", "Hover or press a syllable for the scan and other readings.")) }
            }
        }
    }
}

pub(super) async fn read(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Page, Trouble> {
    aside(move || page_of(&app.current(), &id, &asked)).await
}

fn page_of(open: &Open, id: &str, asked: &Asked) -> Result<Page, Trouble> {
    let lang = asked.common.lang();
    let at = asked.common.day()?;
    let (document, node) = find(open, id)?;
    let view = asked.view.as_deref().unwrap_or("");
    let own = format!("/doc/{}", encode(id));
    let links = links(open, &document, node, lang);
    let reading = Reading { lang, document: &document, links: &links };
    let name = page::name(&document);
    let here = {
        let day = if asked.common.at.is_some() { format!("&at={at}") } else { String::new() };
        format!("{own}?view={}{day}", encode(view))
    };
    let generation = open.generation.number();
    let frame = Frame { lang, title: &name, here: &here, section: "", generation, narrow: view == "print" };
    if view == "print" {
        return Ok(Page(page::frame(&frame, print(open, lang, &reading, node, at))));
    }
    // Two views have the places themselves; from the others the outline leads to the text.
    let places = match view {
        "" | "scan" => String::new(),
        _ => link(lang, &tab_address(&own, "", asked.common.at.is_some().then_some(at))),
    };
    let body = html! {
        div.columns.reading {
            aside.side tabindex="0" aria-label=(lang.pick("Bố cục", "Outline")) {
                details.fold { summary { (lang.pick("Bố cục", "Outline")) } (outline(lang, &document, &places)) }
            }
            div.content {
                (title_block(lang, &document, &name))
                @if let Some(node) = node {
                    (status_box(open, lang, &document, &validity::status_at(&open.graph, node, at), at, date_form(lang, &own, view, at)))
                }
                (actions(lang, id))
                nav.tabs aria-label=(lang.pick("Cách xem", "Views")) {
                    @for (one, vi, en) in VIEWS {
                        @let address = tab_address(&own, one, asked.common.at.is_some().then_some(at));
                        a href=(link(lang, &address)) aria-current=[(view == one).then_some("page")] { (lang.pick(vi, en)) }
                    }
                }
                @match view {
                    "amended" => (amended(open, lang, &document, node, at)),
                    "scan" => { (legend(lang, &document)) (reading.side_by_side()) }
                    "doubts" => (reading.doubts(&places)),
                    "citations" => (citations(lang, &document, &links)),
                    "fields" => { (fields(open, lang, &document)) (defects(lang, &document, &own)) }
                    _ => { (legend(lang, &document)) (reading.paper()) }
                }
            }
        }
    };
    Ok(Page(page::frame(&frame, body)))
}

fn tab_address(own: &str, view: &str, at: Option<Date>) -> String {
    let mut parts = Vec::new();
    if !view.is_empty() {
        parts.push(format!("view={view}"));
    }
    if let Some(at) = at {
        parts.push(format!("at={at}"));
    }
    if parts.is_empty() { own.to_owned() } else { format!("{own}?{}", parts.join("&")) }
}

fn title_block(lang: Lang, document: &Document, name: &str) -> Markup {
    let header = &document.header;
    html! {
        div.title-block lang="vi" {
            p.eyebrow {
                @if let Some(issuer) = header.issuer_printed.as_ref().or(header.issuer.as_ref()) { span { (issuer) } }
                @if let Some(date) = header.date { span lang=(lang.code()) { (day(lang, date)) } }
            }
            h1 { (name) }
            @if let Some(title) = header.title.as_ref().filter(|_| header.number.is_some()) { p.lead { (title) } }
        }
    }
}

fn actions(lang: Lang, id: &str) -> Markup {
    let id = encode(id);
    html! {
        div.toolbar.actions {
            a.button.quiet href=(link(lang, &format!("/lineage/{id}"))) { (lang.pick("Lược đồ", "Lineage")) }
            a.button.quiet href=(link(lang, &format!("/chain/{id}"))) { (lang.pick("Các đời văn bản", "Versions")) }
            a.button.quiet href=(link(lang, &format!("/doc/{id}?view=print"))) { (lang.pick("Bản in", "Print view")) }
            span.downloads { span.soft { (lang.pick("Tải về", "Download")) }
                @for (format, words) in [("txt", "TXT"), ("json", "JSON"), ("akn", "AKN")] {
                    a href={ "/download/" (id) "?format=" (format) } download { (words) }
                } }
        }
    }
}

/// Fields, status and text on paper: nothing to click, nothing underlined.
fn print(open: &Open, lang: Lang, reading: &Reading<'_>, node: Option<NodeIndex>, at: Date) -> Markup {
    let document = reading.document;
    html! {
        div.print {
            p.only-screen.soft { (lang.pick("Bản để in: dùng lệnh In của trình duyệt. ", "For printing: use the browser's Print command. "))
                a href=(link(lang, &format!("/doc/{}", encode(&document.id.0)))) { (lang.pick("Trở về trang đọc", "Back to reading")) } }
            (title_block(lang, document, &page::name(document)))
            @if let Some(node) = node {
                @let answer = validity::status_at(&open.graph, node, at);
                p { strong { (words::status(lang, answer.status.name())) } " " (lang.pick("tính đến ", "as of ")) (day(lang, at))
                    @if let Some(by) = &answer.by { " (" (lang.pick("do ", "by ")) (node_link(open, lang, by)) ")" } }
            }
            (reading.paper())
        }
    }
}

fn citations(lang: Lang, document: &Document, links: &[CitationLink]) -> Markup {
    let text = &document.restored.text;
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    html! {
        @if document.citations.is_empty() { p.lead { (lang.pick("Văn bản không dẫn chiếu văn bản nào.", "It cites nothing.")) } }
        @else { div.scroll tabindex="0" role="region" aria-label=(lang.pick("Dẫn chiếu", "Citations")) { table.stacked {
            thead { tr {
                th scope="col" { (lang.pick("Quan hệ", "Relation")) } th scope="col" { (lang.pick("Văn bản", "Document")) }
                th scope="col" { (lang.pick("Ở", "At")) } th scope="col" { (lang.pick("Câu", "Sentence")) }
            } }
            tbody { @for (citation, to) in document.citations.iter().zip(links) {
                tr {
                    td.verb { (words::relation(lang, relation_name(citation.relation))) }
                    td.named lang="vi" {
                        a.cite.missing[!to.held] href=(to.href) title=(to.title) { (flat(citation.span.of(text))) }
                        @if let Some(likely) = &citation.likely { br; span.small lang=(lang.code()) { (lang.pick("có lẽ là ", "probably ")) (likely) } }
                    }
                    td lang="vi" { (citation.path.as_deref().map(place_words).unwrap_or_default()) }
                    td.context lang="vi" { (shortened(flat(citation.sentence.of(text)).trim_start_matches(['-', '–', '+', ' ']))) }
                }
            } }
        } } }
    }
}

/// Letters of a sentence that a table shows.
const SENTENCE: usize = 260;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SENTENCE) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

fn defects(lang: Lang, document: &Document, own: &str) -> Markup {
    html! {
        @if !document.defects.is_empty() {
            h2 { (lang.pick("Điều ghi nhận khi đọc", "Noted while reading")) }
            ul { @for defect in document.defects.iter().take(200) {
                li { a href={ (own) "?view=scan#L" (defect.line) } { (lang.pick("dòng ", "line ")) (defect.line) } ": " (words::remark(lang, &defect.note)) }
            } }
        }
    }
}

pub(super) async fn download(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    aside(move || {
        let open = app.current();
        let (document, _) = find(&open, &id)?;
        let world = |cause: serde_json::Error| Trouble::World(vanban::error::Error::message(&id, cause.to_string()));
        let (kind, ending, body) = match asked.format.as_deref() {
            None | Some("txt") => ("text/plain; charset=utf-8", "txt", document.restored.text.clone()),
            Some("json") => {
                ("application/json", "json", serde_json::to_string_pretty(&document.record()).map_err(world)?)
            }
            Some("akn") => ("application/akn+xml", "xml", vanban::document::akn::write(&document)),
            Some(_) => {
                return Err(Trouble::BadRequest("Dạng tải về là txt, json hoặc akn.", "`format` is txt, json or akn."));
            }
        };
        Ok(attachment(kind, &format!("{}.{ending}", stem(&id)), body.into_bytes()))
    })
    .await
}

/// The last part of an id without its ending.
pub(super) fn stem(id: &str) -> &str {
    let name = id.rsplit('/').next().unwrap_or(id);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// An answer that a browser saves.
pub(super) fn attachment(kind: &'static str, name: &str, body: Vec<u8>) -> Response {
    // The percent-encoded form holds no quote and no line break.
    let disposition = format!("attachment; filename*=UTF-8''{}", encode(name).replace('/', "%2F"));
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body).into_response()
}

/// A number in any spelling: the document itself where one is held, else a search for it.
pub(super) async fn by_number(
    State(app): State<App>,
    Path(number): Path<String>,
    Query(common): Query<Common>,
) -> Redirect {
    let open = app.current();
    let held: Vec<String> = open
        .graph
        .find(&number)
        .into_iter()
        .map(|n| open.graph.node(n))
        .filter(|node| node.held == Some(true))
        .map(|node| node.id.clone())
        .collect();
    let address = match held.as_slice() {
        [only] => format!("/doc/{}", encode(only)),
        _ => format!("/search?q={}", encode(&number)),
    };
    Redirect::to(&link(common.lang(), &address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locator_leads_to_its_article() {
        let paths = ["chuong:I".to_owned(), "chuong:I/dieu:5".to_owned(), "chuong:I/dieu:55".to_owned()];
        assert_eq!(anchor(&paths, "khoản 2 Điều 5"), Some("chuong:I/dieu:5"));
        assert_eq!(anchor(&paths, "khoản 2"), None);
    }

    #[test]
    fn a_saved_file_is_named_after_the_last_part_of_the_id() {
        assert_eq!(stem("2021/446-qd-tu.txt"), "446-qd-tu");
        assert_eq!(stem("x"), "x");
    }
}
