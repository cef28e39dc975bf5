//! `vanban show`.

use crate::{Failure, Status};

/// Print a document or one place of it, as amended on a date.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
