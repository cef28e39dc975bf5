//! `vanban rollback`.

use crate::{Failure, Status};

/// Go back to an earlier generation.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
