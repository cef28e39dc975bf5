//! Text in, tokens out: the same cut and the same two spellings for pages and queries.
//!
//! A token is a run of letters and digits. Its *exact* form is NFC, lower case, tone
//! placed the old way; its *folded* form has no marks. Words are not segmented: syllables
//! and folded pairs of neighbours survive damage that a word list would not.

use crate::text::{Span, fold, fold_char, old_tone_placement};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer runs are noise of a scan or a hash and are cut here, in bytes.
const LONGEST: usize = 48;

/// Distinct spellings remembered before the memory starts anew.
const REMEMBERED: usize = 100_000;

/// The two spellings of one token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Forms {
    /// With marks.
    pub(crate) exact: Box<str>,
    /// Without marks.
    pub(crate) folded: Box<str>,
}

impl Forms {
    /// The spellings of one raw token.
    pub(crate) fn of(raw: &str) -> Forms {
        let raw = &raw[..floor_boundary(raw, LONGEST)];
        let lower: String =
            raw.nfc().flat_map(char::to_lowercase).map(|c| if c == 'ð' { 'đ' } else { c }).nfc().collect();
        let exact = old_tone_placement(&lower);
        let folded = fold(&exact);
        Forms { exact: exact.into(), folded: folded.into() }
    }

    /// Whether a tone, a mark or a stroke is written.
    pub(crate) fn is_marked(&self) -> bool {
        self.exact != self.folded
    }

    /// The term of the exact form in fields that hold both forms.
    pub(crate) fn exact_key(&self) -> String {
        format!("={}", self.exact)
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    if text.len() <= at {
        return text.len();
    }
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Byte ranges of the tokens of a text, in order.
pub(crate) struct Cuts<'t> {
    text: &'t str,
    at: usize,
}

impl Iterator for Cuts<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        let rest = &self.text[self.at..];
        let first = rest.find(char::is_alphanumeric)?;
        let start = self.at + first;
        let length = self.text[start..]
            .find(|c: char| !c.is_alphanumeric() && !is_combining_mark(c))
            .unwrap_or(self.text.len() - start);
        self.at = start + length;
        Some((start, self.at))
    }
}

/// Cuts a text into tokens.
pub(crate) fn cuts(text: &str) -> Cuts<'_> {
    Cuts { text, at: 0 }
}

/// A text as engines that know no Vietnamese may index it: the tokens of our own index with one
/// blank between them, in their exact forms and in their folded ones.
pub fn spellings(text: &str) -> (String, String) {
    let forms = cuts(text).map(|(start, end)| Forms::of(&text[start..end]));
    let (exact, folded): (Vec<_>, Vec<_>) = forms.map(|forms| (forms.exact, forms.folded)).unzip();
    (exact.join(" "), folded.join(" "))
}

/// A folded word as a number, if it is of at most sixteen letters and digits without marks.
pub(crate) fn pack(folded: &str) -> Option<u128> {
    let fits = folded.len() <= 16 && folded.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then(|| folded.bytes().fold(0, |key, byte| key << 8 | u128::from(byte)))
}

/// What a letter is to a token: [`OUTSIDE`], [`MARK`], [`OTHER`], or else its folded form.
static LETTERS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let class = |c: char| match fold_char(c).to_ascii_lowercase() {
        folded if c.is_alphanumeric() && folded.is_ascii_alphanumeric() => folded as u8,
        _ if c.is_alphanumeric() => OTHER,
        _ if is_combining_mark(c) => MARK,
        _ => OUTSIDE,
    };
    (0..0x1f00).map(|code| char::from_u32(code).map_or(OUTSIDE, class)).collect()
});
/// No part of a token.
const OUTSIDE: u8 = 0;
/// Part of a token that has begun.
const MARK: u8 = 1;
/// A letter that is folded the long way.
const OTHER: u8 = 2;

/// The tokens of a text, as [`cuts`] cuts them, each with its folded form [packed](pack), if it
/// is of the usual kind: the quick way through a text in which few tokens matter.
pub(crate) struct Tokens<'t> {
    text: &'t str,
    at: usize,
    letters: &'static [u8],
}

impl<'t> Tokens<'t> {
    /// The tokens of a text.
    pub(crate) fn of(text: &'t str) -> Tokens<'t> {
        Tokens { text, at: 0, letters: &LETTERS }
    }

    fn class(&self, c: char) -> u8 {
        match self.letters.get(c as usize) {
            Some(class) => *class,
            None if c.is_alphanumeric() => OTHER,
            None if is_combining_mark(c) => MARK,
            None => OUTSIDE,
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = (Span, Option<u128>);

    fn next(&mut self) -> Option<(Span, Option<u128>)> {
        let mut letters = self.text[self.at..].char_indices();
        let (start, mut class) = letters.find_map(|(at, c)| {
            Some((self.at + at, self.class(c))).filter(|(_, class)| !matches!(*class, OUTSIDE | MARK))
        })?;
        let (mut key, mut n, mut usual) = (0_u128, 0, true);
        let mut end = self.text.len();
        loop {
            usual &= class > OTHER && n < 16;
            key = key << 8 | u128::from(class);
            n += 1;
            let Some((at, c)) = letters.next() else { break };
            class = self.class(c);
            if class == OUTSIDE {
                end = self.at + at;
                break;
            }
        }
        self.at = end;
        Some((Span::new(start, end), usual.then_some(key)))
    }
}

/// All tokens of a short text.
pub(crate) fn forms(text: &str) -> Vec<Forms> {
    cuts(text).map(|(start, end)| Forms::of(&text[start..end])).collect()
}

/// The folded tokens joined with blanks: how names and titles are compared.
pub(crate) fn key(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (start, end) in cuts(text) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&fold(&text[start..end]));
    }
    out
}

/// Spellings met so far, so that each is worked out once.
#[derive(Clone, Default)]
pub(crate) struct Memo(FxHashMap<Box<str>, Forms>);

impl Memo {
    /// The spellings of `raw`.
    pub(crate) fn forms(&mut self, raw: &str) -> &Forms {
        if !self.0.contains_key(raw) {
            if self.0.len() >= REMEMBERED {
                self.0.clear();
            }
            self.0.insert(raw.into(), Forms::of(raw));
        }
        &self.0[raw]
    }
}

/// Whether a token is a figure or begins with one.
pub(crate) fn has_figure(token: &str) -> bool {
    token.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str) -> Vec<(String, String)> {
        forms(text).into_iter().map(|forms| (forms.exact.into(), forms.folded.into())).collect()
    }

    #[test]
    fn both_tone_placements_and_both_unicode_forms_meet() {
        let decomposed: String = "hòa giải".nfd().collect();
        let pair = |exact: &str, folded: &str| (exact.to_owned(), folded.to_owned());
        assert_eq!(spelled("Đảng uỷ"), spelled("Đảng ủy"));
        assert_eq!(spelled("Đảng uỷ"), [pair("đảng", "dang"), pair("ủy", "uy")]);
        assert_eq!(spelled(&decomposed), [pair("hòa", "hoa"), pair("giải", "giai")]);
    }

    #[test]
    fn a_memory_that_begins_anew_still_knows_every_word() {
        let mut memo = Memo::default();
        for n in 0..REMEMBERED + 10 {
            let word = format!("a{n}");
            assert_eq!(&*memo.forms(&word).folded, word);
        }
        assert!(memo.0.len() <= REMEMBERED);
    }

    #[test]
    fn the_quick_way_finds_the_same_tokens() {
        let decomposed: String = "Hòa giải ở xã".nfd().collect();
        for text in
            ["Điều 5. ĐẢNG uỷ, x4 Ð ß Ω \u{301}á nghiêngnghiêngnghiêng 12/2020/QĐ-UBND…", &decomposed, "", "İstanbul ﬁ"]
        {
            let quick: Vec<(Span, Option<u128>)> = Tokens::of(text).collect();
            let slow: Vec<(usize, usize)> = cuts(text).collect();
            assert_eq!(quick.iter().map(|(span, _)| (span.start, span.end)).collect::<Vec<_>>(), slow);
            for (span, key) in quick {
                if key.is_some() {
                    assert_eq!(key, pack(&Forms::of(span.of(text)).folded), "{}", span.of(text));
                }
            }
        }
    }

    #[test]
    fn numbers_fall_apart_the_same_way_in_any_spelling() {
        for number in ["446-QĐ/TU", "446 QD TU", "446‑qđ/tu"] {
            assert_eq!(key(number), "446 qd tu");
        }
    }
}
