//! The queue, gathered from every document, the graph and the catalogue of one generation.

use super::{Item, Kind};
use crate::citation::{Citation, Relation};
use crate::decision::{Decision, Decisions, EdgeFact, What};
use crate::document::{Document, DocumentId};
use crate::error::Error;
use crate::graph::file::GraphFile;
use crate::graph::{Edge, Lineage, Node, Relations, linked, relation_name};
use crate::restore::Edit;
use crate::store::Generation;
use crate::text::{Span, fold};
use jiff::Timestamp;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Readings surer than this are not asked about, in thousandths.
const SURE: u16 = 900;
/// Doubts taken from one document: a page of noise must not fill the queue.
const MOST_OF_ONE: usize = 400;
/// Other places named with an item.
const MOST_NAMED: usize = 8;
/// Documents read at a time.
const BATCH: usize = 256;
/// Edges less certain than this are asked about.
const SURE_EDGE: f32 = 0.75;

/// How much it matters that a stretch is right, by where it stands. Ratios, judged by what an error
/// costs a reader: a wrong number in a clause that changes the law against a word of a sentence.
mod matters {
    pub(super) const CHANGING_NUMBER: f64 = 8.0;
    pub(super) const NUMBER: f64 = 4.0;
    pub(super) const HEADER: f64 = 4.0;
    pub(super) const CHANGING_CLAUSE: f64 = 3.0;
    pub(super) const NAME: f64 = 2.0;
    pub(super) const CITATION: f64 = 1.5;
    pub(super) const TEXT: f64 = 1.0;
    pub(super) const RECIPIENTS: f64 = 0.3;
}

/// The relations that change what is in force.
const CHANGING: [Relation; 9] = [
    Relation::Replaces,
    Relation::ReplacedBy,
    Relation::Repeals,
    Relation::EndsEffect,
    Relation::Amends,
    Relation::AmendedBy,
    Relation::Corrects,
    Relation::Suspends,
    Relation::Consolidates,
];

/// One doubtful stretch of one document.
struct Doubt {
    kind: Kind,
    key: String,
    worth: f64,
    item: Item,
}

/// A document with its doubts and the names it holds; `None` where it is no longer there.
type Read = Option<(Vec<Doubt>, Vec<String>, Document)>;

/// Everything that a person should look at, what matters most first.
pub fn queue(generation: &Generation, decisions: &Decisions) -> Result<Vec<Item>, Error> {
    let answered: HashSet<&str> = decisions.holding().map(|decision| decision.item.as_str()).collect();
    let mut groups: HashMap<String, Item> = HashMap::new();
    let mut known_words: HashMap<String, u32> = HashMap::new();
    let mut numbers: Numbers = Numbers::default();
    let graph = GraphFile::open(&generation.graph_path())?;
    let ids: Vec<DocumentId> = generation.ids().collect::<Result<_, Error>>()?;
    for batch in ids.chunks(BATCH) {
        let read: Vec<Read> = batch
            .par_iter()
            .map(|id| {
                let Some(mut document) = generation.document(id)? else { return Ok(None) };
                linked::link(&graph, &mut document);
                let doubts = doubts_of(&document);
                Ok(Some((doubts, names_of(&document.restored.text), document)))
            })
            .collect::<Result<_, Error>>()?;
        for (doubts, names, document) in read.into_iter().flatten() {
            names.into_iter().for_each(|name| *known_words.entry(name).or_default() += 1);
            numbers.add(&document);
            for doubt in doubts {
                match groups.get_mut(&doubt.key) {
                    None => {
                        groups.insert(doubt.key.clone(), Item { worth: doubt.worth, ..doubt.item });
                    }
                    Some(item) => {
                        item.places += 1;
                        item.worth += doubt.worth;
                        item.kind = item.kind.min(doubt.kind);
                        if item.elsewhere.len() < MOST_NAMED {
                            item.elsewhere.push((doubt.item.doc, doubt.item.line));
                        }
                    }
                }
            }
        }
    }
    let mut items: Vec<Item> = groups.into_values().collect();
    for item in &mut items {
        // A name that stands in several papers is known, however doubtful here.
        if item.kind == Kind::Name && known_words.get(&fold(&item.reading)).copied().unwrap_or_default() > 1 {
            item.kind = Kind::Reading;
        }
    }
    items.extend(numbers.doubts());
    items.extend(of_graph(&graph));
    for one in generation.set_aside()? {
        let note = format!("{}: {}", one.reason, one.message);
        items.push(plain(Kind::SetAside, &one.id, &one.reason, note, 0.4));
    }
    items.retain(|item| !answered.contains(item.key.as_str()));
    for pair in decisions.conflicts() {
        let (Some(earlier), Some(later)) = (decisions.find(&pair.earlier), decisions.find(&pair.later)) else {
            continue;
        };
        let note = format!(
            "{} said “{}” ({}), {} says “{}” ({}), which holds; undo one of them",
            earlier.who, earlier.new, earlier.id, later.who, later.new, later.id
        );
        items.push(plain(Kind::Conflict, &later.doc, &format!("{} {}", earlier.id, later.id), note, 9.0));
    }
    for id in generation.decided()?.lost {
        let Some(decision) = decisions.holding().find(|decision| decision.id == id) else { continue };
        let note = format!("decision {id} of {}: its line “{}” is gone; undo it", decision.who, decision.source.trim());
        items.push(plain(Kind::Lost, &decision.doc, &id, note, 5.0));
    }
    items.sort_by(|a, b| b.worth.total_cmp(&a.worth).then_with(|| a.key.cmp(&b.key)));
    Ok(items)
}

fn key_of(parts: &[&str]) -> String {
    blake3::hash(parts.join("\n").as_bytes()).to_hex()[..10].to_owned()
}

/// An item that is no stretch of text.
fn plain(kind: Kind, doc: &str, what: &str, note: String, worth: f64) -> Item {
    Item {
        key: key_of(&[kind.name(), doc, what]),
        kind,
        worth,
        doc: doc.to_owned(),
        line: 0,
        column: 0,
        scan: String::new(),
        reading: String::new(),
        choices: Vec::new(),
        confidence: 0,
        scan_line: String::new(),
        reading_line: String::new(),
        places: 1,
        elsewhere: Vec::new(),
        note,
        anchor: None,
        edge: None,
    }
}

/// Words that begin with a capital, folded: what names are made of.
fn names_of(text: &str) -> Vec<String> {
    let words = text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let mut names: Vec<String> = words.filter(|word| word.starts_with(char::is_uppercase)).map(fold).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The doubtful readings of one document.
fn doubts_of(document: &Document) -> Vec<Doubt> {
    let text = &document.restored.text;
    let foot = document.header.recipients.first().and_then(|line| text.rfind(line.as_str()));
    let mut doubts: Vec<Doubt> = document
        .restored
        .edits
        .iter()
        .filter(|edit| edit.confidence < SURE)
        .map(|edit| doubt_of(document, edit, foot))
        .collect();
    doubts.sort_by(|a, b| b.worth.total_cmp(&a.worth).then_with(|| a.item.line.cmp(&b.item.line)));
    doubts.truncate(MOST_OF_ONE);
    doubts
}

fn doubt_of(document: &Document, edit: &Edit, foot: Option<usize>) -> Doubt {
    let text = &document.restored.text;
    let reading = edit.span.of(text);
    let scan = edit.source.of(&document.source);
    let (before, after) = beside(text, edit.span);
    let line = line_around(text, edit.span.start);
    let scan_line = line_around(&document.source, edit.source.start);
    let (kind, matters) = weigh(document, edit.span, foot);
    let decision = Decision::new(Timestamp::UNIX_EPOCH, "", What::Accept);
    let anchor = decision.at_place(&document.id.0, &document.source_hash, &document.source, edit.source);
    let anchor = Decision { beside: Some([before.clone(), after.clone()]), ..anchor };
    let key = key_of(&["reading", scan, reading, &before, &after]);
    let worth = matters * f64::from(1000 - edit.confidence) / 1000.0;
    let item = Item {
        key: key.clone(),
        kind,
        worth,
        doc: document.id.0.clone(),
        line: anchor.line,
        column: anchor.column,
        scan: scan.to_owned(),
        reading: reading.to_owned(),
        choices: edit.runner_up.iter().map(|other| other.to_string()).collect(),
        confidence: edit.confidence,
        scan_line: scan_line.to_owned(),
        reading_line: line.to_owned(),
        places: 1,
        elsewhere: Vec::new(),
        note: String::new(),
        anchor: Some(Box::new(anchor)),
        edge: None,
    };
    Doubt { kind, key, worth, item }
}

/// The words on either side of a stretch on its line, as [`crate::restore::Rule`] compares them.
fn beside(text: &str, span: Span) -> (String, String) {
    let [before, after] = crate::restore::beside(text, span);
    (before, after)
}

fn line_around(text: &str, at: usize) -> &str {
    let begin = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    &text[begin..end]
}

/// What a stretch is and how much it matters.
fn weigh(document: &Document, span: Span, foot: Option<usize>) -> (Kind, f64) {
    let text = &document.restored.text;
    let reading = span.of(text);
    let has_digit = reading.contains(|c: char| c.is_ascii_digit());
    let header = &document.header;
    if let Some(citation) = document.citations.iter().find(|citation| citation.span.overlaps(span)) {
        let changing = CHANGING.contains(&citation.relation);
        return match (has_digit || reading.contains(['-', '/']), changing) {
            (true, true) => (Kind::Number, matters::CHANGING_NUMBER),
            (true, false) => (Kind::Number, matters::NUMBER),
            (false, true) => (Kind::Reading, matters::CHANGING_CLAUSE),
            (false, false) => (Kind::Reading, matters::CITATION),
        };
    }
    if document.citations.iter().any(|one| CHANGING.contains(&one.relation) && one.sentence.overlaps(span)) {
        return (Kind::Reading, matters::CHANGING_CLAUSE);
    }
    if header.number.as_deref().is_some_and(|number| number.contains(reading) && has_digit) {
        return (Kind::Number, matters::HEADER);
    }
    let line = line_around(text, span.start);
    let signer = header.signer.as_deref().is_some_and(|signer| line.trim() == signer);
    let title = header.title.as_deref().is_some_and(|title| !line.trim().is_empty() && title.contains(line.trim()));
    if signer {
        return (Kind::Name, matters::HEADER);
    }
    if title {
        return (Kind::Reading, matters::NAME);
    }
    if foot.is_some_and(|foot| span.start >= foot) {
        return (Kind::Reading, matters::RECIPIENTS);
    }
    let opens =
        text[..span.start].trim_end().is_empty() || text[..span.start].trim_end().ends_with(['.', ':', ';', '-']);
    let heading = line.chars().filter(|c| c.is_uppercase()).count() > line.chars().filter(|c| c.is_lowercase()).count();
    if !opens && !heading && reading.starts_with(char::is_uppercase) {
        return (Kind::Name, matters::NAME);
    }
    (Kind::Reading, matters::TEXT)
}

/// Numbers as printed, against themselves and against the archive.
#[derive(Default)]
struct Numbers {
    /// Held papers by type and date: their numbers.
    held: HashMap<String, Vec<String>>,
    /// Citing paper, citation, and why its number is doubted where that is known.
    printed: Vec<(String, Citation, Option<String>)>,
}

impl Numbers {
    fn day(kind: Option<&str>, date: Option<jiff::civil::Date>) -> Option<String> {
        Some(format!("{} {}", kind?, date?))
    }

    fn add(&mut self, document: &Document) {
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

    fn doubts(self) -> Vec<Item> {
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
            let changing = CHANGING.contains(&citation.relation);
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

/// Doubtful relations, papers held twice, and what the graph left open.
fn of_graph(graph: &GraphFile) -> Vec<Item> {
    let mut items = Vec::new();
    let shown = |node: &Node| node.number.clone().unwrap_or_else(|| node.id.clone());
    for n in 0..graph.node_count() as u32 {
        let doubtful = |edge: &&std::borrow::Cow<'_, Edge>| edge.confidence < SURE_EDGE;
        for edge in graph.outgoing(n, Relations::of(&CHANGING)).iter().filter(doubtful) {
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
            items.push(plain(Kind::Duplicate, &node.id, &others, format!("{} is held as {others}", shown(&node)), 0.3));
        }
    }
    for doubt in graph.doubts() {
        let what = format!("{} {} {}", doubt.kind, doubt.note, doubt.candidates.join(" "));
        let mut item = plain(Kind::Graph, &doubt.doc, &what, doubt.note, 2.0);
        item.reading = doubt.kind;
        item.choices = doubt.candidates;
        items.push(item);
    }
    items
}
