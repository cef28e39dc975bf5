//! The queue, gathered from every document, the graph and the catalogue of one generation.

use super::chance::{self, Word};
use super::{Item, Kind};
use crate::citation::{Citation, Relation};
use crate::decision::{Decision, Decisions, EdgeFact, What};
use crate::document::{Document, DocumentId};
use crate::error::Error;
use crate::graph::file::GraphFile;
use crate::graph::{Edge, Lineage, Node, Relations, linked, relation_name};
use crate::store::Generation;
use crate::text::Span;
use jiff::Timestamp;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Words less likely to be wrong than this are not asked about.
const LEAST: f64 = 0.02;
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
    /// How much the place matters; times the chance that the word is wrong, what an answer is worth.
    matters: f64,
    word: Word,
    item: Item,
}

impl Doubt {
    /// The item, now that it is known how many papers hold the word.
    fn weighed(mut self, papers: u32) -> Option<Doubt> {
        let chance = self.word.chance(papers);
        self.item.worth = self.matters * chance;
        self.item.confidence = ((1.0 - chance) * 1000.0).round() as u16;
        (chance >= LEAST).then_some(self)
    }
}

/// A document with its doubts and the words it holds; `None` where it is no longer there.
type Read = Option<(Vec<Doubt>, Vec<u64>, Document)>;

/// Everything that a person should look at, what matters most first.
pub fn queue(generation: &Generation, decisions: &Decisions) -> Result<Vec<Item>, Error> {
    let answered: HashSet<&str> = decisions.holding().map(|decision| decision.item.as_str()).collect();
    let mut groups: HashMap<String, Item> = HashMap::new();
    // In how many papers each word stands, and the doubts that hang on it.
    let mut papers: HashMap<u64, u32> = HashMap::new();
    let mut doubted: Vec<Doubt> = Vec::new();
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
                Ok(Some((doubts, chance::keys(&document.restored.text), document)))
            })
            .collect::<Result<_, Error>>()?;
        for (doubts, words, document) in read.into_iter().flatten() {
            // A word as scanned that stands in an earlier paper is no doubt: without this, every word would wait.
            doubted.extend(doubts.into_iter().filter_map(|doubt| {
                let before = papers.get(&doubt.word.key).copied().unwrap_or_default();
                (doubt.word.edit.is_some() || doubt.word.chance(before) >= LEAST).then_some(doubt)
            }));
            words.into_iter().for_each(|word| *papers.entry(word).or_default() += 1);
            numbers.add(&document);
        }
    }
    for doubt in doubted {
        // The paper itself is one of them.
        let others = papers.get(&doubt.word.key).copied().unwrap_or_default().saturating_sub(1);
        let Some(mut doubt) = doubt.weighed(others) else { continue };
        // A name that stands in several papers is known, however doubtful here.
        if doubt.kind == Kind::Name && others > 0 {
            doubt.kind = Kind::Reading;
        }
        doubt.item.kind = doubt.kind;
        match groups.get_mut(&doubt.key) {
            None => {
                groups.insert(doubt.key, doubt.item);
            }
            Some(item) => {
                item.places += 1;
                item.worth += doubt.item.worth;
                item.kind = item.kind.min(doubt.kind);
                if item.elsewhere.len() < MOST_NAMED {
                    item.elsewhere.push((doubt.item.doc, doubt.item.line));
                }
            }
        }
    }
    let mut items: Vec<Item> = groups.into_values().collect();
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

/// The doubtful readings of one document.
fn doubts_of(document: &Document) -> Vec<Doubt> {
    let text = &document.restored.text;
    let foot = document.header.recipients.first().and_then(|line| text.rfind(line.as_str()));
    // Of the pieces that the decoder and the page cut differently, each edit is asked about once.
    let mut words = chance::words(document);
    words.dedup_by(|later, earlier| later.edit.is_some() && later.edit == earlier.edit);
    words.retain(|word| word.chance(0) >= LEAST);
    words.sort_by(|a, b| b.chance(0).total_cmp(&a.chance(0)).then_with(|| a.span.start.cmp(&b.span.start)));
    words.truncate(MOST_OF_ONE);
    words.into_iter().map(|word| doubt_of(document, word, foot)).collect()
}

fn doubt_of(document: &Document, word: Word, foot: Option<usize>) -> Doubt {
    let text = &document.restored.text;
    let edit = word.edit.map(|edit| &document.restored.edits[edit]);
    let span = edit.map_or(word.span, |edit| edit.span);
    let source = edit.map_or_else(|| document.restored.source_span(span), |edit| edit.source);
    let (reading, scan) = (span.of(text), source.of(&document.source));
    let (before, after) = beside(text, span);
    let (kind, matters) = weigh(document, span, foot);
    let decision = Decision::new(Timestamp::UNIX_EPOCH, "", What::Accept);
    let anchor = decision.at_place(&document.id.0, &document.source_hash, &document.source, source);
    let anchor = Decision { beside: Some([before.clone(), after.clone()]), ..anchor };
    let key = key_of(&["reading", scan, reading, &before, &after]);
    // A runner-up that reads the same is no other reading.
    let runner_up = edit.and_then(|edit| edit.runner_up.as_deref()).filter(|other| *other != reading);
    let item = Item {
        key: key.clone(),
        kind,
        worth: 0.0,
        doc: document.id.0.clone(),
        line: anchor.line,
        column: anchor.column,
        scan: scan.to_owned(),
        reading: reading.to_owned(),
        choices: runner_up.map(str::to_owned).into_iter().collect(),
        confidence: 0,
        scan_line: line_around(&document.source, source.start).to_owned(),
        reading_line: line_around(text, span.start).to_owned(),
        places: 1,
        elsewhere: Vec::new(),
        note: String::new(),
        anchor: Some(Box::new(anchor)),
        edge: None,
    };
    Doubt { kind, key, matters, word, item }
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
