//! The words of the language as a scan may show them: by syllable, by stripped spelling, by what is left of an
//! abbreviation.

use super::channel::{Channel, SyllableId};
use super::ngram::{Ngram, WordId};
use crate::text::{fold, fold_char};
use rustc_hash::FxHashMap;

/// Which syllables the language knows, by the channel's numbering.
#[derive(Debug)]
pub(crate) struct Lexicon {
    words: Vec<WordId>,
    n_rimes: usize,
    /// By word.
    syllables: Vec<Option<SyllableId>>,
    /// Words that are no syllables but hold letters the engine does not know (`hđnd`, `đắk`),
    /// by what is left of them.
    others: FxHashMap<Box<str>, Vec<WordId>>,
    /// All words by their stripped spelling.
    stripped: FxHashMap<Box<str>, Spellings>,
}

/// The words of one stripped spelling.
#[derive(Debug, Default)]
struct Spellings {
    words: Vec<WordId>,
    /// Probability of all of them together.
    mass: f32,
}

/// What the engine makes of a word at best: no marks, and `đ` as any of its look-alikes.
fn skeleton(word: &str) -> String {
    word.chars()
        .flat_map(char::to_lowercase)
        .map(|c| match fold_char(c) {
            'd' | 'b' | 'p' => 'd',
            other => other,
        })
        .collect()
}

impl Lexicon {
    pub(crate) fn new(channel: &Channel, ngram: Ngram<'_>) -> Lexicon {
        let n_rimes = channel.n_rimes();
        let mut others: FxHashMap<Box<str>, Vec<WordId>> = FxHashMap::default();
        let mut words = vec![WordId(0); n_rimes * super::syllable::ONSETS.len()];
        let mut syllables = vec![None; ngram.n_words()];
        let mut stripped: FxHashMap<Box<str>, Spellings> = FxHashMap::default();
        // A page that wrote the Icelandic letter meant the Vietnamese one.
        for (id, word) in ngram.words().filter(|(_, word)| !word.contains('ð')) {
            if !word.starts_with('<') {
                let folded = fold(word);
                let spellings = match stripped.get_mut(folded.as_str()) {
                    Some(spellings) => spellings,
                    None => stripped.entry(folded.into()).or_default(),
                };
                spellings.words.push(id);
                spellings.mass += super::regime::probability(ngram.unigram_cost(id));
            }
            if let Some(syllable) = channel.syllable(word) {
                words[syllable.onset() as usize * n_rimes + syllable.rime() as usize] = id;
                syllables[usize::from(id.0)] = Some(syllable);
            } else if !word.is_ascii() && !word.starts_with('<') && word.chars().count() > 1 {
                others.entry(skeleton(word).into()).or_default().push(id);
            }
        }
        Lexicon { words, n_rimes, syllables, others, stripped }
    }

    /// Probability that a word's stripped spelling is `folded`.
    pub(crate) fn mass(&self, folded: &str) -> f32 {
        self.stripped.get(folded).map_or(0.0, |spellings| spellings.mass)
    }

    /// An abbreviation in capitals that lost its strokes (`QLDD` → `QLĐĐ`), where that is
    /// commoner than what was read.
    pub(crate) fn abbreviation(&self, ngram: Ngram<'_>, group: &str) -> Option<String> {
        let fits = |word: &str| {
            word.chars().count() == group.chars().count()
                && word.chars().zip(group.chars().flat_map(char::to_lowercase)).all(|(written, read)| {
                    written == read
                        || (written == 'đ' && matches!(read, 'd' | 'b' | 'p'))
                        || (written == 'ư' && read == 'u')
                })
        };
        let words = self.others(group)?;
        let word =
            words.iter().filter(|word| fits(ngram.word(**word))).min_by_key(|word| ngram.unigram_cost(**word))?;
        let own = ngram.id(&group.to_lowercase()).map_or(i32::MAX, |own| ngram.unigram_cost(own));
        (ngram.unigram_cost(*word) < own).then(|| ngram.word(*word).to_uppercase())
    }

    /// Words that are no syllables and of which `core` may be what is left.
    pub(crate) fn others(&self, core: &str) -> Option<&[WordId]> {
        self.others.get(skeleton(core).as_str()).map(Vec::as_slice)
    }

    /// The words whose stripped spelling is `folded`.
    pub(crate) fn stripped(&self, folded: &str) -> Option<&[WordId]> {
        self.stripped.get(folded).map(|spellings| spellings.words.as_slice())
    }

    /// The syllable that a word is, if it is one.
    pub(crate) fn syllable(&self, word: WordId) -> Option<SyllableId> {
        *self.syllables.get(usize::from(word.0))?
    }

    /// The word of a syllable; `None` where the language does not use it.
    pub(crate) fn word(&self, syllable: SyllableId) -> Option<WordId> {
        let word = *self.words.get(syllable.onset() as usize * self.n_rimes + syllable.rime() as usize)?;
        (word.0 != 0).then_some(word)
    }
}
