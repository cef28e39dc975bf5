//! One card per document: what a result list shows, kept in memory and beside the index.

use crate::document::Document;
use crate::error::Error;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// Name of the card file in the index folder.
pub(crate) const FILE: &str = "cards.bin";

/// What a result list shows of a document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Id of the document.
    pub id: String,
    /// Canonical number.
    pub number: Option<String>,
    /// Type word, canonical.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Issuing body without locality.
    pub issuer: Option<String>,
    /// The long form as printed.
    pub issuer_printed: Option<String>,
    /// Date of signing.
    pub date: Option<Date>,
    /// Title without the type word.
    pub title: Option<String>,
}

impl Card {
    /// The card of a document.
    pub fn of(document: &Document) -> Card {
        let header = &document.header;
        Card {
            id: document.id.0.clone(),
            number: header.number.clone(),
            kind: header.kind.clone(),
            issuer: header.issuer.clone(),
            issuer_printed: header.issuer_printed.clone(),
            date: header.date,
            title: header.title.clone(),
        }
    }
}

/// Writes the cards, which must be sorted by id; gives the hash that binds them to the index.
pub(crate) fn write(folder: &Path, cards: &[Card]) -> Result<String, Error> {
    let path = folder.join(FILE);
    let bytes = postcard::to_stdvec(cards).map_err(|cause| Error::message(&path, cause.to_string()))?;
    let hash = blake3::hash(&bytes).to_hex().to_string();
    let mut file = File::create(&path).map_err(|cause| Error::io(&path, cause))?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(|cause| Error::io(&path, cause))?;
    Ok(hash)
}

/// Reads the cards back; `hash` is what [`write`] gave.
pub(crate) fn read(folder: &Path, hash: &str) -> Result<Vec<Card>, Error> {
    let path = folder.join(FILE);
    let bytes = std::fs::read(&path).map_err(|cause| Error::io(&path, cause))?;
    if blake3::hash(&bytes).to_hex().as_str() != hash {
        return Err(Error::message(&path, "does not belong to this index; run `vanban reindex --full`"));
    }
    postcard::from_bytes(&bytes).map_err(|cause| Error::message(&path, cause.to_string()))
}
