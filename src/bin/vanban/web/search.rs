//! The search page: one box, facets, article hits with snippets and badges.

use super::page::{self, Frame, Lang, badge, day, encode, link};
use super::{App, Common, Open, Page, Trouble};
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use vanban::index::{self, Hit, Results, Sort};
use vanban::text::Span;

/// Hits a page.
const PAGE: usize = 10;
/// Pages anyone may turn to.
const LAST_PAGE: usize = 100;
/// Longest query, in characters.
const LONGEST_QUERY: usize = 400;

/// Parameters of a search.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    sort: Option<String>,
    page: Option<usize>,
    lang: Option<String>,
    at: Option<String>,
}

impl Asked {
    fn common(&self) -> Common {
        Common { lang: self.lang.clone(), at: self.at.clone() }
    }

    fn page(&self) -> usize {
        self.page.unwrap_or(1).clamp(1, LAST_PAGE)
    }

    fn by_date(&self) -> bool {
        self.sort.as_deref() == Some("date")
    }

    fn address(&self, text: &str, page: usize, by_date: bool) -> String {
        let mut address = format!("/search?q={}", encode(text));
        if by_date {
            address.push_str("&sort=date");
        }
        if page > 1 {
            address.push_str(&format!("&page={page}"));
        }
        address
    }
}

fn answer(open: &Open, asked: &Asked, limit: usize, offset: usize) -> Result<Results, Trouble> {
    let text: String = asked.q.chars().take(LONGEST_QUERY).collect();
    let query = index::Query {
        at: Some(asked.common().day().ok_or(Trouble::BadRequest("`at` must be a date, YYYY-MM-DD"))?),
        sort: if asked.by_date() { Sort::Date } else { Sort::Relevance },
        limit,
        offset,
        ..index::Query::new(text)
    };
    Ok(open.index.search(&query)?)
}

fn form(lang: Lang, text: &str) -> Markup {
    html! {
        form.search action="/search" method="get" role="search" {
            label.skip for="q" { (lang.pick("Tìm văn bản", "Search documents")) }
            input #q type="search" name="q" value=(text) maxlength="400" autocomplete="off"
                placeholder=(lang.pick("số hiệu, tên hoặc nội dung: 446-QĐ/TU, dân vận, tiếp công dân…", "number, title or words: 446-QĐ/TU, dan van…"));
            @if lang == Lang::En { input type="hidden" name="lang" value="en"; }
            button { (lang.pick("Tìm", "Search")) }
        }
    }
}

pub(super) async fn home(State(app): State<App>, Query(common): Query<Common>) -> Result<Page, Trouble> {
    let open = app.current()?;
    let lang = common.lang();
    let mut recent: Vec<&index::Card> = open.index.cards().iter().filter(|card| card.date.is_some()).collect();
    recent.sort_by(|a, b| b.date.cmp(&a.date).then_with(|| a.id.cmp(&b.id)));
    let today = crate::today();
    let body = html! {
        div.hero {
            h1 { (lang.pick("Tìm trong kho văn bản", "Search the archive")) }
            p.lead { (lang.pick(
                "Chỉ thị, quyết định, nghị quyết đã phục hồi từ bản quét: gõ có dấu hay không dấu đều được.",
                "Directives, decisions and resolutions restored from scans: type with or without marks.")) }
            (form(lang, ""))
            p.examples {
                span { (lang.pick("Ví dụ:", "For example:")) }
                @for example in ["dân vận", "tiep cong dan", "\"quy chế làm việc\"", "loại:\"quyết định\" năm:2021..2023"] {
                    a.chip href=(link(lang, &format!("/search?q={}", encode(example)))) { (example) }
                }
            }
        }
        h2 { (lang.pick("Văn bản mới nhất", "Latest documents")) }
        ol.results { @for card in recent.iter().take(6) { li {
            h3 { a href=(link(lang, &format!("/doc/{}", encode(&card.id)))) { (card_name(card)) } }
            (card_line(lang, card, open.index.status(&card.id, today)))
        } } }
    };
    Ok(Page(page::frame(
        &Frame {
            lang,
            title: lang.pick("Tìm kiếm", "Search"),
            here: "/",
            section: "search",
            generation: open.generation.number(),
            narrow: true,
        },
        body,
    )))
}

/// A card's name in a list.
pub(super) fn card_name(card: &index::Card) -> String {
    let name = match (&card.kind, &card.number) {
        (Some(kind), Some(number)) => format!("{kind} {number}"),
        (Some(kind), None) => kind.clone(),
        (None, Some(number)) => number.clone(),
        (None, None) => String::new(),
    };
    match &card.title {
        Some(title) if name.is_empty() => title.clone(),
        Some(title) => format!("{name} {title}"),
        None if name.is_empty() => card.id.clone(),
        None => name,
    }
}

fn card_line(lang: Lang, card: &index::Card, status: Option<&str>) -> Markup {
    html! {
        p.meta {
            @if let Some(status) = status { (badge(lang, status)) }
            @if let Some(date) = card.date { span { (day(date)) } }
            @if let Some(issuer) = card.issuer_printed.as_ref().or(card.issuer.as_ref()) { span { (issuer) } }
        }
    }
}

/// Text with the spans in `marks` highlighted; a mark inside the one before it is left out.
pub(super) fn highlighted(text: &str, marks: &[Span]) -> Markup {
    let mut pieces = Vec::new();
    let mut at = 0;
    for mark in marks.iter().filter(|mark| mark.end <= text.len()) {
        if mark.start >= at {
            pieces.push((&text[at..mark.start], mark.of(text)));
            at = mark.end;
        }
    }
    html! {
        @for (before, marked) in pieces { (before) mark { (marked) } }
        (text[at..])
    }
}

fn hit_item(lang: Lang, results: &Results, hit: &Hit) -> Markup {
    let mut address = format!("/doc/{}", encode(&hit.card.id));
    if let Some(path) = &hit.path {
        address = format!("{}#{}", link(lang, &address), encode(path));
    } else {
        address = link(lang, &address);
    }
    let name = card_name(&hit.card);
    html! {
        li {
            h3 { a href=(address) { (highlighted(&name, &results.marker.marks(&name))) } }
            @if let Some(place) = &hit.place { p.where { (place) } }
            @if !hit.snippet.text.trim().is_empty() {
                p.snippet lang="vi" { "… " (highlighted(&hit.snippet.text, &hit.snippet.marks)) " …" }
            }
            (card_line(lang, &hit.card, hit.status.as_deref()))
        }
    }
}

fn facet(lang: Lang, asked: &Asked, title: &str, field: &str, rows: &[(String, String, usize)]) -> Markup {
    html! {
        @if rows.len() > 1 || asked.q.contains(&format!("{field}:")) {
            h2 { (title) }
            ul.facet { @for (value, label, count) in rows.iter().take(8) {
                @let clause = if value.contains(' ') { format!("{field}:\"{value}\"") } else { format!("{field}:{value}") };
                @let on = asked.q.contains(&clause);
                @let text = if on { asked.q.replace(&clause, "") } else { format!("{} {clause}", asked.q) };
                li { a href=(link(lang, &asked.address(text.trim(), 1, asked.by_date()))) aria-current=[on.then_some("true")] {
                    span { (label) @if on { " ×" } } span.count { (count) }
                } }
            } }
        }
    }
}

fn facets(lang: Lang, asked: &Asked, results: &Results) -> Markup {
    let plain = |rows: &[(String, usize)]| rows.iter().map(|(v, n)| (v.clone(), v.clone(), *n)).collect::<Vec<_>>();
    let status: Vec<_> = results
        .facets
        .status
        .iter()
        .map(|(value, n)| (value.clone(), page::status_words(lang, value).to_owned(), *n))
        .collect();
    let years: Vec<_> = results.facets.year.iter().map(|(y, n)| (y.to_string(), y.to_string(), *n)).collect();
    html! {
        (facet(lang, asked, lang.pick("Hiệu lực", "In force"), "trạngthái", &status))
        (facet(lang, asked, lang.pick("Loại văn bản", "Type"), "loại", &plain(&results.facets.kinds)))
        (facet(lang, asked, lang.pick("Cơ quan", "Issuer"), "cơquan", &plain(&results.facets.issuer)))
        (facet(lang, asked, lang.pick("Năm", "Year"), "năm", &years))
    }
}

pub(super) async fn results(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Page, Trouble> {
    let open = app.current()?;
    let lang = asked.common().lang();
    let page = asked.page();
    let results = answer(&open, &asked, PAGE, (page - 1) * PAGE)?;
    let text = asked.q.trim();
    let body = html! {
        (form(lang, text))
        div.columns {
            aside.side aria-label=(lang.pick("Lọc kết quả", "Filters")) { (facets(lang, &asked, &results)) }
            section aria-label=(lang.pick("Kết quả", "Results")) {
                div.toolbar {
                    strong role="status" {
                        (results.complete) " " (lang.pick("văn bản có đủ các chữ", "documents have every word"))
                        @if results.total > results.complete { ", " (results.total - results.complete) " " (lang.pick("gần đúng", "come close")) }
                    }
                    span {
                        (lang.pick("Xếp theo", "Sorted by")) " "
                        a href=(link(lang, &asked.address(text, 1, false))) aria-current=[(!asked.by_date()).then_some("true")] { (lang.pick("độ phù hợp", "relevance")) }
                        " · "
                        a href=(link(lang, &asked.address(text, 1, true))) aria-current=[asked.by_date().then_some("true")] { (lang.pick("ngày", "date")) }
                    }
                    a href=(asked.address(text, 1, asked.by_date()).replacen("/search", "/search.csv", 1)) { "CSV" }
                }
                @if let Some(meant) = &results.did_you_mean {
                    p.notice { (lang.pick("Có phải ý bạn là ", "Did you mean ")) a href=(link(lang, &asked.address(meant, 1, false))) { (meant) } "?" }
                }
                @for note in &results.notes { p.small { (note) } }
                @if results.hits.is_empty() {
                    p.lead { (lang.pick("Không thấy văn bản nào. Hãy thử ít chữ hơn, hoặc bỏ dấu.", "Nothing found. Try fewer words, or leave out the marks.")) }
                }
                ol.results start=((page - 1) * PAGE + 1) { @for hit in &results.hits { (hit_item(lang, &results, hit)) } }
                nav.pager aria-label=(lang.pick("Trang", "Pages")) {
                    @if page > 1 { a.button.quiet rel="prev" href=(link(lang, &asked.address(text, page - 1, asked.by_date()))) { (lang.pick("← Trang trước", "← Previous")) } }
                    @if results.hits.len() == PAGE && page < LAST_PAGE { a.button.quiet rel="next" href=(link(lang, &asked.address(text, page + 1, asked.by_date()))) { (lang.pick("Trang sau →", "Next →")) } }
                }
            }
        }
    };
    let title = format!("{text} – {}", lang.pick("Tìm kiếm", "Search"));
    let here = asked.address(text, page, asked.by_date());
    Ok(Page(page::frame(
        &Frame {
            lang,
            title: &title,
            here: &here,
            section: "search",
            generation: open.generation.number(),
            narrow: false,
        },
        body,
    )))
}

/// The first thousand hits as a table for a spreadsheet.
pub(super) async fn csv(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let open = app.current()?;
    let results = answer(&open, &asked, 1000, 0)?;
    let mut out = csv::Writer::from_writer(Vec::new());
    let written = (|| -> Result<Vec<u8>, csv::Error> {
        out.write_record(["id", "number", "type", "issuer", "date", "title", "place", "status", "snippet"])?;
        for hit in &results.hits {
            let card = &hit.card;
            let date = card.date.map(|date| date.to_string()).unwrap_or_default();
            let text = |field: &Option<String>| field.clone().unwrap_or_default();
            out.write_record([
                card.id.clone(),
                text(&card.number),
                text(&card.kind),
                text(&card.issuer),
                date,
                text(&card.title),
                text(&hit.place),
                text(&hit.status),
                hit.snippet.text.replace('\n', " "),
            ])?;
        }
        out.into_inner().map_err(|error| error.into_error().into())
    })();
    let bytes = written.map_err(|_| Trouble::BadRequest("the table could not be written"))?;
    // A byte order mark, or Excel takes the text for another encoding.
    let body = [b"\xef\xbb\xbf".as_slice(), &bytes].concat();
    Ok((
        [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
            (header::CONTENT_DISPOSITION, "attachment; filename=\"vanban.csv\""),
        ],
        body,
    )
        .into_response())
}
