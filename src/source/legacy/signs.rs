//! Codes that are a sign in Windows and a capital in VN1: which of the two a line means.

use super::{BAD, GOOD, byte_of};
use crate::source::tables::{TCVN3, TCVN3_FULL};
use std::sync::LazyLock;

/// Points that VN3 loses for the codes of a line that it leaves empty and VN1 has a letter for: few where
/// it is a sign out of place, a word's where it is a foreign letter, more than a wrong word's where it is a
/// control code, which nobody types.
pub(super) fn unread_by_vn3(line: &str) -> i32 {
    static ONLY_FULL: LazyLock<[bool; 256]> = LazyLock::new(|| {
        let (small, full) = (TCVN3.decode_table(), TCVN3_FULL.decode_table());
        std::array::from_fn(|code| small[code].is_none() && full[code].is_some())
    });
    let mut points = 0;
    let mut before = None;
    for (at, c) in line.char_indices() {
        if byte_of(c).is_some_and(|byte| ONLY_FULL[usize::from(byte)]) {
            let rest = &line[at + c.len_utf8()..];
            points += match c {
                _ if c.is_control() => BAD + GOOD / 2,
                _ if is_sign_in_place(c, &line[..at], before, rest) => 0,
                'À'..='ÿ' => GOOD,
                _ => GOOD / 2,
            };
        }
        before = Some(c);
    }
    points
}

/// Whether a sign of Windows stands where one is typed: a quotation mark on the side of a word that it
/// belongs to, or one of a pair; a dash or three dots not within a word. Letters and accents of other
/// languages have no place at all.
fn is_sign_in_place(sign: char, line_before: &str, before: Option<char>, rest: &str) -> bool {
    let after = rest.chars().next();
    let is_letter =
        |c: Option<char>| c.is_some_and(|c| c.is_alphabetic() || byte_of(c).is_some_and(|byte| byte >= 0xB5));
    let is_blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
    match sign {
        '“' | '‘' | '„' | '‚' | '‹' => {
            !is_letter(before) && (!is_blank(after) || rest.contains(['”', '’', '›']))
        }
        '”' | '’' | '›' => !is_blank(before) || line_before.contains(['“', '‘', '„', '‚', '‹']),
        '–' | '—' => is_letter(before) == is_letter(after),
        '•' => !is_letter(before),
        '…' | '†' | '‡' => !(is_letter(before) && is_letter(after)),
        '™' => !is_blank(before),
        '‰' | '€' | 'º' => [before, after].into_iter().flatten().any(|c| c.is_ascii_digit()),
        c => matches!(c, '\u{A0}'..='\u{B4}'),
    }
}
