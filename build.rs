//! Gives the library a fingerprint of the code that decides what a text is read as, so that a
//! store knows which of its documents an older build has read.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// The modules between source bytes and document record.
const STAGES: [&str; 7] = ["text", "number", "source", "restore", "outline", "citation", "document"];

fn main() {
    println!("cargo::rerun-if-changed=src");
    let mut files = Vec::new();
    for stage in STAGES {
        collect(&Path::new("src").join(stage), &mut files);
        files.push(Path::new("src").join(stage).with_extension("rs"));
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        let bytes = std::fs::read(&file).unwrap_or_else(|cause| panic!("{}: {cause}", file.display()));
        (file, bytes).hash(&mut hasher);
    }
    println!("cargo::rustc-env=VANBAN_CODE={:016x}", hasher.finish());
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => collect(&path, files),
            false => files.push(path),
        }
    }
}
