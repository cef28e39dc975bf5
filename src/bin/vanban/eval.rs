//! `vanban eval`: restores scans with known truth and scores what comes out.

use crate::{Failure, Status};
use rayon::prelude::*;
use std::io::Write;
use std::path::{Path, PathBuf};
use vanban::error::Error;
use vanban::eval::{Scores, Tally, score};
use vanban::restore::{Adaptation, Model, Restorer};

/// Score restored text against gold.
///
/// Each folder holds pairs `X.clean.txt` (the truth) and `X.ocr.txt` (the scan), line for
/// line. The scans are restored and scored: syllables, characters, lines, document numbers,
/// dates and other numbers; damaged and undamaged syllables, names and headings apart.
/// With a baseline, documents gained and lost are listed; exit status 1 if the whole is worse.
///
/// Example: vanban eval pairs/ --baseline fixtures/eval/baseline.tsv
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Folders of pairs; or, with --restored, one gold file
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Score this text instead of restoring one
    #[arg(long, value_name = "FILE")]
    restored: Option<PathBuf>,
    /// Scores to compare with: document, tab, tokens wrong, tab, tokens
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write this run's scores as a baseline
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    /// Another model than the one inside
    #[arg(long, value_name = "FILE", env = "VANBAN_MODEL")]
    model: Option<PathBuf>,
    /// What `vanban adapt` learned from the scans' archive
    #[arg(long, value_name = "FILE")]
    adapt: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let mut out = std::io::stdout().lock();
    if let Some(restored) = &args.restored {
        let scores = score(&read(&args.paths[0])?, &read(restored)?, None);
        print(&mut out, &scores)?;
        return Ok(Status::Done);
    }
    let mut golds = Vec::new();
    for folder in &args.paths {
        for entry in std::fs::read_dir(folder).map_err(|cause| Error::io(folder, cause))? {
            let path = entry.map_err(|cause| Error::io(folder, cause))?.path();
            if path.to_string_lossy().ends_with(".clean.txt") {
                golds.push(path);
            }
        }
    }
    golds.sort();
    let model = match &args.model {
        Some(path) => Model::read(path)?,
        None => Model::embedded(),
    };
    let restorer = match &args.adapt {
        Some(path) => {
            let adaptation = Adaptation::read(path, &model)?;
            Restorer::adapted(model, &adaptation)
        }
        None => Restorer::new(model),
    };
    let scored: Vec<(String, Scores)> = golds
        .par_iter()
        .map_init(
            || restorer.worker(),
            |worker, path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy().replace(".clean.txt", "");
                let gold = read(path)?;
                let scan = read(&path.with_file_name(format!("{name}.ocr.txt")))?;
                let restored = worker.restore(&scan).text;
                Ok((name, score(&gold, &restored, Some(&scan))))
            },
        )
        .collect::<Result<_, Error>>()?;
    let mut pooled = Scores::default();
    scored.iter().for_each(|(_, scores)| pooled.add(scores));
    print(&mut out, &pooled)?;
    if let Some(path) = &args.write_baseline {
        let rows: String =
            scored.iter().map(|(name, s)| format!("{name}\t{}\t{}\n", s.tokens.wrong, s.tokens.n)).collect();
        std::fs::write(path, rows).map_err(|cause| Error::io(path, cause))?;
    }
    match &args.baseline {
        Some(path) => compare(&mut out, &scored, &read(path)?),
        None => Ok(Status::Done),
    }
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|cause| Error::io(path, cause))
}

fn print(out: &mut impl Write, scores: &Scores) -> Result<(), Failure> {
    let mut row = |name: &str, tally: &Tally| {
        writeln!(out, "{name:18} {:7.2} %  {:6} of {} wrong", tally.right(), tally.wrong, tally.n)
    };
    row("syllables", &scores.tokens)?;
    row("case folded", &scores.folded)?;
    row("characters", &scores.chars)?;
    row("lines exact", &scores.lines)?;
    for (name, tally) in ["document numbers", "dates", "other numbers", "words"].iter().zip(&scores.kinds) {
        row(name, tally)?;
    }
    row("names", &scores.names)?;
    row("headings", &scores.headings)?;
    row("undamaged", &scores.undamaged)?;
    row("damaged", &scores.damaged)?;
    writeln!(out, "{:18} {}", "put in", scores.put_in)?;
    Ok(())
}

/// Documents gained and lost against a baseline, over the documents that both hold.
fn compare(out: &mut impl Write, scored: &[(String, Scores)], baseline: &str) -> Result<Status, Failure> {
    let (mut before, mut after) = (Tally::default(), Tally::default());
    for row in baseline.lines() {
        let fields: Vec<&str> = row.split('\t').collect();
        let [name, wrong, n] = fields[..] else { continue };
        let Some((_, scores)) = scored.iter().find(|(own, _)| own == name) else { continue };
        let (wrong, n): (usize, usize) = (wrong.parse()?, n.parse()?);
        before.n += n;
        before.wrong += wrong;
        after.n += scores.tokens.n;
        after.wrong += scores.tokens.wrong;
        if scores.tokens.wrong != wrong {
            let word = if scores.tokens.wrong < wrong { "gained" } else { "lost" };
            writeln!(out, "{word}  {name}: {wrong} wrong before, {} now", scores.tokens.wrong)?;
        }
    }
    writeln!(out, "baseline {:.2} %, now {:.2} %", before.right(), after.right())?;
    Ok(if after.wrong > before.wrong { Status::NothingFound } else { Status::Done })
}
