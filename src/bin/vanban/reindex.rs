//! `vanban reindex`: the nightly job.

use crate::{Failure, Status, StoreArg};
use bytesize::ByteSize;
use indicatif::{ProgressBar, ProgressStyle};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use vanban::restore::Model;
use vanban::store::{self, Options, Pipeline, Progress, Report};

/// Run the nightly job: read every document below PATH and publish a new generation
///
/// Only what changed since the last run is read. The store holds afterwards what lies below the
/// given paths now: removed files leave it. Files that cannot be taken are named with the reason
/// and set aside (exit status 3); the rest is published. A run that is stopped or killed
/// publishes nothing; the last generation stands.
///
/// A file overrides.jsonl in a given folder is no document: it holds a reviewer's edges, one a
/// line, which are applied to the lineage every night and shown as such.
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
    #[arg(long, value_name = "N", value_parser = crate::values::count)]
    jobs: Option<usize>,
    /// Read everything again, trusting neither times nor content hashes of the last run, and learn
    /// the archive anew (see `vanban adapt`); the nights between use what was learned
    #[arg(long)]
    full: bool,
    /// Set larger files aside
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = crate::values::size)]
    max_file: ByteSize,
    /// Generations to keep, for `rollback`
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = crate::values::count)]
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
    /// Write metrics for Prometheus's textfile collector
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
    /// Log as JSON, an event a line, instead of the page for people
    #[arg(long)]
    log_json: bool,
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
    let pipeline = Pipeline { model: Model::embedded() };
    let bar = ProgressBar::no_length();
    let watch = |progress: Progress<'_>| show(&bar, progress);
    let stop = stop_on_signals()?;
    log(args.log_json);
    let outcome = store::reindex(&args.store.store, &args.paths, pipeline, &options, &watch, &stop);
    bar.finish_and_clear();
    if let Some(path) = &args.metrics {
        let text = store::metrics(outcome.as_ref().ok(), jiff::Timestamp::now());
        write_whole(path, text.as_bytes())?;
    }
    if let (true, Err(error)) = (args.log_json, &outcome) {
        tracing::error!(%error, "the run failed");
    }
    let report = outcome?;
    if let Some(path) = &args.report {
        write_whole(path, (serde_json::to_string_pretty(&report)? + "\n").as_bytes())?;
    }
    tell(&report, args.log_json);
    let all_taken = report.set_aside.is_empty() && report.overrides.faults.is_empty();
    Ok(if all_taken { Status::Done } else { Status::SomeSetAside })
}

/// Events go to standard error; `VANBAN_LOG` chooses which, as in `RUST_LOG`.
pub(crate) fn log(json: bool) {
    let level = if json { "info" } else { "error" };
    let filter = tracing_subscriber::EnvFilter::try_from_env("VANBAN_LOG").unwrap_or_else(|_| level.into());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json { log.json().init() } else { log.init() }
}

/// What a person, or a log, wants to know of the run.
pub(crate) fn tell(report: &Report, json: bool) {
    for one in &report.set_aside {
        if json {
            tracing::warn!(id = one.id, reason = one.reason, new = one.new, "{}", one.message);
        } else {
            eprintln!("vanban: {}: set aside: {}", one.id.escape_debug(), one.message);
        }
    }
    for fault in &report.overrides.faults {
        if json {
            tracing::warn!(id = fault.file, line = fault.line, "{}", fault.message);
        } else {
            eprintln!("vanban: {}, line {}: {}", fault.file, fault.line, fault.message);
        }
    }
    if json {
        tracing::info!(
            published = report.published,
            generation = report.generation,
            documents = report.documents.documents,
            added = report.added.len(),
            changed = report.changed.len(),
            renamed = report.renamed.len(),
            removed = report.removed.len(),
            set_aside = report.set_aside.len(),
            bytes_read = report.bytes_read,
            seconds = report.seconds,
            "run done"
        );
    } else {
        eprint!("{}", report.page());
    }
}

/// How long a run that was asked to stop may take to put itself in order. Service managers
/// wait at least ten seconds.
const PATIENCE: Duration = Duration::from_secs(4);

/// The flag that an ordinary stop request raises. What cannot be interrupted, such as the writing
/// of a large index, is cut off: nothing counts before the last rename, and the next run sweeps.
/// A second request ends the process at once.
pub(crate) fn stop_on_signals() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    let raised = Arc::clone(&stop);
    std::thread::spawn(move || {
        signals.forever().next();
        raised.store(true, Ordering::Relaxed);
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE && signals.pending().next().is_none() {
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = writeln!(std::io::stderr(), "vanban: stopped on request; what was current before stands");
        std::process::exit(2);
    });
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

/// Replaces `path` at once, so that whoever watches it never sees half a file. A pipe or a device, such as
/// `/dev/null`, is written to and never replaced.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |cause| vanban::error::Error::io(path, cause).into();
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return std::fs::write(path, bytes).map_err(failed);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written =
        tempfile::Builder::new().permissions(Permissions::from_mode(0o644)).tempfile_in(folder).and_then(|mut file| {
            file.write_all(bytes)?;
            file.persist(path).map(drop).map_err(|error| error.error)
        });
    written.map_err(failed)
}
