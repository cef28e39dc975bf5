//! The n-th write, sync, rename or link of a night fails, for every n: the store answers with the
//! last night or with this one, whole, and the next run heals whatever was left.

use super::{Options, Pipeline, Report, Store, check, disk, reindex};
use crate::error::Error;
use crate::restore::Model;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

fn night(folder: &Path, store: &str) -> Result<Report, Error> {
    let model = Model::embedded();
    let pipeline = Pipeline { model };
    let options = Options { jobs: 1, full: false, max_file: 1 << 20, keep: 1, dry_run: false, allow_empty: false };
    let stop = Arc::new(AtomicBool::new(false));
    reindex(&folder.join(store), &[folder.join("archive")], pipeline, &options, &|_| (), &stop)
}

fn sources(store: &Path) -> Vec<(String, String)> {
    let generation = Store::open(store).unwrap().current().unwrap();
    let documents = generation.documents().map(|document| document.unwrap());
    documents.map(|document| (document.id.0, document.source)).collect()
}

fn copy(folder: &Path, from: &str, to: &str) {
    let _ = std::fs::remove_dir_all(folder.join(to));
    let done = Command::new("cp").arg("-a").arg(folder.join(from)).arg(folder.join(to)).status().unwrap();
    assert!(done.success());
}

#[test]
fn whatever_call_fails_the_store_answers_whole() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let write = |name: &str, text: &str| {
        std::fs::create_dir_all(folder.join("archive")).unwrap();
        std::fs::write(folder.join("archive").join(name), text).unwrap();
    };
    write("a.txt", "Số 01-QĐ/TU\nQUYẾT ĐỊNH\n");
    write("b.txt", "Số 02-QĐ/TU\nQUYẾT ĐỊNH\n");
    night(folder, "prepared").unwrap();
    let before = sources(&folder.join("prepared"));
    write("b.txt", "Số 03-QĐ/TU\nQUYẾT ĐỊNH\n");
    write("c.txt", "Số 04-QĐ/TU\nQUYẾT ĐỊNH\n");
    let mut n_faults = 0;
    loop {
        copy(folder, "prepared", "store");
        disk::faults::arm(n_faults);
        let outcome = night(folder, "store");
        let struck = disk::faults::struck();
        disk::faults::arm(-1);
        let store = folder.join("store");
        let answer = sources(&store);
        if !struck {
            assert!(outcome.is_ok());
            assert_eq!(answer.len(), 3);
            break;
        }
        assert!(answer == before || answer.len() == 3, "fault {n_faults} left {answer:?}");
        assert!(check(&store, false).unwrap().faults.is_empty(), "fault {n_faults}");
        let healed = night(folder, "store").unwrap();
        assert_eq!((healed.documents.documents, sources(&store).len()), (3, 3), "after fault {n_faults}");
        n_faults += 1;
    }
    assert!(n_faults > 20, "only {n_faults} calls could fail");
}
