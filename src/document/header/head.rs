//! The head of a paper: number, place and date, kind, title, and the names printed over them.
//!
//! The two columns of a head come apart by the gap between them or, where an engine left a
//! single blank, by the words that can only stand on the right: the motto, the place and date.

use super::kinds::{self, KindLine};
use super::printed::{find_date, number_in};
use super::words::{alike, each_word, find_phrase, words};
use crate::text::{fold, is_upper};
use jiff::civil::Date;

/// What the head says, as printed.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    pub(super) number: Option<String>,
    pub(super) place: Option<String>,
    pub(super) date: Option<Date>,
    pub(super) kind: Option<&'static str>,
    pub(super) title: Option<String>,
    /// Names in the left column, from the top.
    pub(super) bodies: Vec<String>,
    /// The name after `CỦA` below the kind.
    pub(super) of: Option<String>,
    /// The name in the formula that orders: `BAN THƯỜNG VỤ TỈNH ỦY` (QUYẾT ĐỊNH).
    pub(super) enacting: Option<String>,
}

/// A line of the head.
#[derive(Clone, Copy, Debug)]
pub(super) struct HeadLine<'t> {
    pub(super) text: &'t str,
    pub(super) after_blank: bool,
}

/// The lines of `text` with content, at most `limit`.
pub(super) fn lines(text: &str, limit: usize) -> Vec<HeadLine<'_>> {
    let mut found = Vec::new();
    let mut blank = true;
    for raw in text.split('\n') {
        let line = raw.trim().trim_start_matches(['#', '>']).trim_matches('*').trim();
        if line.is_empty() {
            // `***` is a rule, not nothing.
            blank = true;
            continue;
        }
        found.push(HeadLine { text: line, after_blank: blank });
        blank = false;
        if found.len() == limit {
            break;
        }
    }
    found
}

/// Mottos, which stand in the right column only.
const MOTTOS: [&[&str]; 8] = [
    &["cong", "hoa", "xa", "hoi", "chu", "nghia", "viet", "nam"],
    &["dang", "cong", "san", "viet", "nam"],
    &["doc", "lap", "tu", "do", "hanh", "phuc"],
    &["doan", "tncs", "ho", "chi", "minh"],
    &["cong", "hoa", "xa", "hoi"],
    &["chu", "nghia", "viet", "nam"],
    &["doc", "lap", "tu", "do"],
    &["tu", "do", "hanh", "phuc"],
];

/// Reads the head from the lines before the first place of the text.
pub(super) fn read(lines: &[HeadLine<'_>]) -> Head {
    let mut head = Head::default();
    let mut subject: Option<String> = None;
    let mut in_subject = false;
    let mut kind_at = None;
    let mut is_letter = false;
    for (index, line) in lines.iter().enumerate().take(40) {
        let text = line.text;
        if begins_basis(text) {
            break;
        }
        if begins_with(text, &["kinh", "gui"]) {
            is_letter = true;
            break;
        }
        if let Some(found) = kinds::kind_line(text)
            && is_kind_line(text, &found)
        {
            kind_at = Some((index, found));
            break;
        }
        // A paragraph is no head.
        if text.len() > 220 {
            break;
        }
        if is_subject(text) {
            in_subject = true;
        } else if in_subject && (line.after_blank || is_upper(text)) {
            in_subject = false;
        }
        if in_subject {
            // A date in the subject is that of another paper, unless a place stands before it.
            let beside = find_date(text).filter(|_| head.date.is_none()).is_some_and(|(from, ..)| {
                text[..from].trim_end().ends_with(',') && place_before(&text[..from]).is_some()
            });
            let own = if beside { read_place_and_date(text, &mut head) } else { text };
            let subject = subject.get_or_insert_default();
            push_words(subject, own);
            continue;
        }
        column_line(text, &mut head);
    }
    match kind_at {
        Some((index, found)) => {
            head.kind = Some(found.kind);
            read_title(lines, index, found, &mut head);
        }
        None => {
            head.title = subject.as_deref().map(tidy_subject);
            if is_letter || head.title.is_some() {
                head.kind = Some("Công văn");
            } else if let Some(first) = lines.first()
                && let Some(found) = kinds::plain_kind(first.text)
                && head.number.is_none()
            {
                head.kind = Some(found.kind);
                head.title = Some(tidy_title(&first.text[found.rest..])).filter(|title| !title.is_empty());
                if let Some(second) = lines.get(1).filter(|line| line.text.len() < 120 && !begins_basis(line.text)) {
                    head.enacting = Some(second.text.to_owned());
                }
            }
        }
    }
    if head.kind.is_none() {
        head.kind = head.number.as_deref().and_then(kinds::kind_of_number);
    }
    find_enacting(lines, kind_at.map_or(0, |(index, _)| index + 1), &mut head);
    head
}

/// Whether the line that begins with a kind is the heading of the paper.
fn is_kind_line(text: &str, found: &KindLine) -> bool {
    let rest = text[found.rest..].trim();
    if rest.is_empty() {
        return true;
    }
    // `LUẬT SỐ …`, `BỘ LUẬT SỐ: 100/2015/QH13` name the number, not the kind.
    let folded = fold(rest);
    !["so ", "so:", ":", ",", "."].iter().any(|start| folded.starts_with(start))
}

/// `V/v …`, `Về việc …`; `Vv …`, `Vw …` where an engine lost the stroke.
fn is_subject(text: &str) -> bool {
    let folded = fold(text.get(..text.char_indices().nth(12).map_or(text.len(), |(at, _)| at)).unwrap_or(""));
    let first = folded.split(' ').next().unwrap_or("");
    matches!(first, "v/v" | "v/" | "v/v:" | "vv" | "vw" | "viv" | "v/w" | "vjv" | "vlv")
        || folded.starts_with("ve viec")
}

/// The subject with its first word as it is printed.
fn tidy_subject(subject: &str) -> String {
    let tidy = tidy_title(subject);
    match tidy.split_once(' ') {
        Some((first, rest)) if first.len() <= 3 && !first.contains('/') => format!("V/v {rest}"),
        _ => tidy,
    }
}

/// `Căn cứ …`, `- Căn cứ …`, damaged too; `Theo đề nghị`, `Xét`.
pub(super) fn begins_basis(text: &str) -> bool {
    let text = text.trim_start_matches(['-', '–', '+', '*', ' ']);
    if !text.starts_with(['C', 'c', 'T', 'X']) {
        return false;
    }
    let head = &text[..text.char_indices().nth(16).map_or(text.len(), |(at, _)| at)];
    let folded = fold(head);
    let first = folded.split(' ').next().unwrap_or("");
    (matches!(first, "can" | "cin" | "cdn" | "cn" | "cain") && folded[first.len()..].starts_with(" c"))
        || folded.starts_with("theo de nghi")
        || folded.starts_with("xet de nghi")
}

fn begins_with(text: &str, phrase: &[&str]) -> bool {
    let mut found = each_word(text);
    phrase.iter().all(|word| found.next().is_some_and(|have| alike(&have.folded, word)))
}

/// One line of the two columns over the kind.
fn column_line(text: &str, head: &mut Head) {
    let left = read_place_and_date(text, head);
    let left = read_number(left, head);
    let mut left = left.trim().to_owned();
    // The motto goes; what stands beside it stays.
    let line_words = words(&left, 40);
    for motto in MOTTOS {
        if let Some((from, to)) = find_phrase(&line_words, motto) {
            let (start, end) = (line_words[from].start, line_words[to - 1].end);
            let after = left[end..].trim().to_owned();
            let before = left[..start].trim().to_owned();
            push_body(head, &before);
            push_body(head, &after);
            return;
        }
    }
    if let Some(at) = gap(&left) {
        let right = left[at..].trim().to_owned();
        left.truncate(at);
        push_body(head, left.trim());
        // Both columns may hold names: two bodies that issue together.
        if head.bodies.len() > 1 {
            push_body(head, &right);
        }
        return;
    }
    push_body(head, &left);
}

fn push_body(head: &mut Head, text: &str) {
    let text = text.trim_matches(|c: char| !c.is_alphanumeric() && c != ')');
    let n_words = text.split_whitespace().count();
    if n_words >= 2
        && is_upper(text)
        && text.len() < 160
        && head.bodies.len() < 5
        && text.chars().filter(|c| c.is_alphabetic()).count() >= 5
    {
        head.bodies.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
    }
}

/// The byte at which a gap of three blanks begins.
fn gap(text: &str) -> Option<usize> {
    text.find("   ").or_else(|| text.find('\t'))
}

/// Words before *ngày* from which on a line is a sentence: no name of a place has so many.
const MOST_BESIDE: usize = 6;

/// Takes `Hải Phòng, ngày 08 tháng 9 năm 2021` from the line and gives what stood to the left of it.
fn read_place_and_date<'t>(text: &'t str, head: &mut Head) -> &'t str {
    let Some((from, date, end)) = find_date(text) else { return text };
    let before = text[..from].trim_end();
    // The number may follow the date where columns were read in turn.
    let after = text[end..].trim();
    if head.number.is_none() && after.starts_with(['S', '$', '§', '8', 'Š']) {
        read_number(after, head);
    }
    let mut at = 0;
    if let Some((_, number_end)) = number_in(before) {
        at = number_end;
    } else if let Some(gap) = before.rfind("   ") {
        at = gap;
    }
    let beside = &before[at..];
    let place = place_before(beside);
    // A date within a sentence is that of another paper.
    if place.is_none() && !is_upper(beside) && beside.split_whitespace().count() > MOST_BESIDE {
        return text;
    }
    if head.date.is_none() {
        head.date = date;
    }
    match place {
        Some((start, place)) => {
            if head.place.is_none() {
                head.place = Some(place);
            }
            &text[..at + start]
        }
        None => &text[..from],
    }
}

/// The place name at the end of `beside`, before `, ngày`: its first byte and its words.
fn place_before(beside: &str) -> Option<(usize, String)> {
    let trimmed = beside.trim_end_matches(|c: char| !c.is_alphanumeric());
    let mut start = trimmed.len();
    let mut n_words = 0;
    for word in trimmed.split_whitespace().rev() {
        let at = word.as_ptr() as usize - trimmed.as_ptr() as usize;
        let fits = word.chars().next().is_some_and(|c| c.is_uppercase())
            && !word.ends_with([':', ';'])
            && !word.chars().any(|c| c.is_ascii_digit())
            || n_words > 0 && matches!(word, "phố" | "pho" | "-" | "–" | "thành");
        if !fits || n_words == 6 {
            break;
        }
        // A word all in capitals belongs to the column beside it; `TP.` and `TP` do not.
        if n_words > 0 && word.chars().count() > 2 && word.chars().all(|c| c.is_uppercase()) && !word.starts_with("TP")
        {
            break;
        }
        start = at;
        n_words += 1;
    }
    (n_words > 0).then(|| (start, trimmed[start..].split_whitespace().collect::<Vec<_>>().join(" ")))
}

/// Takes `Số 186-QĐ/TU` from the line and gives the rest.
fn read_number<'t>(text: &'t str, head: &mut Head) -> &'t str {
    match number_in(text) {
        Some((number, end)) if head.number.is_none() => {
            head.number = Some(number);
            text[end..].trim()
        }
        _ => text,
    }
}

/// The title below the kind, with the name after `CỦA` and the number of old laws.
fn read_title(lines: &[HeadLine<'_>], index: usize, found: KindLine, head: &mut Head) {
    let mut title = String::new();
    let own = lines[index].text[found.rest..].trim();
    if is_of_line(own) {
        head.of = Some(after_of(own));
    } else if !own.is_empty() {
        push_words(&mut title, own);
    }
    let mut last_len = lines[index].text.chars().count();
    for (at, line) in lines.iter().enumerate().skip(index + 1).take(14) {
        let text = line.text;
        let has_letters = text.chars().filter(|c| c.is_alphabetic()).count() >= 3;
        if !has_letters {
            if title.is_empty() && !text.contains("--") && at < index + 4 {
                continue;
            }
            break;
        }
        if title.is_empty() && is_of_line(text) {
            head.of = Some(after_of(text));
            continue;
        }
        if let Some((number, end)) = number_in(text)
            && (head.number.is_none() || title.is_empty())
            && text.len() < 120
        {
            if head.number.is_none() {
                head.number = Some(number);
                if let Some((_, date, _)) = find_date(&text[end..]) {
                    head.date = head.date.or(date);
                }
            }
            continue;
        }
        if begins_basis(text)
            || begins_with(text, &["kinh", "gui"])
            || text.starts_with('(') && fold(text).contains("kem theo")
        {
            break;
        }
        if begins_place(text) {
            break;
        }
        let low = text.starts_with(char::is_lowercase);
        let upper = is_upper(text);
        if !title.is_empty() {
            if line.after_blank && (!low || title.ends_with(['.', ':'])) {
                break;
            }
            let title_upper = is_upper(&title);
            if upper
                && (!title_upper
                    || names_body(text)
                        && lines.get(at + 1).is_some_and(|next| begins_basis(next.text) || is_upper(next.text)))
            {
                break;
            }
            if title_upper && !upper {
                break;
            }
            // Where each line is a paragraph, a line that begins large is the text.
            let n_chars = text.chars().count();
            if !upper && !low && !runs_on(&title) && (last_len > 105 || n_chars > 130 || title.len() > 500) {
                break;
            }
        } else if text.len() > 400 {
            break;
        }
        push_words(&mut title, text);
        last_len = text.chars().count();
        if title.len() > 900 {
            break;
        }
    }
    let title = tidy_title(&title);
    if !title.is_empty() {
        head.title = Some(title);
    }
}

/// Whether the title so far needs another word: `… ban hành kèm theo`, `… ngày 20 tháng 11 năm 2017 của`.
fn runs_on(title: &str) -> bool {
    let last = fold(title.rsplit(' ').next().unwrap_or(""));
    matches!(
        last.as_str(),
        "theo" | "cua" | "ve" | "va" | "cac" | "so" | "tai" | "voi" | "cho" | "thuoc" | "ngay" | "den"
    )
}

/// Whether a place of the text begins here.
fn begins_place(text: &str) -> bool {
    let folded = fold(&text[..text.char_indices().nth(14).map_or(text.len(), |(at, _)| at)]);
    let mut parts = folded.split(' ');
    match (parts.next(), parts.next()) {
        (Some("dieu" | "chuong" | "muc"), Some(label)) => {
            label.trim_end_matches(['.', ':']).chars().all(|c| c.is_ascii_digit() || matches!(c, 'i' | 'v' | 'x'))
        }
        (Some("phan"), Some("thu")) => true,
        (Some("i." | "i-" | "1." | "1-" | "a."), Some(_)) => true,
        _ => false,
    }
}

/// `CỦA BAN THƯỜNG VỤ TỈNH ỦY`.
fn is_of_line(text: &str) -> bool {
    let found = words(text, 2);
    found.len() == 2 && is_upper(text) && matches!(found[0].folded.as_str(), "cua" | "cta" | "cia" | "ciia")
}

fn after_of(text: &str) -> String {
    text.split_once(' ').map_or("", |(_, rest)| rest).trim().to_owned()
}

/// Whether a line in capitals begins with the name of a body or post that issues.
fn names_body(text: &str) -> bool {
    const STARTS: [&str; 16] = [
        "uy ban",
        "hoi dong",
        "chu tich",
        "bo truong",
        "chinh phu",
        "quoc hoi",
        "thu tuong",
        "ban thuong vu",
        "ban chap hanh",
        "giam doc",
        "tong ",
        "bo ",
        "thong doc",
        "chanh ",
        "vien truong",
        "ban bi thu",
    ];
    let folded = fold(text);
    STARTS.iter().any(|start| folded.starts_with(start))
}

/// Looks below the title for `ỦY BAN NHÂN DÂN TỈNH …` and `… QUYẾT ĐỊNH`.
fn find_enacting(lines: &[HeadLine<'_>], from: usize, head: &mut Head) {
    if head.enacting.is_some() {
        return;
    }
    for line in lines.iter().skip(from).take(60) {
        if crate::outline::place::is_recipients(line.text) {
            return;
        }
        let text = line.text.trim_end_matches([':', '.', ' ', ',']);
        if text.len() > 200 || !is_upper(text) {
            continue;
        }
        let found = words(text, 24);
        let n = found.len();
        if n > 3 {
            let tail: String = found[n - 2..].iter().map(|word| word.folded.as_str()).collect();
            if alike(&tail, "quyetdinh") || alike(&tail, "quyetnghi") {
                head.enacting = Some(text[..found[n - 2].start].trim().to_owned());
                return;
            }
        }
        // A post alone is the signature's, not the formula's.
        let names_post_only =
            n < 4 && ["chu tich", "bo truong", "giam doc", "chanh"].iter().any(|post| fold(text).starts_with(post));
        if names_body(text) && !names_post_only && head.title.as_deref().is_none_or(|title| !title.contains(text)) {
            head.enacting = Some(text.to_owned());
            return;
        }
    }
}

fn push_words(to: &mut String, text: &str) {
    for word in text.split_whitespace() {
        if !to.is_empty() {
            to.push(' ');
        }
        to.push_str(word);
    }
}

/// The title without marks around it.
fn tidy_title(title: &str) -> String {
    let joined: Vec<&str> = title.split_whitespace().collect();
    joined
        .join(" ")
        .trim_matches(|c: char| matches!(c, '-' | '–' | '—' | '*' | ':' | '.' | ',' | ';' | '_' | ' ' | '─'))
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_with_single_blanks_come_apart() {
        let mut head = Head::default();
        column_line("UY BAN NHAN DAN CONG HOA XA HOI CHU NGHIA VIET NAM", &mut head);
        column_line("TINH SONG THAO Dé lap - Ty do - Hanh phic", &mut head);
        column_line("Số: 12/2019/TT-BLTr Hà Nội, ngày 15 tháng 3 năm 2019", &mut head);
        assert_eq!(head.bodies, ["UY BAN NHAN DAN", "TINH SONG THAO"]);
        assert_eq!(head.number.as_deref(), Some("12/2019/TT-BLTr"));
        assert_eq!(head.place.as_deref(), Some("Hà Nội"));
        assert_eq!(head.date, Date::new(2019, 3, 15).ok());
    }
}
