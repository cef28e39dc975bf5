//! `vanban serve`.

use crate::{Failure, Status};

/// Serve the web pages and the JSON API.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
