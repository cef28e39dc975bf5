//! `vanban deploy`.

use crate::{Failure, Status};

/// Print deployment files.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
