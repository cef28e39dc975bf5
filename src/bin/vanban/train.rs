//! `vanban train`: text and OCR pairs in, a model and its card out.

use crate::{Failure, Status};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use vanban::error::Error;
use vanban::restore::{Learned, Recipe, Text, paragraphs, train};

/// Learn a model from text and OCR pairs.
///
/// The same inputs give the same bytes on any machine and any number of threads. Inputs that
/// share a name are read as one. A folder stands for its documents (`*.txt` but not `*.ocr.txt`),
/// with --split only for those the list marks `train`.
///
/// Example: vanban train --text party=party.txt:0.4 --text legal=legal.txt:0.6 --pairs pairs.tsv --out my.model
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Text to count: one paragraph a line, or a folder of documents; its part in the mixture after a colon
    #[arg(long, value_name = "NAME=PATH[:PART]", required = true)]
    text: Vec<Input>,
    /// Aligned pairs to learn the channel from: written, tab, read
    #[arg(long, value_name = "FILE", required = true)]
    pairs: Vec<PathBuf>,
    /// Rows of document name, tab, `train` or `test`
    #[arg(long, value_name = "FILE")]
    split: Option<PathBuf>,
    /// Longest n-gram, in words
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(2..=5))]
    order: u8,
    /// N-grams of two and more words to keep
    #[arg(long, value_name = "N", default_value_t = 2_400_000)]
    n_grams: usize,
    /// Write the model here
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Write the model's card here: inputs, sizes, command
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,
}

/// `NAME=PATH[:PART]`.
#[derive(Clone, Debug)]
struct Input {
    name: String,
    path: PathBuf,
    part: f64,
}

impl FromStr for Input {
    type Err = String;

    fn from_str(text: &str) -> Result<Input, String> {
        let (name, rest) = text.split_once('=').ok_or("expected NAME=PATH or NAME=PATH:PART")?;
        let (path, part) = match rest.rsplit_once(':') {
            Some((path, part)) if part.parse::<f64>().is_ok() => (path, part.parse::<f64>().unwrap_or(1.0)),
            _ => (rest, 1.0),
        };
        if name.is_empty() || path.is_empty() || !(part > 0.0 && part.is_finite()) {
            return Err("a name, a path and a part above zero are needed".into());
        }
        Ok(Input { name: name.to_owned(), path: path.into(), part })
    }
}

/// One text of the mixture, read.
struct Loaded {
    name: String,
    part: f64,
    text: String,
    files: Vec<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {elapsed} {msg}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar.set_message("reading");
    let chosen = args.split.as_deref().map(train_half).transpose()?;
    let mut texts: Vec<Loaded> = Vec::new();
    for input in &args.text {
        let files = files(&input.path, chosen.as_ref())?;
        let at = texts.iter().position(|text| text.name == input.name).unwrap_or_else(|| {
            texts.push(Loaded { name: input.name.clone(), part: input.part, text: String::new(), files: Vec::new() });
            texts.len() - 1
        });
        for file in &files {
            let text = read(file)?;
            texts[at].text += if input.path.is_dir() { paragraphs(&text) } else { text }.trim_end_matches('\n');
            texts[at].text.push('\n');
        }
        texts[at].files.extend(files);
    }
    let pairs = args.pairs.iter().map(|path| read(path)).collect::<Result<Vec<String>, Error>>()?;
    let recipe = Recipe {
        texts: texts.iter().map(|text| Text { name: &text.name, weight: text.part, text: &text.text }).collect(),
        pairs: pairs.iter().map(String::as_str).collect(),
        order: usize::from(args.order),
        n_grams: args.n_grams,
    };
    let learned = train(&recipe, &|step| bar.set_message(step.to_owned()));
    learned.model.write(&args.out)?;
    bar.finish_and_clear();
    if let Some(path) = &args.card {
        std::fs::write(path, card(args, &texts, &learned)?).map_err(|cause| Error::io(path, cause))?;
    }
    let size: usize = learned.model.sections().map(|(_, bytes)| bytes).sum();
    eprintln!(
        "model {}: {} words, {} n-grams, {}",
        learned.model.fingerprint(),
        HumanCount(learned.vocabulary as u64),
        HumanCount(learned.n_grams.iter().sum::<usize>() as u64),
        HumanBytes(size as u64)
    );
    Ok(Status::Done)
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|cause| Error::io(path, cause))
}

/// The documents that a split list gives to training.
fn train_half(path: &Path) -> Result<BTreeSet<String>, Error> {
    let list = read(path)?;
    let rows = list.lines().filter_map(|row| row.split_once('\t'));
    Ok(rows.filter(|(_, half)| half.trim() == "train").map(|(name, _)| stem(name).to_owned()).collect())
}

/// A document's name without folder and without what follows the first dot.
fn stem(name: &str) -> &str {
    let name = name.rsplit('/').next().unwrap_or(name);
    name.split('.').next().unwrap_or(name)
}

/// The file itself, or the clean documents of a folder, by name.
fn files(path: &Path, chosen: Option<&BTreeSet<String>>) -> Result<Vec<PathBuf>, Error> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).map_err(|cause| Error::io(path, cause))?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry.map_err(|cause| Error::io(path, cause))?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let clean = name.ends_with(".txt") && !name.ends_with(".ocr.txt");
        if clean && chosen.is_none_or(|chosen| chosen.contains(stem(&name))) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// The model's card.
fn card(args: &Args, texts: &[Loaded], learned: &Learned) -> Result<String, Failure> {
    let mut card = String::from("# The model\n\n");
    writeln!(card, "Fingerprint `{}`, written by `vanban train`.\n", learned.model.fingerprint())?;
    writeln!(card, "## Inputs\n\n| text | files | bytes | words | part | BLAKE3 |\n|---|---|---|---|---|---|")?;
    let parts: f64 = texts.iter().map(|text| text.part).sum();
    for (text, n_words) in texts.iter().zip(&learned.n_words) {
        let hash = blake3::hash(text.text.as_bytes()).to_hex();
        let (n_files, part) = (text.files.len(), text.part / parts);
        writeln!(
            card,
            "| {} | {n_files} | {} | {} | {part:.3} | `{}` |",
            text.name,
            HumanCount(text.text.len() as u64),
            HumanCount(*n_words as u64),
            &hash[..16]
        )?;
    }
    writeln!(card, "\nPairs (written, read): {} rows from", HumanCount(learned.n_pairs as u64))?;
    for path in &args.pairs {
        writeln!(card, "`{}`", path.file_name().unwrap_or_default().to_string_lossy())?;
    }
    writeln!(card, "\n## Sizes\n\n| part | size |\n|---|---|\n| vocabulary | {} words |", learned.vocabulary)?;
    for (n, count) in learned.n_grams.iter().enumerate().skip(1) {
        writeln!(card, "| n-grams of {} words | {} |", n + 1, HumanCount(*count as u64))?;
    }
    for (name, bytes) in learned.model.sections() {
        writeln!(card, "| section `{name}` | {} bytes |", HumanCount(bytes as u64))?;
    }
    writeln!(card, "\n## Command\n\n```sh\nvanban train --order {} --n-grams {} \\", args.order, args.n_grams)?;
    for input in &args.text {
        let path = input.path.file_name().unwrap_or_default().to_string_lossy();
        writeln!(card, "  --text {}={path}:{} \\", input.name, input.part)?;
    }
    for path in args.pairs.iter().map(|path| ("--pairs", path)).chain(args.split.iter().map(|path| ("--split", path))) {
        writeln!(card, "  {} {} \\", path.0, path.1.file_name().unwrap_or_default().to_string_lossy())?;
    }
    writeln!(card, "  --out vanban.model --card MODEL.md\n```")?;
    Ok(card)
}
