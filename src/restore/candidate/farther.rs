//! What a token may say where the tables of the channel have no good answer: any letter may have been read
//! as any other.
//!
//! A real scanner misreads in ways that rendered pages never showed (`để` read `d&`, `lấy` read `14y`), and
//! another engine in many more.

use super::{Candidate, Form, Maker, REACH};
use crate::restore::channel::{Reading, Unseen};
use crate::restore::edge::{lead_cost, peelings, trail_cost};
use crate::restore::token;

/// What is explained letter by letter at this much more than the nearest candidate costs is dropped.
const FARTHEST: i32 = 3_500;
/// Candidates of a doubtful token at most, with those that are asked for only there.
const MOST_FARTHER: usize = 60;
/// What reads as a number, an abbreviation or a foreign word at less than this is not explained letter by letter.
const SOUND: i32 = 2_000;

impl Maker<'_> {
    /// Adds the syllables that explain `text` letter by letter, in reach of the `nearest` candidate.
    pub(super) fn strained(
        &self,
        text: &str,
        nearest: i32,
        unseen: &mut Unseen,
        readings: &mut Vec<Reading>,
        out: &mut Vec<Candidate>,
    ) {
        // The mark of a note, `ké)[1]`, is no letter.
        if text.contains(['[', ']']) && text.contains(|c: char| c.is_ascii_digit()) {
            return;
        }
        // At either end of a word these stand for no letter: `c)` is a label.
        let is_mark = |c: char| ".,:;()“”\"…".contains(c);
        let is_word = |word: &str| !word.starts_with(is_mark) && !word.ends_with(is_mark);
        for (start, end) in peelings(text).into_iter().filter(|(start, end)| is_word(&text[*start..*end])) {
            let punctuation = lead_cost(&text[..start]) + trail_cost(&text[end..]);
            let limit = (nearest - punctuation).saturating_add(FARTHEST);
            let price = |syllable| self.price(syllable);
            self.channel.strained_readings(&text[start..end], price, REACH, limit, unseen, readings);
            self.syllables(text, (start, end), punctuation, readings, out);
        }
    }

    /// Whether the scanned form, `keep`, reads as a number, an abbreviation or a foreign word.
    pub(super) fn is_sound(&self, core: &str, keep: &Candidate) -> bool {
        let figures = !core.is_empty() && !core.contains(char::is_alphabetic);
        figures || keep.cost < SOUND || self.ngram.word(keep.words[0]) == token::ROMAN
    }

    /// What a token may say beside its `known` candidates, the scanned form first, where any letter may have
    /// been read as any other; the most promising first. Slow, so it is asked only of what is doubtful.
    pub(crate) fn farther(&self, text: &str, known: &[Candidate], unseen: &mut Unseen) -> Vec<Candidate> {
        let core = text.trim_matches(|c: char| !c.is_alphanumeric());
        let is_word = known.iter().any(|candidate| matches!(candidate.form, Form::Syllable(_)));
        if !is_word || self.is_sound(core, &known[0]) {
            return Vec::new();
        }
        let nearest = known[1..].iter().map(|candidate| candidate.cost).min().unwrap_or(i32::MAX);
        let best = known[1..].iter().map(|candidate| self.promise(candidate)).min().unwrap_or(i32::MAX);
        let mut out = Vec::new();
        self.strained(text, nearest, unseen, &mut Vec::new(), &mut out);
        out.retain(|own| {
            let is_better = |other: &Candidate| other.is_same_word(own) && other.cost <= own.cost;
            self.promise(own) < best.saturating_add(REACH) && !known.iter().any(is_better)
        });
        out.sort_by_cached_key(|candidate| self.promise(candidate));
        out.truncate(MOST_FARTHER.saturating_sub(known.len()));
        out
    }
}
