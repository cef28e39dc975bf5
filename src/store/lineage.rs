//! What the report says of the graph: how many references found their document, how many
//! lineages there are, which edges that change validity came and went.

use super::report::Report;
use crate::citation::Relation;
use crate::graph::file::GraphFile;
use crate::graph::{Graph, Lineage, Node, Relations, relation_name};
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

/// Edges gained and lost between two generations, among those that the documents named in `report`
/// as new, changed, renamed or removed speak of: what nobody touched says what it said.
pub(crate) fn tell_difference(before: &GraphFile, now: &Graph, report: &mut Report) {
    let renamed = report.renamed.iter().flat_map(|(old, new)| [old, new]);
    let touched: HashSet<&str> =
        report.added.iter().chain(&report.changed).chain(&report.removed).chain(renamed).map(String::as_str).collect();
    let (lost, gained) = (changes(before, &touched), changes(now, &touched));
    report.lineage_gained = gained.difference(&lost).cloned().collect();
    report.lineage_lost = lost.difference(&gained).cloned().collect();
}

fn changes(graph: &dyn Lineage, touched: &HashSet<&str>) -> BTreeSet<String> {
    let mut changes = BTreeSet::new();
    for n in 0..graph.node_count() as u32 {
        for edge in graph.outgoing(n, Relations::of(&CHANGING)) {
            if touched.contains(edge.source.doc.as_str()) {
                let (from, to) = (graph.node(edge.from), graph.node(edge.to));
                changes.insert(format!("{} {} {}", shown(&from), relation_name(edge.relation), shown(&to)));
            }
        }
    }
    changes
}

/// The number, or the id of what has none.
fn shown(node: &Node) -> &str {
    node.number.as_deref().unwrap_or(&node.id)
}
