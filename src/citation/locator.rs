//! Places in a document: `điểm a khoản 2 Điều 5`, `các Điều 5, 6 và 7`, `từ Điều 9 đến Điều 11`.
//!
//! A run of places is read as groups (a unit and its labels) and then expanded to single
//! places in canonical wording, each from the smallest unit outwards.

mod range;

use super::date::roman;
use super::page::{Kind, Page, key};
use range::range;

/// A unit of structure, smaller before larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unit {
    Item,
    Point,
    Clause,
    Article,
    Subsection,
    Section,
    Chapter,
    Part,
    Form,
    Annex,
}

impl Unit {
    fn word(self) -> &'static str {
        match self {
            Unit::Item => "tiết",
            Unit::Point => "điểm",
            Unit::Clause => "khoản",
            Unit::Article => "Điều",
            Unit::Subsection => "Tiểu mục",
            Unit::Section => "Mục",
            Unit::Chapter => "Chương",
            Unit::Part => "Phần",
            Unit::Form => "Mẫu",
            Unit::Annex => "Phụ lục",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    Adjacent,
    Comma,
    And,
}

struct Group {
    unit: Unit,
    labels: Vec<String>,
    /// How it hangs on the group before it.
    joint: Joint,
    /// `Điều này`.
    this: bool,
}

/// A run of places, read off the page.
pub(crate) struct Run {
    groups: Vec<Group>,
    /// First token, `các` and `từ` included.
    pub(crate) start: usize,
    /// The token after the run.
    pub(crate) end: usize,
    /// Ends in `Điều này`, `khoản này`: a place in the text itself.
    pub(crate) this: bool,
}

const CAC: u64 = key("cac");
const TU: u64 = key("tu");
const DEN: u64 = key("den");
const VA: u64 = key("va");
const HOAC: u64 = key("hoac");
const NAY: u64 = key("nay");
const SO: u64 = key("so");
const THU: u64 = key("thu");
const CUA: u64 = key("cua");

/// The unit word at `n` and the token after it. `điều` must not be `điều lệ`, `mục` not `mục tiêu`:
/// the label that has to follow sees to that.
pub(crate) fn unit_at(page: &Page<'_>, n: usize) -> Option<(Unit, usize)> {
    const DIEU: u64 = key("dieu");
    const KHOAN: u64 = key("khoan");
    const DIEM: u64 = key("diem");
    const TIET: u64 = key("tiet");
    const MUC: u64 = key("muc");
    const CHUONG: u64 = key("chuong");
    const PHAN: u64 = key("phan");
    const TIEU: u64 = key("tieu");
    const PHU: u64 = key("phu");
    const MAU: u64 = key("mau");
    const BIEU: u64 = key("bieu");
    let unit = match page.word(n) {
        DIEU => Unit::Article,
        KHOAN => Unit::Clause,
        DIEM => Unit::Point,
        TIET => Unit::Item,
        MUC => Unit::Section,
        CHUONG => Unit::Chapter,
        PHAN => Unit::Part,
        TIEU if page.word(n + 1) == MUC => return Some((Unit::Subsection, n + 2)),
        PHU if page.word(n + 1) == key("luc") => return Some((Unit::Annex, n + 2)),
        MAU if page.word(n + 1) == SO => return Some((Unit::Form, n + 1)),
        BIEU if page.phrase(n + 1, &[MAU, SO]) => return Some((Unit::Form, n + 2)),
        _ => return None,
    };
    (!in_a_word(page, n)).then_some((unit, n + 1))
}

/// Whether the word for a unit at `n` is the second syllable of another: `thời điểm`, `điều khoản`, `danh mục`;
/// not `tại khoản`, nor `Tài khoản 2 Điều 8`, which no account is.
fn in_a_word(page: &Page<'_>, n: usize) -> bool {
    const WORDS: [(u64, &[&str]); 5] = [
        (key("diem"), &["thời", "quan", "đặc", "địa", "trọng", "ưu", "khuyết", "nhược", "cao", "luận"]),
        (key("khoan"), &["điều", "tài"]),
        (key("muc"), &["danh", "chuyên", "hạng", "đề"]),
        (key("phan"), &["thành", "cổ", "bộ", "góp", "học", "đa"]),
        (key("tiet"), &["điều", "chi", "tình", "thời"]),
    ];
    let Some((token, before)) = page.get(n).zip(n.checked_sub(1)) else { return false };
    if token.lines > 0 || token.upper {
        return false;
    }
    let next = if page.mark(n + 2, ',') { n + 3 } else { n + 2 };
    let is_number = page.get(n + 1).is_some_and(|next| matches!(next.kind, Kind::Number));
    if token.key == key("khoan") && is_number && page.word(next) == key("dieu") {
        return false;
    }
    let words = WORDS.iter().find(|(unit, _)| *unit == token.key);
    words.is_some_and(|(_, first)| page.printed(before, first))
}

/// A label of this unit at `n`, and the token after it.
fn label(page: &Page<'_>, n: usize, unit: Unit, listed: bool) -> Option<(String, usize)> {
    let token = page.get(n)?;
    let text = page.str(n);
    match token.kind {
        Kind::Number if token.key < 2000 && text.len() <= 4 => {
            if matches!(unit, Unit::Chapter | Unit::Part) && listed {
                return None;
            }
            let mut end = n + 1;
            let mut out = text.to_owned();
            // `Mục 1.3`: parts that touch; `Điều 5. Khen` does not.
            while matches!(unit, Unit::Section | Unit::Point | Unit::Item | Unit::Form | Unit::Clause)
                && page.mark(end, '.')
                && page.get(end + 1).is_some_and(|next| {
                    matches!(next.kind, Kind::Number)
                        && next.start == page.tokens[end].end
                        && page.tokens[end].start == page.tokens[end - 1].end
                })
            {
                out.push('.');
                out.push_str(page.str(end + 1));
                end += 2;
            }
            // A fraction, a date or a share is no label.
            let next_touches = |c| page.mark(end, c) && page.tokens[end].start == page.tokens[end - 1].end;
            if page.mark(end, '%')
                || (next_touches('/') && unit != Unit::Form)
                || (listed && not_a_label_before(page, end))
            {
                return None;
            }
            Some((out, end))
        }
        Kind::Mixed if text.len() <= 6 => {
            let digits = text.trim_end_matches(char::is_alphabetic);
            let tail = &text[digits.len()..];
            let fits = !digits.is_empty() && digits.len() <= 3 && tail.chars().count() <= 2;
            (fits && unit != Unit::Chapter).then(|| (text.to_owned(), n + 1))
        }
        Kind::Word => word_label(page, n, unit),
        // A lone stroke before a larger unit or an act: `khoản | Điều 6`.
        Kind::Mark if text == "|" && matches!(unit, Unit::Article | Unit::Clause) && !listed => {
            let goes_on = unit_at(page, n + 1).is_some_and(|(larger, _)| larger > unit)
                || super::kinds::at(page, n + 1).is_some();
            goes_on.then(|| ("1".to_owned(), n + 1))
        }
        _ => None,
    }
}

/// What makes a number in a list a quantity: `Điều 5, 30 ngày làm việc`.
fn not_a_label_before(page: &Page<'_>, n: usize) -> bool {
    const MEASURES: [u64; 12] = [
        key("ngay"),
        key("thang"),
        key("nam"),
        key("nguoi"),
        key("dong"),
        key("trieu"),
        key("ty"),
        key("lan"),
        key("tuoi"),
        key("gio"),
        key("tinh"),
        key("xa"),
    ];
    MEASURES.contains(&page.word(n)) || page.mark(n, '-')
}

fn word_label(page: &Page<'_>, n: usize, unit: Unit) -> Option<(String, usize)> {
    let text = page.str(n);
    let letters = text.trim_end_matches(|c: char| c.is_ascii_digit());
    match unit {
        Unit::Point | Unit::Item => {
            let mut chars = letters.chars();
            let (one, more) = (chars.next()?, chars.next());
            let bracket = page.mark(n + 1, ')');
            let plain = (one.is_ascii_lowercase() && !matches!(one, 'f' | 'j' | 'w' | 'z')) || one == 'đ';
            let doubled = more == Some(one) && chars.next().is_none();
            if (more.is_none() || doubled) && (plain || (one.is_ascii_uppercase() && bracket)) {
                return Some((text.to_owned(), if bracket { n + 2 } else { n + 1 }));
            }
            // Sub-points: `tiết i`, `tiết (ii)`.
            (unit == Unit::Item && letters.bytes().all(|b| b == b'i' || b == b'v' || b == b'x'))
                .then(|| (text.to_owned(), n + 1))
        }
        Unit::Section | Unit::Chapter | Unit::Part | Unit::Annex | Unit::Form | Unit::Subsection => {
            if unit == Unit::Part && page.word(n) == THU {
                const ORDINALS: [u64; 11] = [
                    key("nhat"),
                    key("hai"),
                    key("nhi"),
                    key("ba"),
                    key("tu"),
                    key("nam"),
                    key("sau"),
                    key("bay"),
                    key("tam"),
                    key("chin"),
                    key("muoi"),
                ];
                return ORDINALS.contains(&page.word(n + 1)).then(|| (page.joined(n, n + 2), n + 2));
            }
            // `Phụ lục IT`, `Chương I1I`: strokes read as other letters.
            if text.len() <= 5
                && text.len() > 1
                && text.starts_with(['I', 'V', 'X'])
                && text.bytes().all(|b| b"IVXTl1".contains(&b))
            {
                let mended = text.replace(['T', 'l', '1'], "I");
                return (roman(&mended) > 0).then(|| (mended, n + 1));
            }
            let small = text.trim_end_matches(|c: char| c.is_lowercase());
            let tail = text.len() - small.len();
            if roman(small) > 0 && tail <= 2 {
                return Some((text.to_owned(), n + 1));
            }
            let one = text.len() == 1 && text.as_bytes()[0].is_ascii_uppercase();
            (one && matches!(unit, Unit::Section | Unit::Annex | Unit::Part)).then(|| (text.to_owned(), n + 1))
        }
        // `Điều l`, `khoản I`: the figure one.
        Unit::Article | Unit::Clause => matches!(text, "l" | "I").then(|| ("1".to_owned(), n + 1)),
    }
}

/// One group at `n` (at `từ` or the unit word), and the token after it.
fn group(page: &Page<'_>, n: usize, joint: Joint) -> Option<(Group, usize)> {
    let mut at = n;
    let leading = page.word(at) == TU;
    if leading {
        at += 1;
    }
    let (unit, mut at) = unit_at(page, at)?;
    if page.word(at) == NAY && !leading {
        return Some((Group { unit, labels: Vec::new(), joint, this: true }, at + 1));
    }
    let mut numbered = "";
    if page.word(at) == SO && page.get(at + 1).is_some_and(|token| token.kind != Kind::Word) {
        numbered = "số ";
        at += 1;
    }
    if page.word(at) == TU && unit_at(page, at + 1).is_none() && page.get(at + 1).is_some_and(|t| t.kind != Kind::Mark)
    {
        at += 1;
    }
    let opens = page.mark(at, '(') && unit == Unit::Item;
    let (first, mut at) = label(page, if opens { at + 1 } else { at }, unit, false)?;
    let mut labels = vec![format!("{numbered}{first}")];
    loop {
        if page.word(at) == DEN {
            let next = match unit_at(page, at + 1) {
                Some((same, next)) if same == unit => next,
                Some(_) => break,
                None => at + 1,
            };
            let Some((last, after)) = label(page, next, unit, next == at + 1) else { break };
            let first = labels.pop().expect("a group has a label");
            labels.extend(range(&first, &last));
            at = after;
            continue;
        }
        let joined = page.mark(at, ',') || page.word(at) == VA || page.word(at) == HOAC || page.mark(at, ';');
        if !joined {
            break;
        }
        let mut next = at + 1;
        if page.mark(at, ',') && (page.word(next) == VA || page.word(next) == HOAC) {
            next += 1;
        }
        let Some((more, after)) = label(page, next, unit, true) else { break };
        // `khoản 1, a khoản`: a bare letter follows letters only, a bare number follows numbers only.
        if same_sort(&labels[0], &more) && !(page.mark(at, ';') && page.tokens[next].lines > 0) {
            labels.push(more);
            at = after;
        } else {
            break;
        }
    }
    Some((Group { unit, labels, joint, this: false }, at))
}

fn same_sort(one: &str, other: &str) -> bool {
    let digit = |label: &str| label.trim_start_matches("số ").starts_with(|c: char| c.is_ascii_digit());
    digit(one) == digit(other)
}

/// The run of places that begins at token `n`, which is a unit word, `các` or `từ`.
pub(crate) fn parse(page: &Page<'_>, n: usize) -> Option<Run> {
    let start = n;
    let mut at = n;
    if page.word(at) == CAC || page.word(at) == key("nhung") {
        at += 1;
    }
    let (first, mut end) = group(page, at, Joint::Adjacent)?;
    let mut n_labels = first.labels.len();
    let mut groups = vec![first];
    while groups.len() < 200 && !groups.last().is_some_and(|group| group.this) {
        let mut next = end;
        let mut joint = Joint::Adjacent;
        if page.mark(next, ',') || page.mark(next, ';') {
            joint = Joint::Comma;
            next += 1;
        }
        if page.word(next) == VA || page.word(next) == HOAC {
            joint = Joint::And;
            next += 1;
        }
        if joint == Joint::Adjacent
            && (page.word(next) == CUA || page.word(next) == key("thuoc") || page.mark_of(next, "-–"))
        {
            next += 1;
        }
        // `Mẫu số 03 tại Phụ lục II`.
        if in_annex(page, next, groups.last()) {
            next += 1;
        }
        if page.word(next) == CAC {
            next += 1;
        }
        // A heading below, not a list: `… khoản 2⏎Điều 5. Trách nhiệm`.
        if begins_heading(page, next) {
            break;
        }
        let Some((more, after)) = group(page, next, joint) else { break };
        // A run that names more places than any act has is noise: it ends here.
        n_labels += more.labels.len();
        if n_labels > 400 {
            break;
        }
        let last = groups.last().expect("at least one");
        // Without a sign between them only a larger unit may follow.
        if more.joint == Joint::Adjacent && (more.unit <= last.unit || last.this) {
            break;
        }
        groups.push(more);
        end = after;
    }
    // `Mẫu số 02 (tại) Phụ lục ban hành kèm theo …`: an only annex has no label.
    let annex_at = end + usize::from(in_annex(page, end, groups.last()));
    let only_annex = unit_at(page, annex_at).filter(|(unit, _)| *unit == Unit::Annex).map(|(_, after)| after);
    if let Some(after) = only_annex
        && groups.last().is_some_and(|group| !group.this && group.unit < Unit::Annex)
        && (page.phrase(after, &[key("ban"), key("hanh"), key("kem")])
            || page.phrase(after, &[key("kem"), key("theo")]))
    {
        groups.push(Group { unit: Unit::Annex, labels: vec![String::new()], joint: Joint::Adjacent, this: false });
        end = after;
    }
    let this = groups.last().is_some_and(|group| group.this);
    Some(Run { groups, start, end, this })
}

/// `tại Phụ lục` behind a form.
fn in_annex(page: &Page<'_>, n: usize, last: Option<&Group>) -> bool {
    last.is_some_and(|group| group.unit == Unit::Form)
        && [key("tai"), key("trong"), key("o")].contains(&page.word(n))
        && unit_at(page, n + 1).is_some_and(|(unit, _)| unit == Unit::Annex)
}

/// `Điều 5.` or `Chương II` at the beginning of a line after the end of a sentence: the heading of a place, not a reference to it.
pub(crate) fn begins_heading(page: &Page<'_>, n: usize) -> bool {
    if !page.starts_line(n) {
        return false;
    }
    let Some((unit, after)) = unit_at(page, n) else { return false };
    let Some((_, end)) = label(page, after, unit, false) else { return false };
    let closed = n == 0 || page.mark_of(n - 1, ".;:!?”\"/)*") || page.tokens[n].lines > 1 || page.tokens[n - 1].caps;
    match unit {
        Unit::Article => page.mark(end, '.') || page.mark(end, ':') || (closed && page.starts_line(end)),
        Unit::Chapter | Unit::Part | Unit::Section | Unit::Subsection | Unit::Annex => {
            closed
                && (page.starts_line(end)
                    || page.mark_of(end, ".:-–")
                    || page.get(end).is_some_and(|token| token.caps)
                    || end >= page.len())
        }
        _ => false,
    }
}

impl Run {
    /// The largest unit named.
    pub(crate) fn widest(&self) -> Unit {
        self.groups.iter().map(|group| group.unit).max().unwrap_or(Unit::Item)
    }

    /// Whether the section at `n` lies in the clause or article named behind it: `mục A, khoản 2, Phần I`, `khoản 1, mục
    /// II, Điều 1`, as papers of the old kind are divided; not `Mục 1 và Điều 5`, nor `Mục 1, Điều 5 và Điều 6`.
    fn section_inside(&self, n: usize) -> bool {
        let (group, Some(follower)) = (&self.groups[n], self.groups.get(n + 1)) else { return false };
        let single = |group: &Group| group.labels.len() == 1 && !group.this;
        let goes_on = self.groups.get(n + 2).is_none_or(|next| next.unit > follower.unit && next.joint != Joint::And);
        group.unit == Unit::Section
            && matches!(follower.unit, Unit::Clause | Unit::Article)
            && follower.joint == Joint::Comma
            && single(group)
            && single(follower)
            && goes_on
    }

    /// Every single place of the run. `attached` (`Quy chế kèm theo`) goes behind each place but annexes and forms.
    pub(crate) fn places(&self, attached: Option<&str>) -> Vec<String> {
        let count = self.groups.len();
        // For each group the group whose first place it lies in.
        let mut parents: Vec<Option<usize>> = vec![None; count];
        let mut has_child = vec![false; count];
        for n in (0..count).rev() {
            let group = &self.groups[n];
            let Some(follower) = self.groups.get(n + 1) else { continue };
            if self.section_inside(n) {
                parents[n] = Some(n + 1);
                has_child[n + 1] = true;
                continue;
            }
            if follower.unit > group.unit {
                // `Điều 5, Điều 7a, Chương II`: a list goes on; `Điều 5, Chương II`: the chapter holds the article.
                let listed = follower.joint == Joint::Comma
                    && group.unit == Unit::Article
                    && n > 0
                    && group.joint == Joint::Comma
                    && self.groups[n - 1].unit == Unit::Article;
                let outer = follower.joint == Joint::Comma
                    && follower.unit >= Unit::Form
                    && matches!(group.unit, Unit::Article | Unit::Chapter | Unit::Part);
                let independent = follower.joint == Joint::And || listed || outer;
                if !independent {
                    parents[n] = Some(n + 1);
                    has_child[n + 1] = true;
                }
                continue;
            }
            // A sibling further on lends its parent: `khoản 1, điểm a khoản 2 Điều 5`.
            if let Some(other) = (n + 1..count).find(|other| self.groups[*other].unit >= group.unit)
                && self.groups[other].unit == group.unit
            {
                parents[n] = parents[other];
            }
        }
        let mut out = Vec::new();
        for n in 0..count {
            let group = &self.groups[n];
            let mut tail = String::new();
            let mut widest = group.unit;
            let mut up = parents[n];
            while let Some(parent) = up {
                let parent_group = &self.groups[parent];
                tail.push(' ');
                tail.push_str(&spelt(parent_group, parent_group.labels.first()));
                widest = parent_group.unit;
                up = parents[parent];
            }
            if let Some(attached) = attached.filter(|_| widest < Unit::Form) {
                tail.push(' ');
                tail.push_str(attached);
            }
            // Labels after the first of a group with children stand for themselves.
            let skip = usize::from(has_child[n]);
            if group.this && skip == 0 {
                out.push(format!("{} này{tail}", group.unit.word()));
            }
            for label in group.labels.iter().skip(skip) {
                out.push(format!("{}{tail}", spelt(group, Some(label))));
            }
        }
        out.dedup();
        out
    }
}

fn spelt(group: &Group, label: Option<&String>) -> String {
    // An only annex has no label of its own.
    format!("{} {}", group.unit.word(), label.map_or("này", String::as_str)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_expand_to_single_places() {
        for (text, right) in [
            ("điểm a khoản 2 Điều 5 Nghị định", "điểm a khoản 2 Điều 5"),
            ("các Điều 5, 6 và 7 của Nghị định", "Điều 5; Điều 6; Điều 7"),
            ("điểm b khoản 2 Điều 5 và khoản 3 Điều 9", "điểm b khoản 2 Điều 5; khoản 3 Điều 9"),
            ("từ Điều 9 đến Điều 11", "Điều 9; Điều 10; Điều 11"),
            ("các khoản từ 1 đến 3 Điều 1 và Điều 3", "khoản 1 Điều 1; khoản 2 Điều 1; khoản 3 Điều 1; Điều 3"),
            ("các điều 3, 4 và 5,\ntừ Điều 6 đến Điều 8", "Điều 3; Điều 4; Điều 5; Điều 6; Điều 7; Điều 8"),
            ("các điểm a, b khoản 1 Điều 6", "điểm a khoản 1 Điều 6; điểm b khoản 1 Điều 6"),
            ("Chương III, Mục 1 Chương IV và Chương V", "Chương III; Mục 1 Chương IV; Chương V"),
            ("Điều 9 và khoản 2 Điều 12", "Điều 9; khoản 2 Điều 12"),
            ("khoản 1, điểm a khoản 2 Điều 5", "khoản 1 Điều 5; điểm a khoản 2 Điều 5"),
            ("điểm a, b khoản 1, khoản 2 Điều 5", "điểm a khoản 1 Điều 5; điểm b khoản 1 Điều 5; khoản 2 Điều 5"),
            ("Điều 6 và Phụ lục II", "Điều 6; Phụ lục II"),
            ("điểm 4, mục III, Quy định", "điểm 4 Mục III"),
            ("mục 3, Phụ lục I", "Mục 3 Phụ lục I"),
            ("khoản 1a Điều 4a", "khoản 1a Điều 4a"),
            ("điểm đ1 khoản 1 Điều 4", "điểm đ1 khoản 1 Điều 4"),
            ("Phụ lục số 02", "Phụ lục số 02"),
            ("Điều 5, 30 ngày làm việc", "Điều 5"),
            ("khoản 2 Điều này", "khoản 2 Điều này"),
            ("điểm a đến điểm d khoản 1", "điểm a khoản 1; điểm b khoản 1; điểm c khoản 1; điểm d khoản 1"),
            ("Phần thứ nhất", "Phần thứ nhất"),
        ] {
            let page = Page::new(text);
            assert_eq!(parse(&page, 0).map(|run| run.places(None).join("; ")).as_deref(), Some(right), "{text}");
        }
    }

    #[test]
    fn words_that_only_begin_like_a_place_are_none() {
        for text in ["điều lệ Đảng", "mục tiêu 2030", "điểm nóng", "phần lớn", "chương trình", "tiết kiệm"]
        {
            assert!(parse(&Page::new(text), 0).is_none(), "{text}");
        }
    }

    #[test]
    fn an_account_is_no_clause_unless_an_article_follows() {
        assert!(parse(&Page::new("tài khoản 2 của Kho bạc"), 1).is_none());
        for text in ["Tài khoản 2 Điều 8 Quy định", "Tài khoản 2, Điều 8 Quy định"] {
            let page = Page::new(text);
            let run = parse(&page, 1).map(|run| run.places(None).join("; "));
            assert_eq!(run.as_deref(), Some("khoản 2 Điều 8"), "{text}");
        }
    }

    #[test]
    fn attached_text_is_named_behind_the_place_but_not_behind_an_annex() {
        let page = Page::new("khoản 3 Điều 5 và Phụ lục II");
        let run = parse(&page, 0).expect("a run");
        assert_eq!(run.places(Some("Định mức kèm theo")), ["khoản 3 Điều 5 Định mức kèm theo", "Phụ lục II"]);
    }
}
