//! Dates (*ngày 04/3/2011*, *ngày 14 tháng 5 năm 2016*, *18-02-1998*) and terms (*khóa XIV*).

use super::page::{Kind, Page, key};
use jiff::civil::Date;

const NGAY: u64 = key("ngay");
const THANG: u64 = key("thang");
const NAM: u64 = key("nam");
const CUNG: u64 = key("cung");
const KHOA: u64 = key("khoa");

fn civil(year: u64, month: u64, day: u64) -> Option<Date> {
    if !(1900..2200).contains(&year) {
        return None;
    }
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// A date in figures or words at token `n`, and the token after it.
/// Takes `04/3/2011`, `18-02-1998`, `05.9.2026`, `14 tháng 5 năm 2016`; refuses `30/11` and `31/02/2020`.
pub(crate) fn plain(page: &Page<'_>, n: usize) -> Option<(Date, usize)> {
    let day = page.number(n)?;
    if day == 0 || day > 31 {
        return None;
    }
    if page.word(n + 1) == THANG {
        let month = page.number(n + 2)?;
        let at = if page.mark(n + 3, ',') { n + 4 } else { n + 3 };
        if page.word(at) != NAM {
            return None;
        }
        return Some((civil(page.number(at + 1)?, month, day)?, at + 2));
    }
    let signs = ["/", "-", ".", "–"];
    let sign = page.str(n + 1);
    if !signs.contains(&sign) || !signs.contains(&page.str(n + 3)) {
        return None;
    }
    Some((civil(page.number(n + 4)?, page.number(n + 2)?, day)?, n + 5))
}

/// `, (cùng) ngày …` at token `n`: the date, the token after it, and whether it says *cùng ngày*.
pub(crate) fn of_reference(page: &Page<'_>, n: usize) -> Option<(Date, usize, bool)> {
    let mut at = n;
    // A comma may be read as a stop.
    if page.mark(at, ',')
        || page.mark(at, '(')
        || page.mark(at, '.') && page.said(at + 1, &["ngày"]) && !page.get(at + 1)?.upper
    {
        at += 1;
    }
    let same = page.word(at) == CUNG;
    if same {
        at += 1;
    }
    if matches!(page.str(at), "ký" | "Ký") {
        at += 1;
    }
    if page.word(at) != NGAY {
        return None;
    }
    let (date, end) = plain(page, at + 1)?;
    Some((date, end, same))
}

/// The value of a Roman numeral, for telling a term from a word; 0 where it is none.
pub(crate) fn roman(word: &str) -> u32 {
    let mut total = 0;
    let mut last = 0;
    for c in word.chars().rev() {
        let value = match c {
            'I' => 1,
            'V' => 5,
            'X' => 10,
            'L' => 50,
            'C' => 100,
            _ => return 0,
        };
        if value < last {
            total -= value;
        } else {
            total += value;
            last = value;
        }
    }
    total
}

/// `khóa XIV`, `(khoá X)`, `khóa 19` at token `n`, after an optional comma: the term and the token after it.
pub(crate) fn term(page: &Page<'_>, n: usize) -> Option<(String, usize)> {
    let mut at = n;
    if page.mark(at, ',') {
        at += 1;
    }
    let bracket = page.mark(at, '(');
    if bracket {
        at += 1;
    }
    if page.word(at) != KHOA {
        return None;
    }
    let label = page.str(at + 1);
    let token = page.get(at + 1)?;
    let ok = match token.kind {
        Kind::Word => roman(label) > 0,
        Kind::Number => token.key < 60,
        _ => false,
    };
    if !ok {
        return None;
    }
    let mut end = at + 2;
    if bracket {
        if !page.mark(end, ')') {
            return None;
        }
        end += 1;
    }
    Some((label.to_owned(), end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn dates_in_every_spelling() {
        for (text, right) in [
            ("04/3/2011", Some(date(2011, 3, 4))),
            ("18-02-1998", Some(date(1998, 2, 18))),
            ("14 tháng 5\nnăm 2016", Some(date(2016, 5, 14))),
            ("31/02/2020", None),
            ("30/11 hằng năm", None),
        ] {
            assert_eq!(plain(&Page::new(text), 0).map(|(date, _)| date), right, "{text}");
        }
    }

    #[test]
    fn terms_are_roman_or_arabic() {
        for (text, right) in
            [("khóa XIV", Some("XIV")), ("(khoá X)", Some("X")), (", khóa 19", Some("19")), ("khóa học", None)]
        {
            assert_eq!(term(&Page::new(text), 0).map(|(term, _)| term), right.map(str::to_owned), "{text}");
        }
    }
}
