//! `vanban train`.

use crate::{Failure, Status};

/// Learn a model from text and OCR pairs.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Result<Status, Failure> {
    Err("not built in".into())
}
