//! What a posterior is worth: how often readings with such signs were right.
//!
//! The search is surer than it should be, since channel and language err together, and knows nothing of case,
//! nor of what it never met. So other signs are weighed with its posterior: what sort of reading it is, what
//! stands beside it, what the document says elsewhere.

use super::candidate::{Candidate, Form};
use super::ngram::Ngram;
use super::token;
use std::sync::LazyLock;

/// What a reading is, as far as it bears on how often it is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A syllable of at least two letters.
    Syllable = 0,
    /// The same where its case was a near thing.
    Case = 1,
    /// A word kept as it was read.
    Kept = 2,
    /// A word nobody knows, kept.
    Unknown = 3,
    /// A number or a date, kept.
    Number = 4,
    /// A document number or a code.
    Code = 5,
    /// One letter.
    Letter = 6,
    /// Two syllables, a numeral, anything else.
    Other = 7,
}

/// A case that is ahead by less than this is a near thing, in millibans.
const NEAR: i32 = 700;

impl Sort {
    /// Whether it is one known word.
    pub(crate) fn is_word(self) -> bool {
        matches!(self, Sort::Syllable | Sort::Case | Sort::Kept)
    }

    /// Whether its word or its case is a guess.
    pub(crate) fn is_guess(self) -> bool {
        matches!(self, Sort::Case | Sort::Unknown)
    }

    /// Of a candidate that puts `piece` into the text, its case ahead by so many millibans.
    pub(crate) fn of(candidate: &Candidate, piece: &str, ngram: Ngram<'_>, ahead: i32) -> Sort {
        let first = candidate.words().first().map_or("", |word| ngram.word(*word));
        match &candidate.form {
            _ if piece.chars().count() < 2 && !piece.contains(char::is_numeric) => Sort::Letter,
            Form::Syllable(_) if ahead < NEAR => Sort::Case,
            Form::Syllable(_) => Sort::Syllable,
            Form::Pair(..) => Sort::Other,
            _ if first == token::CODE => Sort::Code,
            Form::Text(_) => Sort::Other,
            Form::Keep => match first {
                token::NUMBER | token::DATE => Sort::Number,
                token::UNKNOWN => Sort::Unknown,
                _ => Sort::Kept,
            },
        }
    }
}

/// What bears on whether a reading is right. Costs and doubts are in millibans.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signs<'t> {
    pub(crate) sort: Sort,
    pub(crate) scanned: &'t str,
    pub(crate) reading: &'t str,
    /// What the search has left for all other readings.
    pub(crate) doubt: i32,
    /// The same of the tokens on either side in the line.
    pub(crate) beside: [Option<i32>; 2],
    pub(crate) channel: i32,
    pub(crate) language: i32,
    /// The runner-up is the same word, written otherwise.
    pub(crate) same_word: bool,
    /// How often the document holds the word where nobody doubts it.
    pub(crate) times: u32,
    /// In a line or stretch of capitals.
    pub(crate) heading: bool,
}

/// How many [`Signs::weighed`] there are.
const N_SIGNS: usize = 20;

/// Thousandths of log-odds that a reading is wrong: all readings, and what each sign of [`Signs::weighed`] adds.
/// Logistic regression by `benches/calibration.py` over 61,869 syllables: the 33 documents that
/// `fixtures/eval/split.tsv` calls `tune`, as the engine of the training pairs read them, and with a
/// quarter of the weight as read with `OCR_LANG=fra` and restored with what `vanban adapt` learned of that.
const BIAS: i32 = 1_197;
const WEIGHTS: [i32; N_SIGNS] = [
    -182, -2_075, -937, 742, -1_570, -288, 2_297, -507, 294, 229, 348, 448, -876, 447, 1_370, -190, -2_049, -1_995,
    5_279, 2_132,
];

impl Signs<'_> {
    /// Each sign as the regression weighs it, in thousandths.
    fn weighed(&self) -> [i32; N_SIGNS] {
        let yes = |sign: bool| 1_000 * i32::from(sign);
        let (doubt, near) = (self.doubt.min(6_000), self.doubt.min(1_500));
        let changed = self.scanned != self.reading;
        let (n_read, n_written) = (self.scanned.chars().count() as i32, self.reading.chars().count() as i32);
        let beside = self.beside.map(|doubt| doubt.map_or(0, |doubt| (2_000 - doubt).max(0)));
        let plain = !changed && self.reading.bytes().all(|byte| byte.is_ascii_alphabetic());
        [
            doubt,
            near,
            if changed { near } else { 0 },
            yes(self.doubt >= 6_000),
            yes(self.sort == Sort::Syllable),
            if self.sort == Sort::Syllable { doubt } else { 0 },
            yes(self.sort == Sort::Unknown),
            if self.sort == Sort::Number { doubt } else { 0 },
            (self.channel.min(8_000) / n_read.max(1)).min(3_000),
            self.language.clamp(0, 10_000),
            beside[0],
            beside[1],
            yes(self.scanned.contains(|c: char| c.is_ascii_digit())),
            yes(n_written == 2),
            1_000 * (n_read - n_written).abs().min(3),
            1_000 * (1 + self.times).ilog2().min(5) as i32,
            yes(plain),
            yes(self.same_word),
            yes(ends_in_i(self.reading)),
            yes(self.heading && self.reading.contains(char::is_lowercase)),
        ]
    }

    /// How sure the reading is, in thousandths.
    pub(crate) fn surety(&self) -> u16 {
        let signs = self.weighed();
        #[cfg(test)]
        SEEN.with_borrow_mut(|seen| seen.push(signs.to_vec()));
        let odds: i32 = signs.iter().zip(WEIGHTS).map(|(sign, weight)| sign * weight / 1_000).sum();
        SURE[((BIAS + odds).clamp(-FAR, FAR) + FAR) as usize / STEP as usize]
    }
}

/// Whether a syllable ends in the `i` that official papers write `y`: `kì`, `lí`, `quí`.
fn ends_in_i(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next_back().is_some_and(|last| "iìíỉĩịIÌÍỈĨỊ".contains(last))
        && ["h", "k", "l", "m", "s", "t", "qu"].iter().any(|onset| letters.as_str().eq_ignore_ascii_case(onset))
}

/// Log-odds beyond this, either way, are as good as certain.
const FAR: i32 = 8_000;
const STEP: i32 = 16;

/// From log-odds of being wrong to thousandths right; nothing is out of the question, and nothing certain.
static SURE: LazyLock<Box<[u16]>> = LazyLock::new(|| {
    let sure = |odds: i32| (1000.0 / (1.0 + (f64::from(odds) / 1000.0).exp())).round().clamp(1.0, 999.0) as u16;
    (-FAR..=FAR).step_by(STEP as usize).map(sure).collect()
});

#[cfg(test)]
thread_local! {
    /// The signs of this thread's readings, for those who fit the weights.
    static SEEN: std::cell::RefCell<Vec<Vec<i32>>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// The signs of what this thread read since it was last asked.
#[cfg(test)]
pub(crate) fn take_signs() -> Vec<Vec<i32>> {
    SEEN.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs() -> Signs<'static> {
        Signs {
            sort: Sort::Syllable,
            scanned: "cua",
            reading: "của",
            doubt: 900,
            beside: [Some(3_000), None],
            channel: 300,
            language: 2_000,
            same_word: false,
            times: 3,
            heading: false,
        }
    }

    #[test]
    fn what_nothing_speaks_against_is_sure_and_what_much_does_is_not() {
        assert!(Signs { doubt: i32::MAX / 2, ..signs() }.surety() >= 998);
        let unknown = Signs { sort: Sort::Unknown, reading: "Hglm", scanned: "Hglm", times: 0, ..signs() };
        assert!(Signs { doubt: 100, language: 9_000, ..unknown }.surety() < 300);
    }

    #[test]
    fn each_doubt_makes_a_reading_less_sure() {
        let sure = signs().surety();
        for worse in [
            Signs { doubt: 400, ..signs() },
            Signs { beside: [Some(200), None], ..signs() },
            Signs { language: 8_000, ..signs() },
            Signs { times: 0, ..signs() },
            Signs { heading: true, ..signs() },
            Signs { scanned: "ki", reading: "kì", ..signs() },
        ] {
            assert!(worse.surety() < sure, "{worse:?}");
        }
    }

    #[test]
    fn more_left_for_others_is_never_surer() {
        let sureties = (0..7_000).step_by(100).map(|doubt| Signs { doubt, ..signs() }.surety());
        // Having no rival at all is no surer than having a faint one, by a thousandth.
        let sureties: Vec<u16> = sureties.collect();
        assert!(sureties.windows(2).all(|pair| pair[0] <= pair[1] + 2), "{sureties:?}");
    }

    #[test]
    fn the_letter_i_after_few_onsets_is_a_spelling_of_its_own() {
        for (word, own) in [("kì", true), ("QUÍ", true), ("thì", false), ("kỳ", false), ("i", false), ("kiểm", false)]
        {
            assert_eq!(ends_in_i(word), own, "{word}");
        }
    }
}
