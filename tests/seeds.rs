//! The five real documents this tool was made for, where they are at hand.

use assert_cmd::Command;
use std::path::{Path, PathBuf};

fn seeds() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seeds");
    if !folder.is_dir() {
        println!("skipped: ../shared/seeds is not on this machine");
        return None;
    }
    Some(folder)
}

fn vanban(store: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::cargo_bin("vanban")
        .expect("the binary is built")
        .env("VANBAN_STORE", store)
        .args(arguments)
        .output()
        .expect("the binary runs");
    (output.status.code().unwrap_or(-1), String::from_utf8(output.stdout).expect("output is UTF-8"))
}

#[test]
fn lineage_of_the_seeds() {
    let Some(folder) = seeds() else { return };
    let temp = tempfile::tempdir().expect("a temporary folder");
    let store = temp.path().join("store");
    let (code, _) = vanban(&store, &["reindex", folder.to_str().expect("a UTF-8 path")]);
    assert_eq!(code, 0);

    for query in ["dân vận", "dan van"] {
        let (code, hits) = vanban(&store, &["search", query, "--json"]);
        assert_eq!(code, 0, "{query}");
        assert!(hits.contains("446-QĐ/TU"), "{query}: {hits}");
        assert!(hits.contains("dieu:"), "{query}: {hits}");
    }

    let (_, article) = vanban(&store, &["show", "446-QĐ/TU", "--path", "dieu:3"]);
    assert!(article.contains("Điều 3. Quyết định này thay thế Quyết định số 84-QĐ/TU"), "{article}");

    let (_, trace) = vanban(&store, &["trace", "84-QĐ/TU"]);
    assert!(trace.contains("446-QĐ/TU") && trace.contains("thay thế"), "{trace}");
    let (_, trace) = vanban(&store, &["trace", "446-QĐ/TU", "--format", "json"]);
    let graph: serde_json::Value = serde_json::from_str(&trace).expect("the graph is JSON");
    let edges = graph["edges"].as_array().expect("edges");
    let number = |id: &serde_json::Value| {
        graph["docs"].as_array().expect("docs").iter().find(|doc| doc["id"] == *id).expect("a node")["number"].clone()
    };
    for (from, relation, to) in
        [("446-QĐ/TU", "replaces", "84-QĐ/TU"), ("446-QĐ/TU", "basis", "23-QĐ/TW"), ("446-QĐ/TU", "cites", "07-CT/TU")]
    {
        let found = edges
            .iter()
            .any(|edge| edge["relation"] == relation && number(&edge["from"]) == from && number(&edge["to"]) == to);
        assert!(found, "{from} {relation} {to} is missing: {trace}");
    }

    let (code, status) = vanban(&store, &["status", "84-QĐ/TU", "--at", "2022-01-01", "--json"]);
    assert_eq!(code, 0);
    let status: serde_json::Value = serde_json::from_str(&status).expect("the status is JSON");
    assert_eq!(status["status"], "expired");
    assert_eq!(status["until"], "2021-11-26");
    let (_, status) = vanban(&store, &["status", "84-QĐ/TU", "--at", "2015-06-01", "--json"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&status).expect("JSON")["status"], "in_force");
}

#[test]
fn clean_seeds_come_through_unchanged() {
    let Some(folder) = seeds() else { return };
    for entry in std::fs::read_dir(folder).expect("the folder is readable") {
        let path = entry.expect("the folder is readable").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if !(name.starts_with("003") || name.starts_with("004")) {
            continue;
        }
        let restored = Command::cargo_bin("vanban")
            .expect("the binary is built")
            .arg("restore")
            .arg(&path)
            .output()
            .expect("the binary runs");
        let source = std::fs::read_to_string(&path).expect("the seed is UTF-8");
        let restored = String::from_utf8(restored.stdout).expect("UTF-8");
        // The last printed line ends whether or not the file's did.
        assert!(restored.lines().eq(source.lines()), "{name} was changed");
    }
}
