//! The words for types of documents (*thể loại*), as they stand before a number.

use super::page::{Page, key};
use std::sync::LazyLock;

/// A type word: how it reads folded, and its canonical spelling.
pub(crate) struct KindWord {
    words: &'static [u64],
    pub(crate) name: &'static str,
}

macro_rules! kinds {
    ($($name:literal: $($word:literal)+;)*) => {
        &[$(KindWord { words: &[$(key($word)),+], name: $name }),*]
    };
}

/// Longer readings stand before the shorter ones they begin with.
static KINDS: &[KindWord] = kinds! {
    "Quyết định": "quyet" "dinh";
    "Quy định": "quy" "dinh";
    "Quy chế": "quy" "che" "lam" "viec";
    "Quy chế": "quy" "che" "phoi" "hop";
    "Quy chế": "quy" "che";
    "Quy hoạch": "quy" "hoach";
    "Nghị quyết liên tịch": "nghi" "quyet" "lien" "tich";
    "Nghị quyết": "nghi" "quyet";
    "Nghị định": "nghi" "dinh";
    "Chỉ thị": "chi" "thi";
    "Chiến lược": "chien" "luoc";
    "Chương trình": "chuong" "trinh" "hanh" "dong";
    "Chương trình": "chuong" "trinh" "cong" "tac";
    "Chương trình": "chuong" "trinh" "phoi" "hop";
    "Chương trình": "chuong" "trinh";
    "Công văn": "cong" "van";
    "Công điện": "cong" "dien" "khan";
    "Công điện": "cong" "dien";
    "Thông tư liên tịch": "thong" "tu" "lien" "tich";
    "Thông tư liên tịch": "thong" "tu" "lien" "bo";
    "Thông tư": "thong" "tu";
    "Thông tri": "thong" "tri";
    "Thông báo": "thong" "bao" "ket" "luan";
    "Thông báo": "thong" "bao" "y" "kien";
    "Thông báo": "thong" "bao";
    "Thông cáo": "thong" "cao";
    "Kết luận": "ket" "luan" "thanh" "tra";
    "Kết luận": "ket" "luan";
    "Kế hoạch": "ke" "hoach" "lien" "tich";
    "Kế hoạch": "ke" "hoach" "phoi" "hop";
    "Kế hoạch": "ke" "hoach";
    "Hướng dẫn": "huong" "dan" "lien" "nganh";
    "Hướng dẫn": "huong" "dan" "lien" "tich";
    "Hướng dẫn": "huong" "dan";
    "Đề án": "de" "an";
    "Phương án": "phuong" "an";
    "Báo cáo": "bao" "cao" "tham" "tra";
    "Báo cáo": "bao" "cao" "tham" "dinh";
    "Báo cáo": "bao" "cao" "giai" "trinh";
    "Báo cáo": "bao" "cao" "tiep" "thu";
    "Báo cáo": "bao" "cao" "ket" "qua";
    "Báo cáo": "bao" "cao" "tong" "ket";
    "Báo cáo": "bao" "cao";
    "Biên bản": "bien" "ban" "hop";
    "Biên bản": "bien" "ban";
    "Tờ trình": "to" "trinh" "lien" "nganh";
    "Tờ trình": "to" "trinh";
    "Tuyên bố": "tuyen" "bo";
    "Pháp lệnh": "phap" "lenh";
    "Sắc lệnh": "sac" "lenh";
    "Sắc luật": "sac" "luat";
    "Bộ luật": "bo" "luat";
    "Luật": "luat";
    "Lệnh": "lenh";
    "Giấy mời": "giay" "moi";
    "Giấy ủy quyền": "giay" "uy" "quyen";
    "Điều lệ": "dieu" "le";
    "Hiến pháp": "hien" "phap";
    "Văn bản hợp nhất": "van" "ban" "hop" "nhat";
    "Văn bản": "van" "ban" "tham" "dinh";
    "Văn bản": "van" "ban" "de" "nghi";
    "Văn bản": "van" "ban";
};

/// Remainders that keep the first words of type words apart.
const SLOTS: u64 = 1021;

/// The type words by the remainder that their first words leave: most words of a page are turned away by one look.
static FIRST: LazyLock<Vec<Vec<&KindWord>>> = LazyLock::new(|| {
    let mut table = vec![Vec::new(); SLOTS as usize];
    for kind in KINDS {
        table[(kind.words[0] % SLOTS) as usize].push(kind);
    }
    table
});

/// The type word that begins at token `n`, and the token after it.
pub(crate) fn at(page: &Page<'_>, n: usize) -> Option<(&'static str, usize)> {
    let first = page.word(n);
    if first == 0 {
        return None;
    }
    FIRST[(first % SLOTS) as usize]
        .iter()
        .find(|kind| kind.words[0] == first && page.phrase(n, kind.words))
        .map(|kind| (kind.name, n + kind.words.len()))
}

/// The type as a record has it. `Văn bản` is said of a letter without a type of its own.
pub(crate) fn canonical(name: &'static str) -> &'static str {
    if name == "Văn bản" { "Công văn" } else { name }
}
