//! `vanban eval`.

use crate::{Failure, Status};

/// Score restored text or records against gold.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
