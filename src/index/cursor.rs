//! Iterators over units that satisfy a condition, and what each unit scores.
//!
//! Scores are sums of doubles in the order of the query, from statistics that do not know
//! how the index was built: equal archives give equal scores, to the bit.

use std::rc::Rc;
use std::sync::Arc;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::{DocId, DocSet, TERMINATED};

/// Term frequency saturates at this pace (BM25's k1).
const K1: f64 = 1.2;
/// How much longer units are held down (BM25's b).
const B: f64 = 0.6;
/// The length, in syllables, that is neither held down nor lifted. Fixed, not measured,
/// so that one more document in the archive never changes the order of two others by length.
const USUAL: f64 = 220.0;

/// BM25's length part for every length code.
pub(crate) fn length_parts() -> Box<[f64; 256]> {
    let mut parts = Box::new([0.0; 256]);
    for (code, part) in parts.iter_mut().enumerate() {
        let length = f64::from(FieldNormReader::id_to_fieldnorm(code as u8));
        *part = K1 * (1.0 - B + B * length / USUAL);
    }
    parts
}

fn saturated(frequency: u32, length: f64) -> f64 {
    let frequency = f64::from(frequency);
    frequency * (K1 + 1.0) / (frequency + length)
}

/// One posting list and what a match is worth.
pub(crate) struct List {
    pub(crate) postings: SegmentPostings,
    pub(crate) weight: f64,
}

impl List {
    /// Whether the list has `doc`; moves up to it.
    fn reaches(&mut self, doc: DocId) -> bool {
        self.postings.doc() == doc || (self.postings.doc() < doc && self.postings.seek(doc) == doc)
    }
}

/// A syllable: found folded, worth more as it was typed.
pub(crate) struct Slot {
    pub(crate) folded: List,
    /// Only where the query has a mark.
    pub(crate) exact: Option<List>,
    /// Runner-up readings and raw forms.
    pub(crate) doubt: Option<List>,
}

impl Slot {
    fn doc(&self) -> DocId {
        let folded = self.folded.postings.doc();
        self.doubt.as_ref().map_or(folded, |doubt| folded.min(doubt.postings.doc()))
    }

    fn seek(&mut self, target: DocId) -> DocId {
        let mut doc = self.folded.postings.doc();
        if doc < target {
            doc = self.folded.postings.seek(target);
        }
        if let Some(doubt) = &mut self.doubt {
            let other = doubt.postings.doc();
            doc = doc.min(if other < target { doubt.postings.seek(target) } else { other });
        }
        doc
    }

    fn score(&mut self, doc: DocId, length: f64) -> f64 {
        let mut best: f64 = 0.0;
        if self.folded.postings.doc() == doc {
            best = self.folded.weight * saturated(self.folded.postings.term_freq(), length);
        }
        if let Some(exact) = &mut self.exact
            && exact.reaches(doc)
        {
            best = best.max(exact.weight * saturated(exact.postings.term_freq(), length));
        }
        if let Some(doubt) = &mut self.doubt
            && doubt.postings.doc() == doc
        {
            best = best.max(doubt.weight * saturated(1, length));
        }
        best
    }
}

/// Syllables one after another, checked by position.
pub(crate) struct Phrase {
    pub(crate) lists: Vec<SegmentPostings>,
    pub(crate) weight: f64,
    pub(crate) doc: DocId,
    pub(crate) count: u32,
}

impl Phrase {
    /// Starts at the first unit that has the phrase.
    pub(crate) fn new(lists: Vec<SegmentPostings>, weight: f64) -> Phrase {
        let mut phrase = Phrase { lists, weight, doc: 0, count: 0 };
        phrase.find(0);
        phrase
    }

    fn find(&mut self, target: DocId) -> DocId {
        let mut target = target;
        let mut starts = Vec::new();
        let mut next = Vec::new();
        loop {
            let Some(doc) = leapfrog(&mut self.lists, target) else {
                self.doc = TERMINATED;
                return TERMINATED;
            };
            self.lists[0].positions(&mut starts);
            for (n, list) in self.lists.iter_mut().enumerate().skip(1) {
                list.positions(&mut next);
                starts.retain(|start| next.binary_search(&(start + n as u32)).is_ok());
                if starts.is_empty() {
                    break;
                }
            }
            if !starts.is_empty() {
                self.doc = doc;
                self.count = starts.len() as u32;
                return doc;
            }
            target = doc + 1;
        }
    }
}

/// The first unit at or after `target` that all lists have.
fn leapfrog(lists: &mut [SegmentPostings], mut target: DocId) -> Option<DocId> {
    'again: loop {
        for list in lists.iter_mut() {
            let doc = if list.doc() < target { list.seek(target) } else { list.doc() };
            if doc == TERMINATED {
                return None;
            }
            if doc > target {
                target = doc;
                continue 'again;
            }
        }
        return Some(target);
    }
}

/// What is added to a unit that is found anyway.
pub(crate) struct Bonus {
    pub(crate) list: List,
    /// Whether frequency and length count, as they do for text but not for headings.
    pub(crate) by_length: bool,
}

/// An iterator over units.
pub(crate) enum Cursor {
    /// Nothing.
    Nothing,
    /// A syllable.
    Slot(Box<Slot>),
    /// A phrase.
    Phrase(Phrase),
    /// One list, without marks or doubts.
    Plain(Box<List>),
    /// At least one of these; the best counts.
    Any(Vec<Cursor>),
    /// All of these, none of those; with extras.
    All { parts: Vec<Cursor>, order: Vec<usize>, without: Vec<Cursor>, bonuses: Vec<Bonus>, doc: DocId },
    /// Parts whose weights reach `needed`; with extras. The first `drivers` of `order` are
    /// the rarest parts, of which any such unit has one.
    Most {
        parts: Vec<(Cursor, f64)>,
        order: Vec<usize>,
        drivers: usize,
        needed: f64,
        without: Vec<Cursor>,
        bonuses: Vec<Bonus>,
        doc: DocId,
    },
    /// Units of the documents allowed.
    Where { units: Arc<[u32]>, allowed: Rc<[bool]>, doc: DocId, n_allowed: usize },
}

impl Cursor {
    /// All of `parts`, started.
    pub(crate) fn all(parts: Vec<Cursor>, without: Vec<Cursor>, bonuses: Vec<Bonus>) -> Cursor {
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|n| parts[*n].cost());
        let mut cursor = Cursor::All { parts, order, without, bonuses, doc: 0 };
        cursor.settle(0);
        cursor
    }

    /// Enough of `parts`, started.
    pub(crate) fn most(parts: Vec<(Cursor, f64)>, share: f64, without: Vec<Cursor>, bonuses: Vec<Bonus>) -> Cursor {
        let total: f64 = parts.iter().map(|(_, weight)| weight).sum();
        let needed = total * share - 1e-9;
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|n| parts[*n].0.cost());
        let mut rest = total;
        let mut drivers = 0;
        while drivers < order.len() && rest >= needed {
            rest -= parts[order[drivers]].1;
            drivers += 1;
        }
        let mut cursor = Cursor::Most { parts, order, drivers, needed, without, bonuses, doc: 0 };
        cursor.settle(0);
        cursor
    }

    /// Units of the documents allowed, started.
    pub(crate) fn where_allowed(units: Arc<[u32]>, allowed: Rc<[bool]>) -> Cursor {
        let n_allowed = allowed.iter().filter(|allowed| **allowed).count();
        let mut cursor = Cursor::Where { units, allowed, doc: 0, n_allowed };
        cursor.settle(0);
        cursor
    }

    /// The current unit; [`TERMINATED`] at the end.
    pub(crate) fn doc(&self) -> DocId {
        match self {
            Cursor::Nothing => TERMINATED,
            Cursor::Slot(slot) => slot.doc(),
            Cursor::Phrase(phrase) => phrase.doc,
            Cursor::Plain(list) => list.postings.doc(),
            Cursor::Any(parts) => parts.iter().map(Cursor::doc).min().unwrap_or(TERMINATED),
            Cursor::All { doc, .. } | Cursor::Most { doc, .. } | Cursor::Where { doc, .. } => *doc,
        }
    }

    /// The first unit at or after `target`, which must not lie before the current one.
    pub(crate) fn seek(&mut self, target: DocId) -> DocId {
        if self.doc() >= target {
            return self.doc();
        }
        match self {
            Cursor::Nothing => TERMINATED,
            Cursor::Slot(slot) => slot.seek(target),
            Cursor::Phrase(phrase) => phrase.find(target),
            Cursor::Plain(list) => list.postings.seek(target),
            Cursor::Any(parts) => parts.iter_mut().map(|part| part.seek(target)).min().unwrap_or(TERMINATED),
            Cursor::All { .. } | Cursor::Most { .. } | Cursor::Where { .. } => self.settle(target),
        }
    }

    /// Roughly how many units there are to come.
    pub(crate) fn cost(&self) -> u64 {
        match self {
            Cursor::Nothing => 0,
            Cursor::Slot(slot) => u64::from(slot.folded.postings.doc_freq()),
            Cursor::Phrase(phrase) => phrase.lists.iter().map(|list| u64::from(list.doc_freq())).min().unwrap_or(0),
            Cursor::Plain(list) => u64::from(list.postings.doc_freq()),
            Cursor::Any(parts) => parts.iter().map(Cursor::cost).sum(),
            Cursor::All { parts, .. } => parts.iter().map(Cursor::cost).min().unwrap_or(0),
            Cursor::Most { parts, .. } => parts.iter().map(|(part, _)| part.cost()).sum(),
            Cursor::Where { units, allowed, n_allowed, .. } => {
                // A scan is dear for its length, and worth little where most is allowed.
                (units.len() as u64) * (1 + *n_allowed as u64) / (1 + allowed.len() as u64) + units.len() as u64 / 8
            }
        }
    }

    fn settle(&mut self, target: DocId) -> DocId {
        match self {
            Cursor::All { parts, order, without, doc, .. } => {
                let mut target = target;
                *doc = 'again: loop {
                    for n in order.iter() {
                        let at = parts[*n].seek(target);
                        if at == TERMINATED {
                            break 'again TERMINATED;
                        }
                        if at > target {
                            target = at;
                            continue 'again;
                        }
                    }
                    if order.is_empty() {
                        break TERMINATED;
                    }
                    if without.iter_mut().any(|part| part.seek(target) == target) {
                        target += 1;
                        continue;
                    }
                    break target;
                };
                *doc
            }
            Cursor::Most { parts, order, drivers, needed, without, doc, .. } => {
                let mut target = target;
                *doc = loop {
                    let mut at = TERMINATED;
                    for n in &order[..*drivers] {
                        at = at.min(parts[*n].0.seek(target));
                    }
                    if at == TERMINATED {
                        break TERMINATED;
                    }
                    let mut reached = 0.0;
                    for (part, weight) in parts.iter_mut() {
                        if part.seek(at) == at {
                            reached += *weight;
                        }
                    }
                    if reached >= *needed && !without.iter_mut().any(|part| part.seek(at) == at) {
                        break at;
                    }
                    target = at + 1;
                };
                *doc
            }
            Cursor::Where { units, allowed, doc, .. } => {
                let from = target as usize;
                *doc = match units.get(from..).and_then(|rest| rest.iter().position(|card| allowed[*card as usize])) {
                    Some(ahead) => (from + ahead) as DocId,
                    None => TERMINATED,
                };
                *doc
            }
            _ => self.doc(),
        }
    }

    /// What the current unit scores; `length` is its entry of [`length_parts`].
    pub(crate) fn score(&mut self, doc: DocId, length: f64) -> f64 {
        match self {
            Cursor::Nothing | Cursor::Where { .. } => 0.0,
            Cursor::Slot(slot) => slot.score(doc, length),
            Cursor::Phrase(phrase) => phrase.weight * saturated(phrase.count, length),
            Cursor::Plain(list) => list.weight * saturated(list.postings.term_freq(), length),
            Cursor::Any(parts) => parts
                .iter_mut()
                .filter(|part| part.doc() == doc)
                .map(|part| part.score(doc, length))
                .fold(0.0, f64::max),
            Cursor::All { parts, bonuses, .. } => {
                let mut sum = 0.0;
                for part in parts {
                    sum += part.score(doc, length);
                }
                sum + extras(bonuses, doc, length)
            }
            Cursor::Most { parts, bonuses, .. } => {
                let (mut sum, mut reached, mut total) = (0.0, 0.0, 0.0);
                for (part, weight) in parts {
                    total += *weight;
                    if part.doc() == doc {
                        reached += *weight;
                        sum += part.score(doc, length);
                    }
                }
                let coverage = if total > 0.0 { reached / total } else { 1.0 };
                (sum + extras(bonuses, doc, length)) * coverage * coverage
            }
        }
    }
}

fn extras(bonuses: &mut [Bonus], doc: DocId, length: f64) -> f64 {
    let mut sum = 0.0;
    for bonus in bonuses {
        if bonus.list.reaches(doc) {
            let worth = if bonus.by_length { saturated(bonus.list.postings.term_freq(), length) } else { 1.0 };
            sum += bonus.list.weight * worth;
        }
    }
    sum
}
