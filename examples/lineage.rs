//! The lineage of a folder of clean texts, as graph JSON: `cargo run --release --example lineage -- FOLDER > graph.json`.
//!
//! Texts are taken as they are, without restoration, so that the graph alone is measured.

use rayon::prelude::*;
use std::path::{Path, PathBuf};
use vanban::document::{Document, DocumentId};
use vanban::graph::Graph;
use vanban::graph::facts::Facts;
use vanban::restore::Restored;

fn facts(root: &Path, path: &Path) -> Option<Facts> {
    let decoded = vanban::source::decode(&std::fs::read(path).ok()?).ok()?;
    let restored = Restored { text: decoded.text.clone(), ..Restored::default() };
    let id = path.strip_prefix(root).ok()?.to_string_lossy().into_owned();
    Some(Facts::of(&Document::from_restored(DocumentId(id), String::new(), decoded, restored)))
}

fn main() -> std::io::Result<()> {
    let root = PathBuf::from(std::env::args().nth(1).expect("a folder"));
    let paths: Vec<PathBuf> = walkdir::WalkDir::new(&root)
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    let facts: Vec<Facts> = paths.par_iter().filter_map(|path| facts(&root, path)).collect();
    let start = std::time::Instant::now();
    let graph = Graph::from_facts(facts, &[]);
    eprintln!(
        "{} documents, {} edges, {} doubts, linked in {:?}",
        graph.nodes().len(),
        graph.edges().len(),
        graph.doubts.len(),
        start.elapsed()
    );
    graph.write_json(&mut std::io::BufWriter::new(std::io::stdout().lock()))
}
