//! A run of places on the page and the act it lies in, the attached text between them passed over.

use super::find::{Found, Reading, act, numbered_without_type, push};
use super::locator::{self, Run, Unit};
use super::page::{Kind, Page, key};
use super::trigger::{self, Trigger};
use super::{Act, kinds};

const CUA: u64 = key("cua");

/// Places, and the act they lie in: `điểm a khoản 2 Điều 5 (của) Nghị định số …`.
pub(super) fn places(page: &Page<'_>, n: usize, found: &mut Found) -> Option<usize> {
    if locator::begins_heading(page, n) {
        // The heading's own label is no reference; what follows it may be.
        let run = locator::parse(page, n)?;
        return Some(run.end.min(n + 3));
    }
    let run = locator::parse(page, n)?;
    let mut at = run.end;
    if !run.this {
        // `mục III, Hướng dẫn số …`, `Điều 3 của Quyết định số …`, `Mẫu số 01 tại Phụ lục … Nghị định`.
        let comma = page.mark(at, ',') || page.mark_of(at, "-–");
        if comma {
            at += 1;
        }
        let of = matches!(page.word(at), CUA | TAI | TRONG | THUOC | O);
        if of {
            at += 1;
        }
        if page.mark(at, '(') && page.phrase(at + 1, &[key("ban"), key("hanh"), key("kem"), key("theo")]) {
            at += 1;
        }
        if page.get(at).is_none_or(|token| token.lines <= 2) {
            if let Some(reading) = act(page, at).or_else(|| numbered_without_type(page, at).filter(|_| !comma)) {
                let itself = matches!(reading.act, Act::This);
                let fits = !comma || !matches!(reading.act, Act::Named) || run.widest() >= Unit::Article;
                if fits && (!itself || !comma) {
                    return Some(push(page, reading, Some((&run, None)), found));
                }
            }
            if let Some(reading) = that_act(page, at) {
                return Some(push(page, reading, Some((&run, None)), found));
            }
            if let Some((reading, attached)) = attached(page, at) {
                return Some(push(page, reading, Some((&run, attached)), found));
            }
        }
        if let Some((reading, attached)) = act_of_the_next(page, &run, LONGEST_CHAIN) {
            let reading = reading.standing_in(run.end);
            found.add(reading.mention(page, Some((&run, attached))));
            return Some(run.end);
        }
    }
    if run.this || stands_alone(page, &run) {
        let reading = Reading::new(Act::Nothing, None, run.start, run.end);
        found.add(reading.mention(page, Some((&run, None))));
        return Some(run.end);
    }
    Some(run.end)
}

/// Places that share one act behind the last of them, at most.
const LONGEST_CHAIN: usize = 6;

/// `Sửa đổi Điều 5; bãi bỏ Điều 9 Quyết định số …`: the act behind the next place, where both stand behind verbs.
fn act_of_the_next(page: &Page<'_>, run: &Run, left: usize) -> Option<(Reading, Option<String>)> {
    let changed = |at: usize| matches!(trigger::before(page, at), Some((Trigger::Effect(_), _)));
    let mut at = run.end;
    if !changed(run.start) || left == 0 || !(page.mark_of(at, ",;") || page.word(at) == key("va")) {
        return None;
    }
    at += 1;
    if page.word(at) == key("va") {
        at += 1;
    }
    let next = (at + 2..at + 7).find(|k| changed(*k) && locator::parse(page, *k).is_some())?;
    let verbs = |k: usize| page.mark(k, ',') || page.tokens[k].kind == Kind::Word && page.tokens[k].lines == 0;
    if !(at..next).all(verbs) || trigger::before(page, next).is_none_or(|(_, from)| from > at) {
        return None;
    }
    let next = locator::parse(page, next).filter(|next| !next.this)?;
    let mut at = next.end;
    if matches!(page.word(at), CUA | TAI | TRONG | THUOC | O) {
        at += 1;
    }
    if let Some(reading) = act(page, at).filter(|reading| matches!(reading.act, Act::Numbered(_))) {
        return Some((reading, None));
    }
    attached(page, at)
        .filter(|(reading, _)| matches!(reading.act, Act::Numbered(_)))
        .or_else(|| act_of_the_next(page, &next, left - 1))
}

/// `Điều 3 của Quyết định đó`: an act named before.
fn that_act(page: &Page<'_>, n: usize) -> Option<Reading> {
    let (kind, after) = kinds::at(page, n)?;
    let that = page.str(after) == "đó";
    that.then(|| Reading::new(Act::Short(String::new()), Some(kinds::canonical(kind)), n, after + 1))
}

const TAI: u64 = key("tai");
const TRONG: u64 = key("trong");
const THUOC: u64 = key("thuoc");
const O: u64 = key("o");

/// A run without an act is a reference into the text itself when it is led in like one.
fn stands_alone(page: &Page<'_>, run: &Run) -> bool {
    if run.start == 0 || page.starts_line(run.start) && page.mark_of(run.start - 1, ".;:!?”\"/)") {
        return false;
    }
    const LEADS: [u64; 12] = [
        key("tai"),
        key("theo"),
        key("cua"),
        key("va"),
        key("voi"),
        key("nhu"),
        key("o"),
        key("trong"),
        key("hoac"),
        key("thuoc"),
        key("cac"),
        key("tru"),
    ];
    let lead = LEADS.contains(&page.word(run.start - 1));
    lead && run.widest() != Unit::Item && run.widest() != Unit::Point
        || (run.widest() == Unit::Article && !page.tokens[run.start].caps)
}

/// `Quy chế … (ban hành) kèm theo Quyết định số …` at token `n`: the act, and how its places are called.
fn attached(page: &Page<'_>, n: usize) -> Option<(Reading, Option<String>)> {
    let mut at = n;
    let text = match (page.word(at), page.word(at + 1)) {
        (a, b) if a == key("quy") && b == key("che") => Some("Quy chế kèm theo"),
        (a, b) if a == key("quy") && b == key("dinh") => Some("Quy định kèm theo"),
        (a, b) if a == key("dinh") && b == key("muc") => Some("Định mức kèm theo"),
        (a, b) if a == key("quy") && b == key("trinh") => Some("Quy trình kèm theo"),
        (a, b) if a == key("quy") && b == key("tac") => Some("Quy tắc kèm theo"),
        (a, b) if a == key("dieu") && b == key("le") => Some("Điều lệ kèm theo"),
        (a, b) if a == key("chuong") && b == key("trinh") => Some("Chương trình kèm theo"),
        (a, b) if a == key("ke") && b == key("hoach") => Some("Kế hoạch kèm theo"),
        (a, b) if a == key("de") && b == key("an") => Some("Đề án kèm theo"),
        (a, b) if a == key("phuong") && b == key("an") => Some("Phương án kèm theo"),
        (a, b) if a == key("huong") && b == key("dan") => Some("Hướng dẫn kèm theo"),
        (a, b) if a == key("danh") && b == key("muc") => Some("Danh mục kèm theo"),
        (a, b) if a == key("bang") && b == key("gia") => Some("Bảng giá kèm theo"),
        (a, b) if a == key("ban") && b == key("hanh") => None,
        (a, _) if a == key("kem") => None,
        (a, b) if a == key("dinh") && b == key("kem") => None,
        _ => return None,
    };
    let direct = text.is_none();
    let limit = at + if direct { 4 } else { 45 };
    while at < limit {
        if page.mark_of(at, ".;:“”\"") || page.number(at).is_some() && !direct && page.mark(at + 1, '/') {
            return None;
        }
        if page.phrase(at, &[key("kem"), key("theo")]) {
            let mut next = at + 2;
            if page.mark_of(next, "(,") {
                next += 1;
            }
            let reading = act(page, next).or_else(|| numbered_without_type(page, next))?;
            if matches!(reading.act, Act::Named) {
                return None;
            }
            return Some((reading, text.map(str::to_owned)));
        }
        at += 1;
    }
    None
}
