//! `vanban trace`.

use crate::{Failure, Status};

/// Show which documents replace, amend, implement or cite which.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
