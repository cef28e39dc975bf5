//! The nightly job: what changed is read, the rest is taken over, and the whole is published at once.

use super::catalogue::{self, Catalogue, Entry, Slot, State};
use super::generation::{self, CATALOGUE, DOCUMENTS, FACTS, Generation, INDEX, Manifest, REPORT, REPORT_PAGE, Sum};
use super::pack::{self, PackWriter, Packs};
use super::reading::{self, Fresh, Job, Looked, Outcome, Part, Reading, Refusal, Shared};
use super::report::{Report, SetAside};
use super::walk::{self, Walk};
use super::{
    BUILDING, Lock, current_number, disk, generation_folder, generation_name, generation_numbers, point_current,
};
use crate::document::DocumentId;
use crate::error::Error;
use crate::index::{self, WriteOptions};
use crate::restore::Restorer;
use crate::source::Limits;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Bytes that one thread of the index gathers before it writes them out as a segment.
const INDEX_MEMORY: usize = 64 << 20;

/// What a text is read with.
pub struct Pipeline {
    /// Identifies model, adaptation and overrides; the code's own part is added here.
    pub fingerprint: String,
    /// Makes the restorer; called only if something must be restored.
    pub restorer: Box<dyn FnOnce() -> Restorer + Send>,
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

struct Night<'a> {
    store: &'a Path,
    options: &'a Options,
    watch: &'a dyn Fn(Progress<'_>),
    stop: &'a Arc<AtomicBool>,
    begun: Instant,
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
        let _lock = match self.options.dry_run {
            true => None,
            false => {
                disk::create_dir(self.store)?;
                let lock = Lock::take(self.store)?;
                super::sweep(self.store)?;
                Some(lock)
            }
        };
        let outcome = self.build(paths, pipeline, report);
        if outcome.is_err() && !self.options.dry_run {
            // The next run would sweep it too; the space is wanted now.
            let _ = disk::remove_dir(&self.store.join(BUILDING));
        }
        outcome
    }

    fn build(&self, paths: &[PathBuf], pipeline: Pipeline, mut report: Report) -> Result<Report, Error> {
        let now = report.started.unwrap_or_default();
        let fingerprint = format!("{}+{}", env!("VANBAN_CODE"), pipeline.fingerprint);
        let before = self.last_generation()?;
        report.previous = before.as_ref().map(Generation::number);
        report.generation = report.previous;
        let old = Old::new(before.as_ref().map_or(Ok(Vec::new()), |before| before.catalogue.load())?);

        let found = walk::walk(paths, self.store, |n| (self.watch)(Progress::Walking(n)))?;
        if found.files.is_empty() && !old.entries.is_empty() && !self.options.allow_empty {
            let message =
                "holds no file at all, but the store does; mount the archive, or give --allow-empty to empty the store";
            return Err(Error::message(&paths[0], message));
        }
        report.files.found = (found.files.len() + found.unusable.len() + found.n_passed_over) as u64;
        report.files.ignored = found.n_passed_over as u64;
        self.stage(&mut report, "walk");

        let same_pipeline = before.as_ref().is_some_and(|before| before.manifest.pipeline == fingerprint);
        let same_index = before.as_ref().is_some_and(|before| before.manifest.index == env!("VANBAN_INDEX_CODE"));
        let plan = self.plan(&found, &old, same_pipeline && !self.options.full, now);
        report.files.ignored += plan.n_ignored;
        report.files.unchanged = plan.n_unchanged;
        let n_bytes: u64 = plan.jobs.iter().map(|job| job.stat.size.min(self.options.max_file)).sum();
        (self.watch)(Progress::ToRead(plan.jobs.len(), n_bytes));
        if !self.options.dry_run && !plan.jobs.is_empty() {
            self.check_room(n_bytes)?;
        }

        let mut builder = Builder::new(self, before.as_ref(), same_index && !self.options.full, plan.jobs.len());
        let known = match same_pipeline && !self.options.full && !plan.jobs.is_empty() {
            true => old.entries.iter().enumerate().filter_map(|(n, entry)| Some((entry.hash?, n))).collect(),
            false => HashMap::new(),
        };
        let Plan { settled, jobs, .. } = plan;
        let shared = Shared {
            jobs,
            known,
            max_file: self.options.max_file,
            limits: Limits { scan_cache: self.scan_cache(), ..Limits::default() },
            restorer: std::sync::LazyLock::new(pipeline.restorer),
            stop: Arc::clone(self.stop),
        };
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
        self.stage(&mut report, "read");

        tell_differences(&old.entries, &entries, &mut report);
        if entries == old.entries && same_pipeline && same_index && !self.options.full {
            builder.abandon()?;
            report.seconds = self.begun.elapsed().as_secs_f64();
            return Ok(report);
        }
        if self.options.dry_run {
            report.seconds = self.begun.elapsed().as_secs_f64();
            return Ok(report);
        }
        let number = builder.publish(entries, &old, fingerprint, &mut report)?;
        report.generation = Some(number);
        report.published = true;
        super::remove_old(self.store, self.options.keep)?;
        self.stage(&mut report, "publish");
        report.seconds = self.begun.elapsed().as_secs_f64();
        Ok(report)
    }

    /// The generation to build on. One that this build cannot read stops the job, unless everything
    /// is to be read anyway.
    fn last_generation(&self) -> Result<Option<Generation>, Error> {
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

    fn stopped(&self) -> Result<(), Error> {
        match self.stop.load(Ordering::Relaxed) {
            false => Ok(()),
            true => {
                Err(Error::message(self.store, "stopped on request; nothing was published, the last generation stands"))
            }
        }
    }

    /// Books the time since the last call to stage `name`.
    fn stage(&self, report: &mut Report, name: &str) {
        let booked: f64 = report.stages.values().sum();
        report.stages.insert(name.to_owned(), (self.begun.elapsed().as_secs_f64() - booked).max(0.0));
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
    fn plan(&self, found: &Walk, old: &Old, trusted: bool, now: jiff::Timestamp) -> Plan {
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
            if trusted && before.first().is_some_and(|n| old.entries[*n].stat == Some(file.stat)) {
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
struct Old {
    entries: Vec<Entry>,
    by_file: HashMap<String, Vec<usize>>,
}

impl Old {
    fn new(entries: Vec<Entry>) -> Old {
        // Only files with several documents need the map: all others are found by their id.
        let mut by_file: HashMap<String, Vec<usize>> = HashMap::new();
        for (n, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.n_part > 0) {
            by_file.entry(entry.file().to_owned()).or_default().push(n);
        }
        Old { entries, by_file }
    }

    fn find(&self, id: &str) -> Option<usize> {
        self.entries.binary_search_by(|entry| entry.id.as_str().cmp(id)).ok()
    }

    /// Numbers of the entries read from the file called `id`.
    fn of_file(&self, id: &str) -> Vec<usize> {
        let mut numbers: Vec<usize> = self.find(id).filter(|n| self.entries[*n].n_part == 0).into_iter().collect();
        numbers.extend(self.by_file.get(id).into_iter().flatten());
        numbers
    }

    /// The entry of something set aside; first seen when the same reason was first met.
    fn refusal(&self, id: &str, n_part: u32, refusal: Refusal, now: jiff::Timestamp) -> Entry {
        let Refusal { reason, message } = refusal;
        let first_seen = match self.find(id).map(|n| &self.entries[n].state) {
            Some(State::SetAside { reason: known, first_seen, .. }) if *known == reason => *first_seen,
            _ => now.as_second(),
        };
        let state = State::SetAside { reason, message, first_seen };
        Entry { id: id.to_owned(), n_part, stat: None, hash: None, state }
    }
}

/// Lists and totals of the report, from the two catalogues.
fn tell_differences(old: &[Entry], new: &[Entry], report: &mut Report) {
    let held = |entry: &&Entry| entry.is_held();
    let old_ids: HashMap<&str, &Entry> = old.iter().map(|entry| (entry.id.as_str(), entry)).collect();
    let new_ids: HashSet<&str> = new.iter().filter(held).map(|entry| entry.id.as_str()).collect();
    let mut gone: BTreeMap<[u8; 32], Vec<&str>> = BTreeMap::new();
    for entry in old.iter().filter(held).filter(|entry| !new_ids.contains(entry.id.as_str())) {
        gone.entry(entry.hash.unwrap_or_default()).or_default().push(&entry.id);
    }
    for entry in new {
        let before = old_ids.get(entry.id.as_str()).copied();
        match &entry.state {
            State::Held { summary, document, .. } => {
                let totals = &mut report.documents;
                totals.documents += 1;
                let damaged = summary.n_changed * 50 >= summary.n_syllables.max(1);
                totals.damaged += u64::from(damaged);
                totals.clean += u64::from(!damaged);
                totals.syllables += u64::from(summary.n_syllables);
                totals.syllables_changed += u64::from(summary.n_changed);
                totals.doubtful += u64::from(summary.n_doubtful);
                totals.citations += u64::from(summary.n_citations);
                let fresh = match before.map(|before| (&before.state, before.hash)) {
                    Some((State::Held { document: slot, .. }, hash)) => {
                        let changed = hash != entry.hash || slot != document;
                        if changed {
                            report.changed.push(entry.id.clone());
                        }
                        changed
                    }
                    _ => match gone.get_mut(&entry.hash.unwrap_or_default()).and_then(Vec::pop) {
                        Some(name) => {
                            report.renamed.push((name.to_owned(), entry.id.clone()));
                            false
                        }
                        None => {
                            report.added.push(entry.id.clone());
                            true
                        }
                    },
                };
                if fresh && summary.n_doubtful > 0 {
                    report.doubtful.push((entry.id.clone(), u64::from(summary.n_doubtful)));
                }
            }
            State::SetAside { reason, .. } => {
                let known = before.is_some_and(
                    |before| matches!(&before.state, State::SetAside { reason: known, .. } if known == reason),
                );
                report.set_aside.extend(generation::set_aside_of(entry).map(|one| SetAside { new: !known, ..one }));
            }
            State::Ignored => {}
        }
    }
    report.removed = gone.into_values().flatten().map(str::to_owned).collect();
    report.removed.sort();
    report.files.set_aside = report.set_aside.len() as u64;
    report.doubtful.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    report.doubtful.truncate(20);
}

/// The generation being made.
struct Builder<'a> {
    night: &'a Night<'a>,
    before: Option<&'a Generation>,
    folder: PathBuf,
    /// Writers of documents and facts, made with the folder when the first blob comes.
    packs: Option<(PackWriter, PackWriter)>,
    index: Option<index::Writer>,
    /// Whether the last generation's index is taken over.
    continues_index: bool,
    /// Ids of the documents read in this run; they are in the index already.
    fresh: HashSet<String>,
    n_jobs: usize,
}

impl<'a> Builder<'a> {
    fn new(night: &'a Night<'a>, before: Option<&'a Generation>, continues_index: bool, n_jobs: usize) -> Builder<'a> {
        let folder = night.store.join(BUILDING);
        Builder { night, before, folder, packs: None, index: None, continues_index, fresh: HashSet::new(), n_jobs }
    }

    fn index(&mut self) -> Result<&mut index::Writer, Error> {
        self.make_folder()?;
        if self.index.is_none() {
            let previous = self.before.filter(|_| self.continues_index).map(Generation::index_path);
            // A night with little to do is not worth the threads and their memory.
            let jobs = if self.n_jobs < 256 { 1 } else { self.night.options.jobs };
            let options = WriteOptions { jobs, memory: jobs * INDEX_MEMORY, ..WriteOptions::default() };
            self.index = Some(index::Writer::create(previous.as_deref(), &self.folder.join(INDEX), &options)?);
        }
        Ok(self.index.as_mut().expect("made just above"))
    }

    fn make_folder(&mut self) -> Result<&mut (PackWriter, PackWriter), Error> {
        if self.packs.is_none() {
            let next = |packs: Option<&Packs>| packs.and_then(|packs| packs.numbers().max()).map_or(1, |last| last + 1);
            let (documents, facts) = (self.folder.join(DOCUMENTS), self.folder.join(FACTS));
            disk::create_dir(&documents)?;
            disk::create_dir(&facts)?;
            let next_documents = next(self.before.map(|before| &before.documents));
            let next_facts = next(self.before.map(|before| &before.facts));
            self.packs = Some((PackWriter::new(&documents, next_documents), PackWriter::new(&facts, next_facts)));
        }
        Ok(self.packs.as_mut().expect("made just above"))
    }

    /// Books one file that was looked at.
    fn take(
        &mut self,
        job: &Job,
        looked: Looked,
        old: &Old,
        now: jiff::Timestamp,
        entries: &mut Vec<Entry>,
        report: &mut Report,
    ) -> Result<(), Error> {
        let Looked { stat, hash, outcome } = looked;
        if hash.is_some() {
            report.files.read += 1;
            report.bytes_read += job.stat.size;
        }
        // What failed for want of a program may succeed tomorrow with the same bytes.
        let seen = |entry: Entry| match &entry.state {
            State::SetAside { reason, .. } if reason == "tool-missing" => entry,
            _ => Entry { stat, hash, ..entry },
        };
        match outcome {
            Outcome::Gone => {}
            Outcome::Ignored => {
                report.files.ignored += 1;
                entries.push(Entry { id: job.id.clone(), n_part: 0, stat, hash, state: State::Ignored });
            }
            Outcome::Known(n) => {
                for n in old.of_file(old.entries[n].file()) {
                    let entry = &old.entries[n];
                    let id = format!("{}{}", job.id, &entry.id[entry.file().len()..]);
                    report.files.ignored += u64::from(entry.state == State::Ignored);
                    entries.push(match entry.state.clone() {
                        State::SetAside { reason, message, .. } => {
                            seen(old.refusal(&id, entry.n_part, Refusal { reason, message }, now))
                        }
                        state => Entry { id, n_part: entry.n_part, stat, hash, state },
                    });
                }
            }
            Outcome::Refused(refusal) => entries.push(seen(old.refusal(&job.id, 0, refusal, now))),
            Outcome::Read(parts) => {
                for Part { suffix, content } in parts {
                    let (id, n_part) = (format!("{}{suffix}", job.id), suffix.len() as u32);
                    entries.push(match content {
                        Ok(fresh) => Entry { id, n_part, stat, hash, state: self.keep(fresh)? },
                        Err(refusal) => seen(old.refusal(&id, n_part, refusal, now)),
                    });
                }
            }
        }
        Ok(())
    }

    /// Writes one new document.
    fn keep(&mut self, fresh: Fresh) -> Result<State, Error> {
        let Fresh { document, blob, facts, summary } = fresh;
        if self.night.options.dry_run {
            return Ok(State::Held { document: Slot::default(), facts: Slot::default(), summary });
        }
        self.index()?.add(&document)?;
        self.fresh.insert(document.id.0);
        let (document_packs, fact_packs) = self.make_folder()?;
        Ok(State::Held { document: document_packs.append(&blob)?, facts: fact_packs.append(&facts)?, summary })
    }

    /// Brings the index to what `entries` hold: takes out what left, puts in what has a new name.
    fn complete_index(&mut self, entries: &[Entry], old: &Old) -> Result<(), Error> {
        let held: HashSet<&str> =
            entries.iter().filter(|entry| entry.is_held()).map(|entry| entry.id.as_str()).collect();
        for entry in old.entries.iter().filter(|entry| entry.is_held() && !held.contains(entry.id.as_str())) {
            self.index()?.remove(&DocumentId(entry.id.clone()));
        }
        let fresh = std::mem::take(&mut self.fresh);
        for entry in entries.iter().filter(|entry| entry.is_held() && !fresh.contains(&entry.id)) {
            let known = old.find(&entry.id).is_some_and(|n| old.entries[n].state == entry.state);
            if known && self.continues_index {
                continue;
            }
            let before = self.before.expect("what was not read tonight was held before");
            if let Some(document) = before.document_of(entry)? {
                self.index()?.add(&document)?;
            }
        }
        self.index()?;
        if let Some(index) = self.index.take() {
            index.finish()?;
        }
        Ok(())
    }

    /// Leaves nothing behind.
    fn abandon(self) -> Result<(), Error> {
        if self.packs.is_some() { disk::remove_dir(&self.folder) } else { Ok(()) }
    }

    /// Writes the rest, seals the generation and makes it the current one.
    fn publish(
        mut self,
        mut entries: Vec<Entry>,
        old: &Old,
        fingerprint: String,
        report: &mut Report,
    ) -> Result<u64, Error> {
        let night = self.night;
        (night.watch)(Progress::Stage("index"));
        self.complete_index(&entries, old)?;
        night.stage(report, "index");
        night.stopped()?;
        (night.watch)(Progress::Stage("publish"));
        let (before, folder) = (self.before, self.folder.clone());
        let (documents, facts) = self.make_folder()?;
        if let Some(before) = before {
            let slots = entries.iter_mut().filter_map(|entry| entry.slots());
            take_over(&before.documents, slots.map(|(slot, _)| slot).collect(), &folder.join(DOCUMENTS), documents)?;
            let slots = entries.iter_mut().filter_map(|entry| entry.slots());
            take_over(&before.facts, slots.map(|(_, slot)| slot).collect(), &folder.join(FACTS), facts)?;
        }
        documents.close()?;
        facts.close()?;
        let mut kept = Kept::default();
        if let Some(before) = self.before {
            kept = Kept { manifest: Some(&before.manifest), folder: before.folder().to_owned() };
        }
        disk::write_new(&self.folder.join(CATALOGUE), &catalogue::encode(&entries))?;
        night.stopped()?;

        let number = generation_numbers(night.store)?.last().map_or(1, |last| last + 1);
        report.generation = Some(number);
        report.published = true;
        report.seconds = night.begun.elapsed().as_secs_f64();
        let json = serde_json::to_vec_pretty(&*report).expect("a report has only plain fields");
        disk::write_new(&self.folder.join(REPORT), &json)?;
        disk::write_new(&self.folder.join(REPORT_PAGE), report.full_page().as_bytes())?;

        let n_documents = report.documents.documents;
        let mut manifest = Manifest {
            format: generation::FORMAT,
            program: env!("CARGO_PKG_VERSION").into(),
            number,
            pipeline: fingerprint,
            graph: env!("VANBAN_GRAPH_CODE").into(),
            index: env!("VANBAN_INDEX_CODE").into(),
            n_documents,
            files: BTreeMap::new(),
        };
        seal(&self.folder, &self.folder, &kept, &mut manifest.files)?;
        let json = serde_json::to_vec_pretty(&manifest).expect("a manifest has only plain fields");
        disk::write_new(&self.folder.join(generation::MANIFEST), &json)?;
        disk::sync(&self.folder)?;
        // What will be read tomorrow is read now: an unreadable generation is never published.
        let written = Catalogue::open(&self.folder.join(CATALOGUE))?.load()?;
        if written != entries {
            return Err(Error::message(&self.folder, "what was written does not read back; check the disk"));
        }
        night.stopped()?;
        disk::rename(&self.folder, &night.store.join(generation_name(number)))?;
        disk::sync(night.store)?;
        point_current(night.store, number)?;
        Ok(number)
    }
}

/// Links the packs of the last generation into `folder` that `slots` still point to. A pack that is
/// mostly dead, or one of too many small ones, is not linked: what lives in it is written anew.
fn take_over(packs: &Packs, mut slots: Vec<&mut Slot>, folder: &Path, writer: &mut PackWriter) -> Result<(), Error> {
    let mut live: BTreeMap<u32, BTreeMap<u64, u32>> = BTreeMap::new();
    for slot in slots.iter().filter(|slot| packs.has(slot.pack)) {
        live.entry(slot.pack).or_default().insert(slot.offset, slot.len);
    }
    let size = |blobs: &BTreeMap<u64, u32>| blobs.values().map(|len| u64::from(*len)).sum::<u64>();
    let small = |number: u32| packs.size(number) < pack::SMALL;
    let merge = live.keys().filter(|number| small(**number)).count() > pack::MANY;
    let anew = |number: u32, blobs| (merge && small(number)) || 2 * size(blobs) < packs.size(number);
    let mut moved: HashMap<(u32, u64), Slot> = HashMap::new();
    for (&number, blobs) in &live {
        if !anew(number, blobs) {
            packs.link(number, folder)?;
            continue;
        }
        for (&offset, &len) in blobs {
            let slot = writer.append(&packs.raw(Slot { pack: number, offset, len })?)?;
            moved.insert((number, offset), slot);
        }
    }
    for slot in &mut slots {
        if let Some(new) = moved.get(&(slot.pack, slot.offset)) {
            **slot = *new;
        }
    }
    Ok(())
}

/// The files of the last generation whose checksums need not be taken again.
#[derive(Default)]
struct Kept<'a> {
    manifest: Option<&'a Manifest>,
    folder: PathBuf,
}

impl Kept<'_> {
    /// The known checksum, if `path` is the very file that the last generation has at `name`.
    fn sum(&self, name: &str, inode: u64) -> Option<Sum> {
        use std::os::unix::fs::MetadataExt;
        let sum = self.manifest?.files.get(name)?;
        let data = self.folder.join(name).symlink_metadata().ok()?;
        (data.ino() == inode && data.len() == sum.bytes).then(|| sum.clone())
    }
}

/// Syncs every file and folder below `folder` and takes the checksums of what is new.
fn seal(root: &Path, folder: &Path, kept: &Kept<'_>, sums: &mut BTreeMap<String, Sum>) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt;
    let io = |cause| Error::io(folder, cause);
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        let (path, data) = (entry.path(), entry.metadata().map_err(io)?);
        if data.is_dir() {
            seal(root, &path, kept, sums)?;
            continue;
        }
        let name = path.strip_prefix(root).expect("the walk stays below its root").to_string_lossy().into_owned();
        let sum = match kept.sum(&name, data.ino()) {
            Some(sum) => sum,
            None => {
                disk::sync(&path)?;
                checksum(&path)?
            }
        };
        sums.insert(name, sum);
    }
    disk::sync(folder)
}

/// Size and checksum of a file as it reads now.
pub(crate) fn checksum(path: &Path) -> Result<Sum, Error> {
    let mut hasher = blake3::Hasher::new();
    let io = |cause| Error::io(path, cause);
    let bytes = std::io::copy(&mut std::fs::File::open(path).map_err(io)?, &mut hasher).map_err(io)?;
    Ok(Sum { bytes, blake3: hasher.finalize().to_hex().to_string() })
}
