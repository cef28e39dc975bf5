//! The best units of a plan, never more than a few of one document, and a second look at the first of them.

use super::Index;
use super::analyzer::Forms;
use super::cursor::length_parts;
use super::plan::{Place, Plan, Statistics};
use super::query::Clause;
use super::search::Sort;
use super::suggest::Corrections;
use super::write::failed;
use crate::error::Error;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, Term};

/// As many of the best units are looked at a second time, for the order of their words.
pub(crate) const RERANKED: usize = 100;
/// What the longest row of the query's words is worth in the text, in words found once.
const IN_ORDER: f64 = 4.0; // Judged queries, dev half, 2026-11, as are the next two.
/// The same in the title of the document.
const IN_TITLE_ORDER: f64 = 2.0;
/// What each word of the query is worth in the title, wherever it stands.
const IN_TITLE: f64 = 1.0;
/// A unit found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Found {
    /// Days, for the order by date.
    pub(crate) first: i64,
    pub(crate) score: f64,
    pub(crate) card: u32,
    pub(crate) segment: u32,
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

/// Units found by one plan.
#[derive(Default)]
pub(crate) struct Run {
    pub(crate) best: Vec<Found>,
    pub(crate) documents: Vec<u32>,
}

impl Index {
    /// Everything a plan finds: the best units, and all documents.
    pub(crate) fn run(&self, places: &[Place<'_>], plan: &Plan, order: &Order) -> Result<Run, Error> {
        let fail = failed(&self.folder);
        let lengths = length_parts();
        let mut heap: BinaryHeap<Reverse<Found>> = BinaryHeap::with_capacity(order.wanted + 1);
        let mut documents = Vec::new();
        let mut of_one: Vec<Found> = Vec::new();
        let close = |of_one: &mut Vec<Found>, heap: &mut BinaryHeap<Reverse<Found>>| {
            of_one.sort_unstable_by(|a, b| b.cmp(a));
            for found in of_one.drain(..).take(order.per_document) {
                if heap.len() < order.wanted {
                    heap.push(Reverse(found));
                } else if heap.peek().is_some_and(|worst| worst.0 < found) {
                    heap.pop();
                    heap.push(Reverse(found));
                } else {
                    break;
                }
            }
            of_one.clear();
        };
        for (n, place) in places.iter().enumerate() {
            let norms = place.reader.get_fieldnorms_reader(self.fields.folded).map_err(&fail)?;
            let alive = place.reader.alive_bitset();
            let mut cursor = place.cursor(plan);
            let mut last = u32::MAX;
            let mut unit = cursor.doc();
            while unit != TERMINATED {
                let card = place.units[unit as usize];
                if card != u32::MAX && alive.is_none_or(|alive| alive.is_alive(unit)) {
                    // The units of a document are neighbours.
                    if card != last {
                        close(&mut of_one, &mut heap);
                        documents.push(card);
                        last = card;
                    }
                    let score = cursor.score(unit, lengths[norms.fieldnorm_id(unit) as usize]);
                    let first = match order.sort {
                        Sort::Relevance => 0,
                        Sort::Date => self.day(card),
                    };
                    of_one.push(Found { first, score, card, segment: n as u32, unit });
                }
                unit = cursor.seek(unit + 1);
            }
            close(&mut of_one, &mut heap);
        }
        let best = heap.into_sorted_vec().into_iter().map(|Reverse(found)| found).collect();
        Ok(Run { best, documents })
    }

    /// Lifts, among the best units, those that have the words of the query one after another.
    pub(crate) fn rerank(
        &self,
        places: &[Place<'_>],
        statistics: &Statistics<'_>,
        clauses: &[Clause],
        corrections: &Corrections,
        best: &mut [Found],
    ) -> Result<(), Error> {
        let best_len = best.len().min(RERANKED);
        let best = &mut best[..best_len];
        let words: Vec<Option<Box<str>>> = clauses
            .iter()
            .map(|clause| match clause {
                Clause::Word { forms, prefix: false } => {
                    let corrected = corrections.get(&forms.exact).and_then(|others| others.first());
                    Some(corrected.map_or_else(|| forms.folded.clone(), |(other, _)| Forms::of(other).folded))
                }
                _ => None,
            })
            .collect();
        if words.iter().flatten().count() < 2 {
            return Ok(());
        }
        let worths: Vec<f64> = words
            .iter()
            .map(|word| word.as_ref().map_or(0.0, |word| statistics.worth(self.fields.folded, word)))
            .collect();
        let mut here: Vec<Vec<u32>> = vec![Vec::new(); words.len()];
        for (n, place) in places.iter().enumerate() {
            let mut found: Vec<&mut Found> = best.iter_mut().filter(|found| found.segment == n as u32).collect();
            if found.is_empty() {
                continue;
            }
            found.sort_unstable_by_key(|found| found.unit);
            let inverted = place.reader.inverted_index(self.fields.folded).map_err(failed(&self.folder))?;
            let mut lists: Vec<Option<SegmentPostings>> = words
                .iter()
                .map(|word| {
                    let term = Term::from_field_text(self.fields.folded, word.as_deref()?);
                    inverted.read_postings(&term, IndexRecordOption::WithFreqsAndPositions).ok()?
                })
                .collect();
            for found in found {
                let keys = &self.keys[found.card as usize];
                let title = keys.kind.split(' ').chain(keys.title.split(' '));
                here.iter_mut().for_each(Vec::clear);
                for (position, own) in title.enumerate() {
                    for (word, positions) in words.iter().zip(&mut here) {
                        if word.as_deref() == Some(own) {
                            positions.push(position as u32);
                        }
                    }
                }
                let covered: f64 =
                    here.iter().zip(&worths).filter(|(own, _)| !own.is_empty()).map(|(_, worth)| worth).sum();
                found.score += IN_TITLE_ORDER * longest_run(&here, &worths) + IN_TITLE * covered;
                for (list, positions) in lists.iter_mut().zip(&mut here) {
                    positions.clear();
                    if let Some(list) = list
                        && (list.doc() == found.unit
                            || (list.doc() < found.unit && list.seek(found.unit) == found.unit))
                    {
                        list.positions(positions);
                    }
                }
                found.score += IN_ORDER * longest_run(&here, &worths);
            }
        }
        best.sort_unstable_by(|a, b| b.cmp(a));
        Ok(())
    }

    /// Days since the year 0, for the order by date.
    fn day(&self, card: u32) -> i64 {
        self.cards[card as usize].date.map_or(i64::MIN, |date| {
            i64::from(date.year()) * 400 + i64::from(date.month()) * 32 + i64::from(date.day())
        })
    }
}

/// The worth of the best row of neighbouring words that stands somewhere in this order, if it has two at least.
fn longest_run(positions: &[Vec<u32>], worths: &[f64]) -> f64 {
    let mut best: f64 = 0.0;
    // Where a row may end with the word before, and what it is worth.
    let mut rows: Vec<(u32, f64, u32)> = Vec::new();
    for (own, worth) in positions.iter().zip(worths) {
        let mut next = Vec::with_capacity(own.len());
        let mut at = 0;
        for &position in own {
            while at < rows.len() && rows[at].0 + 1 < position {
                at += 1;
            }
            let (before, length) = match rows.get(at) {
                Some(&(last, sum, length)) if last + 1 == position => (sum, length),
                _ => (0.0, 0),
            };
            next.push((position, before + worth, length + 1));
            if length > 0 {
                best = best.max(before + worth);
            }
        }
        rows = next;
    }
    best
}

/// How many hits, how many of one document, in which order.
pub(crate) struct Order {
    pub(crate) wanted: usize,
    pub(crate) per_document: usize,
    pub(crate) sort: Sort,
}
