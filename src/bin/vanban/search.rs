//! `vanban search`.

use crate::{Failure, Status};

/// Search documents and articles.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
