//! Figures of a number on the page, and what is left of the *số* before them.

use super::super::page::{Kind, Page};
use super::SO;
use crate::number;

/// Figures, or figures and one letter: `05`, `05a`.
pub(super) fn begins_number(page: &Page<'_>, n: usize) -> bool {
    match page.get(n).map(|token| token.kind) {
        Some(Kind::Number) => true,
        Some(Kind::Mixed) => {
            let text = page.str(n).as_bytes();
            let last = text[text.len() - 1];
            text[..text.len() - 1].iter().all(u8::is_ascii_digit)
                && (last.is_ascii_lowercase() || matches!(last, b'S' | b'O' | b'I'))
        }
        _ => false,
    }
}

/// Nothing stands against the figures from the left: `09:2008/BTNMT`, `QCVN-02/…`, `0913/246/789`.
pub(super) fn free_before(page: &Page<'_>, n: usize) -> bool {
    if n == 0 {
        return true;
    }
    let before = &page.tokens[n - 1];
    let touches = before.end == page.tokens[n].start;
    !(touches
        && before.kind == Kind::Mark
        && matches!(page.str(n - 1), "/" | "-" | "." | ":" | "–" | "\\" | "_")
        && n > 1
        && {
            let other = &page.tokens[n - 2];
            other.end == before.start && other.kind != Kind::Mark && page.word(n - 2) != SO
        })
        && !(touches && before.kind != Kind::Mark)
}

/// Bytes of the *số* that ran into its number: `số290-QĐ/TW`, `s6290-QĐ/TW`; 0 where none did.
pub(super) fn grown_to_so(page: &Page<'_>, n: usize) -> usize {
    let text = page.str(n);
    let touches = page.mark_of(n + 1, "-/") && page.tokens[n + 1].start == page.tokens[n].end;
    let read = ["số", "sô", "so", "sé", "sb", "s6", "sô", "Số", "So", "S6"];
    read.into_iter()
        .find(|word| {
            text.strip_prefix(word)
                .is_some_and(|rest| !rest.is_empty() && rest.len() <= 5 && rest.bytes().all(|b| b.is_ascii_digit()))
        })
        .filter(|_| touches)
        .map_or(0, str::len)
}

/// `86 10/2022/QH15`: a misread *số* before a whole number is passed over.
pub(super) fn lost_so(page: &Page<'_>, n: usize) -> usize {
    let Some(token) = page.get(n) else { return n };
    let figures = token.kind != Kind::Mark && token.end - token.start <= 3 && page.number(n + 1).is_some();
    if figures
        && !page.mark_of(n + 1, "/-")
        && page.tokens[n + 1].lines == 0
        && number::scan(page.text, token.start).is_none()
        && number::scan(page.text, page.tokens[n + 1].start).is_some_and(|(number, _)| number.known)
    {
        return n + 1;
    }
    n
}

/// *số* as in `số lượng`, `số đại biểu`.
pub(super) fn number_word(page: &Page<'_>, n: usize) -> bool {
    page.get(n + 1).is_some_and(|token| token.kind == Kind::Word)
}
