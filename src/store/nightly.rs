//! The nightly job: what changed is read, the rest is taken over, and the whole is published at once.

use super::building::Builder;
use super::catalogue::{Entry, State};
use super::decided::Taught;
use super::generation::Generation;
use super::reading::{self, Job, Reading, Refusal, Shared};
use super::report::{Report, Totals};
use super::walk::{self, Walk};
use super::{BUILDING, Lock, current_number, disk, generation_folder};
use crate::decision::Touched;
use crate::error::Error;
use crate::restore::{Adaptation, Model, Restorer};
use crate::source::Limits;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// What a text is read with.
pub struct Pipeline {
    /// The model. What the archive and its people taught is added here; it is unpacked only if
    /// something must be restored.
    pub model: Model,
}

/// How the job runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that read and restore.
    pub jobs: usize,
    /// Read everything again, whatever stats and hashes say.
    pub full: bool,
    /// Files of more bytes are set aside.
    pub max_file: u64,
    /// Generations kept, the current one included.
    pub keep: usize,
    /// Publish nothing, write nothing.
    pub dry_run: bool,
    /// Let an archive without a single file empty the store.
    pub allow_empty: bool,
}

/// Where the job is.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// Files found so far.
    Walking(usize),
    /// Files and bytes that will be read.
    ToRead(usize, u64),
    /// One more file of so many bytes is done.
    Read(u64),
    /// A stage that follows the reading begins.
    Stage(&'a str),
}

/// Runs the job: everything below `paths` becomes the content of the store in `store`.
///
/// Once `stop` is set it ends within moments with an error and publishes nothing.
pub fn reindex(
    store: &Path,
    paths: &[PathBuf],
    pipeline: Pipeline,
    options: &Options,
    watch: &dyn Fn(Progress<'_>),
    stop: &Arc<AtomicBool>,
) -> Result<Report, Error> {
    let night = Night { store, options, watch, stop, begun: Instant::now() };
    night.run(paths, pipeline)
}

/// What a generation was made with; what was made with the same need not be made again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Makers {
    /// Code, model and everything else that decides what a text is read as.
    pub(crate) pipeline: String,
    /// The code that makes facts and graph.
    pub(crate) graph: String,
    /// The code that makes the index.
    pub(crate) index: String,
    /// The reviewer's edges.
    pub(crate) overrides: String,
}

/// Which makers are those of the last generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Same {
    pub(crate) pipeline: bool,
    pub(crate) graph: bool,
    pub(crate) index: bool,
    pub(crate) overrides: bool,
}

impl Same {
    const ALL: Same = Same { pipeline: true, graph: true, index: true, overrides: true };
}

impl Makers {
    /// Those of this program; `pipeline` is what [`read_by`] gives.
    pub(crate) fn now(pipeline: String, taught: &Taught) -> Makers {
        let edges = &taught.edges.facts;
        let overrides = match edges.is_empty() {
            true => String::new(),
            false => blake3::hash(&serde_json::to_vec(edges).expect("an override has only plain fields"))
                .to_hex()
                .to_string(),
        };
        Makers { pipeline, graph: env!("VANBAN_GRAPH_CODE").into(), index: env!("VANBAN_INDEX_CODE").into(), overrides }
    }

    pub(crate) fn same(&self, before: &Makers) -> Same {
        Same {
            pipeline: self.pipeline == before.pipeline,
            graph: self.graph == before.graph,
            index: self.index == before.index,
            overrides: self.overrides == before.overrides,
        }
    }
}

/// Names what this program reads texts with: of one name, texts are read alike.
pub fn read_by(model: &Model, adaptation: Option<&Adaptation>) -> String {
    let code = env!("VANBAN_CODE");
    match adaptation {
        Some(adaptation) => format!("{code}+{}+{}", model.fingerprint(), adaptation.fingerprint()),
        None => format!("{code}+{}", model.fingerprint()),
    }
}

pub(crate) struct Night<'a> {
    pub(crate) store: &'a Path,
    pub(crate) options: &'a Options,
    pub(crate) watch: &'a dyn Fn(Progress<'_>),
    pub(crate) stop: &'a Arc<AtomicBool>,
    pub(crate) begun: Instant,
}

/// What the archive and the last generation together ask for.
#[derive(Default)]
struct Plan {
    /// Entries of the new generation that are settled without reading.
    settled: Vec<Entry>,
    jobs: Vec<Job>,
    n_ignored: u64,
    n_unchanged: u64,
}

impl Night<'_> {
    fn run(&self, paths: &[PathBuf], pipeline: Pipeline) -> Result<Report, Error> {
        let report = Report {
            program: env!("CARGO_PKG_VERSION").into(),
            started: Some(jiff::Timestamp::now()),
            paths: paths.iter().map(|path| path.display().to_string()).collect(),
            dry_run: self.options.dry_run,
            ..Report::default()
        };
        // A mistyped path must not leave an empty store behind.
        for path in paths {
            path.metadata().map_err(|cause| Error::io(path, cause))?;
            walk::apart(path, self.store)?;
        }
        self.alone(|| self.build(paths, pipeline, report))
    }

    /// Runs `build` as the only one that writes into the store.
    pub(crate) fn alone(&self, build: impl FnOnce() -> Result<Report, Error>) -> Result<Report, Error> {
        let _lock = match self.options.dry_run {
            true => None,
            false => {
                disk::create_dir(self.store)?;
                let lock = Lock::take(self.store)?;
                super::sweep(self.store)?;
                Some(lock)
            }
        };
        let outcome = build();
        if outcome.is_err() && !self.options.dry_run {
            // The next run would sweep it too; the space is wanted now.
            let _ = disk::remove_dir(&self.store.join(BUILDING));
        }
        outcome
    }

    fn build(&self, paths: &[PathBuf], pipeline: Pipeline, mut report: Report) -> Result<Report, Error> {
        let now = report.started.unwrap_or_default();
        let before = self.last_generation()?;
        let taught = Taught::tonight(self.store, paths, &pipeline.model, before.as_ref(), self.options.full)?;
        let makers = Makers::now(read_by(&pipeline.model, taught.adaptation.as_ref()), &taught);
        report.previous = before.as_ref().map(Generation::number);
        report.generation = report.previous;
        let old = Old::new(before.as_ref().map_or(Ok(Vec::new()), |before| before.catalogue.load())?);

        let found = walk::walk(paths, self.store, |n| (self.watch)(Progress::Walking(n)))?;
        if found.files.is_empty() && !old.entries.is_empty() && !self.options.allow_empty {
            let message =
                "holds no file at all, but the store does; mount the archive, or give --allow-empty to empty the store";
            return Err(Error::message(&paths[0], message));
        }
        let walked = Instant::now();
        report.files.found = (found.files.len() + found.unusable.len() + found.n_passed_over) as u64;
        report.files.ignored = found.n_passed_over as u64;
        self.stage(&mut report, "walk");

        let full = self.options.full;
        let same = before.as_ref().map_or(Same::default(), |before| makers.same(&before.manifest.makers));
        let same = if full { Same::default() } else { same };
        let touched = taught.touched();
        let plan = self.plan(&found, &old, same.pipeline, &touched, now);
        report.files.ignored += plan.n_ignored;
        report.files.unchanged = plan.n_unchanged;
        let n_bytes: u64 = plan.jobs.iter().map(|job| job.stat.size.min(self.options.max_file)).sum();
        (self.watch)(Progress::ToRead(plan.jobs.len(), n_bytes));
        if !self.options.dry_run && !plan.jobs.is_empty() {
            self.check_room(n_bytes)?;
        }

        let known = match same.pipeline && !plan.jobs.is_empty() {
            true => {
                let settled = old.entries.iter().enumerate().filter(|(_, entry)| !entry.is_touched(&touched));
                settled.filter_map(|(n, entry)| Some((entry.hash?, n))).collect()
            }
            false => HashMap::new(),
        };
        let Plan { settled, jobs, .. } = plan;
        let n_jobs = jobs.len();
        drop(touched);
        let (model, adaptation) = (pipeline.model, taught.adaptation.clone());
        let restorer: Box<dyn FnOnce() -> Restorer + Send> = Box::new(move || match &adaptation {
            Some(adaptation) => Restorer::adapted(model, adaptation),
            None => Restorer::new(model),
        });
        let shared = Shared {
            jobs,
            known,
            max_file: self.options.max_file,
            limits: Limits { scan_cache: self.scan_cache(), ..Limits::default() },
            placer: taught.placer(&found.files.iter().map(|file| file.id.as_str()).collect()),
            restorer: std::sync::LazyLock::new(restorer),
            walked,
            stop: Arc::clone(self.stop),
        };
        let mut builder = Builder::new(self, before.as_ref(), same, n_jobs, taught);
        let mut entries = settled;
        let mut reading = Reading::start(shared, self.options.jobs);
        while let Some((n, looked)) = reading.next() {
            let job = reading.job(n);
            (self.watch)(Progress::Read(job.stat.size));
            builder.take(job, looked, &old, now, &mut entries, &mut report)?;
        }
        drop(reading);
        self.stopped()?;
        entries.sort_by(|a, b| a.id.cmp(&b.id));
        // Two names that are no UTF-8 may be shown alike.
        entries.dedup_by(|later, first| later.id == first.id);
        self.conclude(builder, entries, &old, makers, report)
    }

    /// Publishes what was read and what is taken over, in id order, unless nothing changed.
    pub(crate) fn conclude(
        &self,
        mut builder: Builder<'_>,
        entries: Vec<Entry>,
        old: &Old,
        makers: Makers,
        mut report: Report,
    ) -> Result<Report, Error> {
        self.stage(&mut report, "read");

        report.tell_differences(&old.entries, &entries);
        let held = entries.iter().filter(|entry| entry.is_held());
        report.decisions = builder.taught.complete(held.map(|entry| entry.id.as_str()));
        report.overrides.holding = builder.taught.edges.facts.len() as u64;
        report.overrides.faults.clone_from(&builder.taught.edges.faults);
        if entries == old.entries && builder.same == Same::ALL {
            let before = builder.before;
            builder.abandon()?;
            if let Some(Ok(last)) = before.map(Generation::report) {
                let Totals { resolved, lineages, doubts, .. } = last.documents;
                report.documents = Totals { resolved, lineages, doubts, ..report.documents };
                report.overrides.doubtful = last.overrides.doubtful;
            }
            report.seconds = self.begun.elapsed().as_secs_f64();
            return Ok(report);
        }
        if self.options.dry_run {
            report.seconds = self.begun.elapsed().as_secs_f64();
            return Ok(report);
        }
        let number = builder.publish(entries, old, makers, &mut report)?;
        report.generation = Some(number);
        report.published = true;
        // The night's work is out; what cannot be removed tonight is removed tomorrow.
        if let Err(error) = super::remove_old(self.store, self.options.keep) {
            tracing::warn!(%error, "old generations stay");
        }
        self.stage(&mut report, "publish");
        report.seconds = self.begun.elapsed().as_secs_f64();
        Ok(report)
    }

    /// The generation to build on. One that this build cannot read stops the job, unless everything
    /// is to be read anyway.
    pub(crate) fn last_generation(&self) -> Result<Option<Generation>, Error> {
        let opened = match current_number(self.store) {
            Ok(None) => return Ok(None),
            Ok(Some(number)) => Generation::open(&generation_folder(self.store, number)),
            Err(error) => Err(error),
        };
        match opened {
            Ok(generation) => Ok(Some(generation)),
            Err(_) if self.options.full => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What the OCR engine read stays beside the generations: it costs more than all the rest.
    fn scan_cache(&self) -> Option<PathBuf> {
        (!self.options.dry_run).then(|| self.store.join("scans"))
    }

    pub(crate) fn stopped(&self) -> Result<(), Error> {
        match self.stop.load(Ordering::Relaxed) {
            false => Ok(()),
            true => {
                Err(Error::message(self.store, "stopped on request; nothing was published, the last generation stands"))
            }
        }
    }

    /// Books the time since the last call to stage `name`.
    pub(crate) fn stage(&self, report: &mut Report, name: &str) {
        let booked: f64 = report.stages.values().sum();
        let seconds = (self.begun.elapsed().as_secs_f64() - booked).max(0.0);
        tracing::info!(stage = name, seconds, "stage done");
        *report.stages.entry(name.to_owned()).or_default() += seconds;
    }

    fn check_room(&self, n_bytes: u64) -> Result<(), Error> {
        // Blobs, facts, graph and index of damaged text come to about twice the text; the rest is slack.
        let needed = 3 * n_bytes + (16 << 20);
        let free = disk::free_bytes(self.store)?;
        if free < needed {
            let message = format!(
                "about {} MB are needed to publish, {} MB are free; free some, or run `vanban gc --keep 1`",
                needed >> 20,
                free >> 20
            );
            return Err(Error::message(self.store, message));
        }
        Ok(())
    }

    /// Sorts the files into those settled by their name or stat and those to be read.
    fn plan(&self, found: &Walk, old: &Old, trusted: bool, touched: &Touched<'_>, now: jiff::Timestamp) -> Plan {
        let mut plan = Plan::default();
        for file in &found.files {
            let before = old.of_file(&file.id);
            if walk::is_no_paper(&file.id) {
                plan.n_ignored += 1;
                continue;
            }
            if file.stat.size > self.options.max_file {
                let too_large = reading::too_large(file.stat.size, self.options.max_file);
                plan.settled.push(old.refusal(&file.id, 0, too_large, now));
                continue;
            }
            let untouched = !before.iter().any(|n| old.entries[*n].is_touched(touched));
            if trusted && untouched && before.first().is_some_and(|n| old.entries[*n].stat == Some(file.stat)) {
                plan.n_unchanged +=
                    u64::from(before.iter().any(|n| matches!(old.entries[*n].state, State::Held { .. })));
                plan.n_ignored += u64::from(before.iter().any(|n| old.entries[*n].state == State::Ignored));
                plan.settled.extend(before.iter().map(|n| old.entries[*n].clone()));
            } else {
                let path = found.roots[file.root].join(&file.id);
                plan.jobs.push(Job { id: file.id.clone(), path, stat: file.stat });
            }
        }
        for one in &found.unusable {
            let refusal = Refusal { reason: one.reason.into(), message: one.message.clone() };
            plan.settled.push(old.refusal(&one.id, 0, refusal, now));
        }
        for folder in &found.unlisted {
            let below = |entry: &&Entry| {
                let inside = entry.id.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'));
                // A listing that broke off midway may have given some of them.
                let given = || found.files.binary_search_by(|file| file.id.as_str().cmp(entry.file())).is_ok();
                (inside || folder == ".") && !given()
            };
            plan.settled.extend(old.entries.iter().filter(below).cloned());
        }
        plan
    }
}

/// The entries of the last generation, and those of each file.
#[derive(Default)]
pub(crate) struct Old {
    pub(crate) entries: Vec<Entry>,
    by_file: HashMap<String, Vec<usize>>,
}

impl Old {
    pub(crate) fn new(entries: Vec<Entry>) -> Old {
        // Only files with several documents need the map: all others are found by their id.
        let mut by_file: HashMap<String, Vec<usize>> = HashMap::new();
        for (n, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.n_part > 0) {
            by_file.entry(entry.file().to_owned()).or_default().push(n);
        }
        Old { entries, by_file }
    }

    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        self.entries.binary_search_by(|entry| entry.id.as_str().cmp(id)).ok()
    }

    /// Numbers of the entries read from the file called `id`.
    pub(crate) fn of_file(&self, id: &str) -> Vec<usize> {
        let mut numbers: Vec<usize> = self.find(id).filter(|n| self.entries[*n].n_part == 0).into_iter().collect();
        numbers.extend(self.by_file.get(id).into_iter().flatten());
        numbers
    }

    /// The entry of something set aside; first seen when the same reason was first met.
    pub(crate) fn refusal(&self, id: &str, n_part: u32, refusal: Refusal, now: jiff::Timestamp) -> Entry {
        let Refusal { reason, message } = refusal;
        let first_seen = match self.find(id).map(|n| &self.entries[n].state) {
            Some(State::SetAside { reason: known, first_seen, .. }) if *known == reason => *first_seen,
            _ => now.as_second(),
        };
        let state = State::SetAside { reason, message, first_seen };
        Entry { id: id.to_owned(), n_part, stat: None, hash: None, state }
    }
}
