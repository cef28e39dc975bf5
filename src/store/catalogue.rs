//! The catalogue of a generation: an entry for each document and each file without one, in id order, with what
//! is needed to skip it tomorrow and where its document lies.
//!
//! Layout: magic, number of entries, their offsets, the entries. A reader looks one entry up
//! with a few small reads; the nightly job reads the whole.

use crate::decision::Touched;
use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"VBCATLG1";
const HEAD: u64 = 16;

/// What the file system says of a file; equal stats mean the file need not be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stat {
    pub(crate) size: u64,
    /// Nanoseconds since 1970.
    pub(crate) mtime: i64,
    pub(crate) inode: u64,
}

/// Where a blob lies in a pack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Slot {
    pub(crate) pack: u32,
    pub(crate) offset: u64,
    pub(crate) len: u32,
}

/// Figures of one document, so that totals need no document read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) n_syllables: u32,
    pub(crate) n_changed: u32,
    pub(crate) n_doubtful: u32,
    pub(crate) n_citations: u32,
    /// Its pictures are held and could be read better with a program that was not there.
    pub(crate) rescan: bool,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    /// It is a document of the store.
    Held { document: Slot, facts: Slot, summary: Summary },
    /// It could not be taken, and why.
    SetAside { reason: String, message: String, first_seen: i64 },
    /// Its content shows that it is no document at all.
    Ignored,
}

/// One file of the archive, or one of several documents in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: String,
    /// Bytes at the end of the id that name the part of the file; 0 where the file is one document.
    pub(crate) n_part: u32,
    /// `None` where the file must be looked at again whatever its stat says.
    pub(crate) stat: Option<Stat>,
    /// blake3 of the bytes, where they were read.
    pub(crate) hash: Option<[u8; 32]>,
    pub(crate) state: State,
}

impl Entry {
    /// The id of the file it was read from.
    pub(crate) fn file(&self) -> &str {
        &self.id[..self.id.len().saturating_sub(self.n_part as usize)]
    }

    /// Whether a decision on it is new or gone.
    pub(crate) fn is_touched(&self, touched: &Touched<'_>) -> bool {
        let hash = || self.hash.map(|hash| format!("blake3:{}", blake3::Hash::from_bytes(hash).to_hex()));
        !touched.is_empty() && touched.holds(&self.id, hash().as_deref())
    }

    /// Whether it is a document of the store.
    pub(crate) fn is_held(&self) -> bool {
        matches!(self.state, State::Held { .. })
    }

    /// Where its document and its facts lie, if it is held.
    pub(crate) fn slots(&mut self) -> Option<(&mut Slot, &mut Slot)> {
        match &mut self.state {
            State::Held { document, facts, .. } => Some((document, facts)),
            _ => None,
        }
    }
}

/// The file's bytes for `entries`, which must be in id order.
pub(crate) fn encode(entries: &[Entry]) -> Vec<u8> {
    debug_assert!(entries.windows(2).all(|pair| pair[0].id <= pair[1].id));
    let mut blob = Vec::with_capacity(entries.len() * 128);
    let mut offsets = Vec::with_capacity(entries.len() + 1);
    let start = HEAD + 8 * (entries.len() as u64 + 1);
    for entry in entries {
        offsets.push(start + blob.len() as u64);
        blob = postcard::to_extend(entry, blob).expect("an entry has no part that postcard refuses");
    }
    offsets.push(start + blob.len() as u64);
    let mut bytes = Vec::with_capacity(start as usize + blob.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&(entries.len() as u64).to_le_bytes());
    for offset in offsets {
        bytes.extend_from_slice(&offset.to_le_bytes());
    }
    bytes.extend_from_slice(&blob);
    bytes
}

/// An open catalogue.
#[derive(Debug)]
pub(crate) struct Catalogue {
    file: File,
    path: PathBuf,
    len: u64,
    size: u64,
}

impl Catalogue {
    /// Opens the file and reads its head.
    pub(crate) fn open(path: &Path) -> Result<Catalogue, Error> {
        let io = |cause| Error::io(path, cause);
        let file = File::open(path).map_err(io)?;
        let size = file.metadata().map_err(io)?.len();
        let mut head = [0; HEAD as usize];
        file.read_exact_at(&mut head, 0).map_err(|_| damaged(path))?;
        let len = le(&head[8..]);
        if &head[..8] != MAGIC || len.saturating_mul(8).saturating_add(HEAD) > size {
            return Err(damaged(path));
        }
        Ok(Catalogue { file, path: path.to_owned(), len, size })
    }

    /// Number of entries.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Entry `n` in id order.
    pub(crate) fn entry(&self, n: u64) -> Result<Entry, Error> {
        let mut bounds = [0; 16];
        self.file.read_exact_at(&mut bounds, HEAD + 8 * n).map_err(|_| damaged(&self.path))?;
        let (from, to) = (le(&bounds), le(&bounds[8..]));
        if from > to || to > self.size {
            return Err(damaged(&self.path));
        }
        let mut bytes = vec![0; (to - from) as usize];
        self.file.read_exact_at(&mut bytes, from).map_err(|_| damaged(&self.path))?;
        postcard::from_bytes(&bytes).map_err(|_| damaged(&self.path))
    }

    /// The entry called `id`.
    pub(crate) fn find(&self, id: &str) -> Result<Option<Entry>, Error> {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low + (high - low) / 2;
            let entry = self.entry(middle)?;
            match entry.id.as_str().cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Ok(Some(entry)),
            }
        }
        Ok(None)
    }

    /// Every entry in id order, read at once.
    pub(crate) fn load(&self) -> Result<Vec<Entry>, Error> {
        let mut bytes = vec![0; self.size as usize];
        self.file.read_exact_at(&mut bytes, 0).map_err(|_| damaged(&self.path))?;
        let mut rest = bytes.get((HEAD + 8 * (self.len + 1)) as usize..).ok_or_else(|| damaged(&self.path))?;
        let mut entries = Vec::with_capacity(self.len as usize);
        for _ in 0..self.len {
            let (entry, after) = postcard::take_from_bytes(rest).map_err(|_| damaged(&self.path))?;
            entries.push(entry);
            rest = after;
        }
        Ok(entries)
    }
}

fn le(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes[..8].try_into().expect("eight bytes were cut"))
}

fn damaged(path: &Path) -> Error {
    Error::message(
        path,
        "the catalogue is damaged; run `vanban check`, then `vanban rollback` or `vanban reindex --full`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str) -> Entry {
        let state = State::SetAside { reason: "empty".into(), message: "the file is empty".into(), first_seen: 7 };
        Entry {
            id: id.into(),
            n_part: 0,
            stat: Some(Stat { size: 1, mtime: -2, inode: 3 }),
            hash: Some([9; 32]),
            state,
        }
    }

    #[test]
    fn entries_come_back_one_by_one_and_together() {
        let entries: Vec<Entry> = ["a/1.txt", "a/2.txt", "b", "đ"].map(entry).into();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalogue");
        std::fs::write(&path, encode(&entries)).unwrap();
        let catalogue = Catalogue::open(&path).unwrap();
        assert_eq!(catalogue.load().unwrap(), entries);
        for entry in &entries {
            assert_eq!(catalogue.find(&entry.id).unwrap().as_ref(), Some(entry));
        }
        assert_eq!(catalogue.find("c").unwrap(), None);
    }

    #[test]
    fn a_cut_file_is_named_as_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalogue");
        let bytes = encode(&["a", "b"].map(entry));
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        let error = Catalogue::open(&path).unwrap().load().unwrap_err();
        assert!(error.to_string().contains("rollback"), "{error}");
    }
}
