//! The head and foot of a paper: number, type, issuer, place, date, title, signer, recipients.
//!
//! What the page does not say stays `None`; nothing is guessed.

use crate::outline::Outline;
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

/// Reads the header fields of a restored text.
pub fn read(_text: &str, _outline: &Outline) -> Header {
    Header::default()
}
