//! `vanban export`.

use crate::{Failure, Status};

/// Hand the store over in a standard format.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
