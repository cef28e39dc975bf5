//! `vanban check`.

use crate::{Failure, Status, StoreArg};

/// Verify a store: every file against its checksum, every document by reading it
///
/// Names each file that is not as it was written, with the remedy; exit status 2 then.
///
/// Example: vanban check --store /var/lib/vanban
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// All generations, not only the current one
    #[arg(long)]
    all: bool,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let checked = vanban::store::check(&args.store.store, args.all)?;
    for fault in &checked.faults {
        eprintln!("vanban: {}: {}", fault.path.display(), fault.message);
    }
    let some = |n: u64, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    if !checked.faults.is_empty() {
        return Err(format!("{} in {}", some(checked.faults.len() as u64, "fault"), args.store.store.display()).into());
    }
    let generations = some(checked.generations.len() as u64, "generation");
    let (files, documents) = (some(checked.files as u64, "file"), some(checked.documents, "document"));
    eprintln!("{generations}, {files}, {documents}: all as written");
    Ok(Status::Done)
}
