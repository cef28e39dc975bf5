//! The second look: what the likeliest units score, by how often and in which order they have the words.
//!
//! Scores are sums of doubles in the order of the query, from statistics that do not know
//! how the index was built: equal archives give equal scores, to the bit.

use super::Index;
use super::analyzer::Forms;
use super::names::word_key;
use super::phrase::Phrase;
use super::plan::{Leaf, Place, Plan, Statistics};
use super::query::Clause;
use super::suggest::Corrections;
use super::sweep::{Candidate, phrase};
use std::sync::{Arc, LazyLock};
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet};

/// As many units are looked at a second time.
pub(crate) const RERANKED: usize = 96; // Judged queries, dev half, 2026-11: 256 gains 0.2 points.
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
    /// As titles tell words apart.
    key: u32,
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
                Placed { key: word_key(&folded), folded, worth, list: None }
            })
            .collect();
        let in_rows = words.iter().filter(|word| !word.folded.is_empty()).count() > 1;
        let tells = if in_rows { told(statistics, plan, clauses, &words) } else { Vec::new() };
        let total: f64 = words.iter().map(|word| word.worth).sum();
        let mut here: Vec<Vec<u32>> = vec![Vec::new(); words.len()];
        let mut rows = Rows::default();
        // The units of a document stand one after another, and have one title.
        let mut of_title = (u32::MAX, Signs::default());
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
            let mut signs = Signs::default();
            let Some(coverage) = signs.of_plan(plan, candidate, count, length) else { continue };
            if in_rows {
                signs.of_text(&here, &words, total, &mut rows);
                if of_title.0 != candidate.card {
                    of_title = (candidate.card, Signs::default());
                    of_title.1.of_title(self.titles.words(candidate.card), &words, total, &mut here, &mut rows);
                }
                if space.span(candidate.card).0 == candidate.unit {
                    signs.opening = total;
                    if of_title.1.title_row >= total - 1e-9 {
                        // The title is a part of this unit, though not always printed in one piece.
                        (signs.row, signs.whole, signs.near) = (total, total, total);
                    }
                }
            }
            let score = (signs.sum() + of_title.1.sum()) * coverage * coverage;
            found.push(Found { first: 0, score, card: candidate.card, unit: candidate.unit });
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        found
    }

    /// Days since the year 0, for the order by date.
    pub(crate) fn day(&self, card: u32) -> i64 {
        self.cards[card as usize].date.map_or(i64::MIN, |date| {
            i64::from(date.year()) * 400 + i64::from(date.month()) * 32 + i64::from(date.day())
        })
    }
}

/// What speaks for a unit, each in the worth of the words that it concerns.
#[derive(Clone, Copy, Debug, Default)]
struct Signs {
    /// The words, in the reading that is worth most.
    words: f64,
    /// Neighbours standing together in the text.
    together: f64,
    /// Neighbours standing together in the heading.
    head_together: f64,
    /// The longest row of the query's words in the text.
    row: f64,
    /// The whole query as a row in the text.
    whole: f64,
    /// The words of the query in little room.
    near: f64,
    /// The words in the title of the document.
    title: f64,
    /// The longest row in the title.
    title_row: f64,
    /// All of them in the title, in any order.
    title_all: f64,
    /// The words in the title, times how much of the title they are.
    title_share: f64,
    /// The unit is the document's own head.
    opening: f64,
}

impl Signs {
    /// The score.
    // Weights from the judged queries, dev half, 2026-11; half or twice of any one costs less than a point.
    fn sum(&self) -> f64 {
        self.words
            + self.together
            + 1.2 * self.head_together
            + 4.0 * self.row
            + 5.0 * self.whole
            + 3.0 * self.near
            + self.title
            + 2.0 * self.title_row
            + 6.0 * self.title_all
            + 4.0 * self.title_share
            + self.opening
    }

    /// What slots and bonuses say, and the share of the query that is there; `None` if that is too little.
    fn of_plan(
        &mut self,
        plan: &Plan,
        candidate: &Candidate,
        mut count: impl FnMut(usize) -> u32,
        length: f64,
    ) -> Option<f64> {
        let (mut reached, mut total) = (0.0, 0.0);
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
            self.words += best;
            total += slot.weight;
            reached += if there { slot.weight } else { 0.0 };
        }
        for bonus in &plan.bonuses {
            if candidate.has(number) {
                match bonus.found {
                    // Words in the heading count in the first look; here the title says it better.
                    Place::Head => {}
                    Place::HeadPair => self.head_together += bonus.weight,
                    Place::Pair => self.together += bonus.weight * saturated(count(bonus.leaf), length),
                }
            }
            number += 1;
        }
        let coverage = if plan.most && total > 0.0 { reached / total } else { 1.0 };
        (coverage >= MOST - 1e-9).then_some(coverage)
    }

    /// What the order and the nearness of the words in the text are worth, of `total` for all of them.
    fn of_text(&mut self, here: &[Vec<u32>], words: &[Placed], total: f64, rows: &mut Rows) {
        self.row = rows.longest(here, words);
        if self.row >= total - 1e-9 {
            // Nothing is nearer than side by side.
            (self.whole, self.near) = (total, total);
        } else {
            self.near = rows.nearness(here, words);
        }
    }

    /// What the title says.
    fn of_title(&mut self, title: &[u32], words: &[Placed], total: f64, here: &mut [Vec<u32>], rows: &mut Rows) {
        here.iter_mut().for_each(Vec::clear);
        let mut found = 0_usize;
        for (position, own) in title.iter().enumerate() {
            let mut any = false;
            for (word, positions) in words.iter().zip(&mut *here).filter(|(word, _)| word.key == *own) {
                if word.worth > 0.0 {
                    positions.push(position as u32);
                    any = true;
                }
            }
            found += usize::from(any);
        }
        if found == 0 {
            return;
        }
        self.title = here.iter().zip(words).filter(|(own, _)| !own.is_empty()).map(|(_, word)| word.worth).sum();
        self.title_row = rows.longest(here, words);
        self.title_share = self.title * found as f64 / title.len() as f64;
        self.title_all = if self.title >= total - 1e-9 { total } else { 0.0 };
    }
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

/// Room for going through positions.
#[derive(Default)]
struct Rows {
    /// Where a row may end with the word before, what it is worth and how long it is.
    rows: Vec<(u32, f64, u32)>,
    next: Vec<(u32, f64, u32)>,
    /// Positions with their words, in order.
    all: Vec<(u32, u32)>,
    counts: Vec<u32>,
}

impl Rows {
    /// The worth of the best row of neighbouring words that stands somewhere in this order, if it has two at least.
    fn longest(&mut self, positions: &[Vec<u32>], words: &[Placed]) -> f64 {
        let Rows { rows, next, .. } = self;
        rows.clear();
        let mut best: f64 = 0.0;
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
            std::mem::swap(rows, next);
        }
        best
    }

    /// The worth of the words that are there, by how little room holds all of them: whole if they stand side by side.
    fn nearness(&mut self, positions: &[Vec<u32>], words: &[Placed]) -> f64 {
        let Rows { all, counts, .. } = self;
        all.clear();
        let (mut wanted, mut worth) = (0, 0.0);
        for (n, own) in positions.iter().enumerate().filter(|(_, own)| !own.is_empty()) {
            wanted += 1;
            worth += words[n].worth;
            all.extend(own.iter().map(|position| (*position, n as u32)));
        }
        if wanted < 2 {
            return 0.0;
        }
        all.sort_unstable();
        counts.clear();
        counts.resize(positions.len(), 0);
        let (mut inside, mut left, mut least) = (0, 0, u32::MAX);
        for &(position, n) in &*all {
            inside += usize::from(counts[n as usize] == 0);
            counts[n as usize] += 1;
            while inside == wanted {
                least = least.min(position - all[left].0 + 1);
                let gone = all[left].1 as usize;
                counts[gone] -= 1;
                inside -= usize::from(counts[gone] == 0);
                left += 1;
            }
        }
        // Two words of the query may be one and the same: they have the room of one.
        (worth * wanted as f64 / f64::from(least.max(1))).min(worth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(worths: &[f64]) -> Vec<Placed> {
        worths.iter().map(|&worth| Placed { folded: "x".into(), key: 0, worth, list: None }).collect()
    }

    #[test]
    fn the_best_row_keeps_the_order_of_the_query() {
        let words = placed(&[1.0, 2.0, 4.0]);
        let longest = |positions: &[Vec<u32>]| Rows::default().longest(positions, &words);
        assert_eq!(longest(&[vec![3, 9], vec![4], vec![5]]), 7.0);
        assert_eq!(longest(&[vec![3], vec![7], vec![8]]), 6.0);
        assert_eq!(longest(&[vec![5], vec![4], vec![3]]), 0.0);
    }

    #[test]
    fn words_side_by_side_are_nearest() {
        let words = placed(&[1.0, 2.0]);
        let near = |positions: &[Vec<u32>]| Rows::default().nearness(positions, &words);
        assert_eq!(near(&[vec![7], vec![6]]), 3.0);
        assert_eq!(near(&[vec![1, 20], vec![25]]), 1.0);
        assert_eq!(near(&[vec![1], vec![]]), 0.0);
    }
}
