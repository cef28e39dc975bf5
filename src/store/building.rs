//! The next generation while it is made: blobs, index, graph, catalogue, manifest, one rename.

use super::catalogue::{self, Catalogue, Entry, Slot, State};
use super::decided::Taught;
use super::generation::{
    self, CATALOGUE, DOCUMENTS, FACTS, GRAPH, Generation, INDEX, Manifest, REPORT, REPORT_PAGE, Sum,
};
use super::nightly::{Makers, Night, Old, Progress, Same};
use super::pack::{self, PackWriter, Packs};
use super::reading::{Fresh, Job, Looked, Outcome, Part, Refusal};
use super::report::Report;
use super::{BUILDING, disk, generation_name, generation_numbers, lineage, point_current};
use crate::document::DocumentId;
use crate::error::Error;
use crate::graph::facts::Facts;
use crate::graph::{self, Graph};
use crate::index::{self, WriteOptions};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Bytes that one thread of the index gathers before it writes them out as a segment.
const INDEX_MEMORY: usize = 128 << 20;

/// The generation being made.
pub(crate) struct Builder<'a> {
    night: &'a Night<'a>,
    pub(crate) before: Option<&'a Generation>,
    folder: PathBuf,
    /// Writers of documents and facts, made with the folder when the first blob comes.
    packs: Option<(PackWriter, PackWriter)>,
    index: Option<index::Writer>,
    pub(crate) same: Same,
    /// Ids of the documents read in this run; they are in the index already.
    fresh: HashSet<String>,
    n_jobs: usize,
    pub(crate) taught: Taught,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(
        night: &'a Night<'a>,
        before: Option<&'a Generation>,
        same: Same,
        n_jobs: usize,
        taught: Taught,
    ) -> Builder<'a> {
        let folder = night.store.join(BUILDING);
        Builder { night, before, folder, packs: None, index: None, same, fresh: HashSet::new(), n_jobs, taught }
    }

    fn index(&mut self) -> Result<&mut index::Writer, Error> {
        self.make_folder()?;
        if self.index.is_none() {
            let previous = self.before.filter(|_| self.same.index).map(Generation::index_path);
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
    pub(crate) fn take(
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
                    self.taught.renamed(&entry.id, &id);
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
                        Ok(mut fresh) => {
                            self.taught.applied(&id, std::mem::take(&mut fresh.decisions));
                            Entry { id, n_part, stat, hash, state: self.keep(fresh)? }
                        }
                        Err(refusal) => seen(old.refusal(&id, n_part, refusal, now)),
                    });
                }
            }
        }
        Ok(())
    }

    /// Writes one new document.
    pub(crate) fn keep(&mut self, fresh: Fresh) -> Result<State, Error> {
        let Fresh { document, blob, facts, summary, .. } = fresh;
        if self.night.options.dry_run {
            return Ok(State::Held { document: Slot::default(), facts: Slot::default(), summary });
        }
        self.index()?.add(&document)?;
        self.fresh.insert(document.id.0);
        let (document_packs, fact_packs) = self.make_folder()?;
        Ok(State::Held { document: document_packs.append(&blob)?, facts: fact_packs.append(&facts)?, summary })
    }

    /// Gives the index all that changed: takes out what left, puts in what has a new name.
    /// Where facts or index are made otherwise than before, makes them anew from the documents.
    fn complete(&mut self, entries: &mut [Entry], old: &Old) -> Result<(), Error> {
        let fresh = std::mem::take(&mut self.fresh);
        let held: HashSet<&str> =
            entries.iter().filter(|entry| entry.is_held()).map(|entry| entry.id.as_str()).collect();
        for entry in old.entries.iter().filter(|entry| entry.is_held() && !held.contains(entry.id.as_str())) {
            self.index()?.remove(&DocumentId(entry.id.clone()))?;
        }
        for entry in entries.iter_mut().filter(|entry| entry.is_held() && !fresh.contains(&entry.id)) {
            let known = old.find(&entry.id).is_some_and(|n| old.entries[n].state == entry.state);
            let indexed = known && self.same.index;
            if indexed && self.same.graph {
                continue;
            }
            self.night.stopped()?;
            let before = self.before.expect("what was not read tonight was held before");
            let Some(document) = before.document_of(entry)? else { continue };
            if !indexed {
                self.index()?.add(&document)?;
            }
            if let (false, Some((_, facts))) = (self.same.graph, entry.slots()) {
                let blob = pack::compress(&Facts::of(&document).to_bytes());
                *facts = self.make_folder()?.1.append(&blob)?;
            }
        }
        self.index().map(drop)
    }

    /// Links what the documents say of one another.
    fn link(&self, entries: &[Entry], report: &mut Report) -> Result<(), Error> {
        let packs = Packs::open(&self.folder.join(FACTS))?;
        let all: Vec<Facts> = entries
            .par_iter()
            .filter_map(|entry| read_facts(&packs, entry).transpose())
            .collect::<Result<_, Error>>()?;
        let graph = Graph::from_facts(all, &self.taught.edges.facts);
        lineage::tell(&graph, report);
        graph::file::write(&graph, &self.folder.join(GRAPH))?;
        // A graph of another format tells no differences, and stops nothing.
        if let Some(Err(error)) = self.before.map(|before| lineage::tell_difference(before, &graph, report)) {
            tracing::warn!(%error, "no lineage differences are told");
        }
        Ok(())
    }

    /// Leaves nothing behind.
    pub(crate) fn abandon(self) -> Result<(), Error> {
        if self.packs.is_some() { disk::remove_dir(&self.folder) } else { Ok(()) }
    }

    /// Writes the rest, seals the generation and makes it the current one.
    pub(crate) fn publish(
        mut self,
        mut entries: Vec<Entry>,
        old: &Old,
        makers: Makers,
        report: &mut Report,
    ) -> Result<u64, Error> {
        let night = self.night;
        (night.watch)(Progress::Stage("index"));
        self.complete(&mut entries, old)?;
        night.stage(report, "index");
        night.stopped()?;
        // The index writes its last segments while the graph is made.
        let index = self.index.take();
        std::thread::scope(|scope| {
            let index = scope.spawn(move || index.map_or(Ok(()), |index| index.finish().map(drop)));
            self.write_the_rest(&mut entries, report)?;
            index.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })?;
        night.stage(report, "index");
        night.stopped()?;
        (night.watch)(Progress::Stage("publish"));
        self.seal_and_point(&entries, makers, report)
    }

    /// Packs, graph and catalogue.
    fn write_the_rest(&mut self, entries: &mut [Entry], report: &mut Report) -> Result<(), Error> {
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
        (self.night.watch)(Progress::Stage("graph"));
        self.link(entries, report)?;
        self.night.stage(report, "graph");
        disk::write_new(&self.folder.join(CATALOGUE), &catalogue::encode(entries))?;
        self.taught.write(&self.folder)
    }

    fn seal_and_point(&self, entries: &[Entry], makers: Makers, report: &mut Report) -> Result<u64, Error> {
        let night = self.night;
        let mut kept = Kept::default();
        if let Some(before) = self.before {
            kept = Kept { manifest: Some(&before.manifest), folder: before.folder().to_owned() };
        }
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
            makers,
            n_documents,
            files: BTreeMap::new(),
            fingerprint: 0,
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

/// What links a held document with others; `None` for an entry that is none.
fn read_facts(packs: &Packs, entry: &Entry) -> Result<Option<Facts>, Error> {
    let State::Held { facts: slot, .. } = entry.state else { return Ok(None) };
    let facts = Facts::from_bytes(&packs.read(slot)?).ok_or_else(|| packs.damaged(slot))?;
    // The blob keeps the name of the file it was first read from.
    Ok(Some(Facts { id: entry.id.clone(), ..facts }))
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
