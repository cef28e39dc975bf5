//! Terms that a document sets itself: “Nghị quyết này có hiệu lực … đến hết ngày 31 tháng 12 năm 2025”.

use crate::document::Document;
use crate::graph::Term;
use jiff::civil::Date;
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// A sentence of its own, with the document as its subject:
///
/// - “Quyết định này có hiệu lực kể từ ngày 01 tháng 7 năm 2025 đến hết ngày 31 tháng 12 năm 2026.”
/// - “2. Thông tư này được thực hiện đến hết ngày 31/12/2027.”
/// - “Điều 4 Nghị quyết này hết hiệu lực kể từ ngày 01 tháng 01 năm 2030.”
///
/// Not “kể từ ngày Thông tư này có hiệu lực thi hành đến ngày 30 tháng 6 năm 2022, các văn bản …”.
static TERM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xm)
        (?: ^ | [.;:] ) \s* (?: \d{1,2} [.)] \s+ | [a-zđ] \) \s+ | Điều\s+\d{1,3}\. \s+ )?
        (?: (?P<place> (?:[Đđ]iểm\s+\w{1,3}\s+)? (?:[Kk]hoản\s+\w{1,4}\s+)? [Đđ]iều\s+\d{1,3}[a-zđ]? ) \s+ (?: của\s+ )? )?
        (?: Quyết\s+định | Quy\s+định | Quy\s+chế | Thông\s+tư (?:\s+liên\s+tịch)? | Nghị\s+định | Nghị\s+quyết | Luật
          | Chỉ\s+thị | Pháp\s+lệnh ) \s+ này \s+
        (?:
            (?: có\s+hiệu\s+lực (?:\s+thi\s+hành)? | (?: được\s+ )? (?: áp\s+dụng | thực\s+hiện ) ) (?:\s+thí\s+điểm)?
            (?: ,? \s+ (?: kể\s+ )? (?: từ | sau ) \s [^.;:]{2,80}? )?
            ,? \s+ (?: và\s+ )? (?: (?: có\s+hiệu\s+lực | được\s+thực\s+hiện ) (?:\s+thi\s+hành)? \s+ )?
            (?: cho\s+ )? (?P<last> đến ) \s+ (?: hết\s+ )? (?: ngày\s+ )?
          |
            (?: tự\s+ )? hết\s+hiệu\s+lực (?:\s+thi\s+hành)? \s+ (?: kể\s+ )? từ \s+ (?: ngày\s+ )?
        )
        (?P<d>\d{1,2}) (?:\s+tháng\s+|/|-) (?P<m>\d{1,2}) (?:\s+năm\s+|/|-) (?P<y>\d{4})
        (?: \s+ hết\s+hiệu\s+lực )? \s* (?: [.;] | $ )",
    )
    .expect("a fixed pattern")
});

/// Every term the document sets itself, or one of its places.
pub(super) fn terms(document: &Document) -> Vec<Term> {
    let text = &document.restored.text;
    let quoted = |at: usize| document.outline.quoted.iter().any(|span| span.start <= at && at < span.end);
    let mut found: Vec<Term> = Vec::new();
    for captures in TERM.captures_iter(text) {
        let at = captures.name("d").expect("part of every match").start();
        let Some(until) = until(&captures).filter(|_| !quoted(at)) else { continue };
        let locator =
            captures.name("place").map(|place| place.as_str().split_whitespace().collect::<Vec<_>>().join(" "));
        let inside = document.outline.nodes.iter().filter(|node| node.span.start <= at && at < node.span.end);
        let clause = inside.max_by_key(|node| node.span.start).map(|node| node.path.clone());
        let words = captures[0].trim_start_matches(['.', ';', ':']).split_whitespace().collect::<Vec<_>>();
        found.push(Term { locator, until, clause, sentence: words.join(" ") });
    }
    // An end before the beginning is no term, whatever the page says.
    let start = document.header.effective.or(document.header.date);
    found.retain(|term| start.is_none_or(|start| term.until > start));
    found.dedup();
    found
}

/// The first day after the term.
fn until(captures: &Captures<'_>) -> Option<Date> {
    let number = |name: &str| captures[name].parse::<i16>().ok();
    let day = Date::new(number("y")?, number("m")? as i8, number("d")? as i8).ok()?;
    if captures.name("last").is_some() { day.tomorrow().ok() } else { Some(day) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Option<String>, String)> {
        let mut document = Document::default();
        document.restored.text = text.into();
        terms(&document).into_iter().map(|term| (term.locator, term.until.to_string())).collect()
    }

    #[test]
    fn a_document_says_how_long_it_holds() {
        let whole = |day: &str| vec![(None, day.to_owned())];
        let texts = [
            "Điều 3. Quyết định này có hiệu lực kể từ ngày 01 tháng 7 năm 2025 đến hết ngày 31 tháng 12 năm 2026.",
            "1. Nghị quyết này có hiệu lực thi hành đến hết ngày 31/12/2026.",
            "2. Thông tư này có hiệu lực thi hành kể từ ngày ký\nvà có hiệu lực đến ngày 31 tháng 12 năm 2026;",
            "Nghị quyết này hết hiệu lực kể từ ngày 01 tháng 01 năm 2027.",
        ];
        for text in texts {
            assert_eq!(read(text), whole("2027-01-01"), "{text}");
        }
        assert_eq!(
            read("2. Khoản 3 Điều 6 Nghị định này áp dụng đến ngày 30 tháng 6 năm 2026."),
            [(Some("Khoản 3 Điều 6".to_owned()), "2026-07-01".to_owned())]
        );
    }

    #[test]
    fn a_day_in_another_sentence_is_no_term() {
        for text in [
            "Từ ngày Thông tư này có hiệu lực thi hành đến ngày 30 tháng 6 năm 2022, các văn bản vẫn dùng.",
            "Thông tư này có hiệu lực thi hành đến ngày 30 tháng 6 năm 2022, công dân có độ tuổi từ đủ 18 được cấp.",
            "1. Giấy phép cấp trước ngày Nghị định này có hiệu lực thi hành được dùng đến hết ngày 31 tháng 12 năm 2026.",
            "Nghị định này có hiệu lực thi hành từ ngày 15 tháng 10 năm 2024.",
        ] {
            assert!(read(text).is_empty(), "{text}");
        }
    }
}
