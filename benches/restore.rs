//! Restoration: bytes per second on one core, of the sample archive as the engine read it, as
//! stripped of its marks and as written; and what a start costs.
//!
//! `cold` is a new worker that has seen no token yet; `warm` one that has read the archive before.

use divan::counter::BytesCount;
use std::path::Path;
use std::sync::LazyLock;
use vanban::restore::{Model, Restorer, Worker};
use vanban::text::fold;

fn main() {
    divan::main();
}

static RESTORER: LazyLock<Restorer> = LazyLock::new(|| Restorer::new(Model::embedded()));

/// All texts of a folder whose names end so, in order of name; none where the folder is not there.
fn texts(folder: &str, end: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok())
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(end))
        .collect();
    files.sort();
    files.iter().map(|path| std::fs::read_to_string(path).expect("each text is readable")).collect()
}

const ARCHIVE: &str = "fixtures/eval/archive";

fn n_bytes(texts: &[String]) -> BytesCount {
    BytesCount::new(texts.iter().map(String::len).sum::<usize>())
}

fn restore(worker: &mut Worker<'_>, texts: &[String]) -> usize {
    texts.iter().map(|text| worker.restore(text).edits.len()).sum()
}

fn cold(bencher: divan::Bencher<'_, '_>, texts: &[String]) {
    bencher.counter(n_bytes(texts)).bench(|| restore(&mut RESTORER.worker(), texts));
}

fn warm(bencher: divan::Bencher<'_, '_>, texts: &[String]) {
    let mut worker = RESTORER.worker();
    restore(&mut worker, texts);
    bencher.counter(n_bytes(texts)).bench_local(|| restore(&mut worker, texts));
}

#[divan::bench(sample_count = 10)]
fn misread_cold(bencher: divan::Bencher<'_, '_>) {
    cold(bencher, &texts(ARCHIVE, ".ocr.txt"));
}

#[divan::bench(sample_count = 10)]
fn misread_warm(bencher: divan::Bencher<'_, '_>) {
    warm(bencher, &texts(ARCHIVE, ".ocr.txt"));
}

/// Other documents than the worker has read before, as in an archive of ten thousands.
#[divan::bench(sample_count = 10)]
fn misread_of_shared(bencher: divan::Bencher<'_, '_>) {
    let texts = texts("../shared/dev", ".ocr.txt");
    if texts.is_empty() {
        eprintln!("skipped: ../shared/dev is not here");
    }
    let archive = crate::texts(ARCHIVE, ".ocr.txt");
    bencher
        .counter(n_bytes(&texts))
        .with_inputs(|| {
            let mut worker = RESTORER.worker();
            restore(&mut worker, &archive);
            worker
        })
        .bench_local_values(|mut worker| restore(&mut worker, &texts));
}

#[divan::bench(sample_count = 10)]
fn stripped_warm(bencher: divan::Bencher<'_, '_>) {
    let stripped = |text: &String| text.split_inclusive('\n').map(fold).collect();
    let texts: Vec<String> = texts(ARCHIVE, ".clean.txt").iter().map(stripped).collect();
    warm(bencher, &texts);
}

#[divan::bench(sample_count = 10)]
fn clean_warm(bencher: divan::Bencher<'_, '_>) {
    warm(bencher, &texts(ARCHIVE, ".clean.txt"));
}

/// The model inside the binary made ready, as every command does once.
#[divan::bench(sample_count = 20)]
fn start() -> Restorer {
    Restorer::new(Model::embedded())
}
