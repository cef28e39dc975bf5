//! The search page: one box, facets, article hits with snippets and badges.

use super::page::{self, Frame, Lang, count, day, encode, keep_lang, link};
use super::{App, Common, Open, Page, Trouble, aside, words};
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use vanban::index::{self, Card, Completion, Hit, Results, Sort};
use vanban::text::Span;

/// Hits a page.
const PAGE: usize = 10;
/// Pages anyone may turn to.
const LAST_PAGE: usize = 100;
/// Longest query, in characters.
const LONGEST_QUERY: usize = 400;
/// Rows of a facet shown at once; more are folded away.
const FACET_ROWS: usize = 7;
/// Rows of a facet at most.
const MOST_FACET_ROWS: usize = 40;
/// Numbers and titles offered where nothing is found.
const COMPLETIONS: usize = 6;
/// Words of a query beyond which leaving out one of them is not offered.
const MOST_LEFT_OUT: usize = 12;
/// Hits of a table for spreadsheets.
const MOST_CSV_ROWS: usize = 1000;

/// Parameters of a search.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    sort: Option<String>,
    page: Option<String>,
    #[serde(flatten)]
    common: Common,
}

impl Asked {
    fn text(&self) -> String {
        self.q.trim().chars().take(LONGEST_QUERY).collect()
    }

    /// Anything that is no page of ours is the nearest that is.
    fn page(&self) -> usize {
        self.page.as_deref().and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, LAST_PAGE)
    }

    fn by_date(&self) -> bool {
        self.sort.as_deref() == Some("date")
    }

    /// The permanent address of this search with another text, page or order.
    fn address(&self, text: &str, page: usize, by_date: bool) -> String {
        let mut address = format!("/search?q={}", encode(text));
        if by_date {
            address.push_str("&sort=date");
        }
        if page > 1 {
            address.push_str(&format!("&page={page}"));
        }
        if let Some(at) = self.common.at.as_deref().filter(|at| !at.is_empty()) {
            address.push_str(&format!("&at={}", encode(at)));
        }
        address
    }

    fn same(&self, text: &str) -> String {
        link(self.common.lang(), &self.address(text, 1, self.by_date()))
    }
}

fn answer(open: &Open, asked: &Asked, limit: usize, offset: usize) -> Result<Results, Trouble> {
    let query = index::Query {
        at: Some(asked.common.day()?),
        sort: if asked.by_date() { Sort::Date } else { Sort::Relevance },
        limit,
        offset,
        ..index::Query::new(asked.text())
    };
    Ok(open.index.search(&query)?)
}

/// The search box; `offers` are what the browser proposes while typing.
pub(super) fn form(lang: Lang, text: &str, by_date: bool, offers: &[String]) -> Markup {
    html! {
        form.search action="/search" method="get" role="search" {
            label.unseen for="q" { (lang.pick("Tìm văn bản", "Search documents")) }
            input #q type="search" name="q" value=(text) maxlength=(LONGEST_QUERY) autocomplete="off" list="offers"
                placeholder=(lang.pick("Số hiệu, tên hoặc nội dung: 446-QĐ/TU, dân vận…", "Number, title or words: 446-QĐ/TU, dan van…"));
            datalist #offers { @for offer in offers { option value=(offer) {} } }
            @if by_date { input type="hidden" name="sort" value="date"; }
            (keep_lang(lang))
            button { (lang.pick("Tìm", "Search")) }
        }
    }
}

pub(super) async fn home(State(app): State<App>, Query(common): Query<Common>) -> Result<Page, Trouble> {
    aside(move || Ok(first_page(&app.current(), common.lang()))).await
}

fn first_page(open: &Open, lang: Lang) -> Page {
    let cards = open.index.cards();
    let recent: Vec<&Card> = open.recent.iter().map(|n| &cards[*n as usize]).collect();
    let offers: Vec<String> = recent.iter().filter_map(|card| card.number.clone()).collect();
    let today = crate::today();
    let body = html! {
        div.hero {
            h1 { (lang.pick("Tìm trong kho văn bản", "Search the archive")) }
            p.lead {
                (count(lang, open.generation.len())) " "
                (lang.pick("văn bản của Đảng và Nhà nước, phục hồi từ bản quét. Gõ có dấu hay không dấu đều được.",
                    "Party and State documents, restored from scans. Type with marks or without.")) }
            (form(lang, "", false, &offers))
            p.examples {
                span { (lang.pick("Thử:", "Try:")) }
                @for example in ["dân vận", "tiep cong dan", "\"quy chế làm việc\"", "loại:\"quyết định\" năm:2021..2023"] {
                    a.chip href=(link(lang, &format!("/search?q={}", encode(example)))) lang="vi" { (example) }
                }
            }
        }
        section aria-labelledby="recent" {
            h2 #recent { (lang.pick("Văn bản mới nhất", "Latest documents")) }
            ol.results.recent { @for card in recent { li {
                h3 { a href=(link(lang, &format!("/doc/{}", encode(&card.id)))) lang="vi" { (card_name(card)) } }
                (card_line(lang, card, open.index.status(&card.id, today)))
            } } }
        }
    };
    let title = lang.pick("Tìm kiếm", "Search");
    let generation = open.generation.number();
    Page(page::frame(&Frame { lang, title, here: "/", section: "search", generation, narrow: true }, body))
}

/// A card's name in a list.
fn card_name(card: &Card) -> String {
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

fn card_line(lang: Lang, card: &Card, status: Option<&str>) -> Markup {
    html! {
        p.meta {
            @if let Some(status) = status { (words::badge(lang, status)) }
            @if let Some(date) = card.date { span { (day(lang, date)) } }
            @if let Some(issuer) = card.issuer_printed.as_ref().or(card.issuer.as_ref()) { span lang="vi" { (issuer) } }
        }
    }
}

/// Text with the spans in `marks` highlighted; a mark inside the one before it is left out.
fn highlighted(text: &str, marks: &[Span]) -> Markup {
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

/// The hits of one document, in the order of the first of them.
fn by_document(hits: &[Hit]) -> Vec<Vec<&Hit>> {
    let mut groups: Vec<Vec<&Hit>> = Vec::new();
    for hit in hits {
        match groups.iter_mut().find(|group| group[0].card.id == hit.card.id) {
            Some(group) => group.push(hit),
            None => groups.push(vec![hit]),
        }
    }
    groups
}

fn group_item(lang: Lang, results: &Results, group: &[&Hit]) -> Markup {
    let card = &group[0].card;
    let own = format!("/doc/{}", encode(&card.id));
    let name = card_name(card);
    html! {
        li {
            h3 { a href=(link(lang, &own)) lang="vi" { (highlighted(&name, &results.marker.marks(&name))) } }
            (card_line(lang, card, group[0].status.as_deref()))
            @for hit in group {
                @let shown = hit.snippet.text.trim();
                @if !shown.is_empty() || hit.path.is_some() {
                    div.passage lang="vi" {
                        @if let (Some(path), Some(place)) = (&hit.path, &hit.place) {
                            a.where href={ (link(lang, &own)) "#" (encode(path)) } { (place) }
                        }
                        @if !shown.is_empty() { p.snippet { (highlighted(&hit.snippet.text, &hit.snippet.marks)) } }
                    }
                }
            }
        }
    }
}

/// A condition that a facet adds to the query or takes from it.
fn clause(field: &str, value: &str) -> String {
    if value.contains(' ') { format!("{field}:\"{value}\"") } else { format!("{field}:{value}") }
}

/// The field whose values are said in the language of the page; those of the others are the documents' own words.
const STATUS_FIELD: &str = "trạngthái";

struct Row {
    value: String,
    label: String,
    count: usize,
}

fn facet(asked: &Asked, text: &str, title: &str, field: &str, rows: &[Row]) -> Markup {
    let lang = asked.common.lang();
    let row = |row: &Row| {
        let clause = clause(field, &row.value);
        let on = text.contains(&clause);
        let other = if on { text.replace(&clause, "") } else { format!("{text} {clause}") };
        let other = other.split_whitespace().collect::<Vec<_>>().join(" ");
        html! {
            li { a href=(asked.same(&other)) aria-current=[on.then_some("true")] rel="nofollow" {
                span lang=[(field != STATUS_FIELD).then_some("vi")] { (row.label) }
                span.count { (count(lang, row.count as u64)) }
            } }
        }
    };
    let (first, more) = rows.split_at(rows.len().min(FACET_ROWS));
    html! {
        @if rows.len() > 1 || rows.first().is_some_and(|row| text.contains(&clause(field, &row.value))) {
            section {
                h2 { (title) }
                ul.facet { @for one in first { (row(one)) } }
                @if !more.is_empty() {
                    details {
                        summary { (lang.pick("Thêm", "More")) " (" (more.len()) ")" }
                        ul.facet { @for one in more { (row(one)) } }
                    }
                }
            }
        }
    }
}

fn facets(asked: &Asked, text: &str, results: &Results) -> Markup {
    let lang = asked.common.lang();
    let plain = |rows: &[(String, usize)]| -> Vec<Row> {
        let shown = rows.iter().take(MOST_FACET_ROWS);
        shown.map(|(value, count)| Row { value: value.clone(), label: value.clone(), count: *count }).collect()
    };
    let mut status = plain(&results.facets.status);
    status.iter_mut().for_each(|row| row.label = words::status(lang, &row.value).to_owned());
    let years: Vec<(String, usize)> = results.facets.year.iter().map(|(year, n)| (year.to_string(), *n)).collect();
    html! {
        (facet(asked, text, lang.pick("Hiệu lực", "Status"), STATUS_FIELD, &status))
        (facet(asked, text, lang.pick("Loại văn bản", "Type"), "loại", &plain(&results.facets.kinds)))
        (facet(asked, text, lang.pick("Cơ quan ban hành", "Issuer"), "cơquan", &plain(&results.facets.issuer)))
        (facet(asked, text, lang.pick("Năm", "Year"), "năm", &plain(&years)))
    }
}

pub(super) async fn results(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Page, Trouble> {
    aside(move || result_page(&app.current(), &asked)).await
}

fn result_page(open: &Open, asked: &Asked) -> Result<Page, Trouble> {
    let lang = asked.common.lang();
    let page = asked.page();
    let text = asked.text();
    let results = answer(open, asked, PAGE, (page - 1) * PAGE)?;
    let nothing = results.hits.is_empty();
    // Going through every number and title costs as much as the search itself.
    let completions = if nothing { open.index.complete(&text, COMPLETIONS) } else { Vec::new() };
    let offers: Vec<String> = completions.iter().map(|one| one.text.clone()).collect();
    let title = if text.is_empty() { lang.pick("Mọi văn bản", "All documents") } else { &text };
    let body = html! {
        h1.unseen { (lang.pick("Kết quả tìm kiếm: ", "Results: ")) (title) }
        (form(lang, &text, asked.by_date(), &offers))
        div.columns.filtered {
            section.list aria-label=(lang.pick("Kết quả", "Results")) {
                div.toolbar { (summary(asked, &text, &results)) }
                @if let Some(meant) = &results.did_you_mean {
                    p.notice { (lang.pick("Có phải bạn muốn tìm ", "Did you mean ")) a href=(asked.same(meant)) lang="vi" { (meant) } "?" }
                }
                @for note in &results.notes { p.small { (words::remark(lang, note)) } }
                @if nothing { (ways_out(asked, &text, &completions)) }
                @if !nothing { h2.unseen { (lang.pick("Văn bản tìm thấy", "Documents found")) } }
                ol.results { @for group in by_document(&results.hits) { (group_item(lang, &results, &group)) } }
                (pager(asked, &text, results.hits.len() == PAGE))
            }
            @if !nothing { aside.side aria-label=(lang.pick("Lọc kết quả", "Filters")) {
                details.fold { summary { (lang.pick("Lọc kết quả", "Filters")) } (facets(asked, &text, &results)) }
            } }
        }
    };
    let here = asked.address(&text, page, asked.by_date());
    let generation = open.generation.number();
    Ok(Page(page::frame(&Frame { lang, title, here: &here, section: "search", generation, narrow: false }, body)))
}

/// A query's words and conditions, each as it was typed; a quotation stays whole.
fn pieces(text: &str) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c: char| {
        quoted ^= c == '"';
        c.is_whitespace() && !quoted
    })
    .filter(|piece| !piece.is_empty())
    .collect()
}

/// What to try where nothing was found: what the words may begin, the same without one of them, every document.
fn ways_out(asked: &Asked, text: &str, completions: &[Completion]) -> Markup {
    let lang = asked.common.lang();
    let pieces = pieces(text);
    let without = |left_out: usize| {
        let kept: Vec<&str> =
            pieces.iter().enumerate().filter(|(n, _)| *n != left_out).map(|(_, piece)| *piece).collect();
        kept.join(" ")
    };
    html! {
        div.nothing {
            p.lead { (lang.pick("Không thấy văn bản nào.", "Nothing found.")) }
            @if !completions.is_empty() {
                p { (lang.pick("Có thể là:", "Perhaps one of these:")) }
                ul { @for one in completions { li {
                    a href=(link(lang, &format!("/doc/{}", encode(&one.id)))) lang="vi" { (one.text) }
                } } }
            }
            @if (2..=MOST_LEFT_OUT).contains(&pieces.len()) {
                p { (lang.pick("Tìm lại khi bỏ bớt:", "Search again without:")) " "
                    @for (n, piece) in pieces.iter().enumerate() {
                        a.chip href=(asked.same(&without(n))) rel="nofollow" lang="vi" { (piece) } " "
                    }
                }
            }
            ul {
                li { (lang.pick("Số hiệu viết kiểu nào cũng được: ", "Numbers may be typed in any spelling: ")) code lang="vi" { "438-QĐ/TU" } ", " code { "438 qd tu" } "." }
                li { (lang.pick("Thử ít chữ hơn, hoặc chữ không dấu.", "Try fewer words, or words without marks.")) }
                li { a href=(link(lang, "/search?q=")) { (lang.pick("Xem mọi văn bản", "See all documents")) } }
            }
        }
    }
}

/// How many were found, in which order they stand, and the way to the table.
fn summary(asked: &Asked, text: &str, results: &Results) -> Markup {
    let lang = asked.common.lang();
    let order = |by_date: bool, words: &str| {
        let current = (asked.by_date() == by_date).then_some("true");
        html! { a href=(link(lang, &asked.address(text, 1, by_date))) aria-current=[current] { (words) } }
    };
    html! {
        p.found role="status" {
            strong { (count(lang, results.total as u64)) } " " (lang.pick("văn bản", "documents"))
            @if results.total > results.complete {
                span.soft { " · " (count(lang, results.complete as u64)) " " (lang.pick("có đủ các chữ", "with every word")) }
            }
        }
        @if results.total > 0 { p.order {
            span.soft { (lang.pick("Xếp theo", "Sorted by")) } " "
            (order(false, lang.pick("phù hợp", "relevance"))) (order(true, lang.pick("mới nhất", "newest")))
        }
        a.button.quiet.tiny href=(asked.same(text).replacen("/search", "/search.csv", 1)) download
            title=(lang.pick("Kết quả này dạng bảng, mở được bằng Excel", "This result as a table for a spreadsheet")) { "CSV" } }
    }
}

fn pager(asked: &Asked, text: &str, full: bool) -> Markup {
    let (lang, page) = (asked.common.lang(), asked.page());
    let to = |page: usize| link(lang, &asked.address(text, page, asked.by_date()));
    html! {
        @if page > 1 || full {
            nav.pager aria-label=(lang.pick("Trang kết quả", "Pages of results")) {
                @if page > 1 { a.button.quiet rel="prev" href=(to(page - 1)) { (lang.pick("← Trang trước", "← Previous")) } }
                span.soft { (lang.pick("Trang", "Page")) " " (page) }
                @if full && page < LAST_PAGE { a.button.quiet rel="next" href=(to(page + 1)) { (lang.pick("Trang sau →", "Next →")) } }
            }
        }
    }
}

/// The first thousand hits as a table for a spreadsheet.
pub(super) async fn csv(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let bytes = aside(move || table(&answer(&app.current(), &asked, MOST_CSV_ROWS, 0)?)).await?;
    Ok((
        [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
            (header::CONTENT_DISPOSITION, "attachment; filename=\"vanban.csv\""),
        ],
        bytes,
    )
        .into_response())
}

fn table(results: &Results) -> Result<Vec<u8>, Trouble> {
    // A byte order mark, or Excel takes the text for another encoding.
    let mut out = csv::Writer::from_writer(b"\xef\xbb\xbf".to_vec());
    let written = (|| -> Result<Vec<u8>, csv::Error> {
        out.write_record(["id", "number", "type", "issuer", "date", "title", "place", "status", "snippet"])?;
        for hit in &results.hits {
            let card = &hit.card;
            let date = card.date.map(|date| date.to_string());
            let snippet = hit.snippet.text.split_whitespace().collect::<Vec<_>>().join(" ");
            let cell = |text: Option<&String>| harmless(text.map_or("", String::as_str));
            out.write_record([
                harmless(&card.id),
                cell(card.number.as_ref()),
                cell(card.kind.as_ref()),
                cell(card.issuer.as_ref()),
                cell(date.as_ref()),
                cell(card.title.as_ref()),
                cell(hit.place.as_ref()),
                cell(hit.status.as_ref()),
                harmless(&snippet),
            ])?;
        }
        out.into_inner().map_err(|error| error.into_error().into())
    })();
    written.map_err(|cause| Trouble::World(vanban::error::Error::message("vanban.csv", cause.to_string())))
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_no_formula() {
        assert_eq!(harmless("=HYPERLINK(\"http://evil\")"), "'=HYPERLINK(\"http://evil\")");
        assert_eq!(harmless("446-QĐ/TU"), "446-QĐ/TU");
    }

    #[test]
    fn a_quotation_is_one_piece_of_a_query() {
        assert_eq!(pieces(" a  loại:\"quyết định\" \"b c\" d"), ["a", "loại:\"quyết định\"", "\"b c\"", "d"]);
        assert_eq!(pieces("a \"b c"), ["a", "\"b c"]);
        assert_eq!(pieces(""), Vec::<&str>::new());
    }

    #[test]
    fn marks_that_overlap_or_lie_outside_are_left_out() {
        let marks = [Span::new(0, 3), Span::new(2, 5), Span::new(90, 99)];
        assert_eq!(highlighted("<b>x & y", &marks).into_string(), "<mark>&lt;b&gt;</mark>x &amp; y");
    }
}
