//! A file that holds several papers scanned in one go, taken apart.
//!
//! A paper begins with a head: the national or Party motto and, close by, a number with figures
//! and a day. A head begins another paper only at the top of a page, or after the recipients and
//! signature of the one before, and only with another number; a Quy chế issued with a decision, which may
//! carry the motto again, names that decision and stays with it.

use super::{Decoded, Part};
use crate::text::{Defect, fold};

/// Lines after the motto among which the number stands.
const HEAD_LINES: usize = 10;
/// Lines beyond which a file is no bundle of papers.
const MOST_LINES: usize = 1_000_000;
/// Lines after the number among which `(Kèm theo Quyết định số …)` stands.
const ATTACHED_LINES: usize = 14;

/// The head of a paper.
struct Head {
    /// Line on which the paper begins, counted from 0.
    first_line: usize,
    number: String,
}

/// The papers in `decoded`; one part where it is one paper. `paged` says that form feeds are real pages.
pub(crate) fn split(decoded: Decoded, paged: bool) -> Vec<Part> {
    let is_paper = decoded.text.bytes().filter(|byte| *byte == b'\n').count() <= MOST_LINES;
    let lines: Vec<&str> = if is_paper { decoded.text.split('\n').collect() } else { Vec::new() };
    let heads = heads(&lines);
    let pages_before = |line: usize| lines[..line].iter().map(|line| line.matches('\u{0C}').count()).sum::<usize>();
    let last_page = decoded.text.trim_end().matches('\u{0C}').count() + 1;
    if heads.len() < 2 {
        let pages = paged.then_some((1, last_page));
        return vec![Part { suffix: String::new(), content: Ok(Decoded { pages, ..decoded }), first_line: 1 }];
    }
    let n = heads.len();
    let starts: Vec<usize> =
        heads.iter().enumerate().map(|(n, head)| if n == 0 { 0 } else { head.first_line }).collect();
    let mut parts = Vec::with_capacity(n);
    for (k, start) in starts.iter().copied().enumerate() {
        let end = starts.get(k + 1).copied().unwrap_or(lines.len());
        let mut text = lines[start..end].join("\n");
        let feed = text.starts_with('\u{0C}');
        if feed {
            text.remove(0);
        }
        if end < lines.len() {
            text.push('\n');
        }
        let first = pages_before(start) + 1 + usize::from(feed);
        let last = (first + text.trim_end().matches('\u{0C}').count()).min(last_page);
        let (suffix, place) = if paged {
            (format!("#p{first}-{last}"), format!("pages {first} to {last}"))
        } else {
            (format!("#l{}", start + 1), format!("lines {} to {end}", start + 1))
        };
        let mut defects: Vec<Defect> = decoded
            .defects
            .iter()
            .filter(|defect| defect.line == 0 || (start + 1..=end).contains(&defect.line))
            .map(|defect| Defect { line: defect.line.saturating_sub(start), ..defect.clone() })
            .collect();
        defects.push(Defect {
            kind: "bundle".into(),
            line: 0,
            note: format!("paper {} of the {n} in this file: {place}", k + 1),
        });
        let pages = paged.then_some((first, last));
        let content = Ok(Decoded { text, encoding: decoded.encoding.clone(), defects, pages });
        parts.push(Part { suffix, content, first_line: start + 1 });
    }
    parts
}

fn heads(lines: &[&str]) -> Vec<Head> {
    let mut heads: Vec<Head> = Vec::new();
    // Where the paper before may have ended: a signature block or a page seen since its head.
    let (mut ended, mut page_top) = (true, 0);
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        if line.contains('\u{0C}') {
            page_top = at;
        }
        // Only such lines are folded: this runs over every paper of an archive.
        let (may_end, may_begin) = (may_end(line), may_be_capitals(line));
        let worth =
            line.len() < 400 && (may_end || (may_begin && line.chars().filter(|c| c.is_alphabetic()).count() >= 6));
        if !worth {
            at += 1;
            continue;
        }
        let folded = fold(line);
        ended |= may_end && folded.contains("noi nhan");
        if !may_begin || !is_motto(&folded, line) {
            at += 1;
            continue;
        }
        let Some((number, number_line)) = number_near(lines, at) else {
            at += 1;
            continue;
        };
        let at_top = at - page_top <= 6 && lines[page_top].contains('\u{0C}');
        let new = match heads.last() {
            None => true,
            Some(last) => (ended || at_top) && last.number != number && !names(lines, number_line, &last.number),
        };
        if new {
            heads.push(Head { first_line: head_start(lines, at, page_top), number });
            ended = false;
        }
        at = number_line.max(at) + 1;
    }
    heads
}

/// Whether a line may say `Nơi nhận`, from the bytes around the blank in it that no mark can touch.
fn may_end(line: &str) -> bool {
    let near = |window: &[u8]| {
        matches!(window, [before, b' ', b'n' | b'N', b'h' | b'H', after]
            if matches!(before, b'i' | b'I' | 0x80..) && matches!(after, b'a' | b'A' | 0x80..))
    };
    line.as_bytes().windows(5).any(near)
}

/// Whether seven letters of ten in a line may be capitals: so if every one that is not ASCII is.
fn may_be_capitals(line: &str) -> bool {
    let (mut capitals, mut letters) = (0, 0);
    for byte in line.bytes() {
        // Of a letter that is not ASCII its first byte counts.
        capitals += usize::from(byte.is_ascii_uppercase() || byte >= 0xC0);
        letters += usize::from(byte.is_ascii_alphabetic() || byte >= 0xC0);
    }
    letters > 0 && capitals * 10 >= letters * 7
}

/// `CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM`, `ĐẢNG CỘNG SẢN VIỆT NAM`, with a few letters misread;
/// not the words in a sentence, which are not all capitals.
fn is_motto(folded: &str, line: &str) -> bool {
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = line.chars().filter(|c| c.is_uppercase()).count();
    if capitals * 10 < letters * 7 {
        return false;
    }
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let near = |wanted: &[&str]| {
        words.windows(wanted.len()).any(|found| {
            let misread: usize =
                found.iter().zip(wanted).map(|(found, wanted)| strsim::levenshtein(found, wanted)).sum();
            misread <= wanted.len()
        })
    };
    near(&["cong", "hoa", "xa", "hoi", "chu", "nghia", "viet", "nam"])
        || near(&["dang", "cong", "san", "viet", "nam"])
        || near(&["doan", "tncs", "ho", "chi", "minh"])
}

/// The number under (or beside) a motto, folded: `12/2019/qd-ubnd`; and its line.
fn number_near(lines: &[&str], motto: usize) -> Option<(String, usize)> {
    for (n, line) in lines.iter().enumerate().skip(motto).take(HEAD_LINES) {
        if n > motto && line.contains('\u{0C}') {
            return None;
        }
        let folded = fold(line);
        if let Some(number) = number_in(&folded) {
            return Some((number, n));
        }
    }
    None
}

/// `so 446-qd/tu`, `luat so: 61/2020/qh14`, and as misread: `s6 07-ct/tu`, `$6: 12/qd-ubnd`, `se6 9-tt/tu`.
///
/// The word stands at the start of the line or of a column; `căn cứ Luật số 12/2019/QH14` is no head.
fn number_in(folded: &str) -> Option<String> {
    folded.split("   ").find_map(|column| {
        let column = column.trim_start();
        let column =
            ["bo luat ", "luat ", "phap lenh "].iter().find_map(|word| column.strip_prefix(word)).unwrap_or(column);
        let word_end = column.find(|c: char| c == ':' || c == '.' || c.is_whitespace())?;
        let (word, rest) = column.split_at(word_end);
        if !word.starts_with(['s', '$', '5']) || word.chars().count() > 4 {
            return None;
        }
        let number = rest.trim_start_matches([':', '.', ' ', '\t']);
        let n_digits = number.bytes().take_while(u8::is_ascii_digit).count();
        let code = number[n_digits..].trim_start();
        let code: String = code.chars().take_while(|c| !c.is_whitespace()).collect();
        let has_code = code.starts_with(['/', '-']) && code.chars().any(|c| c.is_ascii_lowercase());
        ((1..=5).contains(&n_digits) && has_code)
            .then(|| format!("{}{}", &number[..n_digits], code.trim_end_matches([',', ';', '.'])))
    })
}

/// Whether the lines after a head say that it belongs to the paper `number`.
fn names(lines: &[&str], from: usize, number: &str) -> bool {
    let digits: &str = number.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    lines.iter().skip(from).take(ATTACHED_LINES).any(|line| {
        let folded = fold(line);
        (folded.contains("kem theo") || folded.contains("ban hanh theo"))
            && folded.split(|c: char| !c.is_ascii_digit()).any(|word| word == digits)
    })
}

/// The top of the page, or the capital lines (the office) that stand over the motto.
fn head_start(lines: &[&str], motto: usize, page_top: usize) -> usize {
    if motto - page_top <= 6 && lines[page_top].contains('\u{0C}') {
        return page_top;
    }
    let mut start = motto;
    while start > 0 && motto - start < 3 {
        let above = lines[start - 1].trim();
        let capitals = above.chars().filter(|c| c.is_uppercase()).count();
        let small = above.chars().filter(|c| c.is_lowercase()).count();
        if above.is_empty() || capitals <= 3 * small.max(1) {
            break;
        }
        start -= 1;
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECISION: &str = "ỦY BAN NHÂN DÂN     CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nTỈNH SÔNG THAO     Độc lập - Tự do - Hạnh phúc\n\
        Số: 12/2019/QĐ-UBND     Phong Châu, ngày 03 tháng 5 năm 2019\nQUYẾT ĐỊNH\nĐiều 1. Ban hành Quy chế.\nNơi nhận:\n- Như trên;\n";
    const RULES: &str = "ỦY BAN NHÂN DÂN     CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nQUY CHẾ\nTiếp công dân\n\
        (Ban hành kèm theo Quyết định số: 12/2019/QĐ-UBND ngày 03/5/2019)\nĐiều 1. Phạm vi\n";
    const DAMAGED: &str = "TINH UY SONG THAO     DANG CONG SAN VlET NAM\n*\nS6 387-QD/TU     Phong Chau, ngay 01 thang 10 nam 2004\nQUY DINH\n";

    fn check(text: String, paged: bool) -> Vec<(String, Option<(usize, usize)>)> {
        let parts = split(Decoded { text: text.clone(), ..Decoded::default() }, paged);
        let back: String = parts.iter().map(|part| part.content.as_ref().unwrap().text.clone()).collect();
        assert_eq!(back.replace('\u{0C}', ""), text.replace('\u{0C}', ""));
        parts.into_iter().map(|part| (part.suffix, part.content.unwrap().pages)).collect()
    }

    #[test]
    fn a_decision_and_its_rules_stay_one() {
        assert_eq!(check(format!("{DECISION}{RULES}"), false), [("".into(), None)]);
        assert_eq!(check(format!("{DECISION}\u{0C}{RULES}"), true), [("".into(), Some((1, 2)))]);
    }

    #[test]
    fn two_papers_come_apart_at_the_second_head() {
        assert_eq!(check(format!("{DECISION}\n{DAMAGED}"), false), [("#l1".into(), None), ("#l9".into(), None)]);
        assert_eq!(
            check(format!("{DECISION}\u{0C}{RULES}\u{0C}{DAMAGED}"), true),
            [("#p1-2".into(), Some((1, 2))), ("#p3-3".into(), Some((3, 3)))]
        );
    }

    proptest::proptest! {
        #[test]
        fn the_quick_look_at_a_line_misses_no_head_and_no_recipients(
            line in "((CỘNG|Cộng|HÒA|XÃ|HỘI|CHỦ|NGHĨA|VIỆT|NAM|ĐẢNG|SẢN|ĐOÀN|nam) ){4,9}|[- .:]{0,2}[NnH][OƠơọ][Ií] [Nn][Hh][ẬậA][Nn].{0,8}",
        ) {
            let folded = fold(&line);
            proptest::prop_assert!(may_be_capitals(&line) || !is_motto(&folded, &line));
            proptest::prop_assert!(may_end(&line) || !folded.contains("noi nhan"));
        }
    }
}
