//! Codes of types and bodies inside numbers, and what engines make of them.

use super::Style;
use std::borrow::Cow;

/// Codes of types and the word each stands for. State and Party share most of them;
/// where one code serves two types the commoner comes first.
const KINDS: [(&str, &str); 59] = [
    ("QĐ", "Quyết định"),
    ("NĐ", "Nghị định"),
    ("NQ", "Nghị quyết"),
    ("CT", "Chỉ thị"),
    ("TT", "Thông tư"),
    ("TTLT", "Thông tư liên tịch"),
    ("NQLT", "Nghị quyết liên tịch"),
    ("KL", "Kết luận"),
    ("QC", "Quy chế"),
    ("QyĐ", "Quy định"),
    ("QĐi", "Quy định"),
    ("TC", "Thông cáo"),
    ("TB", "Thông báo"),
    ("HD", "Hướng dẫn"),
    ("CTr", "Chương trình"),
    ("KH", "Kế hoạch"),
    ("PA", "Phương án"),
    ("ĐA", "Đề án"),
    ("DA", "Dự án"),
    ("BC", "Báo cáo"),
    ("BB", "Biên bản"),
    ("TTr", "Tờ trình"),
    ("CV", "Công văn"),
    ("CĐ", "Công điện"),
    ("BGN", "Bản ghi nhớ"),
    ("BTT", "Bản thỏa thuận"),
    ("GUQ", "Giấy ủy quyền"),
    ("GM", "Giấy mời"),
    ("GGT", "Giấy giới thiệu"),
    ("GNP", "Giấy nghỉ phép"),
    ("PG", "Phiếu gửi"),
    ("PC", "Phiếu chuyển"),
    ("PB", "Phiếu báo"),
    ("SY", "Bản sao y"),
    ("TrS", "Bản trích sao"),
    ("HP", "Hiến pháp"),
    ("PL", "Pháp lệnh"),
    ("L", "Lệnh"),
    ("VBHN", "Văn bản hợp nhất"),
    ("SL", "Sắc lệnh"),
    ("QH", "Quy hoạch"),
    ("TTrLN", "Tờ trình"),
    ("TTrLT", "Tờ trình"),
    ("HDLN", "Hướng dẫn"),
    ("HDLT", "Hướng dẫn"),
    ("KHLT", "Kế hoạch"),
    ("KHPH", "Kế hoạch"),
    ("CTrPH", "Chương trình"),
    ("CTPH", "Chương trình"),
    ("QCPH", "Quy chế"),
    ("QCLN", "Quy chế"),
    ("TTHD", "Thông tư"),
    ("TL", "Tuyên bố"),
    ("CL", "Chiến lược"),
    ("ĐL", "Điều lệ"),
    ("TLN", "Thông tư"),
    ("BCLN", "Báo cáo"),
    ("CTHĐ", "Chương trình"),
    ("TBKL", "Thông báo"),
];

/// Bodies that occur as a whole group; the set is open, these only make a number sure.
pub(super) const ISSUERS: [&str; 58] = [
    "TW", "TU", "HU", "QU", "ThU", "ĐU", "ĐUK", "CB", "ĐH", "VPTW", "VPTU", "VPHU", "BTCTW", "BTCTU", "BTGTW", "BTGTU",
    "BDVTW", "BDVTU", "BNCTW", "BNCTU", "BKTTW", "UBKTTW", "UBKTTU", "BTGDVTW", "BTGDVTU", "BCSĐ", "ĐĐ", "ĐTN", "TĐTN",
    "CP", "TTg", "VPCP", "CTN", "UBND", "UB", "HĐND", "HĐBT", "HĐCP", "TTCP", "KTNN", "NHNN", "TANDTC", "VKSNDTC",
    "BNV", "BTC", "BTP", "BCA", "BQP", "BCT", "BYT", "BXD", "BGDĐT", "BTNMT", "BKHĐT", "BLĐTBXH", "BNNPTNT", "BGTVT",
    "SL",
];

/// The type word that a code stands for in a number of this style, if it stands for one.
pub fn kind_of_code(code: &str, style: Style) -> Option<&'static str> {
    if style == Style::Party && code == "TT" {
        return Some("Thông tri");
    }
    KINDS.iter().find(|(known, _)| *known == code).map(|(_, word)| *word)
}

/// Letters lost by engines that know no Đ: what a group was read as, and what it is.
const MISREAD: [(&str, &str); 41] = [
    ("QLDD", "QLĐĐ"),
    ("LDTBXH", "LĐTBXH"),
    ("QOD", "QĐ"),
    ("QDB", "QĐ"),
    ("QBD", "QĐ"),
    ("QĐB", "QĐ"),
    ("QPD", "QĐ"),
    ("NDB", "NĐ"),
    ("TT1", "TTr"),
    ("TTI", "TTr"),
    ("DKT", "ĐKT"),
    ("TDTN", "TĐTN"),
    ("QD", "QĐ"),
    ("QB", "QĐ"),
    ("QDB", "QĐ"),
    ("QP", "QĐ"),
    ("OD", "QĐ"),
    ("OĐ", "QĐ"),
    ("0D", "QĐ"),
    ("QÐ", "QĐ"),
    ("QDi", "QĐi"),
    ("ND", "NĐ"),
    ("NÐ", "NĐ"),
    ("QyD", "QyĐ"),
    ("QyP", "QyĐ"),
    ("HDND", "HĐND"),
    ("HBND", "HĐND"),
    ("HPND", "HĐND"),
    ("HDBT", "HĐBT"),
    ("HBBT", "HĐBT"),
    ("HDCP", "HĐCP"),
    ("DU", "ĐU"),
    ("DUK", "ĐUK"),
    ("BGDDT", "BGDĐT"),
    ("SGDDT", "SGDĐT"),
    ("BKHDT", "BKHĐT"),
    ("SKHDT", "SKHĐT"),
    ("BLDTBXH", "BLĐTBXH"),
    ("SLDTBXH", "SLĐTBXH"),
    ("TTG", "TTg"),
    ("TƯ", "TW"),
];

pub(super) fn repair(group: &str, first: bool, follower: Option<&str>) -> Option<String> {
    if let Some((_, right)) = MISREAD.iter().find(|(wrong, _)| *wrong == group) {
        // `QB`, `OD` and the like are type codes; as a later group they may be some unit.
        if first || !matches!(*right, "QĐ" | "NĐ" | "QĐi" | "QyĐ") {
            return Some((*right).to_owned());
        }
    }
    if first && matches!(group, "NB" | "NP") && follower == Some("CP") {
        return Some("NĐ".to_owned());
    }
    if first && group == "CD" {
        return Some("CĐ".to_owned());
    }
    if first && group.eq_ignore_ascii_case("CTr") && group != "CTr" {
        return Some("CTr".to_owned());
    }
    if first && group.eq_ignore_ascii_case("TTr") && group != "TTr" {
        return Some("TTr".to_owned());
    }
    if first && !is_kind(group) {
        let mut near = KINDS.iter().filter(|(known, _)| known.len() >= 2 && looks_like(group, known));
        if let (Some((known, _)), None) = (near.next(), near.next()) {
            return Some((*known).to_owned());
        }
    }
    // A long code of one letter too many or too few: `UBKTTHU`.
    if !first && group.len() >= 6 && !ISSUERS.contains(&group) {
        let mut near = ISSUERS.iter().filter(|known| known.len() >= 5 && one_letter_apart(known, group));
        if let (Some(known), None) = (near.next(), near.next()) {
            return Some((*known).to_owned());
        }
    }
    for (read, head) in [("UBTVQH", "UBTVQH"), ("UBTVOH", "UBTVQH"), ("QH", "QH"), ("OH", "QH")] {
        let Some(term) = group.strip_prefix(read) else { continue };
        if term.is_empty() || read == head && term.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits: String = term
            .chars()
            .map(|c| match c {
                'I' | 'l' | 'i' => '1',
                'O' | 'o' => '0',
                'S' => '5',
                c => c,
            })
            .collect();
        if digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.len() <= 3 {
            // `QHI15`: the engine saw the first stroke twice; there is no hundredth assembly.
            let keep = digits.len().saturating_sub(2);
            return Some(format!("{head}{}", &digits[keep..]));
        }
    }
    None
}

/// Letters of another script that look like these, as keyboards and converters leave them: `TT-BTС` with a Cyrillic С.
pub(super) fn latin(group: &str) -> Cow<'_, str> {
    if !group.chars().any(|c| ('\u{410}'..='\u{443}').contains(&c)) {
        return Cow::Borrowed(group);
    }
    let letters = group.chars().map(|c| match c {
        'А' => 'A',
        'В' => 'B',
        'С' => 'C',
        'Е' => 'E',
        'Н' => 'H',
        'К' => 'K',
        'М' => 'M',
        'О' => 'O',
        'Р' => 'P',
        'Т' => 'T',
        'Х' => 'X',
        'У' => 'Y',
        other => other,
    });
    Cow::Owned(letters.collect())
}

/// Type and issuer whose dash was lost or misread: `NĐCP`, `TTBNNMT`, `NĐzCP`, `QĐ.UBND`.
pub(super) fn grown_together(group: &str) -> Option<(&'static str, &str)> {
    let (read, kind) =
        [("QĐ", "QĐ"), ("QD", "QĐ"), ("NĐ", "NĐ"), ("ND", "NĐ"), ("TT", "TT"), ("NQ", "NQ"), ("CT", "CT")]
            .into_iter()
            .find(|(read, _)| group.starts_with(read))?;
    let rest = &group[read.len()..];
    let issuer = rest.trim_start_matches(['z', 'Z', '.', '~']);
    let parted = issuer.len() < rest.len();
    let ministry = issuer.len() >= 3 && issuer.starts_with('B') && issuer.chars().all(char::is_uppercase);
    let body = matches!(issuer, "CP" | "TTg" | "UBND" | "HĐND" | "HDND" | "NHNN") || parted && issuer == "UB";
    (body || ministry && (parted || kind == "TT")).then_some((kind, issuer))
}

/// Whether the engine may have read the code `known` as `read`: one letter differs, and in strokes only.
pub(crate) fn looks_like(read: &str, known: &str) -> bool {
    const STROKES: [(char, char); 4] = [('I', 'T'), ('l', 'T'), ('1', 'T'), ('O', 'Q')];
    if read.chars().count() != known.chars().count() {
        return false;
    }
    let mut differing = read.chars().zip(known.chars()).filter(|(a, b)| a != b);
    let Some(pair) = differing.next() else { return false };
    // Two letters are few: B and P stand for Đ in longer codes only.
    let long = known.chars().count() >= 3;
    let alike = STROKES.contains(&pair) || long && matches!(pair, ('B' | 'P' | 'D', 'Đ'));
    alike && differing.next().is_none()
}

/// One of the two has a letter more, and nothing else differs.
fn one_letter_apart(one: &str, other: &str) -> bool {
    let (long, short) = if one.len() > other.len() { (one, other) } else { (other, one) };
    if long.chars().count() != short.chars().count() + 1 {
        return false;
    }
    let same = long.chars().zip(short.chars()).take_while(|(a, b)| a == b).count();
    long.chars().skip(same + 1).eq(short.chars().skip(same))
}

pub(super) fn is_kind(code: &str) -> bool {
    KINDS.iter().any(|(known, _)| *known == code)
}

pub(super) fn is_party_issuer(code: &str) -> bool {
    matches!(code, "TW" | "TU" | "HU" | "QU" | "ThU" | "ĐU" | "ĐUK" | "CB" | "ĐH")
        || ["TW", "TU", "HU", "QU", "ĐU", "ThU"].iter().any(|tail| code.ends_with(tail) && code.len() > tail.len() + 1)
}
