//! The lineage of a document as picture and table, and the chain of its versions with their differences.

use super::document::{find, node_link, status_box};
use super::page::{self, Frame, Lang, badge, encode, link, relation_words};
use super::{App, Common, Open, Page, Trouble};
use axum::extract::{Path, Query, State};
use jiff::civil::Date;
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;
use similar::{ChangeTag, TextDiff};
use std::collections::BTreeSet;
use vanban::citation::Relation;
use vanban::document::{Document, DocumentId};
use vanban::graph::{Lineage, NodeIndex, Relations, relation_name, svg, trace, validity};

/// Nodes beyond which a picture helps nobody.
const MOST_NODES: usize = 60;

/// Parameters of a lineage page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    lang: Option<String>,
    at: Option<String>,
    depth: Option<usize>,
    relations: Option<String>,
}

/// Relations that change what is in force.
const CHANGES: Relations = Relations::of(&[
    Relation::Replaces,
    Relation::ReplacedBy,
    Relation::Repeals,
    Relation::EndsEffect,
    Relation::Amends,
    Relation::AmendedBy,
    Relation::Corrects,
    Relation::Suspends,
    Relation::Consolidates,
]);

/// Relations along which authority flows.
const AUTHORITY: Relations =
    CHANGES.or(Relations::of(&[Relation::Basis, Relation::Implements, Relation::Details, Relation::Guides]));

pub(super) async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Page, Trouble> {
    let open = app.current()?;
    let common = Common { lang: asked.lang.clone(), at: asked.at.clone() };
    let lang = common.lang();
    let at = common.day().ok_or(Trouble::BadRequest("`at` must be a date, YYYY-MM-DD"))?;
    let (document, node) = find(&open, &id)?;
    let node = node.ok_or(Trouble::NotFound)?;
    let depth = asked.depth.unwrap_or(2).clamp(1, 4);
    let chosen = asked.relations.as_deref().unwrap_or("changes");
    let relations = match chosen {
        "authority" => AUTHORITY,
        "all" => Relations::ALL,
        _ => CHANGES,
    };
    let near = trace::trace(&open.graph, node, &trace::Reach { depth, relations, at, limit: MOST_NODES });
    let picture = svg::draw(&near, &svg::Style { link_prefix: Some("/lineage/".to_owned()) }).svg;
    let own = format!("/lineage/{}", encode(&id));
    let name = page::name(&document);
    let option = |value: &str, label: &str| {
        html! { option value=(value) selected[value == chosen] { (label) } }
    };
    let body = html! {
        p.meta { a href=(link(lang, &format!("/doc/{}", encode(&id)))) { (name) } }
        h1 { (lang.pick("Lược đồ ", "Lineage of ")) (name) }
        form.toolbar action=(own) method="get" {
            label for="at" { (lang.pick("Tính đến ngày", "As of")) }
            input #at type="date" name="at" value=(at.to_string());
            label for="depth" { (lang.pick("Xa", "Depth")) }
            input #depth type="number" name="depth" min="1" max="4" value=(depth);
            label for="relations" { (lang.pick("Quan hệ", "Relations")) }
            select #relations name="relations" {
                (option("changes", lang.pick("thay đổi hiệu lực", "changes of effect")))
                (option("authority", lang.pick("cả căn cứ, thực hiện, hướng dẫn", "bases and implementation too")))
                (option("all", lang.pick("tất cả, kể cả dẫn chiếu", "all, citations too")))
            }
            @if lang == Lang::En { input type="hidden" name="lang" value="en"; }
            button.quiet { (lang.pick("Vẽ lại", "Redraw")) }
            a href={ "/api/v1/lineage?document=" (encode(&id)) "&depth=" (depth) } { "JSON" }
        }
        (status_box(&open, lang, &validity::status_at(&open.graph, node, at), at))
        div.picture tabindex="0" aria-label=(lang.pick("Hình lược đồ; bảng bên dưới nói cùng nội dung", "The picture; the table below says the same")) { (PreEscaped(picture)) }
        h2 { (lang.pick("Cùng nội dung, dạng bảng", "The same as a table")) }
        (table(&open, lang, node, relations, at))
    };
    let here = format!("{own}?at={at}&depth={depth}&relations={chosen}");
    let frame =
        Frame { lang, title: &name, here: &here, section: "", generation: open.generation.number(), narrow: false };
    Ok(Page(page::frame(&frame, body)))
}

/// What the document does and what is done to it, one row an edge.
fn table(open: &Open, lang: Lang, node: NodeIndex, relations: Relations, at: Date) -> Markup {
    let rows: Vec<_> =
        open.graph.outgoing(node, relations).into_iter().chain(open.graph.incoming(node, relations)).collect();
    html! {
        div.scroll { table {
            thead { tr {
                th { (lang.pick("Văn bản", "Document")) } th { (lang.pick("làm gì", "does")) }
                th { (lang.pick("Văn bản", "Document")) } th { (lang.pick("Chỗ", "Place")) } th { (lang.pick("Câu làm chứng", "Proving sentence")) }
            } }
            tbody { @for edge in rows {
                @let (from, to) = (open.graph.node(edge.from), open.graph.node(edge.to));
                tr {
                    td { (node_link(open, lang, &from.id)) }
                    td { (relation_words(lang, relation_name(edge.relation))) }
                    td { (node_link(open, lang, &to.id)) " " (badge(lang, validity::status_at(&open.graph, edge.to, at).status.name())) }
                    td { (edge.locator.as_deref().unwrap_or("")) }
                    td lang="vi" { small { (edge.sentence) @if let Some(why) = &edge.why { " · " em { (why) } } } }
                }
            } }
        } }
    }
}

/// Documents of which one replaced the next, the newest first.
fn versions(open: &Open, node: NodeIndex) -> Vec<NodeIndex> {
    const REPLACES: Relations = Relations::of(&[Relation::Replaces]);
    let mut seen = BTreeSet::from([node]);
    let mut chain = vec![node];
    // Upwards to what replaced it, then downwards to what it replaced; whole replacements only.
    for up in [true, false] {
        let mut at = node;
        loop {
            let edges = if up { open.graph.incoming(at, REPLACES) } else { open.graph.outgoing(at, REPLACES) };
            let next = edges
                .iter()
                .filter(|edge| edge.locator.is_none())
                .map(|edge| if up { edge.from } else { edge.to })
                .find(|next| !seen.contains(next));
            let Some(next) = next else { break };
            seen.insert(next);
            if up {
                chain.insert(0, next);
            } else {
                chain.push(next);
            }
            at = next;
        }
    }
    chain
}

pub(super) async fn chain(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(common): Query<Common>,
) -> Result<Page, Trouble> {
    let open = app.current()?;
    let lang = common.lang();
    let at = common.day().ok_or(Trouble::BadRequest("`at` must be a date, YYYY-MM-DD"))?;
    let (document, node) = find(&open, &id)?;
    let node = node.ok_or(Trouble::NotFound)?;
    let mut texts = Vec::new();
    for n in versions(&open, node) {
        let held = open.graph.node(n).id.clone();
        texts.push((n, open.generation.document(&DocumentId(held))?));
    }
    let name = page::name(&document);
    let body = html! {
        p.meta { a href=(link(lang, &format!("/doc/{}", encode(&id)))) { (name) } }
        h1 { (lang.pick("Các đời văn bản", "Successive versions")) }
        @if texts.len() == 1 { p.lead { (lang.pick("Không thấy văn bản nào thay thế hay bị văn bản này thay thế.", "Nothing is known to replace it or to be replaced by it.")) } }
        ol.timeline { @for (position, (n, text)) in texts.iter().enumerate() {
            @let id = open.graph.node(*n).id.clone();
            li {
                h2 { (node_link(&open, lang, &id)) " " (badge(lang, validity::status_at(&open.graph, *n, at).status.name())) }
                @if let Some(title) = &open.graph.node(*n).title { p.lead lang="vi" { (title) } }
                @if let Some((_, older)) = texts.get(position + 1) {
                    @match (older, text) {
                        (Some(older), Some(newer)) => {
                            details open[position == 0] {
                                summary { (lang.pick("Khác gì so với đời trước", "Differences from the version before")) }
                                (differences(lang, older, newer))
                            }
                        }
                        _ => p.small { (lang.pick("Không có cả hai bản trong kho nên không so sánh được.", "Not both texts are held, so they cannot be compared.")) },
                    }
                }
            }
        } }
    };
    let here = format!("/chain/{}", encode(&id));
    let frame =
        Frame { lang, title: &name, here: &here, section: "", generation: open.generation.number(), narrow: true };
    Ok(Page(page::frame(&frame, body)))
}

/// Articles of a document by path, with their text on one line.
fn articles(document: &Document) -> Vec<(&str, String)> {
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    document
        .outline
        .nodes
        .iter()
        .filter(|node| node.level.name() == "dieu" || node.level.name() == "muc_so")
        .map(|node| (node.path.as_str(), flat(node.span.of(&document.restored.text))))
        .collect()
}

/// For an article of the newer text, the likest of the older one: same words rather than same number.
fn likest<'a>(article: &str, among: &'a [(&'a str, String)], taken: &BTreeSet<usize>) -> Option<usize> {
    let words: BTreeSet<&str> = article.split(' ').collect();
    let likeness = |other: &str| {
        let others: BTreeSet<&str> = other.split(' ').collect();
        let shared = words.intersection(&others).count();
        shared * 200 / (words.len() + others.len()).max(1)
    };
    (0..among.len())
        .filter(|n| !taken.contains(n))
        .map(|n| (likeness(&among[n].1), std::cmp::Reverse(n)))
        .max()
        .filter(|(likeness, _)| *likeness >= 45)
        .map(|(_, n)| n.0)
}

fn differences(lang: Lang, older: &Document, newer: &Document) -> Markup {
    let (old, new) = (articles(older), articles(newer));
    let mut taken = BTreeSet::new();
    let pairs: Vec<Option<usize>> = new
        .iter()
        .map(|(_, text)| {
            likest(text, &old, &taken).inspect(|n| {
                taken.insert(*n);
            })
        })
        .collect();
    html! {
        @for ((path, text), from) in new.iter().zip(pairs) {
            @match from.map(|n| &old[n]) {
                Some((before, was)) => @if was != text {
                    h3 lang="vi" { (page::place_words(path)) @if before != path { small { " ← " (page::place_words(before)) } } }
                    p lang="vi" { (word_differences(was, text)) }
                },
                None => { h3 lang="vi" { (page::place_words(path)) small { " " (lang.pick("mới", "new")) } } p lang="vi" { ins { (text) } } }
            }
        }
        @for (_, (path, text)) in old.iter().enumerate().filter(|(n, _)| !taken.contains(n)) {
            h3 lang="vi" { (page::place_words(path)) small { " " (lang.pick("bỏ", "dropped")) } }
            p lang="vi" { del { (text) } }
        }
    }
}

fn word_differences(old: &str, new: &str) -> Markup {
    let diff = TextDiff::configure().timeout(std::time::Duration::from_millis(200)).diff_words(old, new);
    html! {
        @for change in diff.iter_all_changes() {
            @match change.tag() {
                ChangeTag::Equal => (change.value()),
                ChangeTag::Delete => del { (change.value()) },
                ChangeTag::Insert => ins { (change.value()) },
            }
        }
    }
}
