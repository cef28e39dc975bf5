//! What a night changed: edges and statuses gained and lost, per document.

use super::trace::short_name;
use super::validity::{self, ENDINGS};
use super::{EdgeIndex, Lineage, NodeIndex, Relations, relation_name};
use crate::citation::Relation;
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

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

/// A graph and the day on which it was asked.
#[derive(Clone, Copy)]
pub struct Side<'g> {
    /// The graph.
    pub graph: &'g dyn Lineage,
    /// The day.
    pub at: Date,
}

/// Relations worth a reviewer's morning.
const TOLD: Relations = Relations::CHANGES.or(Relations::of(&[Relation::Details]));

/// Along which an end can take others with it, and a basis be lost.
const SPREADS: Relations = TOLD.or(Relations::of(&[Relation::Basis, Relation::Guides, Relation::Implements]));

/// Steps along which an end can take others with it.
const DEPTH: usize = 3;

/// Documents looked at around one change; what a whole code of law carries along is not one morning's page.
const MOST_AROUND: usize = 2_000;

/// Edges that change validity, and statuses, that differ between two graphs; by document.
///
/// A status may differ because an edge came or went near it, or because its day has come
/// between the two days asked. Time is linear in the graphs.
pub fn between(before: Side<'_>, now: Side<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut touched: BTreeSet<String> = BTreeSet::new();
    let (old, new) = (edges_told(before.graph), edges_told(now.graph));
    for (one, other, graph, kind) in [(&new, &old, now.graph, "edge_gained"), (&old, &new, before.graph, "edge_lost")] {
        for (_, edge) in one.iter().filter(|(key, _)| !other.contains_key(key)) {
            let edge = graph.edge(*edge);
            let (from, to) = (graph.node(edge.from), graph.node(edge.to));
            touched.extend([from.id.clone(), to.id.clone()]);
            let place = edge.locator.as_deref().map(|words| format!(" ({words})")).unwrap_or_default();
            let acts = if edge.restores { "restores" } else { relation_name(edge.relation) };
            changes.push(Change {
                doc: to.id.clone(),
                name: short_name(&to).to_owned(),
                kind: kind.to_owned(),
                what: format!("{} {acts} {}{place}", short_name(&from), short_name(&to)),
            });
        }
    }
    let mut ids: BTreeSet<String> = touched.iter().flat_map(|id| around(before.graph, id)).collect();
    ids.extend(touched.iter().flat_map(|id| around(now.graph, id)));
    ids.extend(whose_day_has_come(now.graph, before.at, now.at));
    for id in ids {
        let status = |side: Side<'_>| Some(status(side, *side.graph.find(&id).first()?));
        if let (was, Some(is)) = (status(before), status(now))
            && was.as_ref() != Some(&is)
        {
            let what = was.map_or_else(|| is.clone(), |was| format!("{was} → {is}"));
            let name = now.graph.find(&id).first().map(|n| short_name(&now.graph.node(*n)).to_owned());
            let name = name.unwrap_or_else(|| id.clone());
            changes.push(Change { doc: id, name, kind: "status".to_owned(), what });
        }
    }
    changes.sort();
    changes.dedup();
    changes
}

/// Every edge worth telling, under a key that is the same for the same statement in another graph.
fn edges_told(graph: &dyn Lineage) -> FxHashMap<u64, EdgeIndex> {
    let mut told = FxHashMap::default();
    let names: Vec<u64> = (0..graph.node_count() as NodeIndex).map(|n| graph.name_hash(n)).collect();
    for n in 0..graph.node_count() as NodeIndex {
        for link in graph.links_out(n, TOLD, usize::MAX) {
            let edge = graph.edge(link.edge);
            let mut hasher = FxHasher::default();
            (names[edge.from as usize], names[edge.to as usize]).hash(&mut hasher);
            (edge.relation, &edge.locator, edge.restores).hash(&mut hasher);
            told.entry(hasher.finish()).or_insert(link.edge);
        }
    }
    told
}

/// Documents whose status can hang on that of `id`.
fn around(graph: &dyn Lineage, id: &str) -> Vec<String> {
    let mut found: Vec<NodeIndex> = graph.find(id).into_iter().take(1).collect();
    let mut seen: FxHashSet<NodeIndex> = found.iter().copied().collect();
    let mut from = 0;
    for _ in 0..DEPTH {
        let until = found.len();
        for k in from..until {
            // What it acts upon, and what details it.
            let out = graph.links_out(found[k], SPREADS, MOST_AROUND).into_iter().map(|link| link.to);
            let links = out.chain(graph.links_in(found[k], SPREADS, MOST_AROUND).into_iter().map(|link| link.from));
            found.extend(links.filter(|other| seen.insert(*other)));
            if found.len() > MOST_AROUND {
                break;
            }
        }
        from = until;
    }
    found.into_iter().map(|n| graph.node(n).id.clone()).collect()
}

/// Documents for which some day named in the graph lies after `before` and not after `now`.
fn whose_day_has_come(graph: &dyn Lineage, before: Date, now: Date) -> Vec<String> {
    let came = |day: Option<Date>| day.is_some_and(|day| before < day && day <= now);
    let mut found = Vec::new();
    let mut add = |n: NodeIndex| found.push(graph.node(n).id.clone());
    for n in 0..graph.node_count() as NodeIndex {
        let node = graph.node(n);
        let own = came(node.effective.or(node.date))
            || node.delayed.iter().any(|delay| came(Some(delay.effective)))
            || node.terms.iter().any(|term| came(Some(term.until)));
        if own {
            add(n);
        }
        for edge in graph.outgoing(n, TOLD) {
            let days = [edge.since, edge.until, edge.except_until];
            if own || days.into_iter().any(came) {
                add(edge.to);
                if matches!(edge.relation, Relation::ReplacedBy | Relation::AmendedBy | Relation::Details) {
                    add(n);
                }
                // What details the ended one may fall with it.
                if ENDINGS.has(edge.relation) {
                    let details = Relations::of(&[Relation::Details]);
                    graph.links_in(edge.to, details, MOST_AROUND).iter().for_each(|link| add(link.from));
                }
            }
        }
    }
    found
}

fn status(side: Side<'_>, n: NodeIndex) -> String {
    let answer = validity::status_at(side.graph, n, side.at);
    let until = answer.until.map(|day| format!(" from {day}")).unwrap_or_default();
    let error = answer.error.map(|error| format!(" ({error})")).unwrap_or_default();
    format!("{}{until}{error}", answer.status.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;

    const DOCS: &str = r#""docs":[{"id":"a","number":"84-QĐ/TU","date":"2011-03-04","effective":"2011-03-04"},
        {"id":"b","number":"446-QĐ/TU","date":"2021-11-26","effective":"2021-12-01"}]"#;

    fn graph(edges: &str) -> Graph {
        Graph::from_json(&format!("{{{DOCS},\"edges\":[{edges}]}}")).unwrap()
    }

    fn told(before: (&Graph, &str), now: (&Graph, &str)) -> Vec<String> {
        let side = |(graph, at): (&'_ Graph, &str)| (graph.clone(), at.parse().unwrap());
        let (before, now) = (side(before), side(now));
        let changes = between(Side { graph: &before.0, at: before.1 }, Side { graph: &now.0, at: now.1 });
        changes.into_iter().map(|change| format!("{} {} {}", change.name, change.kind, change.what)).collect()
    }

    #[test]
    fn an_edge_and_the_status_it_changes_are_told() {
        let (before, now) = (graph(""), graph(r#"{"from":"b","to":"a","relation":"replaces"}"#));
        let day = "2022-01-01";
        assert_eq!(
            told((&before, day), (&now, day)),
            ["84-QĐ/TU edge_gained 446-QĐ/TU replaces 84-QĐ/TU", "84-QĐ/TU status in_force → expired from 2021-12-01"]
        );
        assert!(told((&now, day), (&before, day))[0].starts_with("84-QĐ/TU edge_lost"));
        assert!(told((&now, day), (&now, day)).is_empty());
    }

    #[test]
    fn a_day_that_has_come_is_told_though_no_edge_changed() {
        let now = graph(r#"{"from":"b","to":"a","relation":"replaces"}"#);
        assert_eq!(
            told((&now, "2021-11-30"), (&now, "2021-12-01")),
            ["84-QĐ/TU status in_force → expired from 2021-12-01", "446-QĐ/TU status not_yet → in_force"]
        );
    }

    #[test]
    fn a_restoration_lost_is_told() {
        let suspended = r#"{"from":"b","to":"a","relation":"suspends"}"#;
        let restored = r#"{"from":"b","to":"a","relation":"cites","locator":"Điều 1","restores":true}"#;
        let (before, now) = (graph(&format!("{suspended},{restored}")), graph(suspended));
        let told = told((&before, "2022-01-01"), (&now, "2022-01-01"));
        assert!(told.contains(&"84-QĐ/TU edge_lost 446-QĐ/TU restores 84-QĐ/TU (Điều 1)".to_owned()), "{told:?}");
    }
}
