//! The kinds of papers, by the word printed over the title.

use super::words::{each_letter, pieces, slips_within};
use crate::text::{is_capital, is_upper};
use std::sync::LazyLock;

/// Kinds in canonical spelling; a kind that another begins with comes after it.
const KINDS: [&str; 56] = [
    "Nghị quyết liên tịch",
    "Nghị quyết",
    "Quyết định",
    "Chỉ thị",
    "Quy chế phối hợp",
    "Quy chế",
    "Quy định",
    "Quy hoạch",
    "Quy tắc",
    "Quy trình",
    "Thông tư liên tịch",
    "Thông tư",
    "Thông tri",
    "Thông cáo",
    "Thông báo",
    "Hướng dẫn liên tịch",
    "Hướng dẫn",
    "Chương trình hành động",
    "Chương trình",
    "Kế hoạch",
    "Phương án",
    "Đề án",
    "Dự án",
    "Báo cáo",
    "Biên bản",
    "Tờ trình",
    "Hợp đồng",
    "Công điện",
    "Công văn",
    "Bản ghi nhớ",
    "Bản thỏa thuận",
    "Giấy ủy quyền",
    "Giấy mời",
    "Giấy giới thiệu",
    "Giấy nghỉ phép",
    "Giấy triệu tập",
    "Phiếu gửi",
    "Phiếu chuyển",
    "Phiếu báo",
    "Thư công",
    "Hiến pháp",
    "Bộ luật",
    "Luật",
    "Pháp lệnh",
    "Sắc lệnh",
    "Lệnh",
    "Nghị định",
    "Văn bản hợp nhất",
    "Kết luận",
    "Tuyên bố",
    "Lời kêu gọi",
    "Chiến lược",
    "Cương lĩnh",
    "Điều lệ",
    "Nội quy",
    "Đề cương",
];

/// Each kind with the number of its words and its letters without marks and blanks.
static FOLDED: LazyLock<Vec<(&str, usize, String)>> = LazyLock::new(|| {
    KINDS.iter().map(|kind| (*kind, kind.split(' ').count(), crate::text::fold(kind).split(' ').collect())).collect()
});

/// A kind read at the start of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KindLine {
    /// Canonical spelling.
    pub(super) kind: &'static str,
    /// Byte at which the text after it begins.
    pub(super) rest: usize,
    /// Letters that differ from the word.
    pub(super) slips: usize,
}

/// Reads the kind in capitals at the start of a line: `QUYẾT ĐỊNH`, `KẾT LUẬN CỦA BAN THƯỜNG VỤ`, `HƯỚNG DẪN nghiệp vụ`.
///
/// Not the formula `QUYẾT ĐỊNH:`, not `QUYẾT ĐỊNH SỐ …` of a list, not words in small letters.
pub(super) fn kind_line(line: &str) -> Option<KindLine> {
    let mut best: Option<KindLine> = None;
    // Most lines begin small and need no look at the kinds.
    if !line.split_whitespace().next()?.chars().any(is_capital) {
        return None;
    }
    // The first one to six words, where they are capitals that may be a kind: where each ends, and its letters so far.
    let mut read = String::new();
    let mut any = false;
    let heads = pieces(line).take(6).map(|(start, piece)| {
        each_letter(piece, |letter| read.push(letter as char));
        let head = &line[..start + piece.len()];
        let fits = is_upper(head) && !head.ends_with([':', ',', ';']);
        any |= fits;
        fits.then_some((head.len(), read.len()))
    });
    let heads: Vec<Option<(usize, usize)>> = heads.collect();
    if !any {
        return None;
    }
    for (kind, n, meant) in FOLDED.iter() {
        let kind = *kind;
        let Some((end, n_letters)) = heads.get(n - 1).and_then(Option::as_ref) else { continue };
        let allowed = meant.len() / 5;
        if n_letters.abs_diff(meant.len()) > 2 {
            continue;
        }
        let Some(slips) = slips_within(&read.as_bytes()[..*n_letters], meant.as_bytes(), allowed) else { continue };
        // A damaged word must stand alone: `HỘI ĐỒNG NHÂN DÂN` is no `HỢP ĐỒNG`.
        let rest = line[*end..].trim();
        if slips > 0 && (kind == "Hợp đồng" || !(rest.is_empty() || rest.len() < 3 || rest.starts_with(['C', 'c'])))
        {
            continue;
        }
        if best.is_none_or(|found| slips < found.slips) {
            best = Some(KindLine { kind, rest: *end, slips });
        }
    }
    best
}

/// Reads a kind in small letters at the start of an export that has no head: `Quyết định về việc …`.
pub(super) fn plain_kind(line: &str) -> Option<KindLine> {
    KINDS.iter().find_map(|kind| {
        let rest = line.strip_prefix(kind)?;
        rest.starts_with([' ', ',']).then_some(KindLine { kind, rest: kind.len(), slips: 0 })
    })
}

/// The kind that a number's letters stand for, where they stand for one only.
pub(super) fn kind_of_number(number: &str) -> Option<&'static str> {
    let code = number.split(['/', '-']).find(|part| !part.is_empty() && part.chars().all(char::is_alphabetic))?;
    let is_party = !number.contains("/QĐ-") && number.find('-') < number.find('/');
    Some(match code {
        // A Party QĐ is a Quyết định or a Quy định.
        "QĐ" if !is_party => "Quyết định",
        "NQ" => "Nghị quyết",
        "NĐ" => "Nghị định",
        "CT" => "Chỉ thị",
        "CTr" => "Chương trình",
        "KH" => "Kế hoạch",
        "TB" => "Thông báo",
        "BC" => "Báo cáo",
        "HD" => "Hướng dẫn",
        "KL" => "Kết luận",
        "CV" => "Công văn",
        "VBHN" => "Văn bản hợp nhất",
        "TT" => {
            if is_party {
                "Thông tri"
            } else {
                "Thông tư"
            }
        }
        "TTLT" => "Thông tư liên tịch",
        "TTr" => "Tờ trình",
        "GM" => "Giấy mời",
        "CĐ" => "Công điện",
        "QyĐ" => "Quy định",
        "QC" => "Quy chế",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_through_damage() {
        for (line, kind) in [
            ("QUYET PINH", "Quyết định"),
            ("CHUGNG TRINH HANH DONG", "Chương trình hành động"),
            ("KẾT LUẬN CỦA BAN THƯỜNG VỤ TỈNH ỦY", "Kết luận"),
            ("HƯỚNG DẪN nghiệp vụ", "Hướng dẫn"),
            ("THÔNG TƯ", "Thông tư"),
            ("THÔNG TRI", "Thông tri"),
            ("BỘ LUẬT", "Bộ luật"),
        ] {
            assert_eq!(kind_line(line).map(|found| found.kind), Some(kind), "{line}");
        }
        assert_eq!(kind_line("QUYẾT ĐỊNH:"), None);
        assert_eq!(kind_line("Quyết định số 5"), None);
        assert_eq!(kind_line("BAN THƯỜNG VỤ TỈNH ỦY QUYẾT ĐỊNH"), None);
    }

    #[test]
    fn codes_with_two_meanings_give_no_kind() {
        assert_eq!(kind_of_number("446-QĐ/TU"), None);
        assert_eq!(kind_of_number("48/2019/QĐ-UBND"), Some("Quyết định"));
        assert_eq!(kind_of_number("09-TT/TU"), Some("Thông tri"));
    }
}
