//! One document through the whole flow: the only place that joins the stages.
//!
//! Bytes in, [`Document`] out; [`Document::record`] gives the form that other programs read.

pub mod akn;
pub mod header;
mod printed;

pub use printed::{Printed, PrintedPages};

use crate::citation::{self, Amendment, Citation, OwnNames, Relation, Target};
use crate::outline::{self, Level, Outline};
use crate::restore::{Restored, Worker};
use crate::source::{Decoded, Refused};
use crate::text::{CharCounter, Defect, Span};
use header::Header;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Path below the given folder, `/`-separated, with extension; the file name of a
/// single file; `-` for standard input.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentId(pub String);

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A document read, restored and understood. Spans are bytes of the restored text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Where it came from.
    pub id: DocumentId,
    /// `blake3:` and the hex hash of the bytes read.
    pub source_hash: String,
    /// Encoding or format of the bytes.
    pub encoding: String,
    /// The decoded text, before restoration.
    pub source: String,
    /// The restored text and its way back.
    pub restored: Restored,
    /// Number, issuer, date and the other fields of the head and foot.
    pub header: Header,
    /// The structure.
    pub outline: Outline,
    /// References to other documents and into this one.
    pub citations: Vec<Citation>,
    /// New wording given to other documents.
    pub amendments: Vec<Amendment>,
    /// Everything that was wrong with the page.
    pub defects: Vec<Defect>,
    /// First and last page of the file it was read from, where the format has pages.
    pub pages: Option<(usize, usize)>,
}

impl Document {
    /// Reads plain text bytes. Total but for bytes that are no text at all.
    pub fn read(id: DocumentId, bytes: &[u8], worker: &mut Worker<'_>) -> Result<Document, Refused> {
        let decoded = crate::source::decode(bytes)?;
        let hash = format!("blake3:{}", blake3::hash(bytes).to_hex());
        Ok(Document::from_decoded(id, hash, decoded, worker))
    }

    /// The same from text that some reader of formats has already decoded.
    pub fn from_decoded(id: DocumentId, source_hash: String, decoded: Decoded, worker: &mut Worker<'_>) -> Document {
        let restored = worker.restore(&decoded.text);
        Document::from_restored(id, source_hash, decoded, restored)
    }

    /// The stages after restoration, for text whose restoration is at hand.
    pub fn from_restored(id: DocumentId, source_hash: String, decoded: Decoded, restored: Restored) -> Document {
        let outline = outline::parse(&restored.text);
        let mut header = header::read(&restored.text, &outline);
        header::keep_names(&mut header, &restored, &decoded.text);
        let own = OwnNames {
            number: header.number.clone(),
            kind: header.kind.clone(),
            issuer: header.issuer.clone(),
            date: header.date,
        };
        let resolved = citation::read(&restored.text, &outline, &own);
        let mut defects = decoded.defects;
        defects.extend(restored.defects.iter().cloned());
        defects.extend(outline.defects.iter().cloned());
        defects.extend(resolved.defects);
        Document {
            id,
            source_hash,
            encoding: decoded.encoding,
            source: decoded.text,
            restored,
            header,
            outline,
            citations: resolved.citations,
            amendments: resolved.amendments,
            defects,
            pages: decoded.pages,
        }
    }

    /// Where on its pages things are printed; `None` where it has none.
    pub fn printed(&self) -> Option<PrintedPages> {
        self.pages.map(|(first, _)| PrintedPages::new(&self.source, first))
    }

    /// The record that other programs read: spans in characters of the source.
    pub fn record(&self) -> Record {
        let counter = CharCounter::new(&self.source);
        let chars = |span: Span| -> [usize; 2] {
            let span = self.restored.source_span(span);
            [counter.chars_before(span.start), counter.chars_before(span.end)]
        };
        let pages = self.printed();
        let surface = |span: Span| self.restored.source_span(span).of(&self.source).to_owned();
        Record {
            id: self.id.0.clone(),
            source_hash: self.source_hash.clone(),
            encoding: self.encoding.clone(),
            pages: self.pages,
            restored: self.restored.text.clone(),
            header: self.header.clone(),
            outline: self
                .outline
                .nodes
                .iter()
                .map(|node| RecordNode {
                    path: node.path.clone(),
                    level: node.level,
                    label: node.label.clone(),
                    heading: node.heading.clone(),
                    span: chars(node.span),
                })
                .collect(),
            citations: self
                .citations
                .iter()
                .map(|citation| RecordCitation {
                    surface: surface(citation.span),
                    span: chars(citation.span),
                    number: citation.number.clone(),
                    name: citation.name.clone(),
                    kind: citation.kind.clone(),
                    date: citation.date,
                    issuer: citation.issuer.clone(),
                    term: citation.term.clone(),
                    locators: citation.locators.clone(),
                    relation: citation.relation,
                    target: citation.target.clone(),
                    of: citation.of.clone(),
                    likely: citation.likely.clone(),
                    path: citation.path.clone(),
                    confidence: (f64::from(citation.confidence) * 1000.0).round() / 1000.0,
                    printed: pages.as_ref().map(|pages| pages.of(self.restored.source_span(citation.span))),
                })
                .collect(),
            amendments: self
                .amendments
                .iter()
                .map(|amendment| RecordAmendment {
                    target: amendment.target.clone(),
                    locator: amendment.locator.clone(),
                    action: amendment.action.clone(),
                    was: amendment.was.clone(),
                    text: amendment.text.clone(),
                    span: chars(amendment.span),
                })
                .collect(),
            defects: self.defects.clone(),
        }
    }
}

/// One document as `extract`, `map` and `export --format ndjson` write it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// See [`DocumentId`].
    pub id: String,
    /// `blake3:` and hex.
    pub source_hash: String,
    /// Encoding or format of the source.
    pub encoding: String,
    /// First and last page of the file, where the format has pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<(usize, usize)>,
    /// The whole restored text, one line per scanned line.
    pub restored: String,
    /// The header fields, flat.
    #[serde(flatten)]
    pub header: Header,
    /// The structure.
    pub outline: Vec<RecordNode>,
    /// The references.
    pub citations: Vec<RecordCitation>,
    /// New wording of other documents.
    pub amendments: Vec<RecordAmendment>,
    /// What was wrong with the page.
    pub defects: Vec<Defect>,
}

/// A place, with its span in characters of the source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in `outline::Node`")]
pub struct RecordNode {
    pub path: String,
    pub level: Level,
    pub label: String,
    pub heading: Option<String>,
    pub span: [usize; 2],
}

/// A reference, with its span in characters of the source and the source text as read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in `citation::Citation`")]
pub struct RecordCitation {
    pub surface: String,
    pub span: [usize; 2],
    pub number: Option<String>,
    pub name: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub date: Option<Date>,
    pub issuer: Option<String>,
    pub term: Option<String>,
    pub locators: Vec<String>,
    pub relation: Relation,
    pub target: Target,
    pub of: Option<String>,
    pub likely: Option<String>,
    pub path: Option<String>,
    pub confidence: f64,
    /// Page and line, where the format has pages.
    #[serde(flatten)]
    pub printed: Option<Printed>,
}

/// New wording, with its span in characters of the source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in `citation::Amendment`")]
pub struct RecordAmendment {
    pub target: Option<String>,
    pub locator: String,
    pub action: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    pub text: String,
    pub span: [usize; 2],
}
