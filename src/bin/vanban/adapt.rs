//! `vanban adapt`.

use crate::{Failure, Status};

/// Learn what an unlabelled archive teaches, as a versioned file.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
