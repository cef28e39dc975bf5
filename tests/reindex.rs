//! The nightly job from outside: the binary, archives that change and misbehave, stores that are hurt.

use assert_cmd::Command;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tempfile::TempDir;
use vanban::document::DocumentId;
use vanban::graph::file::GraphFile;
use vanban::index::{Index, Query, Validity};
use vanban::restore::Model;
use vanban::store::{Options, Pipeline, Report, Store};

/// An archive and a store in a folder of their own.
struct Night {
    folder: TempDir,
}

impl Night {
    fn new() -> Night {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("archive")).unwrap();
        Night { folder }
    }

    fn archive(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.archive().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("vanban").unwrap();
        command.args(arguments).arg("--store").arg(self.store());
        command
    }

    /// Runs the job, expects exit status `code` and gives its report.
    fn reindex(&self, arguments: &[&str], code: i32) -> Report {
        let report = self.folder.path().join("report.json");
        let mut command = self.command(&["reindex"]);
        command.arg(self.archive()).arg("--report").arg(&report).args(arguments).assert().code(code);
        serde_json::from_slice(&fs::read(report).unwrap()).unwrap()
    }

    fn records(&self) -> String {
        records(&self.store())
    }
}

/// Every record of the store, one a line.
fn records(store: &Path) -> String {
    let generation = Store::open(store).unwrap().current().unwrap();
    generation.documents().map(|document| serde_json::to_string(&document.unwrap().record()).unwrap() + "\n").collect()
}

fn paper(n: usize) -> String {
    format!("THÀNH ỦY HẢI PHÒNG\nSố {n:02}-QĐ/TU\n\nQUYẾT ĐỊNH\nvề công tác dân vận\n\nĐiều 1. Thi hành từ ngày ký.\n")
}

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
fn what_cannot_be_taken_is_named_and_the_rest_is_published() {
    use std::os::unix::ffi::OsStrExt;
    let night = Night::new();
    night.write("good.txt", paper(1));
    night.write("empty.txt", "");
    night.write("binary.txt", b"\x00\x01\x02\xff\xfe\x00PK\x00\x00");
    night.write("large.txt", "Điều 1. ".repeat(200_000));
    night.write("sub/x.txt", paper(2));
    std::os::unix::fs::symlink("..", night.archive().join("sub/loop")).unwrap();
    fs::write(night.archive().join(std::ffi::OsStr::from_bytes(b"\xc3\x28.txt")), paper(3)).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, night.archive().join("pipe"), rustix::fs::Mode::RWXU).unwrap();

    let report = night.reindex(&["--max-file", "1MiB"], 3);
    let reasons: BTreeMap<&str, &str> =
        report.set_aside.iter().map(|one| (one.id.as_str(), one.reason.as_str())).collect();
    let expected = [
        ("\\xc3(.txt", "name"),
        ("binary.txt", "binary"),
        ("empty.txt", "empty"),
        ("large.txt", "too-large"),
        ("pipe", "not-a-file"),
        ("sub/loop", "link-loop"),
    ];
    assert_eq!(reasons, BTreeMap::from(expected));
    assert_eq!(report.documents.documents, 2);

    let mut command = night.command(&["reindex", "--max-file", "1MiB"]);
    let output = command.arg(night.archive()).assert().code(3).get_output().stderr.clone();
    let stderr = String::from_utf8(output).unwrap();
    for (id, _) in expected.iter().skip(1) {
        assert!(stderr.contains(id), "{id} is not named in {stderr}");
    }
    // The second night retried nothing that had not changed, and knows since when each is set aside.
    let again = night.reindex(&["--max-file", "1MiB"], 3);
    assert_eq!(again.files.read, 0);
    assert!(!again.published && again.set_aside.iter().all(|one| !one.new));
    assert_eq!(again.set_aside[0].first_seen, report.set_aside[0].first_seen);
}

#[test]
fn a_text_beyond_all_papers_is_set_aside_and_not_restored() {
    let night = Night::new();
    night.write("good.txt", paper(1));
    night.write("lines.txt", "a\n".repeat(1_000_001));
    let report = night.reindex(&[], 3);
    let named: Vec<(&str, &str)> = report.set_aside.iter().map(|one| (one.id.as_str(), one.reason.as_str())).collect();
    assert_eq!(named, [("lines.txt", "too-long")]);
    assert_eq!(report.documents.documents, 1);
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

/// Whether the slow tests were asked for; says so where not.
fn slow(name: &str) -> bool {
    let slow = std::env::var_os("VANBAN_SLOW").is_some();
    if !slow {
        eprintln!("{name}: the short form; VANBAN_SLOW=1 runs the long one");
    }
    slow
}

/// The versions that the papers of a store are of; one that is whole has just one.
fn versions(store: &Path) -> BTreeSet<String> {
    let generation = Store::open(store).unwrap().current().unwrap();
    let documents = generation.documents().map(|document| document.unwrap().source);
    documents.map(|source| source.lines().last().unwrap().to_owned()).collect()
}

/// Every paper says which version of the archive it is of.
fn write_version(night: &Night, version: usize) {
    for n in 0..6 {
        night.write(&format!("{n}.txt"), format!("{}\nPhiên bản {version}", paper(n)));
    }
    night.write(&format!("only-{version}.txt"), format!("{}\nPhiên bản {version}", paper(50 + version % 40)));
    let _ = fs::remove_file(night.archive().join(format!("only-{}.txt", version.wrapping_sub(1))));
}

#[test]
fn killed_at_any_instant_it_leaves_a_whole_store() {
    let n_kills = if slow("kill loop") { 1000 } else { 20 };
    let night = Night::new();
    write_version(&night, 0);
    let begun = Instant::now();
    night.reindex(&[], 0);
    let whole_run = begun.elapsed();
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut n_published = 0;
    for version in 1..=n_kills {
        let before = versions(&night.store());
        write_version(&night, version);
        let mut run = std::process::Command::new(assert_cmd::cargo::cargo_bin("vanban"))
            .args(["reindex", "--keep", "2", "--store"])
            .args([night.store(), night.archive()])
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        std::thread::sleep(whole_run * (random % 1200) as u32 / 1000);
        let _ = run.kill();
        run.wait().unwrap();
        let now = versions(&night.store());
        assert_eq!(now.len(), 1, "a mixture after kill {version}");
        let expected = BTreeSet::from([format!("Phiên bản {version}")]);
        assert!(now == before || now == expected, "{now:?} after kill {version}");
        n_published += usize::from(now == expected);
        let checked = vanban::store::check(&night.store(), false).unwrap();
        assert!(checked.faults.is_empty(), "{:?}", checked.faults);
    }
    println!("{n_kills} kills, {n_published} of them after publishing");
    night.reindex(&[], 0);
    assert_eq!(versions(&night.store()), BTreeSet::from([format!("Phiên bản {n_kills}")]));
    let left: Vec<_> = fs::read_dir(night.store()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_str().unwrap().starts_with("building")), "{left:?}");
}

#[test]
fn readers_see_one_version_through_every_publication() {
    let (n_readers, n_nights) = if slow("readers through publishes") { (16, 50) } else { (4, 8) };
    let night = Night::new();
    write_version(&night, 0);
    night.reindex(&[], 0);
    let over = AtomicBool::new(false);
    let n_answers: usize = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..n_readers)
            .map(|_| {
                scope.spawn(|| {
                    let mut n_answers = 0;
                    while !over.load(Ordering::Relaxed) {
                        // Opened anew each time, as a command does.
                        assert_eq!(versions(&night.store()).len(), 1);
                        let generation = Store::open(night.store()).unwrap().current().unwrap();
                        let index = Index::open(&generation.index_path(), Validity::default()).unwrap();
                        let found = index.search(&Query::new("dan van")).unwrap();
                        let ids: BTreeSet<String> = found.hits.iter().map(|hit| hit.card.id.clone()).collect();
                        assert_eq!(ids.len(), 7, "{ids:?}");
                        n_answers += 1;
                    }
                    n_answers
                })
            })
            .collect();
        for version in 1..=n_nights {
            write_version(&night, version);
            night.reindex(&["--keep", "1"], 0);
        }
        over.store(true, Ordering::Relaxed);
        readers.into_iter().map(|reader| reader.join().unwrap()).sum()
    });
    println!("{n_answers} answers through {n_nights} publications");
    assert!(n_answers >= n_readers);
}

#[test]
fn a_stop_request_ends_the_run_and_leaves_the_store_as_it_was() {
    let night = Night::new();
    night.write("a.txt", paper(1));
    night.reindex(&[], 0);
    let before = night.records();
    for n in 0..3000 {
        night.write(&format!("more/{n}.txt"), paper(n).repeat(20));
    }
    let run = std::process::Command::new(assert_cmd::cargo::cargo_bin("vanban"))
        .args(["reindex", "--store"])
        .args([night.store(), night.archive()])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while !night.store().join("building").exists() {
        std::thread::yield_now();
    }
    let killed = std::process::Command::new("kill").args(["-TERM", &run.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = run.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("stopped on request"), "{stderr}");
    assert_eq!(night.records(), before);
    assert!(!night.store().join("building").exists());
}

/// One change of an archive.
#[derive(Clone, Debug)]
enum Change {
    Write(usize, usize),
    Remove(usize),
    Rename(usize, usize),
    Copy(usize, usize),
    Touch(usize),
}

fn changes() -> impl Strategy<Value = Vec<Vec<Change>>> {
    let change = prop_oneof![
        4 => (0..8usize, 0..12usize).prop_map(|(file, text)| Change::Write(file, text)),
        2 => (0..8usize).prop_map(Change::Remove),
        2 => (0..8usize, 0..8usize).prop_map(|(from, to)| Change::Rename(from, to)),
        1 => (0..8usize, 0..8usize).prop_map(|(from, to)| Change::Copy(from, to)),
        1 => (0..8usize).prop_map(Change::Touch),
    ];
    proptest::collection::vec(proptest::collection::vec(change, 1..6), 1..5)
}

/// Texts that cite one another, two of them no text at all.
fn text(n: usize) -> Vec<u8> {
    match n {
        10 => Vec::new(),
        11 => b"\0\x01\x02 binary \0".to_vec(),
        _ => format!(
            "THÀNH ỦY SÔNG THAO\nSố {n:02}-QĐ/TU\nSông Thao, ngày {} tháng 3 năm 2015\n\nQUYẾT ĐỊNH\nvề công tác dân vận\n\n\
             Điều 1. Quyết định này thay thế Quyết định số {:02}-QĐ/TU ngày 04/3/2011 của Ban Thường vụ Thành ủy.\n\
             Điều 2. Thi hành tir ngay ky.\n",
            n + 1,
            (n + 3) % 10
        )
        .into_bytes(),
    }
}

fn apply(night: &Night, change: &Change) {
    let path = |n: usize| night.archive().join(format!("{}/{n}.txt", n % 2));
    match *change {
        Change::Write(file, n) => night.write(&format!("{}/{file}.txt", file % 2), text(n)),
        Change::Remove(file) => drop(fs::remove_file(path(file))),
        Change::Rename(from, to) => drop(fs::rename(path(from), path(to))),
        Change::Copy(from, to) => drop(fs::copy(path(from), path(to))),
        Change::Touch(file) => {
            if let Ok(file) = fs::File::options().append(true).open(path(file)) {
                file.set_modified(std::time::SystemTime::now()).unwrap();
            }
        }
    }
}

/// All that a store answers: records, graph, what is set aside, hits with their scores.
fn answers(store: &Path) -> String {
    let generation = Store::open(store).unwrap().current().unwrap();
    let mut answers = records(store);
    let mut graph = Vec::new();
    GraphFile::open(&generation.graph_path()).unwrap().load().write_json(&mut graph).unwrap();
    answers.push_str(&String::from_utf8(graph).unwrap());
    for one in generation.set_aside().unwrap() {
        answers.push_str(&format!("{} {} {}\n", one.id, one.reason, one.message));
    }
    let index = Index::open(&generation.index_path(), Validity::default()).unwrap();
    for query in ["dân vận", "dan van", "thay thế 03-QĐ/TU", "thi hành từ ngày ký"] {
        for hit in index.search(&Query::new(query)).unwrap().hits {
            answers.push_str(&format!("{query}: {} {:?} {}\n", hit.card.id, hit.path, hit.score));
        }
    }
    answers
}

fn run(night: &Night, store: &Path, jobs: usize) {
    let model = Model::embedded();
    let pipeline = Pipeline { model };
    let options = Options { jobs, full: false, max_file: 1 << 20, keep: 2, dry_run: false, allow_empty: true };
    let stop = Arc::new(AtomicBool::new(false));
    vanban::store::reindex(store, &[night.archive()], pipeline, &options, &|_| (), &stop).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nights_end_where_one_build_from_nothing_ends(nights in changes()) {
        let night = Night::new();
        let mut scratch = None;
        for (n, changes) in nights.iter().enumerate() {
            changes.iter().for_each(|change| apply(&night, change));
            run(&night, &night.store(), 1 + n % 3);
            let store = night.folder.path().join(format!("scratch-{n}"));
            run(&night, &store, 2);
            prop_assert_eq!(answers(&night.store()), answers(&store));
            scratch = Some(store);
        }
        prop_assert!(scratch.is_some());
    }
}

#[test]
fn a_dry_run_writes_nothing() {
    let night = Night::new();
    night.write("a.txt", paper(1));
    let report = night.reindex(&["--dry-run"], 0);
    assert_eq!(report.added, ["a.txt"]);
    assert!(!night.store().exists());
}
