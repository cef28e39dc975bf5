//! The second look: what the likeliest units score, by how often and in which order they have the words.
//!
//! Scores are sums of doubles in the order of the query, from statistics that do not know
//! how the index was built: equal archives give equal scores, to the bit.

use super::Index;
use super::analyzer::Forms;
use super::phrase::Phrase;
use super::plan::{Leaf, Plan, Statistics};
use super::query::Clause;
use super::suggest::Corrections;
use super::sweep::{Candidate, phrase};
use std::sync::{Arc, LazyLock};
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet};

/// As many units are looked at a second time.
pub(crate) const RERANKED: usize = 128;
/// What the longest row of the query's words is worth in the text, in words found once.
const IN_ORDER: f64 = 4.0; // Judged queries, dev half, 2026-11, as are the next two.
/// The same in the title of the document.
const IN_TITLE_ORDER: f64 = 2.0;
/// What each word of the query is worth in the title, wherever it stands.
const IN_TITLE: f64 = 1.0;
/// The share of a query's weight that a unit must have to be shown for most of its words.
const MOST: f64 = 0.25; // Judged queries, dev half, 2026-11: 0.55 loses eight points on misspelt ones.

/// Term frequency saturates at this pace (BM25's k1).
const K1: f64 = 1.2;
/// How much longer units are held down (BM25's b).
const B: f64 = 0.6;
/// The length, in syllables, that is neither held down nor lifted. Fixed, not measured,
/// so that one more document in the archive never changes the order of two others by length.
const USUAL: f64 = 220.0;

/// BM25's length part for every length code.
static LENGTHS: LazyLock<[f64; 256]> = LazyLock::new(|| {
    std::array::from_fn(|code| {
        let length = f64::from(FieldNormReader::id_to_fieldnorm(code as u8));
        K1 * (1.0 - B + B * length / USUAL)
    })
});

fn saturated(frequency: u32, length: f64) -> f64 {
    let frequency = f64::from(frequency);
    frequency * (K1 + 1.0) / (frequency + length)
}

/// A unit found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Found {
    /// Days, for the order by date.
    pub(crate) first: i64,
    pub(crate) score: f64,
    pub(crate) card: u32,
    pub(crate) unit: u32,
}

impl Eq for Found {}

impl Ord for Found {
    fn cmp(&self, other: &Found) -> std::cmp::Ordering {
        self.first
            .cmp(&other.first)
            .then_with(|| self.score.total_cmp(&other.score))
            .then_with(|| other.card.cmp(&self.card))
            .then_with(|| other.unit.cmp(&self.unit))
    }
}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Found) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The list of one leaf in the segment at hand, opened when first needed.
enum Counter {
    Closed,
    Missing,
    List(Box<SegmentPostings>),
    Phrase(Box<Phrase>),
}

/// Lists of the segment at hand.
struct Counters<'p> {
    statistics: Statistics<'p>,
    plan: &'p Plan,
    segment: u32,
    own: Vec<Counter>,
}

impl Counters<'_> {
    /// How often the unit has what a leaf asks for; 1 for what cannot be counted.
    fn count(&mut self, leaf: usize, doc: DocId) -> u32 {
        if let Counter::Closed = self.own[leaf] {
            let space = self.statistics.space;
            self.own[leaf] = match &self.plan.leaves[leaf] {
                Leaf::Term(known) => space
                    .postings(known, self.segment, IndexRecordOption::WithFreqs)
                    .map_or(Counter::Missing, |list| Counter::List(Box::new(list))),
                Leaf::Phrase(words) => {
                    phrase(space, words, self.segment).map_or(Counter::Missing, |own| Counter::Phrase(Box::new(own)))
                }
                Leaf::Allowed(_) => Counter::Missing,
            };
        }
        let count = match &mut self.own[leaf] {
            Counter::List(list) => reaches(list, doc).then(|| list.term_freq()),
            Counter::Phrase(phrase) => (phrase.find(doc) == doc).then(|| phrase.count()),
            Counter::Closed | Counter::Missing => None,
        };
        count.unwrap_or(1)
    }
}

/// Whether a list has `doc`; moves up to it.
fn reaches(list: &mut SegmentPostings, doc: DocId) -> bool {
    list.doc() == doc || (list.doc() < doc && list.seek(doc) == doc)
}

/// A word of the query whose place in the text counts.
struct Placed {
    folded: Box<str>,
    worth: f64,
    list: Option<SegmentPostings>,
}

/// Which positions tell how often a leaf is there, so that its own list need not be opened.
#[derive(Clone, Copy)]
enum Told {
    /// Those of a word; with marks it is at most as often there.
    Word(usize),
    /// Those of a word and the next.
    Pair(usize),
}

/// For each leaf of a plan what tells its count, if the words of the query are `words`.
fn told(statistics: Statistics<'_>, plan: &Plan, clauses: &[Clause], words: &[Placed]) -> Vec<Option<Told>> {
    let Statistics { space, fields } = statistics;
    let mut known = Vec::new();
    for (n, word) in words.iter().enumerate().filter(|(_, word)| !word.folded.is_empty()) {
        known.push((space.term(fields.folded, &word.folded), Told::Word(n)));
        if let Some(Clause::Word { forms, .. }) = clauses.get(n)
            && forms.folded == word.folded
        {
            known.push((space.term(fields.exact, &forms.exact), Told::Word(n)));
        }
        if let Some(next) = words.get(n + 1).filter(|next| !next.folded.is_empty()) {
            let pair = format!("{} {}", word.folded, next.folded);
            known.push((space.term(fields.pairs, &pair), Told::Pair(n)));
        }
    }
    let told = |leaf: &Leaf| match leaf {
        Leaf::Term(own) => known.iter().find(|(known, _)| Arc::ptr_eq(known, own)).map(|(_, told)| *told),
        _ => None,
    };
    plan.leaves.iter().map(told).collect()
}

impl Index {
    /// Scores candidates, which come in order of their units; the best first.
    pub(crate) fn second_look(
        &self,
        statistics: Statistics<'_>,
        plan: &Plan,
        clauses: &[Clause],
        corrections: &Corrections,
        candidates: &[Candidate],
    ) -> Vec<Found> {
        let space = statistics.space;
        // Words apart from each other by something else stand in no row: an empty word between them.
        let mut words: Vec<Placed> = clauses
            .iter()
            .map(|clause| {
                let folded = match clause {
                    Clause::Word { forms, prefix: false } => {
                        let corrected = corrections.get(&forms.exact).and_then(|others| others.first());
                        corrected.map_or_else(|| forms.folded.clone(), |(other, _)| Forms::of(other).folded)
                    }
                    _ => Box::default(),
                };
                let worth = if folded.is_empty() { 0.0 } else { statistics.worth(self.fields.folded, &folded) };
                Placed { folded, worth, list: None }
            })
            .collect();
        let in_rows = words.iter().filter(|word| !word.folded.is_empty()).count() > 1;
        let tells = if in_rows { told(statistics, plan, clauses, &words) } else { Vec::new() };
        let mut here: Vec<Vec<u32>> = vec![Vec::new(); words.len()];
        let mut counters = Counters { statistics, plan, segment: u32::MAX, own: Vec::new() };
        let mut found = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let address = space.address(candidate.unit);
            if address.segment_ord != counters.segment {
                counters.segment = address.segment_ord;
                counters.own = plan.leaves.iter().map(|_| Counter::Closed).collect();
                for word in words.iter_mut().filter(|word| in_rows && !word.folded.is_empty()) {
                    let known = space.term(self.fields.folded, &word.folded);
                    let option = IndexRecordOption::WithFreqsAndPositions;
                    word.list = space.postings(&known, address.segment_ord, option);
                }
            }
            let doc = address.doc_id;
            let length = LENGTHS[space.norm(candidate.unit) as usize];
            if in_rows {
                for (word, positions) in words.iter_mut().zip(&mut here) {
                    positions.clear();
                    if let Some(list) = &mut word.list
                        && reaches(list, doc)
                    {
                        list.positions(positions);
                    }
                }
            }
            let count = |leaf: usize| match tells.get(leaf).copied().flatten() {
                Some(Told::Word(n)) => here[n].len().max(1) as u32,
                Some(Told::Pair(n)) => neighbours(&here[n], &here[n + 1]).max(1),
                None => counters.count(leaf, doc),
            };
            let Some(mut score) = score(plan, candidate, count, length) else { continue };
            if in_rows {
                score += IN_ORDER * longest_run(&here, &words);
                score += self.in_title(candidate.card, &words, &mut here);
            }
            found.push(Found { first: 0, score, card: candidate.card, unit: candidate.unit });
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        found
    }

    /// What the words are worth that stand in the title, and the longest row of them.
    fn in_title(&self, card: u32, words: &[Placed], here: &mut [Vec<u32>]) -> f64 {
        let keys = &self.keys[card as usize];
        here.iter_mut().for_each(Vec::clear);
        for (position, own) in self.names.kind(keys.kind).split(' ').chain(keys.title.split(' ')).enumerate() {
            for (word, positions) in words.iter().zip(&mut *here) {
                if *word.folded == *own {
                    positions.push(position as u32);
                }
            }
        }
        let covered: f64 = here.iter().zip(words).filter(|(own, _)| !own.is_empty()).map(|(_, word)| word.worth).sum();
        IN_TITLE_ORDER * longest_run(here, words) + IN_TITLE * covered
    }

    /// Days since the year 0, for the order by date.
    pub(crate) fn day(&self, card: u32) -> i64 {
        self.cards[card as usize].date.map_or(i64::MIN, |date| {
            i64::from(date.year()) * 400 + i64::from(date.month()) * 32 + i64::from(date.day())
        })
    }
}

/// What a unit scores by its slots and bonuses; `None` if too little of the query is there.
fn score(plan: &Plan, candidate: &Candidate, mut count: impl FnMut(usize) -> u32, length: f64) -> Option<f64> {
    let (mut sum, mut reached, mut total) = (0.0, 0.0, 0.0);
    let mut number = 0;
    for slot in &plan.slots {
        let mut best: f64 = 0.0;
        let mut there = false;
        for reading in &slot.readings {
            // A dearer reading of the slot is there already where this one's trait is not set.
            if candidate.has(number) {
                there = true;
                best = best.max(reading.weight * saturated(count(reading.needs[0]), length));
            }
            number += 1;
        }
        sum += best;
        total += slot.weight;
        reached += if there { slot.weight } else { 0.0 };
    }
    for bonus in &plan.bonuses {
        if candidate.has(number) {
            let worth = if bonus.by_length { saturated(count(bonus.leaf), length) } else { 1.0 };
            sum += bonus.weight * worth;
        }
        number += 1;
    }
    if !plan.most {
        return Some(sum);
    }
    let coverage = if total > 0.0 { reached / total } else { 1.0 };
    (coverage >= MOST - 1e-9).then_some(sum * coverage * coverage)
}

/// How often a position of `left` is followed by one of `right`.
fn neighbours(left: &[u32], right: &[u32]) -> u32 {
    let mut right = right.iter().peekable();
    let mut n = 0;
    for position in left {
        while right.next_if(|own| **own <= *position).is_some() {}
        n += u32::from(right.peek().is_some_and(|own| **own == position + 1));
    }
    n
}

/// The worth of the best row of neighbouring words that stands somewhere in this order, if it has two at least.
fn longest_run(positions: &[Vec<u32>], words: &[Placed]) -> f64 {
    let mut best: f64 = 0.0;
    // Where a row may end with the word before, and what it is worth.
    let mut rows: Vec<(u32, f64, u32)> = Vec::new();
    let mut next: Vec<(u32, f64, u32)> = Vec::new();
    for (own, word) in positions.iter().zip(words) {
        next.clear();
        let mut at = 0;
        for &position in own {
            while at < rows.len() && rows[at].0 + 1 < position {
                at += 1;
            }
            let (before, length) = match rows.get(at) {
                Some(&(last, sum, length)) if last + 1 == position => (sum, length),
                _ => (0.0, 0),
            };
            next.push((position, before + word.worth, length + 1));
            if length > 0 {
                best = best.max(before + word.worth);
            }
        }
        std::mem::swap(&mut rows, &mut next);
    }
    best
}
