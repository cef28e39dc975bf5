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
