//! What a night changed: edges and statuses gained and lost, per document.

use super::trace::short_name;
use super::validity::{self, ENDINGS};
use super::{Edge, Graph, Lineage, NodeIndex, Relations, relation_name};
use crate::citation::Relation;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Change {
    /// Id of the document concerned.
    pub doc: String,
    /// What people call it.
    pub name: String,
    /// `edge_gained`, `edge_lost` or `status`.
    pub kind: String,
    /// For a person: `446-QĐ/TU replaces 84-QĐ/TU`, or `in_force → expired from 2021-11-26`.
    pub what: String,
}

/// Relations worth a reviewer's morning.
const TOLD: Relations = ENDINGS.or(Relations::of(&[
    Relation::Amends,
    Relation::AmendedBy,
    Relation::Corrects,
    Relation::Suspends,
    Relation::Consolidates,
    Relation::Details,
]));

/// Edges that change validity, and statuses on the day `at`, that differ between two graphs; by document.
///
/// Statuses are compared where an edge changed and where one can have spread: up to `DEPTH` steps along such edges.
pub fn between(before: &Graph, now: &Graph, at: Date) -> Vec<Change> {
    let (old, new) = (told(before), told(now));
    let mut changes = Vec::new();
    let mut touched: BTreeSet<&str> = BTreeSet::new();
    for (one, other, kind) in [(&new, &old, "edge_gained"), (&old, &new, "edge_lost")] {
        for (key, words) in one.iter().filter(|(key, _)| !other.contains_key(*key)) {
            touched.extend([key.0, key.1]);
            let graph = if kind == "edge_gained" { now } else { before };
            changes.push(Change {
                doc: key.1.to_owned(),
                name: name(graph, key.1),
                kind: kind.to_owned(),
                what: words.clone(),
            });
        }
    }
    let mut ids: BTreeSet<String> = touched.iter().map(|id| (*id).to_owned()).collect();
    for graph in [before, now] {
        ids.extend(touched.iter().flat_map(|id| spread(graph, id)));
    }
    for id in ids {
        let told = |graph: &Graph| graph.by_id(&id).map(|n| status(graph, n, at));
        if let (was, Some(is)) = (told(before), told(now))
            && was.as_ref() != Some(&is)
        {
            let what = match was {
                Some(was) => format!("{was} → {is}"),
                None => is,
            };
            changes.push(Change { doc: id.clone(), name: name(now, &id), kind: "status".to_owned(), what });
        }
    }
    changes.sort();
    changes
}

/// Steps along which an end can take others with it.
const DEPTH: usize = 3;

type Key<'g> = (&'g str, &'g str, Relation, Option<&'g str>);

fn told(graph: &Graph) -> BTreeMap<Key<'_>, String> {
    let id = |n: NodeIndex| graph.nodes()[n as usize].id.as_str();
    let shown = |n: NodeIndex| short_name(&graph.nodes()[n as usize]);
    let edges = graph.edges().iter().filter(|edge| TOLD.has(edge.relation));
    edges
        .map(|edge: &Edge| {
            let place = edge.locator.as_deref().map(|words| format!(" ({words})")).unwrap_or_default();
            let words = format!("{} {} {}{place}", shown(edge.from), relation_name(edge.relation), shown(edge.to));
            ((id(edge.from), id(edge.to), edge.relation, edge.locator.as_deref()), words)
        })
        .collect()
}

/// Documents whose status can hang on that of `id`.
fn spread(graph: &Graph, id: &str) -> Vec<String> {
    let mut found: Vec<NodeIndex> = graph.by_id(id).into_iter().collect();
    let mut from = 0;
    for _ in 0..DEPTH {
        let until = found.len();
        for k in from..until {
            let n = found[k];
            // What it acts upon, and what details it.
            let next = graph.outgoing(n, TOLD).into_iter().map(|edge| edge.to);
            let next = next.chain(graph.incoming(n, TOLD).into_iter().map(|edge| edge.from));
            for other in next.collect::<Vec<_>>() {
                if !found.contains(&other) {
                    found.push(other);
                }
            }
        }
        from = until;
    }
    found.into_iter().map(|n| graph.nodes()[n as usize].id.clone()).collect()
}

fn status(graph: &Graph, n: NodeIndex, at: Date) -> String {
    let answer = validity::status_at(graph, n, at);
    let until = answer.until.map(|day| format!(" from {day}")).unwrap_or_default();
    let error = answer.error.map(|error| format!(" ({error})")).unwrap_or_default();
    format!("{}{until}{error}", answer.status.name())
}

fn name(graph: &Graph, id: &str) -> String {
    graph.by_id(id).map_or_else(|| id.to_owned(), |n| short_name(&graph.nodes()[n as usize]).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_and_the_status_it_changes_are_told() {
        let docs = r#""docs":[{"id":"a","number":"84-QĐ/TU","date":"2011-03-04","effective":"2011-03-04"},
            {"id":"b","number":"446-QĐ/TU","date":"2021-11-26","effective":"2021-11-26"}]"#;
        let before = Graph::from_json(&format!("{{{docs},\"edges\":[]}}")).unwrap();
        let edge = r#"{"from":"b","to":"a","relation":"replaces"}"#;
        let now = Graph::from_json(&format!("{{{docs},\"edges\":[{edge}]}}")).unwrap();
        let at = Date::constant(2022, 1, 1);
        let told: Vec<String> =
            between(&before, &now, at).into_iter().map(|c| format!("{} {}", c.kind, c.what)).collect();
        assert_eq!(told, ["edge_gained 446-QĐ/TU replaces 84-QĐ/TU", "status in_force → expired from 2021-11-26"]);
        let lost = between(&now, &before, at);
        assert_eq!(lost[0].kind, "edge_lost");
        assert!(between(&now, &now, at).is_empty());
    }
}
