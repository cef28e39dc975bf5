//! Lineage read from texts: the sample archive, and small chains written to be hard.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use vanban::document::{Document, DocumentId};
use vanban::graph::place::Place;
use vanban::graph::validity::{self, Question, Status};
use vanban::graph::{Graph, consolidated};
use vanban::restore::{Model, Restored, Restorer};
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

/// A chain's papers, read clean, or restored from what an engine read.
fn chain(folder: &Path, damaged: bool) -> Graph {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        let name = path.to_string_lossy();
        name.ends_with(".txt") && name.ends_with(".ocr.txt") == damaged
    });
    paths.sort();
    let mut worker = damaged.then(|| RESTORER.worker());
    let documents: Vec<Document> = paths
        .iter()
        .map(|path| match &mut worker {
            None => document(path),
            Some(worker) => {
                let id = DocumentId(path.file_name().unwrap().to_string_lossy().into_owned());
                let decoded = source::decode(&std::fs::read(path).unwrap()).unwrap();
                Document::from_decoded(id, String::new(), decoded, worker)
            }
        })
        .collect();
    Graph::new(&documents)
}

static RESTORER: LazyLock<Restorer> = LazyLock::new(|| Restorer::new(Model::embedded()));

/// Rows of a chain's `expect.jsonl` that its graph contradicts.
fn check_chain(folder: &Path, damaged: bool) -> Vec<String> {
    let graph = chain(folder, damaged);
    let end = if damaged { ".ocr.txt" } else { ".txt" };
    let rows = std::fs::read_to_string(folder.join("expect.jsonl")).unwrap();
    let mut wrong = Vec::new();
    for row in rows.lines() {
        let case: serde_json::Value = serde_json::from_str(row).unwrap();
        let text = |key: &str| case[key].as_str();
        let node = graph.by_id(&format!("{}{end}", text("doc").unwrap())).expect("named after a file of the chain");
        let question = Question { locator: text("locator"), at: text("at").unwrap().parse().unwrap(), regime: None };
        let answer = validity::status(&graph, node, &question);
        let by = answer.by.as_deref().map(|id| id.strip_suffix(end).unwrap_or(id));
        let until = answer.until.map(|day| day.to_string());
        let fits = text("status") == Some(answer.status.name())
            && (text("until").is_none() || text("until") == until.as_deref())
            && (text("by").is_none() || text("by") == by);
        if !fits {
            wrong.push(format!("{}{end}: {row}\n  got {answer:?}", folder.display()));
        }
    }
    wrong
}

fn chains() -> Vec<PathBuf> {
    let folder = here("fixtures/graph/chains");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

#[test]
fn statuses_come_out_of_clean_chains() {
    let wrong: Vec<String> = chains().iter().flat_map(|folder| check_chain(folder, false)).collect();
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn statuses_come_out_of_damaged_chains() {
    let wrong: Vec<String> = chains().iter().flat_map(|folder| check_chain(folder, true)).collect();
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_scan_and_a_clean_copy_of_one_chain_are_one_document_each() {
    let folder = &chains()[0];
    let mut documents = Vec::new();
    let mut worker = RESTORER.worker();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "txt")) {
        let id = DocumentId(path.file_name().unwrap().to_string_lossy().into_owned());
        let decoded = source::decode(&std::fs::read(path).unwrap()).unwrap();
        documents.push(Document::from_decoded(id, String::new(), decoded, &mut worker));
    }
    let graph = Graph::new(&documents);
    for node in graph.nodes().iter().filter(|node| node.held == Some(true)) {
        assert_eq!(node.sources.len(), 2, "{node:?}");
        assert!(!node.sources[0].ends_with(".ocr.txt"), "the better text is shown: {node:?}");
        assert!(node.notes[0].contains("is a copy"));
    }
}

#[test]
fn the_consolidated_text_has_the_new_wording_to_its_last_stop() {
    let folder = here("fixtures/graph/chains/amended-cut-and-replaced");
    let graph = chain(&folder, false);
    let node = graph.by_id("1-qd-12-2015.txt").unwrap();
    let read = |id: &str| Some(document(&folder.join(id)));
    let shown = |place: &str, at: &str| {
        let place = Place::parse(place);
        let base = document(&folder.join("1-qd-12-2015.txt"));
        consolidated::view(&graph, node, &base, at.parse().unwrap(), place.as_ref(), &read).unwrap()
    };
    let amended = shown("Điều 3 Quy chế kèm theo", "2019-01-01");
    assert!(
        amended.text.contains("\n2. Ủy ban nhân dân cấp huyện công bố danh sách chợ theo hạng.\n"),
        "{}",
        amended.text
    );
    assert!(!amended.text.contains("Sở Công Thương công bố"));
    assert!(amended.text.contains("theo 30/2018/QĐ-UBND từ ngày 01/10/2018"));
    let before = shown("Điều 3 Quy chế kèm theo", "2018-09-30");
    assert!(before.changes.is_empty() && before.text.contains("Sở Công Thương công bố"));
    let cut = shown("Điều 4 Quy chế kèm theo", "2019-01-01");
    assert!(!cut.text.contains("tiền vệ sinh") && cut.text.contains("khoản 2 Điều 4"));
}
