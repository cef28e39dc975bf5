//! The first day in force, as the text states it.

use super::printed::date_after;
use crate::text::fold_each;
use jiff::ToSpan;
use jiff::civil::Date;
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// Reads the day of effect from the text of the last places.
///
/// `kể từ ngày ký` is the date of signing; `sau 10 ngày kể từ ngày ký` counts from it; a day
/// named is that day. Sentences about other papers (`Quyết định số …  có hiệu lực`) do not count.
pub(super) fn read(text: &str, signed: Option<Date>) -> Option<Date> {
    let folded = fold_keeping_figures(text);
    let folded = DAY_IN_LETTERS.replace_all(&folded, |found: &Captures<'_>| {
        let figures: String = found[1].chars().map(|c| if c == 'o' { '0' } else { '1' }).collect();
        format!("ngay {figures}{} thang", &found[2])
    });
    // The sentence that says it of the paper itself comes first; one without a subject is the next best.
    for (at, length, weak) in effects(&folded) {
        let past = at + length;
        let sentence_start = folded[..at].rfind(['.', ';', '“', '\u{1}']).map_or(0, |dot| next_boundary(&folded, dot));
        let before = &folded[sentence_start..at];
        if speaks_of_itself(before, weak)
            && let Some(date) = day(&folded[past..], signed)
        {
            return Some(date);
        }
    }
    None
}

/// `ngay o1 thang`, `ngay l5 thang`, as scans are read; not `ngay 15 thang`.
static DAY_IN_LETTERS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\bngay ([oil]{1,2})(\d?) thang\b").expect("a fixed pattern"));

/// Figures, letters without marks, blanks for line ends; sentence ends kept.
fn fold_keeping_figures(text: &str) -> String {
    let mut flat = String::with_capacity(text.len());
    let mut blank = false;
    let mut n_ends = 0;
    fold_each(text, |c| {
        if c == '\n' {
            n_ends += 1;
        }
        if c.is_whitespace() {
            blank = true;
            return;
        }
        if blank && !flat.is_empty() {
            // An empty line ends a sentence.
            flat.push(if n_ends > 1 { '\u{1}' } else { ' ' });
            if n_ends > 1 {
                flat.push(' ');
            }
        }
        blank = false;
        n_ends = 0;
        flat.push(c);
    });
    flat
}

fn next_boundary(text: &str, at: usize) -> usize {
    let mut next = at + 1;
    while !text.is_char_boundary(next) {
        next += 1;
    }
    next
}

/// The words that may state the effect: `co hieu luc`, `duoc thuc hien`; not `co hieu qua`. Of two that begin
/// alike the longer comes first.
static EFFECTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("co hieu luc|co hieu lwc|co gia tri thi hanh|duoc thuc hien|thuc hien|thi hanh|ap dung")
        .expect("a fixed pattern")
});

/// The words that may state the effect, in order: their place, length, and whether they need a subject of their own.
///
/// A weak phrase counts only right before the day.
fn effects(text: &str) -> impl Iterator<Item = (usize, usize, bool)> {
    EFFECTS.find_iter(text).filter_map(|found| {
        let weak = !found.as_str().starts_with("co ");
        (!weak || says_day(&text[found.end()..])).then_some((found.start(), found.len(), weak))
    })
}

/// Whether the words that follow name the day at once: `kể từ ngày …`, `… Quyết định này kể từ ngày ký`.
fn says_day(after: &str) -> bool {
    let head = &after[..after.char_indices().nth(44).map_or(after.len(), |(at, _)| at)];
    let cut = head.find(['.', ';', ',']).unwrap_or(head.len());
    let head = &head[..cut];
    ["ke tu ngay", " tu ngay", "ke tir ngay", "ke tiv ngay"].iter().any(|words| head.contains(words))
}

/// Whether the sentence so far is about this paper.
fn speaks_of_itself(before: &str, weak: bool) -> bool {
    let about_this = [
        " nay",
        "quyet dinh",
        "nghi quyet",
        "quy dinh",
        "chi thi",
        "thong tu",
        "nghi dinh",
        "luat",
        "huong dan",
        "quy che",
        "thong tri",
        "ke hoach",
    ];
    let tail_from = before.len().saturating_sub(260);
    let mut from = tail_from;
    while !before.is_char_boundary(from) {
        from += 1;
    }
    let tail = &before[from..];
    // The sentence names another paper last: «Quyết định số 5/… có hiệu lực».
    if let Some(at) = tail.rfind(" so ") {
        let after = &tail[at + 4..];
        if after.trim_start().starts_with(|c: char| c.is_ascii_digit())
            && !tail[at..].contains(" nay")
            && !tail[..at].contains(" nay ")
        {
            return false;
        }
    }
    if tail.contains("het hieu luc") || tail.ends_with("het ") || tail.ends_with("khi ") || tail.contains("truoc ngay")
    {
        return false;
    }
    if weak {
        return tail.contains("thi hanh")
            || tail.contains(" nay")
            || tail.contains("chiu trach nhiem")
            || tail.trim().is_empty();
    }
    about_this.iter().any(|word| tail.contains(word))
}

/// The day that the words after `có hiệu lực` name.
fn day(after: &str, signed: Option<Date>) -> Option<Date> {
    let limit = after.char_indices().nth(110).map_or(after.len(), |(at, _)| at);
    let head = &after[..limit];
    let end = head.find([';', '\u{1}']).unwrap_or(head.len());
    let head = &head[..end];
    // `sau 10 (mười) ngày kể từ ngày ký`, `sau 45 ngày, kể từ ngày ký ban hành`.
    if let Some(at) = head.find("sau ")
        && at < 24
    {
        let rest = &head[at + 4..];
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if let Ok(n_days) = digits.parse::<i64>()
            && n_days < 400
            && rest.contains("ngay")
        {
            let counted = rest
                .find("ngay ky")
                .or_else(|| rest.find("ngay ban hanh"))
                .or_else(|| rest.find("ngay duoc ky"))
                .or_else(|| rest.find("thong qua"));
            return counted.and(signed)?.checked_add(n_days.days()).ok();
        }
    }
    let at = head.find("ngay")?;
    let rest = &head[at + 4..];
    let trimmed = rest.trim_start();
    if head[..at].contains(". ") {
        return None;
    }
    if trimmed.starts_with("ky")
        || trimmed.starts_with("ban hanh")
        || trimmed.starts_with("duoc ky")
        || trimmed.starts_with("thong qua")
        || trimmed.starts_with("duoc thong qua")
    {
        return signed;
    }
    let (date, length) = date_after(rest)?;
    (length < 40).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(y: i16, m: i8, d: i8) -> Option<Date> {
        Date::new(y, m, d).ok()
    }

    #[test]
    fn days_are_read_as_stated() {
        let signed = date(2021, 11, 26);
        for (text, day) in [
            ("Quyết định này có hiệu lực thi hành kể từ ngày ký.", signed),
            (
                "Quyết định này thay thế Quyết định số 84-QĐ/TU, ngày 04/3/2011\ncủa Ban Thường vụ Thành ủy và có hiệu lực thi hành kể từ ngày ký.",
                signed,
            ),
            ("Quyết định này có hiệu lực từ ngày 01/12/2021.", date(2021, 12, 1)),
            ("Thông tư này có hiệu lực từ ngày 05 tháng 12 năm 2021.", date(2021, 12, 5)),
            ("1. Quyết định này có hiệu lực thi hành sau 10 (mười) ngày, kể từ ngày ký.", date(2021, 12, 6)),
            ("các đảng uỷ trực thuộc chịu trách nhiệm thi hành Quyết định này kể từ ngày\nký.", signed),
            ("Quyết định số 5/QĐ-UBND có hiệu lực từ ngày 01/12/2020.", None),
            ("Các quyết định sau đây hết hiệu lực kể từ ngày 01/12/2020.", None),
        ] {
            assert_eq!(read(text, signed), day, "{text}");
        }
    }
}
