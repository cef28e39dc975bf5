//! Words of heads and feet: damaged words recognised, capitals put into the case in which names are cited.

use crate::text::{fold, fold_each, old_tone_placement};
use std::cell::LazyCell;
use std::sync::LazyLock;

/// Whether `read` is `word` but for one letter in four; both folded.
pub(super) fn alike(read: &str, word: &str) -> bool {
    if read == word {
        return true;
    }
    slips_within(read.as_bytes(), word.as_bytes(), word.len().div_ceil(5).min(4)).is_some()
}

/// Levenshtein distance, where it is at most `most`.
pub(super) fn slips_within(mut a: &[u8], mut b: &[u8], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    // What both begin or end with adds nothing.
    while let ([x, rest @ ..], [y, other @ ..]) = (a, b)
        && x == y
    {
        (a, b) = (rest, other);
    }
    while let ([rest @ .., x], [other @ .., y]) = (a, b)
        && x == y
    {
        (a, b) = (rest, other);
    }
    if a.is_empty() || b.is_empty() {
        return Some(a.len().max(b.len())).filter(|slips| *slips <= most);
    }
    if most == 0 {
        return None;
    }
    let mut short = [0usize; 64];
    let mut long = Vec::new();
    let row: &mut [usize] = match short.get_mut(..=b.len()) {
        Some(row) => row,
        None => {
            long.resize(b.len() + 1, 0);
            &mut long
        }
    };
    row.iter_mut().enumerate().for_each(|(n, cell)| *cell = n);
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        let mut least = row[0];
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(x != y)).min(above + 1).min(row[j] + 1);
            least = least.min(row[j + 1]);
            diagonal = above;
        }
        if least > most {
            return None;
        }
    }
    Some(row[b.len()]).filter(|slips| *slips <= most)
}

/// A word of a line with its place.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// First byte in the line.
    pub(super) start: usize,
    /// One past the last.
    pub(super) end: usize,
    /// Letters and figures only, without marks, in small letters.
    pub(super) folded: String,
}

/// The words of a line, at most `limit` of them.
pub(super) fn words(line: &str, limit: usize) -> Vec<Word> {
    each_word(line).take(limit).collect()
}

/// The words of a line one by one.
pub(super) fn each_word(line: &str) -> impl Iterator<Item = Word> {
    pieces(line).map(|(start, piece)| {
        let mut folded = String::with_capacity(piece.len());
        each_letter(piece, |letter| folded.push(letter as char));
        Word { start, end: start + piece.len(), folded }
    })
}

/// What blanks part in a line, each with its first byte.
pub(super) fn pieces(line: &str) -> impl Iterator<Item = (usize, &str)> {
    line.split_whitespace().map(|piece| (piece.as_ptr() as usize - line.as_ptr() as usize, piece))
}

/// Gives each letter and figure of a piece, without marks and in small letters.
pub(super) fn each_letter(piece: &str, mut take: impl FnMut(u8)) {
    fold_each(piece, |c| {
        if c.is_ascii_alphanumeric() {
            take(c as u8);
        }
    });
}

/// Finds `phrase` (folded words) among `words`, each word perhaps damaged; the range of indexes.
///
/// Words that ran together or apart are met by comparing letters without blanks.
pub(super) fn find_phrase(words: &[Word], phrase: &[&str]) -> Option<(usize, usize)> {
    let whole = LazyCell::new(|| phrase.concat());
    for from in 0..words.len() {
        if !alike_start(&words[from].folded, phrase[0]) {
            continue;
        }
        let mut letters = String::new();
        for (to, word) in words.iter().enumerate().skip(from).take(phrase.len() + 3) {
            letters.push_str(&word.folded);
            if letters.len() + 3 < whole.len() {
                continue;
            }
            if letters.len() > whole.len() + 3 {
                break;
            }
            if let Some(slips) = slips_within(letters.as_bytes(), whole.as_bytes(), whole.len() / 5 + 1) {
                // A longer range may match better.
                let next = words.get(to + 1).filter(|_| slips > 0).map(|word| format!("{letters}{}", word.folded));
                if next.is_some_and(|next| slips_within(next.as_bytes(), whole.as_bytes(), slips - 1).is_some()) {
                    continue;
                }
                return Some((from, to + 1));
            }
        }
    }
    None
}

fn alike_start(read: &str, word: &str) -> bool {
    slips_within(read.as_bytes(), word.as_bytes(), 1 + word.len() / 3).is_some()
}

/// Parts of names of bodies and posts, in the case in which they are cited; longest first where one begins another.
const CASED: [&str; 92] = [
    "Ủy ban Thường vụ Quốc hội",
    "Ủy ban Mặt trận Tổ quốc",
    "Ủy ban Kiểm tra",
    "Ủy ban nhân dân",
    "Hội đồng nhân dân",
    "Hội đồng Thẩm phán",
    "Ban Thường vụ",
    "Ban Chấp hành",
    "Ban Bí thư",
    "Ban Tổ chức",
    "Ban Tuyên giáo và Dân vận",
    "Ban Tuyên giáo",
    "Ban Dân vận",
    "Ban Nội chính",
    "Ban Kinh tế",
    "Ban Cán sự đảng",
    "Ban Chỉ đạo",
    "Ban Quản lý",
    "Bộ Chính trị",
    "Bộ Tư lệnh",
    "Bộ Chỉ huy",
    "Đảng bộ",
    "Đảng ủy Khối",
    "Đảng ủy",
    "Đảng đoàn",
    "Tỉnh ủy",
    "Thành ủy",
    "Huyện ủy",
    "Quận ủy",
    "Thị ủy",
    "Quân ủy",
    "Chi bộ",
    "Tỉnh đoàn",
    "Thành đoàn",
    "Huyện đoàn",
    "Trung ương",
    "Văn phòng",
    "Chính phủ",
    "Quốc hội",
    "Thủ tướng",
    "Phó Thủ tướng",
    "Bộ trưởng",
    "Thứ trưởng",
    "Phó Chủ tịch",
    "Chủ tịch",
    "Phó Bí thư",
    "Tổng Bí thư",
    "Bí thư",
    "Phó Chủ nhiệm",
    "Chủ nhiệm",
    "Phó Trưởng ban",
    "Trưởng ban",
    "Phó Trưởng phòng",
    "Trưởng phòng",
    "Phó Trưởng đoàn",
    "Trưởng đoàn",
    "Phó Chánh Văn phòng",
    "Chánh Văn phòng",
    "Phó Chánh Thanh tra",
    "Chánh Thanh tra",
    "Phó Tổng Giám đốc",
    "Tổng Giám đốc",
    "Phó Giám đốc",
    "Giám đốc",
    "Phó Tổng cục trưởng",
    "Tổng cục trưởng",
    "Phó Cục trưởng",
    "Cục trưởng",
    "Phó Vụ trưởng",
    "Vụ trưởng",
    "Phó Hiệu trưởng",
    "Hiệu trưởng",
    "Phó Viện trưởng",
    "Viện trưởng",
    "Chánh án",
    "Phó Thống đốc",
    "Thống đốc",
    "Phó Tổng Thanh tra",
    "Tổng Thanh tra",
    "Thường trực",
    "Thanh tra",
    "các cơ quan",
    "đặc khu",
    "thành phố",
    "thị trấn",
    "thị xã",
    "tỉnh",
    "huyện",
    "quận",
    "phường",
    "xã",
    "nước Cộng hòa xã hội chủ nghĩa Việt Nam",
];

/// The parts folded: each with its words, and its letters in one.
static FOLDED: LazyLock<Vec<(Vec<String>, String)>> = LazyLock::new(|| {
    let folded = CASED.iter().map(|part| part.split(' ').map(fold).collect::<Vec<_>>());
    folded.map(|words| (words.clone(), words.concat())).collect()
});

/// Words of the longest part: `nước Cộng hòa xã hội chủ nghĩa Việt Nam`.
const LONGEST_PART: usize = 9;

/// Small words inside names.
const SMALL: [&str; 10] = ["và", "của", "các", "về", "trong", "cho", "với", "thuộc", "tại", "nước"];

/// Puts a name printed in capitals into the case in which it is cited: `BAN THƯỜNG VỤ TỈNH ỦY` → `Ban Thường vụ Tỉnh ủy`.
///
/// The words after a known part are taken as the field of an office (`Sở Giáo dục và Đào
/// tạo`) unless a place name is due, where each word has a capital.
pub(super) fn cased(printed: &str) -> String {
    let tokens: Vec<&str> = printed.split_whitespace().collect();
    let keys: Vec<String> = tokens.iter().map(|token| key(token)).collect();
    let mut out: Vec<String> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    let mut is_place = false;
    let mut field_start = true;
    while at < tokens.len() {
        let part = CASED.iter().zip(FOLDED.iter()).find(|(_, (words, _))| keys[at..].starts_with(words));
        if let Some((part, _)) = part {
            for (offset, word) in part.split(' ').enumerate() {
                out.push(with_tone_of(tokens[at + offset], word));
            }
            at += part.split(' ').count();
            is_place = matches!(
                *part,
                "tỉnh"
                    | "huyện"
                    | "quận"
                    | "phường"
                    | "xã"
                    | "thành phố"
                    | "thị xã"
                    | "thị trấn"
                    | "đặc khu"
                    | "Tỉnh ủy"
                    | "Thành ủy"
                    | "Huyện ủy"
                    | "Quận ủy"
                    | "Thị ủy"
                    | "Tỉnh đoàn"
                    | "Thành đoàn"
                    | "Huyện đoàn"
                    | "Hội đồng nhân dân"
                    | "Ủy ban nhân dân"
            );
            field_start = true;
            continue;
        }
        let lower = tokens[at].to_lowercase();
        let small = SMALL.contains(&lower.as_str());
        if is_place {
            out.push(capitalised(&lower));
        } else if small {
            out.push(lower);
            field_start = true;
        } else if lower.ends_with(',') {
            out.push(if field_start { capitalised(&lower) } else { lower });
            field_start = true;
        } else if field_start {
            out.push(capitalised(&lower));
            // `Sở`, `Bộ`, `Cục` are followed by the name of their field.
            field_start = out.len() == 1
                && matches!(
                    key(tokens[at]).as_str(),
                    "so" | "bo" | "cuc" | "vu" | "vien" | "truong" | "ban" | "hoi" | "tong"
                );
        } else {
            out.push(lower);
        }
        at += 1;
    }
    let mut text = out.join(" ");
    if let Some(first) = text.chars().next()
        && first.is_lowercase()
    {
        text = capitalised(&text);
    }
    text
}

/// Replaces the words that nearly are a known part of a name by that part: `THUGNG TRUC` → `Thường trực`.
pub(super) fn mended(printed: &str) -> String {
    let tokens: Vec<&str> = printed.split_whitespace().collect();
    let keys: Vec<String> = tokens.iter().map(|token| key(token)).collect();
    let mut out: Vec<String> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let mut best: Option<(usize, usize, &str)> = None;
        let mut letters = String::new();
        // Where the letters of the first word, the first two words … end.
        let ends: Vec<usize> = keys[at..]
            .iter()
            .take(LONGEST_PART)
            .map(|key| {
                letters.push_str(key);
                letters.len()
            })
            .collect();
        for (part, (words, meant)) in CASED.iter().zip(FOLDED.iter()) {
            let n = words.len();
            let Some(read) = ends.get(n - 1).map(|end| &letters[..*end]) else { continue };
            // A single word must be right; of two that fit alike the longer is meant.
            let most = if n > 1 { meant.len() / 6 + 1 } else { 0 };
            let Some(slips) = slips_within(read.as_bytes(), meant.as_bytes(), most) else { continue };
            if best.is_none_or(|(least, n_words, _)| slips < least || slips == least && n > n_words) {
                best = Some((slips, n, part));
            }
        }
        match best {
            Some((0, n, _)) => {
                out.extend(tokens[at..at + n].iter().map(|token| (*token).to_owned()));
                at += n;
            }
            Some((_, n, part)) => {
                out.push(part.to_uppercase());
                at += n;
            }
            None => {
                out.push(tokens[at].to_owned());
                at += 1;
            }
        }
    }
    out.join(" ")
}

/// Whether folded text begins with a phrase but for a letter in six.
pub(super) fn begins_alike(folded: &str, phrase: &str) -> bool {
    let end = folded.char_indices().nth(phrase.len()).map_or(folded.len(), |(at, _)| at);
    slips_within(&folded.as_bytes()[..end], phrase.as_bytes(), phrase.len() / 6).is_some()
}

fn key(token: &str) -> String {
    fold(token).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The cited word, with the printed tone where only its placement differs (`uỷ`).
fn with_tone_of(printed: &str, cited: &str) -> String {
    let lower = printed.to_lowercase();
    let trimmed = lower.trim_matches(|c: char| !c.is_alphanumeric());
    if trimmed != cited.to_lowercase() && old_tone_placement(trimmed) == old_tone_placement(&cited.to_lowercase()) {
        return if cited.starts_with(char::is_uppercase) { capitalised(trimmed) } else { trimmed.to_owned() };
    }
    let tail = &printed[printed.trim_end_matches(|c: char| !c.is_alphanumeric()).len()..];
    format!("{cited}{}", if tail == "," { "," } else { "" })
}

/// The first letter large.
pub(super) fn capitalised(lower: &str) -> String {
    let mut chars = lower.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Each syllable with its tone placed the old way: `Uỷ ban` → `Ủy ban`.
pub(super) fn canonical_tones(text: &str) -> String {
    text.split(' ').map(old_tone_placement).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_are_put_into_case() {
        assert_eq!(cased("BAN THƯỜNG VỤ TỈNH UỶ"), "Ban Thường vụ Tỉnh uỷ");
        assert_eq!(cased("PHÓ BÍ THƯ THƯỜNG TRỰC"), "Phó Bí thư Thường trực");
        assert_eq!(cased("SỞ GIÁO DỤC VÀ ĐÀO TẠO"), "Sở Giáo dục và Đào tạo");
        assert_eq!(cased("ỦY BAN NHÂN DÂN TỈNH SÔNG THAO"), "Ủy ban nhân dân tỉnh Sông Thao");
        assert_eq!(cased("ĐẢNG ỦY KHỐI CÁC CƠ QUAN TỈNH"), "Đảng ủy Khối các cơ quan tỉnh");
        assert_eq!(cased("THỨ TRƯỞNG"), "Thứ trưởng");
    }

    #[test]
    fn damaged_phrases_are_found() {
        let line = "UY BAN NHAN DAN CONG HOA XA HOI CHU NGHIA VIET NAM";
        let words = words(line, 40);
        let found = find_phrase(&words, &["cong", "hoa", "xa", "hoi", "chu", "nghia", "viet", "nam"]);
        assert_eq!(found, Some((4, 12)));
    }
}
