//! Every word of the archive that is made of letters, for finding what a damaged one may have been.

use super::schema::Fields;
use super::space::Space;
use crate::text::fold;
use rustc_hash::FxHashMap;

/// A folded word.
struct Word {
    text: Box<str>,
    /// Which letters it has, as bits.
    letters: u32,
    frequency: u32,
    /// Its spellings with marks and how often each is there.
    readings: Vec<(Box<str>, u32)>,
}

/// The words of an index.
pub(crate) struct Lexicon {
    words: Vec<Word>,
    numbers: FxHashMap<Box<str>, u32>,
}

fn letters(word: &str) -> u32 {
    word.bytes().fold(0, |letters, byte| letters | 1 << (byte & 31))
}

impl Lexicon {
    /// Collects the words; reads both dictionaries.
    pub(crate) fn new(space: &Space, fields: Fields) -> Lexicon {
        let mut lexicon = Lexicon { words: Vec::new(), numbers: FxHashMap::default() };
        space.each_term(fields.folded, "a", |text, frequency| {
            if text.bytes().all(|byte| byte.is_ascii_lowercase()) {
                match lexicon.numbers.get(text) {
                    Some(number) => lexicon.words[*number as usize].frequency += frequency,
                    None => {
                        lexicon.numbers.insert(text.into(), lexicon.words.len() as u32);
                        let word = Word { text: text.into(), letters: letters(text), frequency, readings: Vec::new() };
                        lexicon.words.push(word);
                    }
                }
            }
        });
        space.each_term(fields.exact, "a", |exact, frequency| {
            let Some(number) = lexicon.numbers.get(fold(exact).as_str()) else { return };
            let readings = &mut lexicon.words[*number as usize].readings;
            match readings.iter_mut().find(|(known, _)| **known == *exact) {
                Some((_, known)) => *known += frequency,
                None => readings.push((exact.into(), frequency)),
            }
        });
        lexicon
    }

    /// Living units with a folded word.
    pub(crate) fn frequency(&self, folded: &str) -> u32 {
        self.numbers.get(folded).map_or(0, |number| self.words[*number as usize].frequency)
    }

    /// The spellings of a folded word.
    pub(crate) fn readings(&self, folded: &str) -> &[(Box<str>, u32)] {
        self.numbers.get(folded).map_or(&[], |number| &self.words[*number as usize].readings)
    }

    /// The words within `reach` edits of a folded one, neighbours swapped being one, with their edits.
    pub(crate) fn near(&self, folded: &str, reach: usize) -> Vec<(&str, usize)> {
        let own = letters(folded);
        let mut found = Vec::new();
        for word in self.words.iter().filter(|word| word.frequency > 0) {
            // An edit changes two letters at most.
            if word.text.len().abs_diff(folded.len()) > reach || (word.letters ^ own).count_ones() as usize > 2 * reach
            {
                continue;
            }
            let edits = strsim::osa_distance(folded, &word.text);
            if edits <= reach {
                found.push((&*word.text, edits));
            }
        }
        found
    }
}
