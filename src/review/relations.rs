//! What is doubted beside the words: numbers as printed, relations, papers held twice, and what the graph
//! left open.

use super::gather::{around, line_around, plain};
use super::matters;
use super::{Item, Kind};
use crate::citation::Citation;
use crate::decision::EdgeFact;
use crate::document::Document;
use crate::graph::file::GraphFile;
use crate::graph::{Edge, Lineage, Node, Relations, relation_name};
use crate::text::Span;
use std::collections::{BTreeMap, HashMap};

/// Edges less certain than this are asked about.
const SURE_EDGE: f32 = 0.75;

/// Numbers as printed, against themselves and against the archive.
#[derive(Default)]
pub(super) struct Numbers {
    /// Held papers by type and date: their numbers.
    held: HashMap<String, Vec<String>>,
    /// Citing paper, citation, and why its number is doubted where that is known.
    printed: Vec<(String, Citation, Option<String>)>,
}

impl Numbers {
    fn day(kind: Option<&str>, date: Option<jiff::civil::Date>) -> Option<String> {
        Some(format!("{} {}", kind?, date?))
    }

    pub(super) fn add(&mut self, document: &Document) {
        let header = &document.header;
        if let (Some(day), Some(number)) = (Self::day(header.kind.as_deref(), header.date), &header.number) {
            self.held.entry(day).or_default().push(number.clone());
        }
        let doubtful = |one: &&Citation| one.number.is_some() && (one.likely.is_some() || one.date.is_some());
        for citation in document.citations.iter().filter(doubtful) {
            let both = |note: &str| {
                let names = |number: &Option<String>| number.as_deref().is_some_and(|number| note.contains(number));
                names(&citation.number) && names(&citation.likely)
            };
            let why = document.defects.iter().find(|defect| defect.kind == "number" && both(&defect.note));
            self.printed.push((document.id.0.clone(), citation.clone(), why.map(|defect| defect.note.clone())));
        }
    }

    pub(super) fn doubts(self) -> Vec<Item> {
        let mut items: BTreeMap<String, Item> = BTreeMap::new();
        for (doc, citation, known) in &self.printed {
            let Some(number) = &citation.number else { continue };
            let (other, note) = match (&citation.likely, known) {
                (Some(likely), Some(why)) => (likely.clone(), why.clone()),
                (Some(likely), None) => (likely.clone(), format!("printed {number}, probably {likely}")),
                (None, _) => {
                    let Some(day) = Self::day(citation.kind.as_deref(), citation.date) else { continue };
                    let held = self.held.get(&day).map(Vec::as_slice).unwrap_or_default();
                    if held.iter().any(|own| own == number) {
                        continue;
                    }
                    let Some(near) = held.iter().find(|own| strsim::levenshtein(own, number) == 1) else { continue };
                    let why = "the archive holds a paper of that type and day whose number differs in one sign";
                    (near.clone(), format!("printed {number}, perhaps {near}: {why}"))
                }
            };
            let changing = Relations::CHANGING.has(citation.relation);
            let matters = if changing { matters::CHANGING_NUMBER } else { matters::NUMBER };
            let mut item = plain(Kind::Number, doc, &format!("{number} {other}"), note, matters * 0.5);
            item.reading = number.clone();
            item.choices = vec![other.clone()];
            let meant = if citation.likely.is_some() { &other } else { number };
            item.edge = Some(EdgeFact {
                from: doc.clone(),
                to: meant.clone(),
                relation: relation_name(citation.relation).to_owned(),
                locator: None,
            });
            items.entry(item.key.clone()).and_modify(|known| known.places += 1).or_insert(item);
        }
        items.into_values().collect()
    }
}

/// The references for which the graph found several papers, where they stand in their documents.
pub(super) struct Undecided {
    /// By document: what the graph said of each, and the reference where it was found.
    by_doc: HashMap<String, Vec<(String, Option<Reference>)>>,
}

/// Where a reference stands and what it does.
struct Reference {
    edge: EdgeFact,
    changing: bool,
    line: usize,
    column: usize,
    surface: String,
    scan: String,
    scan_line: String,
    reading_line: String,
    around: [String; 2],
}

impl Undecided {
    pub(super) fn of(graph: &GraphFile) -> Undecided {
        let mut by_doc: HashMap<String, Vec<(String, Option<Reference>)>> = HashMap::new();
        for doubt in graph.doubts().into_iter().filter(|doubt| !doubt.candidates.is_empty()) {
            by_doc.entry(doubt.doc).or_default().push((doubt.note, None));
        }
        Undecided { by_doc }
    }

    /// Looks for the references among the document's citations: rather the one whose sentence is quoted,
    /// one without a date, and one that changes what is in force.
    pub(super) fn add(&mut self, document: &Document) {
        for (note, found) in self.by_doc.get_mut(&document.id.0).into_iter().flatten() {
            let named = |one: &&Citation| {
                let number = one.number.as_deref().is_some_and(|number| note.starts_with(&format!("{number} ")));
                number || one.name.as_deref().is_some_and(|name| note.starts_with(&format!("“{name}”")))
            };
            let is_quoted = |one: &Citation| {
                let sentence = one.sentence.of(&document.restored.text);
                note.contains(&sentence.split_whitespace().collect::<Vec<_>>().join(" "))
            };
            let citations = document.citations.iter().filter(named);
            let rank = |one: &&Citation| (!is_quoted(one), one.date.is_some(), !Relations::CHANGING.has(one.relation));
            let Some(citation) = citations.min_by_key(rank) else { continue };
            *found = Some(Reference::of(document, citation));
        }
    }

    fn find(&self, doc: &str, note: &str) -> Option<&Reference> {
        self.by_doc.get(doc)?.iter().find(|(known, _)| known == note)?.1.as_ref()
    }
}

impl Reference {
    fn of(document: &Document, citation: &Citation) -> Reference {
        let text = &document.restored.text;
        // What runs over a line break is shown as far as its first line goes.
        let whole = citation.span.of(text);
        let first = whole.split('\n').next().unwrap_or_default();
        let span = Span::new(citation.span.start, citation.span.start + first.len());
        let source = document.restored.source_span(span);
        let line = line_around(text, span.start);
        let scan_line = line_around(&document.source, source.start);
        let begin = scan_line.as_ptr() as usize - document.source.as_ptr() as usize;
        Reference {
            edge: EdgeFact {
                from: document.id.0.clone(),
                to: String::new(),
                relation: relation_name(citation.relation).to_owned(),
                locator: None,
            },
            changing: Relations::CHANGING.has(citation.relation),
            line: document.source[..source.start].matches('\n').count() + 1,
            column: document.source[begin..source.start].chars().count(),
            surface: first.to_owned(),
            scan: source.of(&document.source).to_owned(),
            scan_line: scan_line.to_owned(),
            reading_line: line.to_owned(),
            around: around(text, line).map(str::to_owned),
        }
    }
}

/// Doubtful relations, papers held twice, and what the graph left open.
pub(super) fn of_graph(graph: &GraphFile, undecided: &Undecided) -> Vec<Item> {
    let mut items = Vec::new();
    let shown = |node: &Node| node.number.clone().unwrap_or_else(|| node.id.clone());
    for n in 0..graph.node_count() as u32 {
        let doubtful = |edge: &&std::borrow::Cow<'_, Edge>| edge.confidence < SURE_EDGE;
        for edge in graph.outgoing(n, Relations::CHANGING).iter().filter(doubtful) {
            let (from, to) = (graph.node(edge.from), graph.node(edge.to));
            let relation = relation_name(edge.relation);
            let what = format!("{} {relation} {}", shown(&from), shown(&to));
            let note = format!("{what}{}", edge.why.as_deref().map_or(String::new(), |why| format!(" ({why})")));
            let worth = matters::CHANGING_NUMBER * f64::from(1.0 - edge.confidence);
            let mut item = plain(Kind::Edge, &edge.source.doc, &format!("{what} {:?}", edge.locator), note, worth);
            item.reading = what;
            item.reading_line = edge.sentence.clone();
            item.confidence = (edge.confidence * 1000.0) as u16;
            item.edge = Some(EdgeFact {
                from: from.id.clone(),
                to: to.id.clone(),
                relation: relation.to_owned(),
                locator: edge.locator.clone(),
            });
            items.push(item);
        }
        let node = graph.node(n);
        if node.sources.len() > 1 {
            let others = node.sources.join(", ");
            let item = plain(Kind::Duplicate, &node.id, &others, format!("{} is held as {others}", shown(&node)), 0.3);
            items.push(Item {
                reading: shown(&node),
                elsewhere: node.sources.iter().map(|id| (id.clone(), 0)).collect(),
                ..item
            });
        }
    }
    for doubt in graph.doubts() {
        let what = format!("{} {} {}", doubt.kind, doubt.note, doubt.candidates.join(" "));
        let mut item = plain(Kind::Graph, &doubt.doc, &what, doubt.note, 2.0);
        item.reading = doubt.kind;
        item.names = doubt.candidates.iter().map(|id| name_of(graph, id)).collect();
        item.choices = doubt.candidates;
        if let Some(reference) = undecided.find(&item.doc, &item.note) {
            // Nothing is linked at all, so that the chance of an error is one.
            item.worth = if reference.changing { matters::CHANGING_NUMBER } else { matters::CITATION };
            item.edge = Some(reference.edge.clone());
            item.line = reference.line;
            item.column = reference.column;
            item.scan = reference.scan.clone();
            item.scan_line = reference.scan_line.clone();
            item.reading = reference.surface.clone();
            item.reading_line = reference.reading_line.clone();
            [item.above, item.below] = reference.around.clone();
        }
        items.push(item);
    }
    items
}

/// What a person calls a paper of the graph.
fn name_of(graph: &GraphFile, id: &str) -> String {
    let Some(node) = graph.find(id).first().map(|n| graph.node(*n)) else { return id.to_owned() };
    let words = [node.number.clone(), node.title.clone(), node.date.map(|date| date.strftime("%d/%m/%Y").to_string())];
    let name = words.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if name.is_empty() { id.to_owned() } else { name }
}
