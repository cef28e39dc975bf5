//! The neighbourhood of one document: what led to it and what came of it.

use super::validity::{self, Answer, Status};
use super::{Edge, Graph, Lineage, Node, NodeIndex, Relations};
use crate::citation::Relation;
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::io::Write;

/// How far to look.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Steps away from the document.
    pub depth: usize,
    /// Relations to follow.
    pub relations: Relations,
    /// The day as of which the graph is shown; acts signed later are left out.
    pub at: Date,
    /// Documents at most; those nearer and those joined by replacement or amendment come first.
    pub limit: usize,
}

/// A document and those around it.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The part of the graph that was reached. Node 0 is the document itself; others follow by distance.
    pub graph: Graph,
    /// Steps from the document to each node.
    pub distance: Vec<usize>,
    /// What holds of each on the day asked.
    pub answers: Vec<Answer>,
    /// Whether more was there than the limit allowed.
    pub cut: bool,
    /// The day asked.
    pub at: Date,
}

/// Relations that make a lineage, as opposed to mere mention.
const LINEAGE: Relations = Relations::of(&[
    Relation::Replaces,
    Relation::ReplacedBy,
    Relation::Repeals,
    Relation::EndsEffect,
    Relation::Amends,
    Relation::AmendedBy,
    Relation::Corrects,
    Relation::Suspends,
    Relation::Consolidates,
]);

/// Walks outwards from `root` in both directions, nearest first.
pub fn trace(graph: &dyn Lineage, root: NodeIndex, reach: &Reach) -> Trace {
    let mut places: FxHashMap<NodeIndex, usize> = FxHashMap::default();
    let mut order = vec![root];
    let mut distance = vec![0];
    let mut cut = false;
    places.insert(root, 0);
    let mut ahead = VecDeque::from([root]);
    let mut edges: Vec<Edge> = Vec::new();
    let signed = |n: NodeIndex| graph.node(n).date;
    let known = |edge: &Edge| {
        signed(edge.from).is_none_or(|day| day <= reach.at) && signed(edge.to).is_none_or(|day| day <= reach.at)
    };
    while let Some(n) = ahead.pop_front() {
        let near = distance[places[&n]];
        if near == reach.depth {
            continue;
        }
        // One more than fits tells that something was left out.
        let room = (reach.limit * 4).max(16);
        let mut around = graph.around(n, reach.relations.and(LINEAGE), room);
        around.extend(graph.around(n, reach.relations.without(LINEAGE), room.saturating_sub(around.len())));
        cut |= around.len() < graph.links(n) && around.len() >= room;
        for edge in around {
            let other = if edge.from == n { edge.to } else { edge.from };
            if !known(&edge) {
                continue;
            }
            if let Entry::Vacant(place) = places.entry(other) {
                if order.len() >= reach.limit {
                    cut = true;
                    continue;
                }
                place.insert(order.len());
                order.push(other);
                distance.push(near + 1);
                ahead.push_back(other);
            }
            edges.push(edge.into_owned());
        }
    }
    // Each edge is met from both its ends.
    edges.sort_by(|a, b| {
        let key = |edge: &Edge| (edge.from, edge.to, edge.relation, edge.source.span);
        key(a).cmp(&key(b)).then_with(|| a.locator.cmp(&b.locator))
    });
    edges.dedup();
    for edge in &mut edges {
        edge.from = places[&edge.from] as NodeIndex;
        edge.to = places[&edge.to] as NodeIndex;
    }
    let nodes: Vec<Node> = order.iter().map(|n| graph.node(*n).into_owned()).collect();
    let answers = order.iter().map(|n| validity::status_at(graph, *n, reach.at)).collect();
    Trace { graph: Graph::from_parts(nodes, edges, Vec::new()), distance, answers, cut, at: reach.at }
}

/// What people call a document: its number, else its name, else its id.
pub fn short_name(node: &Node) -> &str {
    node.number.as_deref().or(node.title.as_deref()).unwrap_or(&node.id)
}

/// The relation in Vietnamese, read from the acting document (`out`) or from the one acted on.
pub fn relation_label(relation: Relation, out: bool) -> &'static str {
    let (active, passive) = match relation {
        Relation::Basis => ("căn cứ", "là căn cứ của"),
        Relation::Implements => ("thực hiện", "được thực hiện bởi"),
        Relation::Details => ("quy định chi tiết", "được quy định chi tiết bởi"),
        Relation::Guides => ("hướng dẫn", "được hướng dẫn bởi"),
        Relation::Replaces => ("thay thế", "bị thay thế bởi"),
        Relation::ReplacedBy => ("bị thay thế bởi", "thay thế"),
        Relation::Repeals => ("bãi bỏ", "bị bãi bỏ bởi"),
        Relation::EndsEffect => ("làm hết hiệu lực", "hết hiệu lực theo"),
        Relation::Amends => ("sửa đổi, bổ sung", "được sửa đổi, bổ sung bởi"),
        Relation::AmendedBy => ("được sửa đổi, bổ sung bởi", "sửa đổi, bổ sung"),
        Relation::Corrects => ("đính chính", "được đính chính bởi"),
        Relation::Suspends => ("ngưng hiệu lực", "bị ngưng hiệu lực bởi"),
        Relation::Consolidates => ("hợp nhất", "được hợp nhất trong"),
        Relation::AttachedTo => ("kèm theo", "có kèm theo"),
        Relation::Attaches => ("đính kèm", "được đính kèm ở"),
        Relation::RepliesTo => ("trả lời", "được trả lời bởi"),
        Relation::Cites => ("dẫn chiếu", "được dẫn chiếu bởi"),
    };
    if out { active } else { passive }
}

/// The colour of a status in a terminal.
pub fn status_style(status: Status) -> anstyle::Style {
    let color = match status {
        Status::InForce => anstyle::AnsiColor::Green,
        Status::Expired | Status::Void => anstyle::AnsiColor::Red,
        Status::NotYet => anstyle::AnsiColor::Blue,
        Status::PartlyExpired | Status::Suspended => anstyle::AnsiColor::Yellow,
        Status::NotApplicable | Status::Unknown => anstyle::AnsiColor::BrightBlack,
    };
    color.on_default()
}

/// Writes the trace as a tree, each document once; later mentions point back to it.
pub fn write_tree(trace: &Trace, out: &mut dyn Write) -> std::io::Result<()> {
    let mut shown = vec![false; trace.graph.node_count()];
    writeln!(out, "{}", describe(trace, 0))?;
    shown[0] = true;
    write_branches(trace, 0, "", &mut shown, out)?;
    if trace.cut {
        writeln!(out, "… and more; raise --limit to see it")?;
    }
    Ok(())
}

fn write_branches(
    trace: &Trace,
    n: NodeIndex,
    indent: &str,
    shown: &mut [bool],
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mut branches: Vec<(NodeIndex, String)> = Vec::new();
    for (out_of, other, relation, places) in links(&trace.graph, n) {
        let words = relation_label(relation, out_of);
        let words = if places.is_empty() { words.to_owned() } else { format!("{words} ({})", places.join("; ")) };
        match branches.iter_mut().find(|(known, _)| *known == other) {
            Some((_, all)) => *all = format!("{all}; {words}"),
            None => branches.push((other, words)),
        }
    }
    // The tree grows outwards; links sideways and back stand where they were first met.
    branches
        .retain(|(other, _)| !shown[*other as usize] || trace.distance[*other as usize] > trace.distance[n as usize]);
    let last = branches.len().saturating_sub(1);
    let fresh: Vec<bool> =
        branches.iter().map(|(other, _)| !std::mem::replace(&mut shown[*other as usize], true)).collect();
    for (k, (other, words)) in branches.iter().enumerate() {
        let (corner, rail) = if k == last { ("└─", "   ") } else { ("├─", "│  ") };
        let dim = anstyle::Style::new().dimmed();
        let again = if fresh[k] { "" } else { " ↑" };
        writeln!(out, "{dim}{indent}{corner}{dim:#} {words}: {}{again}", describe(trace, *other))?;
        if fresh[k] {
            write_branches(trace, *other, &format!("{indent}{rail}"), shown, out)?;
        }
    }
    Ok(())
}

/// Edges at `n`: outgoing?, the other end, relation, places; lineage first, then by date of the other end.
fn links(graph: &Graph, n: NodeIndex) -> Vec<(bool, NodeIndex, Relation, Vec<String>)> {
    let mut found: Vec<(bool, NodeIndex, Relation, Vec<String>)> = Vec::new();
    for edge in graph.outgoing(n, Relations::ALL).into_iter().chain(graph.incoming(n, Relations::ALL)) {
        let out_of = edge.from == n;
        let other = if out_of { edge.to } else { edge.from };
        let place = edge.locator.clone();
        match found.iter_mut().find(|(o, to, relation, _)| *o == out_of && *to == other && *relation == edge.relation) {
            Some((.., places)) => places.extend(place),
            None => found.push((out_of, other, edge.relation, place.into_iter().collect())),
        }
    }
    found.sort_by_key(|(out_of, other, relation, _)| {
        (!LINEAGE.has(*relation), *out_of, graph.nodes()[*other as usize].date, *other, *relation)
    });
    found
}

fn describe(trace: &Trace, n: NodeIndex) -> String {
    let (node, answer) = (&trace.graph.nodes()[n as usize], &trace.answers[n as usize]);
    let style = status_style(answer.status);
    let kind = node.kind.as_deref().map(|kind| format!("{kind} ")).unwrap_or_default();
    let date = node.date.map(|date| format!(" ngày {}", date.strftime("%d/%m/%Y"))).unwrap_or_default();
    let until = answer.until.map(|day| format!(" từ {}", day.strftime("%d/%m/%Y"))).unwrap_or_default();
    let until = if answer.status == Status::Expired { until } else { String::new() };
    let bold = anstyle::Style::new().bold();
    let name = short_name(node);
    let kind = if name.starts_with(kind.trim_end()) { String::new() } else { kind };
    let held = if node.held == Some(false) { " [không có văn bản]" } else { "" };
    format!("{kind}{bold}{name}{bold:#}{date} {style}● {}{until}{style:#}{held}", answer.status.label())
}
