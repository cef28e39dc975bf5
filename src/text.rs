//! Spans, the map from restored text back to the source, folding and tone placement.
//!
//! Takes and gives plain `&str` in NFC. Knows nothing of documents or damage.

use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// A half-open range of bytes `[start, end)` of some text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes `[start, end)`. `start` must not exceed `end`.
    pub fn new(start: usize, end: usize) -> Span {
        debug_assert!(start <= end);
        Span { start, end }
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether no byte is covered.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The range, for slicing.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// The text covered; the span must lie on character boundaries of `text`.
    pub fn of(self, text: &str) -> &str {
        &text[self.range()]
    }

    /// Whether `other` lies wholly inside.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two share at least one byte.
    pub fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// Something that was wrong with a page and was worked around.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defect {
    /// A stable word for the sort of trouble: `noise`, `number`, `gap`, `encoding`, …
    pub kind: String,
    /// Line of the source, counted from 1; 0 where no single line is meant.
    pub line: usize,
    /// One sentence for a person.
    pub note: String,
}

/// Where each stretch of an edited text came from.
///
/// Made while editing, never by comparing. Monotone: later bytes come from
/// later bytes. Between the recorded pieces text was copied byte for byte.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanMap {
    /// Edited pieces in order: (edited span, source span).
    pieces: Vec<(Span, Span)>,
}

impl SpanMap {
    /// Records that `edited` bytes stand for `source` bytes. Pieces must come
    /// in order and must not overlap; what lies between two pieces must be an
    /// exact copy of the same length.
    pub fn push(&mut self, edited: Span, source: Span) {
        if let Some(&(last, origin)) = self.pieces.last() {
            debug_assert!(last.end <= edited.start && origin.end <= source.start);
            debug_assert_eq!(edited.start - last.end, source.start - origin.end);
        }
        self.pieces.push((edited, source));
    }

    /// The recorded pieces, in order.
    pub fn pieces(&self) -> &[(Span, Span)] {
        &self.pieces
    }

    /// The smallest source span that covers what `edited` stands for.
    ///
    /// A boundary inside an edited piece widens to that piece's edge.
    pub fn source_span(&self, edited: Span) -> Span {
        if edited.is_empty() {
            let at = self.source_start(edited.start);
            return Span::new(at, at);
        }
        let start = self.source_start(edited.start);
        Span::new(start, self.source_end(edited.end).max(start))
    }

    fn source_start(&self, at: usize) -> usize {
        // The last piece that begins at or before `at`.
        match self.pieces.partition_point(|(piece, _)| piece.start <= at) {
            0 => at,
            n => {
                let (piece, origin) = self.pieces[n - 1];
                if at < piece.end { origin.start } else { origin.end + (at - piece.end) }
            }
        }
    }

    fn source_end(&self, at: usize) -> usize {
        match self.pieces.partition_point(|(piece, _)| piece.start < at) {
            0 => at,
            n => {
                let (piece, origin) = self.pieces[n - 1];
                if at <= piece.end { origin.end } else { origin.end + (at - piece.end) }
            }
        }
    }
}

/// Turns byte offsets of one text into character offsets, in logarithmic time each.
#[derive(Debug)]
pub struct CharCounter<'t> {
    text: &'t str,
    /// Characters before each block of [`CharCounter::BLOCK`] bytes.
    before: Vec<usize>,
}

impl<'t> CharCounter<'t> {
    const BLOCK: usize = 256;

    /// Counts once through `text`.
    pub fn new(text: &'t str) -> CharCounter<'t> {
        let mut before = Vec::with_capacity(text.len() / Self::BLOCK + 2);
        let mut count = 0;
        for block in text.as_bytes().chunks(Self::BLOCK) {
            before.push(count);
            count += block.iter().filter(|byte| !is_continuation(**byte)).count();
        }
        before.push(count);
        CharCounter { text, before }
    }

    /// Characters in `text[..at]`. `at` must be a character boundary.
    pub fn chars_before(&self, at: usize) -> usize {
        let block = at / Self::BLOCK;
        let rest = &self.text.as_bytes()[block * Self::BLOCK..at];
        self.before[block] + rest.iter().filter(|byte| !is_continuation(**byte)).count()
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// The letter without tone and mark: `ệ` → `e`, `Đ` → `D`; others as they are.
pub fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    match FOLDED.get(slot(c)) {
        Some(&folded) => folded,
        None => fold_rare(c),
    }
}

/// Base letters of the Latin blocks, so that folding a letter is one look-up.
static FOLDED: LazyLock<Vec<char>> = LazyLock::new(|| {
    let latin = ('\u{c0}'..='\u{24f}').chain('\u{1e00}'..='\u{1eff}');
    latin.map(fold_rare).collect()
});

/// Whether `c` is a capital; as [`char::is_uppercase`], by one look-up for the letters of Vietnamese.
pub(crate) fn is_capital(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_uppercase();
    }
    CASES.get(slot(c)).map_or_else(|| c.is_uppercase(), |case| *case == Case::Capital)
}

/// Whether `c` is a small letter; as [`char::is_lowercase`], by one look-up for the letters of Vietnamese.
pub(crate) fn is_small(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_lowercase();
    }
    CASES.get(slot(c)).map_or_else(|| c.is_lowercase(), |case| *case == Case::Small)
}

/// Whether most letters are capitals; false without two letters.
pub(crate) fn is_upper(text: &str) -> bool {
    const LOOKED_AT: usize = 300;
    let (mut upper, mut lower) = (0usize, 0usize);
    // With so many small letters there is no room for three times as many capitals.
    let most_small = text.len().min(LOOKED_AT) / 4;
    for c in text.chars().take(LOOKED_AT) {
        if is_capital(c) {
            upper += 1;
        } else if is_small(c) {
            lower += 1;
            if lower > most_small {
                return false;
            }
        }
    }
    upper >= 2 && upper >= lower * 3
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Capital,
    Small,
    Neither,
}

/// The case of each letter of the Latin blocks, in the places of [`slot`].
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let latin = ('\u{c0}'..='\u{24f}').chain('\u{1e00}'..='\u{1eff}');
    let case = |c: char| match (c.is_uppercase(), c.is_lowercase()) {
        (true, _) => Case::Capital,
        (_, true) => Case::Small,
        _ => Case::Neither,
    };
    latin.map(case).collect()
});

/// Place of a letter in [`FOLDED`]; beyond its end for letters of other blocks.
fn slot(c: char) -> usize {
    match c {
        '\u{c0}'..='\u{24f}' => c as usize - 0xc0,
        '\u{1e00}'..='\u{1eff}' => c as usize - 0x1e00 + (0x250 - 0xc0),
        _ => usize::MAX,
    }
}

fn fold_rare(c: char) -> char {
    match c {
        'đ' | 'ð' => 'd',
        'Đ' | 'Ð' | 'Ɖ' => 'D',
        _ => std::iter::once(c).nfd().next().unwrap_or(c),
    }
}

/// Drops tones and marks and lowers case, so that `Đảng uỷ` and `dang uy` meet.
///
/// Idempotent. Never use it to compare places: *điểm d* and *điểm đ* differ.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_each(text, |c| folded.push(c));
    folded
}

/// Gives the letters of [`fold`] one by one.
pub(crate) fn fold_each(text: &str, mut take: impl FnMut(char)) {
    for c in text.chars() {
        if c.is_ascii() {
            take(c.to_ascii_lowercase());
            continue;
        }
        // Dashes and signs of quotation are no letters and do not decompose.
        if matches!(c, '\u{2010}'..='\u{203e}') {
            take(c);
            continue;
        }
        let base = fold_char(c);
        if base.is_ascii() {
            take(base.to_ascii_lowercase());
        } else if !unicode_normalization::char::is_combining_mark(base) {
            // A letter of another script may decompose into several.
            let letters = std::iter::once(c).nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c));
            letters.map(fold_char).flat_map(char::to_lowercase).for_each(&mut take);
        }
    }
}

/// Vowel pairs on which old and new tone placement differ: `hòa`/`hoà`, `khỏe`/`khoẻ`, `thủy`/`thuỷ`.
const NEW_TO_OLD: [(&str, &str); 15] = [
    ("oà", "òa"),
    ("oá", "óa"),
    ("oả", "ỏa"),
    ("oã", "õa"),
    ("oạ", "ọa"),
    ("oè", "òe"),
    ("oé", "óe"),
    ("oẻ", "ỏe"),
    ("oẽ", "õe"),
    ("oẹ", "ọe"),
    ("uỳ", "ùy"),
    ("uý", "úy"),
    ("uỷ", "ủy"),
    ("uỹ", "ũy"),
    ("uỵ", "ụy"),
];

/// One syllable with its tone placed the old way (`hoà` → `hòa`, `Uỷ` → `Ủy`), for comparing.
///
/// Not after `q` (`quý`), not before a final (`hoàn`). Text for people is never rewritten with it.
pub fn old_tone_placement(syllable: &str) -> String {
    let lower: String = syllable.chars().flat_map(char::to_lowercase).collect();
    for (new, old) in NEW_TO_OLD {
        let Some(head) = lower.strip_suffix(new) else { continue };
        if head.ends_with('q') || lower.chars().count() != syllable.chars().count() {
            return syllable.to_owned();
        }
        let keep = head.chars().count();
        let mut out: String = syllable.chars().take(keep).collect();
        for (letter, printed) in old.chars().zip(syllable.chars().skip(keep)) {
            if printed.is_uppercase() {
                out.extend(letter.to_uppercase());
            } else {
                out.push(letter);
            }
        }
        return out;
    }
    syllable.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fold_drops_every_mark_and_the_stroke() {
        assert_eq!(fold("Đảng uỷ QUYẾT ĐỊNH"), "dang uy quyet dinh");
        assert_eq!(fold(&fold("Nghị quyết")), fold("Nghị quyết"));
    }

    #[test]
    fn tone_placement_meets_on_the_old_form() {
        assert_eq!(old_tone_placement("Uỷ"), "Ủy");
        assert_eq!(old_tone_placement("hoà"), "hòa");
        assert_eq!(old_tone_placement("quý"), "quý");
        assert_eq!(old_tone_placement("hoàn"), "hoàn");
        assert_eq!(old_tone_placement("HOÀ"), "HÒA");
    }

    #[test]
    fn source_span_widens_to_the_edited_piece() {
        // source:  "Quyét dinh sb 23"   edited: "Quyết định số 23"
        let mut map = SpanMap::default();
        map.push(Span::new(0, 8), Span::new(0, 6));
        map.push(Span::new(9, 17), Span::new(7, 11));
        map.push(Span::new(18, 22), Span::new(12, 14));
        assert_eq!(map.source_span(Span::new(9, 22)), Span::new(7, 14));
        assert_eq!(map.source_span(Span::new(23, 25)), Span::new(15, 17));
        assert_eq!(map.source_span(Span::new(3, 5)), Span::new(0, 6));
    }

    #[test]
    fn chars_are_counted_across_blocks() {
        let text = "Điều ".repeat(200);
        let counter = CharCounter::new(&text);
        for (n, (at, _)) in text.char_indices().enumerate() {
            assert_eq!(counter.chars_before(at), n);
        }
        assert_eq!(counter.chars_before(text.len()), text.chars().count());
    }
}
