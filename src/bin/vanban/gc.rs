//! `vanban gc`.

use crate::{Failure, Status};

/// Delete what no kept generation needs.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
