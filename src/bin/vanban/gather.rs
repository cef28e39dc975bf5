//! `vanban gather`: a store of documents that other machines have read.

use crate::map::Packed;
use crate::{Failure, Status, StoreArg, reindex};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use vanban::error::Error;
use vanban::restore::{Adaptation, Model};
use vanban::store::{self, Brought, Content, Options, Reader};

/// Publish a generation of documents that other machines have read
///
/// Reads one JSON object a line, in the order of the ids' bytes: {"id","packed"} with what
/// `vanban map --packed` gave, {"id","hash"} for a content that the store holds already, named by
/// the record's "source_hash", or {"id","error"} for what could not be taken. The store holds
/// afterwards what was named, as if `vanban reindex` had read it here: one generation, published
/// at once, that all other commands open. A run that fails or is killed publishes nothing.
///
/// With --held it reads nothing and prints the "source_hash" of every content that need not be
/// brought again. Program, --model and --adapt must be those of `vanban map`. What people decided
/// on readings takes hold when `vanban reindex` reads the files into the same store.
///
///     vanban map --packed < scans.ndjson | jq -c '{id,packed,error}' | vanban gather --store /srv/vanban
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// The model that the documents were read with, if not the one inside
    #[arg(long, value_name = "FILE", env = "VANBAN_MODEL")]
    model: Option<PathBuf>,
    /// What `vanban adapt` learned, if the documents were read with it
    #[arg(long, value_name = "FILE")]
    adapt: Option<PathBuf>,
    /// Print what the store holds of these readers, and do nothing else
    #[arg(long)]
    held: bool,
    /// Threads [default: one per processor]
    #[arg(long, value_name = "N", value_parser = crate::values::count)]
    jobs: Option<usize>,
    /// Generations to keep, for `rollback`
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = crate::values::count)]
    keep: usize,
    /// Let an input without any document empty the store
    #[arg(long)]
    allow_empty: bool,
    /// Write the report as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// One line of input; further keys are ignored.
#[derive(Deserialize)]
struct Input {
    id: String,
    packed: Option<Packed>,
    hash: Option<String>,
    error: Option<String>,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let model = match &args.model {
        Some(path) => Model::read(path)?,
        None => Model::embedded(),
    };
    let adaptation = args.adapt.as_ref().map(|path| Adaptation::read(path, &model)).transpose()?;
    if args.held {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        for hash in store::held(&args.store.store, &store::read_by(&model, adaptation.as_ref()))? {
            writeln!(out, "{hash}")?;
        }
        out.flush()?;
        return Ok(Status::Done);
    }
    let options = Options {
        jobs: args.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
        full: false,
        max_file: u64::MAX,
        keep: args.keep,
        dry_run: false,
        allow_empty: args.allow_empty,
    };
    let stop = reindex::stop_on_signals()?;
    reindex::log(false);
    let reader = Reader { model, adaptation };
    let report = store::gather(&args.store.store, lines(), reader, &options, &|_| (), &stop)?;
    if let Some(path) = &args.report {
        reindex::write_whole(path, (serde_json::to_string_pretty(&report)? + "\n").as_bytes())?;
    }
    reindex::tell(&report, false);
    let all_taken = report.set_aside.is_empty() && report.overrides.faults.is_empty();
    Ok(if all_taken { Status::Done } else { Status::SomeSetAside })
}

/// The documents of standard input. A broken line stops the command: a store without a document
/// that was read is not the store asked for.
fn lines() -> impl Iterator<Item = Result<Brought, Error>> {
    std::io::stdin().lock().split(b'\n').enumerate().filter_map(|(n, line)| match line {
        Ok(line) if line.iter().all(u8::is_ascii_whitespace) => None,
        Ok(line) => Some(brought(&line).map_err(|why| Error::message("-", format!("line {}: {why}", n + 1)))),
        Err(cause) => Some(Err(Error::io("-", cause))),
    })
}

fn brought(line: &[u8]) -> Result<Brought, String> {
    let input: Input = serde_json::from_slice(line)
        .map_err(|cause| format!("not an object with id and one of packed, hash and error: {cause}"))?;
    let content = match (input.packed, input.hash, input.error) {
        (Some(Packed { by, document }), ..) => {
            let packed = STANDARD.decode(document).map_err(|cause| format!("packed is not base64: {cause}"))?;
            Content::Read { by, packed }
        }
        (None, Some(hash), _) => Content::Held(hash),
        (None, None, Some(error)) => Content::Refused(error),
        (None, None, None) => return Err("has none of packed, hash and error; see `vanban gather --help`".to_owned()),
    };
    Ok(Brought { id: input.id, content })
}
