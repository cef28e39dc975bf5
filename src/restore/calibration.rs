//! What a posterior is worth: how often readings of its sort and posterior were right.
//!
//! The search is surer than it should be, since channel and language err together; it knows nothing of
//! case, nor of digits that the engine itself misread. The table was fitted on held-out pages.

use super::candidate::{Candidate, Form};
use super::ngram::Ngram;
use super::token;

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

/// By [`Sort`]: doubt and how sure that is, in thousandths. Fitted on the 33 documents that
/// `fixtures/eval/split.tsv` calls `tune`: 31,148 syllables, of which 70 in 100 had no rival at all (6,000).
const TABLE: [&[(i32, u16)]; 8] = [
    &[
        (100, 479),
        (300, 698),
        (500, 861),
        (700, 923),
        (900, 962),
        (1_125, 972),
        (1_375, 987),
        (1_625, 998),
        (3_500, 998),
        (6_000, 999),
    ],
    &[(0, 500)],
    &[(0, 100), (500, 500), (900, 780), (3_000, 780), (6_000, 980)],
    &[(0, 50), (2_000, 250), (6_000, 700)],
    &[(0, 100), (500, 400), (900, 950), (2_000, 990), (6_000, 996)],
    &[(0, 50), (2_000, 600), (6_000, 969)],
    &[(100, 200), (300, 375), (600, 650), (1_000, 800), (1_400, 900), (1_700, 985), (6_000, 990)],
    &[(0, 100), (300, 200), (600, 600), (1_000, 800), (2_000, 980), (6_000, 990)],
];

/// How sure a reading is, in thousandths, given the doubt the search is left with: `-1000 · log10` of what
/// is left for all other readings. Straight lines between the points of the table, level beyond them.
pub(crate) fn surety(sort: Sort, doubt: i32) -> u16 {
    let table = TABLE[sort as usize];
    let at = table.partition_point(|(known, _)| *known <= doubt);
    match (at.checked_sub(1).map(|low| table[low]), table.get(at)) {
        (Some(low), Some(high)) => {
            let (wide, far) = (high.0 - low.0, doubt - low.0);
            (i32::from(low.1) + (i32::from(high.1) - i32::from(low.1)) * far / wide) as u16
        }
        (Some(low), None) => low.1,
        (None, _) => table[0].1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_doubt_left_is_never_surer() {
        for table in TABLE {
            assert!(table.is_sorted());
            assert!(table.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1));
        }
        assert_eq!(surety(Sort::Syllable, 0), 479);
        assert_eq!(surety(Sort::Syllable, 400), 779);
        assert_eq!(surety(Sort::Syllable, i32::MAX / 2), 999);
        assert_eq!(surety(Sort::Number, 2_000), 990);
    }
}
