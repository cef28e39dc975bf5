//! The versions of an issue, each replacing the one before, with their differences article by article.

use super::document::find;
use super::page::{self, Frame, Lang, encode, link, place_words};
use super::status::node_link;
use super::{App, Common, Open, Page, Trouble, aside, words};
use axum::extract::{Path, Query, State};
use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use vanban::citation::Relation;
use vanban::document::{Document, DocumentId};
use vanban::graph::{Lineage, NodeIndex, Relations, validity};

/// Versions of one chain that are compared.
const MOST_VERSIONS: usize = 12;
/// For the words of one article; what is not done by then is shown coarser.
const DIFF_LIMIT: Duration = Duration::from_millis(100);

/// Documents of which one replaced the next, the newest first.
fn versions(open: &Open, node: NodeIndex) -> Vec<NodeIndex> {
    const REPLACES: Relations = Relations::of(&[Relation::Replaces]);
    let mut seen = BTreeSet::from([node]);
    let mut chain = vec![node];
    // Upwards to what replaced it, then downwards to what it replaced; whole replacements only.
    for up in [true, false] {
        let mut at = node;
        while chain.len() < MOST_VERSIONS {
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

pub(super) async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(common): Query<Common>,
) -> Result<Page, Trouble> {
    aside(move || page_of(&app.current(), &id, &common)).await
}

fn page_of(open: &Open, id: &str, common: &Common) -> Result<Page, Trouble> {
    let lang = common.lang();
    let at = common.day()?;
    let (document, node) = find(open, id)?;
    let node = node.ok_or(Trouble::NotFound)?;
    let mut texts = Vec::new();
    for n in versions(open, node) {
        let held = open.graph.node(n).id.clone();
        texts.push((n, open.generation.document(&DocumentId(held))?));
    }
    let name = page::name(&document);
    let body = html! {
        p.crumb { a href=(link(lang, &format!("/doc/{}", encode(id)))) lang="vi" { (name) } }
        h1 { (lang.pick("Các đời văn bản", "Successive versions")) }
        @if texts.len() == 1 {
            p.lead { (lang.pick("Không thấy văn bản nào thay thế hay bị văn bản này thay thế.", "Nothing is known to replace it or to be replaced by it.")) }
        } @else {
            p.lead { (texts.len()) " " (lang.pick("đời, mới nhất ở trên; mỗi đời so với đời trước, từng điều một.", "versions, the newest on top; each compared with the one before, article by article.")) }
        }
        ol.timeline { @for (position, (n, text)) in texts.iter().enumerate() {
            @let known = open.graph.node(*n);
            li.here[*n == node] {
                h2 { (node_link(open, lang, &known.id)) " " (words::badge(lang, validity::status_at(&open.graph, *n, at).status.name())) }
                @if let Some(title) = &known.title { p.soft lang="vi" { (title) } }
                @if let Some((_, older)) = texts.get(position + 1) {
                    @match (older, text) {
                        (Some(older), Some(newer)) => (differences(lang, older, newer, position == 0)),
                        _ => p.small { (lang.pick("Không có cả hai bản trong kho nên không so sánh được.", "Not both texts are held, so they cannot be compared.")) },
                    }
                }
            }
        } }
    };
    let here = format!("/chain/{}", encode(id));
    let generation = open.generation.number();
    Ok(Page(page::frame(&Frame { lang, title: &name, here: &here, section: "", generation, narrow: true }, body)))
}

/// A place of a document with its text on one line.
struct Article<'d> {
    path: &'d str,
    text: String,
}

/// The articles of a document; its numbered sections where it has no articles.
fn articles(document: &Document) -> Vec<Article<'_>> {
    let nodes = &document.outline.nodes;
    let level = if nodes.iter().any(|node| node.level.name() == "dieu") { "dieu" } else { "muc_so" };
    nodes
        .iter()
        .filter(|node| node.level.name() == level)
        .map(|node| Article {
            path: &node.path,
            text: node.span.of(&document.restored.text).split_whitespace().collect::<Vec<_>>().join(" "),
        })
        .collect()
}

/// Per cent of words that two articles must share to be one and the same.
const ALIKE: usize = 45;

/// For each article of the newer text the older one it comes from: the likest first, by words and not by number.
fn pairs(new: &[Article<'_>], old: &[Article<'_>]) -> BTreeMap<usize, usize> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut bags = |articles: &[Article<'_>]| -> Vec<Vec<usize>> {
        let mut bag = |article: &Article<'_>| {
            let mut words: Vec<usize> = Vec::new();
            for word in article.text.split(' ') {
                let next = known.len();
                words.push(*known.entry(word.to_lowercase()).or_insert(next));
            }
            words.sort_unstable();
            words.dedup();
            words
        };
        articles.iter().map(&mut bag).collect()
    };
    let (new, old) = (bags(new), bags(old));
    let mut likely = Vec::new();
    for (n, words) in new.iter().enumerate() {
        for (o, others) in old.iter().enumerate() {
            let likeness = shared(words, others) * 200 / (words.len() + others.len()).max(1);
            if likeness >= ALIKE {
                likely.push((std::cmp::Reverse(likeness), n.abs_diff(o), n, o));
            }
        }
    }
    likely.sort_unstable();
    let mut pairs = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for (_, _, n, o) in likely {
        if !pairs.contains_key(&n) && taken.insert(o) {
            pairs.insert(n, o);
        }
    }
    pairs
}

/// How many numbers two sorted lists share.
fn shared(a: &[usize], b: &[usize]) -> usize {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut n = 0;
    while let (Some(left), Some(right)) = (a.peek(), b.peek()) {
        match left.cmp(right) {
            std::cmp::Ordering::Less => _ = a.next(),
            std::cmp::Ordering::Greater => _ = b.next(),
            std::cmp::Ordering::Equal => {
                n += 1;
                a.next();
                b.next();
            }
        }
    }
    n
}

fn differences(lang: Lang, older: &Document, newer: &Document, unfolded: bool) -> Markup {
    let (old, new) = (articles(older), articles(newer));
    let pairs = pairs(&new, &old);
    let dropped: Vec<&Article<'_>> = old
        .iter()
        .enumerate()
        .filter(|(o, _)| !pairs.values().any(|taken| taken == o))
        .map(|(_, article)| article)
        .collect();
    let changed = pairs.iter().filter(|(n, o)| new[**n].text != old[**o].text).count();
    let fresh = new.len() - pairs.len();
    html! {
        p.tally {
            span.changed { (changed) " " (lang.pick("điều sửa", "changed")) }
            span.fresh { (fresh) " " (lang.pick("điều mới", "new")) }
            span.dropped { (dropped.len()) " " (lang.pick("điều bỏ", "dropped")) }
            span.soft { (pairs.len() - changed) " " (lang.pick("giữ nguyên", "unchanged")) }
        }
        @if changed + fresh + dropped.len() > 0 {
            details open[unfolded] {
                summary { (lang.pick("Xem khác biệt từng điều", "Differences article by article")) }
                div.differences lang="vi" {
                    @for (n, article) in new.iter().enumerate() {
                        @match pairs.get(&n).map(|o| &old[*o]) {
                            Some(before) if before.text == article.text => {},
                            Some(before) => section {
                                h3 { (place_words(article.path))
                                    @if before.path != article.path { " " small { "← " (place_words(before.path)) } } }
                                p { (word_differences(&before.text, &article.text)) }
                            },
                            None => section {
                                h3 { (place_words(article.path)) " " small { (lang.pick("mới", "new")) } }
                                p { ins { (article.text) } }
                            },
                        }
                    }
                    @for article in &dropped {
                        section {
                            h3 { (place_words(article.path)) " " small { (lang.pick("bỏ", "dropped")) } }
                            p { del { (article.text) } }
                        }
                    }
                }
            }
        }
    }
}

/// Unchanged words between two changes that are too few to help a reader.
const ISLAND: usize = 2;
/// Texts that share less than this are shown whole, the old one and then the new one.
const FOREIGN: f32 = 0.4;

/// A stretch of two texts: unchanged where both are the same.
#[derive(Debug, Default, PartialEq)]
struct Stretch {
    old: String,
    new: String,
    changed: bool,
}

/// What changed, in stretches of whole words; small unchanged islands belong to the change around them.
fn stretches(old: &str, new: &str) -> Vec<Stretch> {
    let diff = TextDiff::configure().timeout(DIFF_LIMIT).diff_unicode_words(old, new);
    if diff.ratio() < FOREIGN {
        return vec![Stretch { old: old.to_owned(), new: new.to_owned(), changed: true }];
    }
    let mut out: Vec<Stretch> = Vec::new();
    for change in diff.iter_all_changes() {
        let changed = change.tag() != ChangeTag::Equal;
        if out.last().is_none_or(|last| last.changed != changed) {
            out.push(Stretch { changed, ..Stretch::default() });
        }
        let last = out.last_mut().expect("just pushed");
        if change.tag() != ChangeTag::Insert {
            last.old.push_str(change.value());
        }
        if change.tag() != ChangeTag::Delete {
            last.new.push_str(change.value());
        }
    }
    let mut joined: Vec<Stretch> = Vec::new();
    let n = out.len();
    for (at, stretch) in out.into_iter().enumerate() {
        let island = !stretch.changed && at > 0 && at + 1 < n && stretch.old.split_whitespace().count() <= ISLAND;
        match joined.last_mut().filter(|last| last.changed && (stretch.changed || island)) {
            Some(last) => {
                last.old.push_str(&stretch.old);
                last.new.push_str(&stretch.new);
            }
            None => joined.push(stretch),
        }
    }
    joined
}

fn word_differences(old: &str, new: &str) -> Markup {
    html! {
        @for stretch in stretches(old, new) {
            @if stretch.changed {
                @let (old, new) = (stretch.old.trim(), stretch.new.trim());
                @let blank = |at: fn(&str) -> Option<char>| [&stretch.old, &stretch.new].iter().any(|text| at(text).is_some_and(char::is_whitespace));
                // Blanks at its ends part the change from its neighbours and are no change themselves.
                @if blank(|text| text.chars().next()) { " " }
                @if !old.is_empty() { del { (old) } }
                @if !old.is_empty() && !new.is_empty() { " " }
                @if !new.is_empty() { ins { (new) } }
                @if blank(|text| text.chars().next_back()) { " " }
            } @else { (stretch.new) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_meet_by_their_words_and_not_by_their_numbers() {
        let article = |path, text: &str| Article { path, text: text.to_owned() };
        let old = [
            article("dieu:1", "phạm vi điều chỉnh của quy chế"),
            article("dieu:2", "nhiệm vụ của cấp ủy trong dân vận"),
        ];
        let new =
            [article("dieu:1", "nhiệm vụ của cấp ủy các cấp trong dân vận"), article("dieu:2", "khen thưởng, kỷ luật")];
        assert_eq!(pairs(&new, &old), BTreeMap::from([(0, 1)]));
    }

    #[test]
    fn words_taken_and_given_are_marked() {
        let old = "mức chi cho mỗi người là một triệu đồng một tháng";
        let new = "mức chi cho mỗi người là hai triệu đồng một tháng";
        let marked = word_differences(old, new).into_string();
        assert_eq!(marked, "mức chi cho mỗi người là <del>một</del> <ins>hai</ins> triệu đồng một tháng");
        let marked =
            word_differences("thay thế Quyết định của Tỉnh ủy về dân vận.", "thay thế Quyết định của Tỉnh ủy.");
        assert_eq!(marked.into_string(), "thay thế Quyết định của Tỉnh ủy <del>về dân vận</del>.");
    }

    #[test]
    fn islands_belong_to_the_change_and_foreign_texts_stand_whole() {
        let changed = |old: &str, new: &str| {
            stretches(old, new).into_iter().filter(|one| one.changed).map(|one| (one.old, one.new)).collect::<Vec<_>>()
        };
        let old = "a b c d e f ba của huyện g h i k l m";
        let new = "a b c d e f bốn của thị g h i k l m";
        assert_eq!(changed(old, new), [("ba của huyện".to_owned(), "bốn của thị".to_owned())]);
        assert_eq!(changed("một hai ba", "bốn năm sáu"), [("một hai ba".to_owned(), "bốn năm sáu".to_owned())]);
    }
}
