//! `vanban gc`.

use crate::{Failure, Status, StoreArg};

/// Remove old generations and what killed runs left behind
///
/// The current generation and those that somebody reads at the moment stay.
///
/// Example: vanban gc --store /var/lib/vanban --keep 3
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// Generations to keep, the current one included
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = crate::values::count)]
    keep: usize,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let removed = vanban::store::gc(&args.store.store, args.keep)?;
    eprintln!("{} generations removed, {} freed", removed.generations.len(), bytesize::ByteSize(removed.bytes));
    Ok(Status::Done)
}
