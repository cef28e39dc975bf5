//! Words that must fit: how wide they are, cut short, broken into lines.

/// Letters of this size in points take at most this much room.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * 0.58
}

pub(super) fn cut(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    }
}

/// Breaks a text at blanks into at most two lines.
pub(super) fn two_lines(text: &str, letters: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("begins with one");
        if last.is_empty() || last.chars().count() + 1 + word.chars().count() <= letters {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        } else if lines.len() == 2 {
            let last = lines.last_mut().expect("two of them");
            *last = cut(&format!("{last} {word}"), letters - 1);
            if !last.ends_with('…') {
                last.push('…');
            }
            break;
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.into_iter().map(|line| cut(&line, letters)).filter(|line| !line.is_empty()).collect()
}
