//! The queue, gathered from every document, the graph and the catalogue of one generation.

use super::chance::{self, Word};
use super::matters::{recipients, weigh};
use super::relations::{Numbers, Undecided, of_graph};
use super::{Item, Kind};
use crate::decision::{Decision, Decisions, What};
use crate::document::{Document, DocumentId};
use crate::error::Error;
use crate::graph::file::GraphFile;
use crate::graph::linked;
use crate::store::Generation;
use crate::text::Span;
use jiff::Timestamp;
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};

/// Words less likely to be wrong than this are not asked about.
const LEAST: f64 = 0.01;
/// Doubts taken from one document: a page of noise must not fill the queue.
const MOST_OF_ONE: usize = 400;
/// Other places named with an item.
const MOST_NAMED: usize = 8;
/// Worth of what people left open, which no chance is known of: before every doubt in a single place.
const DISPUTE: f64 = 9.0;
const LOST: f64 = 5.0;
/// Worth of a file that was not taken.
const SET_ASIDE: f64 = 0.4;
/// Documents read at a time.
const BATCH: usize = 256;

/// One doubtful stretch of one document.
struct Doubt {
    kind: Kind,
    key: String,
    /// How much the place matters; times the chance that the word is wrong, what an answer is worth.
    matters: f64,
    word: Word,
    item: Item,
}

/// The same damage read the same way between the same words.
struct Group {
    item: Item,
    /// Each place: its word, and how much the place matters.
    places: Vec<(Word, f64)>,
}

impl Group {
    /// The item, now that it is known in how many other papers the word stands.
    fn weighed(mut self, papers: u32) -> Option<Item> {
        let n = self.places.len();
        let chances = || self.places.iter().map(|(word, matters)| (word.chance(papers, n), matters));
        let chance = chances().map(|(chance, _)| chance).sum::<f64>() / n as f64;
        self.item.worth = chances().map(|(chance, matters)| chance * matters).sum();
        self.item.confidence = ((1.0 - chance) * 1000.0).round() as u16;
        self.item.places = n;
        // A name that stands in several papers is known, however doubtful here.
        if self.item.kind == Kind::Name && papers > 0 {
            self.item.kind = Kind::Reading;
        }
        (chance >= LEAST).then_some(self.item)
    }
}

/// A document with its doubts and the words it holds; `None` where it is no longer there.
type Read = Option<(Vec<Doubt>, Vec<u64>, Document)>;

/// Everything that a person should look at and nobody has answered yet, what matters most first.
pub fn queue(generation: &Generation, decisions: &Decisions) -> Result<Vec<Item>, Error> {
    let answered: HashSet<&str> = decisions.answered().collect();
    let mut items = doubts(generation)?;
    items.retain(|item| !answered.contains(item.key.as_str()));
    items.extend(disputes(generation, decisions)?);
    sort(&mut items);
    Ok(items)
}

/// What matters most first.
fn sort(items: &mut [Item]) {
    items.sort_by(|a, b| b.worth.total_cmp(&a.worth).then_with(|| a.key.cmp(&b.key)));
}

/// Everything that the machine doubts in a generation, answered or not, in the queue's order; reads every document.
pub fn doubts(generation: &Generation) -> Result<Vec<Item>, Error> {
    let mut groups: HashMap<String, Group> = HashMap::new();
    // In how many papers each word stands.
    let mut papers: HashMap<u64, u32> = HashMap::new();
    let mut numbers = Numbers::default();
    let graph = GraphFile::open(&generation.graph_path())?;
    let mut undecided = Undecided::of(&graph);
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
            for doubt in doubts {
                let before = papers.get(&doubt.word.key).copied().unwrap_or_default();
                // A word as scanned that stands in earlier papers is no doubt: without this, every word would wait.
                if doubt.word.edit.is_none() && doubt.word.chance(before, 1) < LEAST {
                    continue;
                }
                let place = (doubt.word, doubt.matters);
                match groups.get_mut(&doubt.key) {
                    None => {
                        groups.insert(doubt.key, Group { item: doubt.item, places: vec![place] });
                    }
                    Some(group) => {
                        group.places.push(place);
                        group.item.kind = group.item.kind.min(doubt.kind);
                        if group.item.elsewhere.len() < MOST_NAMED {
                            group.item.elsewhere.push((doubt.item.doc, doubt.item.line));
                        }
                    }
                }
            }
            words.into_iter().for_each(|word| *papers.entry(word).or_default() += 1);
            numbers.add(&document);
            undecided.add(&document);
        }
    }
    // The paper itself is one of them.
    let others = |group: &Group| papers.get(&group.places[0].0.key).copied().unwrap_or_default().saturating_sub(1);
    let weighed = groups.into_values().filter_map(|group| {
        let others = others(&group);
        group.weighed(others)
    });
    let mut items: Vec<Item> = weighed.collect();
    items.extend(numbers.doubts());
    items.extend(of_graph(&graph, &undecided));
    for one in generation.set_aside()? {
        let note = format!("{}: {}", one.reason, one.message);
        let item = plain(Kind::SetAside, &one.id, &one.reason, note, SET_ASIDE);
        items.push(Item { reading: one.reason, ..item });
    }
    sort(&mut items);
    Ok(items)
}

/// What people disagree on, and decisions that found no place.
pub fn disputes(generation: &Generation, decisions: &Decisions) -> Result<Vec<Item>, Error> {
    let mut items = Vec::new();
    for pair in decisions.conflicts() {
        let (Some(earlier), Some(later)) = (decisions.find(&pair.earlier), decisions.find(&pair.later)) else {
            continue;
        };
        let note = format!(
            "{} said “{}” ({}), {} says “{}” ({}), which holds; one of them is to be taken back",
            earlier.who,
            said(earlier),
            earlier.id,
            later.who,
            said(later),
            later.id
        );
        let item = about(later, Kind::Conflict, &format!("{} {}", earlier.id, later.id), note, DISPUTE);
        items.push(Item {
            reading: said(later),
            choices: vec![said(earlier)],
            decisions: vec![earlier.clone(), later.clone()],
            ..item
        });
    }
    for id in generation.decided()?.lost {
        let Some(decision) = decisions.holding().find(|decision| decision.id == id) else { continue };
        let note = format!(
            "decision {id} of {}: its line “{}” is gone; it is to be taken back, or made again where the text went",
            decision.who,
            decision.source.trim()
        );
        let item = about(decision, Kind::Lost, &id, note, LOST);
        items.push(Item { reading: said(decision), decisions: vec![decision.clone()], ..item });
    }
    Ok(items)
}

/// What a decision says, in few words.
fn said(decision: &Decision) -> String {
    match &decision.edge {
        Some(edge) => {
            let not = if decision.what == What::RemoveEdge { "not " } else { "" };
            format!("{not}{} {} {}", edge.from, edge.relation, edge.to)
        }
        None if decision.new.is_empty() => decision.item.clone(),
        None => decision.new.clone(),
    }
}

/// An item on what people decided.
fn about(decision: &Decision, kind: Kind, what: &str, note: String, worth: f64) -> Item {
    Item {
        line: decision.line,
        column: decision.column,
        scan: decision.scan.clone(),
        scan_line: decision.source.clone(),
        ..plain(kind, &decision.doc, what, note, worth)
    }
}

fn key_of(parts: &[&str]) -> String {
    blake3::hash(parts.join("\n").as_bytes()).to_hex()[..10].to_owned()
}

/// An item that is no stretch of text.
pub(super) fn plain(kind: Kind, doc: &str, what: &str, note: String, worth: f64) -> Item {
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
        names: Vec::new(),
        confidence: 0,
        scan_line: String::new(),
        reading_line: String::new(),
        places: 1,
        elsewhere: Vec::new(),
        note,
        above: String::new(),
        below: String::new(),
        decisions: Vec::new(),
        anchor: None,
        edge: None,
    }
}

/// The doubtful readings of one document.
fn doubts_of(document: &Document) -> Vec<Doubt> {
    let recipients = recipients(document);
    // Of the pieces that the decoder and the page cut differently, each edit is asked about once.
    let mut words = chance::words(document);
    words.dedup_by(|later, earlier| later.edit.is_some() && later.edit == earlier.edit);
    words.retain(|word| word.chance(0, 1) >= LEAST);
    words.sort_by(|a, b| b.chance(0, 1).total_cmp(&a.chance(0, 1)).then_with(|| a.span.start.cmp(&b.span.start)));
    words.truncate(MOST_OF_ONE);
    words.into_iter().map(|word| doubt_of(document, word, recipients)).collect()
}

fn doubt_of(document: &Document, word: Word, recipients: Option<Span>) -> Doubt {
    let text = &document.restored.text;
    let edit = word.edit.map(|edit| &document.restored.edits[edit]);
    let span = edit.map_or(word.span, |edit| edit.span);
    let source = edit.map_or_else(|| document.restored.source_span(span), |edit| edit.source);
    let (reading, scan) = (span.of(text), source.of(&document.source));
    let (before, after) = beside(text, span);
    let (kind, matters) = weigh(document, span, recipients);
    let decision = Decision::new(Timestamp::UNIX_EPOCH, "", What::Accept);
    let anchor = decision.at_place(&document.id.0, &document.source_hash, &document.source, source);
    let anchor = Decision { beside: Some([before.clone(), after.clone()]), ..anchor };
    let key = key_of(&["reading", scan, reading, &before, &after]);
    // A runner-up that reads the same is no other reading, and neither is one that leaves the word out.
    let runner_up =
        edit.and_then(|edit| edit.runner_up.as_deref()).filter(|other| *other != reading && !other.is_empty());
    let line = line_around(text, span.start);
    let [above, below] = around(text, line);
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
        names: Vec::new(),
        confidence: 0,
        scan_line: line_around(&document.source, source.start).to_owned(),
        reading_line: line.to_owned(),
        above: above.to_owned(),
        below: below.to_owned(),
        places: 1,
        elsewhere: Vec::new(),
        note: String::new(),
        decisions: Vec::new(),
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

/// The nearest lines with letters above and below a line of the text.
pub(super) fn around<'t>(text: &'t str, line: &'t str) -> [&'t str; 2] {
    let start = line.as_ptr() as usize - text.as_ptr() as usize;
    let has_letters = |line: &&str| line.contains(char::is_alphanumeric);
    let above = text[..start].lines().rev().find(has_letters);
    let below = text[start + line.len()..].lines().find(has_letters);
    [above.unwrap_or_default(), below.unwrap_or_default()]
}

pub(super) fn line_around(text: &str, at: usize) -> &str {
    let begin = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    &text[begin..end]
}
