//! How much it matters that a stretch is right, by where it stands. Ratios, judged by what an error
//! costs a reader: a wrong number in a clause that changes the law against a word of a sentence. Steeper
//! ones (8 : 4 : 0.3) left three to eight hundredths of the errors out of the first twentieth of a text
//! that the chance alone brings there.

use super::Kind;
use super::gather::line_around;
use crate::document::Document;
use crate::graph::Relations;
use crate::text::Span;

pub(super) const CHANGING_NUMBER: f64 = 3.0;
pub(super) const NUMBER: f64 = 2.0;
pub(super) const HEADER: f64 = 2.0;
pub(super) const CHANGING_CLAUSE: f64 = 1.7;
pub(super) const NAME: f64 = 1.4;
pub(super) const CITATION: f64 = 1.2;
pub(super) const TEXT: f64 = 1.0;
pub(super) const RECIPIENTS: f64 = 0.6;

/// What a stretch is and how much it matters.
pub(super) fn weigh(document: &Document, span: Span, recipients: Option<Span>) -> (Kind, f64) {
    let text = &document.restored.text;
    let reading = span.of(text);
    let has_digit = reading.contains(|c: char| c.is_ascii_digit());
    let header = &document.header;
    if let Some(citation) = document.citations.iter().find(|citation| citation.span.overlaps(span)) {
        let changing = Relations::CHANGING.has(citation.relation);
        return match (has_digit || reading.contains(['-', '/']), changing) {
            (true, true) => (Kind::Number, CHANGING_NUMBER),
            (true, false) => (Kind::Number, NUMBER),
            (false, true) => (Kind::Reading, CHANGING_CLAUSE),
            (false, false) => (Kind::Reading, CITATION),
        };
    }
    if document.citations.iter().any(|one| Relations::CHANGING.has(one.relation) && one.sentence.overlaps(span)) {
        return (Kind::Reading, CHANGING_CLAUSE);
    }
    if header.number.as_deref().is_some_and(|number| number.contains(reading) && has_digit) {
        return (Kind::Number, HEADER);
    }
    let line = line_around(text, span.start);
    let signer = header.signer.as_deref().is_some_and(|signer| line.trim() == signer);
    let title = header.title.as_deref().is_some_and(|title| !line.trim().is_empty() && title.contains(line.trim()));
    if signer {
        return (Kind::Name, HEADER);
    }
    if title {
        return (Kind::Reading, NAME);
    }
    if recipients.is_some_and(|lines| lines.overlaps(span)) {
        return (Kind::Reading, RECIPIENTS);
    }
    let opens =
        text[..span.start].trim_end().is_empty() || text[..span.start].trim_end().ends_with(['.', ':', ';', '-']);
    let heading = line.chars().filter(|c| c.is_uppercase()).count() > line.chars().filter(|c| c.is_lowercase()).count();
    if !opens && !heading && reading.starts_with(char::is_uppercase) {
        return (Kind::Name, NAME);
    }
    (Kind::Reading, TEXT)
}

/// Where the recipients are listed; what comes after them may be an annex.
pub(super) fn recipients(document: &Document) -> Option<Span> {
    let (text, lines) = (&document.restored.text, &document.header.recipients);
    let start = text.rfind(lines.first()?.as_str())?;
    let last = lines.last()?;
    let end = text[start..].find(last.as_str()).map_or(start, |at| start + at) + last.len();
    Some(Span::new(start, end))
}
