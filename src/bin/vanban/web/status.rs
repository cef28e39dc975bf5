//! What holds of a document on a day, with the sentences that prove it; documents of the graph by name.

use super::page::{Lang, day, encode, keep_lang, link};
use super::{Open, words};
use jiff::civil::Date;
use maud::{Markup, html};
use vanban::graph::Lineage;
use vanban::graph::validity::Answer;

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
            @if let Some(date) = node.date { " " span.soft { "(" (day(date)) ")" } }
        }
    }
}

/// Status on a day with the sentences that prove it.
pub(super) fn status_box(open: &Open, lang: Lang, answer: &Answer, at: Date, form: Markup) -> Markup {
    let tone = match answer.status.name() {
        "in_force" => "good",
        "expired" | "void" => "bad",
        "partly_expired" | "suspended" | "not_yet" => "warn",
        _ => "plain",
    };
    let proof: Vec<Markup> = answer
        .why
        .iter()
        .filter(|reason| !reason.sentence.is_empty())
        .map(|reason| {
            html! { blockquote lang="vi" { p { "“" (reason.sentence) "”" } footer { "— " (node_link(open, lang, &reason.from)) } } }
        })
        .collect();
    html! {
        section.status.(tone) aria-label=(lang.pick("Hiệu lực", "Status")) {
            div.verdict {
                p { strong.word { (words::status(lang, answer.status.name())) } " "
                    span.soft { (lang.pick("tính đến ", "as of ")) (day(at)) } }
                (form)
            }
            @if answer.until.is_some() || answer.by.is_some() {
                p {
                    @match answer.until {
                        Some(until) => { (lang.pick("Không còn hiệu lực từ ", "No longer in force from ")) (day(until)) },
                        None => (lang.pick("Không còn hiệu lực", "No longer in force")),
                    }
                    @if answer.status.name() == "partly_expired" { " " (lang.pick("ở một số chỗ", "in places")) }
                    @if let Some(by) = &answer.by { (lang.pick(", theo ", ", by ")) (node_link(open, lang, by)) }
                    "."
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
            @if proof.len() > 1 {
                details {
                    summary { (lang.pick("Các câu làm chứng khác", "More proving sentences")) " (" (proof.len() - 1) ")" }
                    @for sentence in &proof[1..] { (sentence) }
                }
            }
            @if let Some(rule) = &answer.rule { p.small { (words::remark(lang, rule)) } }
        }
    }
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
