//! `vanban rollback`.

use crate::{Failure, Status, StoreArg};

/// Make the generation before the current one the current one again
///
/// Example: vanban rollback --store /var/lib/vanban
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// A certain generation instead
    #[arg(long, value_name = "N")]
    to: Option<u64>,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let number = vanban::store::rollback(&args.store.store, args.to)?;
    eprintln!("generation {number} is current");
    Ok(Status::Done)
}
