//! Text → the words the language model counts.
//!
//! One canonical spelling per word: lower case, tone placed the old way (`hòa`,
//! `ủy`). What has no fixed wording becomes a class; commas, quotes, brackets
//! and dashes leave no trace.

use crate::text::old_tone_placement;

/// Before the first word of a paragraph.
pub(crate) const BEGIN: &str = "<s>";
/// Any word outside the vocabulary.
pub(crate) const UNKNOWN: &str = "<unk>";
/// The end of a sentence or member: `.` `;` `:` `?` `!` after a word.
pub(crate) const STOP: &str = "<p>";
/// A plain number, an amount, a per cent: `12`, `1.000,5`, `5%`.
pub(crate) const NUMBER: &str = "<n>";
/// A date or the month of a year: `30/7/2021`, `8/2021`.
pub(crate) const DATE: &str = "<d>";
/// A document number or its code, and any other mix of digits: `23-QĐ/TW`, `NĐ-CP`, `12a`.
pub(crate) const CODE: &str = "<so>";
/// An upper-case Roman numeral: `XIII`.
pub(crate) const ROMAN: &str = "<r>";

/// The class tokens, in the order in which their bytes sort.
pub(crate) const CLASSES: [&str; 7] = [DATE, NUMBER, STOP, ROMAN, BEGIN, CODE, UNKNOWN];

/// Emits what one whitespace-separated token means to the language model: nothing
/// for a dash, two words for `tế-xã`, a word and [`STOP`] for `định.`.
///
/// Takes no notice of the neighbours, so that it can be remembered per token.
pub(crate) fn token_words(token: &str, emit: &mut impl FnMut(&str)) {
    let core = token.trim_matches(|c: char| !c.is_alphanumeric());
    let stops = match core.is_empty() {
        true => matches!(token, "." | ";" | ":" | "?" | "!"),
        false => {
            let end = core.as_ptr() as usize - token.as_ptr() as usize + core.len();
            token[end..].contains(['.', ';', ':', '?', '!', '…'])
        }
    };
    if !core.is_empty() {
        match class(core) {
            Some(class) => emit(class),
            None => {
                for part in core.split(|c: char| !c.is_alphanumeric()) {
                    if part.chars().all(char::is_numeric) {
                        if !part.is_empty() {
                            emit(NUMBER);
                        }
                    } else {
                        emit(&canonical(part));
                    }
                }
            }
        }
    }
    if stops {
        emit(STOP);
    }
}

/// The spelling under which the model knows a syllable: lower case, old tone placement, `đ` for the Icelandic `ð`
/// that looks the same in capitals.
pub(crate) fn canonical(syllable: &str) -> String {
    let lower = syllable.chars().flat_map(char::to_lowercase);
    let lower: String = lower.map(|c| if c == 'ð' { 'đ' } else { c }).collect();
    old_tone_placement(&lower)
}

/// The class of a token without its edge punctuation, if it has one.
fn class(core: &str) -> Option<&'static str> {
    let digits = core.chars().filter(char::is_ascii_digit).count();
    let letters = core.chars().filter(|c| c.is_alphabetic()).count();
    if letters == 0 {
        return Some(if digits > 0 && is_date(core) {
            DATE
        } else if digits > 0 && core.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) {
            NUMBER
        } else if digits > 0 {
            CODE
        } else {
            return None;
        });
    }
    if digits == 0 {
        if core.chars().all(|c| matches!(c, 'I' | 'V' | 'X')) {
            return Some(ROMAN);
        }
        let code = core.contains(['-', '/']) && core.chars().all(|c| c.is_uppercase() || matches!(c, '-' | '/'));
        // `KINH TẾ-XÃ HỘI` is no code: a code's groups are capitals that spell no syllable with a tone.
        return (code && core.chars().all(|c| c.is_ascii() || matches!(c, 'Đ' | 'Ư'))).then_some(CODE);
    }
    // `Covid-19` and `G7-mở` are words with a number; a code has no small letters between its signs.
    let small = core.chars().filter(|c| c.is_lowercase()).count();
    if small >= 2 && core.contains(['-', '/']) { None } else { Some(CODE) }
}

/// `d/m/yyyy`, `d/m`, `m/yyyy` with `/`, `-` or `.` between.
fn is_date(core: &str) -> bool {
    let parts: Vec<&str> = core.split(['/', '-', '.']).collect();
    let short = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let year = |part: &str| part.len() == 4 && part.bytes().all(|b| b.is_ascii_digit());
    match parts[..] {
        [day, month, last] => short(day) && short(month) && (year(last) || (short(last) && core.contains('/'))),
        [month, last] => core.contains('/') && short(month) && (year(last) || short(last)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let mut found = Vec::new();
        for token in line.split_whitespace() {
            token_words(token, &mut |word| found.push(word.to_owned()));
        }
        assert_eq!(found.join(" "), expected, "{line}");
    }

    #[test]
    fn running_text_becomes_canonical_words() {
        check("Uỷ ban, “Thành uỷ” (khóa XIII);", "ủy ban thành ủy khóa <r> <p>");
        check("kinh tế-xã hội và/hoặc kinh tế - xã hội", "kinh tế xã hội và hoặc kinh tế xã hội");
    }

    #[test]
    fn numbers_dates_and_codes_become_classes() {
        check("Số 23-QĐ/TW, ngày 30/7/2021", "số <so> ngày <d>");
        check("10.000 đồng, 5% năm 2021, tháng 8/2021.", "<n> đồng <n> năm <n> tháng <d> <p>");
        check("Điều 12a Nghị định 15/2020/NĐ-CP; UBND-NC", "điều <so> nghị định <so> <p> <so>");
        check("nhiệm kỳ 2020-2025 phòng Covid-19", "nhiệm kỳ <so> phòng covid <n>");
    }

    #[test]
    fn an_upper_case_compound_is_no_code() {
        check("KINH TẾ-XÃ HỘI", "kinh tế xã hội");
    }

    #[test]
    fn classes_sort_as_listed() {
        assert!(CLASSES.is_sorted());
    }
}
