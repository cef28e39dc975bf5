//! `vanban extract`: one record per document, as NDJSON or Akoma Ntoso.

use crate::{Failure, Status};
use rayon::prelude::*;
use std::fmt::Display;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use vanban::document::{Document, DocumentId, akn};
use vanban::error::Error;
use vanban::restore::{Model, Restorer, Worker};
use vanban::source::{self, Limits};

/// Files read at once; bounds memory while every core has work.
const BATCH: usize = 64;

/// Write one record per document.
///
/// Reads each file (or standard input) of any accepted format, restores it and writes what it
/// is and says: header fields, outline, citations, amendments, defects; one JSON object a
/// line. A file that cannot be read is named on standard error, the rest goes on, and the
/// exit status is 3.
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
    /// Another model than the one inside
    #[arg(long, value_name = "FILE", env = "VANBAN_MODEL")]
    model: Option<PathBuf>,
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
    let model = match &args.model {
        Some(path) => Model::read(path)?,
        None => Model::embedded(),
    };
    let restorer = Restorer::new(model);
    let workers = restorer.workers();
    let stdin = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &stdin[..] } else { &args.files[..] };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut status = Status::Done;
    for batch in files.chunks(BATCH) {
        let read: Vec<Outcome> =
            batch.par_iter().map(|file| workers.lend(|worker| one(file, args.format, worker))).collect();
        for outcome in read {
            out.write_all(&outcome.written)?;
            for message in &outcome.set_aside {
                eprintln!("vanban: {message}");
                status = Status::SomeSetAside;
            }
        }
    }
    out.flush()?;
    Ok(status)
}

/// What one file gave: its documents as written, and what had to be set aside.
#[derive(Debug, Default)]
struct Outcome {
    written: Vec<u8>,
    set_aside: Vec<String>,
}

fn one(file: &Path, format: Format, worker: &mut Worker<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let named = |what: &dyn Display| format!("{}: {what}", file.display());
    let bytes = match read(file) {
        Ok(bytes) => bytes,
        Err(error) => {
            outcome.set_aside.push(error.to_string());
            return outcome;
        }
    };
    let name = match file.file_name() {
        Some(name) if file.as_os_str() != "-" => name.to_string_lossy().into_owned(),
        _ => "-".to_owned(),
    };
    let parts = match source::read(&name, &bytes, &Limits::default()) {
        Ok(parts) => parts,
        Err(refused) => {
            outcome.set_aside.push(named(&refused.message));
            return outcome;
        }
    };
    let hash = format!("blake3:{}", blake3::hash(&bytes).to_hex());
    for part in parts {
        let id = DocumentId(format!("{name}{}", part.suffix));
        let decoded = match part.content {
            Ok(decoded) => decoded,
            Err(refused) => {
                outcome.set_aside.push(format!("{id}: {}", refused.message));
                continue;
            }
        };
        let document = Document::from_decoded(id, hash.clone(), decoded, worker);
        match format {
            Format::Akn => outcome.written.extend(akn::write(&document).into_bytes()),
            Format::Ndjson => match serde_json::to_vec(&document.record()) {
                Ok(line) => outcome.written.extend(line),
                Err(cause) => outcome.set_aside.push(named(&cause)),
            },
        }
        outcome.written.push(b'\n');
    }
    outcome
}

fn read(file: &Path) -> Result<Vec<u8>, Error> {
    if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        return match std::io::stdin().lock().read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(cause) => Err(Error::io("-", cause)),
        };
    }
    std::fs::read(file).map_err(|cause| Error::io(file, cause))
}
