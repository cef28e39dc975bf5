//! Which part of a unit to show, and what to mark in it.

use super::analyzer::{Forms, Memo, Tokens, pack};
use super::schema::StoredUnit;
use crate::text::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

/// Bytes of text around the best place, before they are widened to whole words.
const LENGTH: usize = 260;

/// A part of the restored text with what the query found in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Snippet {
    /// Verbatim, line breaks included.
    pub text: String,
    /// Bytes of the document's restored text.
    pub span: Span,
    /// Bytes of `text` to mark, in order, apart from each other.
    pub marks: Vec<Span>,
}

/// What a query marks in texts.
#[derive(Clone, Debug, Default)]
pub struct Marker {
    words: Vec<Word>,
    /// Folded word → its place in `words`.
    by_text: FxHashMap<Box<str>, usize>,
    /// The same for words that [`Tokens`] packs.
    by_key: FxHashMap<u128, usize>,
    /// Last letters of the packed words, as bits, so that most tokens are passed over at once.
    lasts: u64,
    prefixes: Vec<(Box<str>, bool, usize)>,
    n: usize,
}

/// A word to mark.
#[derive(Clone, Debug)]
struct Word {
    /// Which word of the query.
    n: usize,
    /// The exact forms asked for; none: any.
    exact: FxHashSet<Box<str>>,
}

impl Marker {
    /// Adds a word of the query.
    pub(crate) fn word(&mut self, forms: &Forms) {
        let place = *self.by_text.entry(forms.folded.clone()).or_insert_with(|| {
            self.words.push(Word { n: self.n, exact: FxHashSet::default() });
            self.words.len() - 1
        });
        if let Some(key) = pack(&forms.folded) {
            self.by_key.insert(key, place);
            self.lasts |= 1 << (key & 63);
        }
        if forms.is_marked() {
            self.words[place].exact.insert(forms.exact.clone());
        }
        self.n += 1;
    }

    /// Adds the beginning of a word.
    pub(crate) fn prefix(&mut self, forms: &Forms) {
        let marked = forms.is_marked();
        let beginning = if marked { &forms.exact } else { &forms.folded };
        self.prefixes.push((beginning.clone(), marked, self.n));
        self.n += 1;
    }

    /// Which word of the query a token is, and whether as it was typed.
    fn is(&self, raw: &str, key: Option<u128>, memo: &mut Memo) -> Option<(usize, bool)> {
        let place = match key {
            Some(key) if self.lasts >> (key & 63) & 1 == 0 => None,
            Some(key) => self.by_key.get(&key),
            None => self.by_text.get(&memo.forms(raw).folded),
        };
        if let Some(place) = place {
            let word = &self.words[*place];
            return Some((word.n, word.exact.is_empty() || word.exact.contains(&memo.forms(raw).exact)));
        }
        if self.prefixes.is_empty() {
            return None;
        }
        let forms = memo.forms(raw);
        self.prefixes
            .iter()
            .find(|(beginning, marked, _)| {
                let form = if *marked { &forms.exact } else { &forms.folded };
                form.starts_with(&**beginning)
            })
            .map(|(_, _, n)| (*n, true))
    }

    /// What to mark in any text shown beside a hit, such as its title.
    pub fn marks(&self, text: &str) -> Vec<Span> {
        let hits = self.hits(text, &mut Memo::default());
        merge(text, hits.iter().map(|hit| hit.span))
    }

    fn hits(&self, text: &str, memo: &mut Memo) -> Vec<TokenHit> {
        let mut hits: Vec<TokenHit> = Vec::new();
        // Readings that stand beside their neighbour of the query: "dân" of "dan van".
        let mut told: Vec<(usize, Box<str>)> = Vec::new();
        for (place, (span, key)) in Tokens::of(text).enumerate() {
            if let Some((word, as_typed)) = self.is(span.of(text), key, memo) {
                let beside = |left: &&TokenHit| left.place + 1 == place && left.word + 1 == word;
                if let Some(before) = hits.last().filter(|left| left.as_typed && as_typed && beside(left)) {
                    for (word, raw) in [(before.word, before.span.of(text)), (word, span.of(text))] {
                        let exact = &memo.forms(raw).exact;
                        if !told.iter().any(|(known, reading)| *known == word && reading == exact) {
                            told.push((word, exact.clone()));
                        }
                    }
                }
                hits.push(TokenHit { span, word, as_typed, place });
            }
        }
        if !told.is_empty() {
            hits.retain(|hit| {
                let mut readings = told.iter().filter(|(word, _)| *word == hit.word).peekable();
                readings.peek().is_none() || readings.any(|(_, exact)| *exact == memo.forms(hit.span.of(text)).exact)
            });
        }
        // A word found as it was typed hides its other readings.
        let typed: FxHashSet<usize> = hits.iter().filter(|hit| hit.as_typed).map(|hit| hit.word).collect();
        hits.retain(|hit| hit.as_typed || !typed.contains(&hit.word));
        hits
    }

    /// The part of a unit with most of the query in the least room.
    pub(crate) fn snippet(&self, unit: &StoredUnit, memo: &mut Memo) -> Snippet {
        let text = unit.text.as_str();
        let hits = self.hits(text, memo);
        let (from, to) = best_window(&hits);
        let (start, end) = widen(text, from, to);
        let marks = hits.iter().map(|hit| hit.span).filter(|span| start <= span.start && span.end <= end);
        let marks = merge(text, marks).into_iter().map(|span| Span::new(span.start - start, span.end - start));
        Snippet {
            text: text[start..end].to_owned(),
            span: Span::new(unit.start + start, unit.start + end),
            marks: marks.collect(),
        }
    }
}

struct TokenHit {
    span: Span,
    word: usize,
    as_typed: bool,
    /// Which token of the text it is.
    place: usize,
}

/// The stretch of at most [`LENGTH`] bytes with the most different words; the earliest on ties.
fn best_window(hits: &[TokenHit]) -> (usize, usize) {
    let mut best = (0, 0, 0);
    let mut counts: FxHashMap<usize, usize> = FxHashMap::default();
    let mut left = 0;
    let mut neighbours = 0;
    let close = |a: &TokenHit, b: &TokenHit| usize::from(b.span.start - a.span.end <= 2 && a.word != b.word);
    for (right, hit) in hits.iter().enumerate() {
        *counts.entry(hit.word).or_default() += 1;
        if right > left {
            neighbours += close(&hits[right - 1], hit);
        }
        while hit.span.end - hits[left].span.start > LENGTH {
            if let Some(count) = counts.get_mut(&hits[left].word) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&hits[left].word);
                }
            }
            neighbours -= close(&hits[left], &hits[left + 1]);
            left += 1;
        }
        let worth = counts.len() * 8 + neighbours * 5 + (right - left).min(6);
        if worth > best.0 {
            best = (worth, hits[left].span.start, hit.span.end);
        }
    }
    (best.1, best.2)
}

/// Widens to [`LENGTH`] bytes, from the beginning of a line or sentence where one is near, at word edges.
fn widen(text: &str, from: usize, to: usize) -> (usize, usize) {
    let room = LENGTH.saturating_sub(to - from);
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let earliest = floor(from.saturating_sub(room / 2));
    let before = &text[earliest..from];
    let start = if earliest == 0 {
        0
    } else if let Some(at) = before.rfind(['\n', ';']).or_else(|| before.find(". ").map(|at| at + 1)) {
        earliest + at + 1
    } else {
        before.find(char::is_whitespace).map_or(earliest, |at| earliest + at + 1)
    };
    let start = start + (text[start..].len() - text[start..].trim_start().len()).min(from.max(start) - start);
    let latest = floor((start + LENGTH).max(to));
    let end = if latest == text.len() {
        latest
    } else {
        text[to..latest].rfind(char::is_whitespace).map_or(to.max(start), |at| to + at)
    };
    let end = start + text[start..end.max(start)].trim_end().len();
    (start, end.max(start))
}

/// Joins spans that are one word apart by a blank only.
fn merge(text: &str, spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    for span in spans {
        match out.last_mut() {
            Some(last) if text[last.end..span.start].chars().all(|c| c == ' ') => last.end = span.end,
            _ => out.push(span),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::analyzer::forms;
    use super::*;

    fn marker(query: &str) -> Marker {
        let mut marker = Marker::default();
        forms(query).iter().for_each(|forms| marker.word(forms));
        marker
    }

    fn marked<'t>(text: &'t str, query: &str) -> Vec<&'t str> {
        marker(query).marks(text).into_iter().map(|span| span.of(text)).collect()
    }

    #[test]
    fn marks_follow_the_marks_typed() {
        assert_eq!(marked("Đảng uỷ, đang ở xã", "đảng ủy"), ["Đảng uỷ"]);
        assert_eq!(marked("Đảng uỷ, đang ở xã", "dang"), ["Đảng", "đang"]);
        assert_eq!(marked("dang uy xa", "đảng"), ["dang"]);
        assert_eq!(marked("Hướng dẫn công tác dân vận, văn thư; Dân", "dan van"), ["dân vận", "Dân"]);
        assert_eq!(marked("Hướng dẫn văn thư của dân", "dan thu"), ["dẫn", "thư", "dân"]);
    }

    #[test]
    fn the_snippet_is_a_verbatim_part_around_the_densest_place() {
        let text = format!(
            "{} Kính gửi đảng. {}\nCông tác dân vận của cấp ủy.\n{}",
            "a ".repeat(300),
            "b ".repeat(300),
            "c ".repeat(300)
        );
        let unit = StoredUnit { text: text.clone(), start: 1000, ..StoredUnit::default() };
        let snippet = marker("dân vận cấp ủy").snippet(&unit, &mut Memo::default());
        assert!(snippet.text.starts_with("Công tác dân vận"), "{}", snippet.text);
        assert_eq!(&text[snippet.span.start - 1000..snippet.span.end - 1000], snippet.text);
        let marks: Vec<_> = snippet.marks.iter().map(|span| span.of(&snippet.text)).collect();
        assert_eq!(marks, ["dân vận", "cấp ủy"]);
    }
}
