//! A document as the archive reads it: where its references lead, and which numbers were probably meant.

use super::{Lineage, NodeIndex, Relations, number_key};
use crate::citation::Target;
use crate::document::Document;
use crate::text::{CharCounter, Defect};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// Fills in what only the archive knows: the held document each reference leads to, and the likely
/// number where the printed one is no paper's, with the reason among the defects.
///
/// A reference that the graph does not link stays as the page has it.
pub fn link(graph: &impl Lineage, document: &mut Document) {
    let Some(owner) = graph.find(&document.id.0).first().copied() else { return };
    let edges = graph.outgoing(owner, Relations::ALL);
    let mut by_span: FxHashMap<[usize; 2], (NodeIndex, Option<String>)> = FxHashMap::default();
    for edge in edges.into_iter().map(Cow::into_owned).filter(|edge| edge.source.doc == document.id.0) {
        by_span.entry(edge.source.span).or_insert((edge.to, edge.why));
    }
    let counter = CharCounter::new(&document.source);
    let mut found: Vec<Option<(NodeIndex, Option<String>)>> = Vec::with_capacity(document.citations.len());
    // What is said twice has one edge: the number then leads where it led the first time.
    let mut by_number: FxHashMap<String, NodeIndex> = FxHashMap::default();
    for citation in &document.citations {
        let span = document.restored.source_span(citation.span);
        let span = [counter.chars_before(span.start), counter.chars_before(span.end)];
        let known = by_span.get(&span).cloned();
        if let (Some((to, _)), Some(number)) = (&known, &citation.number) {
            by_number.entry(number_key(number)).or_insert(*to);
        }
        found.push(known);
    }
    for (citation, known) in document.citations.iter_mut().zip(found) {
        if citation.target == Target::SelfDocument {
            continue;
        }
        let again = || Some((*by_number.get(&number_key(citation.number.as_deref()?))?, None));
        let Some((to, why)) = known.or_else(again) else { continue };
        let node = graph.node(to);
        if node.held == Some(true) {
            citation.target = Target::Held(node.id.clone());
        }
        let (Some(printed), Some(meant)) = (&citation.number, &node.number) else { continue };
        if citation.likely.is_some() || number_key(printed) == number_key(meant) {
            continue;
        }
        citation.likely = Some(meant.clone());
        if let Some(note) = why {
            let at = document.restored.source_span(citation.span).start;
            let line = document.source[..at].matches('\n').count() + 1;
            document.defects.push(Defect { kind: "number".into(), line, note });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::citation::{self, OwnNames};
    use crate::document::{DocumentId, header};
    use crate::graph::Graph;
    use crate::outline;

    fn read(id: &str, text: &str) -> Document {
        let outline = outline::parse(text);
        let header = header::read(text, &outline);
        let own = OwnNames {
            number: header.number.clone(),
            kind: header.kind.clone(),
            issuer: header.issuer.clone(),
            date: header.date,
        };
        let resolved = citation::read(text, &outline, &own);
        let mut document = Document { id: DocumentId(id.into()), source: text.into(), ..Document::default() };
        document.restored.text = text.into();
        (document.header, document.outline) = (header, outline);
        (document.citations, document.defects) = (resolved.citations, resolved.defects);
        document
    }

    #[test]
    fn a_record_says_which_number_was_meant_and_where_it_leads() {
        let held = read(
            "a.txt",
            "TỈNH ỦY SÔNG THAO\nSố 84-QĐ/TU\nPhong Châu, ngày 04 tháng 3 năm 2011\nQUY ĐỊNH\nchế độ thông tin, báo \
             cáo của các cấp ủy\n\nĐiều 1. Phạm vi\nQuy định này áp dụng trong tỉnh.\n\nT/M BAN THƯỜNG VỤ\nBÍ THƯ\n\
             Nguyễn Văn An\n",
        );
        let mut citing = read(
            "b.txt",
            "TỈNH ỦY SÔNG THAO\nSố 446-QĐ/TU\nPhong Châu, ngày 26 tháng 11 năm 2021\nQUYẾT ĐỊNH\nban hành Quy chế\n\n\
             Điều 1. Quyết định này thay thế Quy định số 34-QĐ/TU, ngày 04/3/2011 của Ban Thường vụ Tỉnh ủy.\n\
             Điều 2. Bãi bỏ khoản 2 Điều 1 Quy định số 34-QĐ/TU.\n",
        );
        let graph = Graph::new([&held, &citing]);
        link(&graph, &mut citing);
        for citation in citing.citations.iter().filter(|citation| citation.number.as_deref() == Some("34-QĐ/TU")) {
            assert_eq!(citation.likely.as_deref(), Some("84-QĐ/TU"));
            assert_eq!(citation.target, Target::Held("a.txt".into()));
        }
        let said = citing.defects.iter().find(|defect| defect.note.contains("84-QĐ/TU")).expect("a reason is given");
        assert!(said.kind == "number" && said.line == 7, "{said:?}");
    }
}
