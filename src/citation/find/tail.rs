//! What stands behind an act: its date, its body and the term of that body.

use super::super::page::{Kind, Page, key};
use super::super::{Act, date, issuer};
use super::{CUA, Reading};

/// *của*, and what engines leave of it.
fn is_of(page: &Page<'_>, n: usize) -> bool {
    const READ: [u64; 6] = [CUA, key("cia"), key("ciia"), key("ctia"), key("cta"), key("cla")];
    READ.contains(&page.word(n))
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
