//! The nightly job from outside: the binary, archives that change and misbehave, stores that are hurt.

#[path = "reindex/faults.rs"]
mod faults;
#[path = "reindex/hostile.rs"]
mod hostile;
#[path = "reindex/night.rs"]
mod night;
#[path = "reindex/operated.rs"]
mod operated;
#[path = "reindex/sequences.rs"]
mod sequences;

use night::{Night, paper};
use std::fs;
use vanban::document::DocumentId;
use vanban::store::Store;

#[test]
fn a_folder_becomes_a_store_that_gives_every_document_back() {
    let night = Night::new();
    night.write("2021/a.txt", paper(1));
    night.write("b.txt", paper(2));
    let report = night.reindex(&[], 0);
    assert_eq!((report.documents.documents, report.published, report.generation), (2, true, Some(1)));

    let generation = Store::open(night.store()).unwrap().current().unwrap();
    let ids: Vec<String> = generation.documents().map(|document| document.unwrap().id.0).collect();
    assert_eq!(ids, ["2021/a.txt", "b.txt"]);
    let document = generation.document(&DocumentId("b.txt".into())).unwrap().unwrap();
    assert_eq!(document.source, paper(2));
    assert_eq!(generation.document(&DocumentId("c.txt".into())).unwrap(), None);
}

#[test]
fn a_night_without_changes_publishes_nothing() {
    let night = Night::new();
    night.write("a.txt", paper(1));
    night.reindex(&[], 0);
    let report = night.reindex(&[], 0);
    assert_eq!((report.published, report.generation), (false, Some(1)));
}

#[test]
fn changed_renamed_new_and_removed_files_are_told_apart() {
    let night = Night::new();
    for (name, n) in [("changed.txt", 1), ("old-name.txt", 2), ("removed.txt", 3), ("same.txt", 4)] {
        night.write(name, paper(n));
    }
    night.reindex(&[], 0);
    night.write("changed.txt", paper(11));
    fs::rename(night.archive().join("old-name.txt"), night.archive().join("new-name.txt")).unwrap();
    fs::remove_file(night.archive().join("removed.txt")).unwrap();
    night.write("new.txt", paper(5));
    let report = night.reindex(&[], 0);
    assert_eq!(report.changed, ["changed.txt"]);
    assert_eq!(report.renamed, [("old-name.txt".to_owned(), "new-name.txt".to_owned())]);
    assert_eq!(report.removed, ["removed.txt"]);
    assert_eq!(report.added, ["new.txt"]);
    let generation = Store::open(night.store()).unwrap().current().unwrap();
    let renamed = generation.document(&DocumentId("new-name.txt".into())).unwrap().unwrap();
    assert_eq!((renamed.id.0.as_str(), renamed.source), ("new-name.txt", paper(2)));
}

#[test]
fn a_busy_store_answers_75() {
    let night = Night::new();
    night.write("a.txt", paper(1));
    night.reindex(&[], 0);
    let lock = fs::File::options().write(true).open(night.store().join("lock")).unwrap();
    lock.lock().unwrap();
    night.command(&["reindex"]).arg(night.archive()).assert().code(75);
    drop(lock);
    night.reindex(&[], 0);
}

#[test]
fn a_missing_archive_or_an_empty_one_leaves_the_store_alone() {
    let night = Night::new();
    night.write("a.txt", paper(1));
    night.reindex(&[], 0);
    let before = night.records();
    fs::remove_file(night.archive().join("a.txt")).unwrap();
    night.command(&["reindex"]).arg(night.archive()).assert().code(2);
    fs::remove_dir(night.archive()).unwrap();
    night.command(&["reindex"]).arg(night.archive()).assert().code(2);
    assert_eq!(night.records(), before);
}

#[test]
fn check_names_the_hurt_file_and_rollback_heals() {
    let night = Night::new();
    night.write("a.txt", paper(1));
    night.reindex(&[], 0);
    let first = night.records();
    night.write("b.txt", paper(2));
    night.reindex(&[], 0);
    night.command(&["check", "--all"]).assert().code(0);

    let hurt = night.store().join("current/documents/000002.pack");
    let mut bytes = fs::read(&hurt).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&hurt, bytes).unwrap();
    let output = night.command(&["check"]).assert().code(2).get_output().stderr.clone();
    let stderr = String::from_utf8(output).unwrap();
    assert!(stderr.contains("000002.pack") && stderr.contains("rollback"), "{stderr}");

    night.command(&["rollback"]).assert().code(0);
    night.command(&["check"]).assert().code(0);
    assert_eq!(night.records(), first);
}

#[test]
fn a_reader_keeps_its_generation_while_later_ones_are_published() {
    let night = Night::new();
    night.write("a.txt", paper(1));
    night.reindex(&[], 0);
    let store = Store::open(night.store()).unwrap();
    let held = store.current().unwrap();
    for n in 2..6 {
        night.write("a.txt", paper(n));
        night.reindex(&["--keep", "1"], 0);
    }
    let id = DocumentId("a.txt".into());
    assert_eq!(held.document(&id).unwrap().unwrap().source, paper(1));
    assert_eq!(store.current().unwrap().document(&id).unwrap().unwrap().source, paper(5));
    drop(held);
    night.command(&["gc", "--keep", "1"]).assert().code(0);
    let left: Vec<_> = fs::read_dir(night.store()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let n_generations = left.iter().filter(|name| name.to_str().unwrap().starts_with("gen-")).count();
    assert_eq!(n_generations, 1, "{left:?}");
}
