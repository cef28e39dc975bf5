//! Lineage read from the sample archive's own texts.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use vanban::document::{Document, DocumentId};
use vanban::graph::Graph;
use vanban::graph::validity::{self, Status};
use vanban::restore::Restored;
use vanban::source;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The clean texts as they are: nothing to restore in them.
fn document(path: &Path) -> Document {
    let decoded = source::decode(&std::fs::read(path).unwrap()).unwrap();
    let restored = Restored { text: decoded.text.clone(), ..Restored::default() };
    let id = DocumentId(path.file_name().unwrap().to_string_lossy().into_owned());
    Document::from_restored(id, String::new(), decoded, restored)
}

static GRAPH: LazyLock<Graph> = LazyLock::new(|| {
    let mut paths: Vec<PathBuf> = walkdir::WalkDir::new(here("fixtures/eval/archive"))
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.to_string_lossy().ends_with(".clean.txt"))
        .collect();
    paths.sort();
    let documents: Vec<Document> = paths.iter().map(|path| document(path)).collect();
    Graph::new(&documents)
});

#[test]
fn statuses_of_the_hard_set_come_out_of_the_texts() {
    let text = std::fs::read_to_string(here("fixtures/eval/status_2026-11-22.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
    let at = "2026-11-22".parse().unwrap();
    let mut wrong = Vec::new();
    for (slug, case) in expected.as_object().unwrap() {
        let node = GRAPH.by_id(&format!("{slug}.clean.txt")).unwrap();
        let answer = validity::status_at(&*GRAPH, node, at);
        let accepted = case["expected"].as_array().unwrap().iter().any(|word| word == answer.status.name());
        let until = answer.until.map(|day| day.to_string());
        let day_fits = answer.status != Status::Expired || case["until"].as_str() == until.as_deref();
        if !(accepted && day_fits) {
            wrong.push(format!("{slug}: expected {case}, got {answer:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
