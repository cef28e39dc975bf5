//! Names of persons: what the engine read, where the language model knew better than the page.
//!
//! A model of running text has seen few names, and makes a `Vi` a `Vũ`. A family name that was
//! read as one keeps its letters; one that is none is mended where a single common name is near.

use super::words::{capitalised, slips_within};
use crate::text::fold;

/// Common family names, in their spelling.
const COMMON: [&str; 32] = [
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương",
    "Lý", "Đào", "Đoàn", "Vương", "Trịnh", "Trương", "Đinh", "Lâm", "Phùng", "Mai", "Tô", "Hà", "Cao", "Lương", "Lưu",
    "Thái", "Châu",
];

/// Family names, folded.
pub(super) const FAMILIES: [&str; 117] = [
    "nguyen", "tran", "le", "pham", "hoang", "huynh", "phan", "vu", "vo", "dang", "bui", "do", "ho", "ngo", "duong",
    "ly", "dao", "doan", "vuong", "trinh", "truong", "dinh", "lam", "phung", "mai", "to", "ta", "ha", "cao", "la",
    "luong", "luu", "thai", "chau", "tang", "quach", "kieu", "vi", "lo", "cam", "sam", "ma", "nong", "trieu", "than",
    "khong", "lai", "chu", "quang", "giang", "vu", "sung", "hau", "be", "tong", "dieu", "thao", "mua", "dong", "dau",
    "dam", "ong", "nghiem", "thach", "son", "kim", "danh", "bach", "tu", "tong", "trang", "tieu", "vien", "ung", "van",
    "cu", "doan", "diep", "giap", "hua", "khuc", "khuong", "luc", "lu", "lac", "mac", "mach", "ninh", "nham", "nhu",
    "phi", "quan", "thi", "thieu", "ton", "ung", "vong", "sa", "xa", "y", "a", "h", "ro", "siu", "kpa", "ksor",
    "thang", "cong", "cung", "an", "ang", "bo", "cat", "chung", "ket", "tham", "vang",
];

/// The name `restored`, given what was read.
pub(super) fn mended(restored: &str, read: &str) -> String {
    let kept: Vec<&str> = restored.split_whitespace().collect();
    let seen: Vec<&str> = read.split_whitespace().collect();
    let mut words: Vec<String> = kept.iter().map(|word| capitalised(word)).collect();
    let same_length = kept.len() == seen.len();
    if let Some(first) = words.first_mut() {
        let (new, old) = (fold(first), seen.first().map(|word| fold(word)).unwrap_or_default());
        // Letters without marks were read as they stand; with marks they may be anything.
        let plain = seen.first().is_some_and(|word| word.chars().all(|c| c.is_ascii_alphabetic()));
        if same_length && plain && old != new && FAMILIES.contains(&old.as_str()) {
            *first = seen[0].to_owned();
        } else if !FAMILIES.contains(&new.as_str()) {
            // `Dé`, `Dd`: no other name is read so.
            let near: Vec<&str> = COMMON
                .into_iter()
                .filter(|name| {
                    let name = fold(name);
                    name.starts_with(&new[..new.chars().next().map_or(0, char::len_utf8)])
                        && slips_within(name.as_bytes(), new.as_bytes(), 1) == Some(1)
                })
                .collect();
            if matches!(new.as_str(), "de" | "dd" | "d6") {
                *first = "Đỗ".to_owned();
            } else if let [name] = near[..] {
                *first = name.to_owned();
            }
        }
    }
    // The commonest middle name of women.
    if same_length && words.len() > 2 && seen[1] == "Thi" && fold(&words[1]) != "thi" {
        words[1] = "Thị".to_owned();
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn family_names_keep_their_letters() {
        assert_eq!(mended("Vũ Đức Thuận", "Vi Dite Thuan"), "Vi Đức Thuận");
        assert_eq!(mended("Kiểu Thứ Hai Văn", "Kiéu Thi Hai Van"), "Kiểu Thị Hai Văn");
        assert_eq!(mended("Dé Hữu Phong", "Dé Hitu Phong"), "Đỗ Hữu Phong");
        assert_eq!(mended("Nguyễn Văn A", "Nguyén Van"), "Nguyễn Văn A");
        assert_eq!(mended("Độ Mạnh liên", "Do Manh Hien"), "Độ Mạnh Liên");
    }

    #[test]
    fn a_word_that_is_no_name_takes_the_only_near_one() {
        assert_eq!(mended("Bài Khắc Luân", "Bai Khac Luan"), "Bùi Khắc Luân");
        assert_eq!(mended("Phàng Quốc Trụ", "Phang Quéc Tru"), "Phàng Quốc Trụ");
    }
}
