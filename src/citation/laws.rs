//! Acts cited by name: where the name of a law ends, and what else is called by name alone.

mod names;

use super::date;
use super::page::{Kind, Page, key};
use names::NAMES;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// A listed name and its folded words.
type Name = (&'static str, Vec<u64>);

static ENDS: LazyLock<FxHashMap<u64, Vec<Name>>> = LazyLock::new(|| {
    let mut table: FxHashMap<u64, Vec<Name>> = FxHashMap::default();
    for name in NAMES.split(['|', '\n']).filter(|name| !name.is_empty()) {
        let page = Page::new(name);
        let words: Vec<u64> = (0..page.len()).map(|n| page.word(n)).filter(|word| *word != 0).collect();
        table.entry(words[0]).or_default().push((name, words));
    }
    table
});

/// The end of the longest listed name that begins at token `n`; commas and dashes between the words do not matter.
fn listed(page: &Page<'_>, n: usize) -> Option<usize> {
    let names = ENDS.get(&page.word(n))?;
    names.iter().filter_map(|(_, words)| fit(page, n, words, 0)).max()
}

/// The listed name of five words or more that stands at token `n` but for one misread word, and its end.
fn damaged(page: &Page<'_>, n: usize) -> Option<(&'static str, usize)> {
    let names = ENDS.get(&page.word(n))?;
    names
        .iter()
        .filter(|(_, words)| words.len() >= 5)
        .filter_map(|(name, words)| fit(page, n, words, 1).map(|end| (*name, end)))
        .max_by_key(|(_, end)| *end)
}

/// The end of these words at token `n`, with so many of them misread.
fn fit(page: &Page<'_>, n: usize, words: &[u64], misread: usize) -> Option<usize> {
    let mut at = n;
    let mut left = misread;
    let mut k = 0;
    while k < words.len() {
        if k > 0 && page.mark_of(at, ",-–") {
            at += 1;
        }
        if page.word(at) == words[k] {
            at += 1;
            k += 1;
            continue;
        }
        // A misread word may have fallen into pieces: the next word of the name must follow soon.
        let next = *words.get(k + 1)?;
        if left == 0 || k == 0 || page.mark_of(at, ".;:,()“”") {
            return None;
        }
        at = (at + 1..at + 4).find(|later| page.word(*later) == next)?;
        left -= 1;
        k += 1;
    }
    Some(at)
}

/// The listed name whose first word was read with a figure in it: `T4 cáo` for `Tố cáo`.
fn garbled(page: &Page<'_>, n: usize) -> Option<(&'static str, usize)> {
    let read = page.str(n);
    if !read.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let first = read.chars().next()?;
    let names = ENDS
        .values()
        .flatten()
        .filter(|(name, words)| words.len() >= 2 && name.starts_with(first) && page.phrase(n + 1, &words[1..]));
    names.map(|(name, words)| (*name, n + words.len())).max_by_key(|(name, end)| (*end, std::cmp::Reverse(*name)))
}

/// The listed name at token `n` where one word of it is misread: what it should be, and its end.
pub(crate) fn mended(page: &Page<'_>, n: usize) -> Option<(&'static str, usize)> {
    if page.get(n)?.upper
        && let Some(found) = garbled(page, n)
    {
        return Some(found);
    }
    if page.get(n)?.upper
        && listed(page, n).is_none_or(|end| damaged(page, n).is_some_and(|(_, other)| other > end + 1))
    {
        damaged(page, n)
    } else {
        None
    }
}

/// Whether a listed name begins at token `n`.
pub(crate) fn is_listed(page: &Page<'_>, n: usize) -> bool {
    listed(page, n).is_some()
}

/// Words that end an unlisted name.
static ENDING: &[u64] = &[
    key("ngay"),
    key("nam"),
    key("so"),
    key("duoc"),
    key("va"),
    key("co"),
    key("ve"),
    key("theo"),
    key("tai"),
    key("thi"),
    key("la"),
    key("nay"),
    key("de"),
    key("trong"),
    key("cung"),
    key("tuy"),
    key("khi"),
    key("voi"),
    key("cho"),
    key("phai"),
    key("da"),
    key("hien"),
    key("moi"),
    key("cua"),
    key("hoac"),
    key("den"),
    key("tu"),
    key("bang"),
    key("tren"),
    key("nen"),
    key("do"),
    key("vao"),
    key("bi"),
    key("khong"),
    key("ma"),
    key("cac"),
    key("het"),
];

/// Whether the word at token `n` ends an unlisted name: `từ` does, the `tư` of `đầu tư` and the `Nam` of `Việt Nam` do not.
fn ends_name(page: &Page<'_>, n: usize) -> bool {
    const TWOFOLD: [(u64, &str); 7] = [
        (key("tu"), "từ"),
        (key("tai"), "tại"),
        (key("nam"), "năm"),
        (key("bang"), "bằng"),
        (key("hien"), "hiện"),
        (key("den"), "đến"),
        (key("do"), "do"),
    ];
    let word = page.word(n);
    if !ENDING.contains(&word) || page.phrase_before(n + 1, &[key("viet"), key("nam")]) && page.tokens[n].upper {
        return false;
    }
    TWOFOLD.iter().find(|(key, _)| *key == word).is_none_or(|(_, said)| page.said(n, &[said]))
}

/// Small words that follow *Luật* where no name follows.
static NO_NAME: &[u64] = &[
    key("nay"),
    key("su"),
    key("gia"),
    key("khoa"),
    key("phap"),
    key("hoc"),
    key("va"),
    key("duoc"),
    key("co"),
    key("thi"),
    key("cua"),
    key("do"),
    key("trong"),
    key("da"),
    key("la"),
    key("tren"),
    key("moi"),
    key("hien"),
    key("cu"),
    key("tuc"),
    key("le"),
    key("choi"),
    key("dinh"),
    key("phai"),
    key("khac"),
    key("rieng"),
    key("chung"),
    key("tai"),
    key("thuong"),
    key("lien"),
    key("tren"),
    key("so"),
    key("nam"),
    key("ngay"),
    key("theo"),
];

const LUAT: u64 = key("luat");
const BO: u64 = key("bo");
const PHAP: u64 = key("phap");

fn unlisted(page: &Page<'_>, n: usize) -> Option<usize> {
    let first = page.get(n)?;
    if first.kind != Kind::Word || first.lines > 1 {
        return None;
    }
    // `Luật⏎Nghị định`, `thi hành Luật⏎Chính phủ quy định`: the next cell, the next sentence.
    let body = [[key("chinh"), key("phu")], [key("quoc"), key("hoi")], [key("thu"), key("tuong")]];
    if super::kinds::at(page, n).is_some() || body.iter().any(|words| page.phrase(n, words)) {
        return None;
    }
    // Written small, a name must be proved by the year or number behind it.
    if !first.upper && !proved(page, n) {
        return None;
    }
    let mut at = n + 1;
    while at < n + 14 {
        let Some(token) = page.get(at) else { break };
        if token.kind != Kind::Word || token.lines > 1 {
            break;
        }
        let act = token.upper && (super::kinds::at(page, at).is_some() || token.key == LUAT);
        let rule = token.key == key("quy") && page.word(at + 1) == key("dinh");
        let since = token.key == key("ke") && page.said(at + 1, &["từ"]);
        // `Khai thác và bảo vệ công trình thủy lợi ngày …`
        let goes_on = token.key == key("va")
            && page.get(at + 1).is_some_and(|next| !next.upper && next.lines < 2)
            && page.word(at + 1) != key("cac")
            && proved(page, at + 1);
        if act || rule || since || ends_name(page, at) && !goes_on {
            break;
        }
        at += 1;
    }
    Some(at)
}

/// Whether nothing but plain words lies between token `n` and a `năm 2004`, `số 12`, `ngày 04`.
fn proved(page: &Page<'_>, n: usize) -> bool {
    for at in n..n + 9 {
        let Some(token) = page.get(at) else { return false };
        if token.kind != Kind::Word || token.lines > 1 || super::kinds::at(page, at).is_some() {
            return false;
        }
        let figures = page.number(at + 1);
        match token.key {
            k if k == key("nam") && figures.is_some_and(|year| (1940..2100).contains(&year)) => return at > n,
            k if [key("so"), key("ngay")].contains(&k) && figures.is_some() => return at > n,
            k if NO_NAME.contains(&k) && at == n => return false,
            k if [key("duoc"), key("co"), key("tai"), key("cua"), key("tu"), key("hieu")].contains(&k) => return false,
            _ => {}
        }
    }
    false
}

/// The end of the name of a law whose type word ends before token `n`.
///
/// `Khiếu nại, tố cáo` → all of it; `Đất đai, bảo đảm …` → `Đất đai`;
/// `sửa đổi, bổ sung một số điều của Luật A và Luật B` → all of it. `None` for a bare *Luật*.
pub(crate) fn name_end(page: &Page<'_>, n: usize) -> Option<usize> {
    let first = page.get(n)?;
    if first.kind != Kind::Word || first.lines > 2 {
        return None;
    }
    let amends = first.key == key("sua") && page.word(n + 1) == key("doi")
        || first.key == key("bo") && page.word(n + 1) == key("sung") && page.word(n + 2) == key("mot");
    if amends {
        return amending_end(page, n);
    }
    if let Some(end) = listed(page, n) {
        // `Luật sư` is a person unless it is the law on them, `Luật giá` a price.
        let short = end == n + 1 && !first.upper;
        if !short {
            return Some(end);
        }
    }
    if NO_NAME.contains(&first.key) && !first.upper {
        return None;
    }
    unlisted(page, n).filter(|_| !NO_NAME.contains(&first.key) || page.get(n + 1).is_some_and(|t| t.kind == Kind::Word))
}

/// The token behind *Luật*, *Bộ luật* or *Pháp lệnh* at `n`.
fn behind_law_word(page: &Page<'_>, n: usize) -> Option<usize> {
    match page.word(n) {
        LUAT => Some(n + 1),
        BO if page.word(n + 1) == LUAT => Some(n + 2),
        PHAP if page.word(n + 1) == key("lenh") => Some(n + 2),
        _ => None,
    }
}

/// `sửa đổi, bổ sung một số điều của Luật A (và Luật B)`, `… của Pháp lệnh A`: the end of the last name inside.
fn amending_end(page: &Page<'_>, n: usize) -> Option<usize> {
    let mut at = n;
    while at < n + 16 {
        if page.mark_of(at, ".;:()“\"") {
            return None;
        }
        if behind_law_word(page, at).is_some() {
            break;
        }
        at += 1;
    }
    let ordinance = page.word(at) == PHAP;
    let first = at;
    let at = behind_law_word(page, at)? - 1;
    // `của các luật liên quan đến đầu tư xây dựng cơ bản`, `của các Luật về thuế`.
    if !ordinance && (page.word(first - 1) == key("cac") || page.number(first - 1).is_some()) {
        let mut end = at + 1;
        while end < at + 12 && page.get(end).is_some_and(|token| token.kind == Kind::Word && token.lines <= 1) {
            let loose = [key("ve"), key("den"), key("trong"), key("do"), key("co")].contains(&page.word(end));
            if ends_name(page, end) && !loose || page.get(end).is_some_and(|token| token.upper) {
                break;
            }
            end += 1;
        }
        if end > at + 1 {
            return Some(end);
        }
    }
    let mut end = listed(page, at + 1).or_else(|| unlisted(page, at + 1))?;
    loop {
        let mut next = end;
        if page.word(next) != key("va") && !(page.mark(next, ',') && listing_goes_on(page, next)) {
            break;
        }
        next += 1;
        let Some(name) = behind_law_word(page, next) else { break };
        let capital = if page.word(next) == PHAP { next } else { name - 1 };
        if !page.get(capital).is_some_and(|token| token.upper) {
            break;
        }
        match listed(page, name).or_else(|| unlisted(page, name)) {
            Some(after) => end = after,
            None => break,
        }
    }
    Some(end)
}

/// From a comma on, laws follow one another until an *và Luật*.
fn listing_goes_on(page: &Page<'_>, comma: usize) -> bool {
    for at in comma..comma + 60 {
        if at >= page.len() || page.mark_of(at, ".;:()“") {
            return false;
        }
        if page.word(at) == key("va") && page.word(at + 1) == LUAT && page.tokens[at + 1].upper {
            return true;
        }
        if page.mark(at, ',')
            && page.word(at + 1) != LUAT
            && page.word(at + 1) != BO
            && page.tokens.get(at + 1).is_some_and(|token| token.upper)
        {
            return false;
        }
    }
    false
}

/// What an act cited by name is: its type, where its name ends, its body and term.
pub(crate) struct Named {
    pub(crate) end: usize,
    /// Tokens of the issuing body inside the name, as in `Quy chế làm việc của …`.
    pub(crate) issuer_at: Option<usize>,
}

/// `Điều lệ Đảng (Cộng sản Việt Nam)`, `Điều lệ Hội Cựu chiến binh Việt Nam` at the token after *Điều lệ*.
pub(crate) fn charter_end(page: &Page<'_>, n: usize) -> Option<usize> {
    let first = page.get(n)?;
    if first.kind != Kind::Word || !first.upper || first.lines > 2 {
        return None;
    }
    if first.key == key("dang") {
        if page.phrase(n + 1, &[key("cong"), key("san"), key("viet"), key("nam")]) {
            return Some(n + 5);
        }
        return Some(n + 1);
    }
    const BODIES: [u64; 8] =
        [key("hoi"), key("doan"), key("cong"), key("lien"), key("mat"), key("tong"), key("doi"), key("hiep")];
    let company = page.word(n + 1) == key("ty") || first.key == key("tong") && page.word(n + 1) != key("lien");
    if !BODIES.contains(&first.key) || company {
        return None;
    }
    let mut end = n + 1;
    while end < n + 14 {
        let Some(token) = page.get(end) else { break };
        if token.kind != Kind::Word || token.lines > 1 {
            break;
        }
        end += 1;
        if page.phrase_before(end, &[key("viet"), key("nam")]) || page.phrase_before(end, &[key("chi"), key("minh")]) {
            return Some(end);
        }
    }
    // Without the country the known bodies still end where their own names end.
    const SHORT: [&[u64]; 7] = [
        &[key("cong"), key("doan")],
        &[key("doan"), key("thanh"), key("nien")],
        &[key("hoi"), key("nong"), key("dan")],
        &[key("hoi"), key("cuu"), key("chien"), key("binh")],
        &[key("hoi"), key("lien"), key("hiep"), key("phu"), key("nu")],
        &[key("hoi"), key("chu"), key("thap"), key("do")],
        &[key("mat"), key("tran"), key("to"), key("quoc")],
    ];
    SHORT.iter().find(|words| page.phrase(n, words)).map(|words| n + words.len())
}

fn ordinal(page: &Page<'_>, n: usize) -> bool {
    match page.get(n) {
        Some(token) if token.kind == Kind::Number => token.key < 100,
        Some(token) if token.kind == Kind::Word => token.caps && date::roman(page.str(n)) > 0,
        _ => false,
    }
}

/// `Nghị quyết Đại hội … lần thứ XVI`, `Nghị quyết Trung ương 7 khóa XI` at the token after the type word.
pub(crate) fn congress_end(page: &Page<'_>, n: usize) -> Option<usize> {
    let congress = page.phrase(n, &[key("dai"), key("hoi")]);
    let central = page.phrase(n, &[key("trung"), key("uong")]);
    let meeting = page.phrase(n, &[key("hoi"), key("nghi")]);
    if !congress && !central && !meeting {
        return None;
    }
    if central {
        let mut at = n + 2;
        if page.phrase(at, &[key("lan"), key("thu")]) {
            at += 2;
        }
        const SPELT: [u64; 13] = [
            key("mot"),
            key("hai"),
            key("ba"),
            key("tu"),
            key("bon"),
            key("nam"),
            key("sau"),
            key("bay"),
            key("tam"),
            key("chin"),
            key("muoi"),
            key("nhat"),
            key("nhi"),
        ];
        if !ordinal(page, at) && !SPELT.contains(&page.word(at)) {
            return None;
        }
        return Some(date::term(page, at + 1).filter(|_| !page.mark(at + 1, ',')).map_or(at + 1, |(_, end)| end));
    }
    // `Đại hội đồng cổ đông`, `Hội nghị chủ nợ` are others.
    const MEETINGS: [u64; 9] = [
        key("lan"),
        key("trung"),
        key("ban"),
        key("tinh"),
        key("thanh"),
        key("dang"),
        key("huyen"),
        key("quan"),
        key("hiep"),
    ];
    if congress && page.word(n + 2) == key("dong") || meeting && !MEETINGS.contains(&page.word(n + 2)) {
        return None;
    }
    let mut at = n + 2;
    let mut seen = None;
    while at < n + 22 {
        let Some(token) = page.get(at) else { break };
        let closes = token.kind == Kind::Mark && !matches!(token.key as u32 as u8 as char, '-');
        if closes || token.lines > 2 || token.key == key("nhiem") || token.key == key("cac") || token.key == key("ve") {
            break;
        }
        if ordinal(page, at) {
            seen = Some(at + 1);
            break;
        }
        if token.kind == Kind::Word
            && !token.upper
            && [key("va"), key("theo"), key("de"), key("tai")].contains(&token.key)
        {
            break;
        }
        at += 1;
    }
    let mut end = seen?;
    if meeting {
        // `Hội nghị Trung ương 4 khóa XI`, `Hội nghị lần thứ tám Ban Chấp hành Trung ương khóa XI`.
        if page.phrase(end, &[key("ban"), key("chap"), key("hanh"), key("trung"), key("uong")]) {
            end += 5;
            if page.word(end) == key("dang") {
                end += 1;
            }
        }
        return Some(date::term(page, end).filter(|_| !page.mark(end, ',')).map_or(end, |(_, end)| end));
    }
    // `Đại hội XIII của Đảng`, `Đại hội XVI Đảng bộ thành phố`.
    let mut tail = end;
    if page.word(tail) == key("cua") {
        tail += 1;
    }
    if page.phrase(tail, &[key("dang"), key("bo")]) {
        tail += 2;
        for words in [
            &[key("thanh"), key("pho")][..],
            &[key("tinh")],
            &[key("huyen")],
            &[key("quan")],
            &[key("xa")],
            &[key("phuong")],
        ] {
            if page.phrase(tail, words) {
                tail += words.len();
                break;
            }
        }
        end = tail;
    } else if page.word(tail) == key("dang") && page.tokens[tail].upper && tail > end {
        end = tail + 1;
    }
    Some(end)
}

/// `Quy chế làm việc của <body> khóa XIX` at the token after *Quy chế*.
pub(crate) fn working_rules(page: &Page<'_>, n: usize) -> Option<Named> {
    if !page.phrase(n, &[key("lam"), key("viec"), key("cua")]) {
        return None;
    }
    let issuer_at = n + 3;
    let (_, mut end) = super::issuer::at(page, issuer_at).or_else(|| {
        // `Quy chế làm việc của cấp ủy`.
        page.phrase(issuer_at, &[key("cap"), key("uy")]).then(|| (String::new(), issuer_at + 2))
    })?;
    if let Some((_, after)) = date::term(page, end) {
        end = after;
    }
    Some(Named { end, issuer_at: Some(issuer_at) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_laws_end_where_the_sentence_goes_on() {
        for (text, right) in [
            ("Khiếu nại, tố cáo ngày 02/12/1998", "Khiếu nại, tố cáo"),
            ("Khiếu nại, Luật Tố cáo", "Khiếu nại"),
            ("Đất đai, bảo đảm công khai", "Đất đai"),
            ("hòa giải, đối thoại tại tòa án.", "hòa giải, đối thoại tại tòa án"),
            ("Thực hiện dân chủ ở cơ sở năm 2022", "Thực hiện dân chủ ở cơ sở"),
            ("Bảo tồn vũ trụ được sửa đổi", "Bảo tồn vũ trụ"),
            (
                "sửa đổi, bổ sung một số điều của Luật Tổ chức Chính phủ và Luật Tổ chức chính quyền địa phương ngày",
                "sửa đổi, bổ sung một số điều của Luật Tổ chức Chính phủ và Luật Tổ chức chính quyền địa phương",
            ),
        ] {
            let page = Page::new(text);
            assert_eq!(name_end(&page, 0).map(|end| page.joined(0, end)).as_deref(), Some(right), "{text}");
        }
        for text in ["sư bào chữa", "này", "và các nghị định", "pháp"] {
            assert_eq!(name_end(&Page::new(text), 0), None, "{text}");
        }
    }

    #[test]
    fn congress_resolutions_need_an_ordinal() {
        for (text, right) in [
            ("Đại hội XIII của Đảng, Nghị quyết", Some("Đại hội XIII của Đảng")),
            (
                "Đại hội đại biểu Đảng bộ thành phố lần\nthứ XVI, nhiệm kỳ",
                Some("Đại hội đại biểu Đảng bộ thành phố lần thứ XVI"),
            ),
            ("Đại hội XVI Đảng bộ thành phố. Đề ra", Some("Đại hội XVI Đảng bộ thành phố")),
            ("Trung ương 7 khóa XI về", Some("Trung ương 7 khóa XI")),
            ("đại hội đảng bộ các cấp nhiệm kỳ 2020 - 2025", None),
        ] {
            let page = Page::new(text);
            assert_eq!(congress_end(&page, 0).map(|end| page.joined(0, end)).as_deref(), right, "{text}");
        }
    }
}
