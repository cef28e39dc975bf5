//! Graph JSON: what `trace --format json` and `export --format graph` write and `--graph` reads.

use super::{Doubt, Edge, Graph, Lineage, Node, NodeIndex, Source, relation_name};
use crate::citation::{self, Relation};
use crate::error::Error;
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::Path;

impl Graph {
    /// Reads graph JSON: `docs` and `edges`. Ends that no entry of `docs` names become
    /// documents whose text is not held.
    pub fn read_json(path: &Path) -> Result<Graph, Error> {
        let text = std::fs::read_to_string(path).map_err(|cause| Error::io(path, cause))?;
        Graph::from_json(&text).map_err(|cause| Error::message(path, format!("not graph JSON: {cause}")))
    }

    /// The same from a string.
    pub fn from_json(text: &str) -> Result<Graph, serde_json::Error> {
        let file: File = serde_json::from_str(text)?;
        let mut nodes = file.docs;
        let mut known: FxHashMap<String, NodeIndex> = FxHashMap::default();
        for (n, node) in nodes.iter().enumerate() {
            known.entry(node.id.clone()).or_insert(n as NodeIndex);
        }
        let speaks: FxHashSet<&str> = file.edges.iter().map(|edge| edge.from.as_str()).collect();
        for node in &mut nodes {
            // What is only cited has no clause of its own, and rarely more than a number.
            let held = node.effective.is_some() || node.date.is_some() || speaks.contains(node.id.as_str());
            node.held.get_or_insert(held);
        }
        let mut edges = Vec::with_capacity(file.edges.len());
        for edge in file.edges {
            let mut end = |id: &str| {
                *known.entry(id.to_owned()).or_insert_with(|| {
                    let number = id.starts_with(|c: char| c.is_ascii_digit()).then(|| id.to_owned());
                    nodes.push(Node { id: id.to_owned(), number, held: Some(false), ..Node::default() });
                    (nodes.len() - 1) as NodeIndex
                })
            };
            let (from, to) = (end(&edge.from), end(&edge.to));
            // An edge is of one place; a person who writes a graph may name several.
            let places = edge.locator.as_deref().map(citation::single_places).unwrap_or_default();
            let edge = edge.joined(from, to);
            match places.len() {
                0 | 1 => edges.push(edge),
                _ => edges.extend(places.into_iter().map(|place| Edge { locator: Some(place), ..edge.clone() })),
            }
        }
        Ok(Graph::from_parts(nodes, edges, file.doubts))
    }

    /// Writes the graph JSON of [`Graph::read_json`], one document or edge a line.
    pub fn write_json(&self, out: &mut dyn Write) -> std::io::Result<()> {
        write!(out, "{{\"docs\":[")?;
        for (n, node) in self.nodes.iter().enumerate() {
            out.write_all(if n == 0 { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut *out, node)?;
        }
        write!(out, "\n],\"edges\":[")?;
        for (n, edge) in self.edges.iter().enumerate() {
            out.write_all(if n == 0 { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut *out, &FileEdge::from_edge(self, edge))?;
        }
        write!(out, "\n]")?;
        if !self.doubts.is_empty() {
            write!(out, ",\"doubts\":")?;
            serde_json::to_writer(&mut *out, &self.doubts)?;
        }
        writeln!(out, "}}")
    }
}

/// The graph JSON as a whole.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    docs: Vec<Node>,
    #[serde(default)]
    edges: Vec<FileEdge>,
    #[serde(default)]
    doubts: Vec<Doubt>,
}

/// An edge as graph JSON has it, with ids for ends.
#[derive(Serialize, Deserialize)]
pub(crate) struct FileEdge {
    from: String,
    to: String,
    relation: String,
    #[serde(default)]
    locator: Option<String>,
    #[serde(default)]
    until: Option<Date>,
    #[serde(default)]
    except: Vec<String>,
    #[serde(default)]
    except_until: Option<Date>,
    #[serde(default)]
    sentence: String,
    #[serde(default)]
    source: Option<Source>,
    #[serde(default = "certain")]
    confidence: f64,
    /// First day of the effect where it is not the acting document's own.
    #[serde(default, alias = "effective", skip_serializing_if = "Option::is_none")]
    since: Option<Date>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    restores: bool,
    #[serde(default, skip_serializing)]
    effect: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

fn certain() -> f64 {
    1.0
}

impl FileEdge {
    fn joined(self, from: NodeIndex, to: NodeIndex) -> Edge {
        let named: Option<Relation> = serde_json::from_value(self.relation.as_str().into()).ok();
        let restores = self.restores || self.relation == "restores" || self.effect.as_deref() == Some("restores");
        Edge {
            from,
            to,
            relation: named.unwrap_or_default(),
            locator: self.locator.filter(|words| !words.trim().is_empty()),
            since: self.since,
            until: self.until,
            except: self.except.iter().flat_map(|words| citation::single_places(words)).collect(),
            except_until: self.except_until,
            restores,
            sentence: self.sentence,
            source: self.source.unwrap_or(Source { doc: self.from, span: [0, 0] }),
            confidence: self.confidence as f32,
            why: self.why,
        }
    }

    pub(crate) fn from_edge(graph: &dyn Lineage, edge: &Edge) -> FileEdge {
        FileEdge {
            from: graph.node(edge.from).id.clone(),
            to: graph.node(edge.to).id.clone(),
            relation: relation_name(edge.relation).to_owned(),
            locator: edge.locator.clone(),
            until: edge.until,
            except: edge.except.clone(),
            except_until: edge.except_until,
            sentence: edge.sentence.clone(),
            source: Some(edge.source.clone()),
            confidence: (f64::from(edge.confidence) * 1000.0).round() / 1000.0,
            since: edge.since,
            restores: edge.restores,
            effect: None,
            why: edge.why.clone(),
        }
    }
}
