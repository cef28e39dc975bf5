//! VIQR (RFC 1456): Vietnamese typed in ASCII, `Vie^.t Nam, ddo^.c la^.p`.

use super::legacy::COMMON;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Whether a text may be VIQR, and how its full stops are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Too few marks after vowels: no VIQR.
    None,
    /// The writer put `\` before punctuation that follows a vowel.
    Escaped,
    /// Punctuation after a vowel was left bare, so the place decides.
    Bare,
}

/// Marks after a vowel below which a text is not looked at as VIQR: a formula has a few.
const FEWEST_MARKS: usize = 4;

impl Dialect {
    /// What `text` may be.
    pub(crate) fn of(text: &str) -> Dialect {
        let bytes = text.as_bytes();
        let is_mark = |at: usize| match bytes[at] {
            b'^' | b'(' | b'+' | b'*' => is_vowel(bytes[at - 1]),
            b'\'' | b'`' | b'?' | b'~' | b'.' => {
                is_vowel(bytes[at - 1]) && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
            }
            _ => false,
        };
        let marks = (1..bytes.len()).filter(|at| is_mark(*at)).take(FEWEST_MARKS).count();
        if marks < FEWEST_MARKS {
            return Dialect::None;
        }
        let escaped = bytes.windows(2).any(|pair| pair[0] == b'\\' && matches!(pair[1], b'.' | b'?' | b'\'' | b'('));
        if escaped { Dialect::Escaped } else { Dialect::Bare }
    }
}

fn is_vowel(byte: u8) -> bool {
    matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// The combining mark that a sign adds to `vowel`, if it may.
fn shape(vowel: char, sign: char) -> Option<char> {
    match (vowel.to_ascii_lowercase(), sign) {
        ('a' | 'e' | 'o', '^') => Some('\u{302}'),
        ('a', '(') => Some('\u{306}'),
        ('o' | 'u', '+' | '*') => Some('\u{31B}'),
        _ => None,
    }
}

fn tone(sign: char) -> Option<char> {
    match sign {
        '\'' => Some('\u{301}'),
        '`' => Some('\u{300}'),
        '?' => Some('\u{309}'),
        '~' => Some('\u{303}'),
        '.' => Some('\u{323}'),
        _ => None,
    }
}

/// Appends `line` read as VIQR, in NFC.
pub(crate) fn read(line: &str, dialect: Dialect, out: &mut String) {
    let mut pieces = String::with_capacity(line.len());
    let chars: Vec<char> = line.chars().collect();
    let mut at = 0;
    // A word takes one tone; a sign after that is punctuation.
    let mut word_has_tone = false;
    while at < chars.len() {
        let c = chars[at];
        at += 1;
        if !c.is_alphabetic() {
            word_has_tone = false;
            match (c, chars.get(at)) {
                ('\\', Some(next))
                    if tone(*next).is_some() || matches!(next, '^' | '(' | '+' | '*' | '\\' | 'd' | 'D') =>
                {
                    pieces.push(*next);
                    at += 1;
                }
                _ => pieces.push(c),
            }
            continue;
        }
        match (c, chars.get(at)) {
            ('d', Some('d')) => {
                pieces.push('đ');
                at += 1;
                continue;
            }
            ('D', Some('d' | 'D')) => {
                pieces.push('Đ');
                at += 1;
                continue;
            }
            _ => pieces.push(c),
        }
        if !(c.is_ascii() && is_vowel(c as u8)) {
            continue;
        }
        if let Some(mark) = chars.get(at).and_then(|sign| shape(c, *sign)) {
            pieces.push(mark);
            at += 1;
        }
        if let Some(mark) = chars.get(at).and_then(|sign| tone(*sign))
            && !word_has_tone
            && (dialect == Dialect::Escaped || !is_punctuation(&chars, at, &pieces, mark))
        {
            pieces.push(mark);
            word_has_tone = true;
            at += 1;
        }
    }
    out.extend(pieces.nfc());
}

/// Whether a bare sign ends the sentence or a quotation instead of toning the vowel before it.
///
/// Doubtful only where the line ends or a capital follows: there a common syllable wins,
/// `lê.` is *lệ*, and otherwise the sign is punctuation.
fn is_punctuation(chars: &[char], at: usize, written: &str, mark: char) -> bool {
    if !matches!(chars[at], '.' | '?' | '\'') {
        return false;
    }
    let Some(next) = chars.get(at + 1) else { return !is_common_with(written, mark) };
    if !next.is_whitespace() {
        return matches!(next, '.' | '?' | '"' | ')');
    }
    if chars[at] == '\'' {
        return false;
    }
    let next_letter = chars[at + 1..].iter().find(|c| !c.is_whitespace());
    next_letter.is_none_or(|c| c.is_uppercase()) && !is_common_with(written, mark)
}

/// Whether the word just written is a common syllable with the tone and none without it.
fn is_common_with(written: &str, mark: char) -> bool {
    let word = written.rsplit(|c: char| !(c.is_alphabetic() || is_combining_mark(c))).next().unwrap_or_default();
    let word: String = word.chars().flat_map(char::to_lowercase).nfc().collect();
    let toned: String = word.chars().chain([mark]).nfc().collect();
    COMMON.contains(toned.as_str()) && !COMMON.contains(word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(viqr: &str, dialect: Dialect, expected: &str) {
        let mut out = String::new();
        read(viqr, dialect, &mut out);
        assert_eq!(out, expected);
    }

    #[test]
    fn marks_and_tones_join_their_vowel() {
        check(
            "Vie^.t Nam, ddo^.c la^.p, DDa?ng, nguye^~n, u+o+'c, a(n",
            Dialect::Bare,
            "Việt Nam, độc lập, Đảng, nguyễn, ước, ăn",
        );
    }

    #[test]
    fn a_full_stop_after_a_toned_word_stays() {
        check("Ha` No^.i. La`m go`?", Dialect::Bare, "Hà Nội. Làm gò?");
        check("va` to\\. Ta.", Dialect::Escaped, "và to. Tạ");
    }
}
