//! Where on the page a line stands: recipients, signature, table, contents, attached text.

use super::line::{Line, distance, first_word};
use super::marker::{self, Kind, Marker};
use crate::text::fold;
use crate::text::is_upper;

/// Whether the line opens the list of recipients: `Nơi nhận:`, damaged too.
pub(crate) fn is_recipients(text: &str) -> bool {
    if !text.starts_with(['N', 'M', 'n', 'Ñ']) {
        return false;
    }
    let (first, end) = first_word(text);
    if !(first.is_like(b"noi", 0) || first.is_like(b"moi", 0)) {
        return false;
    }
    let rest = text[end..].trim_start();
    let (second, length) = first_word(rest);
    let after = rest[length..].trim_start();
    second.is_like(b"nhan", 1) && (after.is_empty() || after.starts_with([':', ';', '.']) || is_upper(after))
}

/// Whether the line opens a signature: `T/M BAN THƯỜNG VỤ`, `KT. CHỦ TỊCH`.
pub(super) fn is_signature(text: &str) -> bool {
    let Some(rest) = strip_signing(text) else { return false };
    rest.chars().count() >= 4 && is_upper(rest) && !rest.contains("QUYẾT ĐỊNH")
}

/// The text after `T/M`, `TM.`, `KT.`, `TL.`, `TUQ.`.
pub(crate) fn strip_signing(text: &str) -> Option<&str> {
    if !text.starts_with(['T', 'K', 'Q']) {
        return None;
    }
    for prefix in ["T/M", "TM", "K/T", "KT", "T/L", "TL", "TUQ", "T/UQ", "Q."] {
        if let Some(rest) = text.strip_prefix(prefix) {
            if rest.starts_with(char::is_alphabetic) {
                continue;
            }
            return Some(rest.trim_start_matches(['.', ',', ':', ' ', '/']));
        }
    }
    None
}

/// Whether the line is the formula that orders what follows: `QUYẾT ĐỊNH:`, `BAN THƯỜNG VỤ TỈNH ỦY QUYẾT ĐỊNH`.
pub(super) fn is_enacting(text: &str) -> bool {
    let text = text.trim_end_matches([':', '.', ' ']);
    if !text.ends_with(['H', 'Ị', 'I', 'Y', 'h']) || text.len() > 140 || !is_upper(text) {
        return false;
    }
    let folded = fold(text);
    let tail = |n: usize| folded.len().checked_sub(n).and_then(|at| folded.get(at..)).unwrap_or("");
    distance(tail(10).as_bytes(), b"quyet dinh") <= 2 || distance(tail(10).as_bytes(), b"quyet nghi") <= 1
}

/// Whether the line is a row of dot leaders: an entry of a table of contents, a price.
pub(super) fn has_leaders(text: &str) -> bool {
    // Few lines have so many points, and none without this byte has the other sign.
    if text.bytes().filter(|byte| *byte == b'.').count() < 4 && !text.as_bytes().contains(&"…".as_bytes()[0]) {
        return false;
    }
    let Some(at) = text.find("....").or_else(|| text.find("……")) else { return false };
    let tail = text[at..].trim_start_matches(['.', '…', ' ']);
    tail.chars().count() <= 28 && tail.contains(|c: char| c.is_ascii_digit())
}

/// Whether the line is a blank of a form: `1. Họ và tên: .............`.
pub(super) fn is_blank_to_fill(text: &str) -> bool {
    let rest = text.trim_end_matches(['.', '…', '_', ';', ' ']);
    let dots = &text[rest.len()..];
    rest.len() < 120 && (dots.contains("......") || dots.contains("……") || dots.contains("______"))
}

/// Whether the line heads a table: `TT  Nội dung`, `STT | Tên`.
pub(super) fn is_table_head(text: &str) -> bool {
    let rest = match text.strip_prefix("STT").or_else(|| text.strip_prefix("TT")).or_else(|| text.strip_prefix("Số TT"))
    {
        Some(rest) => rest,
        None => return text.bytes().filter(|b| *b == b'|').count() >= 2,
    };
    rest.is_empty()
        || rest.starts_with([' ', '|', '\t'])
            && !rest.trim_start_matches([' ', '|', '\t']).starts_with(char::is_lowercase)
}

/// Whether the line is the heading of a table of contents.
pub(super) fn is_contents_heading(text: &str) -> bool {
    if !text.starts_with('M') || text.len() > 24 {
        return false;
    }
    let folded = fold(text);
    matches!(folded.trim_end_matches([':', '.', ' ']), "muc luc" | "muc l uc") && is_upper(text)
}

/// Words that head an attached text.
const ATTACHED: [&str; 14] = [
    "quy che",
    "quy dinh",
    "quy tac",
    "dieu le",
    "dinh muc",
    "noi quy",
    "quy trinh",
    "de an",
    "ke hoach",
    "chuong trinh",
    "huong dan",
    "quy uoc",
    "phuong an",
    "tieu chi",
];

/// Whether the line is the heading of an attached text: `QUY CHẾ`, `QUY TẮC ỨNG XỬ`.
fn is_attached_heading(text: &str) -> bool {
    if text.len() > 160 || !text.starts_with(['Q', 'Đ', 'D', 'P', 'N', 'K', 'C', 'H', 'T', 'O']) {
        return false;
    }
    if !is_upper(text) || text.ends_with(':') {
        return false;
    }
    let folded = fold(text);
    ATTACHED.iter().any(|word| {
        let Some((head, tail)) = folded.split_at_checked(word.len()) else { return false };
        distance(head.as_bytes(), word.as_bytes()) <= 1 && !tail.starts_with(char::is_alphanumeric)
    })
}

/// Whether the line says of which document a text is part: `(Ban hành kèm theo Quyết định số …`.
fn says_attached(text: &str) -> bool {
    if !text.starts_with(['(', '[', '{']) {
        return false;
    }
    let mut end = text.len().min(72);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let folded = fold(&text[..end]);
    folded
        .find("kem theo")
        .or_else(|| folded.find("kem thco"))
        .or_else(|| folded.find("dinh kem"))
        .is_some_and(|at| at <= 24)
}

/// Marks the lines that head attached texts; each is `Some` with the line after its heading.
///
/// The note “(Kèm theo Quyết định …)” below a heading proves it; without the note a
/// heading counts only once the signature has passed, which [`super::tree`] knows.
pub(super) fn attached_headings(lines: &[Line<'_>]) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if !says_attached(line.text) {
            continue;
        }
        let floor = found.last().map_or(0, |(_, after)| *after).max(index.saturating_sub(12));
        let mut best = None;
        let mut topmost_upper = None;
        for above in (floor..index).rev() {
            let text = lines[above].text;
            if marker::read(text).is_some_and(|marker| matches!(marker.kind, Kind::Annex(_))) || is_form_heading(text) {
                best = None;
                topmost_upper = None;
                break;
            }
            if is_recipients(text)
                || text.ends_with(['.', ';'])
                || text.starts_with("- ")
                || marker::read(text).is_some()
            {
                break;
            }
            if is_attached_heading(text) {
                best = Some(above);
            } else if best.is_some() {
                break;
            }
            if is_upper(text) && topmost_upper.is_none_or(|top| top == above + 1) {
                topmost_upper = Some(above);
            }
        }
        let at = best.or(topmost_upper);
        if let Some(at) = at {
            found.push((at, index));
        }
    }
    found
}

/// `Mẫu số 01`, `Biểu số 2`: forms, which are part of an annex.
pub(super) fn is_form_heading(text: &str) -> bool {
    if !text.starts_with(['M', 'B']) || text.len() > 60 {
        return false;
    }
    let (first, end) = first_word(text);
    matches!(first.bytes(), b"mau" | b"bieu") && {
        let (second, _) = first_word(text[end..].trim_start());
        second.bytes() == b"so" || text[end..].trim_start().starts_with(|c: char| c.is_ascii_digit())
    }
}

/// Whether the line heads an attached text even without a note below: alone, in capitals, with a part or article soon after.
pub(super) fn heads_attached(lines: &[Line<'_>], index: usize) -> bool {
    is_attached_heading(lines[index].text)
        && lines[index + 1..]
            .iter()
            .take(10)
            .any(|line| marker::read(line.text).is_some_and(|marker| opens_text(&marker)))
}

/// Whether a label may be the first of a text: Điều 1, Chương I, Phần I, I.
fn opens_text(marker: &Marker) -> bool {
    match &marker.kind {
        Kind::Article(1, _) => true,
        Kind::Chapter(label) | Kind::Part(label) => matches!(label.as_str(), "I" | "1"),
        Kind::Roman(1, _) => true,
        _ => false,
    }
}

/// How a line is joined to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// The line before is complete: a label here is a label.
    Free,
    /// The line before may run on: only the label that is due counts.
    Loose,
    /// The line before runs on into this one: a label here is part of its sentence.
    Bound,
}

/// Words after which no label can stand, since they need one: «theo quy định tại / Điều 3».
const BINDING: [&str; 17] = [
    "tại", "khoản", "điểm", "điều", "theo", "của", "và", "hoặc", "với", "từ", "đến", "các", "những", "cùng", "trừ",
    "thuộc", "tai",
];

/// Words that bind in running text, but may end a heading: «kế hoạch hằng năm».
const BINDING_IN_TEXT: [&str; 30] = [
    "chương", "mục", "phần", "năm", "tháng", "ngày", "số", "thứ", "khóa", "khoá", "lần", "quý", "là", "cho", "về", "ở",
    "bằng", "lục", "gồm", "khoan", "diem", "diém", "dieu", "diéu", "cua", "cia", "va", "hoac", "trong", "nhóm",
];

/// How `line` joins on to `before`, the last line with content that is not noise.
pub(super) fn joint(before: Option<&Line<'_>>, line: &Line<'_>) -> Joint {
    let Some(before) = before else { return Joint::Free };
    let text = without_specks(before.text.trim_end());
    let Some(last) = text.chars().next_back() else { return Joint::Free };
    if matches!(last, '.' | ';' | ':' | '!' | '?' | '”' | '"' | '…' | '»') {
        return Joint::Free;
    }
    if matches!(last, '-' | '–') && text.chars().rev().nth(1) == Some(' ') && text.len() > 20 {
        return Joint::Bound;
    }
    let word = text.rsplit(char::is_whitespace).next().unwrap_or("");
    let word_at = text.len() - word.len();
    if word.len() <= 10 && !is_upper(text) {
        let lower = word.to_lowercase();
        if BINDING.contains(&lower.as_str()) {
            // A heading may end in such a word: «Quản lý văn bản đến», «Thay thế một số cụm từ».
            let is_heading = text.len() < 110 && marker::read(text).is_some() || line.after_blank && text.len() < 90;
            return if is_heading && !matches!(lower.as_str(), "tại" | "khoản" | "của") {
                Joint::Loose
            } else {
                Joint::Bound
            };
        }
        if BINDING_IN_TEXT.contains(&lower.as_str()) && text.len() >= 60 && marker::read(text).is_none() {
            return Joint::Bound;
        }
        // «… khoản 2 / Điều 15 Luật …», «điểm a / khoản 3».
        if word.len() <= 3 && ends_with_locator(text, word_at) {
            return Joint::Bound;
        }
    }
    if line.after_blank || is_upper(text) {
        return Joint::Free;
    }
    Joint::Loose
}

/// The line without dirt behind the end of its sentence: `… Nghị định này. =`.
fn without_specks(text: &str) -> &str {
    let Some((head, tail)) = text.rsplit_once(' ') else { return text };
    let dirt = tail.chars().count() <= 2 && !tail.chars().any(char::is_alphanumeric);
    if dirt && head.ends_with(['.', ';', ':']) { head } else { text }
}

/// Whether the word before byte `at` is `khoản`, `điểm`, `Điều`, `mục`.
fn ends_with_locator(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end();
    let last = before.rsplit(char::is_whitespace).next().unwrap_or("");
    if last.len() == before.len() {
        return false;
    }
    let (word, _) = first_word(last);
    matches!(word.bytes(), b"khoan" | b"diem" | b"dieu" | b"tiet")
}

#[cfg(test)]
mod tests {
    use super::super::line::split;
    use super::*;

    #[test]
    fn recipients_are_known_through_damage() {
        for line in ["Nơi nhận:", "Noi nhaén: TM. BAN THUONG VU", "Noi nhén:", "Nơi nhận: T/M BAN THƯỜNG VỤ"]
        {
            assert!(is_recipients(line), "{line}");
        }
        assert!(!is_recipients("Nơi nhận đơn của công dân"));
    }

    #[test]
    fn enacting_formulas_are_known_through_damage() {
        for line in ["QUYẾT ĐỊNH:", "BAN THUONG VU THANH UY QUYET PINH", "QUYẾT NGHỊ:"] {
            assert!(is_enacting(line), "{line}");
        }
        assert!(!is_enacting("QUYẾT ĐỊNH NÀY"));
    }

    #[test]
    fn attached_headings_need_their_note() {
        let lines =
            split("Nơi nhận:\n- Lưu.\nQUY CHẾ\ncông tác dân vận\n(Kèm theo Quyết định số 446-QĐ/TU)\nChương I\n");
        assert_eq!(attached_headings(&lines), [(2, 4)]);
        let lines = split("PHỤ LỤC I\nDANH MỤC\n(Kèm theo Quyết định số 446-QĐ/TU)\n");
        assert_eq!(attached_headings(&lines), []);
    }

    #[test]
    fn wrapped_references_are_bound() {
        let lines = split("xử lý theo quy định tại\nĐiều 3 của\nvà khoản 2\nĐiều 15 Luật");
        assert_eq!(joint(Some(&lines[0]), &lines[1]), Joint::Bound);
        assert_eq!(joint(Some(&lines[2]), &lines[3]), Joint::Bound);
        assert_eq!(joint(None, &lines[0]), Joint::Free);
    }

    #[test]
    fn leaders_end_in_figures() {
        assert!(has_leaders("Điều 1. Phạm vi điều chỉnh ............ 3"));
        assert!(!has_leaders("Họ và tên: ............................"));
    }
}
