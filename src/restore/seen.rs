//! One thread's memory of tokens: how damaged each looks and what it may say.
//!
//! Everything here follows from a token's letters alone, so that what was restored before
//! changes the time an answer takes and never the answer. Bounded: a full memory is emptied
//! before the next document.

use super::candidate::{Candidate, Maker};
use super::channel::Unseen;
use super::lattice::{MOST_STEPS, Step, Steps, weighted};
use super::ngram::Ngram;
use super::regime::{self, Evidence, Regime};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Tokens and candidates kept from one document to the next: about 40 MB when full.
const MOST_TOKENS: usize = 100_000;
const MOST_CANDIDATES: usize = 400_000;

/// Not made yet.
const NO_COLUMN: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Token {
    evidence: Evidence,
    /// By regime (misread, stripped), then where capitals say nothing, the same again.
    columns: [u32; 4],
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    numbers: FxHashMap<Box<str>, u32>,
    tokens: Vec<Token>,
    columns: Vec<Range<u32>>,
    candidates: Vec<Candidate>,
    /// Beside `candidates`, but in each column the most promising first.
    steps: Vec<Step>,
    unseen: Unseen,
    /// By column, where that was asked: what its token may say beside its candidates.
    farther: FxHashMap<u32, Range<u32>>,
    farther_candidates: Vec<Candidate>,
}

impl Seen {
    /// Makes room for another document; whether everything was forgotten for it.
    pub(crate) fn make_room(&mut self) -> bool {
        let full =
            self.tokens.len() > MOST_TOKENS || self.candidates.len() + self.farther_candidates.len() > MOST_CANDIDATES;
        if full {
            *self = Seen::default();
        }
        full
    }

    /// The number of a token, for the other calls.
    #[inline]
    pub(crate) fn token(&mut self, maker: &Maker<'_>, text: &str) -> u32 {
        match self.numbers.get(text) {
            Some(number) => *number,
            None => {
                let number = self.tokens.len() as u32;
                let evidence = regime::judge(maker.lexicon, maker.ngram, text);
                self.tokens.push(Token { evidence, columns: [NO_COLUMN; 4] });
                self.numbers.insert(text.into(), number);
                number
            }
        }
    }

    pub(crate) fn evidence(&self, token: u32) -> Evidence {
        self.tokens[token as usize].evidence
    }

    /// The number of the column of a token, which is `text`, in a text of this damage.
    #[inline]
    pub(crate) fn column(&mut self, maker: &Maker<'_>, token: u32, text: &str, regime: Regime) -> u32 {
        let variant = usize::from(regime == Regime::Stripped) + 2 * usize::from(maker.opens);
        match self.tokens[token as usize].columns[variant] {
            NO_COLUMN => {
                let column = self.make(maker, text, regime);
                self.tokens[token as usize].columns[variant] = column;
                column
            }
            column => column,
        }
    }

    fn make(&mut self, maker: &Maker<'_>, text: &str, regime: Regime) -> u32 {
        let candidates = match regime {
            Regime::Stripped => maker.stripped(text),
            _ => maker.candidates(text, &mut self.unseen),
        };
        self.add(&maker.ngram, candidates)
    }

    /// Adds a column of these candidates, of one document's own; its number.
    pub(crate) fn add(&mut self, ngram: &Ngram<'_>, mut candidates: Vec<Candidate>) -> u32 {
        candidates.truncate(MOST_STEPS);
        let start = self.candidates.len() as u32;
        self.steps.extend(candidates.iter().enumerate().map(|(place, candidate)| Step {
            cost: weighted(candidate.cost),
            words: candidate.words,
            n_words: candidate.n_words,
            alone: candidate.words().first().map_or(0, |word| ngram.unigram_cost(*word)) as i16,
            onward: candidate.words().windows(2).map(|pair| ngram.cost_of_pair(pair[0], pair[1])).sum(),
            candidate: place as u16,
        }));
        self.steps[start as usize..].sort_unstable_by_key(|step| (step.cost + i32::from(step.alone), step.candidate));
        self.candidates.append(&mut candidates);
        self.columns.push(start..self.candidates.len() as u32);
        self.columns.len() as u32 - 1
    }

    /// Finds what the token of a column, which is `text`, may say beside its candidates.
    pub(crate) fn look_farther(&mut self, maker: &Maker<'_>, column: u32, text: &str) {
        if !self.farther.contains_key(&column) {
            let mut found = maker.farther(text, &self.candidates[self.range(column)], &mut self.unseen);
            let start = self.farther_candidates.len() as u32;
            self.farther_candidates.append(&mut found);
            self.farther.insert(column, start..self.farther_candidates.len() as u32);
        }
    }

    /// What [`Seen::look_farther`] found for a column.
    pub(crate) fn farther(&self, column: u32) -> &[Candidate] {
        let range = self.farther.get(&column);
        range.map_or(&[], |range| &self.farther_candidates[range.start as usize..range.end as usize])
    }

    /// Columns so far.
    pub(crate) fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// Forgets the columns after the first `n`, which no token's own may be.
    pub(crate) fn keep(&mut self, n: usize) {
        let Some(first) = self.columns.get(n) else { return };
        self.candidates.truncate(first.start as usize);
        self.steps.truncate(first.start as usize);
        self.columns.truncate(n);
    }

    fn range(&self, column: u32) -> Range<usize> {
        let range = &self.columns[column as usize];
        range.start as usize..range.end as usize
    }

    /// The candidates of a column, the scanned form first.
    pub(crate) fn candidates(&self, column: u32) -> &[Candidate] {
        &self.candidates[self.range(column)]
    }

    /// What the search sees of a column.
    #[inline]
    pub(crate) fn steps(&self, column: u32) -> Steps<'_> {
        Steps { steps: &self.steps[self.range(column)], only: None }
    }
}
