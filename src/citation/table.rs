//! Places that stand in another column of the row that names their act.

use super::locator;
use super::page::{Page, key};

/// The places named beside a mention at bytes `[start, end)` of a table drawn with `|`.
///
/// A row goes on over the lines whose first cell is empty; the cells of a column are read as one.
pub(crate) fn beside(text: &str, start: usize, end: usize) -> Vec<String> {
    const LONGEST: usize = 24;
    // Lines of tables are short; a line without an end in sight is none.
    let Some(line_start) = line_start(text, start) else { return Vec::new() };
    let line = line_of(text, line_start);
    let column = text[line_start..start].matches('|').count();
    let columns = line.matches('|').count() + 1;
    if columns < 3 || column == 0 || text[start..end].contains('|') {
        return Vec::new();
    }
    let mut cells: Vec<String> = vec![String::new(); columns];
    let mut at = line_start;
    for n in 0..LONGEST {
        let line = line_of(text, at);
        let first = line.split('|').next().unwrap_or("");
        if line.matches('|').count() + 1 != columns || (n > 0 && !first.trim().is_empty()) {
            break;
        }
        for (cell, part) in cells.iter_mut().zip(line.split('|')) {
            cell.push_str(part.trim());
            cell.push(' ');
        }
        at += line.len() + 1;
        if at >= text.len() {
            break;
        }
    }
    let mut out = Vec::new();
    for (n, cell) in cells.iter().enumerate() {
        if n != column {
            places(cell, &mut out);
        }
    }
    out
}

/// The longest line of a table that is looked at, in bytes.
const LINE: usize = 600;

fn line_start(text: &str, at: usize) -> Option<usize> {
    let from = at.saturating_sub(LINE);
    match text.as_bytes()[from..at].iter().rposition(|byte| *byte == b'\n') {
        Some(newline) => Some(from + newline + 1),
        None => (from == 0).then_some(0),
    }
}

/// The line that begins at `start`; empty where it is too long for a table.
fn line_of(text: &str, start: usize) -> &str {
    let start = start.min(text.len());
    let bytes = &text.as_bytes()[start..];
    let window = &bytes[..bytes.len().min(2 * LINE)];
    match window.iter().position(|byte| *byte == b'\n') {
        Some(end) => &text[start..start + end],
        None if bytes.len() <= 2 * LINE => &text[start..],
        None => "",
    }
}

fn places(cell: &str, out: &mut Vec<String>) {
    let page = Page::new(cell);
    let attached = [([key("quy"), key("che")], "Quy chế kèm theo"), ([key("quy"), key("dinh")], "Quy định kèm theo")]
        .iter()
        .find(|(words, _)| {
            (0..page.len())
                .any(|at| page.phrase(at, words) && (at..at + 10).any(|k| page.phrase(k, &[key("kem"), key("theo")])))
        })
        .map(|(_, name)| *name);
    let mut at = 0;
    while at < page.len() {
        match locator::parse(&page, at) {
            Some(run) => {
                out.extend(run.places(attached));
                at = run.end.max(at + 1);
            }
            None => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gives_its_places_to_the_act_it_names() {
        let text = "TT | Văn bản | Nội dung | Ngày\n---+---+---+---\n\
                    1  | Quyết định số 27/2021/QĐ-UBND | Khoản 2 Điều 4; Điều 9; | 01/9/2025\n   \
                    | ban hành Quy chế | cụm từ tại khoản 2 Điều 2 Quy |\n   | tiếp dân | chế kèm theo |\n\
                    2  | Quyết định số 09/2023/QĐ-UBND | Khoản 1 Điều 1 | 01/9/2025";
        let at = text.find("Quyết định số 27").expect("the row");
        assert_eq!(
            beside(text, at, at + 20),
            ["khoản 2 Điều 4 Quy chế kèm theo", "Điều 9 Quy chế kèm theo", "khoản 2 Điều 2 Quy chế kèm theo"]
        );
        let at = text.find("Quyết định số 09").expect("the row");
        assert_eq!(beside(text, at, at + 20), ["khoản 1 Điều 1"]);
    }

    #[test]
    fn a_sentence_is_no_row() {
        assert!(beside("Bãi bỏ Quyết định số 27/2021/QĐ-UBND", 0, 10).is_empty());
    }
}
