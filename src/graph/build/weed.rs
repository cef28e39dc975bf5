//! Edges that say nothing of their own, and those that cannot be.

use crate::citation::Relation;
use crate::graph::{Doubt, Edge, Node, NodeIndex};
use rustc_hash::{FxHashMap, FxHashSet};

/// “bãi bỏ một phần” in a title says nothing where the articles name the places.
pub(super) fn drop_vague(edges: &mut Vec<Edge>, first: usize) {
    let vague = |edge: &Edge| edge.locator.as_deref() == Some("một phần");
    let exact: Vec<(NodeIndex, NodeIndex)> = edges[first..]
        .iter()
        .filter(|edge| edge.locator.is_some() && !vague(edge) && edge.relation != Relation::Cites)
        .map(|edge| (edge.from, edge.to))
        .collect();
    if exact.is_empty() {
        return;
    }
    let mut n = 0..;
    edges.retain(|edge| n.next() < Some(first) || !vague(edge) || !exact.contains(&(edge.from, edge.to)));
}

/// What another document reports of an act is left out where the acting document itself tells it.
pub(super) fn drop_hearsay(edges: &mut Vec<Edge>, told_by_actor: impl Fn(&Edge) -> bool) {
    let own: FxHashSet<(NodeIndex, NodeIndex, bool)> = edges
        .iter()
        .filter(|edge| edge.relation != Relation::Cites && told_by_actor(edge))
        .map(|edge| (edge.from, edge.to, edge.relation == Relation::Suspends))
        .collect();
    edges.retain(|edge| {
        told_by_actor(edge) || !own.contains(&(edge.from, edge.to, edge.relation == Relation::Suspends))
    });
}

/// Title, preamble and articles often say the same: the first is kept, the surest if they differ in that.
pub(super) fn drop_repeats(edges: Vec<Edge>) -> Vec<Edge> {
    let mut kept: Vec<Edge> = Vec::with_capacity(edges.len());
    let mut seen: FxHashMap<(NodeIndex, NodeIndex, Relation, Option<String>, bool), usize> = FxHashMap::default();
    for edge in edges {
        let key = (edge.from, edge.to, edge.relation, edge.locator.clone(), edge.restores);
        match seen.get(&key) {
            None => {
                seen.insert(key, kept.len());
                kept.push(edge);
            }
            Some(n) => {
                let before = &mut kept[*n];
                if edge.confidence > before.confidence || (before.since.is_none() && edge.since.is_some()) {
                    *before = edge;
                }
            }
        }
    }
    kept
}

/// Acts upon documents that did not exist yet.
pub(super) fn doubt_the_calendar(nodes: &[Node], edges: &[Edge], doubts: &mut Vec<Doubt>) {
    for edge in edges {
        let (from, to) = (&nodes[edge.from as usize], &nodes[edge.to as usize]);
        let acts = crate::graph::validity::ENDINGS.has(edge.relation) && edge.relation != Relation::ReplacedBy;
        if let (true, Some(own), Some(other)) = (acts, from.date, to.date)
            && own < other
        {
            doubts.push(Doubt {
                doc: edge.source.doc.clone(),
                kind: "replacer_older_than_target".to_owned(),
                note: format!("{} of {own} acts upon {} of {other}", from.id, to.id),
                candidates: Vec::new(),
            });
        }
    }
}
