//! Nights of random changes end where one build from nothing ends, whatever the threads.

use crate::night::{Night, answers, slow};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use vanban::restore::Model;
use vanban::store::{Options, Pipeline};

/// One change of an archive.
#[derive(Clone, Debug)]
enum Change {
    Write(usize, usize),
    Remove(usize),
    Rename(usize, usize),
    Copy(usize, usize),
    Touch(usize),
    /// The folders 0 and 1 change names.
    SwapFolders,
    /// A reviewer takes one lineage edge away, or puts it back.
    Override,
}

fn changes() -> impl Strategy<Value = Vec<Vec<Change>>> {
    let change = prop_oneof![
        4 => (0..8usize, 0..12usize).prop_map(|(file, text)| Change::Write(file, text)),
        2 => (0..8usize).prop_map(Change::Remove),
        2 => (0..8usize, 0..8usize).prop_map(|(from, to)| Change::Rename(from, to)),
        1 => (0..8usize, 0..8usize).prop_map(|(from, to)| Change::Copy(from, to)),
        1 => (0..8usize).prop_map(Change::Touch),
        1 => Just(Change::SwapFolders),
        1 => Just(Change::Override),
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
        Change::SwapFolders => {
            let [a, b, aside] = ["0", "1", ".aside"].map(|name| night.archive().join(name));
            for (from, to) in [(&a, &aside), (&b, &a), (&aside, &b)] {
                let _ = fs::rename(from, to);
            }
        }
        Change::Override => {
            let path = vanban::store::overrides_path(&night.store());
            let line = r#"{"act":"remove","from":"01-QĐ/TU","to":"04-QĐ/TU","relation":"replaces","who":"An","note":"đọc nhầm"}"#;
            match path.exists() {
                true => fs::remove_file(path).unwrap(),
                false => {
                    fs::create_dir_all(night.store()).unwrap();
                    fs::write(path, format!("{line}\n")).unwrap();
                }
            }
        }
    }
}

fn run(night: &Night, store: &Path, jobs: usize) {
    let model = Model::embedded();
    let pipeline = Pipeline { model };
    let options = Options { jobs, full: false, max_file: 1 << 20, keep: 2, dry_run: false, allow_empty: true };
    let stop = Arc::new(AtomicBool::new(false));
    vanban::store::reindex(store, &[night.archive()], pipeline, &options, &|_| (), &stop).unwrap();
}

/// The bytes of every export, by its name.
fn exports(store: &Path, aside: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    fs::create_dir(aside).unwrap();
    for format in ["ndjson", "graph", "csv", "graphml", "gexf", "jsonld", "akn"] {
        let out = aside.join(format);
        let mut export = Command::new(assert_cmd::cargo::cargo_bin("vanban"));
        export.args(["export", "--at", "2026-11-22", "--format", format, "--out"]).arg(&out).arg("--store").arg(store);
        let done = export.output().unwrap();
        assert!(done.status.success(), "{format}: {}", String::from_utf8_lossy(&done.stderr));
        for file in walkdir::WalkDir::new(&out).sort_by_file_name().into_iter().map(Result::unwrap) {
            if file.file_type().is_file() {
                let name = file.path().strip_prefix(aside).unwrap().to_owned();
                all.push((name, fs::read(file.path()).unwrap()));
            }
        }
    }
    all
}

fn n_cases() -> u32 {
    if slow("random nights") { 200 } else { 6 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: n_cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nights_end_where_one_build_from_nothing_ends(nights in changes()) {
        let night = Night::new();
        let mut scratch = PathBuf::new();
        for (n, changes) in nights.iter().enumerate() {
            changes.iter().for_each(|change| apply(&night, change));
            run(&night, &night.store(), 1 + 3 * (n % 3));
            scratch = night.folder.path().join(format!("scratch-{n}"));
            fs::create_dir(&scratch).unwrap();
            let overrides = vanban::store::overrides_path(&night.store());
            if overrides.exists() {
                fs::copy(overrides, vanban::store::overrides_path(&scratch)).unwrap();
            }
            run(&night, &scratch, 2);
            prop_assert_eq!(answers(&night.store()), answers(&scratch));
        }
        let folder = night.folder.path();
        prop_assert_eq!(exports(&night.store(), &folder.join("nightly")), exports(&scratch, &folder.join("anew")));
    }
}
