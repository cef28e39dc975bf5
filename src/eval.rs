//! Gold in, scores out: the figures of `score_text.py`, damaged and undamaged tokens apart,
//! and the documents gained or lost against a baseline.
//!
//! Tokens are whitespace-separated, edge punctuation stripped, NFC, both tone placements equal.

mod reliability;

pub use reliability::{Decile, Reliability};

use crate::text::old_tone_placement;
use regex::Regex;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// What kind of token a score counts apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `446-QĐ/TU`.
    DocumentNumber,
    /// `26/11/2021`, `8/2021`.
    Date,
    /// Anything else with a digit.
    Number,
    /// Everything else.
    Word,
}

/// How many of something, and how many of them wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All.
    pub n: usize,
    /// Wrong ones.
    pub wrong: usize,
}

impl Tally {
    fn count(&mut self, wrong: bool) {
        self.n += 1;
        self.wrong += usize::from(wrong);
    }

    /// Share right in per cent; 100 where there is none.
    pub fn right(&self) -> f64 {
        if self.n == 0 { 100.0 } else { 100.0 - 100.0 * self.wrong as f64 / self.n as f64 }
    }

    fn add(&mut self, other: Tally) {
        self.n += other.n;
        self.wrong += other.wrong;
    }
}

/// The scores of one text or of several pooled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scores {
    /// Token errors (substituted, lost, put in) over gold tokens, case-sensitive.
    pub tokens: Tally,
    /// The same with case folded.
    pub folded: Tally,
    /// Character errors over gold characters.
    pub chars: Tally,
    /// Lines with text, and those not reproduced exactly.
    pub lines: Tally,
    /// Gold tokens by kind: document numbers, dates, other numbers, words.
    pub kinds: [Tally; 4],
    /// Words that begin with a capital inside a line: names, mostly.
    pub names: Tally,
    /// Words in lines set in capitals.
    pub headings: Tally,
    /// Gold tokens that the scan shows right.
    pub undamaged: Tally,
    /// Gold tokens that the scan shows wrong.
    pub damaged: Tally,
    /// Tokens of the restored text that stand for no gold token.
    pub put_in: usize,
}

impl Scores {
    /// Pools another text's scores into these.
    pub fn add(&mut self, other: &Scores) {
        self.tokens.add(other.tokens);
        self.folded.add(other.folded);
        self.chars.add(other.chars);
        self.lines.add(other.lines);
        for (own, more) in self.kinds.iter_mut().zip(other.kinds) {
            own.add(more);
        }
        self.names.add(other.names);
        self.headings.add(other.headings);
        self.undamaged.add(other.undamaged);
        self.damaged.add(other.damaged);
        self.put_in += other.put_in;
    }
}

/// Scores `restored` against `gold`, line by line; `scan`, where given, says which tokens were damaged.
///
/// Texts of different length in lines are aligned by their tokens first; `scan` is then left out.
pub fn score(gold: &str, restored: &str, scan: Option<&str>) -> Scores {
    let (gold, restored) = (lines(gold), lines(restored));
    let scan = scan.map(lines).filter(|scan| scan.len() == gold.len() && gold.len() == restored.len());
    let mut scores = Scores::default();
    for (number, (gold, restored)) in paired(&gold, &restored).into_iter().enumerate() {
        score_line(gold, restored, scan.as_ref().map(|scan| scan[number]), &mut scores);
    }
    scores
}

fn score_line(gold: &str, restored: &str, scan: Option<&str>, scores: &mut Scores) {
    let (wanted, found) = (tokens(gold), tokens(restored));
    let aligned = align(&wanted, &found);
    let shown = scan.map(tokens);
    let before = shown.as_ref().map(|shown| align(&wanted, shown));
    let mut undamaged = before.iter().flatten().filter_map(|(gold, read)| gold.map(|gold| read == &Some(gold)));
    scores.tokens.n += wanted.len();
    scores.tokens.wrong += aligned.iter().filter(|(gold, found)| gold != found).count();
    let lower = |tokens: &[String]| tokens.iter().map(|token| token.to_lowercase()).collect::<Vec<_>>();
    scores.folded.n += wanted.len();
    scores.folded.wrong += distance(&lower(&wanted), &lower(&found));
    let (own, other): (Vec<char>, Vec<char>) =
        (collapsed(gold).chars().collect(), collapsed(restored).chars().collect());
    scores.chars.n += own.len();
    scores.chars.wrong += distance(&own, &other);
    if !own.is_empty() {
        scores.lines.count(own != other);
    }
    let heading = is_heading(gold);
    let mut first = true;
    for (gold, found) in aligned {
        let Some(gold) = gold else {
            scores.put_in += 1;
            continue;
        };
        let wrong = found != Some(gold);
        let kind = kind(gold);
        scores.kinds[kind as usize].count(wrong);
        if kind == Kind::Word && heading {
            scores.headings.count(wrong);
        } else if kind == Kind::Word && !first && gold.starts_with(char::is_uppercase) {
            scores.names.count(wrong);
        }
        match undamaged.next() {
            Some(true) => scores.undamaged.count(wrong),
            Some(false) => scores.damaged.count(wrong),
            None => {}
        }
        first = false;
    }
}

/// The kind of a token without its edge punctuation.
pub fn kind(token: &str) -> Kind {
    // 26/11/2021, 26/11, 11/2021; not 2020-2025.
    static DATE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^(?:\d{1,2}/\d{1,2}(?:/\d{4})?|\d{1,2}/\d{4})$").expect("a fixed pattern"));
    // 07-CT/TU, 48/2019/QĐ-UBND; NĐ-CP; 12/2021/QH15; not tế-xã.
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?x)^(?:
              \d{1,5}[A-ZĐa-z]?\s*[-/]\s*(?:\d{4}\s*/\s*)?[A-ZĐ][A-ZĐa-z0-9]*(?:[-/][A-ZĐa-z0-9]+)*-?
            | [A-ZĐ]{2,}(?:[-/][A-ZĐ][A-ZĐa-z]*)+
            | \d{1,4}/\d{4}/[A-ZĐ]{1,3}\d*)$",
        )
        .expect("a fixed pattern")
    });
    if DATE.is_match(token) {
        Kind::Date
    } else if NUMBER.is_match(token) {
        Kind::DocumentNumber
    } else if token.contains(char::is_numeric) {
        Kind::Number
    } else {
        Kind::Word
    }
}

fn is_heading(line: &str) -> bool {
    let upper = line.chars().filter(|c| c.is_uppercase()).count();
    let lower = line.chars().filter(|c| c.is_lowercase()).count();
    upper > 3 && upper > 3 * lower
}

fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.split('\n').collect();
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    lines
}

/// The tokens of a line as they are compared.
fn tokens(line: &str) -> Vec<String> {
    let line: String = line.nfc().filter(|c| !matches!(c, '\r' | '\x0c')).collect();
    line.split_whitespace()
        .map(|token| unified(token).trim_matches(|c: char| !c.is_alphanumeric()).to_owned())
        .filter(|token| !token.is_empty())
        .collect()
}

/// A token with the tone of each of its letter runs placed the old way.
fn unified(token: &str) -> String {
    let mut out = String::with_capacity(token.len());
    let mut run = String::new();
    for c in token.chars() {
        if c.is_alphabetic() {
            run.push(c);
        } else {
            out.push_str(&old_tone_placement(&std::mem::take(&mut run)));
            out.push(c);
        }
    }
    out + &old_tone_placement(&run)
}

fn collapsed(line: &str) -> String {
    let line: String = line.nfc().filter(|c| !matches!(c, '\r' | '\x0c')).collect();
    line.split_whitespace().map(unified).collect::<Vec<_>>().join(" ")
}

/// Levenshtein distance.
fn distance<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let next = (row[j + 1] + 1).min(row[j] + 1).min(corner + usize::from(x != y));
            corner = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}

/// Aligns tokens at the least number of edits; ties go to the pairing of more similar spellings.
fn align<'t>(gold: &'t [String], found: &'t [String]) -> Vec<(Option<&'t str>, Option<&'t str>)> {
    let mut known: FxHashMap<(usize, usize), f64> = FxHashMap::default();
    let mut substitute = |i: usize, j: usize| {
        if gold[i] == found[j] {
            return 0.0;
        }
        *known.entry((i, j)).or_insert_with(|| {
            let (a, b): (Vec<char>, Vec<char>) = (gold[i].chars().collect(), found[j].chars().collect());
            1.0 - 0.001 * (1.0 - distance(&a, &b) as f64 / a.len().max(b.len()).max(1) as f64)
        })
    };
    let width = found.len() + 1;
    let mut cost = vec![0.0; (gold.len() + 1) * width];
    for i in 0..=gold.len() {
        for j in 0..=found.len() {
            cost[i * width + j] = match (i, j) {
                (0, _) => j as f64,
                (_, 0) => i as f64,
                _ => (cost[(i - 1) * width + j - 1] + substitute(i - 1, j - 1))
                    .min(cost[(i - 1) * width + j] + 1.0)
                    .min(cost[i * width + j - 1] + 1.0),
            };
        }
    }
    let (mut i, mut j) = (gold.len(), found.len());
    let mut out = Vec::new();
    while i > 0 || j > 0 {
        let here = cost[i * width + j];
        let is = |other: f64| (here - other).abs() < 1e-9;
        if i > 0 && j > 0 && is(cost[(i - 1) * width + j - 1] + substitute(i - 1, j - 1)) {
            out.push((Some(gold[i - 1].as_str()), Some(found[j - 1].as_str())));
            (i, j) = (i - 1, j - 1);
        } else if i > 0 && is(cost[(i - 1) * width + j] + 1.0) {
            out.push((Some(gold[i - 1].as_str()), None));
            i -= 1;
        } else {
            out.push((None, Some(found[j - 1].as_str())));
            j -= 1;
        }
    }
    out.reverse();
    out
}

/// Lines paired one to one, or by their common tokens where their numbers differ.
fn paired<'t>(gold: &[&'t str], found: &[&'t str]) -> Vec<(&'t str, &'t str)> {
    if gold.len() == found.len() {
        return gold.iter().copied().zip(found.iter().copied()).collect();
    }
    let bags = |lines: &[&str]| lines.iter().map(|line| tokens(line)).collect::<Vec<_>>();
    let (own, other) = (bags(gold), bags(found));
    let apart = |a: &[String], b: &[String]| {
        let mut left: FxHashMap<&str, usize> = FxHashMap::default();
        for token in a {
            *left.entry(token).or_default() += 1;
        }
        let common = b.iter().filter(|token| match left.get_mut(token.as_str()) {
            Some(n) if *n > 0 => {
                *n -= 1;
                true
            }
            _ => false,
        });
        a.len().max(b.len()) - common.count()
    };
    let width = found.len() + 1;
    let mut cost = vec![0usize; (gold.len() + 1) * width];
    for i in 1..=gold.len() {
        cost[i * width] = cost[(i - 1) * width] + own[i - 1].len();
    }
    for j in 1..=found.len() {
        cost[j] = cost[j - 1] + other[j - 1].len();
    }
    for i in 1..=gold.len() {
        for j in 1..=found.len() {
            cost[i * width + j] = (cost[(i - 1) * width + j - 1] + apart(&own[i - 1], &other[j - 1]))
                .min(cost[(i - 1) * width + j] + own[i - 1].len())
                .min(cost[i * width + j - 1] + other[j - 1].len());
        }
    }
    let (mut i, mut j) = (gold.len(), found.len());
    let mut out = Vec::new();
    while i > 0 || j > 0 {
        let here = cost[i * width + j];
        if i > 0 && j > 0 && here == cost[(i - 1) * width + j - 1] + apart(&own[i - 1], &other[j - 1]) {
            out.push((gold[i - 1], found[j - 1]));
            (i, j) = (i - 1, j - 1);
        } else if i > 0 && here == cost[(i - 1) * width + j] + own[i - 1].len() {
            out.push((gold[i - 1], ""));
            i -= 1;
        } else {
            out.push(("", found[j - 1]));
            j -= 1;
        }
    }
    out.reverse();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tone_placement_and_edge_punctuation_are_no_errors() {
        let scores = score("(khóa XIII), Thành ủy", "khoá XIII Thành uỷ.", None);
        assert_eq!(scores.tokens, Tally { n: 4, wrong: 0 });
        assert_eq!(scores.lines, Tally { n: 1, wrong: 1 });
    }

    #[test]
    fn lost_and_put_in_tokens_count_once_each() {
        // gold:     Quyết định số 23-QĐ/TW
        // restored: Quyết dinh 23-QD/TW x      one lost, two wrong, one put in
        let scores = score("Quyết định số 23-QĐ/TW", "Quyết dinh 23-QD/TW x", None);
        assert_eq!(scores.tokens, Tally { n: 4, wrong: 3 });
        assert_eq!(scores.kinds[Kind::DocumentNumber as usize], Tally { n: 1, wrong: 1 });
    }

    #[test]
    fn the_scan_tells_damaged_from_undamaged() {
        let scores = score("ban hành Quy chế", "ban hành Quy ché", Some("ban hanh Quy ché"));
        assert_eq!(scores.undamaged, Tally { n: 2, wrong: 0 });
        assert_eq!(scores.damaged, Tally { n: 2, wrong: 1 });
    }

    #[test]
    fn kinds_follow_the_shape() {
        let kinds = ["07-CT/TU", "NĐ-CP", "30/7/2021", "8/2021", "2020", "12a", "tế-xã"].map(kind);
        use Kind::*;
        assert_eq!(kinds, [DocumentNumber, DocumentNumber, Date, Date, Number, Number, Word]);
    }

    #[test]
    fn texts_of_different_length_meet_on_their_tokens() {
        let scores = score("một hai\nba bốn\n", "một hai\n\nba bốn\n", None);
        assert_eq!(scores.tokens, Tally { n: 4, wrong: 0 });
    }
}
