//! `vanban extract`: one record per document, as NDJSON or Akoma Ntoso.

use crate::{Failure, Status};
use rayon::prelude::*;
use std::io::{Read, Write};
use std::path::PathBuf;
use vanban::document::{Document, DocumentId};
use vanban::restore::{Model, Restorer};

/// Files read at once; bounds memory while every core has work.
const BATCH: usize = 64;

/// Write one record per document.
///
/// Reads each file (or standard input), restores it and writes what it is and
/// says: header fields, outline, citations, amendments, defects; one JSON object
/// a line. A file that cannot be read is named on standard error and the rest goes on.
///
/// Example: vanban extract scans/*.txt | jq .number
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Files to read; `-` or none for standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
}

/// Forms of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One JSON object a line
    Ndjson,
    /// Akoma Ntoso 3.0, one XML document after another
    Akn,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let restorer = Restorer::new(Model::embedded());
    let stdin = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &stdin[..] } else { &args.files[..] };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut status = Status::Done;
    for batch in files.chunks(BATCH) {
        let written: Vec<Result<Vec<u8>, String>> =
            batch.par_iter().map_init(|| restorer.worker(), |worker, file| one(file, args.format, worker)).collect();
        for outcome in written {
            match outcome {
                Ok(bytes) => out.write_all(&bytes)?,
                Err(message) => {
                    eprintln!("vanban: {message}");
                    status = Status::SomeSetAside;
                }
            }
        }
    }
    out.flush()?;
    Ok(status)
}

/// One file as a line of JSON or an XML document.
fn one(file: &PathBuf, format: Format, worker: &mut vanban::restore::Worker<'_>) -> Result<Vec<u8>, String> {
    let named = |what: &dyn std::fmt::Display| format!("{}: {what}", file.display());
    let (id, bytes) = if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(|cause| named(&cause))?;
        ("-".to_owned(), bytes)
    } else {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        (name, std::fs::read(file).map_err(|cause| named(&cause))?)
    };
    let document = Document::read(DocumentId(id), &bytes, worker).map_err(|refused| named(&refused.message))?;
    match format {
        Format::Ndjson => {
            let mut line = serde_json::to_vec(&document.record()).map_err(|cause| named(&cause))?;
            line.push(b'\n');
            Ok(line)
        }
        Format::Akn => Err(named(&"Akoma Ntoso is not written yet")),
    }
}
