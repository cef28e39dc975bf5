//! What a query may have meant, and how numbers and titles go on.

use super::Index;
use super::analyzer::{Forms, forms, has_figure, key};
use super::lexicon::Lexicon;
use super::plan::Statistics;
use super::query::Clause;
use super::search::Hit;
use rustc_hash::FxHashMap;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

/// Spellings considered for one damaged word.
const MOST_CANDIDATES: usize = 40;
/// Spellings kept for one damaged word, the likeliest included.
const KEPT: usize = 3;

/// What a completion completes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CompletionKind {
    /// A document number.
    Number,
    /// A title.
    Title,
}

/// How something typed may go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Completion {
    /// What to put in place of what was typed.
    pub text: String,
    /// Number or title.
    pub kind: CompletionKind,
    /// The document.
    pub id: String,
}

/// For the exact form of a word: its likeliest spellings in order, each with its share of the word's worth;
/// the word as typed may be one of them.
pub(crate) type Corrections = FxHashMap<Box<str>, Vec<(Box<str>, f64)>>;

/// What an engine without Vietnamese reads for letters, all without marks: (read, written, cost).
///
/// The cost, in hundredths of a logarithm, falls with how often it happened among 250,000 words
/// rendered and read; one edit of any other kind costs 160.
const CONFUSIONS: [(&str, &str, u8); 75] = [
    ("e", "o", 20),
    ("6", "o", 40),
    ("d", "o", 58),
    ("i", "u", 62),
    ("d", "a", 66),
    ("it", "u", 90),
    ("w", "u", 94),
    ("if", "u", 104),
    ("ti", "u", 106),
    ("g", "o", 107),
    ("t", "u", 111),
    ("y", "u", 112),
    ("1", "l", 119),
    ("ir", "u", 128),
    ("ii", "u", 129),
    ("v", "u", 132),
    ("i", "a", 133),
    ("e", "a", 138),
    ("a", "u", 143),
    ("4", "a", 149),
    ("tt", "u", 149),
    ("l", "u", 149),
    ("6e", "o", 149),
    ("we", "uo", 154),
    ("de", "o", 155),
    ("iv", "u", 156),
    ("j", "i", 159),
    ("de", "oc", 170),
    ("tf", "u", 171),
    ("g", "a", 178),
    ("i", "l", 179),
    ("tr", "u", 180),
    ("16", "lo", 181),
    ("14", "la", 182),
    ("v", "y", 183),
    ("li", "u", 183),
    ("e", "c", 186),
    ("j", "l", 190),
    ("h", "u", 193),
    ("ite", "uc", 193),
    ("r", "u", 194),
    ("tv", "u", 194),
    ("ve", "uo", 196),
    ("wd", "uo", 202),
    ("d", "u", 204),
    ("we", "o", 204),
    ("id", "lo", 205),
    ("a", "o", 209),
    ("e6", "o", 212),
    ("i", "o", 213),
    ("vd", "uo", 213),
    ("g", "oc", 215),
    ("ife", "uc", 215),
    ("ge", "oc", 218),
    ("iti", "u", 218),
    ("ie", "uc", 222),
    ("0", "o", 224),
    ("id", "la", 226),
    ("f", "i", 228),
    ("f", "u", 231),
    ("c", "o", 233),
    ("e", "g", 234),
    ("re", "uo", 237),
    ("ai", "u", 237),
    ("de", "a", 238),
    ("ire", "uo", 243),
    ("im", "un", 246),
    ("b", "d", 250),
    ("5", "s", 150),
    ("8", "e", 180),
    ("9", "g", 180),
    ("1", "i", 160),
    ("rn", "m", 170),
    ("vv", "w", 190),
    ("cl", "d", 190),
];

/// Tone of a spelling: its combining tone mark, if any.
fn tone(exact: &str) -> Option<char> {
    exact.nfd().find(|c| matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}'))
}

/// What one slip of a finger or a pen costs, as a logarithm.
const EDIT: f64 = 1.6;

/// The spellings that one confusion may have made into `read`, with its cost.
fn confused(read: &str) -> Vec<(String, f64)> {
    let mut found = Vec::new();
    for (damage, written, cost) in CONFUSIONS {
        for (at, _) in read.match_indices(damage) {
            let spelling = format!("{}{written}{}", &read[..at], &read[at + damage.len()..]);
            found.push((spelling, f64::from(cost) / 100.0));
        }
    }
    found
}

/// A spelling that a damaged word may stand for.
struct Candidate {
    spelling: Box<str>,
    folded: Box<str>,
    /// Logarithm of how likely the damage is.
    damage: f64,
    frequency: u32,
}

impl Index {
    /// Other spellings of the words that the archive does not know where they stand.
    pub(crate) fn corrections(&self, statistics: Statistics<'_>, clauses: &[Clause]) -> Corrections {
        let words: Vec<Option<&Forms>> = clauses
            .iter()
            .map(|clause| match clause {
                Clause::Word { forms, prefix: false } => Some(forms),
                _ => None,
            })
            .collect();
        let fields = statistics.fields;
        let pair = |left: &str, right: &str| statistics.frequency(fields.pairs, &format!("{left} {right}"));
        let known = |n: usize| -> bool {
            let Some(forms) = words[n] else { return true };
            if statistics.frequency(fields.folded, &forms.folded) == 0 {
                return false;
            }
            // A neighbour that is damaged itself says nothing about this word, and figures stand in no pairs.
            let sound =
                |other: &&Forms| statistics.frequency(fields.folded, &other.folded) > 0 && !has_figure(&other.folded);
            let left = n.checked_sub(1).and_then(|n| words[n]).filter(sound);
            let right = words.get(n + 1).copied().flatten().filter(sound);
            (left.is_none() && right.is_none())
                || left.is_some_and(|left| pair(&left.folded, &forms.folded) > 0)
                || right.is_some_and(|right| pair(&forms.folded, &right.folded) > 0)
        };
        let columns: Vec<Vec<Candidate>> = words
            .iter()
            .enumerate()
            .map(|(n, word)| {
                let Some(forms) = word else { return Vec::new() };
                let itself = Candidate {
                    spelling: forms.exact.clone(),
                    folded: forms.folded.clone(),
                    damage: 0.0,
                    frequency: statistics.frequency(fields.folded, &forms.folded),
                };
                let mut column = vec![itself];
                if !known(n) {
                    column.extend(self.candidates(forms));
                }
                column
            })
            .collect();
        let mut corrections = Corrections::default();
        for (n, column) in columns.iter().enumerate().filter(|(_, column)| column.len() > 1) {
            let beside = |n: Option<usize>| n.and_then(|n| columns.get(n)).map(Vec::as_slice).unwrap_or_default();
            let (left, right) = (beside(n.checked_sub(1)), beside(Some(n + 1)));
            let mut scored: Vec<(f64, &Candidate)> = column
                .iter()
                .map(|candidate| {
                    let known = |frequency: u32| (1.0 + f64::from(frequency)).ln();
                    let mut score = candidate.damage + 0.5 * known(candidate.frequency);
                    score += left
                        .iter()
                        .map(|other| known(pair(&other.folded, &candidate.folded)) + other.damage)
                        .fold(0.0, f64::max);
                    score += right
                        .iter()
                        .map(|other| known(pair(&candidate.folded, &other.folded)) + other.damage)
                        .fold(0.0, f64::max);
                    (score, candidate)
                })
                .filter(|(_, candidate)| candidate.frequency > 0)
                .collect();
            scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.spelling.cmp(&b.1.spelling)));
            let Some(word) = words[n] else { continue };
            let best = scored.first().map_or(0.0, |(score, _)| *score);
            let kept: Vec<(Box<str>, f64)> = scored
                .into_iter()
                .take(KEPT)
                .map(|(score, candidate)| (candidate.spelling.clone(), 0.85 * (score - best).max(-3.0).exp()))
                .collect();
            // The word itself keeps its place among them, the first if nothing else is likelier.
            if kept.iter().any(|(spelling, _)| *spelling != word.exact) {
                corrections.insert(word.exact.clone(), kept);
            }
        }
        corrections
    }

    /// Spellings of the archive near a word. A tone that was typed is kept.
    fn candidates(&self, word: &Forms) -> Vec<Candidate> {
        let lexicon = self.lexicon.get_or_init(|| Lexicon::new(&self.space, self.fields));
        let length = word.folded.chars().count();
        let mut near: FxHashMap<Box<str>, f64> = FxHashMap::default();
        let mut offer = |term: &str, likely: f64| {
            if lexicon.frequency(term) > 0 {
                let entry = near.entry(term.into()).or_insert(f64::MIN);
                *entry = entry.max(likely);
            }
        };
        // One or two confusions of the engine.
        let once = confused(&word.folded);
        for (spelling, cost) in &once {
            offer(spelling, -cost);
            if length <= 8 {
                for (spelling, again) in confused(spelling) {
                    offer(&spelling, -cost - again);
                }
            }
        }
        // One or two edits of any kind.
        for (term, edits) in lexicon.near(&word.folded, if length < 5 { 1 } else { 2 }) {
            let first = if term.chars().next() == word.folded.chars().next() { 0.0 } else { -0.8 };
            offer(term, first - EDIT * edits as f64);
        }
        near.remove(&word.folded);
        let mut found: Vec<Candidate> = Vec::new();
        for (folded, damage) in near {
            if !word.is_marked() {
                let frequency = lexicon.frequency(&folded);
                found.push(Candidate { spelling: folded.clone(), folded, damage, frequency });
                continue;
            }
            // Of the readings with the tone typed, the most frequent one.
            let best = lexicon
                .readings(&folded)
                .iter()
                .filter(|(reading, frequency)| *frequency > 0 && tone(reading) == tone(&word.exact))
                .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
            if let Some((spelling, frequency)) = best {
                found.push(Candidate { spelling: spelling.clone(), folded, damage, frequency: *frequency });
            }
        }
        let worth = |candidate: &Candidate| candidate.damage + 0.5 * f64::from(candidate.frequency).ln();
        found.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then_with(|| a.spelling.cmp(&b.spelling)));
        found.truncate(MOST_CANDIDATES);
        found
    }

    /// Numbers, then titles, that go on from `typed`, newest first; marks may be missing.
    ///
    /// A title fits where every word typed begins one of its words, the last one perhaps unfinished.
    pub fn complete(&self, typed: &str, limit: usize) -> Vec<Completion> {
        let joined: String = key(typed).split(' ').collect();
        let folded = key(typed);
        if folded.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(u8, u32)> = Vec::new();
        for (n, keys) in self.keys.iter().enumerate() {
            let kind = self.names.kind(keys.kind);
            let title = self.titles.whole(n as u32);
            let in_kind = kind.starts_with(&folded)
                || folded.strip_prefix(kind).is_some_and(|rest| title.starts_with(rest.trim_start()));
            let rank = if self.numbers.begins(n, &joined) {
                0
            } else if title.starts_with(&folded) {
                1
            } else if keys.kind != 0 && in_kind {
                2
            } else if folded.split(' ').all(|word| begins_a_word(title, word)) {
                3
            } else {
                continue;
            };
            found.push((rank, n as u32));
        }
        let newest = |n: u32| std::cmp::Reverse(self.cards[n as usize].date);
        found.sort_by_key(|&(rank, n)| (rank, newest(n), n));
        found.truncate(limit);
        found
            .into_iter()
            .filter_map(|(rank, n)| {
                let card = &self.cards[n as usize];
                let (text, kind) = match rank {
                    0 => (card.number.clone()?, CompletionKind::Number),
                    _ => (card.title.clone()?, CompletionKind::Title),
                };
                Some(Completion { text, kind, id: card.id.clone() })
            })
            .collect()
    }
}

/// Whether a word of a folded text begins with `beginning`.
fn begins_a_word(text: &str, beginning: &str) -> bool {
    text.match_indices(beginning).any(|(at, _)| at == 0 || text.as_bytes()[at - 1] == b' ')
}

/// The query as it may have been meant, in the spelling of the best hits.
pub(crate) fn meant(clauses: &[Clause], corrections: &Corrections, hits: &[Hit]) -> Option<String> {
    let words: Vec<&Forms> = clauses
        .iter()
        .filter_map(|clause| match clause {
            Clause::Word { forms, prefix: false } => Some(forms),
            _ => None,
        })
        .collect();
    let other = |forms: &&Forms| corrections.get(&forms.exact).is_some_and(|others| others[0].0 != forms.exact);
    if hits.is_empty() || !words.iter().any(other) {
        return None;
    }
    let best: Vec<Forms> = words
        .iter()
        .map(|forms| match corrections.get(&forms.exact).and_then(|others| others.first()) {
            Some((other, _)) => Forms::of(other),
            None => (*forms).clone(),
        })
        .collect();
    // How often a spelling stands in the hits, beside the same neighbour and at all.
    let mut seen: FxHashMap<(usize, Box<str>), (usize, usize)> = FxHashMap::default();
    for hit in hits {
        for text in [hit.card.title.as_deref().unwrap_or_default(), &hit.snippet.text] {
            let tokens = forms(text);
            for (at, token) in tokens.iter().enumerate() {
                for (n, _) in best.iter().enumerate().filter(|(_, forms)| forms.folded == token.folded) {
                    let same = |at: Option<usize>, n: Option<usize>| match (at, n) {
                        (Some(at), Some(n)) => {
                            matches!((tokens.get(at), best.get(n)), (Some(a), Some(b)) if a.folded == b.folded)
                        }
                        _ => false,
                    };
                    let beside = same(at.checked_sub(1), n.checked_sub(1)) || same(Some(at + 1), Some(n + 1));
                    let entry = seen.entry((n, token.exact.clone())).or_default();
                    entry.0 += usize::from(beside);
                    entry.1 += 1;
                }
            }
        }
    }
    let spelled: Vec<Box<str>> = best
        .iter()
        .enumerate()
        .map(|(n, forms)| {
            if forms.is_marked() {
                return forms.exact.clone();
            }
            seen.iter()
                .filter(|((word, _), _)| *word == n)
                .max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.1.cmp(&a.0.1)))
                .map_or_else(|| forms.exact.clone(), |((_, spelling), _)| spelling.clone())
        })
        .collect();
    Some(spelled.join(" "))
}
