//! `vanban restore`: damaged text in, restored text out.

use crate::{Failure, Status};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use vanban::error::Error;
use vanban::restore::{Model, Restored, Restorer};
use vanban::source;

/// Restore damaged text.
///
/// Prints the restored text of each file (or standard input), line for line: printed line
/// n is scanned line n, and a line of pure noise prints empty. Clean text comes through
/// unchanged.
///
/// Example: vanban restore scans/0001.txt
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Files to read; `-` or none for standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write each result into this folder, under the file's own name
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print every change and every doubt: scanned → chosen, costs, runner-up, margin
    #[arg(long, conflicts_with = "json")]
    explain: bool,
    /// Print one JSON object per file: text, edits, map, defects
    #[arg(long)]
    json: bool,
    /// Another model than the one inside
    #[arg(long, value_name = "FILE", env = "VANBAN_MODEL")]
    model: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let model = match &args.model {
        Some(path) => Model::read(path)?,
        None => Model::embedded(),
    };
    let restorer = Restorer::new(model);
    let mut worker = restorer.worker();
    let stdin = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &stdin[..] } else { &args.files[..] };
    if let Some(folder) = &args.out {
        std::fs::create_dir_all(folder).map_err(|cause| Error::io(folder, cause))?;
    }
    let mut status = Status::Done;
    for file in files {
        let decoded = match read(file) {
            Ok(decoded) => decoded,
            Err(message) => {
                eprintln!("vanban: {message}");
                status = Status::SomeSetAside;
                continue;
            }
        };
        let restored = worker.restore(&decoded.text);
        match &args.out {
            Some(folder) => {
                let path = folder.join(file.file_name().unwrap_or("-".as_ref()));
                let write = || -> Result<(), Failure> {
                    let mut out = std::io::BufWriter::new(std::fs::File::create(&path)?);
                    print(&mut out, args, &decoded.text, &restored)?;
                    Ok(out.flush()?)
                };
                write().map_err(|cause| format!("{}: {cause}", path.display()))?;
            }
            None => print(&mut std::io::stdout().lock(), args, &decoded.text, &restored)?,
        }
    }
    Ok(status)
}

fn print(out: &mut impl Write, args: &Args, source: &str, restored: &Restored) -> Result<(), Failure> {
    if args.json {
        serde_json::to_writer(&mut *out, restored)?;
        writeln!(out)?;
    } else if args.explain {
        explain(out, source, restored)?;
    } else {
        out.write_all(restored.text.as_bytes())?;
        if !restored.text.is_empty() && !restored.text.ends_with('\n') {
            writeln!(out)?;
        }
    }
    Ok(())
}

/// One decision a line: `scanned → chosen  channel+language=cost  surety  runner-up`.
fn explain(out: &mut impl Write, source: &str, restored: &Restored) -> Result<(), Failure> {
    for edit in &restored.edits {
        let (scanned, chosen) = (edit.source.of(source), edit.span.of(&restored.text));
        let (channel, language) = (edit.channel, edit.language);
        write!(out, "{scanned} → {chosen}  {channel}+{language}={}", channel + language)?;
        write!(out, "  {:.1} %", f64::from(edit.confidence) / 10.0)?;
        if let Some(other) = &edit.runner_up {
            write!(out, "  {other}")?;
        }
        writeln!(out)?;
    }
    for defect in &restored.defects {
        writeln!(out, "line {}: {}: {}", defect.line, defect.kind, defect.note)?;
    }
    Ok(())
}

fn read(file: &Path) -> Result<source::Decoded, String> {
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(file).map(|own| bytes = own)
    };
    read.map_err(|cause| Error::io(file, cause).to_string())?;
    source::decode(&bytes).map_err(|refused| Error::message(file, refused.message).to_string())
}
