//! Verifies a store: every file of a generation against its checksum, every document by reading it.

use super::catalogue::State;
use super::generation::{Generation, MANIFEST, Manifest};
use super::{current_number, existing, generation_folder, generation_numbers};
use crate::error::Error;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One thing that is wrong with a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file or folder concerned.
    pub path: PathBuf,
    /// What is wrong, and the remedy.
    pub message: String,
}

/// What [`check`] saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Numbers of the generations looked at.
    pub generations: Vec<u64>,
    /// Files whose checksum was taken.
    pub files: usize,
    /// Documents read back.
    pub documents: u64,
    /// Nothing, where all is well.
    pub faults: Vec<Fault>,
}

/// Verifies the current generation, or all of them. Reads only; a run in progress does not disturb it.
pub fn check(store: &Path, all: bool) -> Result<Checked, Error> {
    existing(store)?;
    let mut checked = Checked::default();
    let current = match current_number(store) {
        Ok(current) => current,
        Err(error) => {
            checked.faults.push(Fault { path: error.path().to_owned(), message: error.to_string() });
            None
        }
    };
    if current.is_none() && checked.faults.is_empty() {
        let message = "no generation was published yet; run `vanban reindex`".into();
        checked.faults.push(Fault { path: store.to_owned(), message });
    }
    let numbers = if all { generation_numbers(store)? } else { current.into_iter().collect() };
    for number in numbers {
        let remedy = match Some(number) == current {
            true => "run `vanban rollback` to the generation before, then `vanban reindex --full`",
            false => "it is not the current one; `vanban gc --keep 1` removes it",
        };
        check_generation(&generation_folder(store, number), remedy, &mut checked);
        checked.generations.push(number);
    }
    Ok(checked)
}

fn check_generation(folder: &Path, remedy: &str, checked: &mut Checked) {
    let mut fault = |path: &Path, what: &str| {
        checked.faults.push(Fault { path: path.to_owned(), message: format!("{what}; {remedy}") });
    };
    let manifest = match Manifest::read(folder) {
        Ok(manifest) => manifest,
        Err(error) => return fault(&folder.join(MANIFEST), &error.to_string()),
    };
    let sums: Vec<_> =
        manifest.files.par_iter().map(|(name, _)| super::building::checksum(&folder.join(name))).collect();
    for ((name, sum), now) in manifest.files.iter().zip(&sums) {
        match now {
            Ok(now) if now == sum => {}
            Ok(now) if now.bytes != sum.bytes => {
                fault(&folder.join(name), &format!("{} bytes where {} were written", now.bytes, sum.bytes))
            }
            Ok(_) => fault(&folder.join(name), "its bytes are not those that were written"),
            Err(error) => fault(&folder.join(name), &format!("cannot be read ({error})")),
        }
    }
    let known: BTreeSet<&str> = manifest.files.keys().map(String::as_str).chain([MANIFEST]).collect();
    for entry in
        walkdir::WalkDir::new(folder).min_depth(1).into_iter().flatten().filter(|entry| !entry.file_type().is_dir())
    {
        let name = entry.path().strip_prefix(folder).unwrap_or(entry.path()).to_string_lossy();
        if !known.contains(&*name) {
            fault(entry.path(), "a file that is no part of the store");
        }
    }
    let documents = Generation::open(folder).and_then(|generation| {
        let entries = generation.catalogue.load()?;
        let read = entries.par_iter().map(|entry| generation.document_of(entry).map(drop));
        read.collect::<Result<Vec<()>, Error>>()?;
        let n_documents = entries.iter().filter(|entry| matches!(entry.state, State::Held { .. })).count() as u64;
        match n_documents == generation.len() {
            true => Ok(n_documents),
            false => Err(Error::message(folder, "the manifest counts other documents than the catalogue")),
        }
    });
    match documents {
        Ok(n_documents) => checked.documents += n_documents,
        Err(error) => fault(error.path(), &error.to_string()),
    }
    checked.files += manifest.files.len();
}
