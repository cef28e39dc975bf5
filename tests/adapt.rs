//! Adaptation from outside: an archive read by an engine the model never met, and the file itself.

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};
use vanban::eval::{Scores, score};
use vanban::restore::{Adaptation, Lesson, Model, Restorer};

/// Pages of the sample archive as `tesseract -l fra` read them, line for line with what was printed.
fn pages() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/adapt");
    let mut golds: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    golds.retain(|path| path.to_string_lossy().ends_with(".clean.txt"));
    golds.sort();
    let read = |path: &PathBuf| {
        let scan = path.to_string_lossy().replace(".clean.txt", ".ocr.txt");
        (fs::read_to_string(path).unwrap(), fs::read_to_string(scan).unwrap())
    };
    golds.iter().map(read).collect()
}

fn lesson(scan: &str) -> Lesson {
    Lesson { text: scan.to_owned(), settled: Vec::new() }
}

fn wrong(restorer: &Restorer, pages: &[(String, String)]) -> Scores {
    let mut pooled = Scores::default();
    let mut worker = restorer.worker();
    pages.iter().for_each(|(gold, scan)| pooled.add(&score(gold, &worker.restore(scan).text, Some(scan))));
    pooled
}

#[test]
fn another_engine_is_read_better_after_adaptation_also_on_pages_not_learned_from() {
    let pages = pages();
    let (learned, kept) = pages.split_at(pages.len() / 2);
    let model = Model::embedded();
    let lessons: Vec<Lesson> = learned.iter().map(|(_, scan)| lesson(scan)).collect();
    let adaptation = Adaptation::learn(&model, &lessons, &[], &|_| ());
    let before = wrong(&Restorer::new(model.clone()), kept);
    let after = wrong(&Restorer::adapted(model, &adaptation), kept);
    assert!(
        after.tokens.wrong * 3 < before.tokens.wrong * 2,
        "{} wrong before, {} after, of {}",
        before.tokens.wrong,
        after.tokens.wrong,
        before.tokens.n
    );
}

#[test]
fn the_engine_of_the_model_is_read_no_worse_after_adaptation() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/archive_ocr");
    if !folder.is_dir() {
        eprintln!("skipped: ../shared/archive_ocr is not here");
        return;
    }
    let mut golds: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    golds.retain(|path| path.to_string_lossy().ends_with(".clean.txt"));
    golds.sort();
    let pages: Vec<(String, String)> = golds
        .iter()
        .step_by(3)
        .map(|path| {
            let scan = path.to_string_lossy().replace(".clean.txt", ".ocr.txt");
            (fs::read_to_string(path).unwrap(), fs::read_to_string(scan).unwrap())
        })
        .collect();
    let model = Model::embedded();
    let lessons: Vec<Lesson> = pages.iter().map(|(_, scan)| lesson(scan)).collect();
    let adaptation = Adaptation::learn(&model, &lessons, &[], &|_| ());
    let before = wrong(&Restorer::new(model.clone()), &pages);
    let after = wrong(&Restorer::adapted(model, &adaptation), &pages);
    assert!(after.tokens.wrong <= before.tokens.wrong, "{} before, {} after", before.tokens.wrong, after.tokens.wrong);
}

#[test]
fn the_same_archive_teaches_the_same_bytes_on_any_number_of_threads() {
    let pages = pages();
    let lessons: Vec<Lesson> = pages.iter().map(|(_, scan)| lesson(scan)).collect();
    let model = Model::embedded();
    let learn = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| Adaptation::learn(&model, &lessons[..1], &[], &|_| ()).fingerprint().to_owned())
    };
    assert_eq!(learn(1), learn(5));
}

#[test]
fn a_full_run_learns_what_the_command_learns_and_the_nights_between_use_it() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, store, out) =
        (folder.path().join("archive"), folder.path().join("store"), folder.path().join("adaptation"));
    fs::create_dir(&archive).unwrap();
    for (n, (_, scan)) in pages().iter().enumerate() {
        fs::write(archive.join(format!("{n}.txt")), scan).unwrap();
    }
    let vanban = |arguments: &[&str]| {
        let mut command = Command::cargo_bin("vanban").unwrap();
        command.args(arguments).arg(&archive).arg("--store").arg(&store);
        command
    };
    vanban(&["reindex", "--full"]).assert().success();
    vanban(&["adapt"]).arg("--out").arg(&out).assert().success();
    let current = fs::canonicalize(store.join("current")).unwrap();
    assert_eq!(fs::read(current.join("adaptation")).unwrap(), fs::read(&out).unwrap());
    // A night that adds one page uses what was learned, as the filter does.
    let (_, scan) = &pages()[0];
    let page = scan.replace("Diêu", "Diëu");
    fs::write(archive.join("new.txt"), &page).unwrap();
    vanban(&["reindex"]).assert().success();
    let generation = vanban::store::Store::open(&store).unwrap().current().unwrap();
    let id = vanban::document::DocumentId("new.txt".into());
    let night = generation.document(&id).unwrap().unwrap().record();
    let line = serde_json::json!({"id": "new.txt", "text": page}).to_string();
    let filtered =
        Command::cargo_bin("vanban").unwrap().args(["map", "--adapt"]).arg(&out).write_stdin(line).output().unwrap();
    let filtered: serde_json::Value = serde_json::from_slice(&filtered.stdout).unwrap();
    assert_eq!(filtered["restored"], serde_json::json!(night.restored));
    assert_eq!(generation.number(), 2, "the night published");
}

#[test]
fn what_is_no_adaptation_of_this_model_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("adaptation");
    let model = Model::embedded();
    let adaptation = Adaptation::learn(&model, &[], &[], &|_| ());
    let complaint = |change: &dyn Fn(&mut Vec<u8>)| {
        adaptation.write(&path).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        change(&mut bytes);
        fs::write(&path, bytes).unwrap();
        let message = Adaptation::read(&path, &model).map(|_| ()).unwrap_err().to_string();
        message.strip_prefix(&format!("{}: ", path.display())).unwrap().to_owned()
    };
    insta::assert_snapshot!(complaint(&|bytes| bytes[0] = b'x'), @"no adaptation of vanban; name a file that `vanban adapt` wrote");
    insta::assert_snapshot!(complaint(&|bytes| bytes[8] = 9), @"adaptation format 9, but this build reads 1; run `vanban adapt` again");
    insta::assert_snapshot!(complaint(&|bytes| bytes.truncate(60)), @"the adaptation is cut short or damaged; run `vanban adapt` again");
    insta::assert_snapshot!(complaint(&|bytes| *bytes.last_mut().unwrap() ^= 1), @"the adaptation is cut short or damaged; run `vanban adapt` again");
    adaptation.write(&path).unwrap();
    assert_eq!(Adaptation::read(&path, &model).unwrap().fingerprint(), adaptation.fingerprint());
}
