//! A reviewer's facts: this edge is wrong, that document was ended by a paper we do not hold.
//!
//! They live in a JSONL file beside the archive, one fact a line, and are applied
//! each time the graph is built. Every one shows in the graph as what it is.
//!
//! ```json
//! {"act":"remove","from":"446-QĐ/TU","to":"84-QĐ/TU@2011-03-04","relation":"replaces","who":"An","note":"misread"}
//! {"act":"add","from":"99-QĐ/TU","date":"2024-05-01","to":"12-QĐ/TU","relation":"repeals","who":"An","note":"sổ văn bản"}
//! ```

use super::{Doubt, Edge, Node, NodeIndex, Source, number_key, relation_name};
use crate::citation::Relation;
use crate::error::Error;
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What to do with an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The edge is wrong.
    Remove,
    /// The edge is right, though no held text says so.
    Add,
}

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Override {
    /// What to do.
    pub act: Act,
    /// Id, number, or `number@date` of the acting document.
    pub from: String,
    /// The same of the document acted on.
    pub to: String,
    /// The relation.
    pub relation: Relation,
    /// The one place concerned; to be removed, an edge must have just this one.
    #[serde(default)]
    pub locator: Option<String>,
    /// Date of an acting document that is not held.
    #[serde(default)]
    pub date: Option<Date>,
    /// First day of the effect.
    #[serde(default)]
    pub since: Option<Date>,
    /// First day after a suspension.
    #[serde(default)]
    pub until: Option<Date>,
    /// Who says so.
    #[serde(default)]
    pub who: String,
    /// On what evidence.
    #[serde(default)]
    pub note: String,
}

/// Reads the file; a file that is not there holds nothing.
pub fn read(path: &Path) -> Result<Vec<Override>, Error> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(Error::io(path, cause)),
    };
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|(n, line)| {
            serde_json::from_str(line).map_err(|cause| Error::message(path, format!("line {}: {cause}", n + 1)))
        })
        .collect()
}

/// Puts the reviewer's facts into effect; those that fit nothing, or two documents, become doubts.
pub(super) fn apply(overrides: &[Override], nodes: &mut Vec<Node>, edges: &mut Vec<Edge>, doubts: &mut Vec<Doubt>) {
    if overrides.is_empty() {
        return;
    }
    let mut names: FxHashMap<String, Vec<NodeIndex>> = FxHashMap::default();
    for (n, node) in nodes.iter().enumerate() {
        let n = n as NodeIndex;
        names.entry(node.id.clone()).or_default().push(n);
        for source in node.sources.iter().filter(|source| **source != node.id) {
            names.entry(source.clone()).or_default().push(n);
        }
        if let Some(number) = node.number.as_deref().map(number_key) {
            if let Some(date) = node.date {
                names.entry(format!("{number}@{date}")).or_default().push(n);
            }
            names.entry(number).or_default().push(n);
        }
    }
    let find = |names: &FxHashMap<String, Vec<NodeIndex>>, word: &str| -> Vec<NodeIndex> {
        names.get(word).or_else(|| names.get(&number_key(word))).cloned().unwrap_or_default()
    };
    for fact in overrides {
        let shown = format!("{} {} {}", fact.from, relation_name(fact.relation), fact.to);
        let signed = format!("override by {}: {}", if fact.who.is_empty() { "?" } else { &fact.who }, fact.note);
        let mut doubt = |kind: &str, note: String| {
            doubts.push(Doubt { doc: fact.to.clone(), kind: kind.to_owned(), note, candidates: Vec::new() });
        };
        let mut one = |word: &str, date: Option<Date>, nodes: &mut Vec<Node>| match find(&names, word)[..] {
            [n] => Some(n),
            [] if fact.act == Act::Add => {
                let number = word.split('@').next().unwrap_or(word).to_owned();
                nodes.push(Node {
                    id: word.to_owned(),
                    number: Some(number),
                    date,
                    held: Some(false),
                    notes: vec![signed.clone()],
                    ..Node::default()
                });
                let n = (nodes.len() - 1) as NodeIndex;
                names.entry(word.to_owned()).or_default().push(n);
                Some(n)
            }
            _ => None,
        };
        let (Some(from), Some(to)) = (one(&fact.from, fact.date, nodes), one(&fact.to, None, nodes)) else {
            doubt("override_unused", format!("{shown}: an end is not known, or fits several documents"));
            continue;
        };
        match fact.act {
            Act::Add => edges.push(Edge {
                from,
                to,
                relation: fact.relation,
                locator: fact.locator.clone(),
                since: fact.since,
                until: fact.until,
                sentence: fact.note.clone(),
                source: Source { doc: "overrides".to_owned(), span: [0, 0] },
                confidence: 1.0,
                why: Some(signed),
                ..Edge::default()
            }),
            Act::Remove => {
                let before = edges.len();
                edges.retain(|edge| {
                    let same = edge.from == from && edge.to == to && edge.relation == fact.relation;
                    !(same && (fact.locator.is_none() || edge.locator == fact.locator))
                });
                if edges.len() == before {
                    doubt("override_unused", format!("{shown}: there is no such edge"));
                } else {
                    nodes[to as usize].notes.push(format!("{shown} removed; {signed}"));
                }
            }
        }
    }
}
