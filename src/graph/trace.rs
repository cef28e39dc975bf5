//! The neighbourhood of one document: what led to it and what came of it.

use super::validity::{self, Answer, Status};
use super::{Edge, EdgeIndex, Graph, Lineage, Link, Node, NodeIndex, Relations};
use crate::citation::Relation;
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
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
    /// Documents at most; those joined by replacement or amendment come first, then those nearer.
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

/// Walks outwards from `root` in both directions, nearest first.
///
/// What replaces, amends or otherwise changes what is in force is followed before mere mentions,
/// so that a paper that hundreds cite still shows its whole lineage.
pub fn trace(graph: &dyn Lineage, root: NodeIndex, reach: &Reach) -> Trace {
    let mut walk = Walk { graph, reach, admitted: FxHashSet::from_iter([root]), cut: false };
    walk.outwards(root, &[reach.relations.and(Relations::CHANGES)]);
    let both = [reach.relations.and(Relations::CHANGES), reach.relations.without(Relations::CHANGES)];
    let (order, distance, links) = walk.outwards(root, &both);
    let places: FxHashMap<NodeIndex, NodeIndex> =
        order.iter().enumerate().map(|(place, n)| (*n, place as NodeIndex)).collect();
    // Each edge is met from both its ends.
    let links: BTreeSet<EdgeIndex> = links.into_iter().map(|link| link.edge).collect();
    let mut edges: Vec<Edge> = links
        .into_iter()
        .map(|n| graph.edge(n).into_owned())
        .map(|edge| Edge { from: places[&edge.from], to: places[&edge.to], ..edge })
        .collect();
    edges.sort_by(|a, b| {
        let key = |edge: &Edge| (edge.from, edge.to, edge.relation, edge.source.span);
        key(a).cmp(&key(b)).then_with(|| a.locator.cmp(&b.locator))
    });
    let nodes: Vec<Node> = order.iter().map(|n| graph.node(*n).into_owned()).collect();
    let answers = validity::statuses_at(graph, &order, reach.at);
    Trace { graph: Graph::from_parts(nodes, edges, Vec::new()), distance, answers, cut: walk.cut, at: reach.at }
}

struct Walk<'w> {
    graph: &'w dyn Lineage,
    reach: &'w Reach,
    /// Documents that have a place; never more than the limit.
    admitted: FxHashSet<NodeIndex>,
    /// Something was left out.
    cut: bool,
}

impl Walk<'_> {
    /// The admitted documents by distance, admitting more while there is room, with all links met between them.
    fn outwards(&mut self, root: NodeIndex, relations: &[Relations]) -> (Vec<NodeIndex>, Vec<usize>, Vec<Link>) {
        let (mut order, mut distance, mut links) = (vec![root], vec![0], Vec::new());
        let mut seen = FxHashSet::from_iter([root]);
        let mut next = 0;
        while next < order.len() {
            let (n, near) = (order[next], distance[next]);
            next += 1;
            if near == self.reach.depth {
                continue;
            }
            for relations in relations {
                for link in self.around(n, *relations) {
                    let other = link.other(n);
                    if self.graph.signed(other).is_some_and(|day| day > self.reach.at) {
                        continue;
                    }
                    if !self.admitted.contains(&other) {
                        if self.admitted.len() >= self.reach.limit {
                            self.cut = true;
                            continue;
                        }
                        self.admitted.insert(other);
                    }
                    if seen.insert(other) {
                        order.push(other);
                        distance.push(near + 1);
                    }
                    links.push(link);
                }
            }
        }
        (order, distance, links)
    }

    /// Links both ways, not much more of them than could have a place.
    fn around(&mut self, n: NodeIndex, relations: Relations) -> Vec<Link> {
        let room = (self.reach.limit * 4).max(16);
        let mut links = self.graph.links_out(n, relations, room + 1);
        self.cut |= links.len() > room;
        links.truncate(room);
        let mut incoming = self.graph.links_in(n, relations, room + 1);
        self.cut |= incoming.len() > room;
        incoming.truncate(room);
        links.append(&mut incoming);
        links
    }
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
    for Seen { out_of, other, relation, places, reviewer } in links(&trace.graph, n) {
        let words = relation_label(relation, out_of);
        let words = if places.is_empty() { words.to_owned() } else { format!("{words} ({})", places.join("; ")) };
        let words = if reviewer { format!("{words} [theo người soát]") } else { words };
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

/// What joins a document to another, in one direction.
struct Seen {
    out_of: bool,
    other: NodeIndex,
    relation: Relation,
    places: Vec<String>,
    /// A reviewer says so.
    reviewer: bool,
}

/// Lineage first, then by date of the other end.
fn links(graph: &Graph, n: NodeIndex) -> Vec<Seen> {
    let mut found: Vec<Seen> = Vec::new();
    for edge in graph.outgoing(n, Relations::ALL).into_iter().chain(graph.incoming(n, Relations::ALL)) {
        let out_of = edge.from == n;
        let other = if out_of { edge.to } else { edge.from };
        let (place, reviewer) = (edge.locator.clone(), edge.is_override());
        let same = |seen: &&mut Seen| {
            (seen.out_of, seen.other, seen.relation, seen.reviewer) == (out_of, other, edge.relation, reviewer)
        };
        match found.iter_mut().find(same) {
            Some(seen) => seen.places.extend(place),
            None => found.push(Seen {
                out_of,
                other,
                relation: edge.relation,
                places: place.into_iter().collect(),
                reviewer,
            }),
        }
    }
    found.sort_by_key(|seen| {
        let date = graph.nodes()[seen.other as usize].date;
        (!Relations::CHANGES.has(seen.relation), seen.out_of, date, seen.other, seen.relation)
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
