//! Lines as the outline sees them: no blanks around, no Markdown, and what stood before them.

use crate::text::fold_char;

/// A line that holds something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    /// The line without surrounding blanks and Markdown marks.
    pub(super) text: &'t str,
    /// Byte of the document at which `text` begins.
    pub(super) start: usize,
    /// Line of the document, counted from 0.
    pub(super) number: usize,
    /// A blank line stands before it; never so in double-spaced exports, where blanks mean nothing.
    pub(super) after_blank: bool,
}

impl Line<'_> {
    /// One past the last byte.
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// The lines of `text` that are not blank.
pub(super) fn split(text: &str) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::with_capacity(text.len() / 64 + 1);
    let mut at = 0;
    let mut blank = true;
    let mut n_after_blank = 0usize;
    for (number, raw) in text.split('\n').enumerate() {
        let content = undecorated(raw);
        if content.is_empty() {
            blank = true;
        } else {
            n_after_blank += usize::from(blank);
            let start = at + (content.as_ptr() as usize - raw.as_ptr() as usize);
            lines.push(Line { text: content, start, number, after_blank: blank });
            blank = false;
        }
        at += raw.len() + 1;
    }
    join_labels(text, &mut lines);
    // An export that puts a blank line after every printed line says nothing by it.
    if lines.len() >= 8 && n_after_blank * 10 >= lines.len() * 8 && !are_paragraphs(&lines) {
        for line in &mut lines {
            line.after_blank = false;
        }
    }
    lines
}

/// Joins a label that was broken after its word: `Điều` / `1. Công bố …`.
fn join_labels<'t>(text: &'t str, lines: &mut Vec<Line<'t>>) {
    let broken = |pair: &[Line<'_>]| {
        let (word, next) = (&pair[0], &pair[1]);
        word.text.len() <= LONGEST_WORD
            && next.number == word.number + 1
            && ["Điều", "Chương", "Mục", "Phần"].contains(&word.text)
            && next.text.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['.', ':'])
            && next.text.starts_with(|c: char| c.is_ascii_digit())
    };
    if !lines.windows(2).any(broken) {
        return;
    }
    let mut joined: Vec<Line<'t>> = Vec::with_capacity(lines.len());
    let mut n = 0;
    while n < lines.len() {
        let line = lines[n];
        match lines.get(n..n + 2).filter(|pair| broken(pair)) {
            Some(pair) => {
                joined.push(Line { text: &text[line.start..pair[1].end()], ..line });
                n += 2;
            }
            None => {
                joined.push(line);
                n += 1;
            }
        }
    }
    *lines = joined;
}

/// Bytes of the longest word of a label.
const LONGEST_WORD: usize = 8;

/// Whether most lines end as sentences and headings do, so that each is a paragraph.
pub(super) fn are_paragraphs(lines: &[Line<'_>]) -> bool {
    // Points `a)` begin low as well.
    let n_begun_low = lines
        .iter()
        .filter(|line| line.text.starts_with(char::is_lowercase) && !line.text.chars().take(3).any(|c| c == ')'))
        .count();
    let n_long = lines.iter().filter(|line| line.text.len() > 240).count();
    n_begun_low * 5 < lines.len() && (n_long * 12 > lines.len() || n_begun_low * 20 < lines.len())
}

/// Drops blanks and the Markdown of headings, quotes and emphasis around a line.
fn undecorated(raw: &str) -> &str {
    let mut text = raw.trim();
    while let Some(first) = text.as_bytes().first() {
        match first {
            b'#' => text = text.trim_start_matches('#').trim_start(),
            b'>' => text = text[1..].trim_start(),
            b'*' if text.starts_with("**") => text = text.trim_start_matches('*').trim_start(),
            b'_' if text.starts_with("__") => text = text.trim_start_matches('_').trim_start(),
            b'\\' if text.len() > 1 => text = text[1..].trim_start(),
            _ => break,
        }
    }
    loop {
        let shorter = text.trim_end_matches("**").trim_end_matches("__").trim_end_matches('\\').trim_end();
        if shorter.len() == text.len() {
            return text;
        }
        text = shorter;
    }
}

/// The first `limit` letters of the first word, folded to lower-case ASCII, and the byte at which that word ends.
///
/// A word ends at the first character that is neither letter nor apostrophe (which the engine
/// sees in place of a hook: `THU'C`).
pub(super) fn first_word(text: &str) -> (FoldedWord, usize) {
    let mut word = FoldedWord::default();
    for (at, c) in text.char_indices() {
        if c.is_alphabetic() {
            word.push(c);
        } else if !matches!(c, '\'' | '’' | '`') || word.len == 0 {
            return (word, at);
        }
    }
    (word, text.len())
}

/// A short word in folded ASCII; longer words are cut, which makes them unlike any keyword.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FoldedWord {
    letters: [u8; 12],
    len: usize,
}

impl FoldedWord {
    fn push(&mut self, c: char) {
        if self.len < self.letters.len() {
            let folded = fold_char(c).to_ascii_lowercase();
            self.letters[self.len] = if folded.is_ascii() { folded as u8 } else { b'?' };
            self.len += 1;
        }
    }

    /// The letters.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.letters[..self.len]
    }

    /// Whether the word is `keyword` or differs from it in at most `slips` letters.
    pub(super) fn is_like(&self, keyword: &[u8], slips: usize) -> bool {
        let word = self.bytes();
        if word == keyword {
            return true;
        }
        slips > 0 && word.len().abs_diff(keyword.len()) <= slips && distance(word, keyword) <= slips
    }
}

/// Levenshtein distance of two short words.
pub(super) fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row = [0usize; 33];
    let width = b.len().min(32);
    for (j, cell) in row.iter_mut().enumerate().take(width + 1) {
        *cell = j;
    }
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for j in 0..width {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(*x != b[j])).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
    }
    row[width]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_marks_are_no_part_of_a_line() {
        let lines = split("**THÔNG TRI**  \n\n> ## Điều 1. Tên\n");
        assert_eq!(lines.iter().map(|line| line.text).collect::<Vec<_>>(), ["THÔNG TRI", "Điều 1. Tên"]);
        assert!(lines.iter().all(|line| line.after_blank));
    }

    #[test]
    fn a_label_broken_after_its_word_is_one_line() {
        let lines = split("Điều\n1. Công bố\nĐiều\n25 Nghị định này\n");
        let texts: Vec<&str> = lines.iter().map(|line| line.text).collect();
        assert_eq!(texts, ["Điều\n1. Công bố", "Điều", "25 Nghị định này"]);
    }

    #[test]
    fn starts_point_into_the_text() {
        let text = "  một\n\n\t**hai**\nba";
        for line in split(text) {
            assert_eq!(&text[line.start..line.end()], line.text);
        }
    }

    #[test]
    fn damaged_words_are_recognised() {
        assert!(first_word("Piéu 1").0.is_like(b"dieu", 1));
        assert!(first_word("Chwong I1I").0.is_like(b"chuong", 1));
        assert!(!first_word("Chính phủ").0.is_like(b"chuong", 1));
        assert_eq!(first_word("THU'C HIEN").1, "THU'C".len());
    }
}
