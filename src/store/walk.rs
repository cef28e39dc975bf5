//! The archive as found: every regular file below the given paths, in id order, and what
//! cannot be one with the reason. Nothing is opened but folders.
//!
//! Links are not followed: a link to a place inside the archive is passed over, since that place
//! is read where it stands; a link out of the archive, a dangling one and a loop are set aside.

use super::catalogue::Stat;
use crate::error::Error;
use std::fs::Metadata;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Component, Path, PathBuf};

/// A regular file.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) id: String,
    /// Which of the walk's roots it lies below.
    pub(crate) root: usize,
    pub(crate) stat: Stat,
}

/// Something that is no readable file.
#[derive(Clone, Debug)]
pub(crate) struct Unusable {
    pub(crate) id: String,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
}

/// What lies below the given paths.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    pub(crate) roots: Vec<PathBuf>,
    /// In id order.
    pub(crate) files: Vec<Found>,
    /// In id order.
    pub(crate) unusable: Vec<Unusable>,
    /// Ids of folders that could not be listed; what the store holds from below them stays.
    pub(crate) unlisted: Vec<String>,
    /// Hidden files, links within the archive.
    pub(crate) n_passed_over: usize,
}

/// Refuses an archive that lies in the store's own folder, where the store writes and sweeps.
pub(crate) fn apart(path: &Path, store: &Path) -> Result<(), Error> {
    match (path.canonicalize(), store.canonicalize()) {
        (Ok(archive), Ok(own)) if archive.starts_with(&own) => {
            let message = "lies in the folder of the store; give the store a folder of its own with --store";
            Err(Error::message(path, message))
        }
        _ => Ok(()),
    }
}

/// Walks `paths`, leaving out the folder `store`; calls `seen` with the number of files so far.
///
/// A path that does not exist or cannot be listed is an error: an archive that is not mounted
/// must not look like an empty one.
pub(crate) fn walk(paths: &[PathBuf], store: &Path, mut seen: impl FnMut(usize)) -> Result<Walk, Error> {
    let mut walk = Walk::default();
    let store = store.canonicalize().ok();
    for path in paths {
        let canonical = path.canonicalize().map_err(|cause| Error::io(path, cause))?;
        let data = canonical.metadata().map_err(|cause| Error::io(path, cause))?;
        let root = walk.roots.len();
        if data.is_dir() {
            std::fs::read_dir(&canonical).map_err(|cause| Error::io(path, cause))?;
            walk.roots.push(canonical.clone());
            walk_folder(&mut walk, root, &canonical, store.as_deref(), &mut seen);
        } else {
            let folder = canonical.parent().unwrap_or(Path::new("/")).to_owned();
            walk.roots.push(folder);
            let name = canonical.file_name().unwrap_or_default().to_owned();
            take_file(&mut walk, root, Path::new(&name), &data);
        }
    }
    walk.files.sort_by(|a, b| a.id.cmp(&b.id).then(a.root.cmp(&b.root)));
    walk.files.dedup_by(|later, first| {
        let same = later.id == first.id;
        if same && (later.stat.inode != first.stat.inode || later.root != first.root) {
            let message = "another of the given paths holds a file of this name, which was read; rename one of them";
            let id = walk.roots[later.root].join(&later.id).display().to_string();
            walk.unusable.push(Unusable { id, reason: "same-name", message: message.into() });
        }
        same
    });
    walk.unusable.sort_by(|a, b| (&a.id, a.reason).cmp(&(&b.id, b.reason)));
    Ok(walk)
}

fn walk_folder(walk: &mut Walk, root: usize, folder: &Path, store: Option<&Path>, seen: &mut impl FnMut(usize)) {
    let hidden = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
    let mut n_hidden = 0;
    let entries = walkdir::WalkDir::new(folder).min_depth(1).into_iter().filter_entry(|entry| {
        let skip = hidden(entry.file_name()) && entry.depth() > 0;
        n_hidden += usize::from(skip);
        !skip && Some(entry.path()) != store
    });
    for entry in entries {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => {
                let below = entry.path().strip_prefix(folder).expect("the walk stays below its folder").to_owned();
                match entry.metadata() {
                    Ok(data) if data.is_symlink() => take_link(walk, folder, entry.path(), &below),
                    Ok(data) => take_file(walk, root, &below, &data),
                    Err(error) => take_failure(walk, &below, error.into_io_error(), false),
                }
                if walk.files.len().is_multiple_of(1024) {
                    seen(walk.files.len());
                }
            }
            Err(error) => {
                let below = error.path().and_then(|path| path.strip_prefix(folder).ok()).unwrap_or(Path::new(""));
                let below = below.to_owned();
                take_failure(walk, &below, error.into_io_error(), true);
            }
        }
    }
    walk.n_passed_over += n_hidden;
    seen(walk.files.len());
}

fn take_file(walk: &mut Walk, root: usize, below: &Path, data: &Metadata) {
    let kind = data.file_type();
    if kind.is_fifo() || kind.is_socket() || kind.is_block_device() || kind.is_char_device() {
        return refuse(walk, below, "not-a-file", "a pipe, socket or device, not a file; move it out of the archive");
    }
    match id_of(below) {
        Some(id) => walk.files.push(Found { id, root, stat: stat_of(data) }),
        None => refuse(walk, below, "name", "the file name is not UTF-8; rename the file"),
    }
}

fn refuse(walk: &mut Walk, below: &Path, reason: &'static str, message: &str) {
    walk.unusable.push(Unusable { id: shown(below), reason, message: message.into() });
}

fn take_link(walk: &mut Walk, folder: &Path, link: &Path, below: &Path) {
    match link.canonicalize() {
        Ok(target) if target.is_dir() && link.starts_with(&target) => {
            refuse(walk, below, "link-loop", "a link to a folder above itself; remove the link");
        }
        Ok(target) if target.starts_with(folder) => walk.n_passed_over += 1,
        Ok(_) => refuse(
            walk,
            below,
            "link-outside",
            "a link out of the archive; copy the file here, or give its folder as a PATH",
        ),
        // Rust 1.88 has no stable name for ELOOP.
        Err(cause) if cause.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            refuse(walk, below, "link-loop", "a link that leads back to itself; remove the link");
        }
        Err(_) => refuse(walk, below, "link-broken", "a link to nothing; remove it or bring its target back"),
    }
}

fn take_failure(walk: &mut Walk, below: &Path, cause: Option<std::io::Error>, listing: bool) {
    let Some(cause) = cause else { return };
    // Gone since its folder was listed: the same as never having been there.
    if cause.kind() == std::io::ErrorKind::NotFound {
        return;
    }
    let id = shown(below);
    if listing {
        walk.unlisted.push(id.clone());
    }
    let reason = if cause.raw_os_error() == Some(rustix::io::Errno::NAMETOOLONG.raw_os_error()) {
        "name-too-long"
    } else {
        "cannot-open"
    };
    let message = if listing {
        format!(
            "the folder cannot be listed ({cause}); what the store holds from it stays; give this user the right to read it"
        )
    } else {
        format!("{cause}; give this user the right to read it")
    };
    walk.unusable.push(Unusable { id, reason, message });
}

/// Extensions of files that are certainly no papers. Others are opened: old archives are full of
/// papers called `CV123.VNI` or `07-CT`, and what is then no text is named and set aside.
const NO_PAPERS: [&str; 65] = [
    "7z", "aac", "avi", "bak", "bat", "bz2", "c", "cfg", "class", "conf", "css", "csv", "db", "dbf", "dll", "dwg",
    "exe", "flac", "gif", "gz", "ico", "ini", "iso", "jar", "java", "js", "json", "jsonl", "lnk", "lock", "log", "mdb",
    "mkv", "mov", "mp3", "mp4", "msi", "ndjson", "ods", "odp", "ogg", "parquet", "ppt", "pptx", "py", "rar", "rs",
    "sh", "so", "sql", "sqlite", "svg", "tar", "toml", "tsv", "wav", "woff", "woff2", "xls", "xlsx", "xml", "xz",
    "yaml", "yml", "zst",
];

/// Whether a file of this name is passed over without being opened.
pub(crate) fn is_no_paper(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let extension = file.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    NO_PAPERS.contains(&extension.as_str())
}

/// The id of a path below its root; `None` where a part of it is not UTF-8.
fn id_of(below: &Path) -> Option<String> {
    below.to_str().map(str::to_owned)
}

/// A name for people: bytes that are no UTF-8 as `\xNN`.
fn shown(below: &Path) -> String {
    let mut text = String::new();
    for (n, part) in below.components().filter(|part| matches!(part, Component::Normal(_))).enumerate() {
        if n > 0 {
            text.push('/');
        }
        for chunk in part.as_os_str().as_encoded_bytes().utf8_chunks() {
            text.push_str(chunk.valid());
            chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
        }
    }
    if text.is_empty() { ".".into() } else { text }
}

/// The parts of a file's metadata that tell whether it must be read again.
pub(crate) fn stat_of(data: &Metadata) -> Stat {
    let mtime = data.mtime().saturating_mul(1_000_000_000).saturating_add(data.mtime_nsec());
    Stat { size: data.len(), mtime, inode: data.ino() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    #[test]
    fn files_are_found_in_id_order_and_the_rest_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("archive");
        std::fs::create_dir_all(archive.join("a")).unwrap();
        for name in ["a/2.txt", "a.txt", "b.txt", ".hidden"] {
            std::fs::write(archive.join(name), "x").unwrap();
        }
        std::fs::write(folder.path().join("outside.txt"), "x").unwrap();
        symlink("..", archive.join("a/up")).unwrap();
        symlink("self", archive.join("self")).unwrap();
        symlink("nowhere", archive.join("broken")).unwrap();
        symlink(folder.path().join("outside.txt"), archive.join("out")).unwrap();
        symlink("b.txt", archive.join("inside")).unwrap();
        std::fs::write(archive.join(std::ffi::OsStr::from_bytes(b"n\xff.txt")), "x").unwrap();

        let walk = walk(&[archive], &folder.path().join("store"), |_| ()).unwrap();
        let ids: Vec<&str> = walk.files.iter().map(|found| found.id.as_str()).collect();
        assert_eq!(ids, ["a.txt", "a/2.txt", "b.txt"]);
        let named: Vec<(&str, &str)> = walk.unusable.iter().map(|one| (one.id.as_str(), one.reason)).collect();
        let expected = [
            ("a/up", "link-loop"),
            ("broken", "link-broken"),
            ("n\\xff.txt", "name"),
            ("out", "link-outside"),
            ("self", "link-loop"),
        ];
        assert_eq!(named, expected);
        assert_eq!(walk.n_passed_over, 2);
    }

    #[test]
    fn a_missing_path_is_an_error() {
        assert!(walk(&["/nowhere/at/all".into()], Path::new("/store"), |_| ()).is_err());
    }
}
