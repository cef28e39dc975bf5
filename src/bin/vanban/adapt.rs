//! `vanban adapt`: what an archive teaches, as a file.

use crate::{Failure, Status, StoreArg};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::time::Duration;
use vanban::decision;
use vanban::error::Error;
use vanban::restore::{Adaptation, Model};
use vanban::store;

/// Learn from an archive as it is: its engine's misreadings, its terms and names
///
/// Nothing need be labelled. What people decided in `vanban review` is learned from too, if the
/// store holds it. The file belongs to one model and is the same whenever texts, decisions and
/// model are the same. `reindex --full` makes one for its store by itself; this command makes one
/// for `map`, on other machines.
///
///     vanban adapt /srv/archive --store /srv/vanban --out adaptation
///     vanban map --adapt adaptation < scans.ndjson > records.ndjson
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Folders or files to learn from
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// File to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    store: StoreArg,
    /// Another model than the one inside
    #[arg(long, value_name = "FILE", env = "VANBAN_MODEL")]
    model: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let model = match &args.model {
        Some(path) => Model::read(path)?,
        None => Model::embedded(),
    };
    let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {msg} {elapsed}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let progress = |step: &str| bar.set_message(step.to_owned());
    let decisions = decision::read(&store::decisions_path(&args.store.store))?;
    progress("reading");
    let (lessons, verdicts) = store::lessons(&args.paths, &args.store.store, &decisions)?;
    if lessons.is_empty() {
        return Err(Error::message(&args.paths[0], "holds no text to learn from; name a folder of scans").into());
    }
    let adaptation = Adaptation::learn(&model, &lessons, &verdicts, &progress);
    adaptation.write(&args.out)?;
    bar.finish_and_clear();
    let card = adaptation.card();
    eprintln!(
        "vanban: {}: adaptation {} of model {}, from {} documents: {:.0} pairs, {} terms, {} readings settled, {} rules",
        args.out.display(),
        adaptation.fingerprint(),
        model.fingerprint(),
        card.n_documents,
        card.n_pairs,
        card.n_terms,
        card.n_settled,
        card.n_rules,
    );
    let (before, after) = (card.doubt.0 as f64 / 1000.0, card.doubt.1 as f64 / 1000.0);
    let kept = if card.n_terms == 0 { "; not worth it, the channel stays as trained" } else { "" };
    eprintln!("vanban: doubtful readings expected wrong: {before:.0} before, {after:.0} adapted{kept}");
    Ok(Status::Done)
}
