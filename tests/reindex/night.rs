//! An archive and a store to try the job on, and what a store answers.

use assert_cmd::Command;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;
use vanban::graph::file::GraphFile;
use vanban::index::{Index, Query, Validity};
use vanban::store::{Report, Store, check};

/// An archive and a store in a folder of their own.
pub struct Night {
    pub folder: TempDir,
    pub store: PathBuf,
}

impl Night {
    pub fn new() -> Night {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("archive")).unwrap();
        let store = folder.path().join("store");
        Night { folder, store }
    }

    pub fn archive(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    pub fn store(&self) -> PathBuf {
        self.store.clone()
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.archive().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("vanban").unwrap();
        command.args(arguments).arg("--store").arg(self.store());
        command
    }

    /// Runs the job, expects exit status `code` and gives its report.
    pub fn reindex(&self, arguments: &[&str], code: i32) -> Report {
        let report = self.folder.path().join("report.json");
        let mut command = self.command(&["reindex"]);
        command.arg(self.archive()).arg("--report").arg(&report).args(arguments).assert().code(code);
        serde_json::from_slice(&fs::read(report).unwrap()).unwrap()
    }

    pub fn records(&self) -> String {
        records(&self.store())
    }

    /// The job as a plain command, quiet, for runs that are killed, starved or raced.
    pub fn job(&self) -> std::process::Command {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("vanban"));
        command.args(["reindex", "--keep", "2", "--store"]).args([self.store(), self.archive()]);
        command.stderr(Stdio::null());
        command
    }

    /// Checks that the store is whole and holds one version of the archive; gives it.
    pub fn whole(&self, what: &str) -> usize {
        let versions = versions(&self.store());
        assert_eq!(versions.len(), 1, "{versions:?} after {what}");
        let checked = check(&self.store(), false).unwrap();
        assert!(checked.faults.is_empty(), "{:?} after {what}", checked.faults);
        versions.first().unwrap().rsplit(' ').next().unwrap().parse().unwrap()
    }
}

/// Every record of the store, one a line.
pub fn records(store: &Path) -> String {
    let generation = Store::open(store).unwrap().current().unwrap();
    generation.documents().map(|document| serde_json::to_string(&document.unwrap().record()).unwrap() + "\n").collect()
}

pub fn paper(n: usize) -> String {
    format!("THÀNH ỦY HẢI PHÒNG\nSố {n:02}-QĐ/TU\n\nQUYẾT ĐỊNH\nvề công tác dân vận\n\nĐiều 1. Thi hành từ ngày ký.\n")
}

/// Whether the slow tests were asked for; says so where not.
pub fn slow(name: &str) -> bool {
    let slow = std::env::var_os("VANBAN_SLOW").is_some();
    if !slow {
        eprintln!("{name}: the short form; VANBAN_SLOW=1 runs the long one");
    }
    slow
}

/// The versions that the papers of a store are of; one that is whole has just one.
pub fn versions(store: &Path) -> BTreeSet<String> {
    let generation = Store::open(store).unwrap().current().unwrap();
    let documents = generation.documents().map(|document| document.unwrap().source);
    documents.map(|source| source.lines().last().unwrap().to_owned()).collect()
}

/// Every paper says which version of the archive it is of.
pub fn write_version(night: &Night, version: usize) {
    for n in 0..6 {
        night.write(&format!("{n}.txt"), format!("{}\nPhiên bản {version}", paper(n)));
    }
    night.write(&format!("only-{version}.txt"), format!("{}\nPhiên bản {version}", paper(50 + version % 40)));
    let _ = fs::remove_file(night.archive().join(format!("only-{}.txt", version.wrapping_sub(1))));
}

/// All that a store answers: records, graph, what is set aside, hits with their scores.
pub fn answers(store: &Path) -> String {
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

/// A file system of its own in memory, unmounted when dropped.
pub struct Memory {
    pub folder: PathBuf,
}

impl Memory {
    /// `None`, with a line that says so, where this user may not mount.
    pub fn mount(folder: &Path, size: &str) -> Option<Memory> {
        fs::create_dir_all(folder).unwrap();
        let options = format!("size={size}");
        let mut mount = std::process::Command::new("mount");
        let mounted = mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder).stderr(Stdio::null()).status();
        if !mounted.is_ok_and(|status| status.success()) {
            eprintln!("skipped: this user may not mount a file system");
            return None;
        }
        Some(Memory { folder: folder.to_owned() })
    }

    pub fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        let done = std::process::Command::new("mount").args(["-o", &options]).arg(&self.folder).status().unwrap();
        assert!(done.success(), "remounting with {options}");
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").args(["--lazy"]).arg(&self.folder).status();
    }
}

/// Whether a program is installed; says so where not.
pub fn installed(program: &str) -> bool {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .any(|folder| folder.join(program).is_file());
    if !found {
        eprintln!("skipped: no {program} here");
    }
    found
}
