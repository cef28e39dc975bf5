//! Bodies that issue documents (*cơ quan ban hành*): read after *của*, told without locality.

mod field;

use super::page::{Kind, Page, key};
use crate::text::old_tone_placement;
use field::field;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// What may follow the fixed words of a body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail {
    /// Nothing.
    None,
    /// `tỉnh`, `thành phố Hải Phòng`: the level is kept, the name is not.
    Level,
    /// `Tỉnh ủy`, `Đảng ủy phường`, `Trung ương`: another body.
    Body,
    /// `Tài nguyên và Môi trường`: a field of work, kept as printed.
    Field,
    /// `(Trung ương) (Đảng) (Cộng sản Việt Nam)`: passed over.
    Party,
    /// `Việt Nam`: passed over.
    Country,
    /// A name behind it is passed over: `Tỉnh ủy Bắc Ninh`.
    Name,
}

struct Body {
    words: &'static [u64],
    name: &'static str,
    tail: Tail,
}

macro_rules! bodies {
    ($($name:literal $tail:ident: $($word:literal)+;)*) => {
        &[$(Body { words: &[$(key($word)),+], name: $name, tail: Tail::$tail }),*]
    };
}

/// Longer readings stand before the shorter ones they begin with.
static BODIES: &[Body] = bodies! {
    "Bộ Chính trị" None: "bo" "chinh" "tri";
    "Bộ trưởng, Chủ nhiệm" Body: "bo" "truong" "chu" "nhiem";
    "Bộ trưởng, Trưởng ban" Body: "bo" "truong" "truong" "ban";
    "Bộ trưởng" Body: "bo" "truong";
    "Bộ Tư lệnh" Field: "bo" "tu" "lenh";
    "Bộ" Field: "bo";
    "Ban Chấp hành Trung ương" Party: "ban" "chap" "hanh" "trung" "uong";
    "Ban Chấp hành Đảng bộ" Level: "ban" "chap" "hanh" "dang" "bo";
    "Ban Chấp hành" Body: "ban" "chap" "hanh";
    "Ban Bí thư" Party: "ban" "bi" "thu";
    "Ban Thường vụ" Body: "ban" "thuong" "vu";
    "Ban Tuyên giáo và Dân vận" Body: "ban" "tuyen" "giao" "va" "dan" "van";
    "Ban Chính sách, chiến lược" Body: "ban" "chinh" "sach" "chien" "luoc";
    "Ban Bảo vệ, chăm sóc sức khỏe cán bộ" Body: "ban" "bao" "ve" "cham" "soc" "suc" "khoe" "can" "bo";
    "Ban Tổ chức" Body: "ban" "to" "chuc";
    "Ban Thường trực" Body: "ban" "thuong" "truc";
    "Ban Tuyên giáo" Body: "ban" "tuyen" "giao";
    "Ban Dân vận" Body: "ban" "dan" "van";
    "Ban Nội chính" Body: "ban" "noi" "chinh";
    "Ban Kinh tế - Ngân sách" Body: "ban" "kinh" "te" "ngan" "sach";
    "Ban Kinh tế" Body: "ban" "kinh" "te";
    "Ban Đối ngoại" Body: "ban" "doi" "ngoai";
    "Ban Pháp chế" Body: "ban" "phap" "che";
    "Ban Văn hóa - Xã hội" Body: "ban" "van" "hoa" "xa" "hoi";
    "Ban Dân tộc" Body: "ban" "dan" "toc";
    "Ban cán sự đảng" Body: "ban" "can" "su" "dang";
    "Ban Chỉ đạo" Field: "ban" "chi" "dao";
    "Ban Quản lý" Field: "ban" "quan" "ly";
    "Thường trực" Body: "thuong" "truc";
    "Trung ương" Party: "trung" "uong";
    "Trung ương Đoàn" None: "trung" "uong" "doan";
    "Văn phòng Trung ương Đảng" None: "van" "phong" "trung" "uong" "dang";
    "Văn phòng Trung ương" None: "van" "phong" "trung" "uong";
    "Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân" Level: "van" "phong" "doan" "dai" "bieu" "quoc" "hoi" "va" "hoi" "dong" "nhan" "dan";
    "Văn phòng" Body: "van" "phong";
    "Ủy ban Thường vụ Quốc hội" None: "uy" "ban" "thuong" "vu" "quoc" "hoi";
    "Ủy ban nhân dân" Level: "uy" "ban" "nhan" "dan";
    "Ủy ban nhân dân" Level: "ubnd";
    "Ủy ban Kiểm tra" Body: "uy" "ban" "kiem" "tra";
    "Ủy ban Mặt trận Tổ quốc Việt Nam" Level: "uy" "ban" "mat" "tran" "to" "quoc" "viet" "nam";
    "Ủy ban Mặt trận Tổ quốc" Level: "uy" "ban" "mat" "tran" "to" "quoc";
    "Ủy ban MTTQ Việt Nam" Level: "uy" "ban" "mttq" "viet" "nam";
    "Ủy ban MTTQ" Level: "uy" "ban" "mttq";
    "Ủy ban" Field: "uy" "ban";
    "Ủy viên" Body: "uy" "vien";
    "Hội đồng nhân dân" Level: "hoi" "dong" "nhan" "dan";
    "Hội đồng nhân dân" Level: "hdnd";
    "Hội đồng Bộ trưởng" None: "hoi" "dong" "bo" "truong";
    "Hội đồng Chính phủ" None: "hoi" "dong" "chinh" "phu";
    "Hội đồng Thẩm phán" Body: "hoi" "dong" "tham" "phan";
    "Tòa án nhân dân tối cao" None: "toa" "an" "nhan" "dan" "toi" "cao";
    "Tòa án nhân dân" Level: "toa" "an" "nhan" "dan";
    "Viện kiểm sát nhân dân tối cao" None: "vien" "kiem" "sat" "nhan" "dan" "toi" "cao";
    "Viện kiểm sát nhân dân" Level: "vien" "kiem" "sat" "nhan" "dan";
    "Viện trưởng" Body: "vien" "truong";
    "Chánh án" Body: "chanh" "an";
    "Chánh Văn phòng" Body: "chanh" "van" "phong";
    "Chánh Thanh tra" Level: "chanh" "thanh" "tra";
    "Chủ tịch nước" None: "chu" "tich" "nuoc";
    "Chủ tịch Hội đồng Bộ trưởng" None: "chu" "tich" "hoi" "dong" "bo" "truong";
    "Chủ tịch" Body: "chu" "tich";
    "Chủ nhiệm" Body: "chu" "nhiem";
    "Phó Chủ tịch" Body: "pho" "chu" "tich";
    "Phó Thủ tướng Chính phủ" None: "pho" "thu" "tuong" "chinh" "phu";
    "Chính phủ" None: "chinh" "phu";
    "Thủ tướng Chính phủ" None: "thu" "tuong" "chinh" "phu";
    "Thủ tướng" None: "thu" "tuong";
    "Quốc hội" None: "quoc" "hoi";
    "Tổng Thanh tra Chính phủ" None: "tong" "thanh" "tra" "chinh" "phu";
    "Tổng Kiểm toán Nhà nước" None: "tong" "kiem" "toan" "nha" "nuoc";
    "Tổng Liên đoàn Lao động Việt Nam" None: "tong" "lien" "doan" "lao" "dong" "viet" "nam";
    "Tổng cục" Field: "tong" "cuc";
    "Tổng cục trưởng" Body: "tong" "cuc" "truong";
    "Thanh tra Chính phủ" None: "thanh" "tra" "chinh" "phu";
    "Thanh tra" Level: "thanh" "tra";
    "Kiểm toán Nhà nước" None: "kiem" "toan" "nha" "nuoc";
    "Thống đốc Ngân hàng Nhà nước" Country: "thong" "doc" "ngan" "hang" "nha" "nuoc";
    "Ngân hàng Nhà nước" Country: "ngan" "hang" "nha" "nuoc";
    "Bảo hiểm xã hội Việt Nam" None: "bao" "hiem" "xa" "hoi" "viet" "nam";
    "Bảo hiểm xã hội" Level: "bao" "hiem" "xa" "hoi";
    "Giám đốc" Body: "giam" "doc";
    "Trưởng ban" Body: "truong" "ban";
    "Chi cục trưởng" Body: "chi" "cuc" "truong";
    "Chi cục" Field: "chi" "cuc";
    "Trưởng phòng" Body: "truong" "phong";
    "Hiệu trưởng" Body: "hieu" "truong";
    "Phòng" Field: "phong";
    "Trung tâm" Field: "trung" "tam";
    "Cục trưởng" Body: "cuc" "truong";
    "Cục" Field: "cuc";
    "Sở" Field: "so";
    "Đoàn kiểm tra" None: "doan" "kiem" "tra";
    "Đoàn giám sát" None: "doan" "giam" "sat";
    "Đảng đoàn" Body: "dang" "doan";
    "Đảng ủy Khối" Field: "dang" "uy" "khoi";
    "Đảng ủy các cơ quan Đảng" Level: "dang" "uy" "cac" "co" "quan" "dang";
    "Liên đoàn Lao động" Level: "lien" "doan" "lao" "dong";
    "Hội Nông dân" Level: "hoi" "nong" "dan";
    "Hội Cựu chiến binh" Level: "hoi" "cuu" "chien" "binh";
    "Hội Liên hiệp Phụ nữ" Level: "hoi" "lien" "hiep" "phu" "nu";
    "Đại hội đại biểu Đảng bộ" Level: "dai" "hoi" "dai" "bieu" "dang" "bo";
    "Đoàn đại biểu Quốc hội" Level: "doan" "dai" "bieu" "quoc" "hoi";
    "Đảng ủy" Level: "dang" "uy";
    "Đảng bộ" Level: "dang" "bo";
    "Tỉnh ủy" Name: "tinh" "uy";
    "Thành ủy" Name: "thanh" "uy";
    "Huyện ủy" Name: "huyen" "uy";
    "Quận ủy" Name: "quan" "uy";
    "Thị ủy" Name: "thi" "uy";
    "Tỉnh đoàn" Name: "tinh" "doan";
    "Thành đoàn" Name: "thanh" "doan";
    "Công an" Level: "cong" "an";
};

/// The bodies by their first words, in their order.
static FIRST: LazyLock<FxHashMap<u64, Vec<&Body>>> = LazyLock::new(|| by_word(0));

/// The bodies by their second words, in their order.
static SECOND: LazyLock<FxHashMap<u64, Vec<&Body>>> = LazyLock::new(|| by_word(1));

fn by_word(n: usize) -> FxHashMap<u64, Vec<&'static Body>> {
    let mut table: FxHashMap<u64, Vec<&Body>> = FxHashMap::default();
    for body in BODIES {
        if let Some(word) = body.words.get(n) {
            table.entry(*word).or_default().push(body);
        }
    }
    table
}

/// Levels of administration, as they follow a body.
static LEVELS: &[(u64, &[&str], &str)] = &[
    (key("thanh"), &["thành", "phố"], "thành phố"),
    (key("tp"), &["tp"], "thành phố"),
    (key("tinh"), &["tỉnh"], "tỉnh"),
    (key("huyen"), &["huyện"], "huyện"),
    (key("quan"), &["quận"], "quận"),
    (key("thi"), &["thị", "xã"], "thị xã"),
    (key("thi"), &["thị", "trấn"], "thị trấn"),
    (key("xa"), &["xã"], "xã"),
    (key("phuong"), &["phường"], "phường"),
    (key("dac"), &["đặc", "khu"], "đặc khu"),
];

/// Words that begin a new part of the page, never a place name.
fn begins_part(page: &Page<'_>, n: usize) -> bool {
    const PARTS: [u64; 17] = [
        key("dieu"),
        key("chuong"),
        key("phan"),
        key("muc"),
        key("noi"),
        key("can"),
        key("theo"),
        key("quyet"),
        key("phu"),
        key("xet"),
        key("thuc"),
        key("ban"),
        key("uy"),
        key("kinh"),
        key("va"),
        key("khoa"),
        key("hoi"),
    ];
    PARTS.contains(&page.word(n))
}

/// Passes over a proper name: `Hải Phòng`, `Sông Thao`.
fn name_end(page: &Page<'_>, n: usize) -> usize {
    let mut at = n;
    while at < n + 5 {
        let Some(token) = page.get(at) else { break };
        if token.kind != Kind::Word || !token.upper {
            break;
        }
        if token.lines > 0 && (begins_part(page, at) || token.caps || token.lines > 1) {
            break;
        }
        if token.caps && token.end - token.start > 1 && at > 0 && !page.tokens[at - 1].caps {
            break;
        }
        at += 1;
    }
    at
}

fn level(page: &Page<'_>, n: usize) -> Option<(&'static str, usize)> {
    let first = page.word(n);
    let (_, words, name) = LEVELS
        .iter()
        .find(|(key, words, _)| *key == first && words.iter().enumerate().all(|(k, word)| page.said(n + k, &[word])))?;
    let mut at = n + words.len();
    if page.mark(at, '.') && words[0] == "tp" {
        at += 1;
    }
    Some((name, name_end(page, at)))
}

/// The spelling of a word as a record has it: `Uỷ` → `Ủy`, `hoá` → `hóa`.
fn spelt(word: &str) -> String {
    old_tone_placement(word)
}

fn one(page: &Page<'_>, n: usize) -> Option<&'static Body> {
    let first = page.word(n);
    if first == 0 {
        return None;
    }
    let mut best: Option<&Body> = None;
    for body in FIRST.get(&first).into_iter().flatten().copied() {
        let fits = page.phrase(n, body.words) || (body.name.contains([',', '-']) && dashed(page, n, body.words));
        if fits && best.is_none_or(|best| best.words.len() < body.words.len()) {
            best = Some(body);
        }
    }
    best.or_else(|| mended(page, n))
}

/// A body whose first word was misread: `B Chính trị`, `Bùn Chấp hành Trung ương`.
fn mended(page: &Page<'_>, n: usize) -> Option<&'static Body> {
    let token = page.get(n)?;
    let printed = page.str(n).chars().count();
    if token.kind != Kind::Word || printed > 4 {
        return None;
    }
    let alike = SECOND.get(&page.word(n + 1))?.iter().copied();
    alike.filter(|body| body.words.len() >= 3 && page.phrase(n + 1, &body.words[1..])).find(|body| {
        let first = body.name.chars().next().map(|c| c.to_ascii_lowercase());
        let close = page.str(n).chars().next().map(|c| c.to_ascii_lowercase()) == first;
        close || (printed <= 2 && body.name == "Bộ Chính trị")
    })
}

/// The words stand here with a dash or comma somewhere between: `Kinh tế - Ngân sách`.
fn dashed(page: &Page<'_>, n: usize, words: &[u64]) -> bool {
    dashed_end(page, n, words).is_some()
}

fn dashed_end(page: &Page<'_>, n: usize, words: &[u64]) -> Option<usize> {
    let mut at = n;
    for word in words {
        if page.mark_of(at, "-–,") {
            at += 1;
        }
        if page.word(at) != *word {
            return None;
        }
        at += 1;
    }
    Some(at)
}

/// `Tỉnh ty`, `Thành iy`: a committee of the Party whose second word was misread.
fn committee(page: &Page<'_>, n: usize) -> Option<(&'static str, usize)> {
    let name = match page.word(n) {
        k if k == key("tinh") => "Tỉnh ủy",
        k if k == key("thanh") => "Thành ủy",
        k if k == key("huyen") => "Huyện ủy",
        _ => return None,
    };
    let second = page.get(n + 1)?;
    let read = page.str(n + 1);
    let misread = second.kind == Kind::Word && !second.upper && second.lines == 0 && read.chars().count() <= 3;
    let upper = page.tokens[n].upper;
    (upper && misread && read.to_lowercase().ends_with(['y', 'ý', 'ỷ', 'ỳ', 'ỵ', 'ỹ'])).then_some((name, n + 2))
}

/// One body at token `n`: its canonical name and the token after it.
fn body(page: &Page<'_>, n: usize, depth: usize) -> Option<(String, usize)> {
    if depth > 3 {
        return None;
    }
    let body = one(page, n)?;
    let mut at = dashed_end(page, n, body.words).unwrap_or(n + body.words.len());
    let mut name = body.name.to_owned();
    match body.tail {
        Tail::None => {
            if body.name == "Bộ Chính trị"
                && page.mark(at, ',')
                && page.phrase(at + 1, &[key("ban"), key("bi"), key("thu")])
            {
                name.push_str(", Ban Bí thư");
                at += 4;
            }
        }
        Tail::Level => {
            if let Some((word, end)) = level(page, at) {
                name.push(' ');
                name.push_str(word);
                at = end;
            } else if body.name == "Đảng ủy" {
                if let Some((inner, end)) = self::body(page, at, depth + 1) {
                    name.push(' ');
                    name.push_str(&inner);
                    at = end;
                } else if let Some((word, end)) = field(page, at) {
                    name.push(' ');
                    name.push_str(&word);
                    at = end;
                }
            } else {
                at = name_end(page, at);
            }
        }
        Tail::Body => {
            if let Some((committee, end)) = committee(page, at) {
                name.push(' ');
                name.push_str(committee);
                at = end;
            } else if let Some((inner, end)) = self::body(page, at, depth + 1) {
                name.push(' ');
                name.push_str(&inner);
                at = end;
            } else if let Some((word, end)) = level(page, at) {
                name.push(' ');
                name.push_str(word);
                at = end;
            } else if let Some((word, end)) = field(page, at) {
                name.push(' ');
                name.push_str(&word);
                at = end;
            }
        }
        Tail::Field => {
            let (word, end) = field(page, at)?;
            name.push(' ');
            name.push_str(&word);
            at = end;
            if let Some((_, end)) = level(page, at) {
                at = end;
            }
        }
        Tail::Party => {
            for words in
                [&[key("trung"), key("uong")][..], &[key("dang")], &[key("cong"), key("san"), key("viet"), key("nam")]]
            {
                if page.phrase(at, words) {
                    at += words.len();
                }
            }
        }
        Tail::Country => {
            if page.phrase(at, &[key("viet"), key("nam")]) {
                at += 2;
            }
        }
        Tail::Name => at = name_end(page, at),
    }
    Some((name, at))
}

/// The body or bodies at token `n`: canonical, several joined by `; `, and the token after them.
///
/// Takes `UBND tỉnh Sông Thao`, `Bộ Tài chính và Bộ Tư pháp`, `Ban Thường vụ Thành uỷ`;
/// refuses what does not begin with a capital, and `Bộ` or `Sở` without a field.
pub(crate) fn at(page: &Page<'_>, n: usize) -> Option<(String, usize)> {
    if !page.get(n)?.upper && mended(page, n).is_none() {
        return None;
    }
    let (name, end) = body(page, n, 0)?;
    let mut names = vec![name];
    let (mut whole, mut at, mut listed) = (end, end, false);
    for _ in 0..6 {
        // After a comma a body may as well be the subject of what follows; only an *và* closes a list of senders.
        let closes = page.word(at) == key("va") || page.mark_of(at, "-–");
        if !closes && !page.mark(at, ',') {
            break;
        }
        let next = at + 1;
        if !page.get(next).is_some_and(|token| token.upper && token.lines < 2) || super::kinds::at(page, next).is_some()
        {
            break;
        }
        let Some((other, after)) = body(page, next, 0) else { break };
        names.push(other);
        at = after;
        if closes {
            whole = after;
            listed = true;
            break;
        }
    }
    if !listed {
        names.truncate(1);
    }
    Some((names.join("; "), whole))
}

/// Codes that a committee of the Party ends its numbers with, by the last word of its name.
const COMMITTEES: [(&str, &[&str]); 6] = [
    ("Tỉnh ủy", &["TU"]),
    // The committee of a town that belongs to a province writes either.
    ("Thành ủy", &["TU", "ThU"]),
    ("Huyện ủy", &["HU"]),
    ("Quận ủy", &["QU"]),
    ("Thị ủy", &["ThU", "TU"]),
    ("Ban Chấp hành Đảng bộ tỉnh", &["TU"]),
];

/// The code that a number should have, where the body that issued it cannot have the one it has.
pub(crate) fn contradicts(code: &str, issuer: &str) -> Option<String> {
    let central = matches!(
        issuer,
        "Bộ Chính trị"
            | "Ban Bí thư"
            | "Ban Chấp hành Trung ương"
            | "Bộ Chính trị, Ban Bí thư"
            | "Văn phòng Trung ương Đảng"
    );
    let expected: &[&str] = if central {
        &["TW"]
    } else if let Some((_, codes)) = COMMITTEES.iter().find(|(tail, _)| issuer.ends_with(tail)) {
        codes
    } else if issuer.ends_with("Ban Chấp hành Đảng bộ thành phố") {
        &["TU", "ThU"]
    } else {
        return None;
    };
    let level = ["ThU", "TW", "TU", "HU", "QU"].into_iter().find(|level| code.ends_with(level))?;
    let office = &code[..code.len() - level.len()];
    // The letters before the level name an office; `NLĐTBXHTU` may be anything.
    let known = ["", "VP", "BTC", "BTG", "BTGDV", "BDV", "BNC", "UBKT", "BKT"].contains(&office);
    (known && !expected.contains(&level)).then(|| format!("{office}{}", expected[0]))
}

/// The code that a State number should have, where the one it has can only be another body's.
///
/// `QĐ-TTg` said to be of the Government is loose speech and no misprint.
pub(crate) fn state_code(code: &str, issuer: &str, kind: Option<&str>) -> Option<&'static str> {
    let party = matches!(code, "TW" | "TU" | "HU" | "QU");
    match issuer {
        "Thủ tướng Chính phủ" if party => Some("TTg"),
        "Chính phủ" if party => Some("CP"),
        body if body.starts_with("Ủy ban nhân dân") && (party || code == "HĐND" && kind == Some("QĐ")) => {
            Some("UBND")
        }
        body if body.starts_with("Hội đồng nhân dân") && (party || code == "UBND" && kind == Some("NQ")) => {
            Some("HĐND")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_lose_their_locality_and_keep_their_level() {
        for (text, right) in [
            ("Ban Thường vụ Thành uỷ khoá XIV", "Ban Thường vụ Thành ủy"),
            ("UBND tỉnh Sông Thao", "Ủy ban nhân dân tỉnh"),
            ("Uỷ ban nhân dân\nthành phố Hải Phòng", "Ủy ban nhân dân thành phố"),
            ("Chủ tịch Ủy ban nhân dân tỉnh về", "Chủ tịch Ủy ban nhân dân tỉnh"),
            ("Ban Bí thư Trung ương Đảng khoá X", "Ban Bí thư"),
            ("Ban Chấp hành Trung ương Đảng khóa IX", "Ban Chấp hành Trung ương"),
            ("Bộ Chính trị, Ban Bí thư về", "Bộ Chính trị, Ban Bí thư"),
            ("Bộ Tài chính và Bộ Tư pháp", "Bộ Tài chính; Bộ Tư pháp"),
            ("Bộ trưởng Bộ Giáo\ndục và Đào tạo quy định", "Bộ trưởng Bộ Giáo dục và Đào tạo"),
            ("Bộ Văn hóa, Thể thao và Du lịch", "Bộ Văn hóa, Thể thao và Du lịch"),
            ("Bộ Lao động - Thương binh và Xã hội hướng dẫn", "Bộ Lao động - Thương binh và Xã hội"),
            ("Giám đốc Sở Nội vụ và Giám đốc Sở Tài chính tại", "Giám đốc Sở Nội vụ; Giám đốc Sở Tài chính"),
            ("Ban Kinh tế - Ngân sách Hội đồng\nnhân dân tỉnh", "Ban Kinh tế - Ngân sách Hội đồng nhân dân tỉnh"),
            ("Đảng ủy phường Vân Phú", "Đảng ủy phường"),
            ("Văn phòng Trung ương Đảng", "Văn phòng Trung ương Đảng"),
            ("Chánh Thanh tra tỉnh", "Chánh Thanh tra tỉnh"),
            ("Ngân hàng Nhà nước Việt Nam", "Ngân hàng Nhà nước"),
        ] {
            assert_eq!(at(&Page::new(text), 0).map(|(name, _)| name).as_deref(), Some(right), "{text}");
        }
    }
}
