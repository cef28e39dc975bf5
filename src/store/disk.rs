//! Every write, sync, rename, link and removal of the store goes through here, so that each
//! error names its path and the fault tests can fail or end the run at any one of them.

use crate::error::Error;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// A file being written: each write and sync may be made to fail.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: File,
}

impl NewFile {
    /// Creates `path`, which must not exist.
    pub(crate) fn create(path: &Path) -> Result<NewFile, Error> {
        let made = faults::point().and_then(|()| File::create_new(path));
        made.map(|file| NewFile { file }).map_err(|cause| Error::io(path, cause))
    }

    /// Forces what was written down to the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        faults::point()?;
        self.file.sync_all()
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        faults::point()?;
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes a whole new file and syncs it.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = NewFile::create(path)?;
    file.write_all(bytes).and_then(|()| file.sync()).map_err(|cause| Error::io(path, cause))
}

/// Forces the names in a folder, or the bytes of a file, down to the disk.
pub(crate) fn sync(path: &Path) -> Result<(), Error> {
    let synced = faults::point().and_then(|()| File::open(path)).and_then(|file| file.sync_all());
    synced.map_err(|cause| Error::io(path, cause))
}

/// Renames, replacing what stood at `to`.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    faults::point().and_then(|()| fs::rename(from, to)).map_err(|cause| Error::io(to, cause))
}

/// One file under a second name; a copy where the file system has no links.
pub(crate) fn link_or_copy(from: &Path, to: &Path) -> Result<(), Error> {
    let linked = faults::point().and_then(|()| match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Err(cause),
        Err(_) => fs::copy(from, to).and_then(|_| File::open(to)?.sync_all()),
    });
    linked.map_err(|cause| Error::io(to, cause))
}

/// Creates a folder and those above it.
pub(crate) fn create_dir(path: &Path) -> Result<(), Error> {
    faults::point().and_then(|()| fs::create_dir_all(path)).map_err(|cause| Error::io(path, cause))
}

/// Removes a folder with all it holds; that it is gone already is no error.
pub(crate) fn remove_dir(path: &Path) -> Result<(), Error> {
    match faults::point().and_then(|()| fs::remove_dir_all(path)) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(Error::io(path, cause)),
        _ => Ok(()),
    }
}

/// Removes a file; that it is gone already is no error.
pub(crate) fn remove_file(path: &Path) -> Result<(), Error> {
    match faults::point().and_then(|()| fs::remove_file(path)) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(Error::io(path, cause)),
        _ => Ok(()),
    }
}

/// Makes `link` point to `target` by creating it aside and renaming it into place.
pub(crate) fn point_link(target: &str, link: &Path) -> Result<(), Error> {
    let aside = link.with_extension("new");
    remove_file(&aside)?;
    faults::point()
        .and_then(|()| std::os::unix::fs::symlink(target, &aside))
        .map_err(|cause| Error::io(&aside, cause))?;
    rename(&aside, link)
}

/// Bytes free for an ordinary user on the file system that holds `path`.
pub(crate) fn free_bytes(path: &Path) -> Result<u64, Error> {
    let stat = rustix::fs::statvfs(path).map_err(|cause| Error::io(path, cause.into()))?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// The n-th call fails, or ends the process as a power cut would.
#[cfg(any(test, feature = "failpoints"))]
pub(crate) mod faults {
    use std::cell::Cell;
    use std::io;

    thread_local! {
        /// Calls left before the one that fails; negative when none shall.
        static LEFT: Cell<i64> = Cell::new(from_environment("VANBAN_FAIL_AT"));
        static LEFT_TO_ABORT: Cell<i64> = Cell::new(from_environment("VANBAN_ABORT_AT"));
    }

    fn from_environment(name: &str) -> i64 {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(-1)
    }

    /// Arms the fault on this thread: the `n`-th call from now fails, counted from 0.
    #[cfg(test)]
    pub(crate) fn arm(n: i64) {
        LEFT.set(n);
    }

    /// Whether the armed fault has struck.
    #[cfg(test)]
    pub(crate) fn struck() -> bool {
        LEFT.get() < 0
    }

    pub(super) fn point() -> io::Result<()> {
        let to_abort = LEFT_TO_ABORT.get();
        if to_abort == 0 {
            std::process::abort();
        }
        LEFT_TO_ABORT.set((to_abort - 1).max(-1));
        let left = LEFT.get();
        LEFT.set((left - 1).max(-1));
        if left == 0 { Err(io::Error::other("injected fault")) } else { Ok(()) }
    }
}

#[cfg(not(any(test, feature = "failpoints")))]
mod faults {
    #[inline(always)]
    pub(super) fn point() -> std::io::Result<()> {
        Ok(())
    }
}
