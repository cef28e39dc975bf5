//! What a document has taught about itself: its certain words and word pairs, for the second pass.
//!
//! A document repeats its own names and terms. Counted are only tokens the first pass was sure
//! of, so that an error does not feed itself.

use super::ngram::WordId;
use rustc_hash::FxHashMap;
use std::sync::{Arc, LazyLock};

/// Surety in thousandths from which a token is remembered.
pub(crate) const CERTAIN: u16 = 980;
/// What it costs to draw a word from the document rather than from the language, in millibans:
/// one word in six once the word before is known, one in thirty otherwise.
const PAIR: i32 = 800;
const SINGLE: i32 = 1_500;
/// What it costs more to draw a word from the whole archive than from the document itself.
const AFAR: i32 = 400;

/// Counts of certain words.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    words: FxHashMap<WordId, u32>,
    pairs: FxHashMap<(WordId, WordId), u32>,
    n_words: u32,
    /// What all documents of the archive share.
    archive: Option<Arc<Memory>>,
}

impl Memory {
    /// What an archive has in common.
    pub(crate) fn of_archive(
        words: impl Iterator<Item = (WordId, u32)>,
        pairs: impl Iterator<Item = ((WordId, WordId), u32)>,
        n_words: u32,
    ) -> Memory {
        Memory { words: words.collect(), pairs: pairs.collect(), n_words, archive: None }
    }

    /// An empty memory of one document of an archive.
    pub(crate) fn within(archive: Option<&Arc<Memory>>) -> Memory {
        Memory { archive: archive.cloned(), ..Memory::default() }
    }

    /// Remembers `word` after `before`.
    pub(crate) fn add(&mut self, before: Option<WordId>, word: WordId) {
        *self.words.entry(word).or_default() += 1;
        self.n_words += 1;
        if let Some(before) = before {
            *self.pairs.entry((before, word)).or_default() += 1;
        }
    }

    /// The cost of `word` after `before` where the language alone says `language`: never more than that
    /// by over a hair, and less where the document says so.
    pub(crate) fn cost(&self, language: i32, before: Option<WordId>, word: WordId) -> i32 {
        if language < PAIR {
            return language;
        }
        let mut best = language;
        if let Some(before) = before
            && let Some(n) = self.pairs.get(&(before, word))
        {
            let of = self.words.get(&before).copied().unwrap_or(1).max(*n);
            best = best.min(PAIR + millibans(*n, of + 1));
        }
        if language > SINGLE + 1_000
            && let Some(n) = self.words.get(&word)
        {
            best = best.min(SINGLE + millibans(*n, self.n_words + 20));
        }
        match &self.archive {
            Some(archive) => best.min(archive.cost(language - AFAR, before, word) + AFAR),
            None => best,
        }
    }
}

/// `-1000 · log10(n / of)`, rounded.
fn millibans(n: u32, of: u32) -> i32 {
    (log(of) - log(n)).round() as i32
}

/// `1000 · log10(n)`.
fn log(n: u32) -> f64 {
    match LOGS.get(n as usize) {
        Some(log) => *log,
        None => 1000.0 * f64::from(n).log10(),
    }
}

static LOGS: LazyLock<Box<[f64]>> = LazyLock::new(|| (0..1_024).map(|n| 1000.0 * f64::from(n).log10()).collect());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_of_the_document_costs_less_and_nothing_costs_more() {
        let (sông, thao, khác) = (WordId(1), WordId(2), WordId(3));
        let mut memory = Memory::default();
        for _ in 0..9 {
            memory.add(Some(sông), thao);
            memory.add(None, sông);
        }
        // PAIR + 1000 · log10(10 / 9)
        assert_eq!(memory.cost(5_000, Some(sông), thao), 846);
        assert_eq!(memory.cost(5_000, Some(sông), khác), 5_000);
        assert_eq!(memory.cost(300, Some(sông), thao), 300);
    }
}
