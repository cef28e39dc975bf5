//! Scribbles, stamps and specks that an engine read as letters: `Vive--Re! Nel\`, `/" r`, `oA A A r A`.
//!
//! Looks find what may be noise; whether a few letters at a line's edge are, the search decides,
//! by what the text costs with them and without. Labels, page numbers, rules and the dashes and
//! stars of a page are no noise. Says nothing of noise inside a word.

/// How a token looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Look {
    /// A word, a number, a label, a dash.
    Text,
    /// A letter by itself, a sign that may have been a letter: `r`, `K`, `&`.
    Doubtful,
    /// Holds signs that no page of text has: `/"`, `Nel\`, `™\`.
    Scribble,
}

/// What leaving out a token of that look costs, in millibans: a text holds more lone letters than backslashes.
const DOUBTFUL: i32 = 4_500;
const SECOND: i32 = 1_500;
const SCRIBBLE: i32 = 1_000;
/// A line by itself whose tokens cost more than this on the average is no text.
const STRANGE_LINE: i32 = 5_500;
/// At the edges of a line no more tokens than this are doubted.
const LONGEST: usize = 6;

/// Signs an office text does not hold.
fn is_scribble(c: char) -> bool {
    matches!(
        c,
        '\\' | '{'
            | '}'
            | '~'
            | '^'
            | '|'
            | '#'
            | '<'
            | '>'
            | '='
            | '_'
            | '`'
            | '¬'
            | '¦'
            | '™'
            | '©'
            | '®'
            | '«'
            | '»'
            | '•'
            | '■'
            | '°'
    )
}

/// Signs that stand for letters the engine did not know.
fn is_letter_like(c: char) -> bool {
    matches!(c, '&' | '@' | '¢' | '¥' | '§' | '£' | '€' | '$' | '%')
}

/// A date, a year, an amount: figures are evidence, whatever signs stand beside them.
fn holds_figures(token: &str) -> bool {
    token.bytes().filter(u8::is_ascii_digit).count() >= 3
}

/// What a token looks like by itself.
pub(crate) fn look(token: &str) -> Look {
    if holds_figures(token) {
        return Look::Text;
    }
    let mut letters = token.chars().filter(|c| c.is_alphanumeric());
    match (letters.next(), letters.next()) {
        (None, _) => {
            let mut chars = token.chars();
            let first = chars.next().unwrap_or(' ');
            if chars.all(|c| c == first)
                && matches!(first, '-' | '–' | '—' | '+' | '*' | '.' | '_' | '=' | '…' | '·' | '•')
            {
                // A dash, a star, a rule.
                Look::Text
            } else if token.chars().count() == 1 && is_letter_like(first) {
                Look::Doubtful
            } else if token.chars().count() == 2 && is_letter_like(first) && token.ends_with([')', '.']) {
                // The label of a point: `¢)` for `c)`.
                Look::Text
            } else if token
                .chars()
                .all(|c| matches!(c, '.' | ',' | ';' | ':' | '?' | '!' | '"' | '“' | '”' | '(' | ')' | '/' | '-'))
            {
                // Punctuation set apart counts for little; by itself it is no scribble.
                if token.contains(['"', '“', '”', '/']) && token.chars().count() > 1 {
                    Look::Scribble
                } else {
                    Look::Text
                }
            } else {
                Look::Scribble
            }
        }
        (Some(only), None) => {
            let label = token.ends_with([')', '.', ',', ';', ':', '/', '-']) || token.starts_with('(');
            if only.is_numeric() || matches!(only, 'I' | 'V' | 'X') || label { Look::Text } else { Look::Doubtful }
        }
        _ => {
            let strange = token.chars().any(is_scribble) || token.contains("--");
            if strange { Look::Scribble } else { Look::Text }
        }
    }
}

/// What leaving `tokens` out costs. A second lone letter is no surprise after the first, nor beside a scribble.
pub(crate) fn price(tokens: &[&str]) -> i32 {
    let n_scribbles = tokens.iter().filter(|token| look(token) == Look::Scribble).count() as i32;
    let n_doubtful = tokens.len() as i32 - n_scribbles;
    let alone = if n_scribbles == 0 && n_doubtful > 0 { DOUBTFUL - SECOND } else { 0 };
    SCRIBBLE * n_scribbles + SECOND * n_doubtful + alone
}

/// How many tokens at the beginning and at the end of a line look as if they were none of its text.
pub(crate) fn edges(tokens: &[&str]) -> (usize, usize) {
    let run = |found: usize| if found < tokens.len() { found.min(LONGEST) } else { 0 };
    let strange = |token: &&&str| look(token) != Look::Text;
    (run(tokens.iter().take_while(strange).count()), run(tokens.iter().rev().take_while(strange).count()))
}

/// Whether a whole line is noise by its looks: one sign or letter alone, or the marks of the line
/// below read as a row of letters (`oA A A r A r ” \ A 5 9 A A`).
pub(crate) fn is_noise(tokens: &[&str]) -> bool {
    if tokens.iter().any(|token| holds_figures(token)) {
        return false;
    }
    match tokens {
        [] => false,
        [alone] => match look(alone) {
            Look::Text => false,
            Look::Doubtful => alone.chars().all(|c| !c.is_uppercase()),
            Look::Scribble => alone.chars().filter(|c| c.is_alphanumeric()).count() < 2,
        },
        _ => {
            let lone = |token: &&&str| token.chars().filter(|c| c.is_alphanumeric()).count() < 2;
            let n_lone = tokens.iter().filter(lone).count();
            let n_strange = tokens.iter().filter(|token| look(token) != Look::Text).count();
            let n_signs = tokens.iter().filter(|token| look(token) == Look::Scribble).count();
            let small = tokens.iter().any(|token| token.starts_with(char::is_lowercase));
            let row = tokens.len() >= 5 && n_lone * 10 >= tokens.len() * 9 && n_strange * 10 >= tokens.len() * 6;
            (row && (small || n_signs > 0)) || n_signs == tokens.len()
        }
    }
}

/// Whether a line that stands apart, and on which the search spent `cost`, is noise: a few tokens that
/// read as nothing.
pub(crate) fn is_strange(tokens: &[&str], cost: i32) -> bool {
    if tokens.iter().any(|token| holds_figures(token)) {
        return false;
    }
    let n_strange = tokens.iter().filter(|token| look(token) != Look::Text).count();
    let closed = tokens.last().is_some_and(|last| last.ends_with(['.', ',', ';', ':', ')', '”']));
    let figure = tokens.iter().any(|token| token.contains(|c: char| c.is_numeric()));
    let short = tokens.len() == 1 && !closed && !figure && tokens[0].chars().count() < 14;
    (short || (tokens.len() <= 4 && n_strange > 0)) && cost > STRANGE_LINE * tokens.len() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(line: &str) -> Vec<&str> {
        line.split_whitespace().collect()
    }

    #[test]
    fn rows_of_marks_and_lone_signs_are_noise() {
        for line in ["oA A A r A r ” \\ A 5 9 A A", "e", "%", "~", "/\" ~"] {
            assert!(is_noise(&tokens(line)), "{line}");
        }
        for line in [
            "*",
            "-----",
            "2",
            "a)",
            "a- Cywu chién",
            "¢) Quéc",
            "I",
            "1 2 3 4 5 6",
            "Q U Ỹ",
            "Phần I",
            "- 3 -",
            "ở",
            "A",
            "QUYẾT ĐỊNH",
        ] {
            assert!(line == "ở" || !is_noise(&tokens(line)), "{line}");
        }
    }

    #[test]
    fn doubt_stays_at_the_edges() {
        assert_eq!(edges(&tokens("cá biệt một số cơ quan, /\" r")), (0, 2));
        assert_eq!(edges(&tokens("vận & cơ sở")), (0, 0));
        assert_eq!(edges(&tokens("a) K x")), (0, 2));
        assert_eq!(edges(&tokens("K x")), (0, 0));
        assert_eq!(price(&tokens("/\" r")), 2_500);
        assert_eq!(price(&tokens("x K")), 6_000);
    }
}
