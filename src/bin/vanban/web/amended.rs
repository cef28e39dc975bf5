//! A document's text as amended on a day, every change marked, named and linked.

use super::page::{Lang, day};
use super::reading::flowing;
use super::status::node_link;
use super::{Open, words};
use jiff::civil::Date;
use maud::{Markup, html};
use vanban::document::{Document, DocumentId};
use vanban::graph::NodeIndex;
use vanban::graph::consolidated::{self, Change};

/// The text as the acts in effect on `at` have left it, with every change marked and named.
pub(super) fn amended(open: &Open, lang: Lang, document: &Document, node: Option<NodeIndex>, at: Date) -> Markup {
    let fetch = |id: &str| open.generation.document(&DocumentId(id.to_owned())).ok().flatten();
    let Some(view) = node.and_then(|node| consolidated::view(&open.graph, node, document, at, None, &fetch)) else {
        return html! { p.lead { (lang.pick("Không rõ văn bản đã được sửa đổi ra sao.", "Nothing is known of amendments.")) } };
    };
    html! {
        @if view.changes.is_empty() {
            p.lead { (lang.pick("Đến ngày ", "By ")) (day(lang, at)) (lang.pick(" chưa có sửa đổi nào; lời văn như khi ban hành.", " nothing had been amended; the wording is as issued.")) }
        } @else {
            h2 { (view.changes.len()) " " (lang.pick("chỗ đã thay đổi đến ngày ", "places changed by ")) (day(lang, at)) }
            div.scroll tabindex="0" role="region" aria-label=(lang.pick("Các thay đổi", "Changes")) { table.stacked {
                thead { tr {
                    th scope="col" { (lang.pick("Chỗ", "Place")) } th scope="col" { (lang.pick("Thay đổi", "Change")) }
                    th scope="col" { (lang.pick("Theo", "By")) } th scope="col" { (lang.pick("Từ ngày", "From")) } th scope="col" { (lang.pick("Ghi chú", "Note")) }
                } }
                tbody { @for change in &view.changes {
                    tr {
                        td lang="vi" { (change.locator) }
                        td { (words::action(lang, &change.action)) }
                        td { (node_link(open, lang, &change.by)) }
                        td.date { (day(lang, change.since)) }
                        td { @if !change.certain { strong { (lang.pick("Chưa chắc. ", "Uncertain. ")) } } (change.note.as_deref().map(|note| words::remark(lang, note)).unwrap_or_default()) }
                    }
                } }
            } }
        }
        article.paper lang="vi" { @for (block, change) in changed(blocks(&view.text), &view.changes) {
            @match (block, change) {
                (Block::Text(text), _) => (flowing(text)),
                (Block::Change(whole), Some(change)) => div.change {
                    (change_head(open, lang, change))
                    (flowing(&whole[change.head().len()..]))
                },
                (Block::Change(whole), None) => div.change { (flowing(whole)) },
            }
        } }
    }
}

/// What was done to a place, by which document, since when; in the page's language.
fn change_head(open: &Open, lang: Lang, change: &Change) -> Markup {
    html! {
        p.change-head lang=(lang.code()) {
            span lang="vi" { (change.locator) } ": " (words::action(lang, &change.action))
            (lang.pick(" theo ", " by ")) (node_link(open, lang, &change.by))
            (lang.pick(", từ ngày ", ", since ")) (day(lang, change.since))
            @if let Some(was) = &change.was {
                " · " del lang="vi" { (was) }
                @if let Some(new) = change.text.as_deref().filter(|text| !text.is_empty()) { " → " ins lang="vi" { (new) } }
            }
            @if let Some(note) = &change.note { " · " em { (words::remark(lang, note)) } }
        }
    }
}

/// A stretch of an amended text.
#[derive(Debug, PartialEq)]
enum Block<'t> {
    Text(&'t str),
    /// What a change says of itself, then its wording.
    Change(&'t str),
}

/// Takes an amended text apart at the lines that begin with `▶` and `◀`.
fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("▶ ").filter(|start| *start == 0 || rest[..*start].ends_with('\n')) {
        if start > 0 {
            out.push(Block::Text(&rest[..start]));
        }
        let change = &rest[start + "▶ ".len()..];
        let (change, after) = change.split_once("◀\n").unwrap_or((change, ""));
        out.push(Block::Change(change));
        rest = after;
    }
    if !rest.is_empty() {
        out.push(Block::Text(rest));
    }
    out
}

/// Each block with the change that it tells of, each change once.
fn changed<'t>(blocks: Vec<Block<'t>>, changes: &'t [Change]) -> Vec<(Block<'t>, Option<&'t Change>)> {
    let mut left: Vec<&Change> = changes.iter().collect();
    let mut of = |block: &Block<'_>| match block {
        Block::Text(_) => None,
        Block::Change(whole) => {
            let own = left.iter().position(|change| whole.starts_with(&change.head()))?;
            Some(left.remove(own))
        }
    };
    let with = |block| {
        let change = of(&block);
        (block, change)
    };
    blocks.into_iter().map(with).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amended_text_comes_apart_at_its_marks() {
        let text = "Điều 1.\n▶ Điều 2: sửa đổi\nHai triệu.\n◀\nĐiều 3.\n";
        let change = Block::Change("Điều 2: sửa đổi\nHai triệu.\n");
        assert_eq!(blocks(text), [Block::Text("Điều 1.\n"), change, Block::Text("Điều 3.\n")]);
        assert_eq!(blocks("giá ▶ 5"), [Block::Text("giá ▶ 5")]);
    }
}
