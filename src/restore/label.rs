//! Labels that open a line, `a)`, `II-`, `Chương III`: read by their place in the sequence.
//!
//! No language model tells `d)` from `đ)`; the label before does. A label is changed only into the one
//! that is due, and only where what was scanned may have been it.

use super::code;
use crate::text::fold_char;

/// The letters of points in their order.
const ORDER: [char; 23] =
    ['a', 'b', 'c', 'd', 'đ', 'e', 'g', 'h', 'i', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'x', 'y'];

/// The label of one line: what was scanned for it and how it was restored, closing mark taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label<'t> {
    pub(crate) scanned: &'t str,
    pub(crate) restored: String,
    pub(crate) kind: Kind,
}

/// What sequence a label belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `a)`.
    Point,
    /// `II.`, `II-`.
    Roman,
    /// `1.`
    Number,
    /// `Chương II`.
    Chapter,
    /// `Mục II`, `Phần II`.
    Division,
}

/// The label at the head of a line, by its first tokens as scanned and as restored: which of the two it
/// is, its bytes within that token, and its kind.
pub(crate) fn find<'t>(scanned: &[&'t str], restored: &[String]) -> Option<(usize, usize, Label<'t>)> {
    let (first, said) = (*scanned.first()?, restored.first()?);
    let word = said.to_lowercase();
    let named = match word.as_str() {
        "chương" => Some(Kind::Chapter),
        "mục" | "phần" => Some(Kind::Division),
        _ => None,
    };
    if let Some(kind) = named {
        let (second, said) = (*scanned.get(1)?, restored.get(1)?);
        let bare = second.trim_end_matches(['.', ':', '-']);
        if bare.is_empty() || strokes(bare).is_none() || scanned.len() > 3 {
            return None;
        }
        let restored = said.trim_end_matches(['.', ':', '-']).to_owned();
        return Some((1, bare.len(), Label { scanned: bare, restored, kind }));
    }
    let bare = first.strip_suffix([')', '.', '-'])?;
    let restored = said.strip_suffix([')', '.', '-'])?.to_owned();
    let label = |kind| Some((0, bare.len(), Label { scanned: bare, restored, kind }));
    if first.ends_with(')') {
        return if bare.chars().count() == 1 { label(Kind::Point) } else { None };
    }
    if bare.bytes().all(|b| b.is_ascii_digit()) || matches!(bare, "l" | "L" | "|" | "i") {
        return label(Kind::Number);
    }
    if bare.contains(['I', 'V', 'X']) && strokes(bare).is_some() { label(Kind::Roman) } else { None }
}

/// The labels that were misread, with what they are.
pub(crate) fn repairs(labels: &[Label<'_>]) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let mut point: Option<usize> = None;
    let mut romans = [0u32; 3];
    for (at, label) in labels.iter().enumerate() {
        match label.kind {
            Kind::Point => {
                let Some(read) = label.scanned.chars().next() else { continue };
                let own = label.restored.chars().next().and_then(|c| ORDER.iter().position(|letter| *letter == c));
                let due = point.map_or(0, |last| last + 1);
                point = if own == Some(0) || (own.is_some() && own == Some(due)) {
                    own
                } else if due < ORDER.len() && may_be(read, ORDER[due]) {
                    out.push((at, ORDER[due].to_string()));
                    Some(due)
                } else if own.is_some() {
                    own
                } else {
                    point
                };
            }
            Kind::Number => {
                let follows = labels[at + 1..].iter().find(|next| next.kind == Kind::Number);
                if !label.scanned.starts_with(|c: char| c.is_ascii_digit())
                    && follows.is_some_and(|next| next.scanned == "2")
                {
                    out.push((at, "1".into()));
                }
                point = None;
            }
            Kind::Roman | Kind::Chapter | Kind::Division => {
                let slot = match label.kind {
                    Kind::Roman => 0,
                    Kind::Chapter => 1,
                    _ => 2,
                };
                let own = code::of_roman(&label.restored);
                let due = romans[slot] + 1;
                // What was read in digits is a number, and no numeral.
                let damaged =
                    code::of_roman(label.scanned).is_none() && !label.scanned.bytes().all(|b| b.is_ascii_digit());
                if damaged && near(label.scanned, due) && own != Some(due) {
                    out.push((at, code::to_roman(due)));
                    romans[slot] = due;
                } else if let Some(own) = own {
                    romans[slot] = own;
                }
                if slot == 1 {
                    romans[2] = 0;
                }
                point = None;
            }
        }
    }
    out
}

/// Whether the engine may have read `written` as `read`.
fn may_be(read: char, written: char) -> bool {
    fold_char(read).eq_ignore_ascii_case(&fold_char(written))
        || match written {
            'a' => matches!(read, '@' | '4'),
            'b' => matches!(read, '6' | 'h'),
            'c' => matches!(read, '¢' | 'e' | '€' | 'o'),
            'd' | 'đ' => matches!(read, 'a'),
            'e' => matches!(read, 'c' | '€' | '¢'),
            'g' => matches!(read, '8' | '9' | '¢' | 'ø' | 'e'),
            'h' => matches!(read, 'b' | 'n'),
            'i' => matches!(read, '1' | 'l' | '|' | 'ï'),
            'l' => matches!(read, '1' | 'I' | '|'),
            'o' => matches!(read, '0'),
            _ => false,
        }
}

/// Upright strokes, and letters `V` and `X`, of what may be a Roman numeral.
fn strokes(text: &str) -> Option<(u32, u32, u32)> {
    let mut out = (0, 0, 0);
    for c in text.chars() {
        match c {
            'I' | 'l' | '1' | '|' | '!' | 'i' | 'T' | 'L' | 'J' | 'f' => out.0 += 1,
            'H' | 'N' | 'U' => out.0 += 2,
            'M' => out.0 += 3,
            'V' | 'Y' => out.1 += 1,
            'X' => out.2 += 1,
            _ => return None,
        }
    }
    Some(out)
}

/// Whether `text` may be the numeral `n` with a stroke lost or put in.
fn near(text: &str, n: u32) -> bool {
    let (Some(read), Some(due)) = (strokes(text), strokes(&code::to_roman(n))) else { return false };
    read.0.abs_diff(due.0) <= 1 && (read.1, read.2) == (due.1, due.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scanned: &[&str], restored: &[&str], expected: &str) {
        let labels: Vec<Label<'_>> = scanned
            .iter()
            .zip(restored)
            .filter_map(|(scanned, restored)| {
                let scanned: Vec<&str> = scanned.split(' ').collect();
                let restored: Vec<String> = restored.split(' ').map(String::from).collect();
                find(&scanned, &restored).map(|(.., label)| label)
            })
            .collect();
        let mut out: Vec<String> = labels.iter().map(|label| label.restored.clone()).collect();
        for (at, text) in repairs(&labels) {
            out[at] = text;
        }
        assert_eq!(out.join(" "), expected);
    }

    #[test]
    fn points_follow_their_order() {
        let read = ["a)", "b)", "¢)", "d)", "d)", "e)", "8)", "a)", "6)"];
        check(&read, &read, "a b c d đ e g a b");
        // The second list has no đ, and a number is no letter.
        check(&["a)", "b)", "c)", "d)", "e)"], &["a)", "b)", "c)", "d)", "e)"], "a b c d e");
        check(&["5)", "6)"], &["5)", "6)"], "5 6");
    }

    #[test]
    fn damaged_numerals_are_the_one_that_is_due() {
        check(&["I.", "Il.", "IH."], &["I.", "Il.", "IH."], "I II III");
        check(
            &["Chuong I", "Chuong 1I", "Chuong IIT", "Chuong V"],
            &["Chương I", "Chương 1I", "Chương IIT", "Chương V"],
            "I II III V",
        );
        check(&["l.", "2."], &["l.", "2."], "1 2");
        check(&["Muc 1", "Muc 2"], &["Mục 1", "Mục 2"], "1");
    }
}
