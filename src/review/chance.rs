//! How likely a word of a damaged text is wrong, whether the decoder changed it or not.
//!
//! The decoder's own doubt is the best sign; of a word that it neither changed nor doubts it leaves none. So
//! other signs are weighed with it: whether the word stands in other papers, whether it can be a Vietnamese
//! syllable, what stands around it.

use crate::document::Document;
use crate::restore::Edit;
use crate::text::{Span, fold, old_tone_placement};
use regex::Regex;
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};
use std::sync::LazyLock;

/// Weights of a logistic regression over the same readings of the same documents as those of the decoder's own
/// surety, in `restore/calibration.rs`. On other documents the first twentieth of the words then holds 85 to
/// 90 % of the wrong ones; `benches/review.py` measures the whole queue.
mod weight {
    pub(super) const BIAS: f64 = -3.08;
    pub(super) const EDITED: f64 = 3.22;
    pub(super) const DOUBT: f64 = 1.14;
    pub(super) const KNOWN_AS_SCANNED: f64 = -1.0;
    pub(super) const PLAIN_AS_SCANNED: f64 = -1.83;
    pub(super) const NO_SYLLABLE_IN_CAPITALS: f64 = -0.24;
    pub(super) const FIGURES: f64 = -0.20;
    pub(super) const SMALL_AMONG_CAPITALS: f64 = 1.12;
    pub(super) const CAPITALS_AMONG_SMALL: f64 = 2.61;
    pub(super) const ODD_LINE: f64 = 0.47;
    pub(super) const SHORT_LINE: f64 = 0.68;
    /// What is damaged in the same way between the same words in many places is a stock phrase, and those
    /// the decoder knows.
    pub(super) const PLACES: f64 = -0.16;
}

/// Edits for each hundred words from which on a text counts as damaged.
const DAMAGED: usize = 2;

/// An edit below this posterior, in thousandths, makes its line odd.
const ODD: u16 = 900;

/// A word of a damaged text.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// Bytes of the restored text, without the marks around the word.
    pub(super) span: Span,
    /// The decoder's edit behind it, by index.
    pub(super) edit: Option<usize>,
    /// The same for every spelling of the word, whatever its case and the placing of its tone.
    pub(super) key: u64,
    /// Log-odds but for what the rest of the archive says.
    odds: f64,
}

impl Word {
    /// The chance that the word is wrong, where so many other papers hold it and so many places read the
    /// same damage in the same way.
    pub(super) fn chance(&self, papers: u32, places: usize) -> f64 {
        let known = if self.edit.is_none() { f64::from(1 + papers).ln() } else { 0.0 };
        let odds = self.odds + weight::KNOWN_AS_SCANNED * known + weight::PLACES * (places.max(1) as f64).ln();
        1.0 / (1.0 + (-odds).exp())
    }
}

/// The keys of all words of a text, each once.
pub(super) fn keys(text: &str) -> Vec<u64> {
    let mut keys: Vec<u64> = text.split_whitespace().map(bare).filter(|word| !word.is_empty()).map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn key(word: &str) -> u64 {
    let mut hasher = FxHasher::default();
    old_tone_placement(&word.to_lowercase()).hash(&mut hasher);
    hasher.finish()
}

fn bare(token: &str) -> &str {
    token.trim_matches(|c: char| !c.is_alphanumeric())
}

/// The words of a document whose text was scanned; of one that came clean those that were edited all the same.
pub(super) fn words(document: &Document) -> Vec<Word> {
    let (text, edits) = (&document.restored.text, &document.restored.edits);
    let mut words = Vec::new();
    if edits.is_empty() {
        return words;
    }
    let mut begin = 0;
    for line in text.split('\n') {
        read_line(line, begin, edits, &mut words);
        begin += line.len() + 1;
    }
    if edits.len() * 100 < DAMAGED * words.len() {
        words.retain(|word| word.edit.is_some());
    }
    words
}

fn read_line(line: &str, begin: usize, edits: &[Edit], words: &mut Vec<Word>) {
    let tokens: Vec<(&str, Span, Option<usize>)> = line
        .split_whitespace()
        .map(bare)
        .filter(|word| !word.is_empty())
        .map(|word| {
            let start = begin + (word.as_ptr() as usize - line.as_ptr() as usize);
            let span = Span::new(start, start + word.len());
            let first = edits.partition_point(|edit| edit.span.end <= span.start);
            let over = edits[first..].iter().take_while(|edit| edit.span.start < span.end);
            let least = over.enumerate().filter(|(_, edit)| edit.span.overlaps(span));
            (word, span, least.min_by_key(|(_, edit)| edit.confidence).map(|(n, _)| first + n))
        })
        .collect();
    let odd: Vec<bool> = tokens
        .iter()
        .map(|(word, _, edit)| match edit {
            Some(edit) => edits[*edit].confidence < ODD,
            None => Shape::of(word) == Shape::NoSyllable,
        })
        .collect();
    let n_odd = odd.iter().filter(|odd| **odd).count();
    let cases: Vec<Case> = tokens.iter().map(|(word, ..)| Case::of(word)).collect();
    let n_of = |wanted: Case| cases.iter().filter(|case| **case == wanted).count();
    let (n_capitals, n_small) = (n_of(Case::Capitals), n_of(Case::Small));
    for (n, (word, span, edit)) in tokens.iter().enumerate() {
        let beside = [n.checked_sub(1), Some(n + 1)];
        let beside = || beside.into_iter().flatten().filter(|other| *other < tokens.len());
        let others = (n_odd - usize::from(odd[n])).min(6);
        let mut odds = weight::BIAS + weight::ODD_LINE * others as f64 / (tokens.len() as f64 + 2.0);
        if tokens.len() <= 2 {
            odds += weight::SHORT_LINE;
        }
        let shape = Shape::of(word);
        odds += match (cases[n], shape) {
            (Case::Small, _) if n_capitals >= n_small.saturating_sub(1).max(1) => {
                let among = beside().any(|other| cases[other] == Case::Capitals);
                if among { weight::SMALL_AMONG_CAPITALS } else { 0.0 }
            }
            (Case::Capitals, Shape::Syllable) if n_capitals == 1 && n_small >= 2 => weight::CAPITALS_AMONG_SMALL,
            _ => 0.0,
        };
        odds += match shape {
            Shape::Syllable | Shape::Number | Shape::Mixed | Shape::Letter | Shape::NoSyllable => 0.0,
            Shape::Capitals => weight::NO_SYLLABLE_IN_CAPITALS,
            Shape::Figures => weight::FIGURES,
        };
        odds += match edit.map(|edit| &edits[edit]) {
            None if shape == Shape::Syllable && word.is_ascii() => weight::PLAIN_AS_SCANNED,
            None => 0.0,
            Some(edit) => {
                let doubt = f64::from(1002 - edit.confidence.min(1000)) / f64::from(edit.confidence + 2);
                weight::EDITED + weight::DOUBT * doubt.ln()
            }
        };
        words.push(Word { span: *span, edit: *edit, key: key(word), odds });
    }
}

/// How a word is written among the others of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    /// Two letters or more, all of them capitals.
    Capitals,
    /// Small letters, or a capital and small letters.
    Small,
    Other,
}

impl Case {
    fn of(word: &str) -> Case {
        let letters = || word.chars().filter(|c| c.is_alphabetic());
        match letters().count() {
            0 => Case::Other,
            n if n > 1 && letters().all(char::is_uppercase) => Case::Capitals,
            n if n > 1 && letters().skip(1).all(|c| !c.is_uppercase()) => Case::Small,
            1 if letters().all(|c| !c.is_uppercase()) => Case::Small,
            _ => Case::Other,
        }
    }
}

/// What a word is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Syllable,
    /// A single letter.
    Letter,
    /// Letters that no Vietnamese syllable has in this order: `Hglm`.
    NoSyllable,
    /// The same in capitals, often an abbreviation.
    Capitals,
    /// The number of a paper, a date, a fraction: `446-QĐ/TU`.
    Number,
    /// `x4`, `d6ng`.
    Mixed,
    Figures,
}

impl Shape {
    fn of(word: &str) -> Shape {
        let (letters, figures) = word.chars().fold((0, 0), |(letters, figures), c| {
            (letters + usize::from(c.is_alphabetic()), figures + usize::from(c.is_numeric()))
        });
        match (letters, figures) {
            (0, _) => Shape::Figures,
            (_, 1..) if word.contains(['/', '-']) => Shape::Number,
            (_, 1..) => Shape::Mixed,
            (1, _) => Shape::Letter,
            _ if SYLLABLE.is_match(&fold(word)) => Shape::Syllable,
            _ if !word.contains(char::is_lowercase) => Shape::Capitals,
            _ => Shape::NoSyllable,
        }
    }
}

/// A syllable without its marks: `nghieng`, `quy`, `uot`; not `hglm`, `ngudl`.
static SYLLABLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^
        (?: ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdghklmnprstvx] )?
        (?: uya|uye|uoi|uou|ieu|yeu|oai|oao|oay|oeo|uyu
          | ia|ie|ye|ya|oo|ua|uo|ai|ao|au|ay|oi|ui|uy|oa|oe|ue|uu|eo|eu|iu|[iyeaou] )
        (?: ch|ng|nh|[cmnpt] )?$",
    )
    .expect("a fixed pattern")
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::Restored;

    fn edit(text: &str, word: &str, confidence: u16) -> Edit {
        let start = text.find(word).unwrap();
        let span = Span::new(start, start + word.len());
        Edit { span, source: span, confidence, teaches: 0, runner_up: None, channel: 400, language: 400 }
    }

    #[test]
    fn syllables_are_told_from_other_letters() {
        for (word, shape) in [
            ("nghiêng", Shape::Syllable),
            ("Quỹ", Shape::Syllable),
            ("ước", Shape::Syllable),
            ("Hglm", Shape::NoSyllable),
            ("ngudi", Shape::NoSyllable),
            ("UBND", Shape::Capitals),
            ("x4", Shape::Mixed),
            ("2021", Shape::Figures),
            ("446-QĐ/TU", Shape::Number),
        ] {
            assert_eq!(Shape::of(word), shape, "{word}");
        }
    }

    #[test]
    fn what_the_decoder_doubts_is_doubted_though_nothing_was_changed() {
        let text = "Căn cứ Hglm của Ban Thường vụ".to_owned();
        let edits = vec![edit(&text, "Căn", 995), edit(&text, "cứ", 600), edit(&text, "Hglm", 400)];
        let restored = Restored { text: text.clone(), edits, ..Restored::default() };
        let document = Document { restored, ..Document::default() };
        let words = words(&document);
        let chance = |word: &str, papers: u32, places: usize| {
            words.iter().find(|one| one.span.of(&text) == word).map(|one| one.chance(papers, places)).unwrap()
        };
        assert!(chance("Hglm", 0, 1) > 0.5 && chance("Ban", 0, 1) > chance("Ban", 40, 1));
        assert!(chance("cứ", 40, 1) > chance("Căn", 40, 1) && chance("Ban", 40, 1) < 0.05);
        assert!(chance("cứ", 40, 31) < chance("cứ", 40, 1), "a stock phrase is less likely wrong");
    }

    #[test]
    fn a_small_word_among_capitals_is_doubted() {
        let text = "Ủy BAN NHÂN DÂN\nỦy ban nhân dân".to_owned();
        let edits = vec![edit(&text, "BAN", 999)];
        let restored = Restored { text: text.clone(), edits, ..Restored::default() };
        let words = words(&Document { restored, ..Document::default() });
        let chance: Vec<f64> =
            words.iter().filter(|one| one.span.of(&text) == "Ủy").map(|one| one.chance(40, 1)).collect();
        assert!(chance[0] > 2.0 * chance[1], "{chance:?}");
    }

    #[test]
    fn a_clean_text_has_no_doubtful_words() {
        let mut document = Document::default();
        document.restored.text = "Hglm ".repeat(100);
        assert!(super::words(&document).is_empty());
    }
}
