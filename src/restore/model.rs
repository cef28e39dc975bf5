//! The model file: named sections behind a magic, a version and a checksum.
//!
//! ```text
//! magic 8 · version u32 · n_sections u32 · BLAKE3 of all that follows 32
//! n_sections × (name 16, zero-padded · length u64), then the sections end to end
//! ```
//! Numbers are little-endian. A file under way carries another magic, so that
//! what training did not finish cannot be read.

use super::ngram::{Ngram, Unpacked};
use crate::error::Error;
use std::borrow::Cow;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"vanbanLM";
const INCOMPLETE: &[u8; 8] = b"vanban..";
const VERSION: u32 = 3;
const HEADER: usize = 48;
const ENTRY: usize = 24;
const NAME: usize = 16;

/// The trained model: language model, channel, lexicon. Immutable and shared.
#[derive(Clone)]
pub struct Model {
    bytes: Cow<'static, [u8]>,
    sections: Vec<(String, Range<usize>)>,
    unpacked: Arc<Unpacked>,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").field("fingerprint", &self.fingerprint()).field("sections", &self.sections).finish()
    }
}

impl Model {
    /// The model carried inside the binary. Nothing is read; pairs of words are unpacked.
    pub fn embedded() -> Model {
        let bytes = include_bytes!("../../corpus/model/vanban.model");
        Model::parse(Cow::Borrowed(bytes)).expect("the model in the repository is whole; a test reads it")
    }

    /// Reads a model file and checks that it is whole.
    pub fn read(path: &Path) -> Result<Model, Error> {
        let bytes = std::fs::read(path).map_err(|cause| Error::io(path, cause))?;
        let model = Model::parse(Cow::Owned(bytes)).map_err(|reason| Error::message(path, reason))?;
        if model.checksum() != *blake3::hash(&model.bytes[HEADER..]).as_bytes() {
            return Err(Error::message(path, "model is damaged; copy it again or run `vanban train` again"));
        }
        Ok(model)
    }

    /// Writes the file: incomplete at first, its magic and checksum last.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let write = || -> std::io::Result<()> {
            let mut file = File::create(path)?;
            file.write_all(INCOMPLETE)?;
            file.write_all(&[0; HEADER - INCOMPLETE.len()])?;
            file.write_all(&self.bytes[HEADER..])?;
            file.sync_all()?;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&self.bytes[..HEADER])?;
            file.sync_all()
        };
        write().map_err(|cause| Error::io(path, cause))
    }

    /// A model of these sections, in this order.
    ///
    /// # Panics
    /// If a name is longer than 16 bytes or the sections `vocab`, `ngram` and `pairs` make no language model.
    pub(crate) fn new(sections: &[(&str, Vec<u8>)]) -> Model {
        let mut body = Vec::new();
        for (name, section) in sections {
            let mut padded = [0; NAME];
            padded[..name.len()].copy_from_slice(name.as_bytes());
            body.extend(padded);
            body.extend((section.len() as u64).to_le_bytes());
        }
        body.extend(sections.iter().flat_map(|(_, section)| section));
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend((sections.len() as u32).to_le_bytes());
        bytes.extend(blake3::hash(&body).as_bytes());
        bytes.extend(body);
        Model::parse(Cow::Owned(bytes)).expect("sections that make a model")
    }

    fn parse(bytes: Cow<'static, [u8]>) -> Result<Model, String> {
        const BROKEN: &str = "model is cut short or damaged; copy it again or run `vanban train` again";
        let word =
            |at: usize| bytes.get(at..at + 4).map(|word| u32::from_le_bytes(word.try_into().expect("four bytes")));
        match bytes.get(..MAGIC.len()) {
            Some(magic) if magic == MAGIC => {}
            Some(magic) if magic == INCOMPLETE => {
                return Err("training did not finish; run `vanban train` again".into());
            }
            _ => return Err("not a vanban model".into()),
        }
        let version = word(8).ok_or(BROKEN)?;
        if version != VERSION {
            return Err(format!("model format {version}, but this build reads {VERSION}; run `vanban train` again"));
        }
        let n_sections = word(12).ok_or(BROKEN)? as usize;
        let mut sections = Vec::new();
        let mut start = n_sections.checked_mul(ENTRY).and_then(|all| all.checked_add(HEADER)).ok_or(BROKEN)?;
        for entry in bytes.get(HEADER..start).ok_or(BROKEN)?.chunks_exact(ENTRY) {
            let name = std::str::from_utf8(&entry[..NAME]).map_err(|_| BROKEN)?.trim_end_matches('\0');
            let length = u64::from_le_bytes(entry[NAME..].try_into().expect("eight bytes"));
            let end = usize::try_from(length).ok().and_then(|length| start.checked_add(length)).ok_or(BROKEN)?;
            sections.push((name.to_owned(), start..end));
            start = end;
        }
        if start != bytes.len() {
            return Err(BROKEN.into());
        }
        let mut model = Model { bytes, sections, unpacked: Arc::default() };
        model.unpacked = Arc::new(Unpacked::new(model.section("vocab"), model.section("pairs")).ok_or(BROKEN)?);
        if model.parts().is_some() { Ok(model) } else { Err(BROKEN.into()) }
    }

    fn parts(&self) -> Option<Ngram<'_>> {
        Ngram::parse(self.section("vocab"), self.section("ngram"), &self.unpacked)
    }

    /// The language model, used where it lies.
    pub(crate) fn ngram(&self) -> Ngram<'_> {
        self.parts().expect("checked when the model was read")
    }

    /// The bytes of a named section; none if the file has no such section.
    pub(crate) fn section(&self, name: &str) -> &[u8] {
        let range = self.sections.iter().find(|(own, _)| own == name).map_or(0..0, |(_, range)| range.clone());
        &self.bytes[range]
    }

    /// The sections' names and sizes in bytes, in file order.
    pub fn sections(&self) -> impl Iterator<Item = (&str, usize)> {
        self.sections.iter().map(|(name, range)| (name.as_str(), range.len()))
    }

    /// What tells this model from any other: the first 16 hexadecimal digits of its checksum.
    pub fn fingerprint(&self) -> String {
        self.checksum()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn checksum(&self) -> [u8; 32] {
        self.bytes[16..HEADER].try_into().expect("a checked header")
    }
}

#[cfg(test)]
mod tests {
    use super::super::train::{Recipe, Text, train};
    use super::*;

    fn tiny() -> Model {
        let texts = vec![Text { name: "tiny", weight: 1.0, text: "ủy ban nhân dân\nhội đồng nhân dân\n" }];
        train(&Recipe { texts, pairs: Vec::new(), order: 2, n_grams: 100 }, &|_| ()).model
    }

    /// What reading a changed copy of a model says, without the path.
    fn complaint(change: impl FnOnce(&mut Vec<u8>)) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        tiny().write(&path).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        change(&mut bytes);
        std::fs::write(&path, bytes).unwrap();
        let message = Model::read(&path).unwrap_err().to_string();
        message.strip_prefix(&format!("{}: ", path.display())).unwrap().to_owned()
    }

    #[test]
    fn a_written_model_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        let model = tiny();
        model.write(&path).unwrap();
        let read = Model::read(&path).unwrap();
        assert_eq!(read.fingerprint(), model.fingerprint());
        assert_eq!(read.section("vocab"), model.section("vocab"));
        assert!(read.section("no such section").is_empty());
    }

    #[test]
    fn the_embedded_model_is_whole() {
        let model = Model::embedded();
        assert_eq!(model.checksum(), *blake3::hash(&model.bytes[HEADER..]).as_bytes());
    }

    #[test]
    fn what_is_no_whole_model_says_what_to_do() {
        insta::assert_snapshot!(complaint(|bytes| bytes[..8].copy_from_slice(INCOMPLETE)), @"training did not finish; run `vanban train` again");
        insta::assert_snapshot!(complaint(|bytes| bytes[0] = b'P'), @"not a vanban model");
        insta::assert_snapshot!(complaint(Vec::clear), @"not a vanban model");
        insta::assert_snapshot!(complaint(|bytes| bytes[8] = 9), @"model format 9, but this build reads 3; run `vanban train` again");
        insta::assert_snapshot!(complaint(|bytes| bytes.truncate(bytes.len() / 2)), @"model is cut short or damaged; copy it again or run `vanban train` again");
        insta::assert_snapshot!(complaint(|bytes| *bytes.last_mut().unwrap() ^= 1), @"model is damaged; copy it again or run `vanban train` again");
    }
}
