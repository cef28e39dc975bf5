//! The second look at a page: its doubtful tokens in the light of its certain ones.
//!
//! Two things a page teaches of itself: how its scanner misread letters, and which words stand side by side.

use super::candidate::{Candidate, Form, Maker};
use super::channel::Reading;
use super::decode::{Decoder, SURE, Scratch, Token};
use super::habits::{Habits, Segments};
use super::lattice::Choice;
use super::memory::CERTAIN;
use super::ngram::{Ngram, WordId};
use super::seen::Seen;
use super::syllable::Shape;
use crate::text::{Span, fold_char};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};

/// Where a token is no surer than this, in thousandths, other places of the document are asked, and its letters
/// one by one.
const RECALL: u16 = 900;
/// What a candidate may be dearer than the best of its column, itself and its word, for a habit to matter.
const NEAR: i32 = 3_500;
/// What is read letter by letter at a greater cost is not the word: one surprise, and hardly anything beside it.
const FARTHEST: i32 = 4_300;

impl Decoder {
    /// The columns of doubtful tokens with costs after this page's own habits, and with what they may say besides.
    pub(super) fn adapt_columns(&self, ngram: &Ngram<'_>, scratch: &mut Scratch, text: &str) {
        let Scratch { seen, segments, habits, tokens, chosen, noise, .. } = scratch;
        let mut maker =
            Maker { channel: &self.channel, lexicon: &self.lexicon, ngram: *ngram, shapes: &self.shapes, opens: true };
        // What other documents asked for is no part of this one.
        let mut asked = FxHashSet::default();
        for (token, choice) in tokens.iter().zip(&*chosen).filter(|(token, _)| token.misread) {
            if choice.confidence < RECALL {
                maker.opens = token.opens;
                seen.look_farther(&maker, token.column, token.span.of(text));
                asked.insert(token.column);
            }
        }
        let adapted = self.adapted(ngram, seen, segments, habits, text, tokens, chosen, noise, &asked);
        let columns: FxHashMap<u32, u32> =
            adapted.into_iter().map(|(column, own)| (column, seen.add(ngram, own))).collect();
        for (token, choice) in tokens.iter_mut().zip(chosen).filter(|(_, choice)| choice.confidence < SURE) {
            let _ = choice;
            token.column = columns.get(&token.column).copied().unwrap_or(token.column);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn adapted(
        &self,
        ngram: &Ngram<'_>,
        seen: &Seen,
        segments: &mut Segments,
        habits: &mut Habits,
        text: &str,
        tokens: &[Token],
        chosen: &[Choice],
        noise: &[bool],
        farther: &FxHashSet<u32>,
    ) -> BTreeMap<u32, Vec<Candidate>> {
        let mut certain: FxHashMap<(u32, u32), (u32, Span)> = FxHashMap::default();
        let mut doubtful: FxHashMap<u32, Span> = FxHashMap::default();
        for (at, (token, choice)) in tokens.iter().zip(chosen).enumerate() {
            if noise[at] {
                continue;
            }
            let candidate = &seen.candidates(token.column)[choice.candidate];
            if choice.confidence >= CERTAIN && matches!(candidate.form, Form::Syllable(_)) {
                certain.entry((token.column, choice.candidate as u32)).or_insert((0, token.span)).0 += 1;
            } else if choice.confidence < CERTAIN {
                doubtful.entry(token.column).or_insert(token.span);
            }
        }
        if doubtful.is_empty() {
            return BTreeMap::default();
        }
        // All that is counted and all that is asked has its number first.
        let mut asked: Vec<(u32, Vec<Candidate>, Vec<usize>)> = Vec::with_capacity(doubtful.len());
        for ((column, idx), (_, span)) in &certain {
            self.chunks(seen, segments, (*column, *idx), span.of(text));
        }
        for (column, span) in &doubtful {
            let own = seen.candidates(*column).to_vec();
            let promise = |candidate: &Candidate| {
                candidate.cost + candidate.words().first().map_or(0, |word| ngram.unigram_cost(*word))
            };
            let near = own.iter().map(promise).min().unwrap_or_default() + NEAR;
            let known = |idx: &usize| self.chunks(seen, segments, (*column, *idx as u32), span.of(text)).is_some();
            let near = (0..own.len()).filter(|idx| promise(&own[*idx]) < near).filter(known).collect();
            asked.push((*column, own, near));
        }
        habits.begin(segments);
        for (key, (n, _)) in &certain {
            habits.add(segments, segments.known(*key), *n);
        }
        let mut adapted: BTreeMap<u32, Vec<Candidate>> = BTreeMap::default();
        for (column, mut own, near) in asked {
            for idx in near {
                let change = habits.change(segments, segments.known((column, idx as u32)));
                own[idx].cost = (own[idx].cost + change).max(0);
            }
            if farther.contains(&column) {
                own.extend_from_slice(seen.farther(column));
            }
            adapted.insert(column, own);
        }
        self.recalled(seen, ngram, text, tokens, chosen, noise, &mut adapted);
        adapted
    }

    /// By which chunks `token` was read as a candidate (its column and its place there); `None` where that is no syllable.
    fn chunks<'s>(&self, seen: &Seen, segments: &'s mut Segments, key: (u32, u32), token: &str) -> Option<&'s [u32]> {
        let candidate = &seen.candidates(key.0)[key.1 as usize];
        let Form::Syllable(reading) = &candidate.form else { return None };
        let read = &token[candidate.core.0..candidate.core.1];
        Some(segments.of(key, || self.channel.segment(&self.usual(reading), read)))
    }

    /// Adds to the columns of doubtful tokens what elsewhere on these pages stands beside the same certain word:
    /// `cán by` may be `cán bộ` where that occurs, however strange a `y` for `ộ`.
    #[allow(clippy::too_many_arguments)]
    fn recalled(
        &self,
        seen: &Seen,
        ngram: &Ngram<'_>,
        text: &str,
        tokens: &[Token],
        chosen: &[Choice],
        noise: &[bool],
        adapted: &mut BTreeMap<u32, Vec<Candidate>>,
    ) {
        let candidate = |at: usize| &seen.candidates(tokens[at].column)[chosen[at].candidate];
        let certain = |at: usize| {
            let own = candidate(at);
            (chosen[at].confidence >= CERTAIN && !own.words().is_empty() && !noise[at]).then_some(own)
        };
        let ends = |own: &Candidate| (own.words[0], own.words[usize::from(own.n_words) - 1]);
        let doubtful = |at: usize| !noise[at] && chosen[at].confidence < RECALL;
        // By the last word of a certain token before a doubtful one, and by the first of one after it.
        let mut after: FxHashMap<WordId, BTreeSet<WordId>> = FxHashMap::default();
        let mut before: FxHashMap<WordId, BTreeSet<WordId>> = FxHashMap::default();
        for at in 1..tokens.len() {
            match (certain(at - 1), certain(at)) {
                (Some(one), None) if doubtful(at) => drop(after.entry(ends(one).1).or_default()),
                (None, Some(two)) if doubtful(at - 1) => drop(before.entry(ends(two).0).or_default()),
                _ => {}
            }
        }
        for at in 1..tokens.len() {
            if let (Some(one), Some(two)) = (certain(at - 1), certain(at)) {
                if let Some(words) = after.get_mut(&ends(one).1) {
                    words.insert(ends(two).0);
                }
                if let Some(words) = before.get_mut(&ends(two).0) {
                    words.insert(ends(one).1);
                }
            }
        }
        for at in 0..tokens.len() {
            if !doubtful(at) {
                continue;
            }
            let Some(own) = adapted.get_mut(&tokens[at].column) else { continue };
            let left = at.checked_sub(1).and_then(certain).and_then(|left| after.get(&ends(left).1));
            let right = (at + 1 < tokens.len()).then(|| certain(at + 1)).flatten();
            let right = right.and_then(|right| before.get(&ends(right).0));
            let model = own.iter().find(|candidate| matches!(candidate.form, Form::Syllable(_))).cloned();
            let Some(model) = model else { continue };
            let read = &tokens[at].span.of(text)[model.core.0..model.core.1];
            for word in left.into_iter().chain(right).flatten().filter(|word| may_be(ngram.word(**word), read)) {
                let Some(syllable) = self.lexicon.syllable(*word) else { continue };
                let costs = Shape::ALL.map(|shape| {
                    let mut written = String::new();
                    shape.apply(ngram.word(*word), &mut written);
                    self.channel.at_most(&written, read)
                });
                let cost = costs[0].min(costs[1]).min(costs[2]);
                if cost > FARTHEST || own.iter().any(|other| other.words[0] == *word && other.cost <= cost) {
                    continue;
                }
                let mut recalled = model.clone();
                recalled.words[0] = *word;
                recalled.form = Form::Syllable(Reading { syllable, costs });
                recalled.cost = cost;
                own.push(recalled);
            }
        }
    }

    /// The spelling of a reading in the shape that explains it best.
    fn usual(&self, reading: &Reading) -> String {
        let shape = Shape::ALL.into_iter().min_by_key(|shape| reading.costs[*shape as usize]).unwrap_or(Shape::Lower);
        let mut out = String::new();
        self.channel.write(reading.syllable, shape, &mut out);
        out
    }
}

/// Whether `word` and what was read begin alike and are about as long; spares the full comparison.
fn may_be(word: &str, read: &str) -> bool {
    let (Some(written), Some(first)) = (word.chars().next(), read.chars().next()) else { return false };
    let small = |c: char| fold_char(c).to_ascii_lowercase();
    let begins = !written.is_ascii()
        || small(written) == small(first)
        || matches!(small(written), 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    begins && word.chars().count().abs_diff(read.chars().count()) <= 2
}
