//! `vanban export --format bulk`: actions that `_bulk` of OpenSearch, Elasticsearch and Quickwit takes.
//!
//! Two lines a document. Its words come cut and spelled as our own index has them, so that an engine
//! that knows no Vietnamese needs nothing but blanks to cut them again.

use crate::Failure;
use serde::Serialize;
use serde_json::json;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use vanban::document::Record;
use vanban::document::header::Header;
use vanban::error::Error;
use vanban::graph::number_key;
use vanban::index::spellings;
use vanban::text::fold;

/// Bytes of an `_id` that all three engines take.
const LONGEST_ID: usize = 512;

/// One document as the engines keep it; `deploy search` prints the settings of its fields.
#[derive(Serialize)]
struct Entry<'r> {
    id: &'r str,
    source_hash: &'r str,
    #[serde(flatten)]
    header: &'r Header,
    year: Option<i16>,
    /// Shown, not searched.
    text: &'r str,
    /// Exact forms; those of an undamaged text.
    marked: String,
    folded: String,
    head_marked: String,
    head_folded: String,
    /// `446-QĐ/TU` and `446-qd/tu`.
    number_keys: Vec<String>,
    /// The same of the acts cited.
    cites_keys: Vec<String>,
}

/// Writes the actions of all records.
pub(super) fn write(
    records: impl Iterator<Item = Result<Record, Error>>,
    index: &str,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    for record in records {
        let record = record?;
        // A longer one is cut to what a hash makes unique again.
        let id = match record.id.len() {
            0..=LONGEST_ID => record.id.clone(),
            _ => record.source_hash.clone(),
        };
        serde_json::to_writer(&mut *out, &json!({ "index": { "_index": index, "_id": id } }))?;
        writeln!(out)?;
        serde_json::to_writer(&mut *out, &entry(&record))?;
        writeln!(out)?;
    }
    Ok(())
}

fn entry(record: &Record) -> Entry<'_> {
    let header = &record.header;
    let head =
        [&header.kind, &header.number, &header.issuer, &header.title].map(|field| field.as_deref().unwrap_or(""));
    let (marked, folded) = spellings(&record.restored);
    let (head_marked, head_folded) = spellings(&head.join(" "));
    let cited = record.citations.iter().flat_map(|citation| [&citation.number, &citation.likely]).flatten();
    Entry {
        id: &record.id,
        source_hash: &record.source_hash,
        header,
        year: header.date.map(|date| date.year()),
        text: &record.restored,
        marked,
        folded,
        head_marked,
        head_folded,
        number_keys: keys(header.number.iter()),
        cites_keys: keys(cited),
    }
}

/// Numbers as they are looked up, with marks and without, each once.
fn keys<'n>(numbers: impl Iterator<Item = &'n String>) -> Vec<String> {
    let mut keys: Vec<String> = numbers.map(|number| number_key(number)).flat_map(|key| [fold(&key), key]).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The records of a file of lines; lines that hold an error instead are passed over.
pub(super) fn records(path: &Path) -> Result<impl Iterator<Item = Result<Record, Error>> + use<'_>, Error> {
    let input: Box<dyn BufRead> = match path.as_os_str() == "-" {
        true => Box::new(std::io::stdin().lock()),
        false => Box::new(BufReader::new(File::open(path).map_err(|cause| Error::io(path, cause))?)),
    };
    Ok(input.lines().enumerate().filter_map(move |(n, line)| {
        let line = match line {
            Ok(line) if line.trim().is_empty() => return None,
            Ok(line) => line,
            Err(cause) => return Some(Err(Error::io(path, cause))),
        };
        match serde_json::from_str(&line) {
            Ok(record) => Some(Ok(record)),
            Err(_) if serde_json::from_str::<Refused>(&line).is_ok() => None,
            Err(cause) => Some(Err(Error::message(path, format!("line {} is no record: {cause}", n + 1)))),
        }
    }))
}

/// What `map` writes of a line it could not take.
#[derive(serde::Deserialize)]
struct Refused {
    #[serde(rename = "error")]
    _error: String,
}
