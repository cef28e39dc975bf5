//! One published generation, open for reading.

use super::catalogue::{Catalogue, Entry, State};
use super::decided::Decided;
use super::nightly::Makers;
use super::pack::Packs;
use super::report::{Report, SetAside};
use crate::document::{Document, DocumentId};
use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// The store format that this build reads and writes.
pub(crate) const FORMAT: u32 = 2;

pub(crate) const CATALOGUE: &str = "catalogue";
pub(crate) const DOCUMENTS: &str = "documents";
pub(crate) const FACTS: &str = "facts";
pub(crate) const GRAPH: &str = "graph";
pub(crate) const INDEX: &str = "index";
pub(crate) const MANIFEST: &str = "manifest.json";
/// What people had decided when it was made, and where that holds; see [`super::decided`].
pub(crate) const DECISIONS: &str = "decisions.jsonl";
pub(crate) const DECIDED: &str = "decided.json";
/// What the archive had taught, if a full run has learned it.
pub(crate) const ADAPTATION: &str = "adaptation";
pub(crate) const REPORT: &str = "report.json";
pub(crate) const REPORT_PAGE: &str = "report.txt";

/// Syllables of one document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Syllables {
    /// All of them.
    pub seen: u32,
    /// Those that restoration changed.
    pub changed: u32,
    /// Those on whose reading another came close.
    pub doubtful: u32,
}

/// What a generation is made of; written last, so that a folder without it is no generation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) format: u32,
    pub(crate) program: String,
    pub(crate) number: u64,
    pub(crate) makers: Makers,
    pub(crate) n_documents: u64,
    /// Every other file by its path in the folder.
    pub(crate) files: BTreeMap<String, Sum>,
    /// Checksum of the manifest as it was read; nothing before it is written.
    #[serde(skip)]
    pub(crate) fingerprint: u128,
}

/// Size and checksum of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sum {
    pub(crate) bytes: u64,
    pub(crate) blake3: String,
}

impl Manifest {
    pub(crate) fn read(folder: &Path) -> Result<Manifest, Error> {
        let path = folder.join(MANIFEST);
        let bytes = std::fs::read(&path).map_err(|cause| Error::io(&path, cause))?;
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let head: Head = serde_json::from_slice(&bytes).map_err(|_| damaged(&path))?;
        if head.format != FORMAT {
            let message = format!(
                "the store has format {}, this program reads {FORMAT}; run `vanban reindex --full` to build it anew",
                head.format
            );
            return Err(Error::message(&path, message));
        }
        let mut manifest: Manifest = serde_json::from_slice(&bytes).map_err(|_| damaged(&path))?;
        let hash = blake3::hash(&bytes);
        let half = hash.as_bytes().first_chunk().expect("a hash has 32 bytes");
        manifest.fingerprint = u128::from_be_bytes(*half);
        Ok(manifest)
    }
}

fn damaged(path: &Path) -> Error {
    Error::message(path, "the manifest is damaged; run `vanban rollback` or `vanban reindex --full`")
}

/// A generation held open: it stays whole and readable while later ones are published and
/// until it is dropped, whatever the nightly job does.
#[derive(Debug)]
pub struct Generation {
    folder: PathBuf,
    pub(crate) manifest: Manifest,
    pub(crate) catalogue: Catalogue,
    pub(crate) documents: Packs,
    pub(crate) facts: Packs,
    /// Locked for sharing; the nightly job removes no generation on which it cannot have
    /// the lock for itself.
    _held: File,
}

impl Generation {
    /// Opens the generation in `folder`; an error of kind *not found* if it was removed meanwhile.
    pub(crate) fn open(folder: &Path) -> Result<Generation, Error> {
        let path = folder.join(MANIFEST);
        let held = File::open(&path).map_err(|cause| Error::io(&path, cause))?;
        held.lock_shared().map_err(|cause| Error::io(&path, cause))?;
        // Between opening and locking the folder may have been removed: then reading it again fails.
        let manifest = Manifest::read(folder)?;
        let catalogue = Catalogue::open(&folder.join(CATALOGUE))?;
        let documents = Packs::open(&folder.join(DOCUMENTS))?;
        let facts = Packs::open(&folder.join(FACTS))?;
        Ok(Generation { folder: folder.to_owned(), manifest, catalogue, documents, facts, _held: held })
    }

    /// Counts up with every publication.
    pub fn number(&self) -> u64 {
        self.manifest.number
    }

    /// Tells apart generations that are not the same, also those of one number in stores made anew: the checksum
    /// of the list of all their checksums. Costs nothing: it is taken when the generation is opened.
    pub fn fingerprint(&self) -> u128 {
        self.manifest.fingerprint
    }

    /// Number of documents.
    pub fn len(&self) -> u64 {
        self.manifest.n_documents
    }

    /// Whether no document is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The folder of the generation; nothing in it ever changes.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The graph file, for [`crate::graph::file::GraphFile`].
    pub fn graph_path(&self) -> PathBuf {
        self.folder.join(GRAPH)
    }

    /// The index folder, for [`crate::index::Index`].
    pub fn index_path(&self) -> PathBuf {
        self.folder.join(INDEX)
    }

    /// The document called `id`; `None` if there is none.
    pub fn document(&self, id: &DocumentId) -> Result<Option<Document>, Error> {
        match self.catalogue.find(&id.0)? {
            Some(entry) => self.document_of(&entry),
            None => Ok(None),
        }
    }

    /// Every document, in id order, read one at a time.
    pub fn documents(&self) -> impl Iterator<Item = Result<Document, Error>> {
        (0..self.catalogue.len())
            .filter_map(|n| self.catalogue.entry(n).and_then(|entry| self.document_of(&entry)).transpose())
    }

    /// The ids of all documents, in order.
    pub fn ids(&self) -> impl Iterator<Item = Result<DocumentId, Error>> {
        (0..self.catalogue.len()).filter_map(|n| match self.catalogue.entry(n) {
            Ok(Entry { id, state: State::Held { .. }, .. }) => Some(Ok(DocumentId(id))),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
    }

    /// The files that were not taken, with reason and when each was first met, in id order.
    pub fn set_aside(&self) -> Result<Vec<SetAside>, Error> {
        Ok(self.catalogue.load()?.into_iter().filter_map(|entry| set_aside_of(&entry)).collect())
    }

    /// Which decisions of people hold where. Nothing, for a generation older than decisions.
    pub fn decided(&self) -> Result<Decided, Error> {
        let path = self.folder.join(DECIDED);
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| damaged(&path)),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(Decided::default()),
            Err(cause) => Err(Error::io(path, cause)),
        }
    }

    /// How much of each document held was changed and is in doubt, in id order.
    pub fn syllables(&self) -> Result<Vec<Syllables>, Error> {
        let of = |entry: Entry| match entry.state {
            State::Held { summary, .. } => {
                Some(Syllables { seen: summary.n_syllables, changed: summary.n_changed, doubtful: summary.n_doubtful })
            }
            _ => None,
        };
        Ok(self.catalogue.load()?.into_iter().filter_map(of).collect())
    }

    /// What the night that published it reported.
    pub fn report(&self) -> Result<Report, Error> {
        let path = self.folder.join(REPORT);
        let bytes = std::fs::read(&path).map_err(|cause| Error::io(&path, cause))?;
        serde_json::from_slice(&bytes).map_err(|_| Error::message(&path, "the report is damaged; run `vanban check`"))
    }

    pub(crate) fn document_of(&self, entry: &Entry) -> Result<Option<Document>, Error> {
        let State::Held { document: slot, .. } = entry.state else { return Ok(None) };
        let bytes = self.documents.read(slot)?;
        let mut document: Document = postcard::from_bytes(&bytes).map_err(|_| self.documents.damaged(slot))?;
        // The blob keeps the name of the file it was first read from.
        document.id = DocumentId(entry.id.clone());
        Ok(Some(document))
    }
}

/// The entry as the report shows it, if it is set aside.
pub(crate) fn set_aside_of(entry: &Entry) -> Option<SetAside> {
    let State::SetAside { reason, message, first_seen } = &entry.state else { return None };
    Some(SetAside {
        id: entry.id.clone(),
        reason: reason.clone(),
        message: message.clone(),
        first_seen: jiff::Timestamp::from_second(*first_seen).ok(),
        new: false,
    })
}
