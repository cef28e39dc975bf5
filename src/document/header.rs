//! The head and foot of a paper: number, type, issuer, place, date, title, signer, recipients.
//!
//! What the page does not say stays `None`; nothing is guessed.

mod effect;
mod foot;
mod head;
mod issuer;
mod kinds;
mod names;
mod printed;
mod words;

use crate::outline::{Level, Outline};
use crate::restore::Restored;
use crate::text::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Fields of the head and foot (*thể thức*).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// *Số, ký hiệu*, canonical, as printed.
    pub number: Option<String>,
    /// Type word, canonical: `Quyết định`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// *Cơ quan ban hành* without locality, canonical spelling.
    pub issuer: Option<String>,
    /// The long form as printed.
    pub issuer_printed: Option<String>,
    /// *Địa danh*.
    pub place: Option<String>,
    /// Date of signing.
    pub date: Option<Date>,
    /// First day in force, as stated.
    pub effective: Option<Date>,
    /// *Trích yếu*, without the leading type word.
    pub title: Option<String>,
    /// Who signed.
    pub signer: Option<String>,
    /// As printed over the name.
    pub signer_role: Option<String>,
    /// *Nơi nhận*, line by line.
    pub recipients: Vec<String>,
}

/// Gives the signer's name the letters that were read, where restoration made another name of a sound one.
pub(crate) fn keep_names(header: &mut Header, restored: &Restored, source: &str) {
    let Some(signer) = &header.signer else { return };
    // The name stands near the end; a name over two lines is left as it is.
    let Some(at) = restored.text.rfind(signer.as_str()) else { return };
    let read = restored.source_span(Span::new(at, at + signer.len())).of(source);
    header.signer = Some(names::mended(signer, read));
}

/// Whether a line belongs to the basis: `Căn cứ …`, `Theo đề nghị …`, damaged too.
pub(crate) fn begins_basis(line: &str) -> bool {
    head::begins_basis(line)
}

/// Lines of the head that are looked at.
const HEAD_LINES: usize = 90;

/// Bytes before the foot in which the day of effect is looked for.
const EFFECT_BYTES: usize = 24_000;

/// Reads the header fields of a restored text.
///
/// The head is read from the top, the foot from the end of the document's own text:
/// attached texts and annexes, which may carry heads and feet of their own, are left out.
pub fn read(text: &str, outline: &Outline) -> Header {
    let own_end = outline
        .nodes
        .iter()
        .find(|node| matches!(node.level, Level::KemTheo | Level::PhuLuc))
        .map_or(text.len(), |node| node.span.start);
    let own = &text[..own_end];
    let head = head::read(&head::lines(own, HEAD_LINES));
    let body_end = outline.nodes.iter().rev().find(|node| node.span.end <= own_end).map_or(0, |node| node.span.end);
    let mut foot = foot::read(&foot_lines(own, body_end));
    // A consolidation signs below the attached text.
    if foot.recipients.is_empty() && foot.signature.signer.is_none() && own_end < text.len() {
        let body_end = outline
            .nodes
            .iter()
            .filter(|node| node.level == Level::KemTheo)
            .map(|node| node.span.end)
            .max()
            .unwrap_or(text.len());
        foot = foot::read(&foot_lines(text, body_end));
    }
    let issuer = issuer::decide(&head, &foot.signature);
    let effective = match head.kind {
        // A consolidation states the effect of others.
        Some("Văn bản hợp nhất") => None,
        _ => effective(text, own_end, outline, head.date),
    };
    Header {
        number: head.number,
        kind: head.kind.map(str::to_owned),
        issuer: issuer.name,
        issuer_printed: issuer.printed,
        place: head.place,
        date: head.date,
        effective,
        title: head.title,
        signer: foot.signature.signer,
        signer_role: foot.signature.role.as_deref().map(foot::role),
        recipients: foot.recipients,
    }
}

/// The lines in which recipients and signature may stand: those after the last place, and some of its own.
///
/// The last place may have swallowed a foot that was not recognised, so a stretch before its end is read as well.
fn foot_lines(own: &str, body_end: usize) -> Vec<&str> {
    let mut from = body_end.min(own.len()).saturating_sub(2500);
    while !own.is_char_boundary(from) {
        from += 1;
    }
    let lines: Vec<&str> = own[from..].split('\n').collect();
    // Forms and tables after the foot may be long; the foot stands near the last place.
    lines.into_iter().take(4000).collect()
}

/// The day of effect: stated in the document's own last places, or else in those of an attached text.
fn effective(text: &str, own_end: usize, outline: &Outline, signed: Option<Date>) -> Option<Date> {
    let stretch = |from: usize, to: usize| {
        let mut from = from.max(to.saturating_sub(EFFECT_BYTES));
        while !text.is_char_boundary(from) {
            from += 1;
        }
        let mut stretch = String::new();
        let mut at = from;
        // New wording of another act says nothing of this one.
        let first = outline.quoted.partition_point(|span| span.end <= from);
        for span in outline.quoted[first..].iter().take_while(|span| span.start < to) {
            stretch.push_str(&text[at..span.start.max(at)]);
            at = span.end.clamp(at, to);
        }
        stretch.push_str(&text[at..to]);
        stretch
    };
    effect::read(&stretch(0, own_end), signed).or_else(|| {
        let attached = outline.nodes.iter().find(|node| node.level == Level::KemTheo)?;
        effect::read(&stretch(attached.span.start, attached.span.end), signed)
    })
}
