//! `vanban eval`: restores scans with known truth and scores what comes out.

use crate::{Failure, Status};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use vanban::error::Error;
use vanban::eval::{Reliability, Scores, Tally, score};
use vanban::restore::{Adaptation, Model, Restorer};

/// Score restored text against gold.
///
/// Each folder holds pairs `X.clean.txt` (the truth) and `X.ocr.txt` (the scan), line for
/// line. The scans are restored and scored: syllables, characters, lines, document numbers,
/// dates and other numbers; damaged and undamaged syllables, names and headings apart. Below
/// stands whether the restorer's surety is worth what it says: tenths of the syllables by surety.
/// With a baseline, documents gained and lost are listed; exit status 1 if the whole is worse.
///
/// Example: vanban eval pairs/ --split split.tsv:test --baseline fixtures/eval/baseline.tsv
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Folders of pairs; or, with --restored, one gold file
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Score this text instead of restoring one
    #[arg(long, value_name = "FILE")]
    restored: Option<PathBuf>,
    /// Only the documents that a list (document, tab, part) gives to a part
    #[arg(long, value_name = "FILE:PART", conflicts_with = "restored")]
    split: Option<String>,
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
    if golds.is_empty() {
        return Err(
            Error::message(&args.paths[0], "holds no pair X.clean.txt, X.ocr.txt; name a folder of pairs").into()
        );
    }
    if let Some(split) = &args.split {
        let (list, part) = split.rsplit_once(':').ok_or("--split wants FILE:PART, such as split.tsv:test")?;
        let list = read(Path::new(list))?;
        let chosen: BTreeSet<&str> = list
            .lines()
            .filter_map(|row| row.split_once('\t'))
            .filter_map(|(name, own)| (own.trim() == part).then_some(name))
            .collect();
        golds.retain(|path| chosen.contains(name(path).as_str()));
        if golds.is_empty() {
            return Err(format!("{split}: no document of that part lies in the given folders").into());
        }
    }
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
    let workers = restorer.workers();
    let scored: Vec<(String, Scores, Reliability)> = golds
        .par_iter()
        .map(|path| {
            let name = name(path);
            let gold = read(path)?;
            let scan = read(&path.with_file_name(format!("{name}.ocr.txt")))?;
            let restored = workers.lend(|worker| worker.restore(&scan));
            let mut reliability = Reliability::default();
            reliability.judge(&gold, &restored);
            Ok((name, score(&gold, &restored.text, Some(&scan)), reliability))
        })
        .collect::<Result<_, Error>>()?;
    let (mut pooled, mut reliability) = (Scores::default(), Reliability::default());
    for (_, scores, own) in &scored {
        pooled.add(scores);
        reliability.add(own);
    }
    print(&mut out, &pooled)?;
    print_reliability(&mut out, &reliability)?;
    if let Some(path) = &args.write_baseline {
        let rows: String =
            scored.iter().map(|(name, s, _)| format!("{name}\t{}\t{}\n", s.tokens.wrong, s.tokens.n)).collect();
        std::fs::write(path, rows).map_err(|cause| Error::io(path, cause))?;
    }
    match &args.baseline {
        Some(path) => compare(&mut out, &scored, &read(path)?),
        None => Ok(Status::Done),
    }
}

/// A document's name: its gold file without folder and ending.
fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().replace(".clean.txt", "")
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

/// The tenths of the syllables by surety, and the surest nine of them together.
fn print_reliability(out: &mut impl Write, reliability: &Reliability) -> Result<(), Failure> {
    if reliability.judged().is_empty() {
        return Ok(());
    }
    for (tenth, decile) in reliability.deciles().iter().enumerate() {
        let apart = decile.right - decile.sure;
        writeln!(
            out,
            "surety tenth {:<2}    {:7.2} %  {:6.2} % right, {apart:+.2}",
            tenth + 1,
            decile.sure,
            decile.right
        )?;
    }
    let surest = reliability.surest(90);
    writeln!(out, "{:18} {:7.2} %  {:6} of {} wrong", "surest 90 %", surest.right(), surest.wrong, surest.n)?;
    Ok(())
}

/// Documents gained and lost against a baseline, over the documents that both hold.
fn compare(out: &mut impl Write, scored: &[(String, Scores, Reliability)], baseline: &str) -> Result<Status, Failure> {
    let (mut before, mut after) = (Tally::default(), Tally::default());
    for row in baseline.lines() {
        let fields: Vec<&str> = row.split('\t').collect();
        let [name, wrong, n] = fields[..] else { continue };
        let Some((_, scores, _)) = scored.iter().find(|(own, ..)| own == name) else { continue };
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
