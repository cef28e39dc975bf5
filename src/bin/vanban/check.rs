//! `vanban check`.

use crate::{Failure, Status};

/// Verify every file of the store.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
