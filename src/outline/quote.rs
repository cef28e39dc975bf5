//! Quoted new wording: where it begins, and where it ends.
//!
//! An amending act quotes what it puts into another: `1. Sửa đổi Điều 5 như sau: “Điều 5. …”`.
//! The quotation may run over many paragraphs, each perhaps with an opening mark of its own,
//! may hold quotations, and may never be closed.

use super::line::Line;
use super::marker;
use crate::text::{Span, fold};

/// What a quotation mark does where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Open,
    Close,
}

/// The role of the character `c` between its neighbours, if it is a quotation mark.
fn mark(c: char, before: Option<char>, after: Option<char>) -> Option<Mark> {
    let at_start = before.is_none_or(|b| b.is_whitespace() || matches!(b, '(' | '[' | ':' | '“' | '"' | '-'));
    let at_end = after
        .is_none_or(|a| a.is_whitespace() || matches!(a, '.' | ',' | ';' | ')' | ':' | '”' | '"' | '/' | '?' | '!'));
    match c {
        '“' | '„' | '‟' | '«' => Some(if !at_start && at_end { Mark::Close } else { Mark::Open }),
        '”' | '»' => Some(if at_start && !at_end { Mark::Open } else { Mark::Close }),
        '"' | '″' | '＂' => Some(if at_start && !at_end { Mark::Open } else { Mark::Close }),
        _ => None,
    }
}

/// Whether `c` may be a quotation mark at all.
fn may_quote(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '‟' | '«' | '»' | '"' | '″' | '＂')
}

/// An opened quotation of new wording.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    /// Byte of the line just after the opening mark.
    pub(super) at: usize,
    /// What follows the mark is a label.
    pub(super) structural: bool,
    /// The words before it say that new wording follows.
    pub(super) announced: bool,
}

/// Finds the opening of new wording in `line`, given some of the text before the line.
///
/// `“Điều 5. …` at the start of a line, `như sau: “…` anywhere. Not the quotation that
/// merely wrapped to the start of a line, and not `cụm từ “…”`.
pub(super) fn opening(line: &str, before: &str) -> Option<Opening> {
    let first = line.chars().next()?;
    if may_quote(first) {
        let rest = line[first.len_utf8()..].chars().next();
        if mark(first, None, rest) == Some(Mark::Open) {
            let at = line.len() - line[first.len_utf8()..].trim_start().len();
            let announced = announces(before);
            // „ is a speck more often than a mark.
            let structural = marker::read(&line[at..]).is_some() && first != '„';
            if structural || announced {
                return Some(Opening { at, structural, announced });
            }
        }
        return None;
    }
    // After a colon inside the line.
    let mut from = 0;
    for _ in 0..8 {
        let Some(found) = line[from..].find(':') else { break };
        let colon = from + found;
        let rest = line[colon + 1..].trim_start();
        if let Some(c) = rest.chars().next()
            && may_quote(c)
        {
            let at = line.len() - rest[c.len_utf8()..].trim_start().len();
            let structural = marker::read(&line[at..]).is_some();
            let announced = announces(&line[..=colon]);
            if structural || announced {
                return Some(Opening { at, structural, announced });
            }
        }
        from = colon + 1;
    }
    None
}

/// Whether the text ends by announcing new wording: `… được sửa đổi như sau:`.
pub(super) fn announces(before: &str) -> bool {
    let before = before.trim_end();
    if !before.ends_with([':', '.', ';', 'u']) {
        return false;
    }
    let mut from = before.len().saturating_sub(240);
    while !before.is_char_boundary(from) {
        from += 1;
    }
    let folded = fold(&before[from..]);
    let folded = folded.trim_end_matches(['.', ';', ':', ' ']);
    folded.ends_with("nhu sau")
        && ["sua doi", "bo sung", "thay the", "dinh chinh", "thay cum", "sua "].iter().any(|verb| folded.contains(verb))
        || before.ends_with(':') && ["thanh", "sua la", "doc la"].iter().any(|end| folded.ends_with(end))
}

/// Looks for the ends of quotations; linear over a whole document.
#[derive(Debug)]
pub(super) struct Closer {
    /// Bytes that may still be looked at with nesting in mind.
    budget: usize,
}

impl Closer {
    pub(super) fn new(text_len: usize) -> Closer {
        Closer { budget: text_len.saturating_mul(4) + 4096 }
    }

    /// The line and the byte in it at which the quotation ends that was opened at byte `at` of line `index`.
    ///
    /// `None` where no mark closes it. When a hostile text has used up the budget of
    /// nested search, nothing is ever closed any more.
    pub(super) fn close(&mut self, lines: &[Line<'_>], index: usize, at: usize) -> Option<(usize, usize)> {
        let mut depth = 1usize;
        for (offset, line) in lines[index..].iter().enumerate() {
            let from = if offset == 0 { at } else { 0 };
            let text = &line.text[from..];
            self.budget = self.budget.checked_sub(text.len() + 16)?;
            let mut resumed = false;
            let mut before = None;
            let mut chars = text.char_indices().peekable();
            while let Some((place, c)) = chars.next() {
                let after = chars.peek().map(|&(_, next)| next);
                if may_quote(c) {
                    match mark(c, before, after) {
                        // Each paragraph of a long quotation may open anew.
                        Some(Mark::Open) if offset > 0 && place == 0 && depth == 1 => resumed = true,
                        Some(Mark::Open) => depth += 1,
                        Some(Mark::Close) => {
                            depth -= 1;
                            if depth == 0 {
                                let past = place + c.len_utf8();
                                if resumed && !ends_line(&text[past..]) {
                                    // The line began with a quotation inside the new wording, not with a paragraph of it.
                                    resumed = false;
                                    depth = 1;
                                } else {
                                    return Some((index + offset, from + place));
                                }
                            } else if depth > 1
                                && ends_line(&text[place + c.len_utf8()..])
                                && text[place + c.len_utf8()..].starts_with('.')
                            {
                                // `….”.` ends the wording itself; an inner quotation was left open.
                                return Some((index + offset, from + place));
                            }
                        }
                        None => {}
                    }
                }
                before = Some(c);
            }
        }
        None
    }
}

/// Whether nothing but punctuation and note marks follows.
fn ends_line(rest: &str) -> bool {
    rest.chars().all(|c| {
        matches!(c, '.' | ',' | ';' | ')' | '/' | '”' | '"' | '[' | ']') || c.is_ascii_digit() || c.is_whitespace()
    })
}

/// The span of the wording between the marks.
pub(super) fn wording(lines: &[Line<'_>], index: usize, at: usize, end: (usize, usize)) -> Span {
    let start = lines[index].start + at;
    Span::new(start, (lines[end.0].start + end.1).max(start))
}

#[cfg(test)]
mod tests {
    use super::super::line::split;
    use super::*;

    fn close(text: &str) -> Option<String> {
        let lines = split(text);
        let index = lines.iter().position(|line| opening(line.text, "").is_some())?;
        let found = opening(lines[index].text, "")?;
        let end = Closer::new(text.len()).close(&lines, index, found.at)?;
        Some(wording(&lines, index, found.at, end).of(text).to_owned())
    }

    #[test]
    fn a_quotation_may_open_each_paragraph() {
        assert_eq!(close("“1. Một.\n“2. Hai.”\n2. Ngoài").as_deref(), Some("1. Một.\n“2. Hai."));
    }

    #[test]
    fn quotations_nest() {
        assert_eq!(close("“1. Cụm từ “A” là\n“B” và “C”.”.").as_deref(), Some("1. Cụm từ “A” là\n“B” và “C”."));
    }

    #[test]
    fn straight_marks_serve() {
        assert_eq!(close("như sau: \"Điều 5. Tên\n1. Một.\"").as_deref(), Some("Điều 5. Tên\n1. Một."));
    }

    #[test]
    fn a_wrapped_quotation_is_no_new_wording() {
        assert!(opening("“điểm nóng”, vụ việc", "phòng ngừa và xử lý").is_none());
        assert!(opening("theo phương châm: “Dân biết, dân bàn”", "").is_none());
        assert!(opening("1. Sửa đổi khoản 2 như sau: “2. Hai.”", "").is_some());
        assert!(opening("“Hai.”", "Sửa đổi tên Điều 2 như sau:").is_some());
    }

    #[test]
    fn an_unclosed_quotation_has_no_end() {
        assert_eq!(close("“1. Một.\n2. Hai."), None);
    }
}
