//! The last steps: what several documents say of two papers, and the graph of everything.

use super::{Body, Emit, Named, Row, Spoken, Table, row};
use crate::graph::build::weed::{doubt_the_calendar, drop_hearsay, drop_repeats};
use crate::graph::{Doubt, Edge, Graph, Node, NodeIndex};
use rustc_hash::{FxHashMap, FxHashSet};

/// What is said of one pair of papers, hearsay and repeats left out.
pub(super) fn settle(rows: Vec<Body>, emit: Emit<'_>) {
    let mut ends = None;
    let mut actors: FxHashSet<String> = FxHashSet::default();
    let mut edges: Vec<Edge> = Vec::new();
    for body in rows {
        let Body::Spoken(spoken) = body else { continue };
        let Spoken { from, to, by_actor, edge } = *spoken;
        ends.get_or_insert((from, to));
        if by_actor {
            actors.insert(edge.source.doc.clone());
        }
        // Each row comes with the numbers of its own document.
        edges.push(Edge { from: 0, to: 1, ..edge });
    }
    let Some((from, to)) = ends else { return };
    drop_hearsay(&mut edges, |edge| actors.contains(&edge.source.doc));
    for (n, edge) in drop_repeats(edges).into_iter().enumerate() {
        let by_actor = actors.contains(&edge.source.doc);
        let spoken = Spoken { from: from.clone(), to: to.clone(), by_actor, edge };
        emit(row(Table::Edges, from.clone(), format!("{n:08}"), Body::Spoken(Box::new(spoken))));
    }
}

/// The graph of all rows of the tables node, made, term, edges and doubts, in any order: the one
/// that [`Graph::from_facts`] makes of the same facts.
pub fn join(rows: impl IntoIterator<Item = Row>) -> Graph {
    let mut held: Vec<Node> = Vec::new();
    let mut made: Vec<(String, Node)> = Vec::new();
    let mut terms: FxHashMap<String, String> = FxHashMap::default();
    let mut said: Vec<(Spoken, String)> = Vec::new();
    let mut doubts: Vec<Doubt> = Vec::new();
    for Row { body, order, .. } in rows {
        match body {
            Body::Node(node) => held.push(*node),
            Body::Made(Named { draft, .. }, order) => made.push((order, draft.node)),
            Body::Learned { id, term, .. } => {
                terms.insert(id, term);
            }
            Body::Spoken(spoken) => said.push((*spoken, order)),
            Body::Doubt(doubt) => doubts.push(doubt),
            _ => {}
        }
    }
    held.sort_by(|a, b| a.id.cmp(&b.id));
    // One document may make several papers in one clause; it makes them in the order of their rows.
    made.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut nodes = held;
    for node in &mut nodes {
        node.term = terms.remove(&node.id);
    }
    nodes.extend(made.into_iter().map(|(_, node)| node));
    let by_id: FxHashMap<&str, NodeIndex> =
        nodes.iter().enumerate().map(|(n, node)| (node.id.as_str(), n as NodeIndex)).collect();
    let mut edges: Vec<(Edge, String)> = said
        .into_iter()
        .filter_map(|(Spoken { from, to, edge, .. }, order)| {
            let ends = by_id.get(from.as_str()).zip(by_id.get(to.as_str()));
            ends.map(|(from, to)| (Edge { from: *from, to: *to, ..edge }, order))
        })
        .collect();
    edges.sort_by(|(a, a_order), (b, b_order)| {
        let key = |edge: &Edge| (edge.from, edge.relation, edge.to, edge.source.span);
        key(a).cmp(&key(b)).then_with(|| a.locator.cmp(&b.locator)).then_with(|| a_order.cmp(b_order))
    });
    let edges: Vec<Edge> = edges.into_iter().map(|(edge, _)| edge).collect();
    doubt_the_calendar(&nodes, &edges, &mut doubts);
    doubts.sort_by(|a, b| (&a.doc, &a.kind, &a.note).cmp(&(&b.doc, &b.kind, &b.note)));
    doubts.dedup();
    Graph::from_parts(nodes, edges, doubts)
}
