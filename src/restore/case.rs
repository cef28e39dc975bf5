//! Capitals: how a word is usually written in the middle of a sentence.
//!
//! Case is decided apart from the word: the language model knows lower case only. `thảo` is
//! small nearly always and `Thao` is a name, which is evidence for the word as well.

use super::ngram::{Ngram, WordId};
use super::syllable::Shape;
use super::token;
use rustc_hash::FxHashMap;

/// Millibans per step of the stored table.
const STEP: i32 = 20;
/// Sightings lent to a word from all words, so that rare words are not taken at their word.
const LENT: f64 = 2.0;

/// Counts shapes of words over clean text; [`Trainer::finish`] makes the section.
#[derive(Debug, Default)]
pub(crate) struct Trainer {
    counts: FxHashMap<String, [u32; 3]>,
}

impl Trainer {
    /// Counts one paragraph. Words that open a sentence and lines in capitals say nothing and are left out.
    pub(crate) fn add_line(&mut self, line: &str) {
        let (mut upper, mut lower) = (0, 0);
        for c in line.chars().filter(|c| c.is_alphabetic()) {
            if c.is_uppercase() { upper += 1 } else { lower += 1 }
        }
        if upper > lower {
            return;
        }
        let mut opens = true;
        for text in line.split_whitespace() {
            let core = text.trim_matches(|c: char| !c.is_alphanumeric());
            if core.is_empty() || !core.chars().all(char::is_alphabetic) {
                opens |= core.is_empty();
                continue;
            }
            if !opens && let Some(shape) = Shape::of(core) {
                self.counts.entry(token::canonical(core)).or_default()[shape as usize] += 1;
            }
            opens = text.ends_with(['.', ':', ';', '?', '!']) || text.starts_with(['“', '"']);
        }
    }

    /// Three bytes per word of `vocabulary` (first word first): the cost of each shape in steps.
    pub(crate) fn finish(self, vocabulary: &[String]) -> Vec<u8> {
        let mut all = [1.0f64; 3];
        for counts in self.counts.values() {
            for (sum, n) in all.iter_mut().zip(counts) {
                *sum += f64::from(*n);
            }
        }
        let total: f64 = all.iter().sum();
        let step = |p: f64| (-1000.0 * p.log10() / f64::from(STEP)).round().clamp(0.0, 255.0) as u8;
        let mut out = Vec::with_capacity(vocabulary.len() * 3);
        for word in vocabulary {
            let counts = self.counts.get(word).copied().unwrap_or_default();
            let n: f64 = counts.iter().map(|n| f64::from(*n)).sum();
            out.extend((0..3).map(|shape| step((f64::from(counts[shape]) + LENT * all[shape] / total) / (n + LENT))));
        }
        out
    }
}

/// The shapes of the vocabulary's words.
#[derive(Debug)]
pub(crate) struct Shapes {
    costs: Vec<[i16; 3]>,
}

impl Shapes {
    /// Reads the section; where it is missing or of another vocabulary every word has the common costs.
    pub(crate) fn new(section: &[u8], ngram: Ngram<'_>) -> Shapes {
        let costs: Vec<[i16; 3]> =
            section.chunks_exact(3).map(|costs| [0, 1, 2].map(|shape| i16::from(costs[shape]) * STEP as i16)).collect();
        if costs.len() + 1 == ngram.n_words() { Shapes { costs } } else { Shapes { costs: Vec::new() } }
    }

    /// Cost in millibans of each [`Shape`] of `word` in the middle of a sentence.
    pub(crate) fn costs(&self, word: WordId) -> [i32; 3] {
        // Word 0 is no word, so the table begins at 1.
        match self.costs.get(usize::from(word.0).wrapping_sub(1)) {
            Some(costs) => costs.map(i32::from),
            None => [60, 700, 1_500],
        }
    }
}

/// How one document writes a word after another: `cấp ủy`, `Thành ủy`, but `Đảng ủy viên`.
#[derive(Debug, Default)]
pub(crate) struct ShapesHere {
    counts: FxHashMap<(WordId, WordId), [u32; 3]>,
}

impl ShapesHere {
    /// Sightings of a pair from which its habit counts.
    const FEWEST: u32 = 4;
    /// The most that a document's habit weighs against what was read, in millibans.
    const MOST: i32 = 900;

    /// Counts a word as it was read in its second place.
    pub(crate) fn add(&mut self, pair: (WordId, WordId), shape: Shape) {
        self.counts.entry(pair).or_default()[shape as usize] += 1;
    }

    /// What each shape of the second word costs on top of its usual cost.
    pub(crate) fn costs(&self, pair: (WordId, WordId)) -> [i32; 3] {
        let counts = self.counts.get(&pair).copied().unwrap_or_default();
        let n: u32 = counts.iter().sum();
        if n < Self::FEWEST {
            return [0; 3];
        }
        counts.map(|own| {
            let p = (f64::from(own) + 0.5) / (f64::from(n) + 1.5);
            ((-1000.0 * p.log10()).round() as i32).min(Self::MOST)
        })
    }
}

/// A word of mixed case in one: what its inner letters mostly are (`tOi` → `toi`, `CHiNH` → `CHINH`);
/// `None` where they agree.
pub(crate) fn one_case(core: &str) -> Option<String> {
    let mut chars = core.chars();
    let first = chars.next()?;
    let rest = chars.as_str();
    let n_upper = rest.chars().filter(|c| c.is_uppercase()).count();
    let n_lower = rest.chars().filter(|c| c.is_lowercase()).count();
    if n_upper == 0 || n_lower == 0 {
        return None;
    }
    let first = std::iter::once(first);
    Some(if n_upper > n_lower {
        first.collect::<String>() + &rest.to_uppercase()
    } else {
        first.collect::<String>() + &rest.to_lowercase()
    })
}

/// `word` with the capitals of `core`, letter for letter.
pub(crate) fn like(word: &str, core: &str, out: &mut String) {
    for (written, read) in word.chars().zip(core.chars()) {
        if read.is_uppercase() { out.extend(written.to_uppercase()) } else { out.push(written) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_opener_says_nothing_of_case() {
        let mut trainer = Trainer::default();
        trainer.add_line("Thao trường ở Sông Thao. Thảo luận ở tổ; Đảng thảo luận.");
        let words = ["thao", "thảo", "đảng"].map(String::from);
        let costs = trainer.finish(&words);
        // thao: once, in title case; thảo: once, small; đảng: only as an opener, so as all words are.
        assert!(costs[1] < costs[0]);
        assert!(costs[3] < costs[4]);
        assert_eq!(trainer_of("Đảng.").finish(&words)[6..], Trainer::default().finish(&words)[6..]);
    }

    #[test]
    fn a_document_keeps_to_its_own_case() {
        let pair = (WordId(1), WordId(2));
        let mut shapes = ShapesHere::default();
        for shape in [Shape::Lower, Shape::Lower, Shape::Title] {
            shapes.add(pair, shape);
        }
        assert_eq!(shapes.costs(pair), [0; 3]);
        shapes.add(pair, Shape::Lower);
        // 3.5 of 5.5, 1.5 of 5.5, 0.5 of 5.5.
        assert_eq!(shapes.costs(pair), [196, 564, 900]);
    }

    fn trainer_of(line: &str) -> Trainer {
        let mut trainer = Trainer::default();
        trainer.add_line(line);
        trainer
    }
}
