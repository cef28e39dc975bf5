//! `vanban formats`: what this machine can read, and what to install for the rest.

use crate::{Failure, Status};
use std::io::Write;
use vanban::source::{Reader, readers};

/// List what this machine can read
///
/// Formats are told apart by their content, so a wrong extension does no harm. What needs an
/// outside program names the Debian package that brings it.
///
/// Example: vanban formats
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let mut out = std::io::stdout().lock();
    for reader in readers() {
        if args.json {
            let line = serde_json::json!({
                "what": reader.what,
                "extensions": reader.extensions,
                "programs": reader.programs,
                "packages": reader.packages,
                "ready": reader.ready,
                "install": reader.install,
            });
            writeln!(out, "{line}")?;
        } else {
            writeln!(
                out,
                "{:4} {:18} {}",
                if reader.ready { "yes" } else { "no" },
                extensions(&reader),
                explain(&reader)
            )?;
        }
    }
    Ok(Status::Done)
}

fn extensions(reader: &Reader) -> String {
    reader.extensions.iter().map(|extension| format!(".{extension}")).collect::<Vec<_>>().join(" ")
}

fn explain(reader: &Reader) -> String {
    let mut line = reader.what.to_owned();
    if !reader.programs.is_empty() {
        line.push_str(&format!(", with {}", reader.programs.join(", ")));
    }
    match reader.install {
        Some(packages) if reader.ready => line.push_str(&format!("; better with: apt install {packages}")),
        Some(packages) => line.push_str(&format!(": apt install {packages}")),
        None => {}
    }
    line
}
