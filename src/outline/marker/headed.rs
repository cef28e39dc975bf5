//! Labels after a heading word: `Chương II`, `Phần thứ nhất`, `PHỤ LỤC SỐ 01`.

use super::super::line::first_word;
use super::super::numeral::{mended_roman, ordinal, roman_value};
use super::{Kind, Marker, closing};
use crate::text::is_upper;

/// The label after a heading word: Roman or Arabic figures, a capital, an ordinal word.
pub(super) fn headed(line: &str, at: usize, kind: fn(String) -> Kind) -> Option<Marker> {
    let rest = line[at..].trim_start();
    let from = line.len() - rest.len();
    if from == at {
        return None;
    }
    // «Phần thứ nhất», «Chương thứ hai».
    let (word, end) = first_word(rest);
    if word.bytes() == b"thu" {
        let second = rest[end..].trim_start();
        let (word, length) = first_word(second);
        let value = ordinal(word.bytes())?;
        let mut past = line.len() - second.len() + length;
        let mut value = value;
        // «thứ mười hai».
        if value == 10 {
            let third = line[past..].trim_start();
            let (word, length) = first_word(third);
            if let Some(ones) = ordinal(word.bytes()).filter(|ones| *ones < 10) {
                value += ones;
                past = line.len() - third.len() + length;
            }
        }
        let (closed_by, text) = closing(line, past);
        return heading_follows(line, text, closed_by).then(|| Marker {
            kind: kind(value.to_string()),
            rest: text,
            closed_by,
        });
    }
    let token_length = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '|' | '!')).unwrap_or(rest.len());
    let token = &rest[..token_length];
    let label = label_of(token)?;
    let (closed_by, text) = closing(line, from + token_length);
    heading_follows(line, text, closed_by).then_some(Marker { kind: kind(label), rest: text, closed_by })
}

/// A label as it should be printed: `II`, `2`, `IIIa`, `A`; misread Roman numbers mended.
pub(super) fn label_of(token: &str) -> Option<String> {
    if token.is_empty() || token.len() > 8 {
        return None;
    }
    if token.bytes().all(|b| b.is_ascii_digit()) && token != "1" && !token.starts_with("11") {
        return (token.len() <= 2).then(|| token.trim_start_matches('0').to_owned()).filter(|label| !label.is_empty());
    }
    if roman_value(token).is_some() {
        return Some(token.to_owned());
    }
    if token == "1" || token == "11" {
        return Some(token.to_owned());
    }
    // `IIIa`, an inserted chapter.
    if let Some((at, c)) = token.char_indices().last()
        && c.is_lowercase()
        && (roman_value(&token[..at]).is_some() || at > 0 && token[..at].bytes().all(|b| b.is_ascii_digit()))
        && c != 'l'
        && c != 'i'
    {
        return Some(token.to_owned());
    }
    if let Some(mended) = mended_roman(token) {
        return Some(mended);
    }
    let mut letters = token.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if letter.is_uppercase() => Some(token.to_owned()),
        _ => None,
    }
}

/// After `Chương II` comes nothing, a heading or a closing mark; «Chương II của …» is a reference.
pub(super) fn heading_follows(line: &str, at: usize, closed_by: Option<char>) -> bool {
    let rest = &line[at..];
    let Some(first) = rest.chars().next() else { return !matches!(closed_by, Some(',' | ';')) };
    match closed_by {
        Some(',' | ';' | ')' | '/') => false,
        Some(_) => first.is_uppercase() || matches!(first, '“' | '"' | '(' | '[') || first.is_ascii_digit(),
        None => is_upper(rest) || first == '(' && is_upper(line),
    }
}

/// `PHỤ LỤC`, `Phụ lục I`, `PHỤ LỤC SỐ 01`, `Phụ lục 2:`; not «Phụ lục I ban hành kèm theo Thông tư này» in running text.
pub(super) fn annex(line: &str, at: usize) -> Option<Marker> {
    if !line.starts_with('P') {
        return None;
    }
    let capitals = is_upper(&line[..at]);
    let rest = line[at..].trim_start();
    if rest.is_empty() {
        return Some(Marker { kind: Kind::Annex(None), rest: line.len(), closed_by: None });
    }
    let mut from = line.len() - rest.len();
    let (word, end) = first_word(rest);
    if word.bytes() == b"so" || word.bytes() == b"s" && rest[end..].starts_with(['6', 'é', 'ó']) {
        let number = rest[end..].trim_start_matches(|c: char| !c.is_ascii_digit() && !c.is_ascii_uppercase());
        // `s6 01`: the figure that is half of «số» is not the label.
        let number =
            if word.bytes() == b"s" { rest[end..].split_once(' ').map_or("", |(_, tail)| tail) } else { number };
        from = line.len() - number.len();
    }
    let label =
        line[from..].split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '|'))).next().unwrap_or("");
    let trimmed = label.trim_end_matches(['.', '-']);
    let label = annex_label(trimmed);
    let past = if label.is_some() { from + trimmed.len() } else { line.len() - rest.len() };
    let (closed_by, text) = closing(line, past);
    let title = &line[text..];
    let heading = title.is_empty() && !matches!(closed_by, Some(',' | ';'))
        || is_upper(title)
        || title.starts_with('(')
        || capitals && !matches!(closed_by, Some(',' | ';'))
        || label.is_some() && matches!(closed_by, Some('.' | ':' | '-')) && title.starts_with(char::is_uppercase);
    (heading && (label.is_some() || capitals || title.is_empty())).then_some(Marker {
        kind: Kind::Annex(label),
        rest: text,
        closed_by,
    })
}

/// `I`, `01`, `2A`, `II.1`, `A`.
pub(super) fn annex_label(token: &str) -> Option<String> {
    if token.is_empty() || token.len() > 6 {
        return None;
    }
    if token.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase() || matches!(c, '.' | '-'))
        && (token.starts_with(|c: char| c.is_ascii_digit())
            || roman_value(token.split(['.', '-']).next()?).is_some()
            || token.len() == 1)
    {
        return Some(token.to_owned());
    }
    mended_roman(token)
}
