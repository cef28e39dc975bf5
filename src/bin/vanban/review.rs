//! `vanban review`.

use crate::{Failure, Status};

/// Decide doubtful readings and edges.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
