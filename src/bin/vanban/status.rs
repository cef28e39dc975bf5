//! `vanban status`.

use crate::{Failure, Status};

/// Tell whether a document or place is in force, and why.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
