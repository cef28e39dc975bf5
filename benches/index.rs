//! Writing and opening an index of the sample archive.

use divan::Bencher;
use divan::counter::BytesCount;
use std::path::{Path, PathBuf};
use vanban::document::{Document, DocumentId};
use vanban::index::{Index, Query, Validity, WriteOptions};

fn main() {
    divan::main();
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => files(&path, found),
            path => found.push(path),
        }
    }
}

fn archive() -> Vec<Document> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/archive");
    let mut found = Vec::new();
    files(&root, &mut found);
    found.sort();
    found
        .iter()
        .filter_map(|path| {
            let text = std::fs::read_to_string(path).ok()?;
            let id = path.strip_prefix(&root).ok()?.to_string_lossy().into_owned();
            let mut document = Document { id: DocumentId(id), ..Document::default() };
            document.outline = vanban::outline::parse(&text);
            document.restored.text = text;
            Some(document)
        })
        .collect()
}

fn options() -> WriteOptions {
    WriteOptions { jobs: 1, memory: 64 << 20, binding: String::new() }
}

#[divan::bench(sample_count = 10)]
fn write(bencher: Bencher) {
    let documents = archive();
    let bytes: usize = documents.iter().map(|document| document.restored.text.len()).sum();
    bencher
        .counter(BytesCount::new(bytes))
        .with_inputs(|| tempfile::tempdir().expect("a temporary folder"))
        .bench_refs(|folder| Index::update(None, folder.path(), &[], &documents, &options()));
}

#[divan::bench]
fn search(bencher: Bencher) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    Index::update(None, folder.path(), &[], archive(), &options()).expect("an index");
    let index = Index::open(folder.path(), Validity::default()).expect("an index");
    bencher.bench(|| index.search(&Query::new(divan::black_box("trách nhiệm tiep cong dan"))));
}
