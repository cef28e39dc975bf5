//! Building an index folder, from nothing or from last night's.
//!
//! Last night's segment files are linked, never changed: what a reader holds open stays
//! as it was. Answers do not depend on how a folder came about, since statistics count
//! living documents only and ties are decided by id.

use super::cards::{self, Card};
use super::crew::Crew;
use super::schema::{self, Fields, VERSION};
use super::units::units;
use crate::document::{Document, DocumentId};
use crate::error::Error;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{DirectoryLock, FileHandle, Lock, MmapDirectory, WatchCallback, WatchHandle, WritePtr};
use tantivy::{Directory, IndexSettings, IndexWriter, Term};

/// Texts kept are compressed in blocks of this many bytes: the less, the sooner one is read; the more, the smaller
/// they are. A unit is 1,700 bytes long on average.
const BLOCK: usize = 8 << 10;

/// The least memory of one thread that writes; tantivy's own writer takes no less.
const LEAST_MEMORY: usize = 16_000_000;

/// How an index is written.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    /// Threads that write segments.
    pub jobs: usize,
    /// Memory for all of them together, in bytes.
    pub memory: usize,
    /// What binds the index to its generation; [`super::Index::binding`] gives it back.
    pub binding: String,
}

impl Default for WriteOptions {
    fn default() -> WriteOptions {
        let jobs = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        WriteOptions { jobs, memory: 256 << 20, binding: String::new() }
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Documents in the index afterwards.
    pub documents: usize,
    /// Documents added or replaced.
    pub added: usize,
    /// Documents taken out for good.
    pub removed: usize,
}

/// The payload of the commit: what belongs to these segments.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub(crate) version: u32,
    pub(crate) cards: String,
    pub(crate) binding: String,
}

/// Turns tantivy's error into ours, with the folder it happened in.
pub(crate) fn failed(folder: &Path) -> impl Fn(tantivy::TantivyError) -> Error {
    let folder = folder.to_owned();
    move |cause| Error::message(&folder, format!("the index failed: {cause}"))
}

/// Opens the tantivy folder with our tokenizers.
pub(crate) fn open_folder(folder: &Path, read_only: bool) -> Result<(tantivy::Index, Fields), Error> {
    let fail = failed(folder);
    let directory = MmapDirectory::open(folder).map_err(|cause| fail(cause.into()))?;
    let index = match read_only {
        true => tantivy::Index::open(ReadOnly(directory)),
        false => tantivy::Index::open(directory),
    }
    .map_err(&fail)?;
    let (schema, fields) = schema::schema();
    if index.schema() != schema {
        return Err(Error::message(folder, "another version of vanban wrote this index; run `vanban reindex --full`"));
    }
    Ok((index, fields))
}

/// A folder that is only read: a published index never changes, so readers need no lock
/// and may have no right to make one.
#[derive(Clone, Debug)]
struct ReadOnly(MmapDirectory);

fn refused() -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::PermissionDenied, "the index is open for reading")
}

impl Directory for ReadOnly {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.0.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError { io_error: Arc::new(refused()), filepath: path.to_owned() })
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.0.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::IoError { io_error: Arc::new(refused()), filepath: path.to_owned() })
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.0.atomic_read(path)
    }

    fn atomic_write(&self, _path: &Path, _data: &[u8]) -> std::io::Result<()> {
        Err(refused())
    }

    fn sync_directory(&self) -> std::io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, _lock: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}

/// Reads what the last commit said of itself.
pub(crate) fn payload(folder: &Path, index: &tantivy::Index) -> Result<Payload, Error> {
    let meta = index.load_metas().map_err(failed(folder))?;
    let payload: Option<Payload> = meta.payload.and_then(|text| serde_json::from_str(&text).ok());
    match payload {
        Some(payload) if payload.version == VERSION => Ok(payload),
        Some(payload) => Err(Error::message(
            folder,
            format!("index format {}, but this build reads {VERSION}; run `vanban reindex --full`", payload.version),
        )),
        None => Err(Error::message(folder, "the index was never finished; run `vanban reindex --full`")),
    }
}

/// Links (or, across file systems, copies) the files of `prev` that never change again.
fn link(prev: &Path, into: &Path) -> Result<(), Error> {
    for entry in std::fs::read_dir(prev).map_err(|cause| Error::io(prev, cause))? {
        let entry = entry.map_err(|cause| Error::io(prev, cause))?;
        let name = entry.file_name();
        let shown = name.to_string_lossy();
        if shown.starts_with(".tantivy") || shown.starts_with(".tmp") || shown == cards::FILE {
            continue;
        }
        let (from, to) = (entry.path(), into.join(&name));
        // The two files that tantivy replaces are copied, so that no write can reach the old folder.
        let replaced = shown == "meta.json" || shown == ".managed.json";
        if replaced || std::fs::hard_link(&from, &to).is_err() {
            std::fs::copy(&from, &to).map_err(|cause| Error::io(&to, cause))?;
        }
    }
    Ok(())
}

/// Writes one index folder, document by document; nothing counts until [`Writer::finish`].
pub struct Writer {
    into: PathBuf,
    fields: Fields,
    writer: IndexWriter,
    crew: Crew,
    by_id: BTreeMap<String, Card>,
    /// Whether anything waits to be taken out of the segments that are there.
    takes_out: bool,
    /// Ids added in this run: a document given twice counts once, and the later wins.
    seen: FxHashSet<String>,
    written: Written,
    binding: String,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("into", &self.into).field("written", &self.written).finish_non_exhaustive()
    }
}

impl Writer {
    /// Begins the folder `into`, which should be empty, with the documents of `previous`.
    ///
    /// `previous` is never touched: its files are linked, or copied where the file system
    /// allows no links. Fails if `previous` has another format; write from the documents then.
    pub fn create(previous: Option<&Path>, into: &Path, options: &WriteOptions) -> Result<Writer, Error> {
        std::fs::create_dir_all(into).map_err(|cause| Error::io(into, cause))?;
        let fail = failed(into);
        let mut by_id = BTreeMap::new();
        let (index, fields) = match previous {
            Some(previous) => {
                link(previous, into)?;
                let (index, fields) = open_folder(into, false)?;
                let payload = payload(into, &index)?;
                by_id =
                    cards::read(previous, &payload.cards)?.into_iter().map(|card| (card.id.clone(), card)).collect();
                (index, fields)
            }
            None => {
                let (schema, fields) = schema::schema();
                let settings = IndexSettings { docstore_blocksize: BLOCK, ..IndexSettings::default() };
                let builder = tantivy::Index::builder().schema(schema).settings(settings);
                (builder.create_in_dir(into).map_err(&fail)?, fields)
            }
        };
        let jobs = options.jobs.clamp(1, 64);
        let memory = (options.memory / jobs).max(LEAST_MEMORY);
        Ok(Writer {
            into: into.to_owned(),
            fields,
            // It takes documents out and keeps the list of segments; they are written by the crew.
            writer: index.writer_with_num_threads(1, LEAST_MEMORY).map_err(&fail)?,
            crew: Crew::new(index, fields, jobs, memory),
            by_id,
            takes_out: false,
            seen: FxHashSet::default(),
            written: Written::default(),
            binding: options.binding.clone(),
        })
    }

    /// Takes a document out. One that is not there is no error.
    pub fn remove(&mut self, id: &DocumentId) -> Result<(), Error> {
        if self.by_id.remove(&id.0).is_some() {
            if self.seen.remove(&id.0) {
                self.gather()?;
            }
            self.take_out(&id.0);
            self.written.removed += 1;
        }
        Ok(())
    }

    fn take_out(&mut self, id: &str) {
        self.writer.delete_term(Term::from_field_text(self.fields.id, id));
        self.takes_out = true;
    }

    /// Adds a document, in place of the one with the same id if there is one.
    pub fn add(&mut self, document: &Document) -> Result<(), Error> {
        let card = Card::of(document);
        let known = self.by_id.insert(card.id.clone(), card).is_some();
        if self.seen.insert(document.id.0.clone()) {
            self.written.added += 1;
        } else {
            self.gather()?;
        }
        if known {
            self.take_out(&document.id.0);
        }
        if !self.crew.add(&document.id.0, units(document)) {
            self.gather()?;
        }
        Ok(())
    }

    /// Makes segments of all that was added so far. What is taken out later is taken out of them too, and
    /// what was taken out before is not.
    fn gather(&mut self) -> Result<(), Error> {
        let fail = failed(&self.into);
        let segments = self.crew.finish().map_err(&fail)?;
        // Whatever waits to be taken out when a segment comes in is taken out of that as well.
        if std::mem::take(&mut self.takes_out) {
            self.writer.commit().map_err(&fail)?;
        }
        for segment in segments {
            self.writer.add_segment(segment).map_err(&fail)?;
        }
        Ok(())
    }

    /// Makes the folder whole, waits for all threads, and leaves no lock or temporary file.
    pub fn finish(mut self) -> Result<Written, Error> {
        self.gather()?;
        let fail = failed(&self.into);
        let cards: Vec<Card> = self.by_id.into_values().collect();
        self.written.documents = cards.len();
        let hash = cards::write(&self.into, &cards)?;
        let payload = Payload { version: VERSION, cards: hash, binding: self.binding };
        let text = serde_json::to_string(&payload).map_err(|cause| Error::message(&self.into, cause.to_string()))?;
        let mut commit = self.writer.prepare_commit().map_err(&fail)?;
        commit.set_payload(&text);
        commit.commit().map_err(&fail)?;
        self.writer.wait_merging_threads().map_err(&fail)?;
        sweep(&self.into)?;
        Ok(self.written)
    }
}

/// See [`super::Index::update`].
pub(crate) fn update<D: Borrow<Document>>(
    previous: Option<&Path>,
    into: &Path,
    removed: &[DocumentId],
    added: impl IntoIterator<Item = D>,
    options: &WriteOptions,
) -> Result<Written, Error> {
    let mut writer = Writer::create(previous, into, options)?;
    for id in removed {
        writer.remove(id)?;
    }
    for document in added {
        writer.add(document.borrow())?;
    }
    writer.finish()
}

/// Takes away what tantivy leaves behind: lock files and temporary files.
fn sweep(folder: &Path) -> Result<(), Error> {
    for entry in std::fs::read_dir(folder).map_err(|cause| Error::io(folder, cause))? {
        let entry = entry.map_err(|cause| Error::io(folder, cause))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(".tmp") || name.starts_with(".tantivy") {
            std::fs::remove_file(entry.path()).map_err(|cause| Error::io(entry.path(), cause))?;
        }
    }
    Ok(())
}
