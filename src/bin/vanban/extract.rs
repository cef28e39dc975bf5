//! `vanban extract`.

use crate::{Failure, Status};

/// Write one record per document.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
