//! Names of works and places, and the printed labels of places.

use crate::citation::Citation;
use crate::outline::Level;
use crate::text::fold;
use jiff::civil::Date;

/// Letters, figures and dashes, without marks: `446-QĐ/TU` → `446-qd-tu`.
pub fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in fold(text).chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let trimmed = slug.trim_end_matches('-');
    if trimmed.is_empty() { "khong-ten".to_owned() } else { trimmed.to_owned() }
}

/// A label inside a name: letters and figures keep their marks, so that `d` and `đ` differ.
pub(super) fn id_part(label: &str) -> String {
    let part: String = label.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    if part.is_empty() { "x".to_owned() } else { part }
}

pub(super) fn join(prefix: &str, part: &str) -> String {
    if prefix.is_empty() { part.to_owned() } else { format!("{prefix}__{part}") }
}

/// The name of a work: kind, issuer, full date, number. Empty where too little is known to tell it from others.
pub(super) fn work_name(kind: Option<&str>, issuer: Option<&str>, date: Option<Date>, number: Option<&str>) -> String {
    let Some(number) = number else { return String::new() };
    let kind = kind.map_or_else(|| "van-ban".to_owned(), slug);
    let mut name = format!("/akn/vn/act/{kind}");
    if let Some(issuer) = issuer {
        name.push('/');
        name.push_str(&slug(issuer));
    }
    match date {
        Some(date) => name.push_str(&format!("/{date}")),
        None => return format!("urn:vn:{kind}:{}", slug(number)),
    }
    name.push('/');
    name.push_str(&slug(number));
    name
}

/// The name of a cited work; one cited without a date gets a name without one.
pub(super) fn cited_name(citation: &Citation) -> String {
    let kind = citation.kind.as_deref();
    match (&citation.number, &citation.name) {
        (Some(number), _) => work_name(kind, citation.issuer.as_deref(), citation.date, Some(number)),
        (None, Some(name)) => format!("urn:vn:ten:{}", slug(name)),
        (None, None) => "urn:vn:khong-ten".to_owned(),
    }
}

/// The byte of `line` at which the printed label ends, its closing mark included.
pub(super) fn label_end(line: &str, label: &str, level: Level) -> usize {
    let at = match level {
        Level::Phan | Level::Chuong | Level::Muc | Level::TieuMuc | Level::Dieu | Level::PhuLuc | Level::KemTheo => {
            // The heading word, then the label; damaged labels end at the next blank.
            let mut words = line.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, c)| at + c.len_utf8());
            let n_words = if level == Level::TieuMuc
                || fold(line).contains(" thu ") && label.len() <= 2 && level != Level::Dieu
            {
                2
            } else {
                1
            };
            let from = words.nth(n_words - 1).unwrap_or(line.len());
            let tail = line[from..].trim_start();
            let from = line.len() - tail.len();
            from + tail.find(|c: char| !c.is_alphanumeric()).unwrap_or(tail.len())
        }
        _ => line.find(|c: char| !(c.is_alphanumeric() || matches!(c, '(' | '|' | '¢' | '©' | '€'))).map_or(
            line.len(),
            |at| {
                // `1.2.` and `a.1)` hold a point.
                let inner = &line[at..];
                match inner.strip_prefix('.') {
                    Some(tail) if tail.starts_with(|c: char| c.is_ascii_digit()) && label.contains('.') => {
                        at + 1 + tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len())
                    }
                    _ => at,
                }
            },
        ),
    };
    let tail = &line[at..];
    let closed = tail.trim_start_matches([' ', '.', ')', ':', '-', '–', '/', ',']);
    // A dash that begins the text is left to it only where a closing mark stood before.
    at + (tail.len() - closed.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_plain_letters_only() {
        assert_eq!(slug("446-QĐ/TU"), "446-qd-tu");
        assert_eq!(slug("“”"), "khong-ten");
        assert_eq!(
            work_name(
                Some("Quyết định"),
                Some("Ban Thường vụ Thành ủy Hải Phòng"),
                Date::new(2021, 11, 26).ok(),
                Some("446-QĐ/TU")
            ),
            "/akn/vn/act/quyet-dinh/ban-thuong-vu-thanh-uy-hai-phong/2021-11-26/446-qd-tu"
        );
    }

    #[test]
    fn points_d_and_dd_have_two_names() {
        assert_ne!(id_part("d"), id_part("đ"));
    }

    #[test]
    fn printed_labels_end_at_their_mark() {
        for (line, label, level, end) in [
            ("Điều 5. Tên", "5", Level::Dieu, "Điều 5. "),
            ("1.2. Về", "1.2", Level::MucSo2, "1.2. "),
            ("đ) Năm", "đ", Level::Diem, "đ) "),
            ("Phần thứ nhất", "1", Level::Phan, "Phần thứ nhất"),
            ("Chương II", "II", Level::Chuong, "Chương II"),
        ] {
            assert_eq!(&line[..label_end(line, label, level)], end);
        }
    }
}
