//! What the report says of the graph: how many references found their document, how many
//! lineages there are, which edges that change validity and which statuses came and went.

use super::generation::Generation;
use super::report::Report;
use crate::error::Error;
use crate::graph::diff::{self, Side};
use crate::graph::file::GraphFile;
use crate::graph::{Graph, Relations};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use petgraph::unionfind::UnionFind;
use std::collections::{BTreeSet, HashSet};

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
        if Relations::CHANGES.has(edge.relation) && edge.from != edge.to {
            groups.union(edge.from as usize, edge.to as usize);
            linked.extend([edge.from, edge.to]);
        }
    }
    let lineages: BTreeSet<usize> = linked.into_iter().map(|n| groups.find(n as usize)).collect();
    report.documents.resolved = resolved.len() as u64;
    report.documents.lineages = lineages.len() as u64;
    report.documents.doubts = graph.doubts.len() as u64;
    let of_overrides = graph.doubts.iter().filter(|doubt| doubt.kind.starts_with("override_"));
    report.overrides.doubtful = of_overrides.map(|doubt| doubt.note.clone()).collect();
}

/// What came and went since the last generation: edges, and statuses between its day and today.
pub(crate) fn tell_difference(before: &Generation, now: &Graph, report: &mut Report) -> Result<(), Error> {
    let file = GraphFile::open(&before.graph_path())?;
    let today = day_of(report.started);
    let day_before = before.report().map_or(today, |last| day_of(last.started));
    report.lineage = diff::between(Side { graph: &file, at: day_before }, Side { graph: now, at: today });
    Ok(())
}

/// The day in Vietnam.
fn day_of(moment: Option<jiff::Timestamp>) -> Date {
    moment.unwrap_or_default().to_zoned(TimeZone::fixed(jiff::tz::offset(7))).date()
}
