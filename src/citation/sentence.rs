//! Where sentences and list items begin in the joined view, and how items are marked.

use super::locator;
use super::page::{Kind, Page, key};

/// How a list item is marked; siblings are marked alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// No mark.
    Plain,
    /// `1.` or `1-` or `1)`
    Figure,
    /// `1.1.`
    Figures,
    /// `a)`
    Letter,
    /// `-`, `+`, `•`
    Dash,
    /// `I.` or `I-`
    Roman,
    /// `Điều 5.` and larger.
    Heading,
}

/// The first tokens of all sentences and items, ascending; the first is 0.
#[derive(Debug)]
pub(crate) struct Sentences {
    starts: Vec<usize>,
    len: usize,
}

impl Sentences {
    /// One pass over the page.
    pub(crate) fn new(page: &Page<'_>) -> Sentences {
        let (mut single, mut wide) = (0usize, 0usize);
        for token in &page.tokens {
            single += usize::from(token.lines == 1);
            wide += usize::from(token.lines > 1);
        }
        let double_spaced = wide > 2 * single;
        let mut starts = vec![0];
        for n in 1..page.len() {
            if begins(page, n, double_spaced) {
                starts.push(n);
            }
        }
        Sentences { starts, len: page.len() }
    }

    /// First token of the sentence of `n`.
    pub(crate) fn start(&self, n: usize) -> usize {
        self.starts[self.starts.partition_point(|start| *start <= n).saturating_sub(1)]
    }

    /// The token after the sentence of `n`.
    pub(crate) fn end(&self, n: usize) -> usize {
        let next = self.starts.partition_point(|start| *start <= n);
        self.starts.get(next).copied().unwrap_or(self.len)
    }

    /// The starts in `(after, before)`, ascending.
    pub(crate) fn between(&self, after: usize, before: usize) -> &[usize] {
        let from = self.starts.partition_point(|start| *start <= after);
        let to = self.starts.partition_point(|start| *start < before);
        &self.starts[from..to.max(from)]
    }
}

fn begins(page: &Page<'_>, n: usize, double_spaced: bool) -> bool {
    let token = &page.tokens[n];
    let before = &page.tokens[n - 1];
    if before.kind == Kind::Mark {
        let sign = page.str(n - 1);
        if matches!(sign, "." | "!" | "?") {
            let moved = token.start > before.end || token.lines > 0;
            let label = is_label_dot(page, n - 1);
            if moved && !label && (token.upper || token.lines > 0 || token.kind != Kind::Word) {
                return true;
            }
        }
        if token.lines > 0
            && (matches!(sign, ":" | ";" | "/") || (sign == "”" && (token.upper || token.kind != Kind::Word)))
        {
            return true;
        }
    }
    if token.lines == 0 {
        return false;
    }
    if style(page, n) != Style::Plain {
        let span_of_years = page.number(n - 1).is_some() && page.number(n + 1).is_some() && token.kind == Kind::Mark;
        return !span_of_years;
    }
    let lead = [[key("can"), key("cu")], [key("theo"), key("de")], [key("xet"), key("de")], [key("noi"), key("nhan")]]
        .iter()
        .any(|words| page.phrase(n, words));
    if token.upper && lead {
        return true;
    }
    let comma = before.kind == Kind::Mark && matches!(page.str(n - 1), "," | "-" | "–" | "(" | "“");
    if token.lines > 1 && !double_spaced && !comma && (token.upper || token.kind == Kind::Mark) {
        return true;
    }
    let shouted = |n: usize| {
        page.get(n).is_some_and(|token| token.kind == Kind::Word && token.caps && token.end - token.start > 1)
    };
    if before.kind == Kind::Word && shouted(n - 1) && !token.caps && token.upper && n > 1 && shouted(n - 2) {
        return true;
    }
    !before.caps && shouted(n) && shouted(n + 1) && !comma
}

/// The stop of `1.`, `Điều 3.` or `TP.`, which ends no sentence.
fn is_label_dot(page: &Page<'_>, dot: usize) -> bool {
    if dot == 0 {
        return true;
    }
    let label = &page.tokens[dot - 1];
    if label.end != page.tokens[dot].start {
        return false;
    }
    if page.word(dot - 1) == key("tp") {
        return true;
    }
    let figure = matches!(label.kind, Kind::Number | Kind::Mixed) && label.end - label.start <= 4;
    let short = label.kind == Kind::Word && label.end - label.start <= 5 && label.caps;
    if !figure && !short {
        return false;
    }
    if page.starts_line(dot - 1) {
        return true;
    }
    if figure && dot >= 2 && locator::unit_at(page, dot - 2).is_some() && page.starts_line(dot - 2) {
        return true;
    }
    // `1.2.`
    figure && dot >= 3 && page.mark(dot - 2, '.') && page.starts_line(dot - 3)
}

/// How the item that begins at token `n` is marked.
pub(crate) fn style(page: &Page<'_>, n: usize) -> Style {
    let Some(token) = page.get(n) else { return Style::Plain };
    match token.kind {
        Kind::Mark => {
            if matches!(page.str(n), "-" | "–" | "—" | "+" | "•" | "●" | "▪" | "·")
                && page.get(n + 1).is_some_and(|next| next.lines == 0)
            {
                Style::Dash
            } else if page.mark(n, '[') && page.number(n + 1).is_some() && page.mark(n + 2, ']') {
                Style::Figure
            } else {
                Style::Plain
            }
        }
        Kind::Number | Kind::Mixed if token.end - token.start <= 4 => {
            let touches = page.get(n + 1).is_some_and(|next| next.start == token.end);
            if !touches || !page.mark_of(n + 1, ".)-/") || page.mark(n + 1, '/') {
                return Style::Plain;
            }
            let deeper = page.mark(n + 1, '.')
                && page.number(n + 2).is_some()
                && page.tokens[n + 2].start == page.tokens[n + 1].end;
            if deeper {
                let closes = page.mark_of(n + 3, ".)")
                    || page.tokens.get(n + 3).is_some_and(|next| next.start > page.tokens[n + 2].end);
                return if closes && page.tokens[n + 2].key < 100 { Style::Figures } else { Style::Plain };
            }
            let follows = page.get(n + 2);
            if page.mark(n + 1, '-') && follows.is_some_and(|next| next.kind != Kind::Word || !next.upper || next.caps)
            {
                return Style::Plain;
            }
            if follows.is_some_and(|next| next.kind == Kind::Number && page.mark_of(n + 3, "./-")) {
                return Style::Plain;
            }
            Style::Figure
        }
        Kind::Word => {
            if locator::begins_heading(page, n) {
                return Style::Heading;
            }
            let text = page.str(n);
            if text.chars().count() <= 2 && page.mark(n + 1, ')') {
                return Style::Letter;
            }
            if token.caps
                && super::date::roman(text) > 0
                && page.mark_of(n + 1, ".-–")
                && page.tokens[n + 1].start == token.end
            {
                return Style::Roman;
            }
            Style::Plain
        }
        _ => Style::Plain,
    }
}

/// The first token of an item behind its mark: behind `1.`, `a)`, `-`, `Điều 3.`
pub(crate) fn content(page: &Page<'_>, start: usize) -> usize {
    let mut n = start;
    for _ in 0..3 {
        n = match style(page, n) {
            Style::Plain => return n,
            Style::Dash => n + 1,
            Style::Figure if page.mark(n, '[') => n + 3,
            Style::Figure | Style::Letter | Style::Roman => n + 2,
            Style::Figures => {
                let mut at = n + 3;
                while page.mark(at, '.')
                    && page.number(at + 1).is_some()
                    && page.tokens[at + 1].start == page.tokens[at].end
                {
                    at += 2;
                }
                if page.mark_of(at, ".)") { at + 1 } else { at }
            }
            Style::Heading => match locator::unit_at(page, n) {
                Some((_, after)) => {
                    let at = after + 1;
                    if page.mark_of(at, ".:") { at + 1 } else { at }
                }
                None => return n,
            },
        };
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(text: &str) -> Vec<String> {
        let page = Page::new(text);
        let sentences = Sentences::new(&page);
        let mut starts = sentences.starts.clone();
        starts.push(page.len());
        starts.windows(2).map(|pair| page.joined(pair[0], pair[1])).collect()
    }

    #[test]
    fn items_and_headings_begin_sentences_and_labels_do_not_end_them() {
        assert_eq!(
            sentences("Điều 1. Bãi bỏ các văn bản sau:\n1. Quyết định số 16;\na) Thông tư\nsố 2. Hết."),
            ["Điều 1. Bãi bỏ các văn bản sau:", "1. Quyết định số 16;", "a) Thông tư số 2.", "Hết."]
        );
    }

    #[test]
    fn content_begins_behind_the_mark() {
        for (text, right) in [
            ("1. Bãi bỏ", "Bãi"),
            ("1.2. Bãi bỏ", "Bãi"),
            ("a) Bãi bỏ", "Bãi"),
            ("Điều 3. Bãi bỏ", "Bãi"),
            ("- Căn cứ", "Căn"),
        ] {
            let page = Page::new(text);
            assert_eq!(page.str(content(&page, 0)), right, "{text}");
        }
    }
}
