//! What the report says of the graph: how many references found their document, how many
//! lineages there are, which edges that change validity came and went.

use super::report::Report;
use crate::citation::Relation;
use crate::graph::{Edge, Graph, Node, relation_name};
use petgraph::unionfind::UnionFind;
use std::collections::{BTreeSet, HashSet};

/// Relations that change what is in force.
const CHANGING: [Relation; 9] = [
    Relation::Replaces,
    Relation::ReplacedBy,
    Relation::Repeals,
    Relation::EndsEffect,
    Relation::Amends,
    Relation::AmendedBy,
    Relation::Corrects,
    Relation::Suspends,
    Relation::Consolidates,
];

/// Totals over `graph`.
pub(crate) fn tell(graph: &Graph, report: &mut Report) {
    let nodes = graph.nodes();
    let held = |n: u32| nodes[n as usize].held == Some(true);
    let mut resolved = HashSet::new();
    let mut groups = UnionFind::<usize>::new(nodes.len());
    let mut linked = BTreeSet::new();
    for edge in graph.edges() {
        if held(edge.to) && edge.source.span != [0, 0] {
            resolved.insert((edge.source.doc.as_str(), edge.source.span));
        }
        if CHANGING.contains(&edge.relation) && edge.from != edge.to {
            groups.union(edge.from as usize, edge.to as usize);
            linked.extend([edge.from, edge.to]);
        }
    }
    let lineages: BTreeSet<usize> = linked.into_iter().map(|n| groups.find(n as usize)).collect();
    report.documents.resolved = resolved.len() as u64;
    report.documents.lineages = lineages.len() as u64;
    report.documents.doubts = graph.doubts.len() as u64;
}

/// Edges gained and lost between two generations.
pub(crate) fn tell_difference(before: &Graph, now: &Graph, report: &mut Report) {
    let (before, now) = (changes(before), changes(now));
    report.lineage_gained = now.difference(&before).cloned().collect();
    report.lineage_lost = before.difference(&now).cloned().collect();
}

fn changes(graph: &Graph) -> BTreeSet<String> {
    let name = |n: u32| shown(&graph.nodes()[n as usize]);
    let changing = graph.edges().iter().filter(|edge| CHANGING.contains(&edge.relation));
    changing
        .map(|Edge { from, to, relation, .. }| format!("{} {} {}", name(*from), relation_name(*relation), name(*to)))
        .collect()
}

/// The number, or the id of what has none.
fn shown(node: &Node) -> &str {
    node.number.as_deref().unwrap_or(&node.id)
}
