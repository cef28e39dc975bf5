//! Text in, tokens out: the same cut and the same two spellings for pages and queries.
//!
//! A token is a run of letters and digits. Its *exact* form is NFC, lower case, tone
//! placed the old way; its *folded* form has no marks. Words are not segmented: syllables
//! and folded pairs of neighbours survive damage that a word list would not.

use crate::text::{Span, fold, fold_char, old_tone_placement};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer runs are noise of a scan or a hash and are cut here, in bytes.
const LONGEST: usize = 48;

/// Distinct spellings remembered per thread before the memory starts anew.
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
pub(crate) struct Memo {
    numbers: FxHashMap<Box<str>, u32>,
    /// The spellings, each with the number of its folded form.
    forms: Vec<(Forms, u32)>,
    folded: FxHashMap<Box<str>, u32>,
    /// Pairs of folded forms that the text at hand has had.
    pairs: FxHashSet<(u32, u32)>,
}

impl Memo {
    /// The spellings of `raw`.
    pub(crate) fn forms(&mut self, raw: &str) -> &Forms {
        &self.numbered(raw).0
    }

    fn numbered(&mut self, raw: &str) -> &(Forms, u32) {
        let number = match self.numbers.get(raw) {
            Some(number) => *number as usize,
            None => {
                if self.forms.len() >= REMEMBERED {
                    // Numbers are given anew: pairs of old ones would hide others.
                    *self = Memo::default();
                }
                let forms = Forms::of(raw);
                let next = self.folded.len() as u32;
                let folded = *self.folded.entry(forms.folded.clone()).or_insert(next);
                self.numbers.insert(raw.into(), self.forms.len() as u32);
                self.forms.push((forms, folded));
                self.forms.len() - 1
            }
        };
        &self.forms[number]
    }
}

/// The spellings of a text, cut once: a token a line, for [`Lines`].
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Spelled {
    /// Without marks. An empty line lies between two texts, so that nothing stands in a row across.
    pub(crate) folded: String,
    /// With marks, line for line; the line of a token that has none is empty.
    pub(crate) exact: String,
    /// Folded pairs of neighbours, `dang uy`, each once a text.
    ///
    /// Figures stand in none: there are as many different ones as there are documents, and
    /// whether words stand in a row is told by positions in the end.
    pub(crate) pairs: String,
}

impl Spelled {
    /// Adds a text, its pairs too if they are wanted.
    pub(crate) fn add(&mut self, text: &str, with_pairs: bool, memo: &mut Memo) {
        memo.pairs.clear();
        // Where the folded form of the token before stands, and its number.
        let mut before: Option<(usize, u32)> = None;
        for (span, _) in Tokens::of(text) {
            let (forms, number) = memo.numbered(span.of(text));
            let number = *number;
            let start = self.folded.len();
            self.folded.push_str(&forms.folded);
            if forms.is_marked() {
                self.exact.push_str(&forms.exact);
            }
            if with_pairs {
                let pairs = !has_figure(&forms.folded);
                if let Some((left, left_number)) = before.filter(|_| pairs)
                    && memo.pairs.insert((left_number, number))
                {
                    self.pairs.push_str(&self.folded[left..start - 1]);
                    self.pairs.push(' ');
                    self.pairs.push_str(&self.folded[start..]);
                    self.pairs.push('\n');
                }
                before = pairs.then_some((start, number));
            }
            self.folded.push('\n');
            self.exact.push('\n');
        }
    }

    /// Ends a text.
    pub(crate) fn end(&mut self) {
        self.folded.push('\n');
        self.exact.push('\n');
    }
}

/// Whether a token is a figure or begins with one.
pub(crate) fn has_figure(token: &str) -> bool {
    token.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

/// Which terms a field gets from a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The lines of one part of [`Spelled`].
    Lines,
    /// Folded, exact (`=đảng`, where marked) and pairs, in one field, of a plain text.
    All,
}

impl Cut {
    /// The name the index knows the tokenizer by.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Cut::Lines => "vi_lines",
            Cut::All => "vi_all",
        }
    }

    /// The tokenizer itself.
    pub(crate) fn analyzer(self) -> TextAnalyzer {
        match self {
            Cut::Lines => TextAnalyzer::from(Lines::default()),
            Cut::All => TextAnalyzer::from(Syllables::default()),
        }
    }
}

/// The tokenizer of texts that [`Spelled`] has cut.
#[derive(Clone, Default)]
struct Lines {
    token: Token,
}

impl Tokenizer for Lines {
    type TokenStream<'a> = LineStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> LineStream<'a> {
        self.token.reset();
        LineStream { rest: text, next: 0, token: &mut self.token }
    }
}

/// The lines of one text.
struct LineStream<'a> {
    rest: &'a str,
    /// The position of the next line.
    next: usize,
    token: &'a mut Token,
}

impl TokenStream for LineStream<'_> {
    fn advance(&mut self) -> bool {
        // Lines are a few bytes long: no search for the end of one pays that begins with a call.
        while let Some(end) = self.rest.bytes().position(|byte| byte == b'\n') {
            let line = &self.rest[..end];
            self.rest = &self.rest[end + 1..];
            self.token.position = self.next;
            self.next += 1;
            if !line.is_empty() {
                self.token.text.clear();
                self.token.text.push_str(line);
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// The tokenizer of short texts.
#[derive(Clone, Default)]
struct Syllables {
    memo: Memo,
    token: Token,
}

impl Tokenizer for Syllables {
    type TokenStream<'a> = SyllableStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> SyllableStream<'a> {
        self.token.reset();
        SyllableStream {
            memo: &mut self.memo,
            token: &mut self.token,
            cuts: cuts(text),
            previous: String::new(),
            position: usize::MAX,
            pending: Vec::new(),
        }
    }
}

/// The tokens of one text.
struct SyllableStream<'a> {
    memo: &'a mut Memo,
    token: &'a mut Token,
    cuts: Cuts<'a>,
    /// Folded form of the token before, for pairs; empty before the first.
    previous: String,
    position: usize,
    /// Further terms of the same token.
    pending: Vec<String>,
}

impl TokenStream for SyllableStream<'_> {
    fn advance(&mut self) -> bool {
        if let Some(term) = self.pending.pop() {
            self.token.text = term;
            return true;
        }
        let Some((start, end)) = self.cuts.next() else { return false };
        self.position = self.position.wrapping_add(1);
        let forms = self.memo.forms(&self.cuts.text[start..end]);
        self.token.offset_from = start;
        self.token.offset_to = end;
        self.token.position = self.position;
        self.token.text.clear();
        self.token.text.push_str(&forms.folded);
        if forms.is_marked() {
            self.pending.push(forms.exact_key());
        }
        if !self.previous.is_empty() {
            self.pending.push(format!("{} {}", self.previous, forms.folded));
        }
        self.previous.clear();
        self.previous.push_str(&forms.folded);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Terms with their positions.
    fn terms_of(cut: Cut, text: &str) -> Vec<(String, usize)> {
        let mut analyzer = cut.analyzer();
        let mut stream = analyzer.token_stream(text);
        let mut out = Vec::new();
        while stream.advance() {
            out.push((stream.token().text.clone(), stream.token().position));
        }
        out
    }

    fn terms(cut: Cut, text: &str) -> Vec<String> {
        terms_of(cut, text).into_iter().map(|(term, _)| term).collect()
    }

    fn spelled(texts: &[&str]) -> Spelled {
        let mut spelled = Spelled::default();
        for text in texts {
            spelled.add(text, true, &mut Memo::default());
            spelled.end();
        }
        spelled
    }

    #[test]
    fn both_tone_placements_and_both_unicode_forms_meet() {
        let decomposed: String = "hòa giải".nfd().collect();
        assert_eq!(spelled(&["Đảng uỷ"]), spelled(&["Đảng ủy"]));
        assert_eq!(terms(Cut::Lines, &spelled(&["Đảng uỷ"]).exact), ["đảng", "ủy"]);
        assert_eq!(terms(Cut::Lines, &spelled(&[&decomposed]).exact), ["hòa", "giải"]);
        assert_eq!(terms(Cut::Lines, &spelled(&[&decomposed]).folded), ["hoa", "giai"]);
    }

    #[test]
    fn both_spellings_of_a_token_have_one_position() {
        let spelled = spelled(&["của cong an", "xã"]);
        let placed =
            |terms: &[(&str, usize)]| terms.iter().map(|(term, at)| ((*term).to_owned(), *at)).collect::<Vec<_>>();
        assert_eq!(terms_of(Cut::Lines, &spelled.folded), placed(&[("cua", 0), ("cong", 1), ("an", 2), ("xa", 4)]));
        assert_eq!(terms_of(Cut::Lines, &spelled.exact), placed(&[("của", 0), ("xã", 4)]));
        assert_eq!(terms(Cut::Lines, &spelled.pairs), ["cua cong", "cong an"]);
    }

    #[test]
    fn a_memory_that_begins_anew_loses_no_pairs() {
        let mut memo = Memo::default();
        let all: Vec<String> = (0..REMEMBERED + 10).map(|n| format!("a{n}")).collect();
        for (n, word) in all.iter().enumerate() {
            assert_eq!(&*memo.forms(word).folded, word, "{n}");
        }
        assert!(memo.forms.len() <= REMEMBERED);
        let mut spelled = Spelled::default();
        spelled.add("ban dân vận", true, &mut memo);
        assert_eq!(spelled.pairs, "ban dan\ndan van\n");
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
            assert_eq!(terms(Cut::Lines, &spelled(&[number]).folded), ["446", "qd", "tu"]);
        }
    }

    #[test]
    fn pairs_overlap_and_one_token_has_none() {
        let pairs = |text: &str| terms(Cut::Lines, &spelled(&[text]).pairs);
        assert_eq!(pairs("Ủy ban nhân dân"), ["uy ban", "ban nhan", "nhan dan"]);
        assert!(pairs("Điều").is_empty());
        assert!(pairs(" -- ").is_empty());
        assert_eq!(pairs("khoản 2 Điều 5 của Luật"), ["cua luat"]);
        assert_eq!(pairs("Đảng ủy, đảng uỷ, dang uy"), ["dang uy", "uy dang"]);
    }

    #[test]
    fn one_field_holds_all_three_kinds_of_terms_apart() {
        assert_eq!(terms(Cut::All, "cấp uỷ xa"), ["cap", "=cấp", "uy", "cap uy", "=ủy", "xa", "uy xa"]);
    }
}
