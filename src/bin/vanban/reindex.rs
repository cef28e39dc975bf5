//! `vanban reindex`.

use crate::{Failure, Status};

/// Run the nightly job: read every document below PATH and publish a new generation.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
