//! What holds of a document on a day, with the sentences that prove it; documents of the graph by name.

use super::page::{Lang, day, encode, keep_lang, link};
use super::{Open, words};
use jiff::civil::Date;
use maud::{Markup, html};
use std::collections::BTreeSet;
use vanban::document::Document;
use vanban::graph::Lineage;
use vanban::graph::validity::{Answer, Reason};
use vanban::text::fold;

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
        span.doc lang="vi" {
            @if node.held == Some(true) {
                a href=(link(lang, &format!("/doc/{}", encode(&node.id)))) { (name) }
            } @else {
                a.cite.missing href=(link(lang, &format!("/search?q={}", encode(&name))))
                    title=(lang.pick("không có trong kho; tìm văn bản nhắc đến", "not held; search for what names it")) { (name) }
            }
            @if let Some(date) = node.date { " " span.soft { "(" (day(lang, date)) ")" } }
        }
    }
}

/// Status of a document on a day with the sentences that prove it.
pub(super) fn status_box(
    open: &Open,
    lang: Lang,
    document: &Document,
    answer: &Answer,
    at: Date,
    form: Markup,
) -> Markup {
    let name = answer.status.name();
    let tone = match name {
        "in_force" => "good",
        "expired" | "void" => "bad",
        "partly_expired" | "suspended" | "not_yet" => "warn",
        _ => "plain",
    };
    let start = document.header.effective.filter(|_| tone != "plain" && name != "void");
    let (proof, later) = proofs(open, lang, document, answer, at);
    html! {
        section.status.(tone) aria-label=(lang.pick("Hiệu lực", "Status")) {
            div.verdict {
                p { strong.word { (words::status(lang, name)) } " "
                    span.soft { (lang.pick("tính đến ", "as of ")) (day(lang, at)) } }
                (form)
            }
            @if start.is_some() || answer.until.is_some() || answer.by.is_some() {
                p {
                    @if let Some(start) = start {
                        (lang.pick("Có hiệu lực từ ", "In force from ")) (day(lang, start)) ". "
                    }
                    @if answer.until.is_some() || answer.by.is_some() {
                        @match answer.until {
                            Some(until) => { (lang.pick("Không còn hiệu lực từ ", "No longer in force from ")) (day(lang, until)) },
                            None => (lang.pick("Không còn hiệu lực", "No longer in force")),
                        }
                        @if name == "partly_expired" { " " (lang.pick("ở một số chỗ", "in places")) }
                        @if let Some(by) = &answer.by { (lang.pick(", theo ", ", by ")) (node_link(open, lang, by)) }
                        "."
                    }
                }
            }
            @if let Some(current) = answer.current.as_ref().filter(|current| answer.by.as_ref() != Some(current)) {
                p { (lang.pick("Văn bản hiện hành: ", "Now: ")) (node_link(open, lang, current)) "." }
            }
            @if !answer.amended_by.is_empty() {
                p { (lang.pick("Được sửa đổi, bổ sung bởi ", "Amended by "))
                    @for (n, id) in answer.amended_by.iter().enumerate() { @if n > 0 { ", " } (node_link(open, lang, id)) } "." }
            }
            @if let Some(warning) = &answer.warning { p.small { (words::remark(lang, warning)) } }
            @if let Some(error) = &answer.error { p.small { strong { (lang.pick("Mâu thuẫn: ", "Contradiction: ")) } (words::remark(lang, error)) } }
            @for sentence in proof.iter().take(1) { (sentence) }
            @if proof.len() > 1 { (folded(lang.pick("Các câu làm chứng khác", "More proving sentences"), &proof[1..])) }
            @if !later.is_empty() { (folded(lang.pick("Sau ngày này", "After this day"), &later)) }
            @if let Some(rule) = &answer.rule { p.small { (words::remark(lang, rule)) } }
        }
    }
}

fn folded(title: &str, sentences: &[Markup]) -> Markup {
    html! { details { summary { (title) " (" (sentences.len()) ")" } @for sentence in sentences { (sentence) } } }
}

/// The sentences that prove the answer, the weightiest first, and those of acts that took effect later.
fn proofs(open: &Open, lang: Lang, document: &Document, answer: &Answer, at: Date) -> (Vec<Markup>, Vec<Markup>) {
    let later = |reason: &&Reason| reason.since.is_some_and(|since| since > at);
    let mut told = BTreeSet::new();
    let reasons: Vec<&Reason> = answer
        .why
        .iter()
        .filter(|reason| !reason.sentence.is_empty() && told.insert((&reason.from, &reason.sentence)))
        .collect();
    let quoted = |reason: &&Reason| {
        html! { blockquote lang="vi" { p { "“" (reason.sentence) "”" } footer lang=(lang.code()) {
            "— " (node_link(open, lang, &reason.from))
            @if let Some(since) = reason.since { (lang.pick(", từ ngày ", ", since ")) (day(lang, since)) }
            @if let Some(note) = &reason.note { " · " (words::remark(lang, note)) }
        } } }
    };
    let own = own_words(document).map(|words| {
        html! { blockquote lang="vi" { p { "“" (words) "”" }
        footer lang=(lang.code()) { "— " (lang.pick("chính văn bản này", "this document itself")) } } }
    });
    let mut now: Vec<&Reason> = reasons.iter().copied().filter(|reason| !later(reason)).collect();
    // What ended it, what else took effect, what was not counted.
    now.sort_by_key(|reason| (answer.by.as_ref() != Some(&reason.from), reason.since.is_none()));
    let mut proof: Vec<Markup> = now.iter().map(quoted).collect();
    if let Some(own) = own {
        proof.insert(if answer.until.is_none() && answer.by.is_none() { 0 } else { proof.len() }, own);
    }
    (proof, reasons.iter().filter(|reason| later(reason)).map(quoted).collect())
}

/// The sentence in which a document says from when it holds, if it names the day that was read off it.
fn own_words(document: &Document) -> Option<String> {
    let start = document.header.effective?;
    let text = &document.restored.text;
    let mut nodes = document.outline.nodes.iter().rev();
    nodes.find_map(|node| {
        let words = node.span.of(text).split_whitespace().collect::<Vec<_>>().join(" ");
        sentences(&words).find(|sentence| says(sentence, start, document.header.date)).map(str::to_owned)
    })
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(". ").map(str::trim)
}

/// Whether a sentence says that something holds from this day; `signed` is the day that *ngày ký* means.
fn says(sentence: &str, start: Date, signed: Option<Date>) -> bool {
    let folded = fold(sentence);
    let numbers: Vec<i16> =
        folded.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect();
    let named = numbers.windows(3).any(|of| *of == [i16::from(start.day()), i16::from(start.month()), start.year()]);
    let by_signing = signed == Some(start) && ["ngay ky", "ngay ban hanh"].iter().any(|words| folded.contains(words));
    folded.contains("co hieu luc") && (named || by_signing)
}

/// Asks for another day.
pub(super) fn date_form(lang: Lang, action: &str, view: &str, at: Date) -> Markup {
    html! {
        form.date action=(action) method="get" {
            label for="at" { (lang.pick("Xem tại ngày", "On another day")) }
            input #at type="date" name="at" value=(at.to_string()) min="1900-01-01" max="2200-12-31";
            @if !view.is_empty() { input type="hidden" name="view" value=(view); }
            (keep_lang(lang))
            button.quiet { (lang.pick("Xem", "Show")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_proves_the_day_that_it_names() {
        let (start, signed) = (Date::constant(2021, 7, 5), Some(Date::constant(2021, 6, 21)));
        assert!(says("Quyết định này có hiệu lực thi hành kể từ ngày 05 tháng 7 năm 2021.", start, signed));
        assert!(says("Quyết định này có hiệu lực từ ngày 05/7/2021 và thay thế Quyết định số 2.", start, signed));
        assert!(!says("Quyết định này có hiệu lực từ ngày 06/7/2021.", start, signed));
        assert!(!says("Quyết định số 2 hết hiệu lực từ ngày 05/7/2021.", start, signed));
        assert!(!says("Quyết định này có hiệu lực kể từ ngày ký.", start, signed), "that is another day");
        assert!(says("Quyết định này có hiệu lực kể từ ngày ký.", start, Some(start)));
    }
}
