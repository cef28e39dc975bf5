//! `vanban map`.

use crate::{Failure, Status};

/// Turn {"id","text"} lines into record lines.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
