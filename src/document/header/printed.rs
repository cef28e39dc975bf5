//! Numbers and dates as heads print them.

use super::words::{each_letter, each_word, pieces};
use crate::text::fold;
use jiff::civil::Date;

/// Finds `ngày 08 tháng 9 năm 2021`, `ngày 01-10-2004`, `ngày 15/12/2021`: where it starts, the date, where it ends.
///
/// A date whose day was left open (`ngày   tháng 8 năm 2025`) is found without a value.
pub(super) fn find_date(text: &str) -> Option<(usize, Option<Date>, usize)> {
    for (start, piece) in pieces(text).take(60) {
        if !says_day(piece) {
            continue;
        }
        let end = start + piece.len();
        if let Some((date, length)) = date_after(&text[end..]) {
            return Some((start, Some(date), end + length));
        }
        let tail = fold(&text[end..text[end..].char_indices().nth(30).map_or(text.len(), |(at, _)| end + at)]);
        if tail.contains("thang") && tail.contains("nam") {
            return Some((start, None, text.len()));
        }
    }
    None
}

/// *ngày* however it was read: four letters from `ng` to `y`.
fn says_day(piece: &str) -> bool {
    let mut letters = [0; 4];
    let mut n = 0;
    each_letter(piece, |letter| {
        if let Some(slot) = letters.get_mut(n) {
            *slot = letter;
        }
        n += 1;
    });
    n == 4 && matches!(letters, [b'n', b'g', _, b'y'])
}

/// Day, month and year at the start of `text`, each after at most ten other characters; and their length.
pub(super) fn date_after(text: &str) -> Option<(Date, usize)> {
    let mut numbers = [0i32; 3];
    let mut at = 0;
    for (nth, number) in numbers.iter_mut().enumerate() {
        let rest = &text[at..];
        let skip = rest.find(|c: char| c.is_ascii_digit()).filter(|skip| *skip <= 14)?;
        if nth == 0 && rest[..skip].contains(['.', ';']) {
            return None;
        }
        let length = rest[skip..].bytes().take_while(u8::is_ascii_digit).count();
        if length > if nth == 2 { 4 } else { 2 } || nth == 2 && length != 4 {
            return None;
        }
        *number = rest[skip..skip + length].parse().ok()?;
        at += skip + length;
    }
    let date = Date::new(numbers[2] as i16, numbers[1] as i8, numbers[0] as i8).ok()?;
    (date.year() >= 1930 && date.year() < 2100).then_some((date, at))
}

/// `Số: 48/2019/QĐ-UBND` at the start of a text (after marks and, for laws, the kind): the number and where it ends.
pub(super) fn number_in(text: &str) -> Option<(String, usize)> {
    let skipped = text.len() - text.trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '$' | '§')).len();
    let mut label = None;
    for word in each_word(&text[skipped..]).take(4) {
        let raw = &text[skipped + word.start..skipped + word.end];
        let bare = raw.trim_end_matches([':', '.', ',', ';']);
        // `Số`, and what is left of it: `S6`, `$6`, `Sở`, `Sod`; a number must follow at once.
        let short = bare.chars().count() <= 3 && bare.starts_with(['S', 's', '$', '§', '8', 'Š']);
        let numbered =
            text[skipped + word.end..].trim_start_matches([' ', ':', '.']).starts_with(|c: char| c.is_ascii_digit());
        if short && (numbered || matches!(word.folded.as_str(), "so" | "s6" | "sb" | "se")) {
            label = Some(skipped + word.end);
            break;
        }
        // `Số:12/…` without a blank.
        if let Some(at) = raw.find([':', '.'])
            && at > 0
            && matches!(fold(&raw[..at]).as_str(), "so" | "s6" | "s")
        {
            label = Some(skipped + word.start + at + 1);
            break;
        }
        // `Bộ luật số:`, `Luật số`.
        if !matches!(word.folded.as_str(), "bo" | "luat" | "phap" | "lenh") {
            break;
        }
    }
    let from = label?;
    let (number, length) = printed_number(&text[from..])?;
    Some((number, from + length))
}

/// A printed number at the start of `text`: `446- QB/TU`, `48/2019/QĐ-UBND`; its canonical form and length.
pub(super) fn printed_number(text: &str) -> Option<(String, usize)> {
    let start = text.len() - text.trim_start_matches([' ', ':', '.', '\u{a0}']).len();
    let rest = &text[start..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 6 {
        return None;
    }
    let mut at = digits;
    // `12a/…`.
    if rest[at..].starts_with(|c: char| c.is_ascii_lowercase()) && rest[at + 1..].starts_with(['/', '-']) {
        at += 1;
    }
    let mut joined = rest[..at].to_owned();
    loop {
        let tail = &rest[at..];
        let blank = tail.len() - tail.trim_start_matches([' ', '\u{a0}']).len();
        let Some(separator) = tail[blank..].chars().next().filter(|c| matches!(c, '/' | '-' | '–' | '—')) else {
            break;
        };
        let after = &tail[blank + separator.len_utf8()..];
        let blank_after = after.len() - after.trim_start_matches([' ', '\u{a0}']).len();
        let group = &after[blank_after..];
        // `27/202 1/QĐ-UBND`: a year that came apart.
        let figures = group.bytes().take_while(u8::is_ascii_digit).count();
        let tail = group[figures..].strip_prefix(' ').unwrap_or("");
        let more = tail.bytes().take_while(u8::is_ascii_digit).count();
        if (1..4).contains(&figures) && figures + more == 4 && tail[more..].starts_with('/') {
            joined.push('/');
            joined.push_str(&group[..figures]);
            joined.push_str(&tail[..more]);
            at += blank + separator.len_utf8() + blank_after + figures + 1 + more;
            continue;
        }
        let length = group.find(|c: char| !(c.is_alphanumeric() || c == '&' || c == '_')).unwrap_or(group.len());
        // `VPCP-V.I`: a unit with a point.
        let unit =
            group[length..].strip_prefix('.').map_or(0, |tail| tail.chars().take_while(|c| c.is_uppercase()).count());
        let length = if (1..4).contains(&unit) && length <= 3 { length + 1 + unit } else { length };
        if length == 0 || blank > 2 || blank_after > 2 {
            break;
        }
        joined.push(if separator == '/' { '/' } else { '-' });
        joined.push_str(&group[..length]);
        at += blank + separator.len_utf8() + blank_after + length;
    }
    if !joined.contains(['/', '-']) || !joined.chars().any(char::is_alphabetic) {
        return None;
    }
    let canonical = crate::number::canonical(&joined).unwrap_or(joined);
    Some((canonical, start + at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_joined() {
        assert_eq!(printed_number(" 446- QĐ/TU Hải Phòng").map(|(number, _)| number).as_deref(), Some("446-QĐ/TU"));
        assert_eq!(printed_number(" 38 - HD/BTCTW").map(|(number, _)| number).as_deref(), Some("38-HD/BTCTW"));
        assert_eq!(printed_number(" -HD/BTCTU"), None);
    }

    #[test]
    fn the_word_before_a_number_is_read_through_damage() {
        for line in ["Số 11-TT/TU", "§6 11-TT/TU", "$6 11-TT/TU", "S6: 11-TT/TU"] {
            assert_eq!(number_in(line).map(|(number, _)| number).as_deref(), Some("11-TT/TU"), "{line}");
        }
    }

    #[test]
    fn dates_in_three_forms() {
        for line in ["Phong Châu, ngày 01-10-2004", "X, ngày 01 tháng 10 năm 2004", "ngay 01/10/2004"] {
            assert_eq!(find_date(line).and_then(|(_, date, _)| date), Date::new(2004, 10, 1).ok(), "{line}");
        }
        assert_eq!(find_date("Hà Nội, ngày   tháng 8 năm 2025").map(|(_, date, _)| date), Some(None));
    }
}
