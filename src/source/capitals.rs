//! Capitals that TCVN3 cannot write, put back from the letters around them.
//!
//! TCVN3 has no capital toned vowels: `CéNG HßA` was typed in capitals of a capitals font, and
//! `Ủy ban` comes as `ủy ban`. Whole words in capitals are certain from their plain letters;
//! initial capitals are restored at the start of a sentence and in a few fixed names only.

use crate::source::spelling::is_spellable;

/// How the plain letters of a word were typed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Typed {
    Capitals,
    Small,
    /// Too few plain letters to say.
    Open,
}

/// Restores capitals in `text`, which was read from TCVN3.
pub(crate) fn restore(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut sentence_starts = true;
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            sentence_starts = true;
        }
        restore_line(line, &mut sentence_starts, &mut out);
    }
    out
}

fn restore_line(line: &str, sentence_starts: &mut bool, out: &mut String) {
    let words = words(line);
    let typed: Vec<Typed> = words.iter().map(|word| typed(&line[word.clone()])).collect();
    let mut written = 0;
    for (n, word) in words.iter().enumerate() {
        let between = &line[written..word.start];
        out.push_str(between);
        // A label such as `1.` or `a)` opens a sentence; so does an indented line.
        *sentence_starts |= between.trim_end().ends_with(['.', '!', '?'])
            || (n == 0 && (line.starts_with("  ") || between.trim_end().ends_with([')', '-', '+', '*', '•'])));
        let letters = &line[word.clone()];
        let capitals = match typed[n] {
            Typed::Capitals => true,
            Typed::Small => false,
            Typed::Open => neighbours_are_capitals(&typed, n),
        };
        if capitals {
            out.extend(letters.chars().flat_map(char::to_uppercase));
        } else if is_lost_initial(letters) && (*sentence_starts || is_name(letters, line, &words, n)) {
            let mut chars = letters.chars();
            out.extend(chars.next().into_iter().flat_map(char::to_uppercase));
            out.push_str(chars.as_str());
        } else {
            out.push_str(letters);
        }
        *sentence_starts = false;
        written = word.end;
    }
    let tail = &line[written..];
    out.push_str(tail);
    *sentence_starts |= tail.trim_end().ends_with(['.', '!', '?', ':', ';']);
}

fn words(line: &str) -> Vec<std::ops::Range<usize>> {
    let mut words: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, c) in line.char_indices() {
        if !c.is_alphabetic() {
            continue;
        }
        let end = at + c.len_utf8();
        match words.last_mut() {
            Some(word) if word.end == at => word.end = end,
            _ => words.push(at..end),
        }
    }
    words
}

fn typed(word: &str) -> Typed {
    // Letters whose case TCVN3 can write.
    let small = word.chars().filter(char::is_ascii_lowercase).count();
    let capital = word.chars().filter(|c| c.is_uppercase()).count();
    match (capital, small) {
        (2.., 0) => Typed::Capitals,
        (_, 1..) => Typed::Small,
        _ => Typed::Open,
    }
}

/// Whether the nearest words that say anything, at most three away, were typed in capitals.
fn neighbours_are_capitals(typed: &[Typed], n: usize) -> bool {
    let said = |typed: Option<&Typed>| typed.map(|typed| *typed == Typed::Capitals);
    let left = said(typed[n.saturating_sub(3)..n].iter().rev().find(|typed| **typed != Typed::Open));
    let right = said(typed[n + 1..typed.len().min(n + 4)].iter().find(|typed| **typed != Typed::Open));
    match (left, right) {
        (Some(left), Some(right)) => left && right,
        (left, right) => left.or(right).unwrap_or(false),
    }
}

/// A word that begins with a small letter of which TCVN3 has no capital.
fn is_lost_initial(word: &str) -> bool {
    word.chars().next().is_some_and(|c| c.is_lowercase() && !c.is_ascii() && !"ăâêôơưđ".contains(c))
        && is_spellable(word)
}

/// `Ủy ban`, `Ấn Độ`, `châu Á`, `Đông Á`: names that begin with a toned vowel.
fn is_name(word: &str, line: &str, words: &[std::ops::Range<usize>], n: usize) -> bool {
    let next = words.get(n + 1).map(|word| &line[word.clone()]);
    let before = n.checked_sub(1).map(|n| &line[words[n].clone()]);
    match word {
        "ủy" | "uỷ" => next == Some("ban"),
        "ấn" => next == Some("Độ"),
        "á" => matches!(before, Some("châu" | "Châu" | "Đông" | "Nam" | "Bắc" | "Tây" | "Trung")),
        "úc" => matches!(before, Some("nước" | "châu" | "Châu")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_come_back_from_plain_letters() {
        assert_eq!(restore("CộNG HòA Xã HộI CHủ NGHĩA VIệT NAM\n"), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n");
        assert_eq!(restore("UBND Xã Lâm Thượng"), "UBND Xã Lâm Thượng");
    }

    #[test]
    fn initials_come_back_where_a_sentence_begins() {
        assert_eq!(
            restore("ủy ban nhân dân tỉnh; Tỉnh ủy, đồng ý. ý kiến khác"),
            "Ủy ban nhân dân tỉnh; Tỉnh ủy, đồng ý. Ý kiến khác"
        );
    }
}
