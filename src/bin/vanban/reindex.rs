//! `vanban reindex`: the nightly job.

use crate::{Failure, Status, StoreArg};
use bytesize::ByteSize;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use vanban::restore::{Model, Restorer};
use vanban::store::{self, Options, Pipeline, Progress, Report};

/// Run the nightly job: read every document below PATH and publish a new generation
///
/// Only what changed since the last run is read. The store holds afterwards what lies below the
/// given paths now: removed files leave it. Files that cannot be taken are named with the reason
/// and set aside (exit status 3); the rest is published. A run that is stopped or killed
/// publishes nothing; the last generation stands.
///
///     vanban reindex /srv/archive --store /srv/vanban --keep 7 --report /srv/report.json
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Folders or files to read
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    store: StoreArg,
    /// Threads [default: one per processor]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Read everything again, trusting neither times nor content hashes of the last run
    #[arg(long)]
    full: bool,
    /// Set larger files aside
    #[arg(long, value_name = "SIZE", default_value = "64MiB")]
    max_file: ByteSize,
    /// Generations to keep, for `rollback`
    #[arg(long, value_name = "N", default_value_t = 3)]
    keep: usize,
    /// Say what would be done; write nothing but the report
    #[arg(long)]
    dry_run: bool,
    /// Let an archive without any file empty the store
    #[arg(long)]
    allow_empty: bool,
    /// Write the report as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let options = Options {
        jobs: args.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
        full: args.full,
        max_file: args.max_file.as_u64(),
        keep: args.keep,
        dry_run: args.dry_run,
        allow_empty: args.allow_empty,
    };
    let model = Model::embedded();
    let pipeline = Pipeline { fingerprint: model.fingerprint(), restorer: Box::new(|| Restorer::new(model)) };
    let bar = ProgressBar::no_length();
    let watch = |progress: Progress<'_>| show(&bar, progress);
    let stop = stop_on_signals()?;
    let outcome = store::reindex(&args.store.store, &args.paths, pipeline, &options, &watch, &stop);
    bar.finish_and_clear();
    let report = outcome?;

    for one in &report.set_aside {
        eprintln!("vanban: {}: set aside: {}", one.id.escape_debug(), one.message);
    }
    if let Some(path) = &args.report {
        write_report(path, &report)?;
    }
    eprint!("{}", report.page());
    Ok(if report.set_aside.is_empty() { Status::Done } else { Status::SomeSetAside })
}

/// The flag that an ordinary stop request raises; a second request ends the process at once.
fn stop_on_signals() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        signal_hook::flag::register_conditional_shutdown(signal, 2, Arc::clone(&stop))?;
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

fn show(bar: &ProgressBar, progress: Progress<'_>) {
    match progress {
        Progress::Walking(n) => bar.set_message(format!("{n} files found")),
        Progress::ToRead(n_files, n_bytes) => {
            let style = "{bar:32} {bytes}/{total_bytes} {bytes_per_sec} eta {eta} {msg}";
            bar.set_style(ProgressStyle::with_template(style).expect("the template is well formed"));
            bar.set_length(n_bytes);
            bar.set_message(format!("{n_files} files to read"));
        }
        Progress::Read(n_bytes) => bar.inc(n_bytes),
        Progress::Stage(name) => bar.set_message(name.to_owned()),
    }
}

fn write_report(path: &PathBuf, report: &Report) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(report)? + "\n";
    std::fs::write(path, json).map_err(|cause| vanban::error::Error::io(path, cause).into())
}
