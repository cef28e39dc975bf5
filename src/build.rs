//! Gives the library a fingerprint of the code that decides what a text is read as, so that a
//! store knows which of its documents an older build has read.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// The modules between source bytes and document record, and those that make graph and index of it.
const STAGES: [(&str, &[&str]); 3] = [
    ("VANBAN_CODE", &["text", "number", "source", "restore", "outline", "citation", "decision", "document"]),
    ("VANBAN_GRAPH_CODE", &["graph"]),
    ("VANBAN_INDEX_CODE", &["index"]),
];

fn main() {
    println!("cargo::rerun-if-changed=src");
    for (variable, modules) in STAGES {
        println!("cargo::rustc-env={variable}={:016x}", fingerprint(modules));
    }
}

fn fingerprint(modules: &[&str]) -> u64 {
    let mut files = Vec::new();
    for stage in modules {
        collect(&Path::new("src").join(stage), &mut files);
        files.push(Path::new("src").join(stage).with_extension("rs"));
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        let bytes = std::fs::read(&file).unwrap_or_else(|cause| panic!("{}: {cause}", file.display()));
        (file, bytes).hash(&mut hasher);
    }
    hasher.finish()
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
