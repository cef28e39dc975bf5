//! `vanban formats`.

use crate::{Failure, Status};

/// List what this machine can read.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
