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

    /// How often this document was certain of `word`.
    pub(crate) fn times(&self, word: WordId) -> u32 {
        self.words.get(&word).copied().unwrap_or_default()
    }

    /// What the memory holds after a word.
    pub(crate) fn after(&self, before: Option<WordId>) -> After<'_> {
        let known = |memory: &Memory| before.and_then(|before| Some((before, *memory.words.get(&before)?)));
        After { memory: self, here: known(self), afar: self.archive.as_deref().and_then(known) }
    }

    /// What drawing `word` by itself costs.
    pub(crate) fn alone(&self, word: WordId) -> Alone {
        let afar = self.archive.as_ref().map_or(NEVER, |archive| archive.single(word) + AFAR);
        Alone { here: self.single(word), afar }
    }

    /// What drawing `word` from this memory costs by itself.
    fn single(&self, word: WordId) -> i32 {
        self.words.get(&word).map_or(NEVER, |n| SINGLE + millibans(*n, self.n_words + 20))
    }

    /// What drawing `word` after `before`, itself seen `of` times, costs.
    fn pair(&self, (before, of): (WordId, u32), word: WordId) -> i32 {
        self.pairs.get(&(before, word)).map_or(NEVER, |n| PAIR + millibans(*n, of.max(*n) + 1))
    }
}

/// What a document has taught about what follows a word. See [`Memory::after`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct After<'m> {
    memory: &'m Memory,
    /// The word and how often the document, or the archive, holds it.
    here: Option<(WordId, u32)>,
    afar: Option<(WordId, u32)>,
}

/// What a memory says of one word after another is not known.
pub(crate) const NEVER: i32 = i32::MAX / 2;

impl After<'_> {
    /// The least that any word can cost here where the language alone says `language`.
    #[inline]
    pub(crate) fn least(&self, language: i32) -> i32 {
        language.min(PAIR)
    }

    /// The cost of `word` where the language alone says `language`: never more than that, and less
    /// where the document says so. `alone` is what the memory says of the word by itself.
    #[inline]
    pub(crate) fn cost(&self, language: i32, word: WordId, alone: Alone) -> i32 {
        if language < PAIR {
            return language;
        }
        let memory = self.memory;
        // A word that was never drawn by itself was never drawn after another.
        let mut best = language;
        if alone.here < NEVER
            && let Some(before) = self.here
        {
            best = best.min(memory.pair(before, word));
        }
        if language > SINGLE + 1_000 {
            best = best.min(alone.here);
        }
        if let Some(archive) = &memory.archive
            && language - AFAR >= PAIR
            && alone.afar < NEVER
        {
            if let Some(before) = self.afar {
                best = best.min(archive.pair(before, word) + AFAR);
            }
            if language - AFAR > SINGLE + 1_000 {
                best = best.min(alone.afar);
            }
        }
        best
    }
}

/// What drawing a word by itself costs, from the document and from its archive.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Alone {
    here: i32,
    afar: i32,
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
        assert_eq!(memory.after(Some(sông)).cost(5_000, thao, memory.alone(thao)), 846);
        assert_eq!(memory.after(Some(sông)).cost(5_000, khác, memory.alone(khác)), 5_000);
        assert_eq!(memory.after(Some(sông)).cost(300, thao, memory.alone(thao)), 300);
    }
}
