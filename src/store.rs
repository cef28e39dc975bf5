//! What the nightly job owns: a folder of immutable generations and the link to the current one.
//!
//! ```text
//! store/current → gen-000012      one rename publishes
//! store/gen-000012/               manifest.json (written last), catalogue, documents/, facts/, graph, index/, report.json
//! store/building/                 the next generation while it is made; never read
//! store/lock                      held by the run that writes
//! ```
//!
//! [`reindex`] builds a generation aside, syncs it and publishes it, and so does [`gather`] of documents that
//! other machines have read; [`Store::current`] gives
//! readers one that stays whole for as long as they hold it. Files that did not change are shared
//! between generations by hard links. Killed at any instant, the last published generation answers.

mod building;
mod catalogue;
mod check;
mod decided;
mod disk;
#[cfg(test)]
mod faults;
mod gather;
mod generation;
mod lessons;
mod lineage;
mod metrics;
mod nightly;
mod pack;
mod reading;
mod report;
mod walk;

pub use check::{Checked, Fault, check};
pub use decided::Decided;
pub use gather::{Brought, Content, Reader, carry, gather, held};
pub use generation::{Generation, Syllables};
pub use lessons::lessons;
pub use metrics::metrics;
pub use nightly::{Options, Pipeline, Progress, read_by, reindex};
pub use report::{Files, Report, SetAside, Totals};

use crate::error::Error;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

const CURRENT: &str = "current";
const LOCK: &str = "lock";
const BUILDING: &str = "building";

/// A store, open for reading.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    held: Mutex<Option<Arc<Generation>>>,
}

impl Store {
    /// Opens the store in `folder`, which must have a published generation.
    pub fn open(folder: impl AsRef<Path>) -> Result<Store, Error> {
        let store = Store { folder: folder.as_ref().to_owned(), held: Mutex::new(None) };
        store.current()?;
        Ok(store)
    }

    /// The generation that is current now. Cheap while it is the one given last time.
    pub fn current(&self) -> Result<Arc<Generation>, Error> {
        let mut held = self.held.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        // A generation removed while being opened has a successor: look again.
        for last in [false, false, false, false, true] {
            let Some(number) = current_number(&self.folder)? else {
                let message =
                    "no store here; run `vanban reindex PATH --store` with this folder first, or name another";
                return Err(Error::message(&self.folder, message));
            };
            if let Some(generation) = held.as_ref().filter(|generation| generation.number() == number) {
                return Ok(Arc::clone(generation));
            }
            match Generation::open(&generation_folder(&self.folder, number)) {
                Ok(generation) => {
                    let generation = Arc::new(generation);
                    *held = Some(Arc::clone(&generation));
                    return Ok(generation);
                }
                Err(error) if last || current_number(&self.folder)? == Some(number) => return Err(error),
                Err(_) => {}
            }
        }
        unreachable!("the last round returns")
    }
}

impl Store {
    /// The generation `number`, if it is still kept.
    pub fn generation(&self, number: u64) -> Result<Arc<Generation>, Error> {
        let folder = generation_folder(&self.folder, number);
        if !folder.is_dir() {
            let kept = listed(&generation_numbers(&self.folder)?);
            return Err(Error::message(&self.folder, format!("holds no generation {number}, only {kept}")));
        }
        Generation::open(&folder).map(Arc::new)
    }
}

/// The reviewer's edges in the folder of an archive or of a store: see [`crate::graph::overrides`].
pub fn overrides_path(folder: &Path) -> PathBuf {
    folder.join(crate::graph::overrides::FILE)
}

/// What people decided in review, beside the generations: see [`crate::decision`].
pub fn decisions_path(store: &Path) -> PathBuf {
    store.join("decisions.jsonl")
}

fn generation_folder(store: &Path, number: u64) -> PathBuf {
    store.join(generation_name(number))
}

fn generation_name(number: u64) -> String {
    format!("gen-{number:06}")
}

fn number_of(name: &std::ffi::OsStr) -> Option<u64> {
    name.to_str()?.strip_prefix("gen-")?.parse().ok()
}

/// The generation that `current` points to; `None` where there is no store.
fn current_number(store: &Path) -> Result<Option<u64>, Error> {
    let link = store.join(CURRENT);
    match std::fs::read_link(&link) {
        Ok(target) => match target.file_name().and_then(number_of) {
            Some(number) => Ok(Some(number)),
            None => Err(Error::message(&link, "points to no generation; run `vanban rollback`")),
        },
        Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(cause) => Err(Error::io(link, cause)),
    }
}

/// Numbers of all generation folders, in order.
fn generation_numbers(store: &Path) -> Result<Vec<u64>, Error> {
    let io = |cause| Error::io(store, cause);
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(store).map_err(io)? {
        numbers.extend(number_of(&entry.map_err(io)?.file_name()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// The right to write into the store; given back when dropped, also by a process that dies.
#[derive(Debug)]
struct Lock {
    _file: File,
}

impl Lock {
    fn take(store: &Path) -> Result<Lock, Error> {
        let path = store.join(LOCK);
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|cause| {
            Error::message(&path, format!("{cause}; give this user a store it may write, or mount it for writing"))
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::locked(store)),
            Err(TryLockError::Error(cause)) => Err(Error::io(&path, cause)),
        }
    }
}

/// Makes generation `number` the current one.
fn point_current(store: &Path, number: u64) -> Result<(), Error> {
    disk::point_link(&generation_name(number), &store.join(CURRENT))?;
    disk::sync(store)
}

/// Makes the generation before the current one, or generation `to`, the current one again.
/// Gives its number.
pub fn rollback(store: &Path, to: Option<u64>) -> Result<u64, Error> {
    let current = existing(store)?;
    let _lock = Lock::take(store)?;
    let numbers = generation_numbers(store)?;
    let target = match to {
        Some(number) if numbers.contains(&number) => number,
        Some(number) => {
            let message = format!("holds no generation {number}, only {}", listed(&numbers));
            return Err(Error::message(store, message));
        }
        None => *numbers.iter().rfind(|number| current.is_none_or(|current| **number < current)).ok_or_else(|| {
            Error::message(store, "holds no generation before the current one; keep more with `reindex --keep`")
        })?,
    };
    Generation::open(&generation_folder(store, target))?;
    point_current(store, target)?;
    Ok(target)
}

fn listed(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

/// The current generation's number, where `store` is a store at all.
fn existing(store: &Path) -> Result<Option<u64>, Error> {
    if !store.join(LOCK).exists() && !store.join(CURRENT).is_symlink() {
        return Err(Error::message(store, "no store here; run `vanban reindex PATH --store` with this folder first"));
    }
    // A link that points astray is what a rollback mends.
    Ok(current_number(store).unwrap_or_default())
}

/// What [`gc`] removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Numbers of the generations.
    pub generations: Vec<u64>,
    /// Bytes that came free on the file system.
    pub bytes: u64,
}

/// Removes what a killed run left and all but the newest `keep` generations; the current one and
/// those that somebody reads stay.
pub fn gc(store: &Path, keep: usize) -> Result<Removed, Error> {
    existing(store)?;
    let _lock = Lock::take(store)?;
    let before = disk::free_bytes(store)?;
    sweep(store)?;
    let generations = remove_old(store, keep)?;
    let bytes = disk::free_bytes(store)?.saturating_sub(before);
    Ok(Removed { generations, bytes })
}

/// Removes what killed runs left. The lock must be held.
fn sweep(store: &Path) -> Result<(), Error> {
    let io = |cause| Error::io(store, cause);
    for entry in std::fs::read_dir(store).map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        if name.starts_with(BUILDING.as_bytes()) || name.starts_with(b"removing-") {
            disk::remove_dir(&entry.path())?;
        } else if name == b"current.new" {
            disk::remove_file(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes all but the newest `keep` generations. The lock must be held.
fn remove_old(store: &Path, keep: usize) -> Result<Vec<u64>, Error> {
    let current = current_number(store)?;
    let mut numbers = generation_numbers(store)?;
    // A folder newer than the current generation is either rolled back from or was never published.
    numbers.retain(|number| Some(*number) != current);
    let n_remove = numbers.len().saturating_sub(keep.max(1) - 1);
    let mut removed = Vec::new();
    for number in numbers.into_iter().take(n_remove) {
        let folder = generation_folder(store, number);
        if let Ok(manifest) = File::open(folder.join(generation::MANIFEST))
            && manifest.try_lock().is_err()
        {
            continue;
        }
        // Renamed first, so that no reader ever finds half a generation under its name.
        let aside = store.join(format!("removing-{number:06}"));
        disk::rename(&folder, &aside)?;
        disk::remove_dir(&aside)?;
        removed.push(number);
    }
    Ok(removed)
}
