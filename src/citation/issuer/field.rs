//! Fields of work behind a ministry or department: `Tài chính`, `Lao động - Thương binh và Xã hội`.

use super::super::kinds;
use super::super::page::{Kind, Page, key};
use super::{Tail, dashed_end, level, one, spelt};
use crate::text::fold;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// Fields of work of ministries and departments, now and before; a longer one wins over the one it begins with.
///
/// The set is open: an unlisted field is read by its capitals, which cannot tell where a title begins.
const FIELDS: &str = "
An toàn thực phẩm|Bưu chính, Viễn thông|Công an|Công nghiệp|Công Thương|Dân tộc|Dân tộc và Tôn giáo|Địa chính|Du lịch|Giáo dục|Giáo dục và Đào tạo
Giao thông công chính|Giao thông vận tải|Hải quan|Kế hoạch và Đầu tư|Khoa học và Công nghệ|Khoa học, Công nghệ và Môi trường|Kiểm lâm|Lâm nghiệp|Lao động
Lao động - Thương binh và Xã hội|Ngoại giao|Ngoại vụ|Nội vụ|Nông nghiệp|Nông nghiệp và Môi trường|Nông nghiệp và Phát triển nông thôn|Nông nghiệp và PTNT
Quốc phòng|Quy hoạch - Kiến trúc|Tài chính|Tài chính - Kế hoạch|Tài chính - Vật giá|Tài nguyên và Môi trường|Thể dục Thể thao|Thi hành án dân sự
Thông tin và Truyền thông|Thống kê|Thuế|Thương binh và Xã hội|Thương mại|Thương mại và Du lịch|Thủy lợi|Thủy sản|Tư pháp|Văn hóa|Văn hóa - Thông tin
Văn hóa - Xã hội|Văn hóa và Thể thao|Văn hóa, Thể thao và Du lịch|Văn hóa, Thông tin|Văn thư và Lưu trữ Nhà nước|Xây dựng|Y tế|Y tế dự phòng
";

/// A listed field and its folded words.
type Field = (&'static str, Vec<u64>);

static FIELDS_BY_WORD: LazyLock<FxHashMap<u64, Vec<Field>>> = LazyLock::new(|| {
    let mut table: FxHashMap<u64, Vec<Field>> = FxHashMap::default();
    for name in FIELDS.split(['|', '\n']).filter(|name| !name.is_empty()) {
        let page = Page::new(name);
        let words: Vec<u64> = (0..page.len()).map(|n| page.word(n)).filter(|word| *word != 0).collect();
        table.entry(words[0]).or_default().push((name, words));
    }
    table
});

/// The longest listed field that begins at token `n` with a capital, and the token after it.
fn listed_field(page: &Page<'_>, n: usize) -> Option<(&'static str, usize)> {
    if !page.get(n)?.upper {
        return None;
    }
    let fields = FIELDS_BY_WORD.get(&page.word(n))?;
    fields.iter().filter_map(|(name, words)| Some((*name, dashed_end(page, n, words)?))).max_by_key(|(_, end)| *end)
}

/// Words that end the name of a field: what follows is the sentence again.
static FIELD_ENDS: [&str; 54] = [
    "về", "quy", "hướng", "ban", "sửa", "phê", "tại", "ngày", "năm", "và", "có", "là", "trong", "cho", "để", "đối",
    "thì", "đã", "được", "đến", "từ", "theo", "bãi", "thay", "hết", "trên", "này", "chịu", "khóa", "khoá", "số", "của",
    "kèm", "bằng", "phối", "chủ", "trình", "gửi", "hợp", "đính", "triển", "tiếp", "yêu", "giao", "nêu", "còn", "không",
    "như", "cùng", "trả", "thông", "tổ", "thực", "công",
];

/// Whether the small word at token `n` ends a field; a word without marks may be any of the words it folds from.
fn ends_field(page: &Page<'_>, n: usize) -> bool {
    static FOLDED: LazyLock<Vec<u64>> = LazyLock::new(|| FIELD_ENDS.iter().map(|word| key(&fold(word))).collect());
    if !FOLDED.contains(&page.word(n)) {
        return false;
    }
    // «Cục Xuất bản, In và Phát hành thông tin» goes on; «Bộ X thông báo», «Bộ X tổ chức» do not.
    let twofold = |first: &str, seconds: &[&str]| page.said(n, &[first]) && !page.said(n + 1, seconds);
    if twofold("thông", &["báo", "qua"])
        || twofold("tổ", &["chức"])
        || twofold("thực", &["hiện"])
        || twofold("công", &["bố", "khai"])
        || twofold("hợp", &["nhất"])
    {
        return false;
    }
    page.said(n, &FIELD_ENDS)
}

/// A field of work: `Giáo dục và Đào tạo`, `Lao động - Thương binh và Xã hội`.
pub(super) fn field(page: &Page<'_>, n: usize) -> Option<(String, usize)> {
    if let Some((name, end)) = listed_field(page, n) {
        return Some((name.to_owned(), end));
    }
    let mut at = n;
    let mut out = String::new();
    loop {
        let token = page.get(at)?;
        if token.kind != Kind::Word || !token.upper || (token.lines > 1 && at > n) {
            break;
        }
        // Capitals on the next line are its title.
        if at > n && token.lines > 0 && token.caps && !page.tokens[at - 1].caps && token.end - token.start > 2 {
            break;
        }
        if at > n
            && one(page, at).is_some_and(|body| !matches!(body.tail, Tail::Level))
            && !out.ends_with("- ")
            && !out.ends_with(", ")
        {
            break;
        }
        out.push_str(&spelt(page.str(at)));
        at += 1;
        let mut small = 0;
        while small < 4 {
            let Some(token) = page.get(at) else { break };
            if token.kind != Kind::Word || token.upper || ends_field(page, at) || level(page, at).is_some() {
                break;
            }
            out.push(' ');
            out.push_str(&spelt(page.str(at)));
            at += 1;
            small += 1;
        }
        let joint = if page.word(at) == key("va") {
            " và "
        } else if page.mark(at, ',') {
            ", "
        } else if page.mark_of(at, "-–") {
            " - "
        } else {
            ""
        };
        let next = if joint.is_empty() { at } else { at + 1 };
        let Some(token) = page.get(next) else { break };
        if token.kind != Kind::Word || !token.upper || one(page, next).is_some() || token.lines > 1 {
            break;
        }
        if joint == ", " && !field_goes_on(page, next) {
            break;
        }
        if joint == " và " && kinds::at(page, next).is_some() {
            break;
        }
        out.push_str(if joint.is_empty() { " " } else { joint });
        at = next;
    }
    (at > n).then_some((out, at))
}

/// `Văn hóa, Thể thao và Du lịch`: after a comma a field goes on only when an *và* and a capital follow soon.
fn field_goes_on(page: &Page<'_>, n: usize) -> bool {
    (n + 1..n + 5).any(|at| page.word(at) == key("va") && page.get(at + 1).is_some_and(|token| token.upper))
        && (n..n + 4).all(|at| !page.mark_of(at, ".;:()"))
}
