//! Names of signers: where one begins on a line that it may share with a recipient.

use super::super::names::FAMILIES;
use super::{begins_filing, item_text};
use crate::text::{fold, is_capital, is_small};

/// The byte at which a name begins that ends the line.
pub(super) fn name_start(line: &str) -> Option<usize> {
    if line.ends_with([',', ';', ':', ')']) {
        return None;
    }
    // After a recipient that ended, or alone.
    let after_mark = line.rfind([',', ';', '.']).map(|at| at + 1).filter(|at| *at < line.len());
    let from = after_mark.unwrap_or(0);
    let tail = line[from..].trim();
    let start = line.len() - line[from..].trim_start().len();
    if !(from == 0 && line.starts_with(['-', '–', '•', '+'])) && looks_like_name(tail, !line[..from].ends_with('.'))
    {
        return Some(start);
    }
    // After the last recipient nothing but the name can follow, even if a capital of it was lost.
    if line[..from].ends_with('.') && item_text(line).is_some_and(begins_filing) {
        let tokens: Vec<&str> = tail.split_whitespace().collect();
        let is_name = (2..=4).contains(&tokens.len())
            && tokens[0].starts_with(char::is_uppercase)
            && FAMILIES.contains(&fold(tokens[0]).as_str())
            && tokens.iter().all(|token| token.chars().all(char::is_alphabetic) && token.chars().count() <= 7);
        if is_name {
            return Some(start);
        }
    }
    // Beside a recipient that runs over its line: the last words from a family name on.
    let tokens: Vec<&str> = line.split_whitespace().collect();
    for n in (2..=5).rev() {
        let Some(first) = tokens.len().checked_sub(n).filter(|first| *first > 1) else { continue };
        let start = tokens[first].as_ptr() as usize - line.as_ptr() as usize;
        let tail = &line[start..];
        if tail.contains([',', ';', '.']) || !looks_like_name(tail, true) {
            continue;
        }
        return Some(start);
    }
    None
}

/// Whether the words are a person's name; `strict` asks for a family name in front.
pub(super) fn looks_like_name(text: &str, strict: bool) -> bool {
    // Titles before a name: `TS.`, `Đại tướng`.
    let tokens: Vec<&str> = text.split_whitespace().collect();
    if !(2..=6).contains(&tokens.len()) {
        return false;
    }
    // Words of offices that look like family names without their marks.
    let office_word = matches!(
        tokens[0],
        "Đảng"
            | "Ban"
            | "Bộ"
            | "Sở"
            | "Tổ"
            | "Hội"
            | "Vụ"
            | "Tỉnh"
            | "Trung"
            | "Các"
            | "Như"
            | "Lưu"
            | "Thường"
            | "Ủy"
            | "Uỷ"
            | "Cục"
            | "Phòng"
            | "Công"
            | "Báo"
            | "Cổng"
            | "Chi"
            | "Thị"
            | "Xã"
            | "Tổng"
    );
    // `Đảng Quốc Thuyên` is a Đặng; the Party itself is no person.
    const PARTIES: [&str; 8] = ["Cộng", "Dân", "Lao", "Ủy", "Uỷ", "Bộ", "Đoàn", "Cầm"];
    let office_word = office_word && !(tokens[0] == "Đảng" && tokens.len() == 3 && !PARTIES.contains(&tokens[1]));
    let filing = tokens[0] == "Lưu" && matches!(tokens[1], "Văn" | "VT" | "Ban" | "Phòng");
    if office_word && (tokens[0] != "Lưu" || filing) {
        return false;
    }
    let shaped = tokens.iter().all(|token| {
        let mut chars = token.chars();
        chars.next().is_some_and(is_capital)
            && chars.clone().all(|c| is_small(c) || matches!(c, '\'' | '’' | '?'))
            && chars.count() <= 7
    });
    if !shaped {
        return false;
    }
    let family: String = fold(tokens[0]);
    let known = FAMILIES.contains(&family.as_str());
    const OFFICES: [&str; 13] =
        ["so", "bo", "ban", "cuc", "vu", "van", "hoi", "nhu", "luu", "cong", "trung", "thanh", "tinh"];
    let second: String = fold(tokens[1]);
    // `Văn Phòng`, `Công Báo`, `Như Trên` are recipients all the same.
    let office = OFFICES.contains(&family.as_str())
        && matches!(
            second.as_str(),
            "phong" | "bao" | "tren" | "vu" | "thong" | "an" | "tam" | "tra" | "uy" | "ban" | "uong"
        );
    // Three words and more with capitals are hardly anything but a name.
    !office && (known || !strict || tokens.len() >= 3)
}
