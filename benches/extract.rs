//! Outline, header and citations: bytes per second on the sample archive, and on hostile texts,
//! where time must stay in proportion to length.
//!
//! `VANBAN_DOCS=folder cargo bench --bench extract` adds whole documents from a folder of texts.

use divan::counter::BytesCount;
use std::path::Path;
use vanban::citation::{self, OwnNames};
use vanban::document::header;
use vanban::outline;

fn main() {
    divan::main();
}

/// All printed texts of the sample archive.
fn archive() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/eval/archive");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the archive is part of the sources")
        .filter_map(|entry| entry.ok())
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".clean.txt"))
        .collect();
    files.sort();
    files.iter().map(|path| std::fs::read_to_string(path).expect("each text is readable")).collect()
}

fn n_bytes(texts: &[String]) -> BytesCount {
    BytesCount::new(texts.iter().map(String::len).sum::<usize>())
}

#[divan::bench(sample_count = 20)]
fn outline_of_archive(bencher: divan::Bencher) {
    let texts = archive();
    bencher.counter(n_bytes(&texts)).bench(|| texts.iter().map(|text| outline::parse(text).nodes.len()).sum::<usize>());
}

#[divan::bench(sample_count = 20)]
fn header_of_archive(bencher: divan::Bencher) {
    let texts = archive();
    let outlines: Vec<_> = texts.iter().map(|text| outline::parse(text)).collect();
    bencher.counter(n_bytes(&texts)).bench(|| {
        texts.iter().zip(&outlines).filter(|(text, outline)| header::read(text, outline).number.is_some()).count()
    });
}

/// At most 20 MB of the texts in `$VANBAN_DOCS`, evenly chosen; nothing where it is not set.
fn docs() -> Vec<String> {
    const MOST: u64 = 20_000_000;
    let Some(folder) = std::env::var_os("VANBAN_DOCS") else {
        eprintln!("VANBAN_DOCS names no folder of texts; left out");
        return Vec::new();
    };
    let mut files: Vec<(std::path::PathBuf, u64)> = std::fs::read_dir(folder)
        .expect("VANBAN_DOCS is a folder")
        .filter_map(|entry| entry.ok())
        .filter(|entry| entry.path().extension().is_some_and(|ending| ending == "txt"))
        .filter_map(|entry| Some((entry.path(), entry.metadata().ok()?.len())))
        .collect();
    files.sort();
    let step = (files.iter().map(|(_, size)| size).sum::<u64>() / MOST).max(1) as usize;
    let chosen = files.iter().step_by(step).map(|(path, _)| std::fs::read(path).expect("each text is readable"));
    chosen.filter_map(|bytes| vanban::source::decode(&bytes).ok()).map(|decoded| decoded.text).collect()
}

/// The same of whole documents.
#[divan::bench(sample_count = 5)]
fn all_of_docs(bencher: divan::Bencher) {
    let texts = docs();
    bencher.counter(n_bytes(&texts)).bench(|| texts.iter().map(|text| all(text)).sum::<usize>());
}

/// Outline, header and citations together, one core.
#[divan::bench(sample_count = 20)]
fn all_of_archive(bencher: divan::Bencher) {
    let texts = archive();
    bencher.counter(n_bytes(&texts)).bench(|| texts.iter().map(|text| all(text)).sum::<usize>());
}

fn all(text: &str) -> usize {
    let outline = outline::parse(text);
    let header = header::read(text, &outline);
    let own = OwnNames { number: header.number, kind: header.kind, issuer: header.issuer, date: header.date };
    citation::read(text, &outline, &own).citations.len() + outline.nodes.len()
}

/// Texts made to be slow to read.
const HOSTILE: [(&str, &str); 13] = [
    ("articles", "Điều "),
    ("quotes", "“"),
    ("digits", "1"),
    ("quoted lines", "“1. "),
    ("article lines", "Điều 5. Năm\n"),
    ("opened lines", "như sau: “Điều 5. Năm\n"),
    ("romans", "I- NHIỆM VỤ\n"),
    ("attached", "QUY CHẾ\n(kèm theo Quyết định\n"),
    ("contents", "MỤC LỤC\nChương I\n"),
    ("types", "Quyết định số "),
    ("numbers", "23-QĐ/TW, "),
    ("laws", "Luật Đất đai và "),
    ("effects", "có hiệu lực kể từ ngày "),
];

/// Outline, header and citations of a hostile text at 1 MB and at 10 MB: the rate must be the same.
#[divan::bench(args = HOSTILE.iter().flat_map(|(name, _)| [(*name, 1), (*name, 10)]).map(|(name, mega)| format!("{name}, {mega} MB")).collect::<Vec<_>>(), sample_count = 1, sample_size = 1)]
fn all_of_hostile(bencher: divan::Bencher, case: &str) {
    let (name, size) = case.split_once(", ").expect("a name and a size");
    let unit = HOSTILE.iter().find(|(known, _)| *known == name).expect("a known case").1;
    let mega: usize = size.trim_end_matches(" MB").parse().expect("a number of megabytes");
    let text = unit.repeat(mega * 1_000_000 / unit.len());
    bencher.counter(BytesCount::new(text.len())).bench(|| all(&text));
}
