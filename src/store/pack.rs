//! Packs: files of blobs, each blob compressed on its own so that one document is one small read.
//!
//! A pack is written once and never changed; later generations hold it by hard link.

use super::catalogue::Slot;
use super::disk::{self, NewFile};
use crate::error::Error;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use zstd::bulk::Compressor;

/// A full pack is closed and the next begun. Small enough to rewrite in one night's breath.
const FULL: u64 = 256 << 20;
/// Packs below this size are written together once there are more than [`MANY`] of them: a night
/// with one changed file makes a small pack, and a year of nights must not leave 365.
pub(crate) const SMALL: u64 = 8 << 20;
/// See [`SMALL`].
pub(crate) const MANY: usize = 16;
const MAGIC: &[u8; 8] = b"VBPACK01";
/// zstd's default: three times smaller than the text at over 200 MB/s a core.
const LEVEL: i32 = 3;

/// `bytes` as they lie in a pack.
pub(crate) fn compress(bytes: &[u8]) -> Vec<u8> {
    thread_local! {
        // Its tables are as large as most documents.
        static COMPRESSOR: RefCell<Compressor<'static>> =
            RefCell::new(Compressor::new(LEVEL).expect("a compressor needs memory only"));
    }
    COMPRESSOR.with_borrow_mut(|own| own.compress(bytes)).expect("compression into memory cannot fail")
}

/// Writes blobs into new packs of `folder`, numbered from `next` on.
#[derive(Debug)]
pub(crate) struct PackWriter {
    folder: PathBuf,
    next: u32,
    open: Option<(BufWriter<NewFile>, PathBuf, u32, u64)>,
}

impl PackWriter {
    pub(crate) fn new(folder: &Path, next: u32) -> PackWriter {
        PackWriter { folder: folder.to_owned(), next, open: None }
    }

    /// Appends one compressed blob.
    pub(crate) fn append(&mut self, blob: &[u8]) -> Result<Slot, Error> {
        if self.open.as_ref().is_some_and(|(_, _, _, len)| *len >= FULL) {
            self.close()?;
        }
        if self.open.is_none() {
            let path = self.folder.join(name(self.next));
            let mut file = BufWriter::with_capacity(1 << 20, NewFile::create(&path)?);
            file.write_all(MAGIC).map_err(|cause| Error::io(&path, cause))?;
            self.open = Some((file, path, self.next, MAGIC.len() as u64));
            self.next += 1;
        }
        let (file, path, pack, len) = self.open.as_mut().expect("opened just above");
        file.write_all(blob).map_err(|cause| Error::io(&*path, cause))?;
        let slot = Slot { pack: *pack, offset: *len, len: blob.len() as u32 };
        *len += blob.len() as u64;
        Ok(slot)
    }

    /// Ends the pack being written; syncs it.
    pub(crate) fn close(&mut self) -> Result<(), Error> {
        if let Some((file, path, ..)) = self.open.take() {
            let file = file.into_inner().map_err(|error| Error::io(&path, error.into_error()))?;
            file.sync().map_err(|cause| Error::io(&path, cause))?;
        }
        Ok(())
    }
}

/// The packs of one folder, open for reading.
#[derive(Debug, Default)]
pub(crate) struct Packs {
    files: BTreeMap<u32, (File, PathBuf)>,
}

impl Packs {
    /// Opens every pack of `folder`.
    pub(crate) fn open(folder: &Path) -> Result<Packs, Error> {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(folder).map_err(|cause| Error::io(folder, cause))? {
            let path = entry.map_err(|cause| Error::io(folder, cause))?.path();
            let Some(number) = number(&path) else { continue };
            let file = File::open(&path).map_err(|cause| Error::io(&path, cause))?;
            files.insert(number, (file, path));
        }
        Ok(Packs { files })
    }

    /// Numbers of the packs.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.files.keys().copied()
    }

    /// Whether pack `number` is here.
    pub(crate) fn has(&self, number: u32) -> bool {
        self.files.contains_key(&number)
    }

    /// The blob at `slot`, still compressed.
    pub(crate) fn raw(&self, slot: Slot) -> Result<Vec<u8>, Error> {
        let Some((file, path)) = self.files.get(&slot.pack) else {
            return Err(damaged(Path::new(&name(slot.pack))));
        };
        let mut blob = vec![0; slot.len as usize];
        file.read_exact_at(&mut blob, slot.offset).map_err(|_| damaged(path))?;
        Ok(blob)
    }

    /// The blob at `slot`.
    pub(crate) fn read(&self, slot: Slot) -> Result<Vec<u8>, Error> {
        let raw = self.raw(slot)?;
        zstd::stream::decode_all(raw.as_slice()).map_err(|_| self.damaged(slot))
    }

    /// The error for a blob that does not decode.
    pub(crate) fn damaged(&self, slot: Slot) -> Error {
        self.files.get(&slot.pack).map_or_else(|| damaged(Path::new(&name(slot.pack))), |(_, path)| damaged(path))
    }

    /// Links pack `number` into `folder`.
    pub(crate) fn link(&self, number: u32, folder: &Path) -> Result<(), Error> {
        match self.files.get(&number) {
            Some((_, path)) => disk::link_or_copy(path, &folder.join(name(number))),
            None => Err(damaged(Path::new(&name(number)))),
        }
    }

    /// Bytes of pack `number`.
    pub(crate) fn size(&self, number: u32) -> u64 {
        self.files.get(&number).and_then(|(file, _)| file.metadata().ok()).map_or(0, |data| data.len())
    }
}

fn name(number: u32) -> String {
    format!("{number:06}.pack")
}

fn number(path: &Path) -> Option<u32> {
    path.file_name()?.to_str()?.strip_suffix(".pack")?.parse().ok()
}

fn damaged(path: &Path) -> Error {
    Error::message(
        path,
        "this pack of documents is damaged; run `vanban check`, then `vanban rollback` or `vanban reindex --full`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_come_back_from_where_the_slot_says() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = PackWriter::new(folder.path(), 3);
        let slots: Vec<Slot> =
            ["một", "", "ba"].iter().map(|text| writer.append(&compress(text.as_bytes())).unwrap()).collect();
        writer.close().unwrap();
        let packs = Packs::open(folder.path()).unwrap();
        assert_eq!(packs.numbers().collect::<Vec<_>>(), [3]);
        assert_eq!(packs.read(slots[0]).unwrap(), "một".as_bytes());
        assert_eq!(packs.read(slots[1]).unwrap(), b"");
        assert_eq!(packs.read(slots[2]).unwrap(), b"ba");
    }
}
