//! The archive at a glance: counts, how damaged and how sure, last night's report, what was set aside.

use super::chart::{self, Bar};
use super::page::{self, Frame, Lang, count, encode, link, percent};
use super::{App, Common, Open, Page, Trouble, aside, words};
use axum::extract::{Query, State};
use maud::{Markup, html};
use std::collections::BTreeMap;
use vanban::document::DocumentId;
use vanban::error::Error;
use vanban::index::Card;
use vanban::store::{Report, SetAside};

/// Documents whose readings are counted one by one; of more, as many that lie evenly apart.
const SAMPLE: usize = 400;
/// Rows of a chart of names.
const MOST_ROWS: usize = 12;
/// Files set aside that are listed.
const MOST_SET_ASIDE: usize = 500;
/// Entries of a list of the report.
const MOST_LISTED: usize = 50;

/// How damaged and how sure the documents are.
pub(super) struct Quality {
    /// Documents by the share of their syllables that was changed.
    damage: [u64; DAMAGE.len()],
    /// Documents by the share of their syllables that is in doubt.
    doubt: [u64; DOUBT.len()],
    /// Syllables of the documents looked at by how sure their reading is.
    sure: [u64; SURE.len()],
    /// Documents looked at for `sure`.
    sampled: usize,
}

/// Upper bounds of shares in thousandths, with their words.
const DAMAGE: [(u64, &str); 6] =
    [(1, "0"), (20, "< 2"), (100, "2–10"), (300, "10–30"), (600, "30–60"), (u64::MAX, "> 60")];
const DOUBT: [(u64, &str); 6] = [(1, "0"), (2, "< 0,2"), (5, "0,2–0,5"), (10, "0,5–1"), (20, "1–2"), (u64::MAX, "> 2")];
/// Upper bounds of posteriors in thousandths, with their words; a syllable that was not touched is sure.
const SURE: [(u64, &str); 6] =
    [(500, "< 50"), (700, "50–70"), (900, "70–90"), (980, "90–98"), (1001, "≥ 98"), (u64::MAX, "=")];

fn bin<const N: usize>(bounds: &[(u64, &str); N], value: u64) -> usize {
    bounds.iter().position(|(bound, _)| value < *bound).unwrap_or(N - 1)
}

impl Quality {
    fn of(open: &Open) -> Result<Quality, Error> {
        let mut quality = Quality { damage: [0; 6], doubt: [0; 6], sure: [0; 6], sampled: 0 };
        for of in open.generation.syllables()? {
            let share = |part: u32| (u64::from(part) * 1000).div_ceil(u64::from(of.seen.max(1)));
            quality.damage[bin(&DAMAGE, share(of.changed))] += 1;
            quality.doubt[bin(&DOUBT, share(of.doubtful))] += 1;
        }
        let cards = open.index.cards();
        for card in cards.iter().step_by(cards.len().div_ceil(SAMPLE).max(1)) {
            let Some(document) = open.generation.document(&DocumentId(card.id.clone()))? else { continue };
            let edits = &document.restored.edits;
            quality.sampled += 1;
            quality.sure[5] += (document.restored.n_syllables.saturating_sub(edits.len())) as u64;
            for edit in edits {
                quality.sure[bin(&SURE, u64::from(edit.confidence))] += 1;
            }
        }
        Ok(quality)
    }
}

/// How often each value occurs, the most frequent first.
fn counted<'c>(values: impl Iterator<Item = &'c str>) -> Vec<(&'c str, u64)> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let mut rows: Vec<(&str, u64)> = counts.into_iter().collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    rows
}

fn names(lang: Lang, cards: &[Card], field: &str, of: fn(&Card) -> Option<&str>) -> Markup {
    let counts = counted(cards.iter().filter_map(of));
    let bar = |(value, count): &(&str, u64)| Bar {
        label: (*value).to_owned(),
        count: *count,
        href: Some(link(lang, &format!("/search?q={}", encode(&format!("{field}:\"{value}\""))))),
    };
    let bars: Vec<Bar> = counts.iter().take(MOST_ROWS).map(bar).collect();
    html! {
        (chart::rows(lang, &bars))
        @if counts.len() > MOST_ROWS { p.small { (lang.pick("và ", "and ")) (counts.len() - MOST_ROWS) (lang.pick(" giá trị nữa", " more")) } }
    }
}

/// A column for each year, those without documents too; decades where the years are too many.
fn years(lang: Lang, cards: &[Card]) -> Markup {
    let mut counts: BTreeMap<i16, u64> = BTreeMap::new();
    for year in cards.iter().filter_map(|card| card.date).map(|date| date.year()) {
        *counts.entry(year).or_default() += 1;
    }
    let (Some(first), Some(last)) = (counts.keys().next().copied(), counts.keys().next_back().copied()) else {
        return html! { p { "–" } };
    };
    let step = if last - first > 45 { 10 } else { 1 };
    let start = first - first.rem_euclid(step);
    let bars: Vec<Bar> = (start..=last)
        .step_by(step as usize)
        .map(|year| {
            let count = counts.range(year..year + step).map(|(_, n)| n).sum();
            let query = if step == 1 { format!("năm:{year}") } else { format!("năm:{year}..{}", year + step - 1) };
            let href = (count > 0).then(|| link(lang, &format!("/search?q={}&sort=date", encode(&query))));
            Bar { label: year.to_string(), count, href }
        })
        .collect();
    chart::columns(lang, &bars)
}

fn degrees<const N: usize>(lang: Lang, words: &[(u64, &str); N], counts: &[u64; N]) -> Markup {
    let label = |words: &str| match words {
        "=" => lang.pick("không sửa", "as read").to_owned(),
        words => words.replace(',', lang.pick(",", ".")),
    };
    let bars: Vec<Bar> = words
        .iter()
        .zip(counts)
        .map(|((_, words), count)| Bar { label: label(words), count: *count, href: None })
        .collect();
    chart::columns(lang, &bars)
}

pub(super) async fn show(State(app): State<App>, Query(common): Query<Common>) -> Result<Page, Trouble> {
    aside(move || page_of(&app.current(), common.lang())).await
}

fn page_of(open: &Open, lang: Lang) -> Result<Page, Trouble> {
    let cards = open.index.cards();
    let report = open.generation.report()?;
    let totals = report.documents;
    let set_aside = open.generation.set_aside()?;
    let quality = match open.quality.get() {
        Some(quality) => quality,
        None => {
            let counted = Quality::of(open)?;
            open.quality.get_or_init(|| counted)
        }
    };
    let figure = |number: String, vi: &'static str, en: &'static str| {
        html! { div.figure { dt { (lang.pick(vi, en)) } dd { (number) } } }
    };
    let body = html! {
        h1 { (lang.pick("Kho văn bản", "The archive")) }
        dl.figures {
            (figure(count(lang, totals.documents), "văn bản", "documents"))
            (figure(count(lang, totals.damaged), "từ bản quét hỏng chữ", "from damaged scans"))
            (figure(percent(lang, totals.syllables_changed, totals.syllables), "âm tiết đã sửa", "of syllables changed"))
            (figure(percent(lang, totals.doubtful, totals.syllables), "âm tiết còn ngờ", "of syllables in doubt"))
            (figure(count(lang, totals.citations), "dẫn chiếu", "citations"))
            (figure(percent(lang, totals.resolved, totals.citations), "dẫn đến văn bản có trong kho", "lead to a document held"))
        }
        section.chart { h2 { (lang.pick("Theo năm ban hành", "By year")) } (years(lang, cards)) }
        div.pair {
            section.chart { h2 { (lang.pick("Theo loại văn bản", "By type")) } (names(lang, cards, "loại", |card| card.kind.as_deref())) }
            section.chart { h2 { (lang.pick("Theo cơ quan ban hành", "By issuer")) } (names(lang, cards, "cơquan", |card| card.issuer.as_deref())) }
        }
        h2 { (lang.pick("Bản quét hỏng đến đâu, máy chắc đến đâu", "How damaged, how sure")) }
        div.triple {
            section.chart.amber { h3 { (lang.pick("Văn bản theo tỷ lệ âm tiết đã sửa (%)", "Documents by share of syllables changed (%)")) } (degrees(lang, &DAMAGE, &quality.damage)) }
            section.chart.amber { h3 { (lang.pick("Văn bản theo tỷ lệ âm tiết còn ngờ (%)", "Documents by share of syllables in doubt (%)")) } (degrees(lang, &DOUBT, &quality.doubt)) }
            section.chart.green { h3 { (lang.pick("Âm tiết theo độ chắc (%)", "Syllables by certainty (%)")) }
                (degrees(lang, &SURE, &quality.sure))
                @if quality.sampled < cards.len() { p.small { (lang.pick("đếm trên ", "counted over ")) (quality.sampled) (lang.pick(" văn bản cách đều", " documents evenly apart")) } }
            }
        }
        (night(lang, &report))
        (quarantine(lang, &set_aside))
    };
    let title = lang.pick("Kho văn bản", "The archive");
    let generation = open.generation.number();
    let frame = Frame { lang, title, here: "/archive", section: "archive", generation, narrow: false };
    Ok(Page(page::frame(&frame, body)))
}

/// Last night's report.
fn night(lang: Lang, report: &Report) -> Markup {
    let row =
        |vi: &'static str, en: &'static str, value: String| html! { div { dt { (lang.pick(vi, en)) } dd { (value) } } };
    let hanoi = jiff::tz::TimeZone::fixed(jiff::tz::offset(7));
    let started =
        report.started.map(|at| at.to_zoned(hanoi).strftime("%d/%m/%Y %H:%M").to_string()).unwrap_or_default();
    let outcome = match (report.generation, report.published) {
        (Some(number), true) => format!("{} {number}", lang.pick("đã công bố thế hệ", "published generation")),
        (Some(number), false) => {
            format!("{} {number}", lang.pick("không có gì mới; vẫn là thế hệ", "nothing new; still generation"))
        }
        _ => lang.pick("chưa công bố", "nothing published").to_owned(),
    };
    let list = |title: &'static str, ids: &[String], linked: bool| {
        html! { @if !ids.is_empty() {
            details { summary { (title) " (" (count(lang, ids.len() as u64)) ")" }
                ul { @for id in ids.iter().take(MOST_LISTED) { li {
                    @if linked { a href=(link(lang, &format!("/doc/{}", encode(id)))) { (id) } } @else { (id) }
                } }
                @if ids.len() > MOST_LISTED { li { "…" } } }
            }
        } }
    };
    let files = report.files;
    html! {
        section aria-labelledby="night" {
            h2 #night { (lang.pick("Báo cáo đêm qua", "Last night's report")) }
            dl.fields.report {
                (row("Kết quả", "Outcome", outcome))
                (row("Bắt đầu", "Started", started))
                (row("Thời gian chạy", "Took", format!("{} s", page::decimal(lang, report.seconds))))
                (row("Tệp thấy", "Files found", count(lang, files.found)))
                (row("Đọc mới", "Read", count(lang, files.read)))
                (row("Không đổi", "Unchanged", count(lang, files.unchanged)))
                (row("Không phải văn bản", "Ignored", count(lang, files.ignored)))
                (row("Để riêng", "Set aside", count(lang, files.set_aside)))
                (row("Chuỗi văn bản", "Lineages", count(lang, report.documents.lineages)))
                (row("Chỗ chưa quyết", "Undecided", count(lang, report.documents.doubts)))
                (row("Chương trình", "Program", report.program.clone()))
            }
            (list(lang.pick("Văn bản mới", "Added"), &report.added, true))
            (list(lang.pick("Văn bản đổi", "Changed"), &report.changed, true))
            (list(lang.pick("Văn bản mất", "Removed"), &report.removed, false))
            (list(lang.pick("Quan hệ và hiệu lực thay đổi", "Relations and statuses that changed"), &report.lineage_lines(), false))
            @if !report.doubtful.is_empty() {
                h3 { (lang.pick("Nhiều chỗ ngờ nhất", "Most in doubt")) }
                table.plain { tbody { @for (id, n) in report.doubtful.iter().take(10) {
                    tr { td { a href=(link(lang, &format!("/doc/{}?view=doubts", encode(id)))) { (id) } } td.n { (n) } }
                } } }
            }
        }
    }
}

fn quarantine(lang: Lang, set_aside: &[SetAside]) -> Markup {
    html! {
        section aria-labelledby="aside" {
            h2 #aside { (lang.pick("Tệp để riêng", "Set aside")) " (" (count(lang, set_aside.len() as u64)) ")" }
            @if set_aside.is_empty() {
                p { (lang.pick("Mọi tệp đều đọc được.", "Every file could be read.")) }
            } @else {
                table.stacked {
                    thead { tr { th scope="col" { (lang.pick("Tệp", "File")) } th scope="col" { (lang.pick("Vì sao, làm gì", "Why and what to do")) } th scope="col" { (lang.pick("Từ ngày", "Since")) } } }
                    tbody { @for row in set_aside.iter().take(MOST_SET_ASIDE) {
                        tr { td { (row.id) } td { @if lang == Lang::Vi { (words::set_aside(&row.reason)) br; } small lang="en" { (row.message) } } td { (row.first_seen.map(|at| at.strftime("%d/%m/%Y").to_string()).unwrap_or_default()) } }
                    } }
                }
                @if set_aside.len() > MOST_SET_ASIDE { p.small { (lang.pick("Danh sách đầy đủ: ", "The whole list: ")) code { "/api/v1/report" } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_fall_into_their_degree() {
        assert_eq!(bin(&DAMAGE, 0), 0);
        assert_eq!(bin(&DAMAGE, 1), 1);
        assert_eq!(bin(&DAMAGE, 300), 4);
        assert_eq!(bin(&SURE, 1000), 4);
    }

    #[test]
    fn the_most_frequent_comes_first_and_ties_go_by_name() {
        assert_eq!(counted(["b", "a", "c", "a", "b"].into_iter()), [("a", 2), ("b", 2), ("c", 1)]);
    }
}
