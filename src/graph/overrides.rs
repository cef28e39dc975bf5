//! A reviewer's facts: this edge is wrong, that document was ended by a paper we do not hold.
//!
//! They live in a JSONL file beside the archive, one fact a line, and are applied
//! each time the graph is built. Every one shows in the graph as what it is. Where two
//! contradict each other the later one holds, and that is told.
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

/// What the file is called, in the folder of an archive or of a store.
pub const FILE: &str = "overrides.jsonl";

/// In the place of a document's id where an edge comes from a reviewer.
pub const SOURCE: &str = "overrides";

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
#[serde(deny_unknown_fields)]
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
    /// Folder, file and line in which it stands; no key of the file.
    #[serde(skip_deserializing)]
    pub place: String,
}

impl Override {
    /// What it says, for messages.
    fn shown(&self) -> String {
        let place = self.locator.as_deref().map(|words| format!(" ({words})")).unwrap_or_default();
        format!("{} {} {}{place}", self.from, relation_name(self.relation), self.to)
    }

    /// Who says so, on what evidence, and where that is written.
    fn signed(&self) -> String {
        let who = if self.who.is_empty() { "?" } else { &self.who };
        let note = if self.note.is_empty() { String::new() } else { format!(": {}", self.note) };
        let place = if self.place.is_empty() { String::new() } else { format!(" ({})", self.place) };
        format!("override by {who}{note}{place}")
    }

    /// Whether the other speaks of the same edge, as far as the words show.
    fn is_on_the_edge_of(&self, other: &Override) -> bool {
        let same = |a: &str, b: &str| a == b || number_key(a) == number_key(b);
        self.relation == other.relation
            && self.locator == other.locator
            && same(&self.from, &other.from)
            && same(&self.to, &other.to)
    }
}

/// A line that is no fact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Folder and file.
    pub file: String,
    /// Counted from one.
    pub line: usize,
    /// What is wrong with it, and what to do.
    pub message: String,
}

/// What the files hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// In the order in which they are applied.
    pub facts: Vec<Override>,
    /// Lines passed over.
    pub faults: Vec<Fault>,
}

impl Overrides {
    /// Adds what the file [`FILE`] in `folder` holds; one that is not there holds nothing. Empty lines and
    /// lines that begin with `#` are passed over. The folder is named as it is `called`, or else by its
    /// own name alone, so that the same archive elsewhere gives the same graph.
    pub fn read_from(&mut self, folder: &Path, called: Option<&str>) -> Result<(), Error> {
        let path = folder.join(FILE);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(cause) => return Err(Error::io(&path, cause)),
        };
        let whole = folder.canonicalize().map_err(|cause| Error::io(folder, cause))?;
        let own = whole.file_name().unwrap_or_default().to_string_lossy();
        self.parse(&bytes, &format!("{}/{FILE}", called.unwrap_or(&own)));
        Ok(())
    }

    fn parse(&mut self, bytes: &[u8], file: &str) {
        for (n, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if line.iter().all(u8::is_ascii_whitespace) || line.starts_with(b"#") {
                continue;
            }
            let line_number = n + 1;
            match serde_json::from_slice::<Override>(line) {
                Ok(fact) => self.facts.push(Override { place: format!("{file}, line {line_number}"), ..fact }),
                Err(cause) => {
                    let message = format!("no override, passed over: {cause}; mend the line or put a # before it");
                    self.faults.push(Fault { file: file.to_owned(), line: line_number, message });
                }
            }
        }
    }
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
    for (n, fact) in overrides.iter().enumerate() {
        let (shown, signed) = (fact.shown(), fact.signed());
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
            doubt("override_unused", format!("{shown}: an end is not known, or fits several documents; {signed}"));
            continue;
        };
        if let Some(later) =
            overrides[n + 1..].iter().find(|later| later.act != fact.act && later.is_on_the_edge_of(fact))
        {
            doubt("override_contradicted", format!("{shown}: {signed}; against it {}, which holds", later.signed()));
        }
        match fact.act {
            Act::Add => {
                // What a text says as well is taken over, with the reviewer's days.
                let same = |edge: &Edge| {
                    (edge.from, edge.to, edge.relation) == (from, to, fact.relation) && edge.locator == fact.locator
                };
                let told = edges.iter().position(same).map(|n| edges[n].clone());
                edges.retain(|edge| !same(edge));
                let source = Source { doc: SOURCE.to_owned(), span: [0, 0] };
                let text = told.unwrap_or_else(|| Edge { sentence: fact.note.clone(), ..Edge::default() });
                edges.push(Edge {
                    from,
                    to,
                    relation: fact.relation,
                    locator: fact.locator.clone(),
                    since: fact.since.or(text.since),
                    until: fact.until.or(text.until),
                    source,
                    confidence: 1.0,
                    why: Some(signed),
                    ..text
                });
            }
            Act::Remove => {
                let before = edges.len();
                edges.retain(|edge| {
                    let same = edge.from == from && edge.to == to && edge.relation == fact.relation;
                    !(same && (fact.locator.is_none() || edge.locator == fact.locator))
                });
                if edges.len() == before {
                    doubt("override_unused", format!("{shown}: there is no such edge; {signed}"));
                } else {
                    nodes[to as usize].notes.push(format!("{shown} removed; {signed}"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_no_fact_costs_only_itself() {
        let mut overrides = Overrides::default();
        let lines = "# of An\n\n{\"act\":\"add\",\"from\":\"9-QĐ/TU\",\"to\":\"1-QĐ/TU\",\"relation\":\"repeals\"}\n\
            {\"act\":\"add\",\"from\":\"9-QĐ/TU\",\"to\":\"1-QĐ/TU\",\"relation\":\"repeals\",\"sinse\":\"2020-01-01\"}\n{";
        overrides.parse(lines.as_bytes(), "archive/overrides.jsonl");
        assert_eq!(overrides.facts.len(), 1);
        assert_eq!(overrides.facts[0].place, "archive/overrides.jsonl, line 3");
        assert_eq!(overrides.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [4, 5]);
        assert!(overrides.faults[0].message.contains("sinse"), "{:?}", overrides.faults);
    }
}
