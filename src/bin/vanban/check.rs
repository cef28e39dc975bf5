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
    let (n_files, n_documents) = (checked.files, checked.documents);
    if !checked.faults.is_empty() {
        return Err(format!("{} faults in {}", checked.faults.len(), args.store.store.display()).into());
    }
    eprintln!("{} generations, {n_files} files, {n_documents} documents: all as written", checked.generations.len());
    Ok(Status::Done)
}
