//! Faults from outside: kills, system calls that fail, disks that fill up or refuse, clocks that
//! jump, jobs and readers side by side. Whatever happens, the store is whole and of one night.

use crate::night::{Memory, Night, installed, paper, slow, versions, write_version};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use vanban::index::{Index, Query, Validity};
use vanban::store::Store;

/// Shares from 0 to 1.2 in a fixed order (xorshift), to be times of a whole run.
struct Instants(u64);

impl Instants {
    fn next(&mut self, whole_run: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        whole_run * (self.0 % 1200) as u32 / 1000
    }
}

/// A store with version 0 and how long it took.
fn begun() -> (Night, Duration) {
    let night = Night::new();
    write_version(&night, 0);
    let begun = Instant::now();
    night.reindex(&[], 0);
    (night, begun.elapsed())
}

#[test]
fn killed_at_any_instant_it_leaves_a_whole_store() {
    let n_kills = if slow("kill loop") { 1000 } else { 20 };
    let (night, whole_run) = begun();
    let mut instants = Instants(0x9E37_79B9_7F4A_7C15);
    let (mut n_published, mut before) = (0, 0);
    for version in 1..=n_kills {
        write_version(&night, version);
        let mut run = night.job().spawn().unwrap();
        std::thread::sleep(instants.next(whole_run));
        let _ = run.kill();
        run.wait().unwrap();
        let now = night.whole(&format!("kill {version}"));
        assert!(now == before || now == version, "{now} after kill {version}");
        n_published += usize::from(now == version);
        before = now;
    }
    println!("{n_kills} kills, {n_published} of them after publishing");
    write_version(&night, n_kills + 1);
    night.reindex(&[], 0);
    assert_eq!(night.whole("the last night"), n_kills + 1);
    let left: Vec<_> = fs::read_dir(night.store()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let stray = |name: &&std::ffi::OsString| {
        let name = name.to_str().unwrap();
        !name.starts_with("gen-") && !["current", "lock"].contains(&name)
    };
    assert_eq!(left.iter().filter(stray).count(), 0, "{left:?}");
}

#[test]
fn readers_see_one_version_through_every_publication() {
    let (n_readers, n_nights) = if slow("readers through publishes") { (16, 50) } else { (4, 8) };
    let (night, _) = begun();
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

/// What one process that searches says: the versions shown, and how many papers were found.
fn searched(store: &Path) -> (BTreeSet<String>, usize) {
    let mut search = Command::new(assert_cmd::cargo::cargo_bin("vanban"));
    search.args(["search", "--json", "--per-document", "1", "-n", "20", "\"phiên bản\"", "--store"]).arg(store);
    let output = search.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let hits = String::from_utf8(output.stdout).unwrap();
    let mut shown = BTreeSet::new();
    for hit in hits.lines() {
        let hit: serde_json::Value = serde_json::from_str(hit).unwrap();
        let snippet = hit["snippet"]["text"].as_str().unwrap();
        let (_, version) = snippet.rsplit_once("Phiên bản ").unwrap_or_else(|| panic!("{hit}"));
        shown.insert(version.trim().to_owned());
    }
    (shown, hits.lines().count())
}

#[test]
fn processes_that_search_get_one_version_through_every_publication() {
    let (n_searching, n_nights) = if slow("searching processes") { (16, 50) } else { (3, 4) };
    let (night, _) = begun();
    let over = AtomicBool::new(false);
    let store = night.store();
    let (n_answers, n_versions) = std::thread::scope(|scope| {
        let searching: Vec<_> = (0..n_searching)
            .map(|_| {
                scope.spawn(|| {
                    let (mut n_answers, mut seen) = (0, BTreeSet::new());
                    while !over.load(Ordering::Relaxed) {
                        let (shown, n_found) = searched(&store);
                        assert_eq!((shown.len(), n_found), (1, 7), "{shown:?}");
                        seen.extend(shown);
                        n_answers += 1;
                    }
                    (n_answers, seen.len())
                })
            })
            .collect();
        for version in 1..=n_nights {
            write_version(&night, version);
            night.reindex(&["--keep", "1"], 0);
        }
        over.store(true, Ordering::Relaxed);
        searching.into_iter().map(|one| one.join().unwrap()).fold((0, 0), |all, one| (all.0 + one.0, all.1.max(one.1)))
    });
    println!(
        "{n_searching} processes, {n_answers} answers through {n_nights} publications, {n_versions} versions seen by one"
    );
    assert!(n_versions > 1);
}

/// The status of a job whose `n`-th `call` of each thread fails, and whether any did.
fn run_with_failing(night: &Night, call: &str, error: &str, n: usize) -> (Option<i32>, bool) {
    let log = night.folder.path().join("strace.log");
    let job = night.job();
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-e", "signal=none", "-e", &format!("trace={call}")]);
    strace.args(["-e", &format!("inject={call}:error={error}:when={n}"), "-o"]).arg(&log);
    let status = strace.arg(job.get_program()).args(job.get_args()).stderr(Stdio::null()).status().unwrap();
    (status.code(), fs::read_to_string(&log).unwrap_or_default().contains("(INJECTED)"))
}

#[test]
fn whatever_system_call_fails_the_store_is_whole() {
    if !installed("strace") {
        return;
    }
    let calls = [
        ("write", "ENOSPC"),
        ("openat", "EIO"),
        ("fsync", "EIO"),
        ("fdatasync", "EIO"),
        ("rename", "EIO"),
        ("renameat,renameat2", "EIO"),
        ("link,linkat", "EIO"),
        ("symlink,symlinkat", "ENOSPC"),
        ("mkdir,mkdirat", "ENOSPC"),
        ("unlink,unlinkat", "EIO"),
        ("ftruncate,fallocate", "ENOSPC"),
        ("mmap", "ENOMEM"),
        ("statfs,fstatfs", "EIO"),
        ("flock", "EINTR"),
    ];
    let calls = if slow("failing system calls") { &calls[..] } else { &calls[4..8] };
    let (night, _) = begun();
    let (mut version, mut before) = (0, 0);
    for (call, error) in calls {
        let mut n_published = 0;
        for n in 1.. {
            version += 1;
            write_version(&night, version);
            let (code, struck) = run_with_failing(&night, call, error, n);
            let what = format!("{call} {n} ({code:?})");
            let now = night.whole(&what);
            assert!(now == before || now == version, "{now} after {what}, not {before} or {version}");
            // Success is only said of what was published.
            assert!(!matches!(code, Some(0 | 3)) || now == version, "{what}");
            before = now;
            n_published += usize::from(now == version);
            if !struck {
                assert!(matches!(code, Some(0)), "{what}");
                println!("{call}: {} failures, {n_published} published all the same", n - 1);
                break;
            }
        }
    }
}

#[test]
fn a_disk_that_fills_up_at_any_stage_leaves_a_whole_store() {
    let n_fills = if slow("full disks") { 200 } else { 8 };
    let mut night = Night::new();
    let Some(disk) = Memory::mount(&night.folder.path().join("disk"), "48m") else { return };
    night.store = disk.folder.join("store");
    write_version(&night, 0);
    let begun = Instant::now();
    night.reindex(&[], 0);
    let whole_run = begun.elapsed();
    let filler = disk.folder.join("filler");
    let (mut before, mut n_failed) = (0, 0);
    for version in 1..=n_fills {
        write_version(&night, version);
        // Another program takes all that is left, in large and then in small pieces.
        let fill = || {
            let mut file = fs::File::create(&filler).unwrap();
            for piece in [1 << 20, 4096, 1] {
                while std::io::Write::write_all(&mut file, &vec![1; piece]).is_ok() {}
            }
            file
        };
        // The first time before the night begins, which is sure to fail; then later and later into it.
        let full_at_once = (version == 1).then(&fill);
        let mut run = night.job().spawn().unwrap();
        while !night.store().join("building").exists() && run.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        std::thread::sleep(whole_run * (version as u32 - 1) / (n_fills as u32));
        let file = full_at_once.unwrap_or_else(&fill);
        let code = run.wait().unwrap().code();
        let now = night.whole(&format!("filling {version}"));
        assert!(now == before || now == version, "{now} after filling {version}");
        assert_eq!(code == Some(0), now == version, "{code:?} after filling {version}");
        n_failed += usize::from(code != Some(0));
        before = now;
        // A night that finds the disk full from the start says so and does no harm either.
        let code = night.job().status().unwrap().code();
        assert_eq!(code, if now == version { Some(0) } else { Some(2) });
        assert_eq!(night.whole("a full disk"), now);
        drop(file);
        fs::remove_file(&filler).unwrap();
    }
    println!("{n_fills} times the disk filled up, {n_failed} nights failed of it");
    assert!(n_failed > 0);
    write_version(&night, n_fills + 1);
    night.reindex(&[], 0);
    assert_eq!(night.whole("the disk is free again"), n_fills + 1);
}

#[test]
fn a_store_that_cannot_be_written_answers_and_is_left_alone() {
    let mut night = Night::new();
    let Some(disk) = Memory::mount(&night.folder.path().join("disk"), "48m") else { return };
    night.store = disk.folder.join("store");
    write_version(&night, 0);
    night.reindex(&[], 0);
    disk.remount("ro");
    write_version(&night, 1);
    let stderr = night.command(&["reindex"]).arg(night.archive()).assert().code(2).get_output().stderr.clone();
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(stderr.contains("Read-only file system") && stderr.contains("writ"), "{stderr}");
    assert_eq!(searched(&night.store()), (BTreeSet::from(["0".to_owned()]), 7));
    assert_eq!(night.whole("a night on a read-only disk"), 0);
    night.command(&["check"]).assert().code(0);
    disk.remount("rw");
    night.reindex(&[], 0);
    assert_eq!(night.whole("the disk may be written again"), 1);
}

#[test]
fn files_that_change_vanish_and_grow_while_read_settle_in_the_next_night() {
    let n_nights = if slow("restless files") { 60 } else { 4 };
    let (night, _) = begun();
    let over = AtomicBool::new(false);
    let whole = |n: usize| format!("{}{}", paper(n), "Điều 2. Sửa đổi.\n".repeat(n * 37 % 400));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in (0..90).cycle().take_while(|_| !over.load(Ordering::Relaxed)) {
                // Written in place, so that half of it may be seen; replaced at once; gone and back; longer and longer.
                night.write("rewritten.txt", whole(n));
                night.write(".new", whole(n));
                let _ = fs::rename(night.archive().join(".new"), night.archive().join("replaced.txt"));
                let _ = fs::remove_file(night.archive().join("comes-and-goes.txt"));
                let text = if n == 0 { paper(0) } else { "Điều 3. Thêm.\n".into() };
                let grown = night.archive().join("grows.txt");
                let before = if n == 0 { None } else { fs::File::options().append(true).open(&grown).ok() };
                let mut file = before.unwrap_or_else(|| fs::File::create(&grown).unwrap());
                std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
                night.write("comes-and-goes.txt", whole(n));
            }
        });
        for n in 0..n_nights {
            let code = night.job().args(["--jobs", "4"]).status().unwrap().code();
            assert!(matches!(code, Some(0 | 3)), "{code:?}");
            let generation = Store::open(night.store()).unwrap().current().unwrap();
            for document in
                generation.documents().map(Result::unwrap).filter(|document| document.id.0 == "replaced.txt")
            {
                assert!((0..90).any(|n| whole(n) == document.source), "night {n} read a mixture");
            }
        }
        over.store(true, Ordering::Relaxed);
    });
    night.reindex(&[], 0);
    for document in Store::open(night.store()).unwrap().current().unwrap().documents().map(Result::unwrap) {
        let now = fs::read_to_string(night.archive().join(&document.id.0)).unwrap();
        assert_eq!(document.source, now, "{}", document.id);
    }
    assert!(!night.reindex(&[], 0).published, "all is settled");
}

#[test]
fn a_clock_that_jumps_loses_no_change() {
    let library = Path::new("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1");
    if !library.exists() {
        eprintln!("skipped: no libfaketime here");
        return;
    }
    let (night, _) = begun();
    // Back, far ahead, before 1970, and racing a year in a few seconds; then as it is.
    let clocks =
        ["@2019-01-01 00:00:00", "@2040-06-01 12:00:00", "@1969-12-01 00:00:00", "@2026-01-01 00:00:00 x9000000", "+0"];
    let n_rounds = if slow("jumping clocks") { 20 } else { 1 };
    let mut version = 0;
    for clock in (0..n_rounds).flat_map(|_| clocks) {
        version += 1;
        write_version(&night, version);
        let run = |job: &mut Command| {
            job.env("LD_PRELOAD", library).env("FAKETIME", clock).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
            // What the file system says of its files comes from the kernel's clock, not from ours.
            job.env("DONT_FAKE_MONOTONIC", "1").env("NO_FAKE_STAT", "1").env("FAKETIME_DONT_RESET", "1");
            job.status().unwrap().code()
        };
        assert_eq!(run(&mut night.job()), Some(0), "{clock}");
        assert_eq!(night.whole(clock), version, "{clock}");
        // A change of the same length, as soon after the reading as can be.
        night.write("0.txt", format!("{}\nPhiên bản {version}", paper(7)));
        assert_eq!(run(&mut night.job()), Some(0), "{clock}");
        let document = Store::open(night.store()).unwrap().current().unwrap();
        let document = document.document(&vanban::document::DocumentId("0.txt".into())).unwrap().unwrap();
        assert!(document.source.starts_with(&paper(7)), "{clock}");
        // Files dated in times to come are no reason to read them again.
        let later = std::time::SystemTime::now() + Duration::from_secs(400_000_000);
        fs::File::options().append(true).open(night.archive().join("1.txt")).unwrap().set_modified(later).unwrap();
        assert_eq!(run(&mut night.job()), Some(0), "{clock}");
        assert_eq!(night.reindex(&[], 0).files.read, 0, "{clock}");
    }
}

#[test]
fn of_two_jobs_at_once_one_works_and_the_other_says_so() {
    let n_rounds = if slow("two jobs") { 100 } else { 5 };
    let (night, _) = begun();
    let mut n_busy = 0;
    for version in 1..=n_rounds {
        write_version(&night, version);
        let runs: Vec<_> = (0..2).map(|_| night.job().spawn().unwrap()).collect();
        let codes: Vec<_> = runs.into_iter().map(|mut run| run.wait().unwrap().code().unwrap()).collect();
        assert!(codes.iter().all(|code| matches!(code, 0 | 75)) && codes.contains(&0), "{codes:?}");
        n_busy += usize::from(codes.contains(&75));
        assert_eq!(night.whole("two jobs"), version);
    }
    println!("{n_rounds} pairs of jobs, {n_busy} of them met");
    assert!(n_busy > 0);
}

#[test]
fn a_store_of_another_format_is_refused_with_the_remedy_and_made_anew() {
    let (night, _) = begun();
    for format in [0, 99] {
        let path = night.store().join("current/manifest.json");
        let manifest = fs::read_to_string(&path).unwrap();
        let own = manifest.lines().find(|line| line.contains("\"format\"")).unwrap();
        let other = manifest.replace(own, &format!("  \"format\": {format},"));
        assert_ne!(other, manifest);
        fs::write(&path, other).unwrap();
        let mut search = night.command(&["search", "dan van"]);
        let mut reindex = night.command(&["reindex"]);
        for command in [&mut search, reindex.arg(night.archive())] {
            let stderr = String::from_utf8(command.assert().code(2).get_output().stderr.clone()).unwrap();
            assert!(stderr.contains("reindex --full") && stderr.contains("manifest.json"), "{stderr}");
        }
        night.reindex(&["--full"], 0);
        assert_eq!(night.whole("a full run"), 0);
        assert_eq!(searched(&night.store()).1, 7);
    }
}
