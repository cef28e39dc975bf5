//! Where on the pages of a scan or PDF something is printed.

use crate::text::Span;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A place on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    /// Page of the file, counted from 1.
    pub page: usize,
    /// Line of the page, counted from 1; running heads and blank lines do not count.
    pub line: usize,
}

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "page {}, line {}", self.page, self.line)
    }
}

/// Pages and lines of one document's source text.
#[derive(Clone, Debug)]
pub struct PrintedPages {
    /// Where each line with something on it begins, and what it is.
    lines: Vec<(usize, Printed)>,
}

impl PrintedPages {
    /// Reads the pages off `source`, whose form feeds divide them; `first` is the first one's number.
    pub fn new(source: &str, first: usize) -> PrintedPages {
        let mut lines = Vec::new();
        let (mut page, mut line) = (first, 0);
        let mut at = 0;
        for piece in source.split_inclusive(['\n', '\u{0C}']) {
            if !piece.trim().is_empty() {
                line += 1;
                lines.push((at, Printed { page, line }));
            }
            at += piece.len();
            if piece.ends_with('\u{0C}') {
                (page, line) = (page + 1, 0);
            }
        }
        PrintedPages { lines }
    }

    /// Where `span`, in bytes of the source, begins.
    pub fn of(&self, span: Span) -> Printed {
        let after = self.lines.partition_point(|(at, _)| *at <= span.start);
        let line = self.lines.get(after.saturating_sub(1));
        line.map_or(Printed { page: 1, line: 1 }, |(_, printed)| *printed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_anew_on_every_page() {
        let source = "QUYẾT ĐỊNH\n\nĐiều 1\n\u{0C}\u{0C}Điều 2\nNơi nhận\n";
        let pages = PrintedPages::new(source, 5);
        let check = |words: &str, page, line| {
            let start = source.find(words).unwrap();
            assert_eq!(pages.of(Span { start, end: start + 1 }), Printed { page, line }, "{words}");
        };
        check("QUYẾT", 5, 1);
        check("1", 5, 2);
        check("Điều 2", 7, 1);
        check("nhận", 7, 2);
        assert_eq!(PrintedPages::new("", 1).of(Span { start: 0, end: 0 }), Printed { page: 1, line: 1 });
    }
}
