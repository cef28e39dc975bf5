//! The archive at a glance: counts, last night's report, what was set aside.

use super::page::{self, Frame, Lang, encode, link};
use super::{App, Common, Page, Trouble};
use axum::extract::{Query, State};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// A horizontal bar chart as an accessible list; each row links to a search.
fn chart(lang: Lang, rows: &[(String, usize, String)]) -> Markup {
    let most = rows.iter().map(|row| row.1).max().unwrap_or(1).max(1);
    html! {
        div.chart role="list" { @for (label, count, query) in rows {
            a role="listitem" href=(link(lang, &format!("/search?q={}", encode(query)))) { (label) }
            svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                rect x="0" y="0" height="8" width=(format!("{:.2}", *count as f64 * 100.0 / most as f64)) rx="0.6" {}
            }
            span { (count) }
        } }
    }
}

fn counted<'c>(values: impl Iterator<Item = &'c str>) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let mut rows: Vec<(String, usize)> = counts.into_iter().map(|(value, n)| (value.to_owned(), n)).collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    rows
}

pub(super) async fn show(State(app): State<App>, Query(common): Query<Common>) -> Result<Page, Trouble> {
    let open = app.current()?;
    let lang = common.lang();
    let cards = open.index.cards();
    let report = open.generation.report()?;
    let totals = report.documents;
    let set_aside = open.generation.set_aside()?;
    let years: Vec<String> = cards.iter().filter_map(|card| card.date).map(|date| date.year().to_string()).collect();
    let mut years = counted(years.iter().map(String::as_str));
    years.sort();
    let kinds = counted(cards.iter().filter_map(|card| card.kind.as_deref()));
    let issuers = counted(cards.iter().filter_map(|card| card.issuer.as_deref()));
    let rows = |counts: &[(String, usize)], field: &str, most: usize| -> Vec<(String, usize, String)> {
        counts.iter().take(most).map(|(v, n)| (v.clone(), *n, format!("{field}:\"{v}\""))).collect()
    };
    let card = |number: String, vi: &'static str, en: &'static str| {
        html! { div.card { b { (number) } (lang.pick(vi, en)) } }
    };
    let percent = |part: u64, whole: u64| {
        if whole == 0 { "–".to_owned() } else { format!("{:.1} %", part as f64 * 100.0 / whole as f64) }
    };
    let body = html! {
        h1 { (lang.pick("Kho văn bản", "The archive")) }
        div.cards {
            (card(totals.documents.to_string(), "văn bản", "documents"))
            (card(totals.damaged.to_string(), "từ bản quét hỏng chữ", "read from damaged scans"))
            (card(percent(totals.syllables_changed, totals.syllables), "âm tiết đã sửa", "of syllables changed"))
            (card(percent(totals.doubtful, totals.syllables), "âm tiết còn ngờ", "of syllables doubtful"))
            (card(totals.citations.to_string(), "dẫn chiếu", "citations"))
            (card(percent(totals.resolved, totals.citations), "dẫn đến văn bản có trong kho", "lead to a document held"))
        }
        h2 { (lang.pick("Theo năm ban hành", "By year")) }
        (chart(lang, &rows(&years, "năm", 200)))
        h2 { (lang.pick("Theo loại văn bản", "By type")) }
        (chart(lang, &rows(&kinds, "loại", 15)))
        h2 { (lang.pick("Theo cơ quan ban hành", "By issuer")) }
        (chart(lang, &rows(&issuers, "cơquan", 15)))
        @if !report.doubtful.is_empty() {
            h2 { (lang.pick("Văn bản nhiều chỗ ngờ nhất đêm qua", "Most doubtful of the last night")) }
            table { tbody { @for (id, n) in report.doubtful.iter().take(15) {
                tr { td { a href=(link(lang, &format!("/doc/{}", encode(id)))) { (id) } } td.n { (n) } }
            } } }
        }
        h2 { (lang.pick("Báo cáo đêm qua", "Last night's report")) }
        pre.scroll { (report.page()) }
        h2 { (lang.pick("Để riêng", "Set aside")) " (" (set_aside.len()) ")" }
        @if set_aside.is_empty() {
            p { (lang.pick("Mọi tệp đều đọc được.", "Every file could be read.")) }
        } @else {
            div.scroll { table {
                thead { tr { th { (lang.pick("Tệp", "File")) } th { (lang.pick("Vì sao", "Why")) } th { (lang.pick("Từ", "Since")) } } }
                tbody { @for row in set_aside.iter().take(500) {
                    tr { td { (row.id) } td { (row.message) } td { (row.first_seen.map(|t| t.strftime("%Y-%m-%d").to_string()).unwrap_or_default()) } }
                } }
            } }
        }
    };
    let frame = Frame {
        lang,
        title: lang.pick("Kho văn bản", "The archive"),
        here: "/archive",
        section: "archive",
        generation: open.generation.number(),
        narrow: true,
    };
    Ok(Page(page::frame(&frame, body)))
}
