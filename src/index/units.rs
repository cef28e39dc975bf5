//! A document in, the units that are indexed out: its head, its articles, parts of long ones.
//!
//! Every byte of the restored text lies in exactly one unit.

use super::schema::StoredUnit;
use crate::document::Document;
use crate::outline::Node;
use rustc_hash::FxHashMap;

/// A unit longer than this many bytes is divided at places inside it, then at line ends.
const LONGEST: usize = 6_000;

/// A heading shorter than this many bytes goes with the first article below it.
const HEADING: usize = 400;

/// One unit, ready for the index.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unit {
    /// What is stored.
    pub(crate) stored: StoredUnit,
    /// Title or heading.
    pub(crate) head: String,
    /// Words that hold for the unit though they stand elsewhere: type, number, issuer, title, headings above.
    pub(crate) context: String,
    /// Runner-up readings and raw forms of the doubtful syllables inside.
    pub(crate) doubt: String,
}

/// Whether a place is a hit of its own.
fn opens_unit(level: &str) -> bool {
    matches!(level, "phan" | "chuong" | "muc" | "tieu_muc" | "dieu" | "muc_lama" | "muc_so" | "kem_theo" | "phu_luc")
}

/// The units of a document, the document's own first.
pub(crate) fn units(document: &Document) -> Vec<Unit> {
    let text = document.restored.text.as_str();
    // Cuts as (start, index of the node that begins there).
    let mut cuts: Vec<(usize, Option<usize>)> = vec![(0, None)];
    for (i, node) in document.outline.nodes.iter().enumerate() {
        let start = node.span.start.min(text.len());
        if !opens_unit(node.level.name()) || !text.is_char_boundary(start) || start < cuts[cuts.len() - 1].0 {
            continue;
        }
        let (before, opener) = cuts[cuts.len() - 1];
        let joins = opener.is_some_and(|opener| {
            start - before < HEADING && node.path.starts_with(&document.outline.nodes[opener].path)
        });
        match cuts.last_mut() {
            Some(last) if joins => last.1 = Some(i),
            _ => cuts.push((start, Some(i))),
        }
    }
    let identity = identity(document);
    let by_path: FxHashMap<&str, &Node> = nodes_by_path(document);
    let mut units = Vec::new();
    for (n, &(start, node)) in cuts.iter().enumerate() {
        let end = cuts.get(n + 1).map_or(text.len(), |next| next.0);
        for (part, (start, end)) in divide(document, start, end).into_iter().enumerate() {
            if start == end && !units.is_empty() {
                continue;
            }
            units.push(unit(document, &identity, &by_path, (start, end), node, part));
        }
    }
    units
}

/// What a document is called, for its head and for the context of its articles.
fn identity(document: &Document) -> String {
    let header = &document.header;
    let year = header.date.map(|date| date.year().to_string());
    [
        header.kind.as_deref(),
        header.number.as_deref(),
        header.issuer_printed.as_deref().or(header.issuer.as_deref()),
        year.as_deref(),
        header.title.as_deref(),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" \n")
}

fn nodes_by_path(document: &Document) -> FxHashMap<&str, &Node> {
    document.outline.nodes.iter().map(|node| (node.path.as_str(), node)).collect()
}

/// The nodes that begin in `[start, end)`, in order.
fn beginning(document: &Document, start: usize, end: usize) -> &[Node] {
    let nodes = &document.outline.nodes;
    let from = nodes.partition_point(|node| node.span.start < start);
    let to = nodes.partition_point(|node| node.span.start < end);
    &nodes[from..to.max(from)]
}

fn unit(
    document: &Document,
    identity: &str,
    by_path: &FxHashMap<&str, &Node>,
    (start, end): (usize, usize),
    node: Option<usize>,
    part: usize,
) -> Unit {
    let nodes = &document.outline.nodes;
    let text = &document.restored.text[start..end];
    let path = node.map(|node| nodes[node].path.clone());
    let mut context = identity.to_owned();
    let mut head = String::new();
    match node {
        Some(node) => {
            let own = &nodes[node];
            let above = own.path.match_indices('/').filter_map(|(at, _)| by_path.get(&own.path[..at]));
            for heading in above.filter_map(|above| above.heading.as_ref()) {
                context.push_str(" \n");
                context.push_str(heading);
            }
            if let Some(heading) = &own.heading {
                head.clone_from(heading);
                if part > 0 {
                    context.push_str(" \n");
                    context.push_str(heading);
                }
            }
        }
        None if part == 0 => {
            let kind = document.header.kind.as_deref().unwrap_or_default();
            let title = document.header.title.as_deref().unwrap_or_default();
            let number = document.header.number.as_deref().unwrap_or_default();
            head = format!("{kind} {title} {number}");
        }
        None => {}
    }
    let inner = beginning(document, start, end)
        .iter()
        .filter(|inner| path.as_deref().is_none_or(|path| inner.path != path))
        .map(|inner| ((inner.span.start - start) as u32, inner.path.clone()))
        .collect();
    let first = document.restored.edits.partition_point(|edit| edit.span.start < start);
    let mut doubt = String::new();
    for edit in document.restored.edits[first..].iter().take_while(|edit| edit.span.start < end) {
        for form in [edit.runner_up.as_deref(), document.source.get(edit.source.range())].into_iter().flatten() {
            doubt.push_str(form);
            doubt.push('\n');
        }
    }
    Unit { stored: StoredUnit { text: text.to_owned(), start, path, inner }, head, context, doubt }
}

/// Divides a stretch that is too long: at places inside, else after line ends, else anywhere.
fn divide(document: &Document, start: usize, end: usize) -> Vec<(usize, usize)> {
    let text = document.restored.text.as_str();
    let mut parts = Vec::new();
    let mut from = start;
    while end - from > LONGEST {
        let limit = (from + 1..=from + LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(end);
        let place = beginning(document, from + LONGEST / 4 + 1, limit + 1)
            .iter()
            .rev()
            .map(|node| node.span.start)
            .find(|at| text.is_char_boundary(*at));
        let line = text[from..limit].rfind('\n').map(|at| from + at + 1).filter(|at| *at > from + LONGEST / 4);
        let at = place.or(line).unwrap_or(limit);
        parts.push((from, at));
        from = at;
    }
    parts.push((from, end));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::DocumentId;
    use crate::outline::Level;
    use crate::text::Span;

    fn node(path: &str, level: Level, text: &str, mark: &str) -> Node {
        let start = text.find(mark).unwrap();
        let label = path.rsplit(':').next().unwrap().to_owned();
        Node { path: path.into(), level, label, heading: Some("Phạm vi".into()), span: Span::new(start, text.len()) }
    }

    #[test]
    fn every_byte_lies_in_one_unit_and_chapter_headings_go_with_the_article() {
        let text = "QUYẾT ĐỊNH\nChương I\nQUY ĐỊNH CHUNG\nĐiều 1. Phạm vi\n1. Một.\nĐiều 2. Hai\nhết";
        let mut document = Document { id: DocumentId("a".into()), ..Document::default() };
        document.restored.text = text.into();
        document.outline.nodes = vec![
            node("chuong:I", Level::Chuong, text, "Chương"),
            node("chuong:I/dieu:1", Level::Dieu, text, "Điều 1"),
            node("chuong:I/dieu:1/khoan:1", Level::Khoan, text, "1. Một"),
            node("chuong:I/dieu:2", Level::Dieu, text, "Điều 2"),
        ];
        let units = units(&document);
        let paths: Vec<_> = units.iter().map(|unit| unit.stored.path.as_deref()).collect();
        assert_eq!(paths, [None, Some("chuong:I/dieu:1"), Some("chuong:I/dieu:2")]);
        let joined: String = units.iter().map(|unit| unit.stored.text.as_str()).collect();
        assert_eq!(joined, text);
        assert_eq!(units[1].stored.inner.last().unwrap().1, "chuong:I/dieu:1/khoan:1");
    }

    #[test]
    fn long_text_is_divided_at_line_ends_without_loss() {
        let mut document = Document::default();
        document.restored.text = "một dòng văn bản khá dài để thử\n".repeat(1000);
        let units = units(&document);
        assert!(units.len() > 4);
        assert!(units.iter().all(|unit| unit.stored.text.len() <= LONGEST && unit.stored.text.ends_with('\n')));
        assert_eq!(units.iter().map(|unit| unit.stored.text.len()).sum::<usize>(), document.restored.text.len());
    }
}
