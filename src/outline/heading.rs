//! Headings: what is printed beside or below a label before its text begins.

use super::line::Line;
use super::marker;
use crate::text::is_upper;

/// Longer than any heading; more is text.
const LONGEST: usize = 400;

/// The heading of a part, chapter, section or annex: the rest of its line and the capitals below it.
pub(super) fn of_division(lines: &[Line<'_>], index: usize, rest: usize) -> Option<String> {
    let own = lines[index].text[rest..].trim();
    let mut heading = own.to_owned();
    let below = &lines[index + 1..];
    for (at, line) in below.iter().enumerate().take(6) {
        if marker::read(line.text).is_some() || line.text.starts_with('(') || heading.len() + line.text.len() > LONGEST
        {
            break;
        }
        let upper = is_upper(line.text);
        // A heading in small letters is one line, with a label right after it.
        let small = heading.is_empty()
            && !line.text.ends_with(['.', ';', ':', ','])
            && below.get(at + 1).is_some_and(|next| marker::read(next.text).is_some());
        let goes_on =
            upper && (heading.is_empty() || is_upper(&heading)) && (at == 0 && heading.is_empty() || !line.after_blank);
        if !(goes_on || small) {
            break;
        }
        join(&mut heading, line.text);
    }
    finished(heading)
}

/// The heading of an article: the rest of its paragraph if it does not end like a sentence.
pub(super) fn of_article(lines: &[Line<'_>], index: usize, rest: usize) -> Option<String> {
    let mut heading = lines[index].text[rest..].trim().to_owned();
    if heading.is_empty() || ends_sentence(&heading) {
        return None;
    }
    for line in lines[index + 1..].iter().take(4) {
        if line.after_blank || marker::read(line.text).is_some() {
            return finished(heading);
        }
        if heading.len() > LONGEST {
            return None;
        }
        // A capital begins the text, unless the line before was full and runs on.
        if line.text.starts_with(char::is_uppercase) && heading.chars().count() < 70 {
            return finished(heading);
        }
        join(&mut heading, line.text);
        if ends_sentence(&heading) {
            return None;
        }
    }
    // Nothing follows, or the paragraph goes on for too long to be a heading.
    if index + 1 >= lines.len() { finished(heading) } else { None }
}

/// The heading of a clause or Roman section: capitals, or a short line that does not end like a sentence.
pub(super) fn of_item(lines: &[Line<'_>], index: usize, rest: usize) -> Option<String> {
    let own = lines[index].text[rest..].trim();
    if is_upper(own) || own.is_empty() {
        return of_division(lines, index, rest);
    }
    if ends_sentence(own) || own.len() > 240 {
        return None;
    }
    let next = lines.get(index + 1)?;
    let complete = next.after_blank
        || marker::read(next.text).is_some()
        || next.text.starts_with(char::is_uppercase) && own.chars().count() < 60;
    complete.then(|| own.to_owned()).and_then(finished)
}

/// The heading of an attached text: its kind and title, without the note below.
pub(super) fn of_attached(lines: &[Line<'_>]) -> Option<String> {
    let mut heading = String::new();
    for line in lines.iter().take(8) {
        if line.text.starts_with('(') || heading.len() > LONGEST {
            break;
        }
        join(&mut heading, line.text);
    }
    finished(heading)
}

fn ends_sentence(text: &str) -> bool {
    text.ends_with(['.', ';', ':', ',', '”', '…']) && !text.ends_with(").")
}

fn join(heading: &mut String, text: &str) {
    if !heading.is_empty() {
        heading.push(' ');
    }
    heading.push_str(text);
}

fn finished(heading: String) -> Option<String> {
    let heading = heading.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '*' | '_'));
    (!heading.is_empty() && heading.len() <= LONGEST + 200).then(|| heading.to_owned())
}
