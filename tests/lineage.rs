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

/// The papers of the sample archive that a test needs, read clean.
fn archived(names: &[&str]) -> Vec<Document> {
    let mut paths: Vec<PathBuf> = walkdir::WalkDir::new(here("fixtures/eval/archive"))
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| {
            names.iter().any(|name| path.file_name().unwrap().to_string_lossy() == format!("{name}.clean.txt"))
        })
        .collect();
    paths.sort();
    assert_eq!(paths.len(), names.len());
    paths.iter().map(|path| document(path)).collect()
}

#[test]
fn a_correction_whose_items_name_no_act_is_laid_on_the_text() {
    let [base, letter] = ["19-2022-quy-dinh-che-do-thong-tin-bao-cao", "20-2022-dinh-chinh-quy-dinh-615"];
    let documents = archived(&[base, letter]);
    let graph = Graph::new(&documents);
    let node = graph.by_id(&format!("{base}.clean.txt")).unwrap();
    let read = |id: &str| documents.iter().find(|document| document.id.0 == id).cloned();
    let shown = |at: &str| consolidated::view(&graph, node, &documents[0], at.parse().unwrap(), None, &read).unwrap();
    let before = shown("2022-04-04");
    assert!(before.changes.is_empty() && before.text.contains("05 tỷ đồng"));
    let after = shown("2022-06-01");
    let flat = after.text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (old, new) in [
        ("thiệt hại từ 05 tỷ đồng trở lên", "thiệt hại từ 500 triệu đồng trở lên"),
        ("trước 16 giờ thứ tư", "trước 16 giờ thứ năm"),
        ("trước ngày 15/6 và 15/12", "trước ngày 15/6 và 10/12"),
    ] {
        let change = after.changes.iter().find(|change| change.was.as_deref() == Some(old)).unwrap();
        assert!(change.certain && change.text.as_deref() == Some(new), "{change:?}");
        assert!(flat.contains(&format!("“{old}” → “{new}”")));
        assert_eq!(flat.matches(new).count(), 2, "once in the mark, once in the text: {}", after.text);
        assert_eq!(flat.matches(old).count(), 1, "in the mark alone: {}", after.text);
    }
    assert!(after.text.contains("thay từ ngữ theo 742-CV/VPTU từ ngày 05/04/2022"), "{}", after.text);
}

mod overrides {
    //! A reviewer's facts beside the archive, through the program itself.

    use assert_cmd::Command;
    use std::path::Path;

    const OLD: &str = "ỦY BAN NHÂN DÂN\nTỈNH SÔNG THAO\nSố: 12/2015/QĐ-UBND\n\n\
        Sông Thao, ngày 10 tháng 3 năm 2015\n\nQUYẾT ĐỊNH\nBan hành quy định về quản lý chợ\n\n\
        Điều 1. Ban hành quy định về quản lý chợ.\n\
        Điều 2. Quyết định này có hiệu lực từ ngày 20 tháng 3 năm 2015.\n";
    const NEW: &str = "ỦY BAN NHÂN DÂN\nTỈNH SÔNG THAO\nSố: 30/2020/QĐ-UBND\n\n\
        Sông Thao, ngày 10 tháng 5 năm 2020\n\nQUYẾT ĐỊNH\nBan hành quy định về quản lý chợ\n\n\
        Điều 1. Ban hành quy định về quản lý chợ.\n\
        Điều 2. Quyết định này có hiệu lực từ ngày 20 tháng 5 năm 2020 và thay thế Quyết định số 12/2015/QĐ-UBND \
        ngày 10 tháng 3 năm 2015 của Ủy ban nhân dân tỉnh.\n";

    fn vanban(folder: &Path, arguments: &[&str], code: i32) -> (String, String) {
        let mut command = Command::cargo_bin("vanban").unwrap();
        let command = command.current_dir(folder).env("VANBAN_STORE", folder.join("store")).args(arguments);
        let output = command.assert().code(code).get_output().clone();
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    #[test]
    fn facts_beside_the_archive_hold_through_every_night_and_are_shown() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        std::fs::create_dir(folder.join("archive")).unwrap();
        std::fs::write(folder.join("archive/old.txt"), OLD).unwrap();
        std::fs::write(folder.join("archive/new.txt"), NEW).unwrap();
        let status = || vanban(folder, &["status", "12/2015/QĐ-UBND", "--at", "2022-01-01"], 0).0;
        vanban(folder, &["reindex", "archive"], 0);
        assert!(status().contains("(expired)"), "{}", status());

        // A file that comes, like one that goes, makes the graph anew though no document changed.
        let facts = "# of An\n\
            {\"act\":\"remove\",\"from\":\"30/2020/QĐ-UBND\",\"to\":\"12/2015/QĐ-UBND\",\"relation\":\"replaces\",\
            \"who\":\"An\",\"note\":\"withdrawn\"}\n\
            {\"act\":\"add\",\"from\":\"7/2021/QĐ-UBND\",\"date\":\"2021-06-01\",\"to\":\"12/2015/QĐ-UBND\",\
            \"relation\":\"repeals\",\"who\":\"An\",\"note\":\"register of papers\"}\n";
        let path = folder.join("archive/overrides.jsonl");
        std::fs::write(&path, facts).unwrap();
        for night in [&["reindex", "archive"][..], &["reindex", "archive"], &["reindex", "--full", "archive"]] {
            vanban(folder, night, 0);
            let status = status();
            assert!(status.contains("2021-06-01") && status.contains("7/2021/QĐ-UBND"), "{status}");
            assert!(
                status.contains("override by An: register of papers (archive/overrides.jsonl, line 3)"),
                "{status}"
            );
            assert!(status.contains("replaces 12/2015/QĐ-UBND removed; override by An: withdrawn"), "{status}");
        }
        let (tree, _) = vanban(folder, &["trace", "12/2015/QĐ-UBND"], 0);
        assert!(tree.contains("bị bãi bỏ bởi [theo người soát]: 7/2021/QĐ-UBND"), "{tree}");
        let (documents, _) = vanban(folder, &["export", "--format", "ndjson"], 0);
        assert_eq!(documents.lines().count(), 2, "the file of overrides is no document");

        // A line that is no fact costs only itself, and is named with its remedy.
        std::fs::write(&path, format!("{facts}{{\"act\":\"add\"\n")).unwrap();
        let (_, talk) = vanban(folder, &["reindex", "archive"], 3);
        assert!(talk.contains("archive/overrides.jsonl, line 4: no override, passed over"), "{talk}");
        assert!(status().contains("7/2021/QĐ-UBND"));

        // What contradicts is told, and the later holds.
        let against = facts.replace("\"act\":\"add\"", "\"act\":\"remove\"");
        std::fs::write(folder.join("store/overrides.jsonl"), against.lines().last().unwrap()).unwrap();
        std::fs::write(&path, facts).unwrap();
        vanban(folder, &["reindex", "archive"], 0);
        assert!(status().contains("(in_force)"), "{}", status());
        let current = folder.join("store/current/report.txt");
        let page = std::fs::read_to_string(current).unwrap();
        assert!(page.contains("Overrides in doubt") && page.contains("against it override by An"), "{page}");

        std::fs::remove_file(&path).unwrap();
        std::fs::remove_file(folder.join("store/overrides.jsonl")).unwrap();
        vanban(folder, &["reindex", "archive"], 0);
        assert!(status().contains("30/2020/QĐ-UBND (new.txt)"), "{}", status());
    }
}
