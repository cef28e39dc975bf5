//! Who cites, replaces, amends whom; what is in force on a date, and why.
//!
//! Documents or graph JSON in, [`Graph`] out; [`validity::status`] answers from it.
//! Nothing is chosen silently: what fits two documents, runs in a circle or
//! contradicts the calendar is reported beside the answer.

mod build;
pub use build::steps;
pub mod consolidated;
pub mod diff;
pub mod export;
pub mod facts;
pub mod file;
mod json;
mod kind;
pub mod linked;
pub mod overrides;
pub mod place;
pub mod svg;
pub mod trace;
pub mod validity;

use crate::citation::Relation;
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHasher};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::hash::{Hash, Hasher};

/// Index of a document in its graph.
pub type NodeIndex = u32;

/// Index of an edge in its graph.
pub type EdgeIndex = u32;

/// A document as the graph knows it, held or only cited.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Node {
    /// Id of the held document, or a stable id of its own.
    pub id: String,
    /// Canonical number as printed.
    pub number: Option<String>,
    /// Type word: `Quyết định`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Body without locality.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Date of signing.
    pub date: Option<Date>,
    /// First day in force, as stated.
    pub effective: Option<Date>,
    /// Term of the issuing body.
    pub term: Option<String>,
    /// *Trích yếu*, or the name of an act cited by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether its text is in the archive. Inferred where a graph file does not say so.
    #[serde(alias = "known_text", alias = "in_archive", skip_serializing_if = "Option::is_none")]
    pub held: Option<bool>,
    /// Paths of its articles and annexes, where the text is held.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outline: Vec<String>,
    /// Places with a first day of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delayed: Vec<Delay>,
    /// Terms that the document sets itself, or one of its places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<Term>,
    /// Every held copy of this document, the better text first; empty where there is only one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// Why copies were merged, a number was mended, an override applied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A place that takes effect on a day of its own (“riêng khoản 3 Điều 6 từ ngày …”).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delay {
    /// In words.
    pub locator: String,
    /// Its first day in force.
    pub effective: Date,
}

/// How long a document says it holds (“có hiệu lực đến hết ngày …”).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The place concerned, in words; the whole document where `None`.
    #[serde(default)]
    pub locator: Option<String>,
    /// First day after it.
    pub until: Date,
    /// Path of the clause that says so: what changes that clause may move the day.
    #[serde(default)]
    pub clause: Option<String>,
    /// Its words.
    #[serde(default)]
    pub sentence: String,
}

/// Where an edge was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Id of the document that says so.
    pub doc: String,
    /// Characters of its source text.
    #[serde(default)]
    pub span: [usize; 2],
}

/// One effect or reference.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// The acting document.
    pub from: NodeIndex,
    /// The document acted on.
    pub to: NodeIndex,
    /// What it does.
    pub relation: Relation,
    /// The one place concerned, in words; the whole document where `None`.
    pub locator: Option<String>,
    /// First day of the effect, where the clause names one of its own.
    pub since: Option<Date>,
    /// First day after a suspension.
    pub until: Option<Date>,
    /// Places that are spared.
    pub except: Vec<String>,
    /// First day on which they are no longer spared.
    pub except_until: Option<Date>,
    /// The clause brings back what had been suspended or ended.
    pub restores: bool,
    /// The clause that proves it.
    pub sentence: String,
    /// Where that clause stands.
    pub source: Source,
    /// 0 to 1.
    pub confidence: f32,
    /// Why the reference was taken to mean this document, or who overrode what.
    pub why: Option<String>,
}

impl Edge {
    /// The places spared in the document acted on. What the clause only says by where it is laid down (`theo Điều 9 của
    /// Luật này`), or in other words, is no place of it.
    pub(crate) fn spared(&self) -> impl Iterator<Item = place::Place> {
        let named = self.except.iter().filter(|words| !words.starts_with("theo "));
        named.filter_map(|words| place::Place::parse(words))
    }

    /// Whether a reviewer says so, and not a text.
    pub fn is_override(&self) -> bool {
        self.source.doc == overrides::SOURCE
    }
}

/// Something the graph refuses to decide.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Doubt {
    /// Id of the document in which the doubt arose.
    pub doc: String,
    /// `ambiguous`, `older_than_target`, `override_unused`, …
    pub kind: String,
    /// One sentence for a person.
    pub note: String,
    /// Ids between which nothing was chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<String>,
}

/// A set of relations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relations(u32);

impl Relations {
    /// Every relation.
    pub const ALL: Relations = Relations(u32::MAX);

    /// Edges that bring back what had been suspended or ended, whatever their relation.
    pub const RESTORING: Relations = Relations(1 << 31);

    /// What by its name changes what is in force.
    pub(crate) const CHANGING: Relations = Relations::of(&[
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

    /// What changes what is in force, as opposed to mere mention.
    pub const CHANGES: Relations = Relations::CHANGING.or(Relations::RESTORING);

    /// Just these.
    pub const fn of(relations: &[Relation]) -> Relations {
        let mut bits = 0;
        let mut n = 0;
        while n < relations.len() {
            bits |= 1 << relations[n] as u32;
            n += 1;
        }
        Relations(bits)
    }

    /// Whether `relation` is one of them.
    pub const fn has(self, relation: Relation) -> bool {
        self.0 & (1 << relation as u32) != 0
    }

    /// Whether an edge is one of them, by its relation or because it restores.
    pub fn take(self, edge: &Edge) -> bool {
        self.has(edge.relation) || (edge.restores && self.0 & Relations::RESTORING.0 != 0)
    }

    /// Those of both sets.
    pub const fn and(self, other: Relations) -> Relations {
        Relations(self.0 & other.0)
    }

    /// Those of this set that are not in the other.
    pub const fn without(self, other: Relations) -> Relations {
        Relations(self.0 & !other.0)
    }

    /// Those of either set.
    pub const fn or(self, other: Relations) -> Relations {
        Relations(self.0 | other.0)
    }
}

/// An edge without its words: cheap to list where the words are many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// For [`Lineage::edge`].
    pub edge: EdgeIndex,
    /// The acting document.
    pub from: NodeIndex,
    /// The document acted on.
    pub to: NodeIndex,
    /// What it does.
    pub relation: Relation,
    /// Whether it brings back what had been suspended or ended.
    pub restores: bool,
    /// Whether it concerns the whole document, and not one place.
    pub whole: bool,
}

impl Link {
    /// The end that is not `n`.
    pub fn other(&self, n: NodeIndex) -> NodeIndex {
        if self.from == n { self.to } else { self.from }
    }
}

/// What answers need from a graph, in memory or on disk.
pub trait Lineage {
    /// Documents, held and only cited.
    fn node_count(&self) -> usize;
    /// The document at `n`, which must be below [`Lineage::node_count`].
    fn node(&self, n: NodeIndex) -> Cow<'_, Node>;
    /// Its id alone.
    fn id(&self, n: NodeIndex) -> String {
        self.node(n).id.clone()
    }
    /// Its date of signing alone.
    fn signed(&self, n: NodeIndex) -> Option<Date> {
        self.node(n).date
    }
    /// A number for what people call it and its date: the same in every graph.
    fn name_hash(&self, n: NodeIndex) -> u64 {
        let node = self.node(n);
        name_hash(node.number.as_deref().or(node.title.as_deref()).unwrap_or(&node.id), node.date)
    }
    /// At most `limit` of the edges by which the document acts or speaks, in a fixed order.
    fn links_out(&self, n: NodeIndex, relations: Relations, limit: usize) -> Vec<Link>;
    /// At most `limit` of the edges that lead to it, in a fixed order.
    fn links_in(&self, n: NodeIndex, relations: Relations, limit: usize) -> Vec<Link>;
    /// The edge that a [`Link`] of this graph names.
    fn edge(&self, edge: EdgeIndex) -> Cow<'_, Edge>;
    /// What the document says of others, in a fixed order.
    fn outgoing(&self, n: NodeIndex, relations: Relations) -> Vec<Cow<'_, Edge>> {
        self.links_out(n, relations, usize::MAX).into_iter().map(|link| self.edge(link.edge)).collect()
    }
    /// What others say of it, in a fixed order.
    fn incoming(&self, n: NodeIndex, relations: Relations) -> Vec<Cow<'_, Edge>> {
        self.links_in(n, relations, usize::MAX).into_iter().map(|link| self.edge(link.edge)).collect()
    }
    /// Documents with this id, else with this number (`84-QĐ/TU`, `84-QĐ/TU@2011-03-04`), in a fixed order.
    fn find(&self, word: &str) -> Vec<NodeIndex>;
}

/// The whole graph in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    /// What was not decided.
    pub doubts: Vec<Doubt>,
    outgoing: Vec<Vec<EdgeIndex>>,
    incoming: Vec<Vec<EdgeIndex>>,
    by_id: FxHashMap<String, NodeIndex>,
    by_number: FxHashMap<String, Vec<NodeIndex>>,
}

impl Graph {
    /// Joins nodes and edges whose ends are indices into `nodes`.
    ///
    /// # Panics
    /// If an edge leads out of `nodes`.
    pub fn from_parts(nodes: Vec<Node>, edges: Vec<Edge>, doubts: Vec<Doubt>) -> Graph {
        let mut graph = Graph {
            outgoing: vec![Vec::new(); nodes.len()],
            incoming: vec![Vec::new(); nodes.len()],
            doubts,
            ..Graph::default()
        };
        for (n, edge) in edges.iter().enumerate() {
            graph.outgoing[edge.from as usize].push(n as u32);
            graph.incoming[edge.to as usize].push(n as u32);
        }
        for (n, node) in nodes.iter().enumerate() {
            graph.by_id.entry(node.id.clone()).or_insert(n as NodeIndex);
            for source in &node.sources {
                graph.by_id.entry(source.clone()).or_insert(n as NodeIndex);
            }
            if let Some(number) = &node.number {
                graph.by_number.entry(number_key(number)).or_default().push(n as NodeIndex);
            }
        }
        graph.nodes = nodes;
        graph.edges = edges;
        graph
    }

    /// All documents, by index.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// All edges, in a fixed order.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The document with this id, or one of whose copies has it.
    pub fn by_id(&self, id: &str) -> Option<NodeIndex> {
        self.by_id.get(id).copied()
    }
}

impl Lineage for Graph {
    fn node_count(&self) -> usize {
        self.nodes.len()
    }

    fn node(&self, n: NodeIndex) -> Cow<'_, Node> {
        Cow::Borrowed(&self.nodes[n as usize])
    }

    fn links_out(&self, n: NodeIndex, relations: Relations, limit: usize) -> Vec<Link> {
        self.pick(&self.outgoing[n as usize], relations, limit)
    }

    fn links_in(&self, n: NodeIndex, relations: Relations, limit: usize) -> Vec<Link> {
        self.pick(&self.incoming[n as usize], relations, limit)
    }

    fn edge(&self, edge: EdgeIndex) -> Cow<'_, Edge> {
        Cow::Borrowed(&self.edges[edge as usize])
    }

    fn find(&self, word: &str) -> Vec<NodeIndex> {
        if let Some(n) = self.by_id(word) {
            return vec![n];
        }
        let (number, date) = split_dated(word);
        let mut found = self.by_number.get(&number_key(number)).cloned().unwrap_or_default();
        if date.is_some() {
            found.retain(|n| self.nodes[*n as usize].date == date);
        }
        found
    }
}

impl Graph {
    fn pick(&self, list: &[EdgeIndex], relations: Relations, limit: usize) -> Vec<Link> {
        let links = list.iter().map(|n| (*n, &self.edges[*n as usize]));
        let taken = links.filter(|(_, edge)| relations.take(edge)).take(limit);
        let link = |(n, edge): (EdgeIndex, &Edge)| Link {
            edge: n,
            from: edge.from,
            to: edge.to,
            relation: edge.relation,
            restores: edge.restores,
            whole: edge.locator.is_none(),
        };
        taken.map(link).collect()
    }
}

fn name_hash(name: &str, date: Option<Date>) -> u64 {
    let mut hasher = FxHasher::default();
    (name, date).hash(&mut hasher);
    hasher.finish()
}

/// Under which a number is looked up: no blanks, no leading zeros, capitals, `Đ` kept apart
/// from `D`, and one sign for all that part its groups: `212-QĐ-TU` is `212-QĐ/TU`, `73/CP` is `73-CP`.
pub fn number_key(number: &str) -> String {
    let joined: String = number.split_whitespace().collect();
    joined.trim_start_matches('0').to_uppercase().replace(['-', '–', '.'], "/")
}

/// `84-QĐ/TU@2011-03-04` → number and date.
fn split_dated(word: &str) -> (&str, Option<Date>) {
    match word.rsplit_once('@') {
        Some((number, date)) => match date.parse() {
            Ok(date) => (number, Some(date)),
            Err(_) => (word, None),
        },
        None => (word, None),
    }
}

/// The word of the closed list.
pub fn relation_name(relation: Relation) -> &'static str {
    match relation {
        Relation::Basis => "basis",
        Relation::Implements => "implements",
        Relation::Details => "details",
        Relation::Guides => "guides",
        Relation::Replaces => "replaces",
        Relation::ReplacedBy => "replaced_by",
        Relation::Repeals => "repeals",
        Relation::EndsEffect => "ends_effect",
        Relation::Amends => "amends",
        Relation::AmendedBy => "amended_by",
        Relation::Corrects => "corrects",
        Relation::Suspends => "suspends",
        Relation::Consolidates => "consolidates",
        Relation::AttachedTo => "attached_to",
        Relation::Attaches => "attaches",
        Relation::RepliesTo => "replies_to",
        Relation::Cites => "cites",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_number_meet() {
        for (one, other) in [
            ("212-QĐ-TU", "212-QĐ/TU"),
            ("73/CP", "73-CP"),
            ("07 - CT/TU", "7-ct/tu"),
            ("77/2006/QĐ.UBND", "77/2006/QĐ-UBND"),
        ] {
            assert_eq!(number_key(one), number_key(other));
        }
        assert_ne!(number_key("12-QĐ/TU"), number_key("12-QD/TU"));
        assert_ne!(number_key("1/2004/QĐ-UB"), number_key("12/004/QĐ-UB"));
    }
}
