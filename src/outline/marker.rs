//! What the first characters of a line say: `Chương II`, `Điều 5a.`, `1.`, `a)`, `I-`, `PHỤ LỤC SỐ 01`.
//!
//! Reads one line by itself. Whether the line really opens a place is for
//! [`super::tree`] to decide, which knows what stood before.
//!
//! Dispatch is by hand on the first character, so that a plain line costs a few comparisons.

mod headed;

use super::line::first_word;
use super::numeral::{mended_roman, roman_value};
use crate::text::is_upper;
use headed::{annex, headed};

/// A label at the start of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    /// What was read.
    pub(super) kind: Kind,
    /// Byte of the line at which the text after the label begins.
    pub(super) rest: usize,
    /// The character that closes the label: `.`, `)`, `-`, `/`, `:`, `,`; `None` where there is none.
    pub(super) closed_by: Option<char>,
}

/// The sort of label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// *Phần*, with its label as printed or in figures.
    Part(String),
    /// *Chương*.
    Chapter(String),
    /// *Mục*.
    Section(String),
    /// *Tiểu mục*.
    Subsection(String),
    /// *Điều* and its number, with the letters of an inserted one.
    Article(u32, String),
    /// `1.`, `1a.`
    Number(u32, String),
    /// `1.2.`
    Double(u32, u32),
    /// `II.`, with the label as it should be printed; 0 where only the row can tell which.
    Roman(u32, String),
    /// `a)`; the letter, and the figure of an inserted `a1)`.
    Letter(char, String),
    /// `A.`
    Capital(char),
    /// `(i)`, `a.1)`.
    Tiet(String),
    /// *Phụ lục*, with its label if one is printed.
    Annex(Option<String>),
}

/// Reads the label at the start of a line, if there is one.
pub(super) fn read(line: &str) -> Option<Marker> {
    let first = *line.as_bytes().first()?;
    match first {
        b'0'..=b'9' => numbered(line),
        b'I' | b'V' | b'X' => roman_or_capital(line).or_else(|| lettered(line)),
        b'C' | b'c' => worded(line).or_else(|| roman_or_capital(line)).or_else(|| lettered(line)),
        b'D' | b'P' | b'M' | b'T' => worded(line).or_else(|| roman_or_capital(line)).or_else(|| lettered(line)),
        b'B' | b'A' | b'E'..=b'H' | b'J' | b'K' | b'N' | b'W' | b'Y' | b'L' => roman_or_capital(line),
        // `ll- NHIỆM VỤ`.
        b'l' | b'|' => lettered(line).or_else(|| roman_or_capital(line)),
        b'a'..=b'z' => lettered(line),
        b'(' => parenthesised(line),
        b'.' | b'\'' | b'-' | b',' | b'*' | b'_' | b'~' => after_specks(line),
        0xc0.. => match line.chars().next()? {
            // Đ, Ð (eth), Ɖ, and what engines make of them.
            'Đ' | 'Ð' | 'Ɖ' => worded(line),
            'đ' | '¢' | '©' | '€' | 'à'..='ã' | 'è'..='ê' => lettered(line),
            _ => None,
        },
        _ => None,
    }
}

/// `. Chwong IV`: a speck of dirt before a heading that a single word makes certain.
fn after_specks(line: &str) -> Option<Marker> {
    let clean = line.trim_start_matches(['.', '\'', '-', ',', '*', '_', '~', ' ']);
    let skipped = line.len() - clean.len();
    if skipped > 4 || !clean.starts_with(['C', 'Đ', 'D', 'P', 'M']) {
        return None;
    }
    let marker = worded(clean)?;
    let certain = match marker.kind {
        Kind::Chapter(_) | Kind::Part(_) => true,
        // A dash before «Điều 5» begins an item of a list of references.
        Kind::Article(..) => !line.starts_with(['-', '*']),
        _ => false,
    };
    certain.then_some(Marker { rest: marker.rest + skipped, ..marker })
}

/// `Chương II`, `Điều 5a.`, `Mục 1`, `Tiểu mục 2`, `Phần thứ nhất`, `Phụ lục I`.
fn worded(line: &str) -> Option<Marker> {
    let (word, end) = first_word(line);
    let letters = word.bytes();
    if !(3..=8).contains(&letters.len()) {
        return None;
    }
    let after = &line[end..];
    match letters[0] {
        b'c' if letters.starts_with(b"ch") && letters.ends_with(b"g") && word.is_like(b"chuong", 2) => {
            headed(line, end, Kind::Chapter)
        }
        // «Mức 2: …» is a level of something.
        // `Mucl`, `MụcI`: the figure one ran into the word.
        b'm' if letters.len() == 4
            && letters.starts_with(b"muc")
            && matches!(letters[3], b'l' | b'i')
            && after.trim_end_matches(['.', ':', ' ']).is_empty() =>
        {
            Some(Marker { kind: Kind::Section("1".to_owned()), rest: line.len(), closed_by: None })
        }
        b'm' if letters == b"muc" && !line[..end].contains(['ứ', 'Ứ']) => headed(line, end, Kind::Section),
        b't' if letters == b"tieu" => {
            let second = after.trim_start();
            let (word, length) = first_word(second);
            if word.bytes() != b"muc" {
                return None;
            }
            headed(line, line.len() - second.len() + length, Kind::Subsection)
        }
        b'p' if letters == b"phu" => {
            let second = after.trim_start();
            let (word, length) = first_word(second);
            // `PHỤ LUCI`: the label ran into the word.
            let glued = word
                .bytes()
                .strip_prefix(b"luc")
                .is_some_and(|tail| !tail.is_empty() && tail.iter().all(|b| matches!(b, b'i' | b'v' | b'x' | b'l')));
            if glued && is_upper(second) {
                let label: String = second[..length].chars().skip(3).collect();
                let label = mended_roman(&label)?;
                let (closed_by, rest) = closing(line, line.len() - second.len() + length);
                return Some(Marker { kind: Kind::Annex(Some(label)), rest, closed_by });
            }
            if word.bytes() != b"luc" {
                return None;
            }
            annex(line, line.len() - second.len() + length)
        }
        b'p' if letters == b"phan" => headed(line, end, Kind::Part),
        b'd' | b'p' | b'b' if is_article_word(letters) => article(line, end),
        _ => None,
    }
}

/// `dieu` and what engines make of `Điều`: `pieu`, `picu`, `dicu`, `pdieu`, `diu`, `dieeu`.
fn is_article_word(letters: &[u8]) -> bool {
    let tail = match letters {
        [b'd' | b'p' | b'b', b'd', tail @ ..] => tail,
        [b'd' | b'p' | b'b', tail @ ..] => tail,
        _ => return false,
    };
    matches!(tail, b"ieu" | b"icu" | b"leu" | b"iu" | b"iecu" | b"ieeu" | b"iev" | b"jeu" | b"iew")
}

/// The number after `Điều`, at byte `at`.
fn article(line: &str, at: usize) -> Option<Marker> {
    let rest = line[at..].trim_start_matches(['\'', '’', '`']).trim_start();
    let from = line.len() - rest.len();
    if from == at && !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (value, suffix, length) = figures(rest).or_else(|| strokes(rest))?;
    let (closed_by, text) = closing(line, from + length);
    Some(Marker { kind: Kind::Article(value, suffix), rest: text, closed_by })
}

/// `Tl.`, `I1.`, `J2.`: figures of which some were read as letters, closed by a point; and their length in bytes.
fn strokes(text: &str) -> Option<(u32, String, usize)> {
    let end = text.find(['.', ':'])?;
    let mut value = 0;
    for c in text[..end].chars() {
        let digit = match c {
            '0'..='9' => c as u32 - '0' as u32,
            'O' | 'o' => 0,
            'l' | 'I' | '|' | 'T' | 'i' | 'J' | '!' => 1,
            _ => return None,
        };
        value = value * 10 + digit;
    }
    (end == 2 && value >= 10).then(|| (value, String::new(), end))
}

/// Figures with the letters of an inserted unit, and their length in bytes. `l`, `I`, `O` among figures are figures.
fn figures(text: &str) -> Option<(u32, String, usize)> {
    let mut value: u32 = 0;
    let mut length = 0;
    for c in text.chars() {
        let digit = match c {
            '0'..='9' => c as u32 - '0' as u32,
            'O' | 'o' if length > 0 => 0,
            'l' | 'I' | '|' => 1,
            _ => break,
        };
        // Four figures are a year or a number of something, never a place.
        if length >= 3 {
            return None;
        }
        // A letter that may be a figure counts as one only beside figures.
        if !c.is_ascii_digit() {
            let next = text[length + c.len_utf8()..].chars().next();
            let beside = length > 0 || next.is_some_and(|n| n.is_ascii_digit());
            let ends = next.is_none_or(|n| !n.is_alphanumeric() || n.is_ascii_digit());
            if !(beside && ends || length == 0 && next == Some('.')) {
                break;
            }
        }
        value = value * 10 + digit;
        length += c.len_utf8();
    }
    if length == 0 || value == 0 {
        return None;
    }
    let mut suffix = String::new();
    for c in text[length..].chars() {
        let fits = c.is_lowercase() && (c.is_ascii() || c == 'đ') && suffix.len() < 2;
        if !fits {
            // `5a`, but not the word in `5năm`.
            if c.is_alphanumeric() {
                return None;
            }
            break;
        }
        suffix.push(c);
    }
    let length = length + suffix.len();
    Some((value, suffix, length))
}

/// The character that closes a label at byte `at`, and the byte at which the text after it begins.
///
/// Notes of a consolidation (`[5]`) are skipped.
fn closing(line: &str, at: usize) -> (Option<char>, usize) {
    let mut rest = line[at..].trim_start();
    rest = skip_note(rest);
    let mut closed_by = None;
    while let Some(c) = rest.chars().next() {
        match c {
            '.' | ')' | ':' | '/' | '-' | '–' | '—' | ',' | '_' | ';' => {
                if closed_by.is_none() {
                    closed_by = Some(if matches!(c, '–' | '—') { '-' } else { c });
                }
                rest = rest[c.len_utf8()..].trim_start();
            }
            '[' => {
                let after = skip_note(rest);
                if after.len() == rest.len() {
                    break;
                }
                rest = after;
            }
            _ => break,
        }
    }
    (closed_by, line.len() - rest.len())
}

/// Skips a note mark `[12]` and blanks.
fn skip_note(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('[') else { return text };
    match inner.find(']') {
        Some(end @ 1..=4) if inner[..end].bytes().all(|b| b.is_ascii_digit()) => inner[end + 1..].trim_start(),
        _ => text,
    }
}

/// `1.`, `1a.`, `1-`, `1)`, `1.2.`, `6)` (a misread `b)`).
fn numbered(line: &str) -> Option<Marker> {
    // `1I.` and `1l.` are the Roman II.
    if line.as_bytes().get(1).is_some_and(|b| matches!(b, b'I' | b'l' | b'V'))
        && let Some(marker) = roman_or_capital(line)
    {
        return Some(marker);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 3 {
        return None;
    }
    let value: u32 = line[..digits].parse().ok()?;
    let after = &line[digits..];
    // `1.2.`, `1.2 -`, `1.2)`; not 1.500.000 and not 2.5 triệu.
    if let Some(tail) = after.strip_prefix('.')
        && tail.starts_with(|c: char| c.is_ascii_digit())
    {
        let second = tail.bytes().take_while(u8::is_ascii_digit).count();
        let minor: u32 = tail[..second].parse().ok().filter(|_| second <= 2)?;
        let at = digits + 1 + second;
        let follows = line[at..].chars().next();
        if follows.is_some_and(|c| c.is_alphanumeric() || matches!(c, '%' | '/')) {
            return None;
        }
        if line[at..].starts_with('.') && line[at + 1..].starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let (closed_by, rest) = closing(line, at);
        return Some(Marker { kind: Kind::Double(value, minor), rest, closed_by });
    }
    let mut suffix = String::new();
    for c in after.chars() {
        if !(c.is_lowercase() && (c.is_ascii() || c == 'đ')) {
            break;
        }
        suffix.push(c);
        if suffix.len() > 2 {
            return None;
        }
    }
    let at = digits + suffix.len();
    let (closed_by, rest) = closing(line, at);
    let closed_by = closed_by?;
    let tight = &line[at..rest];
    match closed_by {
        // 20/10 is a date, 1/3 a share; «1/ Ngân sách» is a label.
        '/' if !tight.ends_with(' ') => return None,
        '-' | '_' if !tight.ends_with(' ') && line[rest..].starts_with(|c: char| c.is_ascii_digit()) => return None,
        // `06-HD/VPTU` is the number of a paper.
        '-' if !tight.ends_with(' ')
            && line[rest..].split([' ', ',']).next().is_some_and(|word| word.contains('/')) =>
        {
            return None;
        }
        ',' if !tight.ends_with(' ') => return None,
        ':' | ';' => return None,
        '.' if line[rest..].starts_with(|c: char| c.is_ascii_digit()) && !tight.ends_with(' ') => return None,
        _ => {}
    }
    Some(Marker { kind: Kind::Number(value, suffix), rest, closed_by: Some(closed_by) })
}

/// `II.`, `II-`, `A.`, `1I.`.
fn roman_or_capital(line: &str) -> Option<Marker> {
    let length = line
        .char_indices()
        .find(|(_, c)| !(c.is_ascii_uppercase() || matches!(c, '1' | 'l' | '|' | '!' | 'i' | ']' | '[' | 'v' | 'x')))
        .map_or(line.len(), |(at, _)| at);
    if length == 0 || length > 6 {
        return None;
    }
    let token = &line[..length];
    let after = &line[length..];
    if after.starts_with(char::is_alphanumeric) {
        return None;
    }
    let (closed_by, rest) = closing(line, length);
    if matches!(closed_by, Some(',' | ':' | ';' | '_')) {
        return None;
    }
    let mended = if roman_value(token).is_some() { Some(token.to_owned()) } else { mended_roman(token) };
    if let Some(label) = mended
        && (token.starts_with(['I', 'V', 'X', 'l', '|']) || token.len() > 1 || token == "H")
        && token.bytes().any(|b| b.is_ascii_uppercase())
    {
        let value = roman_value(&label)?;
        // `IL NHIỆM VỤ`: the point of `II.` is part of the L.
        let is_closed = closed_by.is_some() || token.ends_with('L') && token.len() > 1 && is_upper(&line[rest..]);
        if !is_closed && rest < line.len() {
            return None;
        }
        // «H.» may be the eighth capital as well as a misread «II.»; the tree knows which was due.
        return Some(Marker { kind: Kind::Roman(value, label), rest, closed_by });
    }
    // `IlIl-`, `Wi-`, `Il].`: a Roman number whose strokes cannot be counted; only its place in the row tells which.
    if token.len() > 1
        && token.chars().all(|c| {
            matches!(
                c,
                'I' | 'l'
                    | '1'
                    | '|'
                    | '!'
                    | 'i'
                    | ']'
                    | '['
                    | 'T'
                    | 'J'
                    | 'L'
                    | 'H'
                    | 'V'
                    | 'v'
                    | 'Y'
                    | 'W'
                    | 'X'
                    | 'x'
                    | 'M'
                    | 'N'
            )
        })
        && matches!(closed_by, Some('.' | '-'))
        && is_upper(&line[rest..])
    {
        return Some(Marker { kind: Kind::Roman(0, String::new()), rest, closed_by });
    }
    let mut letters = token.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if letter.is_ascii_uppercase() && matches!(closed_by, Some('.' | '-' | '/')) => {
            Some(Marker { kind: Kind::Capital(letter), rest, closed_by })
        }
        _ => None,
    }
}

/// `a)`, `đ)`, `a1)`, `a.1)`, `a.`, `a/`, `a-`, `¢)`.
fn lettered(line: &str) -> Option<Marker> {
    let mut chars = line.char_indices();
    let (_, first) = chars.next()?;
    let letter = point_of(first)?;
    let mut at = first.len_utf8();
    // `dd)` and `ad)` for `đ)`.
    let mut letter = letter;
    if matches!(&line.as_bytes()[..2.min(line.len())], b"dd" | b"ad") && line[2..].starts_with(')') {
        letter = 'đ';
        at = 2;
    }
    // `la.[5] Bí thư`: an inserted 1a.
    if let [b'l', inserted @ b'a'..=b'd', b'.', ..] = line.as_bytes() {
        let (closed_by, rest) = closing(line, 2);
        return Some(Marker { kind: Kind::Number(1, char::from(*inserted).to_string()), rest, closed_by });
    }
    let mut suffix = String::new();
    let digits = line[at..].bytes().take_while(u8::is_ascii_digit).count();
    if (1..=2).contains(&digits) {
        suffix.push_str(&line[at..at + digits]);
        at += digits;
    } else if let Some(tail) = line[at..].strip_prefix('.') {
        let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
        if (1..=2).contains(&digits) && tail[digits..].starts_with([')', '.']) {
            let label = format!("{letter}.{}", &tail[..digits]);
            let (closed_by, rest) = closing(line, at + 1 + digits);
            return Some(Marker { kind: Kind::Tiet(label), rest, closed_by });
        }
    }
    // A blank may stand between letter and bracket, nothing else.
    let after = line[at..].trim_start();
    let closer = after.chars().next()?;
    match closer {
        ')' => {}
        '.' | '/' | '-' | '–' if suffix.is_empty() => {
            // `a. Nội dung`, not `v.v.` and not `e-mail`.
            let tail = &after[closer.len_utf8()..];
            if !tail.starts_with(' ') || !tail.trim_start().starts_with(|c: char| c.is_alphanumeric() || c == '“') {
                return None;
            }
        }
        _ => return None,
    }
    let (closed_by, rest) = closing(line, line.len() - after.len());
    Some(Marker { kind: Kind::Letter(letter, suffix), rest, closed_by })
}

/// The point a character stands for.
fn point_of(c: char) -> Option<char> {
    Some(match c {
        'a'..='z' | 'đ' => c,
        '¢' | '©' => 'c',
        '€' | 'è' | 'é' | 'ê' => 'e',
        'à' | 'á' | 'â' | 'ã' => 'a',
        '|' => 'l',
        'Đ' => 'đ',
        _ => return None,
    })
}

/// `(i)`, `(ii)`.
fn parenthesised(line: &str) -> Option<Marker> {
    let end = line.bytes().take(7).position(|b| b == b')')?;
    let inner = &line[1..end];
    if inner.is_empty() || !inner.bytes().all(|b| matches!(b, b'i' | b'v' | b'x')) {
        return None;
    }
    roman_value(&inner.to_ascii_uppercase())?;
    let rest = line.len() - line[end + 1..].trim_start().len();
    Some(Marker { kind: Kind::Tiet(inner.to_owned()), rest, closed_by: Some(')') })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(line: &str) -> Option<Kind> {
        read(line).map(|marker| marker.kind)
    }

    #[test]
    fn headings_are_read() {
        assert_eq!(kind("Chương II"), Some(Kind::Chapter("II".into())));
        assert_eq!(kind("Chwong I1I"), Some(Kind::Chapter("III".into())));
        assert_eq!(kind(". Chwong IV"), Some(Kind::Chapter("IV".into())));
        assert_eq!(kind("CHƯƠNG 1. QUY ĐỊNH CHUNG"), Some(Kind::Chapter("1".into())));
        assert_eq!(kind("Phần thứ nhất"), Some(Kind::Part("1".into())));
        assert_eq!(kind("PHẦN THỨ MƯỜI HAI"), Some(Kind::Part("12".into())));
        assert_eq!(kind("Muc 1"), Some(Kind::Section("1".into())));
        assert_eq!(kind("Tiểu mục 2. Tên"), Some(Kind::Subsection("2".into())));
        assert_eq!(kind("PHỤ LỤC SỐ 01"), Some(Kind::Annex(Some("01".into()))));
        assert_eq!(kind("PHU LUC SO 01"), Some(Kind::Annex(Some("01".into()))));
        assert_eq!(kind("Phụ lục I"), Some(Kind::Annex(Some("I".into()))));
        assert_eq!(kind("PHỤ LỤC"), Some(Kind::Annex(None)));
    }

    #[test]
    fn references_are_no_headings() {
        assert_eq!(kind("Chương trình hành động"), None);
        assert_eq!(kind("Chương II của Quy chế"), None);
        assert_eq!(kind("Phụ lục I ban hành kèm theo Thông tư này"), None);
        assert_eq!(kind("Phần mềm họp không giấy"), None);
        assert_eq!(kind("Mục tiêu"), None);
    }

    #[test]
    fn articles_are_read_through_damage() {
        for line in ["Điều 5. Tên", "Piéu 5. Ten", "Picu 5. Ten", "Diéu 5, Ten", "PDiéu 5. Ten", "Điều 5: Tên"]
        {
            assert_eq!(kind(line), Some(Kind::Article(5, String::new())), "{line}");
        }
        assert_eq!(kind("Điều 12a. Tên"), Some(Kind::Article(12, "a".into())));
        assert_eq!(kind("Điều 1O. Tên"), Some(Kind::Article(10, String::new())));
        assert_eq!(kind("Điều Tl. Tên"), Some(Kind::Article(11, String::new())));
        assert_eq!(kind("Điều lệ Đảng"), None);
        assert_eq!(kind("Điều To. Tên"), Some(Kind::Article(10, String::new())));
    }

    #[test]
    fn numbers_that_are_no_labels() {
        for line in ["2025 để đề ra", "2023. Việc", "20/10.", "1.500.000 đồng", "31/01.", "12/3/2003 của", "3,5 triệu"]
        {
            assert_eq!(kind(line), None, "{line}");
        }
        assert_eq!(kind("1.[3] Trước khi"), Some(Kind::Number(1, String::new())));
        assert_eq!(kind("1a.[5] Bí thư"), Some(Kind::Number(1, "a".into())));
        assert_eq!(kind("1- Chủ trì"), Some(Kind::Number(1, String::new())));
        assert_eq!(kind("1.2. Về"), Some(Kind::Double(1, 2)));
        assert_eq!(kind("1.1 - Thuế"), Some(Kind::Double(1, 1)));
    }

    #[test]
    fn letters_and_romans() {
        assert_eq!(kind("đ) Năm"), Some(Kind::Letter('đ', String::new())));
        assert_eq!(kind("đ1) Năm"), Some(Kind::Letter('đ', "1".into())));
        assert_eq!(kind("¢) Ba"), Some(Kind::Letter('c', String::new())));
        assert_eq!(kind("a- Cựu chiến binh"), Some(Kind::Letter('a', String::new())));
        assert_eq!(kind("(ii) Hai"), Some(Kind::Tiet("ii".into())));
        assert_eq!(kind("I- TÌNH HÌNH"), Some(Kind::Roman(1, "I".into())));
        assert_eq!(kind("ll- NHIỆM VỤ"), Some(Kind::Roman(0, String::new())));
        assert_eq!(kind("1I. NHIỆM VỤ"), Some(Kind::Roman(2, "II".into())));
        assert_eq!(kind("A. NGUỒN THU"), Some(Kind::Capital('A')));
        assert_eq!(kind("v.v."), None);
    }
}
