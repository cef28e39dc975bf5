//! What stands behind an act: its date, its body and the term of that body.

use super::super::page::{Kind, Page, key};
use super::super::{Act, date, issuer};
use super::{CUA, Reading};

/// *của*, and what engines leave of it.
fn is_of(page: &Page<'_>, n: usize) -> bool {
    const READ: [u64; 6] = [CUA, key("cia"), key("ciia"), key("ctia"), key("cta"), key("cla")];
    READ.contains(&page.word(n))
}

/// `Hội nghị lần thứ tư` before the body that met: the token after it.
fn meeting_end(page: &Page<'_>, n: usize) -> Option<usize> {
    if !page.phrase(n, &[key("hoi"), key("nghi")]) {
        return None;
    }
    let mut at = n + 2;
    if page.phrase(at, &[key("lan"), key("thu")]) {
        // `thứ tư`, `thứ 4`, `thứ mười một`.
        at += 3;
        if page.word(at) != key("ban") && page.word(at + 1) == key("ban") {
            at += 1;
        }
    }
    if is_of(page, at) {
        at += 1;
    }
    page.phrase(at, &[key("ban"), key("chap"), key("hanh")]).then_some(at)
}

/// Date, body and term behind an act, in any order.
pub(super) fn tail(page: &Page<'_>, reading: &mut Reading) {
    let mut at = reading.end;
    for _ in 0..6 {
        if reading.date.is_none()
            && let Some((date, end, same)) = date::of_reference(page, at)
        {
            reading.date = Some(date);
            reading.same_day = same;
            at = end;
            continue;
        }
        if reading.date.is_none()
            && !reading.same_day
            && page.phrase(at, &[key("cung"), key("ngay")])
            && !page.get(at + 2).is_some_and(|token| token.kind == Kind::Word && !token.upper && token.lines == 0)
        {
            reading.same_day = true;
            at += 2;
            continue;
        }
        let law = matches!(reading.kind, Some("Luật" | "Bộ luật" | "Hiến pháp" | "Điều lệ"));
        if reading.issuer.is_none() && !law {
            let of = if page.mark(at, ',') && is_of(page, at + 1) {
                at + 2
            } else if is_of(page, at) {
                at + 1
            } else {
                usize::MAX
            };
            let of = if of == usize::MAX {
                meeting_end(page, at).unwrap_or(of)
            } else {
                meeting_end(page, of).unwrap_or(of)
            };
            if of != usize::MAX
                && let Some((name, end)) = issuer::at(page, of)
            {
                reading.issuer = Some(name);
                at = end;
                continue;
            }
        }
        if reading.term.is_none()
            && !matches!(reading.act, Act::Named)
            && let Some((term, end)) = date::term(page, at)
        {
            reading.term = Some(term);
            at = end;
            continue;
        }
        break;
    }
    reading.end = at;
}
