//! What an operator sees and does: reports, metrics, stops, dry runs, the answers of exit codes.

use crate::night::{Night, paper, slow};
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

#[test]
fn a_dry_run_writes_nothing() {
    let night = Night::new();
    night.write("a.txt", paper(1));
    let report = night.reindex(&["--dry-run"], 0);
    assert_eq!(report.added, ["a.txt"]);
    assert!(!night.store().exists());
}

#[test]
fn a_dry_run_says_what_the_night_then_does() {
    let night = Night::new();
    for (name, n) in [("changed.txt", 1), ("old.txt", 2), ("removed.txt", 3), ("same.txt", 4)] {
        night.write(name, paper(n));
    }
    night.reindex(&[], 0);
    night.write("changed.txt", paper(11));
    night.write("empty.txt", "");
    fs::rename(night.archive().join("old.txt"), night.archive().join("new.txt")).unwrap();
    fs::remove_file(night.archive().join("removed.txt")).unwrap();
    let before = night.records();
    let said = night.reindex(&["--dry-run"], 3);
    assert!(said.dry_run && !said.published);
    assert_eq!(night.records(), before);
    let done = night.reindex(&[], 3);
    assert_eq!((&said.added, &said.changed, &said.removed), (&done.added, &done.changed, &done.removed));
    assert_eq!((&said.renamed, said.documents.documents), (&done.renamed, done.documents.documents));
    let ids = |report: &vanban::store::Report| -> Vec<String> {
        report.set_aside.iter().map(|one| format!("{} {}", one.id, one.reason)).collect()
    };
    assert_eq!(ids(&said), ids(&done));
}

#[test]
fn the_report_page_names_what_came_changed_left_and_was_set_aside() {
    let night = Night::new();
    let replacing = |n: usize| {
        format!(
            "THÀNH ỦY SÔNG THAO\nSố 0{n}-QĐ/TU\nSông Thao, ngày 0{n} tháng 3 năm 2015\n\nQUYẾT ĐỊNH\nvề công tác dân vận\n\n\
             Điều 1. Quyết định này thay thế Quyết định số 84-QĐ/TU ngày 04/3/2011 của Ban Thường vụ Thành ủy.\n"
        )
    };
    night.write("stays.txt", paper(1));
    night.write("leaves.txt", replacing(2));
    night.reindex(&[], 0);
    night.write("comes.txt", replacing(3));
    night.write("empty.txt", "");
    fs::remove_file(night.archive().join("leaves.txt")).unwrap();
    let report = night.reindex(&[], 3);
    let told = |kind: &str| report.lineage.iter().filter(|change| change.kind == kind).count();
    assert_eq!((told("edge_gained"), told("edge_lost")), (1, 1), "{:?}", report.lineage);
    let page = fs::read_to_string(night.store().join("current/report.txt")).unwrap();
    for expected in [
        "New (1)\n  comes.txt",
        "Removed (1)\n  leaves.txt",
        "+ 03-QĐ/TU replaces 84-QĐ/TU",
        "- 02-QĐ/TU replaces 84-QĐ/TU",
        "Set aside (1)\n  empty.txt: ",
        "stages ",
    ] {
        assert!(page.contains(expected), "{expected:?} is not in\n{page}");
    }
}

#[test]
fn the_log_is_json_and_the_metrics_are_samples() {
    let night = Night::new();
    night.write("a.txt", paper(1));
    night.write("empty.txt", "");
    let metrics = night.folder.path().join("vanban.prom");
    let mut command = night.command(&["reindex", "--log-json"]);
    let output =
        command.arg("--metrics").arg(&metrics).arg(night.archive()).assert().code(3).get_output().stderr.clone();
    let events: Vec<serde_json::Value> =
        String::from_utf8(output).unwrap().lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(events.iter().any(|event| event["fields"]["message"] == "run done" && event["fields"]["documents"] == 1));
    assert!(events.iter().any(|event| event["fields"]["id"] == "empty.txt" && event["level"] == "WARN"));
    let metrics = fs::read_to_string(metrics).unwrap();
    assert!(
        metrics.contains("\nvanban_last_run_success 1\n") && metrics.contains("\nvanban_documents 1\n"),
        "{metrics}"
    );

    // A run that fails says so to the collector, too.
    let metrics = night.folder.path().join("failed.prom");
    let mut command = night.command(&["reindex"]);
    command.arg("--metrics").arg(&metrics).arg(night.folder.path().join("nowhere")).assert().code(2);
    assert!(fs::read_to_string(metrics).unwrap().contains("vanban_last_run_success 0\n"));
}

/// Starts the job and asks it to stop `after` it has begun to build; gives its status, what it said
/// and how long it then took.
fn stopped(night: &Night, after: Duration) -> (Option<i32>, String, Duration) {
    let mut run = night.job().stderr(Stdio::piped()).spawn().unwrap();
    while !night.store().join("building").exists() && run.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    std::thread::sleep(after);
    let asked = Instant::now();
    let _ = std::process::Command::new("kill").args(["-TERM", &run.id().to_string()]).stderr(Stdio::null()).status();
    let output = run.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned(), asked.elapsed())
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
    let (code, stderr, _) = stopped(&night, Duration::ZERO);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("stopped on request"), "{stderr}");
    assert_eq!(night.records(), before);
    assert!(!night.store().join("building").exists());
}

#[test]
fn a_stop_request_at_any_stage_is_obeyed_and_loses_nothing() {
    let (n_stops, n_papers) = if slow("stop requests") { (60, 6000) } else { (4, 300) };
    let night = Night::new();
    for n in 0..n_papers {
        night.write(&format!("{}/{n}.txt", n / 1000), format!("{}\nPhiên bản 0", paper(n).repeat(8)));
    }
    let begun = Instant::now();
    night.reindex(&[], 0);
    let whole_run = begun.elapsed();
    let (mut longest, mut n_published, mut version) = (Duration::ZERO, 0, 0);
    for n in 1..=n_stops {
        for paper_n in 0..n_papers {
            night.write(
                &format!("{}/{paper_n}.txt", paper_n / 1000),
                format!("{}\nPhiên bản {n}", paper(paper_n).repeat(8)),
            );
        }
        let (code, stderr, took) = stopped(&night, whole_run * (n as u32) / (n_stops as u32));
        longest = longest.max(took);
        let now = night.whole(&format!("stop {n}"));
        match code {
            Some(0) => assert_eq!(now, n),
            // Once `current` points to it, the generation stands, even if old ones were yet to be removed.
            Some(2) => assert!(now == version && stderr.contains("stopped on request"), "{now}: {stderr}"),
            other => panic!("{other:?}: {stderr}"),
        }
        n_published += usize::from(now == n);
        version = now;
    }
    println!("{n_stops} stops, {n_published} after publishing, the longest took {longest:?}");
    // The one limit of time that is a promise: service managers kill what has not stopped.
    assert!(longest < Duration::from_secs(5) || !slow("the limit on stopping"));
}

#[test]
fn a_busy_store_answers_75() {
    let night = Night::new();
    night.write("a.txt", paper(1));
    night.reindex(&[], 0);
    let lock = fs::File::options().write(true).open(night.store().join("lock")).unwrap();
    lock.lock().unwrap();
    night.command(&["reindex"]).arg(night.archive()).assert().code(75);
    night.command(&["rollback"]).assert().code(75);
    night.command(&["gc"]).assert().code(75);
    drop(lock);
    night.reindex(&[], 0);
}

#[test]
fn the_units_are_what_systemd_takes() {
    if !crate::night::installed("systemd-analyze") {
        return;
    }
    let night = Night::new();
    let units = night.folder.path();
    let user = String::from_utf8(std::process::Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    let mut deploy = assert_cmd::Command::cargo_bin("vanban").unwrap();
    deploy.args(["deploy", "systemd", "--user", user.trim(), "--archive"]).arg(night.archive()).arg("--out").arg(units);
    deploy.arg("--store").arg(night.store()).assert().success();
    let mut verify = std::process::Command::new("systemd-analyze");
    verify
        .args(["verify", "--man=no"])
        .args(["vanban-reindex.service", "vanban-reindex.timer"].map(|name| units.join(name)));
    let output = verify.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    // Units of the machine itself may be amiss; ours may not.
    assert!(output.status.success() && !said.contains("vanban-reindex"), "{said}");
}
