//! The joined view of a page: a flat row of tokens in which line breaks, page breaks,
//! page numbers, emphasis marks and double spacing no longer stand between the words.
//!
//! Every token keeps its bytes in the text and the number of lines it was moved over,
//! so that a reference broken over two pages reads whole and is still found on the page.

use crate::text::{Span, fold_char};
use std::sync::LazyLock;

/// What a token is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters; the key is the folded word, see [`key`].
    Word,
    /// Digits; the key is the value.
    Number,
    /// Digits with letters behind them: `5a`. The key is the folded text.
    Mixed,
    /// One sign; the key is the character.
    Mark,
}

/// One word, number or sign.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) key: u64,
    pub(crate) kind: Kind,
    /// Line breaks between the token before and this one; noise lines count as breaks.
    pub(crate) lines: u8,
    /// The first letter is a capital.
    pub(crate) upper: bool,
    /// All letters are capitals.
    pub(crate) caps: bool,
}

/// The folded word as a number: one byte a letter, so equal keys are equal words.
///
/// Vietnamese syllables have seven letters at most; longer words get a hash with the top bit set.
pub(crate) const fn key(word: &str) -> u64 {
    let bytes = word.as_bytes();
    let mut packed = Packer::new();
    let mut n = 0;
    while n < bytes.len() {
        packed = packed.push(bytes[n]);
        n += 1;
    }
    packed.key()
}

#[derive(Clone, Copy)]
struct Packer {
    value: u64,
    len: u32,
    hash: u64,
}

impl Packer {
    const fn new() -> Packer {
        Packer { value: 0, len: 0, hash: 0xcbf2_9ce4_8422_2325 }
    }

    const fn push(self, letter: u8) -> Packer {
        Packer {
            value: self.value << 8 | letter as u64,
            len: self.len + 1,
            hash: (self.hash ^ letter as u64).wrapping_mul(0x100_0000_01b3),
        }
    }

    const fn key(self) -> u64 {
        if self.len <= 8 { self.value } else { self.hash | 1 << 63 }
    }
}

/// Folded letters of the blocks that Vietnamese uses, the top bit set for capitals; 0 for what is no letter.
static FOLDED: LazyLock<[u8; 0x1F00]> = LazyLock::new(|| {
    let mut table = [0; 0x1F00];
    for (code, slot) in table.iter_mut().enumerate() {
        let Some(c) = char::from_u32(code as u32).filter(|c| c.is_alphabetic()) else { continue };
        let folded = fold_char(c).to_ascii_lowercase();
        let letter = if folded.is_ascii_alphabetic() { folded as u8 } else { b'?' };
        *slot = letter | if c.is_uppercase() { CAPITAL } else { 0 };
    }
    table
});

const CAPITAL: u8 = 0x80;

/// The folded letter, and whether it is a capital; 0 for what is no letter.
fn folded(table: &[u8; 0x1F00], c: char) -> (u8, bool) {
    match table.get(c as usize) {
        Some(slot) => (slot & !CAPITAL, slot & CAPITAL != 0),
        None if c.is_alphabetic() => (b'?', c.is_uppercase()),
        None => (0, false),
    }
}

/// The tokens of a text.
#[derive(Debug)]
pub(crate) struct Page<'t> {
    pub(crate) text: &'t str,
    pub(crate) tokens: Vec<Token>,
}

impl<'t> Page<'t> {
    /// Reads the text once, left to right.
    pub(crate) fn new(text: &'t str) -> Page<'t> {
        let bytes = text.as_bytes();
        let table: &[u8; 0x1F00] = &FOLDED;
        let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 5 + 8);
        let mut line_start = 0;
        let mut lines: u8 = 0;
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            if byte == b'\n' || byte == 0x0c {
                if is_noise_line(text, &tokens[line_start..]) {
                    lines = lines.saturating_add(tokens[line_start].lines);
                    tokens.truncate(line_start);
                }
                line_start = tokens.len();
                lines = lines.saturating_add(1);
                at += 1;
                continue;
            }
            if matches!(byte, b' ' | b'\t' | b'\r' | b'*' | b'_' | b'#' | b'`') {
                at += 1;
                continue;
            }
            if matches!(byte, b'-' | b'=' | b'~' | b'.') {
                // Rules and leaders: `-----`, `......`.
                let run = bytes[at..].iter().take_while(|other| **other == byte).count();
                if run >= 3 && (byte != b'.' || run >= 4) {
                    at += run;
                    continue;
                }
            }
            let start = at;
            let (kind, key, upper, caps);
            if byte.is_ascii_digit() {
                let mut value: u64 = 0;
                let mut packer = Packer::new();
                while at < bytes.len() && bytes[at].is_ascii_digit() {
                    value = value.saturating_mul(10).saturating_add(u64::from(bytes[at] - b'0'));
                    packer = packer.push(bytes[at]);
                    at += 1;
                }
                let digits = at;
                while let Some((letter, len, _)) = letter_at(table, text, at) {
                    packer = packer.push(letter);
                    at += len;
                }
                (kind, key) = if at > digits { (Kind::Mixed, packer.key()) } else { (Kind::Number, value) };
                (upper, caps) = (false, false);
            } else if let Some((letter, len, capital)) = letter_at(table, text, at) {
                let mut packer = Packer::new().push(letter);
                at += len;
                let mut all = capital;
                loop {
                    if let Some((letter, len, capital)) = letter_at(table, text, at) {
                        packer = packer.push(letter);
                        all &= capital;
                        at += len;
                    } else if at < bytes.len() && bytes[at].is_ascii_digit() {
                        packer = packer.push(bytes[at]);
                        at += 1;
                    } else {
                        break;
                    }
                }
                (kind, key, upper, caps) = (Kind::Word, packer.key(), capital, all);
            } else {
                let c = text[at..].chars().next().expect("at is a boundary before the end");
                at += c.len_utf8();
                if c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}' || c == '\u{ad}' {
                    continue;
                }
                (kind, key, upper, caps) = (Kind::Mark, c as u64, false, false);
            }
            tokens.push(Token { start, end: at, key, kind, lines, upper, caps });
            lines = 0;
        }
        if is_noise_line(text, &tokens[line_start..]) {
            tokens.truncate(line_start);
        }
        Page { text, tokens }
    }

    /// The number of tokens.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The token at `n`, if there is one.
    pub(crate) fn get(&self, n: usize) -> Option<&Token> {
        self.tokens.get(n)
    }

    /// The folded word at `n`; 0 where there is no word.
    pub(crate) fn word(&self, n: usize) -> u64 {
        match self.tokens.get(n) {
            Some(token) if token.kind == Kind::Word => token.key,
            _ => 0,
        }
    }

    /// Whether the word at `n` is one of these (small letters, with marks), or one of them stripped of its marks.
    pub(crate) fn said(&self, n: usize, words: &[&str]) -> bool {
        let Some(token) = self.tokens.get(n).filter(|token| token.kind == Kind::Word) else { return false };
        let printed = &self.text[token.start..token.end];
        if printed.is_ascii() {
            return words.iter().any(|word| same_letters(word, printed));
        }
        self.printed(n, words)
    }

    /// Whether one of these (small letters, with marks) is printed at `n`, in any case.
    pub(crate) fn printed(&self, n: usize, words: &[&str]) -> bool {
        words.iter().any(|word| {
            let mut letters = self.str(n).chars().flat_map(char::to_lowercase);
            word.chars().all(|c| letters.next() == Some(c)) && letters.next().is_none()
        })
    }

    /// The words from `n` on are these.
    pub(crate) fn phrase(&self, n: usize, words: &[u64]) -> bool {
        n + words.len() <= self.tokens.len() && words.iter().enumerate().all(|(k, word)| self.word(n + k) == *word)
    }

    /// The words that end just before `n` are these.
    pub(crate) fn phrase_before(&self, n: usize, words: &[u64]) -> bool {
        n >= words.len() && self.phrase(n - words.len(), words)
    }

    /// Whether the sign `c` stands at `n`.
    pub(crate) fn mark(&self, n: usize, c: char) -> bool {
        matches!(self.tokens.get(n), Some(token) if token.kind == Kind::Mark && token.key == c as u64)
    }

    /// Whether any of these signs stands at `n`.
    pub(crate) fn mark_of(&self, n: usize, signs: &str) -> bool {
        matches!(self.tokens.get(n), Some(token) if token.kind == Kind::Mark
            && char::from_u32(token.key as u32).is_some_and(|c| signs.contains(c)))
    }

    /// The value of the number at `n`.
    pub(crate) fn number(&self, n: usize) -> Option<u64> {
        match self.tokens.get(n) {
            Some(token) if token.kind == Kind::Number => Some(token.key),
            _ => None,
        }
    }

    /// What stands on the page at `n`.
    pub(crate) fn str(&self, n: usize) -> &'t str {
        self.tokens.get(n).map_or("", |token| &self.text[token.start..token.end])
    }

    /// Bytes of the tokens `[from, to)`; `from < to`.
    pub(crate) fn span(&self, from: usize, to: usize) -> Span {
        Span::new(self.tokens[from].start, self.tokens[to - 1].end)
    }

    /// The tokens `[from, to)` as one line: what stood over a break is joined by a blank.
    pub(crate) fn joined(&self, from: usize, to: usize) -> String {
        let mut out = String::new();
        for n in from..to {
            let token = self.tokens[n];
            if n > from && token.start > self.tokens[n - 1].end {
                out.push(' ');
            }
            out.push_str(&self.text[token.start..token.end]);
        }
        out
    }

    /// The first token that begins at or after byte `at`.
    pub(crate) fn index_of(&self, at: usize) -> usize {
        self.tokens.partition_point(|token| token.start < at)
    }

    /// Whether the token `n` begins a line.
    pub(crate) fn starts_line(&self, n: usize) -> bool {
        n == 0 || self.tokens.get(n).is_some_and(|token| token.lines > 0)
    }
}

/// Whether `word` without its marks is the ASCII word `printed`, in any case.
fn same_letters(word: &str, printed: &str) -> bool {
    let mut letters = printed.bytes();
    word.chars().all(|c| {
        let own = if c.is_ascii() { c as u8 } else { folded(&FOLDED, c).0 };
        letters.next().is_some_and(|letter| letter.eq_ignore_ascii_case(&own))
    }) && letters.next().is_none()
}

/// A letter at byte `at`: folded, its length, whether it is a capital.
#[inline]
fn letter_at(table: &[u8; 0x1F00], text: &str, at: usize) -> Option<(u8, usize, bool)> {
    let byte = *text.as_bytes().get(at)?;
    if byte < 0x80 {
        let slot = table[byte as usize];
        return (slot != 0).then_some((slot & !CAPITAL, 1, slot & CAPITAL != 0));
    }
    // The letters of Vietnamese are of two bytes, or of three that begin with the same one.
    let bytes = text.as_bytes();
    let bits = |n: usize| u32::from(bytes[at + n] & 0x3f);
    let (code, len) = match byte {
        0xc2..=0xdf => (u32::from(byte & 0x1f) << 6 | bits(1), 2),
        0xe1 => (0x1000 | bits(1) << 6 | bits(2), 3),
        _ => {
            let c = text[at..].chars().next()?;
            let (letter, capital) = folded(table, c);
            return (letter != 0).then(|| (letter, c.len_utf8(), capital));
        }
    };
    let (letter, capital) = match table.get(code as usize) {
        Some(slot) => (slot & !CAPITAL, slot & CAPITAL != 0),
        None => folded(table, char::from_u32(code)?),
    };
    (letter != 0).then_some((letter, len, capital))
}

/// A line of a page number, or of one lost letter: `2`, `- 2 -`, `e`.
fn is_noise_line(text: &str, line: &[Token]) -> bool {
    let page = |token: &Token| token.kind == Kind::Number && token.end - token.start <= 3;
    let dash = |token: &Token| token.kind == Kind::Mark && matches!(&text[token.start..token.end], "-" | "–" | "—");
    match line {
        [one] => page(one) || (one.kind == Kind::Word && text[one.start..one.end].chars().count() == 1),
        [left, middle, right] => dash(left) && page(middle) && dash(right),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        let page = Page::new(text);
        (0..page.len()).map(|n| page.str(n)).collect()
    }

    #[test]
    fn page_numbers_and_emphasis_do_not_stand_between_words() {
        assert_eq!(words("Quyết định số\n\n 2\n\u{c}\n33/2016"), ["Quyết", "định", "số", "33", "/", "2016"]);
        assert_eq!(words("**Nghị  quyết**\n- 12 -\nsố 5a"), ["Nghị", "quyết", "số", "5a"]);
    }

    #[test]
    fn keys_fold_marks_and_case() {
        let page = Page::new("ĐIỀU Điêu dieu");
        assert!((0..3).all(|n| page.word(n) == key("dieu")));
        assert!(page.tokens[0].caps && page.tokens[1].upper && !page.tokens[2].upper);
    }

    #[test]
    fn long_words_keep_apart() {
        assert_ne!(key("administration"), key("administrators"));
        assert_eq!(Page::new("administration").word(0), key("administration"));
    }
}
