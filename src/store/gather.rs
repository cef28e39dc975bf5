//! A generation of documents that other machines have read.
//!
//! Each comes whole, as [`carry`] packs it there, or as the hash of a content that the last generation holds.
//! From there on it is the nightly job: index, graph and catalogue are made and published in the same way, so
//! that the store is the one that [`reindex`](super::reindex) would have made of the same texts, and the next
//! run of it takes over what is here. What people decided on readings needs the files: it waits for that run.

use super::building::Builder;
use super::catalogue::Entry;
use super::decided::Taught;
use super::nightly::{Makers, Night, Old, Options, Progress, Same, read_by};
use super::reading::{self, Fresh, Refusal};
use super::report::Report;
use super::{Store, current_number};
use crate::document::{Document, DocumentId};
use crate::error::Error;
use crate::restore::{Adaptation, Model};
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Documents unpacked together, and bytes of them, unless one alone has more.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 4 << 20;

/// A document and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// Its id; see [`DocumentId`].
    pub id: String,
    /// What comes of it.
    pub content: Content,
}

/// What came of a text that another machine has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The document.
    Read {
        /// What [`read_by`] gave there.
        by: String,
        /// What [`carry`] gave there.
        packed: Vec<u8>,
    },
    /// The `source_hash` of a content that the last generation holds, read in the same way.
    Held(String),
    /// Why it is set aside.
    Refused(String),
}

/// What the documents were read with.
pub struct Reader {
    /// The model.
    pub model: Model,
    /// What the archive taught, if anything.
    pub adaptation: Option<Adaptation>,
}

/// A document packed for its way; only the same build unpacks it.
pub fn carry(document: &Document) -> Vec<u8> {
    reading::blob_of(document)
}

/// The `source_hash` of every content that the current generation of `store` holds and that was read by `by`:
/// these need not be brought again. None where there is no store yet.
pub fn held(store: &Path, by: &str) -> Result<Vec<String>, Error> {
    if current_number(store)?.is_none() {
        return Ok(Vec::new());
    }
    let generation = Store::open(store)?.current()?;
    if generation.manifest.makers.pipeline != by {
        return Ok(Vec::new());
    }
    Ok(generation.catalogue.load()?.iter().filter_map(whole).map(name_of).collect())
}

/// The hash of an entry that is one document, the whole of its file.
fn whole(entry: &Entry) -> Option<[u8; 32]> {
    entry.hash.filter(|_| entry.is_held() && entry.n_part == 0)
}

fn name_of(hash: [u8; 32]) -> String {
    format!("blake3:{}", blake3::Hash::from_bytes(hash).to_hex())
}

/// The hash of that name.
fn hash_of(name: &str) -> Option<[u8; 32]> {
    Some(*blake3::Hash::from_hex(name.strip_prefix("blake3:")?).ok()?.as_bytes())
}

/// Publishes `brought`, which must come in the order of its ids, as the content of the store in `store`.
///
/// Once `stop` is set it ends within moments with an error and publishes nothing.
pub fn gather(
    store: &Path,
    brought: impl Iterator<Item = Result<Brought, Error>>,
    reader: Reader,
    options: &Options,
    watch: &dyn Fn(Progress<'_>),
    stop: &Arc<AtomicBool>,
) -> Result<Report, Error> {
    let night = Night { store, options, watch, stop, begun: Instant::now() };
    let report = Report {
        program: env!("CARGO_PKG_VERSION").into(),
        started: Some(jiff::Timestamp::now()),
        ..Report::default()
    };
    night.alone(|| night.gathered(brought, reader, report))
}

impl Night<'_> {
    fn gathered(
        &self,
        mut brought: impl Iterator<Item = Result<Brought, Error>>,
        reader: Reader,
        mut report: Report,
    ) -> Result<Report, Error> {
        let now = report.started.unwrap_or_default();
        let before = self.last_generation()?;
        let by = read_by(&reader.model, reader.adaptation.as_ref());
        let taught = Taught::elsewhere(self.store, before.as_ref(), reader.adaptation)?;
        let makers = Makers::now(by.clone(), &taught);
        report.previous = before.as_ref().map(super::Generation::number);
        report.generation = report.previous;
        let old = Old::new(before.as_ref().map_or(Ok(Vec::new()), |before| before.catalogue.load())?);
        let same = before.as_ref().map_or(Same::default(), |before| makers.same(&before.manifest.makers));
        let known: HashMap<[u8; 32], usize> = match same.pipeline {
            true => old.entries.iter().enumerate().filter_map(|(n, entry)| Some((whole(entry)?, n))).collect(),
            false => HashMap::new(),
        };

        let mut entries: Vec<Entry> = Vec::new();
        let mut batch = next_batch(&mut brought)?;
        let mut builder = Builder::new(self, before.as_ref(), same, batch.len(), taught);
        while !batch.is_empty() {
            self.stopped()?;
            let unpacked: Vec<(Brought, Option<Fresh>)> = batch
                .into_par_iter()
                .map(|one| unpack(&one, &by).map(|fresh| (one, fresh)))
                .collect::<Result<_, Error>>()?;
            for (Brought { id, content }, fresh) in unpacked {
                if let Some(last) = entries.last().filter(|last| last.id >= id) {
                    return Err(Error::message(id, format!("comes behind {}; sort the lines by their ids", last.id)));
                }
                report.files.found += 1;
                entries.push(match (content, fresh) {
                    (_, Some(fresh)) => {
                        report.files.read += 1;
                        let n_bytes = fresh.document.source.len() as u64;
                        report.bytes_read += n_bytes;
                        (self.watch)(Progress::Read(n_bytes));
                        let hash = hash_of(&fresh.document.source_hash);
                        Entry { id, n_part: 0, stat: None, hash, state: builder.keep(fresh)? }
                    }
                    (Content::Held(name), None) => {
                        let Some(n) = hash_of(&name).and_then(|hash| known.get(&hash)) else {
                            let message = format!(
                                "the store in {} holds no content {name} that was read as here; bring it as \"packed\"",
                                self.store.display()
                            );
                            return Err(Error::message(id, message));
                        };
                        report.files.unchanged += 1;
                        let known = &old.entries[*n];
                        if known.id != id {
                            builder.taught.renamed(&known.id, &id);
                        }
                        // A stat belongs to one file, and still fits where the id does.
                        let stat = known.stat.filter(|_| known.id == id);
                        Entry { id, n_part: 0, stat, hash: known.hash, state: known.state.clone() }
                    }
                    (Content::Refused(message), None) => {
                        old.refusal(&id, 0, Refusal { reason: "not-taken".into(), message }, now)
                    }
                    (Content::Read { .. }, None) => unreachable!("what was read is unpacked, or an error"),
                });
            }
            batch = next_batch(&mut brought)?;
        }
        if entries.is_empty() && !old.entries.is_empty() && !self.options.allow_empty {
            let message = "no document was brought, but the store holds some; give --allow-empty to empty the store";
            return Err(Error::message(self.store, message));
        }
        self.conclude(builder, entries, &old, makers, report)
    }
}

/// The next documents, as many as are unpacked at once; none at the end.
fn next_batch(brought: &mut impl Iterator<Item = Result<Brought, Error>>) -> Result<Vec<Brought>, Error> {
    let (mut batch, mut n_bytes) = (Vec::new(), 0);
    while batch.len() < BATCH
        && n_bytes < BATCH_BYTES
        && let Some(one) = brought.next().transpose()?
    {
        if let Content::Read { packed, .. } = &one.content {
            n_bytes += packed.len();
        }
        batch.push(one);
    }
    Ok(batch)
}

/// The document under its own id, if it was brought.
fn unpack(brought: &Brought, own: &str) -> Result<Option<Fresh>, Error> {
    let Content::Read { by, packed } = &brought.content else { return Ok(None) };
    if by != own {
        let message = format!(
            "was read by {by}, and this is {own}; use one program on all machines, and give --model and --adapt as there"
        );
        return Err(Error::message(&brought.id, message));
    }
    let document: Option<Document> =
        zstd::stream::decode_all(packed.as_slice()).ok().and_then(|bytes| postcard::from_bytes(&bytes).ok());
    match document {
        Some(document) => Ok(Some(reading::fresh(Document { id: DocumentId(brought.id.clone()), ..document }))),
        None => Err(Error::message(&brought.id, "what was brought does not unpack; read it again with `map --packed`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_and_their_names_are_one() {
        let hash = *blake3::hash(b"a").as_bytes();
        assert_eq!(hash_of(&name_of(hash)), Some(hash));
        assert_eq!(hash_of("sha256:00"), None);
    }

    #[test]
    fn a_document_of_another_program_is_refused_by_name() {
        let content = Content::Read { by: "1+2".into(), packed: carry(&Document::default()) };
        let brought = Brought { id: "a.txt".into(), content };
        let error = unpack(&brought, "1+3").unwrap_err();
        assert!(error.to_string().starts_with("a.txt: was read by 1+2"), "{error}");
        assert_eq!(unpack(&brought, "1+2").unwrap().unwrap().document.id.0, "a.txt");
    }

    #[test]
    fn what_does_not_unpack_is_an_error() {
        let content = Content::Read { by: "1".into(), packed: b"no zstd".to_vec() };
        let error = unpack(&Brought { id: "a.txt".into(), content }, "1").unwrap_err();
        assert!(error.to_string().contains("map --packed"), "{error}");
    }
}
